"""Words into reading order: lines from top to bottom, each from left to right.

Only the plain order of a page as a whole; columns and blocks are the business of layout.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idp_cdi.documents import Word

_LEFT = itemgetter(0)


def by_lines(words: Iterable[Word]) -> tuple[Word, ...]:
    """The words line by line.

    A word belongs to a line when its middle lies within the line's first word, or the other way
    round for a small word; both look at the middle half only, so that tight lines stay apart.

    >>> from idp_cdi.documents import Box, Word
    >>> [w.text for w in by_lines([Word("b", Box(50, 1, 60, 11)), Word("c", Box(0, 12, 9, 22)),
    ...                            Word("a", Box(0, 0, 9, 10))])]
    ['a', 'b', 'c']
    """
    many = list(words)
    boxes = [w.box for w in many]
    places = sorted([(b[1] + b[3], b[0], i) for i, b in enumerate(boxes)])
    lines: list[list[tuple[float, int]]] = []
    line: list[tuple[float, int]] = []
    top = bottom = 0.0
    for _, x0, place in places:
        _, y0, _, y1 = boxes[place]
        if y0 == top and y1 == bottom and line and y0 < y1:
            line.append((x0, place))  # as most words: of one line and one font
            continue
        if line:
            overlap = (y1 if y1 < bottom else bottom) - (y0 if y0 > top else top)
            height, other = y1 - y0, bottom - top
            if overlap > 0.5 * (height if height < other else other):
                line.append((x0, place))
                count = len(line)
                top += (y0 - top) / count
                bottom += (y1 - bottom) / count
                continue
        line = [(x0, place)]
        lines.append(line)
        top, bottom = y0, y1
    return tuple([many[place] for line in lines for _, place in sorted(line, key=_LEFT)])
