"""Telephone number: E.164 ("+" and digits), by Google's metadata (phonenumbers).

A national number needs its country. Extensions are left out, for E.164 has no place for them; the
raw text keeps them.
Source: https://www.itu.int/rec/T-REC-E.164

>>> clean("+49 (0)30 1234-567"), clean("0041 44 668 18 00")
('+49301234567', '+41446681800')
>>> clean("(212) 555-0123 ext. 9", country="US"), clean("06 1234 5678", country="IT")
('+12125550123', '+390612345678')
>>> clean("030 123456")
Traceback (most recent call last):
...
idp_cdi.errors.BadFormat: a national number needs its country (give the country)
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers._text import required

NAME = "phone"
STRONG = False  # switchboards, call centres and households share numbers

_LABEL = re.compile(
    r"^\s*(?:(?:tele?(?:fon|phone|foon|fono|fone)?|tél(?:éphone)?|fon|phone|ph|fax|telefax|mobile?"
    r"|mob|mobil|handy|cell(?:ulare)?|gsm|call|t|f|m|p)\b[\s.:/-]*)+(?:(?:no|nr|number)\b[\s.:]*)?",
    re.IGNORECASE,
)
_EXTENSION = re.compile(
    r"[\s,;]*(?:\b(?:ext(?:ension)?|durchwahl|dw|poste|int|toestel|app)\b|(?<=\d)\s*x(?=\s*\d)"
    r"|;ext=)[\s.:]*\d{1,6}\W*$",
    re.IGNORECASE,
)
_TRUNK = re.compile(r"\(\s*0\s*\)")
_SEPARATORS = str.maketrans("", "", " \u00a0\t()[]-.\u2010\u2011\u2012\u2013\u2014\u2212/·'’_")


def clean(raw: str, *, country: str | None = None) -> str:
    """Return the number as "+", country code, national number.

    Args:
        raw: Text as found, with or without separators, label, trunk zero or extension.
        country: ISO 3166-1 alpha-2; needed where the number has no country code.

    Returns:
        E.164, at most 16 characters.

    Raises:
        BadFormat: No number of that country, or a national one without country
            (``value.ambiguous``).
    """
    digits = raw.translate(_SEPARATORS)
    if not (digits[1:].isdecimal() and digits.isascii() and "(" not in raw):
        text = _EXTENSION.sub("", _LABEL.sub("", required(raw, "a telephone number")))
        digits = _ascii_digits(_TRUNK.sub("", text) if "+" in text or text[:2] == "00" else text)
    if digits.startswith("00") and not digits.startswith("000"):
        digits = "+" + digits[2:]
    plus = digits[:1] == "+"
    if not digits[plus:].isdecimal() or not 4 <= len(digits) <= 18:
        raise BadFormat("a telephone number has 4 to 15 digits", value=raw)
    if plus:
        found = _international(digits[1:])
    elif country is None:
        raise BadFormat(
            "a national number needs its country",
            code="value.ambiguous",
            action="give the country",
            value=raw,
        )
    else:
        found = _national(digits, country)
    if found is None:
        raise BadFormat("the country has no such telephone number", value=raw)
    return found


def _ascii_digits(text: str) -> str:
    """Digits of any script as ASCII, without separators."""
    import unicodedata

    text = unicodedata.normalize("NFKC", text).translate(_SEPARATORS).rstrip(",;:")
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


@cache
def _codes() -> dict[str, str]:
    import phonenumbers

    return {
        str(code): next((r for r in regions if r != "001"), "001")
        for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
    }


@cache
def _calling_code(region: str) -> str:
    import phonenumbers

    return str(phonenumbers.country_code_for_region(region) or "")


def _international(digits: str) -> str | None:
    """Digits after the "+"; a trunk zero left in by mistake is taken out."""
    codes = _codes()
    for length in (1, 2, 3):
        region = codes.get(digits[:length])
        if region is not None:
            code, rest = digits[:length], digits[length:]
            found = _significant(code, region, rest)
            return f"+{code}{found}" if found else None
    return None


def _national(digits: str, country: str) -> str | None:
    code = _calling_code(country)
    if not code:
        return None
    found = _significant(code, country, digits)
    if found is not None:
        return f"+{code}{found}"
    # "49 30 1234567" without plus: the country code is there when the rest then fits.
    return _international(digits) if digits.startswith(code) else None


@cache
def _rules(code: str, region: str) -> tuple[re.Pattern[str], re.Pattern[str] | None, str | None]:
    import phonenumbers

    data: Any
    if region == "001":
        data = phonenumbers.PhoneMetadata.metadata_for_nongeo_region(int(code))
    else:
        data = phonenumbers.PhoneMetadata.metadata_for_region(region)
    prefix = data.national_prefix_for_parsing
    transform = data.national_prefix_transform_rule
    return (
        re.compile(data.general_desc.national_number_pattern),
        re.compile(prefix) if prefix else None,
        transform.replace("$", "\\") if transform else None,
    )


@lru_cache(maxsize=4096)
def _main_region(code: str, region: str) -> str:
    """The region whose metadata has all number shapes of a shared country code."""
    return _codes().get(code, region)


def _significant(code: str, region: str, digits: str) -> str | None:
    """The national significant number, None where the country has no such number."""
    for where in dict.fromkeys((region, _main_region(code, region))):
        pattern, prefix, transform = _rules(code, where)
        match = prefix.match(digits) if prefix else None
        if match and match.end():
            # As phonenumbers: the prefix goes only where the rest is a number without it.
            if transform and match.lastindex:
                rest = match.expand(transform) + digits[match.end() :]
            else:
                rest = digits[match.end() :]
            if pattern.fullmatch(rest):
                return rest
        if pattern.fullmatch(digits):
            return digits
    return None
