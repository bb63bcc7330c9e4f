"""Business identifier code (BIC, SWIFT code): 8 letters and digits, or 11 for a branch.

Source: ISO 9362, https://www.swift.com/standards/data-standards/bic-business-identifier-code

>>> clean("cobadeff xxx")
'COBADEFF'
>>> clean("BIC: DEUTDEDB101")
'DEUTDEDB101'
"""

from __future__ import annotations

import re

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers._text import compact, required

NAME = "bic"
STRONG = False  # a bank has many customers

_LABEL = re.compile(r"^\W*(?:(?:BIC|SWIFT)(?:[\W_]*code)?\b[\W_]*)+", re.I)
_SHAPE = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)


def clean(raw: str, *, country: str | None = None) -> str:
    """Return the code in upper case, without the "XXX" of a head office.

    Args:
        raw: Text as found.
        country: Part of the shared signature; the code names its own country.

    Returns:
        8 or 11 characters.

    Raises:
        BadFormat: Another length, or no country where it belongs.
    """
    value = compact(_LABEL.sub("", required(raw, "a BIC")))
    if not _SHAPE.fullmatch(value):
        raise BadFormat("a BIC has 8 or 11 letters and digits, a country in fifth place", value=raw)
    from idp_cdi.standardisers.country import CODES

    if value[4:6] not in CODES and value[4:6] != "XK":
        raise BadFormat("the country in the BIC does not exist", value=raw)
    return value[:8] if value[8:] == "XXX" else value
