"""What speaks for and against a chosen value: the cues that its confidence is learned from.

Some are of the value (odds, margin, labels, check digits, OCR of these very letters, garbled
words), some of its field's relatives (sums, address lines), and some of the whole document: on a
clean page where everything else is labelled and adds up, the same odds mean more than on a
crumpled slip. So confidence follows the difficulty of the document instead of averaging over it.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from idp_cdi.extractors._view import key
from idp_cdi.scoring.party import copies_of, domains_of, shape_legal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp_cdi.extractors import Candidate
    from idp_cdi.scoring.context import Context
    from idp_cdi.scoring.joint import Choice

OF_CHOICE = (
    "odds own margin support joint sum valid sure least_sure rivals close street form lines parts "
    "lines_sure length digits words capitals odd_words legal in_mail copies label other_label page "
    "top bottom size ambiguous sibling person legal_rival settled coin role field"
).split()
OF_DOCUMENT = (
    "kind ocr pages segments blocks mean_sure poor_words labelled dates amounts core_mean "
    "core_least core_found sums_hold title parties"
).split()
CUES = (*OF_CHOICE, *OF_DOCUMENT)
RISING = frozenset(("odds", "own", "margin", "joint", "sum", "valid", "sure", "least_sure",
                    "lines_sure", "core_mean", "core_least", "core_found", "sums_hold",
                    "mean_sure", "settled"))  # fmt: skip
"""Cues of which more never means less confidence."""
FALLING = frozenset(("odd_words", "poor_words", "close", "legal_rival"))
"""Cues of which more never means more confidence."""

NAMES = (
    "issue_date due_date period_start period_end net_total tax_total total amount_due prepaid "
    "invoice_number customer_number purchase_order order_number contract_number preceding_invoice "
    "name contact_name vat_id tax_number registration_number iban bic phone email website address "
    "street postal_code city region country"
).split()
_ROLES = ("", "seller", "buyer", "ship_to", "payee")
_KINDS = ("invoice", "credit_note", "receipt", "order")
_CORE = ("issue_date", "invoice_number", "total", "seller.name", "buyer.name", "seller.address",
         "buyer.address")  # fmt: skip
_CORE_OF_RECEIPT = ("issue_date", "total", "seller.name", "seller.address")
_CONCEPTS = {
    "issue_date": "issue_date", "due_date": "due_date payment_terms",
    "period_start": "period_start period", "period_end": "period_end period",
    "net_total": "net_total items_total", "total": "total amount_due", "amount_due":
    "amount_due total", "invoice_number": "invoice_number doc_invoice doc_credit_note doc_receipt",
    "purchase_order": "purchase_order doc_order", "order_number": "order_number doc_order",
}  # fmt: skip
_ODD = re.compile(
    r"[^\W\d_]\d[^\W\d_]|[~|_`^{}\\§<>]|[^\W\d_][!?$;:][^\W\d_]|^\W+$|[a-z][A-Z][a-z]"
)


def document_cues(context: Context, choices: Mapping[str, Choice], kind: str) -> list[float]:
    """The cues `OF_DOCUMENT`: how difficult the document is.

    Args:
        context: The document.
        choices: What was chosen for every field, likely or not.
        kind: The document type.
    """
    words = [w.confidence for p in context.document.pages for w in p.words] or [1.0]
    core = _CORE_OF_RECEIPT if kind == "receipt" else _CORE
    odds = [choices[n].odds if n in choices else -4.0 for n in core]
    shares = [_logistic(o) for o in odds]
    total = choices.get("total")
    return [
        float(_KINDS.index(kind)) if kind in _KINDS else -1.0,
        float(context.ocr),
        float(len(context.document.pages)),
        float(len(context.view.segments)),
        float(len(context.blocks)),
        sum(words) / len(words),
        sum(w < 0.6 for w in words) / len(words),
        sum(bool(h) for h in context.hits) / max(1, len(context.hits)),
        float(len({c.value for c in context.candidates.get("date", ())})),
        float(len({c.value for c in context.candidates.get("amount", ())})),
        sum(shares) / len(shares),
        min(shares),
        float(sum(s > 0.5 for s in shares)) / len(shares),
        total.flags.get("sum", 0.0) if total is not None else 0.0,
        float(context.title() is not None),
        float(sum(f"{r}.address" in choices for r in _ROLES[1:])),
    ]


def cues(context: Context, choice: Choice, document: list[float]) -> list[float]:
    """The row of `CUES` for a choice.

    Args:
        context: The document.
        choice: What was chosen for one field.
        document: `document_cues` of the same document.
    """
    c = choice.candidate
    page = context.document.pages[context.pages[c.page]]
    sure = [page.words[w].confidence for w in c.words] or [1.0]
    role, _, last = choice.field.rpartition(".")
    _, _, top, bottom = context.place(c.page, c.box)
    segment = context.view.segments[int(c.hints["segment"])]
    words = c.raw.split()
    letters = sum(map(str.isalpha, c.value))
    own, other = _labels(context, choice, role, last)
    flags = choice.flags
    return [
        choice.odds,
        flags.get("own", choice.odds),
        min(choice.margin, 9.0),
        float(choice.support),
        choice.joint,
        flags.get("sum", -1.0),
        c.hints.get("valid", -1.0),
        math.prod(sure),
        min(sure),
        float(len(choice.rivals)),
        float(sum(o > choice.odds - 2.0 for o, _ in choice.rivals)),
        flags.get("street", -1.0),
        flags.get("form", -1.0),
        flags.get("lines", -1.0),
        flags.get("parts", -1.0),
        flags.get("lines_sure", -1.0),
        float(len(c.value)),
        float(sum(map(str.isdigit, c.value))),
        float(len(words)),
        sum(map(str.isupper, c.value)) / max(1, letters),
        float(sum(_ODD.search(w) is not None for w in words)),
        shape_legal(c.value) if last == "name" else -1.0,
        _in_mail(context, c.value) if last == "name" else -1.0,
        float(min(5, copies_of(context, c.value))),
        own,
        other,
        float(context.pages[c.page]),
        top,
        bottom,
        segment.size / max(context.view.size, 1.0),
        float(bool(c.others)),
        flags.get("sibling", 0.0),
        float(len(words) in {2, 3} and all(w[:1].isupper() for w in words)),
        _legal_rival(context, c) if last == "name" else -1.0,
        _settled(context, c) if last in {"total", "amount_due"} else 0.0,
        _coin(context, c) if last in {"total", "amount_due", "net_total"} else 0.0,
        float(_ROLES.index(role)) if role in _ROLES else -1.0,
        float(NAMES.index(last)) if last in NAMES else -1.0,
        *document,
    ]


def _labels(context: Context, choice: Choice, role: str, last: str) -> tuple[float, float]:
    """How strongly labels of this field, and of anything else, reach the value."""
    hints = choice.candidate.hints
    segment = context.view.segments[int(hints["segment"])]
    row, column = context.labels(segment, int(hints.get("first", 0)), choice.candidate.box)
    wanted = {*_CONCEPTS.get(last, last).split(), role}
    own = max((max(row.get(c, 0.0), column.get(c, 0.0)) for c in wanted), default=0.0)
    other = max((s for d in (row, column) for c, s in d.items() if c not in wanted), default=0.0)
    return own, other


def _in_mail(context: Context, name: str) -> float:
    """The share of a mail or web domain that a name explains."""
    from idp_cdi.scoring.party import in_mail

    return in_mail(context, [key(w) for w in name.split()]) if domains_of(context) else -1.0


def _legal_rival(context: Context, chosen: Candidate) -> float:
    """Whether another line near the chosen name has a legal form, and the chosen name has none."""
    if shape_legal(chosen.value):
        return 0.0
    return float(
        any(
            c.page == chosen.page
            and abs(c.hints["segment"] - chosen.hints["segment"]) <= _NEAR
            and shape_legal(c.value) > 0
            for c in context.candidates.get("name", ())
        )
    )


_NEAR = 12
"""Segments of the page that stand near a name."""


def _settled(context: Context, chosen: Candidate) -> float:
    """Whether what was paid less the change is this amount (1) or another one (-1)."""
    labelled: dict[str, list[int]] = {"cash": [], "change": []}
    for c in context.candidates.get("amount", ()):
        if c.page == chosen.page and not c.hints["percent"]:
            segment = context.view.segments[int(c.hints["segment"])]
            row, _ = context.labels(segment, int(c.hints["first"]), c.box)
            for concept, found in labelled.items():
                if row.get(concept, 0.0) > 0.6:
                    found.append(_cents(c))
    rests = {a - b for a in labelled["cash"] for b in labelled["change"] if a >= b}
    if not rests:
        return 0.0
    return 1.0 if _cents(chosen) in rests else -1.0


def _coin(context: Context, chosen: Candidate) -> float:
    """Whether it is another amount rounded to five cents (1), or that other amount (-1)."""
    cents = _cents(chosen)
    amounts = {_cents(c) for c in context.candidates.get("amount", ()) if not c.hints["percent"]}
    near = [cents + d for d in (-2, -1, 1, 2) if cents + d in amounts]
    if cents % 5 == 0:
        return float(bool(near))
    return -float(any(n % 5 == 0 for n in near))


def _cents(c: Candidate) -> int:
    return round(abs(float(c.value)) * 100)


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, x))))
