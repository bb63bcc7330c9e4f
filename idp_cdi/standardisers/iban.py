"""International bank account number: compact, upper case, length and check digits right.

Source: https://www.swift.com/standards/data-standards/iban (registry: the lengths by country)

>>> clean("de89 3704 0044 0532 0130 00")
'DE89370400440532013000'
>>> clean("IBAN: GB82-WEST-1234-5698-7654-32")
'GB82WEST12345698765432'
>>> is_valid("DE89370400440532013001")
False
>>> derive("DE89370400440532013000")
(('country', 'DE'),)
"""

from __future__ import annotations

import re

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers._text import compact, required

NAME = "iban"
STRONG = False  # households, groups and factoring firms share accounts

_LABEL = re.compile(r"^\W*(?:I\W?B\W?A\W?N)\b[\W_]*(?:no|nr|number|nummer|code)?[\W_]*", re.I)
_SHAPE = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}")
LENGTHS = {
    part[:2]: int(part[2:])
    for part in (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 "
        "DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 "
        "IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 "
        "MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 "
        "SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
    ).split()
}


def clean(raw: str, *, country: str | None = None, strict: bool = True) -> str:
    """Return the account number without blanks.

    Args:
        raw: Text as found, with or without the word IBAN before it.
        country: Part of the shared signature; the number names its own country.
        strict: Refuse a wrong check digit.

    Returns:
        Two letters, two check digits, the account.

    Raises:
        BadFormat: Unknown country, wrong length or wrong check digits (``value.checksum``).
    """
    value = compact(_LABEL.sub("", required(raw, "an IBAN")))
    if not _SHAPE.fullmatch(value) or not value.isascii():
        raise BadFormat("an IBAN is two letters, two digits and an account", value=raw)
    if LENGTHS.get(value[:2]) != len(value):
        raise BadFormat("no country has an IBAN of this length", value=raw)
    if strict and not is_valid(value):
        raise BadFormat("the check digits of the IBAN are wrong", value=raw, code="value.checksum")
    return value


def is_valid(value: str, *, country: str | None = None) -> bool:
    """Say whether the check digits of a compact IBAN are right (ISO 7064 mod 97-10)."""
    if LENGTHS.get(value[:2]) != len(value) or not value.isascii() or not value.isalnum():
        return False
    return int("".join(str(int(c, 36)) for c in value[4:] + value[:4])) % 97 == 1


def derive(value: str) -> tuple[tuple[str, str], ...]:
    """The country of the bank, which often is the customer's."""
    return (("country", value[:2]),)
