"""Does a predicted value mean the same as a labelled one? One rule a kind of field.

Names: case, accents (ä = ae too), punctuation, spacing, "&"/"and" and the spelling of a legal form
do not matter, its presence does. Dates and amounts are compared as what they mean; a numeric date
that can be read two ways determines nothing. Identifiers: letters and digits. Addresses: Dice
similarity of the word sets ≥ 0.85; free text ≥ 0.9.

>>> same("buyer.name", "ACME Gesellschaft mit beschränkter Haftung", "Acme GmbH")
True
>>> same("total", "1.234,50", "1234.50"), same("issue_date", "03/04/2018", "2018-04-03")
(True, False)
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "æ": "ae", "å": "aa", "œ": "oe", "ß": "ss"}
)
_STROKES = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ł": "l"})


def plain(text: str, *, spelled: bool = False) -> str:
    """`text` without case and accents; `spelled` writes ä as ae instead of a."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = text.translate(_UMLAUTS).translate(_STROKES) if spelled else text.translate(_STROKES)
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub("[’`´]", "'", text)


def _both(make: Callable[[str, bool], object], left: str, right: str) -> bool:
    """Whether the keys agree, whichever way either side spells its umlauts."""
    lefts = {make(left, s) for s in (False, True)}
    rights = {make(right, s) for s in (False, True)}
    return bool({k for k in lefts & rights if k})


def _alphanumeric(text: str, spelled: bool) -> str:  # noqa: FBT001 - a key function
    return re.sub(r"[^0-9a-z]", "", plain(text, spelled=spelled))


_FORMS = (
    (r"gesellschaft mit beschra?e?nkter haftung", "gmbh"),
    (r"aktien ?gesellschaft", "ag"),
    (r"kommandit ?gesellschaft", "kg"),
    (r"sendirian berhad|\bs b$", "sdn bhd"),
    (r"societe a responsabilite limitee", "sarl"),
    (r"societe anonyme", "sa"),
    (r"societa a responsabilita limitata", "srl"),
    (r"societa per azioni", "spa"),
    (r"besloten vennootschap", "bv"),
    (r"naamloze vennootschap", "nv"),
    (r"limited liability company", "llc"),
    (r"limited liability partnership", "llp"),
    (r"public limited company", "plc"),
    (r"limited partnership", "lp"),
)
_FORM_WORDS = {
    "incorporated": "inc",
    "corporation": "corp",
    "company": "co",
    "compagnie": "co",
    "companies": "cos",
    "limited": "ltd",
    "private": "pvt",
    "pte": "pvt",
    "pty": "pvt",
    "berhad": "bhd",
    "sendirian": "sdn",
    "brothers": "bros",
    "und": "and",
    "et": "and",
}


def _name(text: str, spelled: bool) -> str:  # noqa: FBT001
    text = re.sub("[&+]", " and ", plain(text, spelled=spelled)).replace("'", "")
    text = re.sub(r"[^0-9a-z]+", " ", text).strip()
    text = re.sub(
        r"\b(?:[a-z] )+[a-z]\b",
        lambda m: m[0] if m[0] == "s b" else m[0].replace(" ", ""),
        text,
    )
    for pattern, short in _FORMS:
        text = re.sub(pattern, short, text)
    return "".join(_FORM_WORDS.get(word, word) for word in text.split())


def same_name(left: str, right: str) -> bool:
    """Names of organisations and persons."""
    return _both(_name, left, right)


def same_identifier(left: str, right: str) -> bool:
    """Numbers and codes: letters and digits only, any case."""
    return _both(_alphanumeric, left, right)


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janner jaenner janvier gennaio januari enero",
            "february feb februar fevrier fevr febbraio februari febrero",
            "march mar marz maerz mars marzo maart mrz mrt",
            "april apr avril avr aprile abril",
            "may mai maggio mei mayo",
            "june jun juni juin giugno junio",
            "july jul juli juillet juil luglio julio",
            "august aug aout agosto augustus",
            "september sep sept septembre settembre septiembre",
            "october oct oktober okt octobre ottobre octubre",
            "november nov novembre noviembre",
            "december dec dezember dez decembre dicembre diciembre",
        ),
        1,
    )
    for name in names.split()
}
_CLOCK = re.compile(r"[t ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[ap]\.?m\.?)?(z|[+-]\d\d:?\d\d)?$")


def the_date(text: str) -> datetime.date | None:
    """The one date that `text` determines, None where it determines none."""
    text = plain(text).strip().strip(".,;()")
    text = _CLOCK.sub("", text).strip()
    if m := re.fullmatch(r"(\d{4})([-./]?)(\d{1,2})\2(\d{1,2})", text):
        return _day(m[1], m[3], m[4]) if m[2] or len(text) == 8 else None
    if m := re.fullmatch(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4}|\d{2})", text):
        return _day(m[3], m[2], m[1])
    if m := re.fullmatch(r"(\d{1,2})[-/ ](\d{1,2})[-/ ](\d{4}|\d{2})", text):
        readings = {_day(m[3], m[2], m[1]), _day(m[3], m[1], m[2])} - {None}
        return readings.pop() if len(readings) == 1 else None
    return _worded(re.findall(r"[a-z]+|\d+", text))


def _worded(words: list[str]) -> datetime.date | None:
    months = [_MONTHS[w] for w in words if w in _MONTHS]
    numbers = [w for w in words if w.isdigit()]
    if len(months) != 1 or len(numbers) != 2:
        return None
    years = [i for i, n in enumerate(numbers) if len(n) == 4]
    if len(years) == 1:
        return _day(numbers[years[0]], str(months[0]), numbers[1 - years[0]])
    if not years and len(numbers[0]) <= 2 and len(numbers[1]) == 2:
        return _day(numbers[1], str(months[0]), numbers[0])
    return None


def _day(year: str, month: str, day: str) -> datetime.date | None:
    y = int(year)
    y += 0 if y >= 100 else 2000 if y < 69 else 1900
    try:
        return datetime.date(y, int(month), int(day))
    except ValueError:
        return None


def same_date(left: str, right: str) -> bool:
    """Dates, compared as dates."""
    a = the_date(left)
    return a is not None and a == the_date(right)


def the_amount(text: str) -> Decimal | None:
    """The one amount in `text`, with any usual thousands and decimal mark; None without one."""
    text = unicodedata.normalize("NFKC", text).strip()
    negative = bool(
        re.match(r"^\(.*\)$", text)
        or re.search(r"\d\s*[-−–]\s*\D*$", text)
        or re.search(r"(?:^|[\s(€$£])[-−–]\s*(?:[€$£]|[A-Z]{3})?\s*\d", text)
    )
    runs = re.findall(r"\d[\d.,'’\s]*", text)
    if len(runs) != 1:
        return None
    digits = re.sub(r"['’\s]", "", runs[0]).rstrip(".,")
    mark = _decimal_mark(digits)
    if mark and digits.count(mark) > 1:
        return None
    whole, _, cents = digits.partition(mark) if mark else (digits, "", "")
    try:
        value = Decimal(re.sub("[.,]", "", whole) + (f".{cents}" if cents else ""))
    except InvalidOperation:
        return None
    return -value if negative else value


def _decimal_mark(digits: str) -> str:
    dot, comma = digits.rfind("."), digits.rfind(",")
    if dot >= 0 and comma >= 0:
        return "." if dot > comma else ","
    mark = "." if dot >= 0 else "," if comma >= 0 else ""
    if not mark or digits.count(mark) > 1:
        return ""
    grouped = len(digits) - digits.rfind(mark) - 1 == 3 and digits.split(mark)[0] not in ("", "0")
    return "" if grouped else mark


def same_amount(left: str, right: str) -> bool:
    """Amounts, compared as decimals; the sign matters."""
    a = the_amount(left)
    return a is not None and a == the_amount(right)


def same_postal_code(left: str, right: str) -> bool:
    """Postal codes; a country letter before the digits (D-10115) does not matter."""
    bare = [re.sub(r"^[A-Za-z]{1,2}[- ]+(?=\d)", "", text.strip()) for text in (left, right)]
    return same_identifier(*bare)


def same_phone(left: str, right: str) -> bool:
    """Phone numbers: digits; a country code or trunk zero may be missing."""
    a, b = (re.sub(r"\D", "", re.sub(r"\(0\)", "", text)) for text in (left, right))
    if not a or not b:
        return False
    short, long = sorted((a.lstrip("0"), b.lstrip("0")), key=len)
    return a == b or (len(short) >= 6 and long.endswith(short) and len(long) - len(short) <= 3)


def _country(text: str) -> str:
    from idp_cdi.errors import BadFormat
    from idp_cdi.standardisers import country

    try:
        return country.clean(text)
    except BadFormat:
        return plain(text)


def same_country(left: str, right: str) -> bool:
    """Countries by code or usual name."""
    return _country(left) == _country(right) != ""


def same_currency(left: str, right: str) -> bool:
    """Currencies by code or sign."""
    from idp_cdi.errors import BadFormat
    from idp_cdi.standardisers import currency

    def code(text: str) -> str:
        try:
            return currency.clean(text)
        except BadFormat:
            return text.strip().upper()

    return code(left) == code(right) != ""


_STREET_WORDS = {
    "street": "st",
    "strasse": "str",
    "road": "rd",
    "avenue": "ave",
    "av": "ave",
    "boulevard": "blvd",
    "drive": "dr",
    "lane": "ln",
    "suite": "ste",
    "floor": "fl",
    "flr": "fl",
    "place": "pl",
    "square": "sq",
    "highway": "hwy",
    "parkway": "pkwy",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "northwest": "nw",
    "northeast": "ne",
    "southwest": "sw",
    "southeast": "se",
    "jln": "jalan",
    "tmn": "taman",
    "apartment": "apt",
    "building": "bldg",
    "mount": "mt",
    "saint": "st",
    "number": "no",
    "nr": "no",
    "first": "1st",
    "second": "2nd",
    "third": "3rd",
}


def _address_words(text: str, spelled: bool) -> frozenset[str]:  # noqa: FBT001
    text = plain(text, spelled=spelled)
    text = re.sub(r"(?<=[a-z]{2})str(?:asse|aße|\.)?(?![a-z])", " str", text)
    text = re.sub(r"p\.? ?o\.? ?box", "pobox", text)
    words = re.findall(r"\d+(?:st|nd|rd|th)\b|\d+|[^\W\d_]+", text)
    return frozenset(_STREET_WORDS.get(w, w) for w in words)


def _text_words(text: str, spelled: bool) -> frozenset[str]:  # noqa: FBT001
    return frozenset(re.findall(r"[0-9]+|[^\W\d_]+", plain(text, spelled=spelled)))


def _dice(make: Callable[[str, bool], frozenset[str]], left: str, right: str) -> float:
    best = 0.0
    for spelled in (False, True):
        a, b = make(left, spelled), make(right, spelled)
        if a and b:
            best = max(best, 2 * len(a & b) / (len(a) + len(b)))
    return best


def same_address(left: str, right: str) -> bool:
    """Addresses in one line: most words agree, usual abbreviations unified."""
    return _dice(_address_words, left, right) >= 0.85


def same_street(left: str, right: str) -> bool:
    """Street and house number."""
    short = [re.sub(r"(?i)str(aße|asse|\.)", "str", text) for text in (left, right)]
    return same_address(left, right) or same_identifier(*short)


def same_email(left: str, right: str) -> bool:
    """E-mail addresses in any case."""
    a, b = (re.sub(r"^mailto:", "", text.strip().casefold()) for text in (left, right))
    return a == b != ""


def same_text(left: str, right: str) -> bool:
    """Free text: equal after folding, or nearly all words agree."""
    return same_identifier(left, right) or _dice(_text_words, left, right) >= 0.9


_UNITS = {
    "day": Decimal(1),
    "week": Decimal(7),
    "month": Decimal("30.4375"),
    "year": Decimal("365.25"),
}
_NUMBERS = {
    word: value
    for value, word in enumerate(
        (
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        )
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "a": 1, "an": 1}


def the_duration(text: str) -> Decimal | None:
    """A length of time in days (a month is 30.4375), None where `text` gives none."""
    text = re.sub("[_-]", " ", plain(text))
    unit = re.search(r"(day|week|month|year)s?\b", text)
    if not unit:
        return None
    numbers = set(re.findall(r"\d+(?:\.\d+)?", text))
    if len(numbers) > 1:
        return None
    if numbers:
        return Decimal(numbers.pop()) * _UNITS[unit[1]]
    words = [_NUMBERS[w] for w in re.findall("[a-z]+", text) if w in _NUMBERS]
    if not words:
        return None
    compound = len(words) == 2 and words[0] >= 20 and words[0] % 10 == 0 and 0 < words[1] < 10
    return Decimal(sum(words) if compound else words[0]) * _UNITS[unit[1]]


def same_duration(left: str, right: str) -> bool:
    """Lengths of time, compared in days."""
    a, b = the_duration(left), the_duration(right)
    return a == b if a is not None and b is not None else same_text(left, right)


def _law(text: str) -> str:
    text = " ".join(re.findall(r"[0-9]+|[^\W\d_]+", plain(text)))
    text = re.sub(r"^(the )?(internal )?(substantive )?laws? of (the )?", "", text)
    land = r"(state|commonwealth|province|republic|federal republic)"
    return re.sub(r"^the ", "", re.sub(rf"^(the )?{land} of (the )?", "", text))


def same_law(left: str, right: str) -> bool:
    """Governing laws by the name of the state."""
    return _law(left) == _law(right) != ""


_RULES: dict[str, Callable[[str, str], bool]] = {
    "name": same_name,
    "person_name": same_name,
    "date": same_date,
    "amount": same_amount,
    "identifier": same_identifier,
    "vat_id": same_identifier,
    "tax_number": same_identifier,
    "registration_number": same_identifier,
    "lei": same_identifier,
    "iban": same_identifier,
    "bic": same_identifier,
    "postal_code": same_postal_code,
    "phone": same_phone,
    "email": same_email,
    "address": same_address,
    "street": same_street,
    "country": same_country,
    "currency": same_currency,
    "duration": same_duration,
}


def same(field: str, left: str, right: str) -> bool:
    """Whether `left` and `right` mean the same as values of `field` (with or without role)."""
    from idp_cdi.errors import SettingsError
    from idp_cdi.fields import fields

    if field.endswith("governing_law"):
        return same_law(left, right)
    try:
        kind = fields().get(field).kind
    except SettingsError:
        kind = "text"  # a field of a user's own document type
    return _RULES.get(kind, same_text)(left, right)
