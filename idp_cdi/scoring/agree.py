"""Do two values of one field say the same? Compared by kind, for contradictions and training.

>>> same("total", "12.50", "12.5"), same("buyer.name", "Müller GmbH", "MUELLER GmbH")
(True, True)
>>> same("seller.iban", "DE89 3704 0044", "DE8937040044"), same("issue_date", "2024-01-02", "x")
(True, False)
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from idp_cdi.errors import SettingsError
from idp_cdi.extractors._view import key
from idp_cdi.fields import fields

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "ae", "Ö": "oe", "Ü": "ue"})


def kind_of(name: str) -> str:
    """The kind of a field's values; "text" for a field that is not defined."""
    try:
        return fields().get(name).kind
    except SettingsError:
        return "text"


def same(name: str, a: str, b: str) -> bool:
    """Whether `a` and `b`, both normalised, are the same value of the field `name`."""
    kind = kind_of(name)
    if kind in {"amount", "number"}:
        try:
            return Decimal(a) == Decimal(b)
        except InvalidOperation:
            return False
    if kind == "phone":
        x, y = (re.sub(r"\D", "", t.replace("(0)", "")).lstrip("0") for t in (a, b))
        short, long = sorted((x, y), key=len)
        return len(short) >= 6 and long.endswith(short) and len(long) - len(short) <= 3
    if kind == "address":
        x2, y2 = (set(re.findall(r"\w+", t.casefold())) for t in (a, b))
        return bool(x2 and y2) and 2 * len(x2 & y2) / (len(x2) + len(y2)) >= 0.85
    plain, spelled = (key(a), key(b)), (key(a.translate(_UMLAUTS)), key(b.translate(_UMLAUTS)))
    return bool(plain[0]) and (plain[0] == plain[1] or spelled[0] == spelled[1])
