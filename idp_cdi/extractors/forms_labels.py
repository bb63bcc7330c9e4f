"""Where the wordings of a document type stand on the pages: label hits.

A wording is compared by its letters and digits alone, so "Order / Rev:" and "order rev" are one; on
pages read by OCR a letter or two may differ. A wording "Agency > Name" is the label "Name" in the
section, row or column "Agency".

>>> from idp_cdi.documents import Box, Document, Page, Word
>>> from idp_cdi.extractors._view import View
>>> at = (("Order", 10), ("No.:", 43), ("A17", 90))
>>> words = tuple(Word(t, Box(x, 10, x + 30, 20)) for t, x in at)
>>> view = View.of(Document("a", "0", "", "pdf", (Page(1, 595, 842, words),)))
>>> found = find(view, [Wording.of("order no", "order_number")])
>>> [(h.wording.text, h.first, h.last) for h in found]
[('order no', 0, 2)]
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from idp_cdi.documents import Box, PageSource, around
from idp_cdi.extractors._view import key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from idp_cdi.extractors._view import View

_FUZZY_FROM = 6
"""Letters that a label needs to be known with one of them misread."""
_RUNNING = 13
"""Words of a line from which it is running text."""
_LONGEST = 9
"""Words of a label at most."""
_NUMBER = re.compile(r"^(?:[(\[]?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)\],:]{1,2}|\d{1,2})$")
ITEM = re.compile(r"^[(\[]?\d{1,2}\s?(?:\([a-z]\))?[.)\],]")
"""The start of a numbered item of a form: "8.", "(8)", "8," as OCR reads it."""


_NUMBER_WORDS = frozenset(
    ["number", "no", "nr", "num", "nummer", "numero", "nro", "n", "numer", "nos", "numbers"]
)
_SHORT = {
    "inv": "invoice",
    "acct": "account",
    "amt": "amount",
    "addr": "address",
    "qty": "quantity",
    "cust": "customer",
    "reg": "registration",
}
"""Words of labels as narrow columns have them."""


@lru_cache(maxsize=65536)
def letters(text: str) -> str:
    """What labels are compared by: letters and digits; "#", "Nr." and "Number" are one.

    >>> letters("Order #") == letters("order number") == letters("Order No.:")
    True
    >>> letters("Inv. Date"), letters("Acct No")
    ('invoicedate', 'accountno')
    """
    words = (key(w) for w in text.replace("#", " no ").replace("№", " no ").split())
    return "".join("no" if w in _NUMBER_WORDS else _SHORT.get(w, w) for w in words)


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of a field's label: its text, the field, its rank among the field's wordings.

    `weight` (0–1) is how far the wording alone says the field; `language` (ISO 639-1) is "" where
    it may stand on papers of any language.
    """

    text: str
    field: str
    letters: str
    context: str = ""
    rank: int = 0
    weight: float = 1.0
    language: str = ""

    @staticmethod
    def of(
        text: str, field: str, rank: int = 0, weight: float = 1.0, language: str = ""
    ) -> Wording:
        """Make a wording from what a type definition says ("Agency > Name")."""
        context, _, label = text.rpartition(">")
        return Wording(text, field, letters(label), letters(context), rank, weight, language)


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One visual line: its words with the segment of each; `turned` as a stamp along an edge is."""

    page: int
    line: int
    words: tuple[int, ...]
    texts: tuple[str, ...]
    boxes: tuple[Box, ...]
    segments: tuple[int, ...]
    height: float
    scanned: bool = False
    turned: int = 0

    @property
    def box(self) -> Box:
        """Around the line."""
        return around(self.boxes)


@dataclass(frozen=True, slots=True, eq=False)
class LabelHit:
    """Words `first` to `last` (exclusive) of a row are a wording.

    Attributes:
        likeness: 1 for the same letters, less for a fuzzy hit.
        whole: The share of its segment that the label fills, a colon or number not counted.
        starts: It starts its segment (an item number may stand before).
        colon: It ends in a colon, "?" or "#".
        item: A numbered item starts here.
    """

    wording: Wording
    row: Row
    first: int
    last: int
    likeness: float
    whole: float
    starts: bool
    colon: bool
    item: bool
    context: float = 1.0
    extra: dict[str, float] = field(default_factory=dict)

    @property
    def box(self) -> Box:
        """Around the label."""
        return around(self.row.boxes[self.first : self.last])


def rows(view: View) -> list[Row]:
    """The visual lines of the document, top to bottom."""
    out = []
    for n, line in enumerate(view.lines):
        here = [view.segments[i] for i in line]
        page = view.page(here[0].page)
        words = [w for s in here for w in s.words]
        boxes = tuple(page.words[w].box for w in words)
        turned = here[0].turned
        heights = sorted(b.width if turned else b.height for b in boxes)
        out.append(
            Row(
                here[0].page,
                n,
                tuple(words),
                tuple(page.words[w].text for w in words),
                boxes,
                tuple(s.index for s in here for _ in s.words),
                max(heights[len(heights) // 2], 4.0),
                page.source is PageSource.OCR,
                turned,
            )
        )
    return out


def find(
    view: View, wordings: Sequence[Wording], lines: Sequence[Row] | None = None
) -> list[LabelHit]:
    """All hits of the wordings, in document order.

    Args:
        view: The document's geometry.
        wordings: Of all fields of a type.
        lines: `rows` of the view where the caller has them.
    """
    lines = lines if lines is not None else rows(view)
    known: dict[str, list[Wording]] = {}
    contexts: dict[str, str] = {}
    for w in wordings:
        known.setdefault(w.letters, []).append(w)
        if w.context:
            contexts[w.context] = w.context
    places: dict[str, list[tuple[Row, Box]]] = {c: [] for c in contexts}
    hits: list[LabelHit] = []
    spellings = _spellings(frozenset(known))
    for row in lines:
        keys = [letters(t) for t in row.texts]
        # Running text holds no labels worth a search for misread ones; that search is what costs.
        fuzzy = row.scanned and (len(keys) < _RUNNING or ITEM.match(row.texts[0]) is not None)
        for first in range(len(keys)):
            if not keys[first]:
                continue
            joined = ""
            for last in range(first + 1, min(len(keys), first + _LONGEST) + 1):
                if last - first > 1 and _apart(row, last - 1):
                    break
                joined += keys[last - 1]
                if not keys[last - 1] and last - first > 1:
                    continue
                # "foreign principal" in the middle of a sentence heads no section.
                if joined in places and _heads(row, first):
                    places[joined].append((row, _around_segment(row, first, last)))
                like = _like(joined, known, spellings, fuzzy=fuzzy)
                if like is not None:
                    hits += [_hit(w, row, first, last, like[1]) for w in known[like[0]]]
    hits += _on_two_lines(lines, known)
    return _longest([h for h in (_in_context(h, places) for h in hits) if h is not None])


_FEW = 4
"""Words of a label that goes on in the line below, on each line."""


def _on_two_lines(lines: Sequence[Row], known: dict[str, list[Wording]]) -> list[LabelHit]:
    """Labels that are broken in a narrow cell: "Date of" over "birth:"."""
    hits = []
    for row, under in pairwise(lines):
        close = under.page == row.page and under.box.y0 - row.box.y1 < 0.9 * row.height
        for first, last in _cells(row) if close else ():
            start = first + (last - first > 1 and _NUMBER.match(row.texts[first]) is not None)
            left = row.boxes[start].x0
            below = next(
                (c for c in _cells(under) if abs(under.boxes[c[0]].x0 - left) < 0.7 * row.height),
                None,
            )
            if last - start > _FEW or below is None or below[1] - below[0] > _FEW:
                continue
            texts = (*row.texts[start:last], *under.texts[below[0] : below[1]])
            for w in known.get("".join(letters(t) for t in texts), ()):
                colon = texts[-1].endswith((":", "："))
                item = ITEM.match(row.texts[first]) is not None
                hits.append(
                    LabelHit(w, row, start, last, 1.0, 1.0, starts=True, colon=colon, item=item)
                )
    return hits


def _cells(row: Row) -> list[tuple[int, int]]:
    """The ranges of words that are one segment each."""
    starts = [i for i, s in enumerate(row.segments) if not i or row.segments[i - 1] != s]
    return list(pairwise((*starts, len(row.segments))))


def _around_segment(row: Row, first: int, last: int) -> Box:
    """The box of words and of what stands before them in their cell."""
    while first and row.segments[first - 1] == row.segments[first]:
        first -= 1
    return around(row.boxes[first:last])


def _heads(row: Row, word: int) -> bool:
    """Whether words can head a section: they begin their cell, or it is no running text."""
    cell = [i for i, s in enumerate(row.segments) if s == row.segments[word]]
    if len(cell) < _RUNNING or ITEM.match(row.texts[cell[0]]):
        return True
    return not any(key(row.texts[i]) for i in cell if i < word)


def _apart(row: Row, word: int) -> bool:
    """Whether a word stands too far from the one before it to be part of one label."""
    return row.boxes[word].x0 - row.boxes[word - 1].x1 > 1.6 * row.height


class _Spellings:
    """The spellings of a type by length, with what was looked up kept."""

    def __init__(self, known: Iterable[str]) -> None:
        self._exact = frozenset(known)
        self._by_length: dict[int, list[str]] = {}
        for spelling in self._exact:
            if len(spelling) >= _FUZZY_FROM:
                self._by_length.setdefault(len(spelling), []).append(spelling)
        self._known: dict[str, tuple[str, float] | None] = {}

    def near(self, joined: str) -> tuple[str, float] | None:
        """The spelling that differs by few letters, with its likeness; None where there is none."""
        if joined not in self._known:
            self._known[joined] = self._look_up(joined)
        return self._known[joined]

    def _look_up(self, joined: str) -> tuple[str, float] | None:
        from rapidfuzz import process
        from rapidfuzz.distance import Levenshtein

        most = max(1, len(joined) // 8)
        choices = [
            s for n in range(-most, most + 1) for s in self._by_length.get(len(joined) + n, ())
        ]
        best = process.extractOne(joined, choices, scorer=Levenshtein.distance, score_cutoff=most)
        if best is None or best[1] > max(1, len(best[0]) // 8):
            return None
        return best[0], 1.0 - best[1] / len(best[0])


@lru_cache(maxsize=16)
def _spellings(known: frozenset[str]) -> _Spellings:
    return _Spellings(known)


def _like(
    joined: str, known: dict[str, list[Wording]], spellings: _Spellings, *, fuzzy: bool
) -> tuple[str, float] | None:
    if joined in known:
        return joined, 1.0
    if not fuzzy or len(joined) < _FUZZY_FROM or joined.isdigit():
        return None
    return spellings.near(joined)


def _hit(wording: Wording, row: Row, first: int, last: int, likeness: float) -> LabelHit:
    segment = row.segments[first]
    inside = [i for i, s in enumerate(row.segments) if s == segment]
    lead = [row.texts[i] for i in inside if i < first]
    numbered = bool(lead) and all(_NUMBER.match(t) or not key(t) for t in lead)
    starts = not lead or numbered
    end = row.texts[last - 1]
    after = row.texts[last] if last < len(row.texts) and row.segments[last] == segment else ""
    colon = end.endswith((":", "?", "#", "：")) or after in (":", "#", "?")
    total = sum(len(key(row.texts[i])) for i in inside if not (numbered and i < first))
    length = sum(len(key(t)) for t in row.texts[first:last])
    item = ITEM.match(row.texts[inside[0]]) is not None and starts
    whole = min(1.0, length / max(total, 1))
    if _in_remark(row, first, inside[0]):
        likeness *= 0.3
    return LabelHit(wording, row, first, last, likeness, whole, starts, colon, item)


def _in_remark(row: Row, word: int, start: int) -> bool:
    """Whether a word of a cell stands in a remark in brackets: "Address (street, city, ZIP)"."""
    text = row.texts[word]
    before = "".join(row.texts[start:word]) + text[:1]
    alone = text.startswith("(") and text.endswith(")")  # "Account (IBAN)"
    return not alone and before.rfind("(") > max(0, before.rfind(")"))


def _longest(hits: list[LabelHit]) -> list[LabelHit]:
    """Drop hits that lie inside a longer hit, and weaker twins of one wording at one place."""
    hits = sorted(
        hits,
        key=lambda h: (h.row.line, -(h.last - h.first), -h.likeness * h.context * h.wording.weight),
    )
    taken: dict[int, list[LabelHit]] = {}
    out = []
    for h in hits:
        others = taken.setdefault(h.row.line, [])
        inside = any(
            o.first <= h.first
            and h.last <= o.last
            and ((o.first, o.last) != (h.first, h.last) or o.wording.field == h.wording.field)
            and o.likeness >= h.likeness - 0.05
            for o in others
        )
        if not inside:
            others.append(h)
            out.append(h)
    return sorted(out, key=lambda h: (h.row.line, h.first))


def _in_context(hit: LabelHit, places: dict[str, list[tuple[Row, Box]]]) -> LabelHit | None:
    """The hit with how near its context stands, None where a wanted context is missing."""
    if not hit.wording.context:
        return hit
    best = 0.0
    box, height = hit.box, hit.row.height
    for row, other in places[hit.wording.context]:
        if row.page != hit.row.page or (row is hit.row and other.x0 >= box.x0):
            continue
        if row.line == hit.row.line:
            best = max(best, 1.0)
        elif other.y0 < box.y0 and other.x0 <= box.x1 + 2 * height:
            lines = (box.y0 - other.y1) / height
            best = max(
                best, 0.95 if lines < 3 else 0.8 if lines < 8 else 0.5 if lines < 20 else 0.0
            )
    if best == 0.0:
        return None
    return LabelHit(
        hit.wording,
        hit.row,
        hit.first,
        hit.last,
        hit.likeness,
        hit.whole,
        hit.starts,
        hit.colon,
        hit.item,
        best,
        hit.extra,
    )
