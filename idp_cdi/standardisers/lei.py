"""Legal entity identifier: 20 letters and digits, the last two of them check digits.

Source: ISO 17442, https://www.gleif.org/en/about-lei/iso-17442-the-lei-code-structure

>>> clean("LEI 5299 0005 RWNP7OCZ6B79")
Traceback (most recent call last):
...
idp_cdi.errors.BadFormat: the check digits of the LEI are wrong
>>> clean("HWUPKR0MPOU8FGXBT394".lower())
'HWUPKR0MPOU8FGXBT394'
"""

from __future__ import annotations

import re

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers._text import compact, required

NAME = "lei"
STRONG = True

_LABEL = re.compile(r"^\W*LEI\b[\W_]*(?:code)?[\W_]*", re.I)
_SHAPE = re.compile(r"[A-Z0-9]{18}\d{2}", re.ASCII)


def clean(raw: str, *, country: str | None = None, strict: bool = True) -> str:
    """Return the identifier without blanks, in upper case.

    Args:
        raw: Text as found.
        country: Part of the shared signature, not needed here.
        strict: Refuse a wrong check digit.

    Returns:
        20 characters.

    Raises:
        BadFormat: Another shape, or wrong check digits (``value.checksum``).
    """
    value = compact(_LABEL.sub("", required(raw, "a LEI")))
    if not _SHAPE.fullmatch(value):
        raise BadFormat("a LEI has 20 letters and digits", value=raw)
    if strict and not is_valid(value):
        raise BadFormat("the check digits of the LEI are wrong", value=raw, code="value.checksum")
    return value


def is_valid(value: str, *, country: str | None = None) -> bool:
    """Say whether the check digits are right (ISO 7064 mod 97-10)."""
    if not _SHAPE.fullmatch(value):
        return False
    return int("".join(str(int(c, 36)) for c in value)) % 97 == 1
