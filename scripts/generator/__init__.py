"""Made-up business papers with exact gold, from a grammar of layouts.

`documents` yields them in memory, as readers would hand them over; `scripts/generate_documents.py`
draws the same ones as PDF or scan. A paper is set by one of several hundred layout families
(`design.families`), each fifth of which is held back from training (`design.held_back`).

>>> one = next(documents(1, seed=3, types=("invoice",)))
>>> one.type, bool(one.spans), one.gold["invoice_number"] != []
('invoice', True, True)
"""

from __future__ import annotations

from .design import families, held_back
from .make import GeneratedDocument, Span, documents, generate

__all__ = ["GeneratedDocument", "Span", "documents", "families", "generate", "held_back"]
