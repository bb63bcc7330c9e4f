"""What the three e-invoice syntaxes have in common: collecting named values into `Embedded`.

Field names are those of ``data/fields.yaml``; amounts are plain decimals, dates ISO 8601.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from idp_cdi.documents import Embedded, EmbeddedValue, LineItem

_DATE8 = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})")


def amount(raw: str) -> str:
    """A plain decimal, "" for what is none.

    >>> amount(" +1234.50 "), amount("1.2E+3"), amount("x")
    ('1234.50', '1200', '')
    """
    try:
        value = Decimal(raw.strip())
    except InvalidOperation:
        return ""
    if not value.is_finite() or abs(value.adjusted()) > 30:
        return ""
    return format(value, "f")


def date(raw: str) -> str:
    """ISO 8601 from ``20180305`` or ``2018-03-05T…``, "" for what is none.

    >>> date("20180305"), date("2018-03-05+01:00"), date("March")
    ('2018-03-05', '2018-03-05', '')
    """
    raw = raw.strip()
    if match := _DATE.match(raw):
        return match[1]
    if match := _DATE8.match(raw):
        return "-".join(match.groups())
    return ""


@dataclass(slots=True)
class Values:
    """Named values in the order in which they are added; empty ones are left out."""

    found: list[EmbeddedValue] = field(default_factory=list)

    def add(self, name: str, value: str, path: str = "") -> None:
        """Add one value unless it is empty or already there."""
        if value and not any(v.name == name and v.value == value for v in self.found):
            self.found.append(EmbeddedValue(name, value, path))

    def get(self, name: str) -> str:
        """The first value called `name`, "" for none."""
        return next((v.value for v in self.found if v.name == name), "")

    def party(
        self, role: str, values: dict[str, str], path: str = "", more: tuple[str, ...] = ()
    ) -> None:
        """Add the fields of one party, and its address as one line; `more` follows the street."""
        for name, value in values.items():
            self.add(f"{role}.{name}", value, path)
        town = " ".join(p for p in (values.get("postal_code"), values.get("city")) if p)
        address = ", ".join(p for p in (values.get("street"), *more, town) if p)
        self.add(f"{role}.address", address, path)

    def embedded(
        self, syntax: str, profile: str, items: list[LineItem], document_type: str
    ) -> Embedded:
        """Everything as one frozen value."""
        return Embedded(syntax, profile, tuple(self.found), tuple(items), document_type)


def profile_of(customisation: str) -> str:
    """A short name for a guideline or customisation id.

    >>> profile_of("urn:cen.eu:en16931:2017#compliant#urn:xoev-de:kosit:standard:xrechnung_2.0")
    'xrechnung'
    >>> profile_of("urn:ferd:CrossIndustryDocument:invoice:1p0:comfort")
    'comfort'
    """
    lowered = customisation.lower()
    for mark, name in (
        ("xrechnung", "xrechnung"),
        ("peppol", "peppol"),
        ("extended", "extended"),
        ("basicwl", "basicwl"),
        ("minimum", "minimum"),
        ("basic", "basic"),
        ("comfort", "comfort"),
        ("en16931", "en16931"),
    ):
        if mark in lowered:
            return name
    return ""
