"""Forms of any kind: what a label points to, and label–value pairs nobody asked for.

A label's answer stands behind it in the same cell, to the right, below (under column heads and in
numbered items), or above, where a caption stands under a line ("(Signature)"). `answers` gives all
of these with their distances; nothing is decided here.

>>> from idp_cdi.documents import Box, Document, Page, Word
>>> from idp_cdi.extractors import forms_labels as L
>>> from idp_cdi.extractors._view import View
>>> at = (("Order", 10, 10), ("No.", 43, 10), ("A17", 120, 10), ("A18", 12, 24))
>>> words = tuple(Word(t, Box(x, y, x + 30, y + 10)) for t, x, y in at)
>>> view = View.of(Document("a", "0", "", "pdf", (Page(1, 595, 842, words),)))
>>> hits = L.find(view, [L.Wording.of("order no", "order_number")])
>>> [(a.relation, a.texts) for a in answers(hits[0], L.rows(view), hits)]
[('right', ('A17',)), ('below', ('A18',))]
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp_cdi.documents import Box, around
from idp_cdi.extractors._lexicon import hits as known_labels
from idp_cdi.extractors.forms_labels import ITEM, LabelHit, Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.extractors._view import View

_JOIN, _JOIN_SCANNED = 1.25, 2.3
"""Gap, in letter heights, up to which pieces of a line are one answer; OCR tears words apart."""
_FAR = 45.0
"""Heights to the right up to which an answer is looked for."""
_ROOM = 6.0
"""Heights that a numbered item may leave blank above its answer."""
_LINES = 5
"""Lines below a label that may hold its answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Words that a label may point to.

    Attributes:
        relation: "same" (behind the label in its cell), "right", "below", "above".
        row: The line of the words.
        first: First word in the row.
        last: The word after the last.
        dx: Gap to the side in letter heights, 0 when it overlaps.
        dy: Gap downwards in letter heights.
        step: Which answer of its relation this is, from 0.
        blocked: Other labels between the label and it.
    """

    relation: str
    row: Row
    first: int
    last: int
    dx: float
    dy: float
    step: int
    blocked: int = 0

    @property
    def texts(self) -> tuple[str, ...]:
        """The words."""
        return self.row.texts[self.first : self.last]

    @property
    def box(self) -> Box:
        """Around the words, in points."""
        return around(self.row.boxes[self.first : self.last])


def chunks(row: Row, first: int = 0, last: int | None = None) -> list[tuple[int, int]]:
    """Split the words of a row where a wide gap stands: ranges of word indexes."""
    last = len(row.texts) if last is None else last
    out: list[tuple[int, int]] = []
    join = (_JOIN_SCANNED if row.scanned else _JOIN) * row.height
    for i in range(first, last):
        if out and row.boxes[i].x0 - row.boxes[i - 1].x1 <= join:
            out[-1] = (out[-1][0], i + 1)
        else:
            out.append((i, i + 1))
    return out


def answers(hit: LabelHit, lines: Sequence[Row], hits: Sequence[LabelHit]) -> list[Answer]:
    """What stands where the answer to a label may stand, nearest first within each relation.

    Args:
        hit: The label.
        lines: All rows of the document.
        hits: All labels found; an answer ends before the next one.
    """
    marks = _marks(hits)
    out = _behind(hit, marks)
    out += _below(hit, lines, marks)
    out += _above(hit, lines, marks)
    return out


def _marks(hits: Sequence[LabelHit]) -> dict[int, list[tuple[int, int]]]:
    """Word ranges of labels by line, only those that really look like labels."""
    out: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for h in hits:
        if h.colon or h.whole > 0.85:
            out[h.row.line].append((h.first, h.last))
    return out


def _behind(hit: LabelHit, marks: dict[int, list[tuple[int, int]]]) -> list[Answer]:
    row, out = hit.row, []
    ends = [a for a, _ in marks.get(row.line, ()) if a >= hit.last]
    segment = row.segments[hit.last - 1]
    stop = hit.last
    while stop < len(row.texts) and row.segments[stop] == segment and stop not in ends:
        stop += 1
    start = hit.last
    while start < stop and not any(c.isalnum() for c in row.texts[start]):
        start += 1
    if start < stop:
        out.append(Answer("same", row, start, stop, 0.0, 0.0, 0))
    blocked = 0
    for step, (first, last) in enumerate(chunks(row, stop)[:3]):
        gap = (row.boxes[first].x0 - row.boxes[hit.last - 1].x1) / row.height
        if gap > _FAR:
            break
        cut = next((e for e in ends if first < e < last), last)
        blocked += sum(1 for e in ends if stop <= e <= first)
        out.append(Answer("right", row, first, cut, gap, 0.0, step, blocked))
        if step == 0 and cut - first > 1 and row.segments[first] != row.segments[cut - 1]:
            piece = row.segments[first]
            end = next(i for i in range(first, cut) if row.segments[i] != piece)
            out.append(Answer("right", row, first, end, gap, 0.0, step, blocked))
    return out


def _below(
    hit: LabelHit, lines: Sequence[Row], marks: dict[int, list[tuple[int, int]]]
) -> list[Answer]:
    row, box, out = hit.row, hit.box, []
    right = _right_bound(hit)
    start = _cell_start(hit)
    left = row.boxes[start].x0 - 2.0 * row.height
    # Below item 8 comes item 9; what begins with 1 there is a list in its answer.
    own = _number(row.texts[start])
    bottom, step, blocked = box.y1, 0, 0
    for other in lines[row.line + 1 : row.line + 14]:
        if other.page != row.page or other.turned:  # stamps along an edge follow the page's lines
            break
        here = [
            (a, b)
            for a, b in _columns(other, left, right)
            if other.boxes[a].x0 < right
            and other.boxes[b - 1].x1 > left + row.height
            # A stamped number may be so high that it begins above its own label.
            and other.boxes[a].y0 + other.boxes[a].y1 > 2 * box.y0 + row.height
        ]
        if not here:
            continue
        gap = (other.boxes[here[0][0]].y0 - bottom) / row.height
        if gap > (2.5 if step else _ROOM if own else 4.0) or step >= _LINES:
            break
        number = _number(other.texts[here[0][0]])
        if number and _words_follow(other, here[0]) and not number == step + 1 < own:
            break
        labels = marks.get(other.line, ())
        for a, b in here[:2]:
            if any(a <= f < b and (f - a < 1) for f, _ in labels):
                blocked += 1
                continue
            side = max(0.0, other.boxes[a].x0 - box.x1, box.x0 - other.boxes[b - 1].x1)
            dy = (other.boxes[a].y0 - box.y1) / row.height
            out.append(Answer("below", other, a, b, side / row.height, max(dy, 0.0), step, blocked))
        step += 1
        bottom = max(other.boxes[i].y1 for a, b in here for i in range(a, b))
    return out


def _cell_start(hit: LabelHit) -> int:
    """The first word of the cell or sentence in which a label stands."""
    row, first = hit.row, hit.first
    while first and row.segments[first - 1] == row.segments[hit.first]:
        first -= 1
    return first


def _number(text: str) -> int:
    """The number of a numbered item that begins with this word, 0 where none does."""
    return int("".join(c for c in text[:3] if c.isdigit())) if ITEM.match(text) else 0


def _words_follow(row: Row, piece: tuple[int, int]) -> bool:
    """Whether a numbered piece goes on with words: the next item, not a number as answer."""
    return any(c.isalpha() for t in row.texts[piece[0] + 1 : piece[1]] for c in t)


def _right_bound(hit: LabelHit) -> float:
    """Where the column of a label ends: before the next words on its line, else the page's edge."""
    row = hit.row
    for i in range(hit.last, len(row.texts)):
        if row.segments[i] != row.segments[hit.last - 1]:
            return row.boxes[i].x0 - 0.5 * row.height
    return 10_000.0


def _columns(row: Row, left: float, right: float) -> list[tuple[int, int]]:
    """The pieces of a row that begin inside a column, or reach into it from the left."""
    out = []
    for a, b in chunks(row):
        first = a
        while first < b and row.boxes[first].x0 < left:
            first += 1
        # A piece that began before the column belongs to another one, unless a cell starts here.
        if first != a and (first == b or row.segments[first] == row.segments[first - 1]):
            continue
        last = first
        while last < b and row.boxes[last].x0 < right:
            last += 1
        if last > first:
            out.append((first, last))
    return out


_BEFORE_CAPTION = 6.0
"""Heights by which what is written above a caption in brackets may end before it."""


def _above(
    hit: LabelHit, lines: Sequence[Row], marks: dict[int, list[tuple[int, int]]]
) -> list[Answer]:
    row, box, out = hit.row, hit.box, []
    right = min(_right_bound(hit), box.x1 + 18 * row.height)
    # A caption in brackets stands in the middle of its line; what is written may begin before it.
    caption = hit.first == 0 and row.texts[0].startswith("(")
    left = box.x0 - (_BEFORE_CAPTION * row.height if caption else 0.0)
    step = 0
    for other in reversed(lines[max(0, row.line - 4) : row.line]):
        if other.page != row.page or box.y0 - other.box.y1 > 3.0 * row.height or step >= 2:
            break
        for a, b in chunks(other):
            if other.boxes[b - 1].x1 < left or other.boxes[a].x0 > right:
                continue
            if any(f < b and a < g for f, g in marks.get(other.line, ())):
                continue
            dy = max(0.0, (box.y0 - other.boxes[a].y1) / row.height)
            off = max(other.boxes[a].x0 - box.x1, box.x0 - other.boxes[b - 1].x1)
            side = max(0.0, off) / row.height
            out.append(Answer("above", other, a, b, side, dy, step))
        step += 1
    return out


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and the value beside or below it, whatever they mean."""

    label: str
    value: str
    page: int
    box: Box


_LABEL_END = re.compile(r"[:：]$")


def pairs(view: View, lines: Sequence[Row]) -> list[Pair]:
    """Label–value pairs of the document, known or not: "Label: value" and numbered items.

    Args:
        view: The document's geometry.
        lines: `rows` of the view.
    """
    out = []
    for row in lines:
        for a, b in chunks(row):
            end = next((i for i in range(a, min(b, a + 8)) if _LABEL_END.search(row.texts[i])), -1)
            numbered = ITEM.match(row.texts[a]) is not None and b - a <= 8
            if end < 0 and not numbered:
                continue
            last = end + 1 if end >= 0 else b
            label = " ".join(row.texts[a:last]).strip(" :：")
            label = re.sub(r"^[(\[]?\d{1,2}\s?[.)\],]\s*", "", label)
            if not 2 <= len(label) <= 60 or not any(c.isalpha() for c in label):
                continue
            found = _beside(row, last, b) or _under(row, a, last, lines)
            if found is not None:
                out.append(Pair(label, *found))
    return out


def _beside(row: Row, last: int, end: int) -> tuple[str, int, Box] | None:
    if last >= end:
        following = [c for c in chunks(row, end) if c[0] >= end][:1]
        if not following:
            return None
        last, end = following[0]
        if row.boxes[last].x0 - row.boxes[last - 1].x1 > 20 * row.height:
            return None
    stop = next((i for i in range(last, end) if _LABEL_END.search(row.texts[i])), -1)
    if stop >= 0:
        return None
    text = " ".join(row.texts[last:end]).strip(" _|")
    if not any(c.isalnum() for c in text):
        return None
    return text, row.page, around(row.boxes[last:end])


def _under(row: Row, first: int, last: int, lines: Sequence[Row]) -> tuple[str, int, Box] | None:
    left, right = row.boxes[first].x0 - row.height, row.boxes[last - 1].x1 + 8 * row.height
    for other in lines[row.line + 1 : row.line + 3]:
        if other.page != row.page or other.box.y0 - row.boxes[first].y1 > 2.5 * row.height:
            return None
        for a, b in chunks(other):
            if left <= other.boxes[a].x0 < right:
                texts = other.texts[a:b]
                label = any(_LABEL_END.search(t) for t in texts) or ITEM.match(texts[0])
                if label or (known_labels(texts) and b - a < 4):
                    return None
                return " ".join(texts), other.page, around(other.boxes[a:b])
    return None
