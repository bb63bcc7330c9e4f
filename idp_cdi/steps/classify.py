"""Classify: what kind of document is this, and in which language?

The type comes from words that name a document, weighted by where and how large they stand, and from
what such a document shows (amounts in a column, running prose, boxes to tick).

>>> language("the invoice is to be paid by the customer and we thank you for your order")
'en'
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from idp_cdi.extractors._lexicon import hits, lexicon
from idp_cdi.extractors._view import key

if TYPE_CHECKING:
    from idp_cdi.extractors._view import View

_DOCUMENT_WORDS = {
    "doc_invoice": "invoice",
    "doc_credit_note": "credit_note",
    "doc_receipt": "receipt",
    "doc_order": "order",
    "doc_other": "other",
}


def language(text: str) -> str:
    """The language of `text` (ISO 639-1) by its frequent words; "" where none is found."""
    known = lexicon().languages
    count: Counter[str] = Counter()
    for word in text.split()[:3000]:
        for name in known.get(key(word), ()):
            count[name] += 1
    return max(sorted(count), key=count.__getitem__) if count else ""


def classify(view: View) -> dict[str, float]:
    """The probability of each document type, summing to 1.

    Args:
        view: The document's geometry.
    """
    scores = dict.fromkeys(("invoice", "credit_note", "receipt", "order", "contract", "form"), 0.0)
    scores["other"] = 0.5
    _by_names(view, scores)
    _by_shape(view, scores)
    top = max(scores.values())
    powers = {t: math.exp(s - top) for t, s in scores.items()}
    total = sum(powers.values())
    return {t: p / total for t, p in powers.items()}


def _by_names(view: View, scores: dict[str, float]) -> None:
    for segment in view.segments[:400]:
        for hit in hits(segment.texts[:8]):
            kind = _DOCUMENT_WORDS.get(hit.concept)
            if kind is None:
                continue
            large = min(3.0, max(1.0, segment.size / max(view.size, 1.0)))
            first = 1.5 if segment.page == 1 and hit.start == 0 else 0.5
            alone = 1.5 if hit.end - hit.start == len(segment.texts) else 0.7
            scores[kind] = max(scores[kind], large * first * alone)


def _by_shape(view: View, scores: dict[str, float]) -> None:
    segments = view.segments
    if not segments:
        return
    wide = sum(len(s.words) for s in segments if len(s.words) >= 9)
    words = sum(len(s.words) for s in segments)
    prose = wide / words
    pages = len(view.document.pages)
    money = sum(1 for s in segments if any("," in t or "." in t for t in s.texts) and _money(s))
    money_rate = money / max(1, len(segments))
    scores["contract"] += 6.0 * max(0.0, prose - 0.45) + min(2.0, words / 1500)
    labels = Counter(h.concept for s in segments[:300] for h in hits(s.texts[:6]))
    invoice_like = sum(
        1
        for c in ("invoice_number", "issue_date", "total", "tax_total", "due_date", "unit_price")
        if labels[c]
    )
    scores["invoice"] += 0.5 * invoice_like + 4 * min(0.3, money_rate)
    page = view.document.pages[0]
    if pages == 1 and page.width > 0 and page.height / page.width > 1.6 and words < 400:
        scores["receipt"] += 2.0
    if labels["cash"] and labels["change"]:
        scores["receipt"] += 1.5
    ticks = sum(1 for s in segments for t in s.texts if t in {"☐", "☑", "☒", "□", "[]", "[x]"})
    scores["form"] += min(3.0, 0.5 * ticks) + (1.5 if money_rate < 0.02 and prose < 0.5 else 0.0)


def _money(segment: object) -> bool:
    import re

    text = getattr(segment, "text", "")
    return re.search(r"\d[.,]\d\d(?!\d)", text) is not None
