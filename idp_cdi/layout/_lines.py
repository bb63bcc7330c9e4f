"""Words to lines, lines to segments.

A word joins a line when it overlaps the line's height by half; a segment ends where the gap is
wide for the size of print and for the other gaps of the line, or where a drawn line stands in it.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from idp_cdi.documents import Box, around

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.documents import Word

WIDE = 0.85  # of the height of print: a gap this wide may part two segments
SURE = 2.2  # of the height of print: a gap this wide always does


def lines_of(words: Sequence[Word]) -> list[list[Word]]:
    """Words grouped into lines, top to bottom, each left to right."""
    lines: list[list[Word]] = []
    spans: list[tuple[float, float]] = []
    for word in sorted(words, key=lambda w: (w.box[1] + w.box[3], w.box[0])):
        _, y0, _, y1 = word.box
        best, best_overlap = -1, 0.0
        for index in range(len(lines) - 1, max(-1, len(lines) - 4), -1):
            top, bottom = spans[index]
            least = min(y1 - y0, bottom - top)
            overlap = min(y1, bottom) - max(y0, top)
            if overlap > 0.5 * least and overlap > best_overlap:
                best, best_overlap = index, overlap
        if best < 0:
            lines.append([word])
            spans.append((y0, y1))
        else:
            line = lines[best]
            line.append(word)
            top, bottom = spans[best]
            count = min(len(line), 12)
            spans[best] = (top + (y0 - top) / count, bottom + (y1 - bottom) / count)
    for line in lines:
        line.sort(key=lambda w: w.box[0])
    order = sorted(range(len(lines)), key=lambda i: (sum(spans[i]), lines[i][0].box[0]))
    return [lines[i] for i in order]


def is_sideways(word: Word) -> bool:
    """Does the word run up or down the page? Such words stand in margins, each a line of its own.

    >>> from idp_cdi.documents import Box, Word
    >>> is_sideways(Word("Copyright", Box(10, 10, 18, 60)))
    True
    """
    return len(word.text) > 2 and word.box[3] - word.box[1] > 2.0 * (word.box[2] - word.box[0])


def segments_of(line: Sequence[Word], walls: Sequence[Box]) -> list[list[Word]]:
    """A line cut at wide gaps and at upright drawn lines (`walls`)."""
    if len(line) < 2:
        return [list(line)]
    gaps = [b.box[0] - a.box[2] for a, b in pairwise(line)]
    height = print_height(line)
    usual = median(sorted(g for g in gaps if g > 0)[: max(1, len(gaps) * 3 // 4)] or [0.0])
    limit = min(SURE * height, max(WIDE * height, 1.9 * usual))
    parts = [[line[0]]]
    for gap, word in zip(gaps, line[1:], strict=True):
        if gap > limit or (walls and _walled(parts[-1][-1].box, word.box, walls)):
            parts.append([word])
        else:
            parts[-1].append(word)
    return parts


def print_height(words: Sequence[Word]) -> float:
    """The height of print of some words, in points: the median of their sizes or boxes."""
    sizes = [w.size * 1.15 if w.size > 0 else w.box[3] - w.box[1] for w in words]
    return max(1.0, median(sizes))


def _walled(left: Box, right: Box, walls: Sequence[Box]) -> bool:
    middle = (left.middle + right.middle) / 2
    return any(
        left[2] - 1 <= (w[0] + w[2]) / 2 <= right[0] + 1 and w[1] <= middle <= w[3] for w in walls
    )


def box_of(words: Sequence[Word]) -> Box:
    """The box around some words."""
    return around(w.box for w in words)
