"""Words into reading order: lines from top to bottom, each from left to right.

Only the plain order of a page as a whole; columns and blocks are the business of layout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idp_cdi.documents import Word


def by_lines(words: Iterable[Word]) -> tuple[Word, ...]:
    """The words line by line.

    A word belongs to a line when its middle lies within the line's first word, or the other way
    round for a small word; both look at the middle half only, so that tight lines stay apart.

    >>> from idp_cdi.documents import Box, Word
    >>> [w.text for w in by_lines([Word("b", Box(50, 1, 60, 11)), Word("c", Box(0, 12, 9, 22)),
    ...                            Word("a", Box(0, 0, 9, 10))])]
    ['a', 'b', 'c']
    """
    lines: list[list[Word]] = []
    tops: list[float] = []
    bottoms: list[float] = []
    many = list(words)
    boxes = [w.box for w in many]
    places = sorted((b[1] + b[3], b[0], i) for i, b in enumerate(boxes))
    for _, _, place in places:
        word = many[place]
        _, y0, _, y1 = boxes[place]
        if lines:
            overlap = min(y1, bottoms[-1]) - max(y0, tops[-1])
            least = min(y1 - y0, bottoms[-1] - tops[-1])
            if overlap > 0.5 * least:
                lines[-1].append(word)
                count = len(lines[-1])
                tops[-1] += (y0 - tops[-1]) / count
                bottoms[-1] += (y1 - bottoms[-1]) / count
                continue
        lines.append([word])
        tops.append(y0)
        bottoms.append(y1)
    return tuple(w for line in lines for w in sorted(line, key=lambda w: w.box[0]))
