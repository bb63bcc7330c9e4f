"""Classify: what kind of document is this?

Trained trees judge what the document shows, not its words: how strongly labels of each concept
("invoice", "agreement", "total", "change" …, in any language) stand on it, how much of it is
running prose, how many amounts, ticks and blanks to fill in it has, and the shape of its pages.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from idp_cdi.documents import PageSource
from idp_cdi.extractors._lexicon import labels_of
from idp_cdi.models_path import models_path

if TYPE_CHECKING:
    from idp_cdi.extractors._view import View
    from idp_cdi.scoring.trees import Forest

TYPES = ("invoice", "credit_note", "receipt", "order", "contract", "form", "other")
CONCEPTS = (
    "invoice_number issue_date due_date net_total tax_total total amount_due cash change "
    "customer_number purchase_order order_number delivery_date vat_id iban buyer seller ship_to "
    "contact_name description quantity unit_price line_amount tax_rate payment_terms "
    "preceding_invoice supplier_number name address street postal_code city country phone email "
    "page reference currency rounding"
).split()
DOCUMENTS = (
    "doc_invoice", "doc_credit_note", "doc_receipt", "doc_order", "doc_contract", "doc_form",
    "doc_other",
)  # fmt: skip
FEATURES = [
    *(f"{d}_{what}" for d in DOCUMENTS for what in ("title", "count")),
    *CONCEPTS,
    *("words pages prose amounts ticks blanks colons aspect ocr short numbered first_wide "
      "capitals questions section narrow").split(),
]  # fmt: skip
_TICKS = frozenset("☐☑☒□■✓✗▢")
_MOST = 600
"""Segments that are looked at; a contract's first pages say what it is."""


def classify(view: View) -> dict[str, float]:
    """The probability of each document type, summing to 1.

    Args:
        view: The document's geometry.
    """
    import numpy as np

    forest = _forest()
    raw = forest.raw(np.array([features(view)], dtype=np.float32))[0].tolist()
    top = max(raw)
    powers = {t: math.exp(r - top) for t, r in zip(forest.models, raw, strict=True)}
    total = sum(powers.values())
    return {t: p / total for t, p in powers.items()}


@cache
def _forest() -> Forest:
    from idp_cdi.scoring import trees

    return trees.load(models_path() / "doctype" / "doctype.npz")[0]["type"]


def features(view: View) -> list[float]:
    """What the document shows, one number for each of `FEATURES`."""
    labels = labels_of(view)
    titles = dict.fromkeys(DOCUMENTS, 0.0)
    counts: Counter[str] = Counter()
    for segment in view.segments[:_MOST]:
        for hit in labels[segment.index]:
            counts[hit.concept] += 1
            if hit.concept in titles:
                large = min(3.0, max(0.7, segment.size / max(view.size, 1.0)))
                early = 1.0 / (1.0 + segment.line / 25.0) if segment.page == 1 else 0.2
                share = (hit.end - hit.start) / len(segment.texts)
                head = 1.0 if hit.start == 0 else 0.5
                value = large * early * head * (0.3 + 0.7 * share)
                titles[hit.concept] = max(titles[hit.concept], value)
    row: list[float] = []
    for d in DOCUMENTS:
        row += [titles[d], math.log1p(counts[d])]
    row += [float(min(4, counts[c])) for c in CONCEPTS]
    return row + _shape(view)


def _shape(view: View) -> list[float]:
    segments = view.segments[:_MOST]
    many = max(1, len(segments))
    words = max(1, sum(len(s.words) for s in segments))
    texts = [s.text for s in segments]
    pages = view.document.pages
    page = pages[0] if pages else None
    first = [s for s in segments if s.page == 1]
    return [
        math.log1p(sum(len(s.words) for s in view.segments)),
        float(min(12, len(pages))),
        sum(len(s.words) for s in segments if len(s.words) >= 9) / words,
        sum(1 for s in segments if s.texts[-1][-3:-2] in {",", "."} and s.texts[-1][-2:].isdigit())
        / many,
        math.log1p(sum(1 for t in texts for c in t if c in _TICKS)),
        math.log1p(sum(1 for t in texts if "___" in t or "....." in t)),
        sum(1 for t in texts if t.endswith(":")) / many,
        page.height / page.width if page is not None and page.width > 0 else 1.4,
        float(any(p.source == PageSource.OCR for p in pages)),
        sum(1 for s in segments if len(s.words) <= 3) / many,
        sum(1 for t in texts if t[:1].isdigit() and t[1:3].strip(". )") != t[1:3]) / many,
        sum(1 for s in first if len(s.words) >= 9) / max(1, len(first)),
        sum(1 for t in texts if t.isupper()) / many,
        sum(1 for t in texts if t.endswith("?")) / many,
        sum(1 for t in texts if t[:1] in "§(" and len(t) < 90) / many,
        # A till slip is as wide as 20 to 45 of its letters are high, a sheet more than that.
        page.width / max(view.size, 1.0) if page is not None else 60.0,
    ]
