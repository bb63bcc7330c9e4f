"""Extractors: from a document to candidates, spans that could be the value of a field.

A way is a module of this folder that has

    NAME        its name, written into `Candidate.way`
    KINDS       the kinds of value that it finds ("date", "amount", "name" …)
    candidates  ``(document: Document, view: View) -> list[Candidate]``

It says what a span *could be*, normalised where that is possible, and never what role it plays:
that is for `idp_cdi.scoring`. It must not raise on any page; a span that can't be read as its
kind is no candidate. Modules whose name starts with an underscore are shared by the ways: `_view`
(lines, segments and blocks of the pages), `_lexicon` (label wordings as concepts). To add a way,
add its module and a test in ``tests/extractors``.

>>> from idp_cdi.documents import Box, Document, Page, Word
>>> words = (Word("Total", Box(10, 10, 40, 20)), Word("12,50", Box(50, 10, 80, 20)))
>>> page = Page(1, 595, 842, words)
>>> document = Document("a.pdf", "", "application/pdf", "pdf", (page,))
>>> [c.value for c in find(document, kinds={"amount"}) if c.kind == "amount"]
['12.50']
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection

    from idp_cdi.documents import Box, Document
    from idp_cdi.extractors._view import View


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of one page that could be the value of a field.

    Attributes:
        kind: Kind of value, as in ``data/fields.yaml`` ("date", "amount", "name" …).
        value: Normalised: dates ISO 8601, amounts plain decimals, else as printed.
        raw: The text as printed.
        page: From 1.
        words: Indexes of its words in ``page.words``, in reading order.
        box: Around the words, in points.
        way: Name of the extractor that found it.
        hints: What the extractor knows about it, as numbers ("valid": 1.0: check digits passed).
        parts: Pieces of a composed value (an address has street, postal_code, city …).
        others: Other readings of the same span (01/02/2024 has two), never empty strings.
    """

    kind: str
    value: str
    raw: str
    page: int
    words: tuple[int, ...]
    box: Box
    way: str
    hints: dict[str, float] = field(default_factory=dict)
    parts: dict[str, Candidate] = field(default_factory=dict)
    others: tuple[str, ...] = ()

    @property
    def start(self) -> int:
        """Index of its first word on the page."""
        return self.words[0]

    @property
    def end(self) -> int:
        """Index behind its last word on the page."""
        return self.words[-1] + 1


class Extractor(Protocol):
    """The names that a module of this folder has."""

    NAME: str
    KINDS: tuple[str, ...]

    def candidates(self, document: Document, view: View) -> list[Candidate]:
        """All spans of the document that could be a value of its kinds."""


def find(
    document: Document, *, kinds: Collection[str] = (), view: View | None = None
) -> list[Candidate]:
    """The candidates of the typed patterns, in document order.

    Args:
        document: As read.
        kinds: Only these kinds; none means all.
        view: The document's geometry where the caller has it already.
    """
    from importlib import import_module

    from idp_cdi.extractors._view import View

    view = view if view is not None else View.of(document)
    found: list[Candidate] = []
    for name in PATTERNS:
        way = import_module(f"idp_cdi.extractors.{name}")
        if not kinds or set(kinds) & set(way.KINDS):
            found += way.candidates(document, view)
    return sorted(found, key=lambda c: (c.page, c.words))


PATTERNS = ("dates", "amounts", "identifiers", "contacts", "places", "parties")
"""The ways that need no model and no language; they cost a few milliseconds a page."""
