"""Lines of a scan, which need not be level: photographed and crumpled paper, stamps along an edge.

Boxes of neighbouring lines overlap there, so height alone does not tell which line a word is of: it
joins the line of the word next to it, and no line has two words in one place.

>>> from idp_cdi.documents import Box
>>> climbing = [Box(0, 20, 40, 44), Box(50, 16, 90, 40), Box(0, 31, 40, 55), Box(50, 27, 90, 51)]
>>> slanting(climbing, [1, 0, 3, 2])
[[0, 1], [2, 3]]
"""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.documents import Box, Word

_ELSEWHERE = 1e9
"""How far a word is off a line that cannot be its own."""


def slanting(boxes: Sequence[Box], order: Sequence[int]) -> list[list[int]]:
    """The words of each line, top to bottom, each left to right.

    Args:
        boxes: Of all words of a page.
        order: Indexes of the words that are to be set in lines, the upper ones first.
    """
    rows: list[_Row] = []
    for i in order:
        box = boxes[i]
        home, nearest = None, _ELSEWHERE
        for row in rows[: -5 if len(rows) > 4 else None : -1]:
            overlap = min(row.bottom, box.y1) - max(row.top, box.y0)
            if overlap > 0.55 * min(row.bottom - row.top, box.y1 - box.y0):
                off = row.off(box)
                if off < nearest:
                    home, nearest = row, off
        if home is None:
            rows.append(_Row(box.y0, box.y1, [(box.x0, i, box)]))
        else:
            home.add(i, box)
    rows.sort(key=lambda r: r.top + r.bottom)
    return [[i for _, i, _ in row.members] for row in rows]


@dataclass(slots=True)
class _Row:
    """A line of words in the making, its members from left to right."""

    top: float
    bottom: float
    members: list[tuple[float, int, Box]]

    def add(self, word: int, box: Box) -> None:
        """Take a word into the line."""
        insort(self.members, (box.x0, word, box))
        n = len(self.members)
        # The mean, not the union: a line that is not quite level must not swallow the next.
        self.top += (box.y0 - self.top) / n
        self.bottom += (box.y1 - self.bottom) / n

    def off(self, box: Box) -> float:
        """How far a word of a scan is off this line, in points.

        Photographed and crumpled paper has lines that are not level: what counts is the word next
        to it. And no line has two words in one place.
        """
        at = bisect_right(self.members, (box.x0,))
        near = [m for _, _, m in self.members[max(0, at - 1) : at + 1]]
        for m in near:
            if min(box.x1, m.x1) - max(box.x0, m.x0) > 0.5 * min(box.width, m.width):
                return _ELSEWHERE
        closest = min(near, key=lambda m: max(m.x0 - box.x1, box.x0 - m.x1))
        return abs(closest.middle - box.middle)


def standing(words: Sequence[Word]) -> list[list[int]]:
    """The words of each line at a right angle to the page, in the order in which it is read.

    Args:
        words: All words of a page; those of such lines follow each other.
    """
    rows: list[list[int]] = []
    last: Word | None = None
    for i, word in enumerate(words):
        if not word.turned:
            continue
        if last is None or not _goes_on(last, word):
            rows.append([])
        rows[-1].append(i)
        last = word
    return rows


def _goes_on(word: Word, after: Word) -> bool:
    """Whether one word at a right angle to the page follows another on its line."""
    if after.turned != word.turned:
        return False
    width = min(word.box.width, after.box.width)
    shared = min(word.box.x1, after.box.x1) - max(word.box.x0, after.box.x0)
    upper, lower = (word, after) if word.turned == 90 else (after, word)
    return shared > 0.5 * width and -width < lower.box.y0 - upper.box.y1 < 3 * width
