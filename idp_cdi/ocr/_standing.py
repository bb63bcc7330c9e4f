"""Lines of print at a right angle to the page's: stamps of arrival, notes along the edge.

A clerk stamps where there is room, often on the margin and along it. The models find such a line
as a region taller than wide. Its pieces are put together, turned, and read both ways up; what
reads better counts.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from idp_cdi.documents import Box, Word, around

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.Image import Image

_TALL = 1.5
"""Height to width from which a region is no word that reads across."""
_HIGH = 1.8
"""Height, in lines of the page, from which it is no narrow letter either ("1", "I")."""
_NEAR = 2.5
"""Gap between two pieces of one line, in widths of it."""
_MORE = (0.0, 0.6, 1.2)
"""How much longer than found a line is read, in widths of it."""
_SURE = 0.6
"""Mean certainty of the letters that a line needs; smudges and drawings have less."""
_FEWEST = 3
"""Letters and digits that it needs."""


def apart(lines: Sequence[Box]) -> tuple[list[Box], list[Box]]:
    """The lines of a page that read across, and those that stand, pieces of one line joined.

    >>> across = [Box(0, 20 * n, 200, 20 * n + 15) for n in range(5)]
    >>> apart([*across, Box(300, 10, 316, 80), Box(302, 100, 317, 150), Box(10, 99, 16, 114)])[1]
    [Box(x0=300, y0=10, x1=317, y1=150)]
    """
    if not lines:
        return [], []
    usual = median(min(b.width, b.height) for b in lines)
    tall = [b for b in lines if b.height > _TALL * b.width and b.height > _HIGH * usual]
    across = [b for b in lines if b not in tall]
    joined: list[Box] = []
    for box in sorted(tall, key=lambda b: b.y0):
        for place, other in enumerate(joined):
            width = min(box.width, other.width)
            shared = min(box.x1, other.x1) - max(box.x0, other.x0)
            if shared > 0.6 * width and box.y0 - other.y1 < _NEAR * width:
                joined[place] = around((other, box))
                break
        else:
            joined.append(box)
    return across, joined


def read(image: Image, lines: Sequence[Box]) -> list[Word]:
    """The words of standing lines, each line in the order in which it is read.

    Where print ends is hard to tell of a stamp, so a line is read as it was found and with more
    at both ends; the reading counts that has most letters that are sure.

    Args:
        image: The upright picture.
        lines: Boxes of standing lines, in its pixels.

    Returns:
        Words that say how they are `turned`; nothing of lines that can't be read.
    """
    found: list[Word] = []
    for line in lines:
        way = max((90, 270), key=lambda turned: _worth(_read(image, line, turned, _MORE[1])))
        best = max((_read(image, line, way, more) for more in _MORE), key=_worth)
        if _mean(best) >= _SURE and sum(c.isalnum() for w in best for c in w.text) >= _FEWEST:
            found += best
    return found


def _read(image: Image, line: Box, turned: int, more: float) -> list[Word]:
    """The words of a line whose print is turned by so many degrees, `more` widths longer."""
    from idp_cdi.ocr import rapidocr
    from idp_cdi.ocr._upright import turn

    x0, x1 = int(line.x0), int(line.x1 + 0.99)
    y0 = max(0, int(line.y0 - more * line.width))
    y1 = min(image.height, int(line.y1 + more * line.width + 0.99))
    piece = turn(image.crop((x0, y0, x1, y1)), 360 - turned, 0.0)
    words = rapidocr.read_lines(piece, [Box(0, 0, piece.width, piece.height)])[0]
    out = []
    for word in words:
        near, far = word.box.x0, word.box.x1
        top, bottom = (y0 + near, y0 + far) if turned == 90 else (y1 - far, y1 - near)
        out.append(word._replace(box=Box(x0, top, x1, bottom), turned=turned))
    return out


def _worth(words: Sequence[Word]) -> float:
    """How much was read: letters and figures by the square of their certainty."""
    return _mean(words) ** 2 * sum(c.isalnum() for w in words for c in w.text)


def _mean(words: Sequence[Word]) -> float:
    letters = sum(len(w.text) for w in words)
    return sum(len(w.text) * w.confidence for w in words) / max(letters, 1)
