"""Duration: ISO 8601 ("P2Y", "P18M"), from numbers and number words in several languages.

Source: https://www.iso.org/iso-8601-date-and-time-format.html

>>> clean("two (2) years"), clean("18 months"), clean("30 Tage"), clean("un an"), clean("P2Y")
('P2Y', 'P18M', 'P30D', 'P1Y', 'P2Y')
>>> clean("1 year and 6 months")
'P1Y6M'
>>> clean("twenty-four (24) months")
'P24M'
"""

from __future__ import annotations

import re

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers._text import fold, required

NAME = "duration"
STRONG = False

_ISO = re.compile(r"P(?=\d)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?", re.ASCII)
_UNITS = {
    name: unit
    for unit, names in {
        "Y": "year years yr yrs y jahr jahre jahren jahres an ans annee annees ano anos anno anni "
        "jaar jaren annum rok lata lat ar",
        "M": "month months mo mos mth mths monat monate monaten monats mois mes meses mese mesi "
        "maand maanden miesiac miesiace miesiecy",
        "W": "week weeks wk wks woche wochen semaine semaines semana semanas settimana settimane "
        "weken",
        "D": "day days d tag tage tagen jour jours dia dias giorno giorni dag dagen dni dzien",
    }.items()
    for name in names.split()
}
_ONES = (
    "zero|one a an ein eine einen eins un une uno una een um uma|two zwei deux dos due twee dois "
    "duas|three drei trois tres tre drie|four vier quatre cuatro quattro quatro|five funf cinq "
    "cinco cinque vijf fuenf|six sechs seis sei zes|seven sieben sept siete sette zeven sete|eight "
    "acht huit ocho otto oito|nine neun neuf nueve nove negen|ten zehn dix diez dieci tien dez|"
    "eleven elf onze once undici|twelve zwolf zwoelf douze doce dodici twaalf doze|thirteen "
    "dreizehn treize trece tredici dertien|fourteen vierzehn quatorze catorce quattordici veertien|"
    "fifteen funfzehn fuenfzehn quinze quince quindici vijftien|sixteen sechzehn seize dieciseis "
    "sedici zestien|seventeen siebzehn|eighteen achtzehn dieciocho diciotto achttien dezoito|"
    "nineteen neunzehn"
)
_NUMBERS = {word: n for n, group in enumerate(_ONES.split("|")) for word in group.split()}
_TENS = {
    word: n * 10
    for n, group in enumerate(
        "||twenty zwanzig vingt veinte venti twintig vinte|thirty dreissig trente treinta trenta "
        "dertig trinta|forty vierzig quarante cuarenta quaranta veertig|fifty funfzig cinquante "
        "cincuenta cinquanta vijftig|sixty sechzig soixante sesenta sessanta zestig|seventy "
        "siebzig|eighty achtzig ochenta ottanta|ninety neunzig noventa novanta".split("|")
    )
    for word in group.split()
} | {"vierundzwanzig": 24, "sechsunddreissig": 36, "achtundvierzig": 48, "vingt-quatre": 24}
_HUNDRED = frozenset("hundred hundert cent cien cento honderd".split())
_TOKEN = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+")
_IDLE = frozenset(
    "and und et y e en i of full consecutive calendar period term s from the date for a der von "
    "for successive additional business working werktage netto net".split()
)
_BRACKETS = re.compile(r"\(\s*(\d+)\s*\)")


def clean(raw: str, *, country: str | None = None) -> str:
    """Return the duration in ISO 8601.

    Args:
        raw: Text as found: number or number words and a unit, perhaps several.
        country: Part of the shared signature, not needed here.

    Returns:
        "P" with years, months, weeks, days, as given: 24 months stay months.

    Raises:
        BadFormat: No number with a unit, or words that say more than that.
    """
    text = required(raw, "a duration").strip(" .,;")
    if _ISO.fullmatch(text.upper()):
        return text.upper()
    # "two (2) years": the number in brackets says the same in digits.
    text = _BRACKETS.sub(r" \1 ", fold(text).replace("-", " ").replace("/", " "))
    found: dict[str, int] = {}
    number: int | None = None
    for word in _TOKEN.findall(text):
        if word in _UNITS and number is not None:
            unit = _UNITS[word]
            if unit in found:
                raise BadFormat("a duration names each unit once", value=raw)
            found[unit], number = number, None
        elif word.isdecimal():
            number = int(word)
        elif word in _NUMBERS or word in _TENS:
            number = _word(number, word)
        elif word in _HUNDRED:
            number = (number or 1) * 100
        elif word not in _IDLE:
            raise BadFormat("this is no duration", value=raw)
    if not found or number is not None or not any(found.values()):
        raise BadFormat("a duration is a number and a unit", value=raw)
    return "P" + "".join(f"{found[unit]}{unit}" for unit in "YMWD" if unit in found)


def _word(number: int | None, word: str) -> int:
    """Add a number word: "twenty" then "four"."""
    value = _NUMBERS.get(word, _TENS.get(word, 0))
    if number is not None and number >= 20 and value < 10 and number % 10 == 0:
        return number + value
    if number is not None and word in ("a", "an", "un", "ein"):
        return number
    return value
