"""National tax number: letters and digits only, upper case.

>>> clean("Steuernummer: 181/815/08155", country="DE"), clean("EIN 91-1144442", country="US")
('18181508155', '911144442')
>>> is_valid("181/815/08155", country="DE")
True
"""

from __future__ import annotations

import re

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers import _checks
from idp_cdi.standardisers._text import compact, required

NAME = "tax_number"
STRONG = True

_LABEL = re.compile(
    r"^(?:[\W_]*(?:st(?:euer)?[-. ]?(?:nr|nummer|id)|steuernummer|tax|fiscal|fiscale?|codice|code|"
    r"id|ident\w*|number|num|no|nr|ein|tin|ssn|utr|nif|nip|pan|fein|federal|employer|cod|c\.?f|n°|nº)"
    r"(?=[\W\d_])[\W_]*)+",
    re.IGNORECASE,
)


def clean(raw: str, *, country: str | None = None, strict: bool = True) -> str:
    """Return the number without separators and label.

    Args:
        raw: Text as found.
        country: ISO 3166-1 alpha-2; whose rule for check digits holds.
        strict: Refuse a wrong check digit (only where `country` is given and its rule is known).

    Returns:
        Letters and digits.

    Raises:
        BadFormat: Fewer than 5 or more than 20 characters, no digit, or a wrong check digit
            (``value.checksum``).
    """
    value = compact(_LABEL.sub("", required(raw, "a tax number")))
    if not 5 <= len(value) <= 20 or not any(map(str.isdigit, value)) or not value.isascii():
        raise BadFormat("a tax number has 5 to 20 letters and digits", value=raw)
    if strict and country is not None and not is_valid(value, country=country):
        raise BadFormat(
            "the check digit of the tax number is wrong", value=raw, code="value.checksum"
        )
    return value


def is_valid(value: str, *, country: str | None = None) -> bool:
    """Say whether the number passes its country's check; True where we know none."""
    if country is None:
        return True
    number = compact(value)
    return any(_checks.passes(country, kind, number) is not False for kind in ("tax", "vat"))
