"""Pages of one layout: how alike two of them are, and where a place of one lies on the other.

A page looks the same when many of its words stand in the same columns; those words then anchor
every place on it.

>>> from idp_cdi.documents import Word
>>> def words(*parts): return tuple(Word(t, Box(x, y, x + 6 * len(t), y + 10)) for t, x, y in parts)
>>> old = words(("Rechnung", 50, 50), ("Betrag", 50, 90), ("12,50", 200, 90))
>>> new = words(("Rechnung", 50, 50), ("Betrag", 50, 102), ("7,10", 206, 102))
>>> spot = Alignment(old, new).moved(Box(200, 90, 230, 100))
>>> [w.text for w in reading(new, spot, right_aligned=True)]
['7,10']
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp_cdi.documents import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from idp_cdi.documents import Word

#: Share of words in the same columns from which two pages have one layout.
ALIKE = 0.35
#: Fewer such words say nothing.
_FEW = 8


class Alignment:
    """How a page of a layout lies on another one, by the words that stand on both.

    Args:
        theirs: Words of the page that places are known of.
        ours: Words of the page on which they are looked for.
    """

    def __init__(self, theirs: Sequence[Word], ours: Sequence[Word]) -> None:
        self._pairs = _anchors(theirs, ours)

    def moved(self, box: Box) -> Box:
        """Where `box` of their page lies on ours; unmoved where nothing anchors it."""
        outside = [(a, b) for a, b in self._pairs if not overlap(a.box, box)]
        if not outside:
            return box
        a, b = min(outside, key=lambda pair: _distance(pair[0].box, box))
        dx, dy = b.box.x0 - a.box.x0, b.box.y0 - a.box.y0
        return Box(box.x0 + dx, box.y0 + dy, box.x1 + dx, box.y1 + dy)


def reading(words: Sequence[Word], spot: Box, *, right_aligned: bool = False) -> list[Word]:
    """The words at `spot`, and what belongs to them to the right (left for amounts)."""
    lines = _lines(words, spot)
    if not lines:
        return []
    size = sorted(w.box.height for w in lines)[len(lines) // 2]
    inside = [w for w in lines if w.box.x1 > spot.x0 - 2 and w.box.x0 < spot.x1 + 2]
    if not inside:
        # The value may be shorter or longer than theirs: look where it begins or ends.
        edge = spot.x1 if right_aligned else spot.x0
        inside = [
            w for w in lines if abs((w.box.x1 if right_aligned else w.box.x0) - edge) < 2 * size
        ]
    grown = list(inside)
    rest = sorted((w for w in lines if w not in grown), key=lambda w: w.box.x0)
    for word in reversed(rest) if right_aligned else rest:
        for mate in list(grown):
            gap = mate.box.x0 - word.box.x1 if right_aligned else word.box.x0 - mate.box.x1
            if -1 <= gap < 0.6 * size and abs(word.box.middle - mate.box.middle) < 0.5 * size:
                grown.append(word)
                break
    order = {id(w): i for i, w in enumerate(words)}
    return sorted(grown, key=lambda w: order[id(w)])


def _lines(words: Sequence[Word], spot: Box) -> list[Word]:
    """The words of the lines at `spot`; of one line where it is no higher than one."""
    near = [w for w in words if spot.y0 - 6 <= w.box.middle <= spot.y1 + 6]
    if not near:
        return []
    size = sorted(w.box.height for w in near)[len(near) // 2]
    if spot.height > 1.7 * size:
        return [w for w in near if spot.y0 - 2 <= w.box.middle <= spot.y1 + 2]
    middle = min((w.box.middle for w in near), key=lambda y: abs(y - spot.middle))
    return [w for w in near if abs(w.box.middle - middle) < 0.5 * size]


def alike(theirs: Iterable[Word], ours: Iterable[Word]) -> float:
    """How much two pages look the same, 0–1: shared words in the same columns."""
    a, b = _columns(theirs), _columns(ours)
    if min(len(a), len(b)) < _FEW:
        return 0.0
    return (
        len(a & b) / min(len(a), len(b)) * min(1.0, 2 * min(len(a), len(b)) / max(len(a), len(b)))
    )


def label_before(words: Sequence[Word], box: Box) -> str:
    """The label right before `box` on its line, "" where the value begins the line."""
    line = [
        w
        for w in words
        if abs(w.box.middle - (box.y0 + min(box.height, w.box.height) / 2)) < 0.6 * w.box.height
        and w.box.x1 <= box.x0 + 1
        and box.x0 - w.box.x1 < 250
    ]
    for word in sorted(line, key=lambda w: -w.box.x1):
        if label := _label(word.text):
            return label
        if any(c.isdigit() for c in word.text):
            return "0"  # another value stands between
    return ""


def _anchors(theirs: Sequence[Word], ours: Sequence[Word]) -> list[tuple[Word, Word]]:
    """Words that stand once in the same column on both pages, in pairs."""
    a, b = _by_column(theirs), _by_column(ours)
    return [(a[key][0], b[key][0]) for key in a if len(a[key]) == 1 == len(b.get(key, ()))]


def _by_column(words: Iterable[Word]) -> dict[tuple[str, int], list[Word]]:
    found: dict[tuple[str, int], list[Word]] = {}
    for word in words:
        text = _label(word.text)
        if text:
            for column in {round(word.box.x0 / 10), round(word.box.x0 / 10 + 0.5) - 1}:
                found.setdefault((text, column), []).append(word)
    return found


def _columns(words: Iterable[Word]) -> set[tuple[str, int]]:
    return {(text, round(w.box.x0 / 10)) for w in words if (text := _label(w.text))}


def _label(text: str) -> str:
    """A word as a label: letters only; "" for numbers and scraps."""
    plain = re.sub(r"[\W\d_]+", "", text.casefold())
    return plain if len(plain) > 1 and not any(c.isdigit() for c in text) else ""


def _distance(anchor: Box, box: Box) -> float:
    """How far an anchor is from a value; one to the left on its line is nearest, then above."""
    right = max(0.0, anchor.x0 - box.x1) * 3
    left = max(0.0, box.x0 - anchor.x1)
    above = max(0.0, box.y0 - anchor.y1) * 4
    below = max(0.0, anchor.y0 - box.y1) * 8
    return right + left + above + below


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes share more than a rim of a point."""
    return a.x0 < b.x1 - 1 and b.x0 < a.x1 - 1 and a.y0 < b.y1 - 1 and b.y0 < a.y1 - 1
