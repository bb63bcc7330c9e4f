"""Amount of money: a plain decimal string, from every national notation.

Handles "1.234,50", "1,234.50", "1 234,50", "1'234.50", "12,34,567.00", currency signs and codes on
either side, signs before and behind, brackets, CR and DR (credit is negative, as on a customer's
account), "50,--" and "500/-". A single mark before three digits ("1.234") needs a hint.

>>> clean("€ 1.234,50-"), clean("(1,234.50)"), clean("Rs. 12,34,567/-"), clean("50,--")
('-1234.50', '-1234.50', '1234567', '50')
>>> clean("1.234 EUR", country="DE"), clean("1.234", decimal=".")
('1234', '1.2340')
>>> clean("1.234 EUR")
Traceback (most recent call last):
...
idp_cdi.errors.BadFormat: thousands or decimals? (give the decimal hint)
"""

from __future__ import annotations

import re

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers import _decimals
from idp_cdi.standardisers._text import required

NAME = "amount"
STRONG = False

_FAST = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d{1,2})?", re.ASCII)
_PARTS = re.compile(r"(?P<before>\D*?)(?P<number>[.,]?\d(?:.*\d)?)(?P<after>\D*)", re.DOTALL)
_CREDIT = re.compile(r"\b(?:(CR|H|credit|haben)|(?:DR|S|debit|soll))\b\.?", re.IGNORECASE)
_NO_CENTS = re.compile(r"^\s*(?:[.,]\s*(?:[-–—]{1,2}|=|xx)|/[-–—=])", re.IGNORECASE)
_SIGNS = re.compile(r"[-−–—+()\s]")


def clean(raw: str, *, country: str | None = None, decimal: str | None = None) -> str:
    """Return the amount as a plain decimal.

    Args:
        raw: Text as found, with or without currency.
        country: Where it was written; settles what "1.234" means, but for Canada and others
            that write both.
        decimal: The decimal mark, "." or ","; outranks `country`.

    Returns:
        Sign, digits and decimals as printed; a credit is negative.

    Raises:
        BadFormat: Not an amount, or two readings are left (``value.ambiguous``).
    """
    if _FAST.fullmatch(raw) and raw.strip("-0."):
        return raw
    parts = _PARTS.fullmatch(required(raw, "an amount"))
    if parts is None:
        raise BadFormat("an amount has digits", value=raw)
    before, after = parts["before"], _NO_CENTS.sub(" ", parts["after"])
    marks = [m for m in (_CREDIT.search(before), _CREDIT.search(after)) if m]
    before, after = _CREDIT.sub("", before), _CREDIT.sub("", after)
    for around in (before, after):
        unit = _SIGNS.sub("", around)
        if unit and not _is_currency(unit):
            raise BadFormat("an amount stands alone or with its currency", value=raw)
    signs = before + after
    minus = ("(" in before and ")" in after) or any(c in signs for c in "-−–—")
    value = _decimals.plain(parts["number"], country=country, decimal=decimal)
    if minus != any(m[1] for m in marks) and value.strip("0."):
        return f"-{value}"
    return value


def _is_currency(text: str) -> bool:
    from idp_cdi.standardisers import currency

    if len(text) == 1 and text.islower():
        return False  # a one that was misread, rather than a currency
    try:
        currency.clean(text)
    except BadFormat as error:
        return error.code == "value.ambiguous"
    return True
