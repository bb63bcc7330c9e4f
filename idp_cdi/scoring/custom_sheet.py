"""A document as forms are read: its rows, the labels of a type on them, and places on them.

`Sheet` is made once for a document and a type; `Evidence` is a reason to take some words (`Spot`)
for a value.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from idp_cdi.documents import Box, around
from idp_cdi.extractors import clauses_dates, forms
from idp_cdi.extractors._lexicon import language
from idp_cdi.extractors.forms_labels import LabelHit, Row, find, rows

if TYPE_CHECKING:
    from idp_cdi.extractors._view import View
    from idp_cdi.scoring.custom_types import DocType


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """Words of one or more rows: where a value stands."""

    pieces: tuple[tuple[Row, int, int], ...]

    @property
    def row(self) -> Row:
        """The first row."""
        return self.pieces[0][0]

    @property
    def page(self) -> int:
        """Page, from 1."""
        return self.pieces[0][0].page

    @property
    def box(self) -> Box:
        """Around the words on the first page."""
        return around(b for r, a, z in self.pieces if r.page == self.page for b in r.boxes[a:z])

    @property
    def raw(self) -> str:
        """The words as printed."""
        return " ".join(t for r, a, z in self.pieces for t in r.texts[a:z])

    @property
    def words(self) -> frozenset[tuple[int, int]]:
        """Line and word index of each word."""
        return frozenset((r.line, i) for r, a, z in self.pieces for i in range(a, z))


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """A reason to take `value` for `field`; `strength` is 0–1. `hit` is None without a label."""

    field: str
    value: str
    spot: Spot
    strength: float
    factors: dict[str, float]
    hit: LabelHit | None = None
    relation: str = "none"


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A document as forms are read: rows, label hits, and how dates in digits are written."""

    view: View
    lines: list[Row]
    hits: list[LabelHit]
    hits_of: dict[int, list[LabelHit]]
    day_first: bool | None
    certainty: dict[tuple[int, int], float]
    heads: frozenset[int] = frozenset()
    language: str = ""

    @staticmethod
    def of(view: View, kind: DocType) -> Sheet:
        """Find the labels of a type on the pages of a document."""
        lines = rows(view)
        text = view.document.text
        day_first = kind.day_first
        if day_first is None:
            day_first = not clauses_dates.american(text)
        doubts = {
            (r.line, i): view.page(r.page).words[w].confidence
            for r in lines
            for i, w in enumerate(r.words)
        }
        hits = find(view, kind.wordings, lines)
        hits_of: dict[int, list[LabelHit]] = defaultdict(list)
        for h in hits:
            hits_of[h.row.line].append(h)
        spoken = view.document.language or language(text)
        return Sheet(view, lines, hits, hits_of, day_first, doubts, _heads(lines), spoken)

    def speaks(self, hit: LabelHit) -> float:
        """How far a label counts on a paper in this language: "Firma" signs in Spanish alone."""
        own = hit.wording.language
        if not self.language or own in ("", self.language):
            return 1.0
        return 0.85 if own == "en" else 0.5


def _heads(lines: list[Row]) -> frozenset[int]:
    """The lines that look like heads of a table: words without figures, columns under them."""
    return frozenset(r.line for r, under in pairwise(lines) if _is_head(r, under))


def _is_head(row: Row, under: Row) -> bool:
    cells = forms.chunks(row)
    if len(cells) < 3 or under.page != row.page or under.box.y0 - row.box.y1 > 2 * row.height:
        return False
    if any(c.isdigit() or c == ":" for t in row.texts for c in t):
        return False
    below = [(under.boxes[a].x0, under.boxes[b - 1].x1) for a, b in forms.chunks(under)]
    if len(below) < 2 or not any(c.isdigit() for t in under.texts for c in t):
        return False
    # Many columns need only overlap what is under them: figures stand to the right, words centred.
    slack = 0.6 * row.height
    met = 0
    for a, b in cells:
        left, right = row.boxes[a].x0, row.boxes[b - 1].x1
        aligned = any(abs(x - left) < slack for x, _ in below)
        met += aligned or (len(cells) > 4 and any(x < right and left < y for x, y in below))
    return met >= (2 if len(cells) < 5 else 0.6 * len(cells))
