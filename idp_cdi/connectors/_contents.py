"""What the values of a column look like: the share of them that could be of each kind.

Shapes only, no check of existence: a column of 200 values that all look like e-mail addresses is
one, whatever it is called.

>>> shares(["a@b.de", "c@d.fr", ""])["email"], shares(["DE89370400440532013000"])["iban"]
(1.0, 1.0)
"""

from __future__ import annotations

import re

_SHAPES: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "email": r"(?:mailto:)?[^@\s,;]+@[^@\s,;]+\.[a-z]{2,}(?:\s*[,;].*)?",
        "website": r"(?:https?://)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/\S*)?",
        "vat_id": r"(?:AT ?U|BE|BG|CHE?|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|"
        r"NO|PL|PT|RO|SE|SI|SK|XI)[ .-]?[A-Z0-9][A-Z0-9 .+*/-]{5,15}",
        "lei": r"[A-Z0-9]{18}\d{2}",
        "bic": r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?",
        "phone": r"(?:tel\.?:? ?)?\+?[(\d][\d\s()./-]{5,20}\d(?:\s*(?:x|ext\.?)\s*\d+)?",
        "date": r"\d{4}-\d\d-\d\d(?:[T ][\d:.,+Z -]+)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}"
        r"(?: \d\d?:\d\d(?::\d\d)?(?: ?[ap]m)?)?|(?:19|20)\d{6}|\d{1,2}\.? [a-zä]{3,9}\.? \d{4}"
        r"|[a-z]{3,9} \d{1,2}, \d{4}",
        "epoch": r"1[0-9]{9}(?:[0-9]{3})?",
        "amount": r"[-+(]?\s*(?:[€$£]|[A-Z]{3})?\s*-?\d{1,3}(?:[.,' ]?\d{3})*(?:[.,]\d{1,6})?"
        r"\s*(?:[€$£%]|[A-Z]{3})?\)?-?",
        "integer": r"-?\d+",
        "flag": r"true|false|yes|no|y|n|0|1|ja|nein|oui|non|si|x|t|f|active|inactive",
        "currency": r"[A-Z]{3}|[€$£]",
        "country2": r"[A-Z]{2,3}",
        "postal_code": r"(?:[A-Z]{1,2}-)?\d{4,5}(?:-\d{3,4})?|\d{4} ?[A-Z]{2}|\d{2}-\d{3}"
        r"|\d{3} \d{2}"
        r"|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{5}-\d{3}|\d{6}|\d{3,4}",
        "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{24,40}",
        "code": r"[A-Z0-9][A-Z0-9._/#:-]{0,39}",
        "words": r"(?=.*[^\W\d_]{2}).*",
    }.items()
}
_LEGAL = re.compile(
    r"\b(?:gmbh|ag|kg|ohg|ug|e\.? ?v|ltd|limited|llc|llp|inc|corp|plc|co|sarl|sas|sa|srl|spa|bv|nv"
    r"|s\.p\.a|s\.r\.l|b\.v|n\.v|s\.l|sl|s\.a|oy|ab|aps|a/s|as|pty|gbr|mbh|company|corporation"
    r"|group|holding|verein|stiftung|se)\b\.?",
    re.IGNORECASE,
)
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
SAMPLE = 300


def shares(values: list[str]) -> dict[str, float]:
    """Kind → share of the filled values that have its shape; empty for a column without values.

    Besides the shapes: ``iban`` (with its check digits), ``legal`` (a legal form in it),
    ``distinct`` (how many are different), ``spread`` (different ones among all rows).
    """
    filled = [v.strip() for v in values if v.strip()][:SAMPLE]
    if not filled:
        return {}
    total = len(filled)
    found = {
        name: sum(bool(shape.fullmatch(v)) for v in filled) / total
        for name, shape in _SHAPES.items()
    }
    found["iban"] = sum(map(_is_iban, filled)) / total
    found["legal"] = sum(bool(_LEGAL.search(v)) for v in filled) / total
    found["distinct"] = len(set(filled)) / total
    found["filled"] = total / max(1, min(len(values), SAMPLE))
    return found


def _is_iban(value: str) -> bool:
    text = value.replace(" ", "").upper()
    if not _IBAN.fullmatch(text):
        return False
    digits = "".join(str(int(c, 36)) for c in text[4:] + text[:4])
    return int(digits) % 97 == 1


#: target → the shape its values must have; a column without it is hardly the target.
NEEDS: dict[str, tuple[str, ...]] = {
    "email": ("email",),
    "website": ("website",),
    "vat_id": ("vat_id", "code"),
    "lei": ("lei",),
    "bic": ("bic",),
    "iban": ("iban", "code", "amount"),
    "phone": ("phone",),
    "date_of_birth": ("date",),
    "postal_code": ("postal_code",),
    "country": ("country2", "words"),
    "name": ("words",),
    "trading_name": ("words",),
    "first_name": ("words",),
    "last_name": ("words",),
    "contact_name": ("words",),
    "street": ("words",),
    "city": ("words",),
    "region": ("words", "code"),
    "@cursor": ("date", "epoch", "integer"),
    "@created": ("date", "epoch", "integer"),
    "@deleted": ("flag", "date"),
    "#issue_date": ("date",),
    "#due_date": ("date",),
    "#payment_date": ("date",),
    "#posting_date": ("date",),
    "#total": ("amount",),
    "#net_total": ("amount",),
    "#tax_total": ("amount",),
    "#amount_due": ("amount",),
    "#paid_amount": ("amount",),
    "#amount": ("amount",),
    "#debit": ("amount",),
    "#credit": ("amount",),
    "#unit_price": ("amount",),
    "#net_amount": ("amount",),
    "#quantity": ("amount",),
    "#tax_rate": ("amount",),
    "#currency": ("currency", "words"),
}
#: shape → target, where the contents alone are enough to suggest it.
SPEAKS: dict[str, tuple[str, float]] = {
    "email": ("email", 0.85),
    "iban": ("iban", 0.9),
    "lei": ("lei", 0.7),
    "legal": ("name", 0.7),
}


def fit(target: str, found: dict[str, float]) -> float:
    """How well values fit a target: 1 neutral, near 0 impossible, slightly above 1 in support."""
    needs = NEEDS.get(target)
    if not found or needs is None:
        return 1.0
    best = max(found.get(n, 0.0) for n in needs)
    factor = 0.1 if best < 0.3 else 0.5 + 0.55 * best
    if target in ("name", "trading_name", "first_name", "last_name", "street", "city"):
        factor *= 1 - 0.9 * max(found["email"], found["date"], found["uuid"], found["integer"])
    if target == "name" and found["flag"] > 0.8:
        factor *= 0.1
    if (
        target == "country"
        and found["distinct"] > 0.9
        and found["filled"] > 0.5
        and len(found) > 50
    ):
        factor *= 0.5
    return factor
