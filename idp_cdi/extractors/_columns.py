"""Columns that stand so close that a blank of theirs is hardly wider than one between words.

Where lines near by begin at the same place after a wide blank, a line that has a word there, after
a blank somewhat wider than usual, is two lines side by side. So it is where none of the blanks is
wide, if they are clear and lie one above the other.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.documents import Box

_NEAR = 6
"""Rows above and below that count."""
_ROWS = 2
"""Of them so many must begin a column at the place."""
_WIDER = 1.7
"""A blank between columns is so many times as wide as the usual one between words."""
_CLEAR = 2.5
"""One that tells of a column by itself. (Words of a justified line seldom lie so far apart.)"""


def in_columns(
    boxes: Sequence[Box], rows: list[list[list[int]]], height: float, blank: float
) -> list[list[list[int]]]:
    """The rows of a page with their parts parted further where columns begin.

    Args:
        boxes: Of the words of the page, whose places are exact (a text layer's).
        rows: The parts of each row, from the top, as indexes of words.
        height: The usual height of a word, in points.
        blank: The usual blank between words, in points; 0 where it is not known.
    """
    if blank <= 0.0 or height <= 0.0:
        return rows
    starts: dict[int, list[int]] = {}
    heads: dict[int, list[int]] = {}
    for number, parts in enumerate(rows):
        for place, part in enumerate(parts):
            found = starts if place else heads
            found.setdefault(round(boxes[part[0]][0]), []).append(number)
            for last, word in pairwise(part):
                x0, y0, _, y1 = boxes[word]
                if x0 - boxes[last][2] > _CLEAR * blank / height * (y1 - y0):
                    starts.setdefault(round(x0), []).append(number)
    if not starts:
        return rows
    # A line may also begin where the column does, with nothing beside it.
    for x in starts:
        starts[x] += heads.get(x, ())
    return [
        [piece for part in parts for piece in _parted(boxes, part, number, starts, blank / height)]
        for number, parts in enumerate(rows)
    ]


def _parted(
    boxes: Sequence[Box], part: list[int], number: int, starts: dict[int, list[int]], wide: float
) -> list[list[int]]:
    pieces = [[part[0]]] if part else []
    for last, word in pairwise(part):
        x0, y0, _, y1 = boxes[word]
        if x0 - boxes[last][2] > _WIDER * wide * (y1 - y0) and _begins(round(x0), number, starts):
            pieces.append([word])
        else:
            pieces[-1].append(word)
    return pieces


def _begins(x: int, number: int, starts: dict[int, list[int]]) -> bool:
    """Whether columns begin at a place in enough of the rows near by."""
    near = {
        row
        for place in (x - 1, x, x + 1)
        for row in starts.get(place, ())
        if row != number and abs(row - number) <= _NEAR
    }
    return len(near) >= _ROWS
