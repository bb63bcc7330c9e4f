"""Company registration number, in the form of its register.

A German number keeps its register and is weak without its court, which `court` finds; a French
SIRET is kept whole, `derive` gives its SIREN.

>>> clean("Handelsregister: HRB 12345 B, Amtsgericht Charlottenburg"), court("AG Köln HRB 7")
('HRB 12345 B', 'Köln')
>>> clean("RCS Paris B 732 829 320"), clean("KvK-nummer 12345678"), clean("CHE-116.281.710")
('732829320', '12345678', 'CHE116281710')
>>> clean("1234567", country="GB"), clean("FN 123456 a", country="AT")
('01234567', 'FN 123456 a')
>>> derive("73282932000074", country="FR")
(('registration_number', '732829320'),)
"""

from __future__ import annotations

import re

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers import _checks
from idp_cdi.standardisers._text import compact, required

NAME = "registration_number"
STRONG = True

_GERMAN = re.compile(
    r"\b(HRB|HRA|GNR|GsR|GSR|PR|VR)(?:\W*N[ro]\b)?\W*(\d[\d ]{0,9}\d|\d)(?:\W?\s?([A-Z]{1,3})\b)?",
    re.I,
)
_AUSTRIAN = re.compile(r"\b(?:FN|Firmenbuch\w*)\W*(\d{1,6})\s*([a-z])\b", re.IGNORECASE)
_AUSTRIAN_BARE = re.compile(r"(\d{1,6})\s*([a-zA-Z])")
_FRENCH = re.compile(r"(?<!\d)\d{3}[ .]?\d{3}[ .]?\d{3}(?:[ .]?\d{5}|[ .]?\d{2}[ .]?\d{3})?(?!\d)")
_FRENCH_WORDS = re.compile(r"\b(?:RCS|R\.C\.S|SIREN|SIRET)\b", re.IGNORECASE)
_SWISS = re.compile(r"\bCHE\W?(\d{3})\W?(\d{3})\W?(\d{3})\b", re.IGNORECASE)
_BRITISH = re.compile(r"(?:SC|NI|OC|SO|NC|FC|BR|IP|RC|SR|LP|SL|NL|CE|GE|R)?\d{1,8}")
_LABEL = re.compile(
    r"^(?:[\W_]*(?:company|co|registered|registration|register|reg|registry|handelsregister\w*|number|"
    r"num|numero|no|nr|nummer|kvk|cvr|org|orgnr|organisation\w*|organization|y-tunnus|krs|ico|ičo|"
    r"regon|rea|crn|companies|house|in|england|and|wales|scotland|chamber|of|commerce|cin|acn|abn|uen|"
    r"bce|kbo|ondernemingsnummer|entreprise|rpr|rpm|n°|nº|id|ust|uid|brn|roc)(?=[\W\d_])[\W_]*)+",
    re.IGNORECASE,
)
_COURT = re.compile(
    r"(?:Amtsgericht|Registergericht|AG|HRG|Handelsregister)[\s:]+(?:des\s+|beim\s+|Amtsgerichts?\s+)*"
    r"([A-ZÄÖÜ][\w.-]+(?:\s+(?:am|an der|a\.|i\.|im|\([^)]+\))\s*[\w.-]*)?)"
)
_MOST_LAYERS = 9
"""Labels around one number, each seen only once the outer one is gone; real ones have two."""
_PADDED = {"DK": 8, "NO": 9, "CZ": 8, "SK": 8, "NL": 8, "BE": 10, "PL": 10, "FR": 9}


def clean(raw: str, *, country: str | None = None, strict: bool = True) -> str:
    """Return the number as its register writes it, without label and court.

    Args:
        raw: Text as found.
        country: ISO 3166-1 alpha-2; whose register's form holds.
        strict: Refuse a wrong check digit (only where `country` is given and its rule is known).

    Returns:
        The number.

    Raises:
        BadFormat: No digit, longer than 25 characters, or a wrong check digit
            (``value.checksum``).
    """
    value = required(raw, "a registration number")
    for _ in range(_MOST_LAYERS):  # signs may hide a label or a form ("N×O 17") until they are gone
        before, value = value, _of_form(value, country) or _plain(value, country, raw)
        if value == before:
            break
    else:
        raise BadFormat("labels within labels around a registration number", value=raw)
    if strict and country is not None and not is_valid(value, country=country):
        raise BadFormat(
            "the check digit of the registration number is wrong", value=raw, code="value.checksum"
        )
    return value


def _of_form(text: str, country: str | None) -> str:
    """The number where its own marks show the register; "" otherwise."""
    german = _GERMAN.search(text) if country in (None, "DE") else None
    if german:
        section, number, suffix = german.groups()
        sections = {"GNR": "GnR", "GSR": "GsR"}
        section = sections.get(section.upper(), section.upper())
        number = number.replace(" ", "").lstrip("0") or "0"
        return f"{section} {number}" + (f" {suffix.upper()}" if _is_suffix(suffix) else "")
    austrian = _AUSTRIAN.search(text) if country in (None, "AT") else None
    if country == "AT" and austrian is None:
        austrian = _AUSTRIAN_BARE.fullmatch(text)
    if austrian:
        return f"FN {austrian[1]} {austrian[2].lower()}"
    swiss = _SWISS.search(text)
    if swiss:
        return "CHE" + "".join(swiss.groups())
    if country == "FR" or _FRENCH_WORDS.search(text):
        french = _FRENCH.search(text)
        if french:
            return compact(french[0])
    return ""


def _is_suffix(suffix: str | None) -> bool:
    """Courts add a letter or two ("B" in Berlin, "KI" in Kiel); "AG" begins the court's name."""
    return suffix is not None and suffix.upper() not in ("AG", "BEI", "DES", "AM", "IM", "UST")


def _plain(text: str, country: str | None, raw: str) -> str:
    value = compact(_LABEL.sub("", text))
    if not any(map(str.isdigit, value)) or len(value) > 25 or not value.isascii():
        raise BadFormat("a registration number has digits, 25 characters at most", value=raw)
    if country in ("GB", "IE") and _BRITISH.fullmatch(value) and country == "GB":
        letters = value.rstrip("0123456789")
        return letters + value[len(letters) :].zfill(8 - len(letters))
    if country == "FI" and value.isdecimal() and len(value) in (7, 8):
        value = value.zfill(8)
        return f"{value[:7]}-{value[7:]}"
    if country == "SE" and value.isdecimal() and len(value) in (10, 12):
        return f"{value[-10:-4]}-{value[-4:]}"
    if country == "BE" and value.startswith("BE"):
        value = value[2:]
    if country in _PADDED and value.isdecimal():
        return value.zfill(_PADDED[country])
    return value


def is_valid(value: str, *, country: str | None = None) -> bool:
    """Say whether the number passes its register's check; True where we know none."""
    number = compact(value)
    if country == "FR":
        # La Poste's SIRETs (356 000 000) have a rule of their own.
        digits = number.isdecimal() and len(number) in (9, 14)
        return digits and (_checks.luhn(number) or number.startswith("356000000"))
    if country in ("DE", "GB", "NL", "PL", "IT", "ES", "AT", "LU") or country is None:
        return True  # no check digit, or several registers of which one has
    return _checks.passes(country, "registration", number) is not False


def court(raw: str) -> str:
    """The German register court named in the text, "" where there is none."""
    found = _COURT.search(raw)
    return found[1].strip(" ,.;") if found else ""


def derive(value: str, *, country: str | None = None) -> tuple[tuple[str, str], ...]:
    """The SIREN of a French SIRET, as a pair of field and value."""
    if country == "FR" and len(value) == 14 and value.isdecimal():
        return (("registration_number", value[:9]),)
    return ()
