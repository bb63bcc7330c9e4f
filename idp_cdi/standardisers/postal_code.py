"""Postal code, in the form of its country.

A country prefix ("D-12345") goes; a leading zero that a spreadsheet ate comes back where the
country's codes are all digits and exactly one is missing.
Source: https://www.upu.int/en/Postal-Solutions/Programmes-Services/Addressing-Solutions

>>> clean("D-10115"), clean("sw1a1aa", country="GB"), clean("1234ab", country="NL")
('10115', 'SW1A 1AA', '1234 AB')
>>> clean("1067", country="DE"), clean("00-950"), clean("02139 1234", country="US")
('01067', '00-950', '02139-1234')
>>> clean("1011", country="PL")
Traceback (most recent call last):
...
idp_cdi.errors.BadFormat: the country has no such postal code
"""

from __future__ import annotations

import re

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers._text import compact, required

NAME = "postal_code"
STRONG = False

_DIGITS = {
    **dict.fromkeys(
        "DE FR IT ES FI EE HR LT MC MX TR TH UA MY ID PH KR RS ME BA SM VA GP MQ GF RE".split(), 5
    ),
    **dict.fromkeys("AT BE CH DK NO HU LU LI BG SI CY AU NZ ZA GE MK".split(), 4),
    **dict.fromkeys("RU CN IN RO SG KZ BY VN CO".split(), 6),
}
_IS, _TW, _IL = {"IS": 3}, {"TW": 3}, {"IL": 7}
#: Countries whose codes are so many digits and nothing else.
LENGTH = {**_DIGITS, **_IS, **_IL}
# Shape of the compact code, and where a separator goes.
_SHAPES: dict[str, tuple[re.Pattern[str], int, str]] = {
    country: (re.compile(shape, re.ASCII), place, mark)
    for country, shape, place, mark in (
        ("GB", r"(?:[A-Z]{1,2}\d[A-Z0-9]?|GIR)\d[A-Z]{2}|GIR0AA", -3, " "),
        ("JE", r"JE\d{1,2}\d[A-Z]{2}", -3, " "),
        ("GG", r"GY\d{1,2}\d[A-Z]{2}", -3, " "),
        ("IM", r"IM\d{1,2}\d[A-Z]{2}", -3, " "),
        ("IE", r"(?:[AC-FHKNPRTV-Y]\d{2}|D6W)[0-9AC-FHKNPRTV-Y]{4}", 3, " "),
        ("NL", r"[1-9]\d{3}[A-Z]{2}", 4, " "),
        ("CA", r"[A-Z]\d[A-Z]\d[A-Z]\d", 3, " "),
        ("SE", r"\d{5}", 3, " "),
        ("CZ", r"\d{5}", 3, " "),
        ("SK", r"\d{5}", 3, " "),
        ("GR", r"\d{5}", 3, " "),
        ("PL", r"\d{5}", 2, "-"),
        ("PT", r"\d{4}(?:\d{3})?", 4, "-"),
        ("US", r"\d{5}(?:\d{4})?", 5, "-"),
        ("PR", r"\d{5}(?:\d{4})?", 5, "-"),
        ("BR", r"\d{8}", 5, "-"),
        ("JP", r"\d{7}", 3, "-"),
        ("LV", r"(?:LV)?\d{4}", 0, ""),
        ("MT", r"[A-Z]{3}\d{2,4}", 3, " "),
        ("AR", r"\d{4}|[A-Z]\d{4}[A-Z]{3}", 0, ""),
        ("AD", r"(?:AD)?\d{3}", 0, ""),
        ("TW", r"\d{3}(?:\d{2,3})?", 0, ""),
        ("CL", r"\d{7}", 0, ""),
    )
}
_PREFIX = re.compile(
    r"^(?:AD|AT|A|BE|B|BG|CH|CZ|DE|D|DK|EE|ES|E|FI|FIN|FR|F|GR|HR|HU|H|IS|IT|I|LI|FL|LT|LU|L|LV|MC|NL|"
    r"NO|N|PL|PT|P|RO|RS|SE|S|SI|SK|SLO|UA|US|USA)[-–\s]*(?=\d)",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^(?:zip(?:\s*code)?|post(?:al|leit)?\s*(?:code|zahl)|plz|cap|cp|c\.p\.)[\s.:#-]+",
    re.IGNORECASE,
)
_PADS = frozenset("DE FR IT ES US".split())
_ANY = re.compile(r"[A-Z0-9]{2,10}", re.ASCII)


def clean(raw: str, *, country: str | None = None) -> str:
    """Return the code as the country writes it.

    Args:
        raw: Text as found.
        country: ISO 3166-1 alpha-2; without it the code is only put into upper case.

    Returns:
        The code.

    Raises:
        BadFormat: Not a code of that country, or no postal code at all.
    """
    text = _LABEL.sub("", required(raw, "a postal code").removesuffix(".0"))
    bare = _PREFIX.sub("", text)
    value = compact(bare)
    if country in LENGTH:
        length = LENGTH[country]
        if country in _PADS and len(value) == length - 1:
            value = value.zfill(length)
        if len(value) != length or not value.isdecimal() or not value.isascii():
            raise BadFormat("the country has no such postal code", value=raw)
        return value
    if country in _SHAPES:
        return _shaped(_SHAPES[country], country, value, compact(text), raw)
    text = " ".join(bare.upper().replace("–", "-").strip(" ,;.").split())
    if not _ANY.fullmatch(value) or not any(map(str.isdigit, value)):
        raise BadFormat("a postal code has 2 to 10 letters and digits", value=raw)
    return text


def _shaped(
    form: tuple[re.Pattern[str], int, str], country: str, value: str, whole: str, raw: str
) -> str:
    shape, place, mark = form
    if country in _PADS and len(value) in (4, 8):
        value = value.zfill(len(value) + 1)
    for candidate in (value, whole):
        if shape.fullmatch(candidate):
            head, tail = candidate[:place], candidate[place:]
            return head + mark + tail if place and tail else candidate
    raise BadFormat("the country has no such postal code", value=raw)


def key(value: str) -> str:
    """Letters and digits only; of a ZIP+4 only the first five."""
    code = compact(value)
    return code[:5] if len(code) == 9 and code.isdecimal() else code
