"""Ink on the picture of a page: small drawn squares with what is inside, and strokes on a line.

Everything is measured in pixels at `SCALE` pixels a point, on what is darker than the paper around
it. Ruling lines are known by their length and taken out before strokes are looked for.

>>> import numpy as np
>>> ink = np.zeros((60, 60), dtype=bool)
>>> ink[20:37, 20:37] = True
>>> ink[22:35, 22:35] = False
>>> [(round(s.box.x0), round(s.box.y1), s.filled) for s in squares(ink)]
[(10, 18, 0.0)]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from idp_cdi.documents import Box

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from PIL.Image import Image

    Ink = NDArray[np.bool_]

SCALE = 2  # pixels a point
DPI = 72 * SCALE
SMALLEST, LARGEST = 10, 36  # pixels: the sides of a check box, 5 to 18 points
_DARK = 0.75  # of the paper's grey: ink is darker
_EDGE = 0.85  # of a side that must be drawn
_CORNER = 3  # of the nine pixels of a corner: round letters have none there
_RING = 0.3  # of the pixels just outside of a side that may be dark: ticks stand out
_RULE = 40  # pixels in one row from which ink is a ruling line; one degree of skew leaves 57
_GAP = 24  # pixels between two rules of one height; strokes that cross hide less of one
_MOST = 400  # squares of a page: what draws more is a pattern


@dataclass(frozen=True, slots=True)
class Square:
    """A drawn square in points, and the share (0–1) of its inside that is dark."""

    box: Box
    filled: float


@dataclass(frozen=True, slots=True)
class Strokes:
    """What is left of a region without rules and words, in points.

    `width` and `height` are the extent of its middle nine tenths, `columns` the share (0–1) of that
    width in which there is ink, `area` its square points.
    """

    width: float = 0.0
    height: float = 0.0
    columns: float = 0.0
    area: float = 0.0


def ink_of(picture: Image) -> Ink:
    """What is darker than the paper around it, as rows × columns of a picture at `DPI`."""
    from PIL import Image as images
    from PIL import ImageFilter

    grey = picture.convert("L")
    small = grey.reduce(8) if min(grey.size) >= 64 else grey
    paper = small.filter(ImageFilter.MaxFilter(9)).resize(grey.size, images.Resampling.BILINEAR)
    dark = np.asarray(grey, dtype=np.float32) < _DARK * np.asarray(paper, dtype=np.float32)
    return np.asarray(dark, dtype=np.bool_)


def squares(ink: Ink) -> list[Square]:
    """The small squares whose four sides are drawn and that touch nothing around them."""
    if min(ink.shape) < SMALLEST:
        return []
    joined = ink.copy()  # breaks of one pixel closed
    joined[:, 1:-1] |= ink[:, :-2] & ink[:, 2:]
    joined[1:-1] |= ink[:-2] & ink[2:]
    found: list[Square] = []
    for y, x0, x1, high in _outlines(joined):
        box = Box(x0 / SCALE, y / SCALE, (x1 + 1) / SCALE, (y + high) / SCALE)
        if any(_meet(box, one.box) for one in found):
            continue
        if _stands_alone(joined, y, y + high, x0, x1 + 1):
            found.append(Square(box, _inside(ink, y, y + high, x0, x1 + 1)))
            if len(found) > _MOST:
                return []
    return found


def _outlines(ink: Ink) -> list[tuple[int, int, int, int]]:
    """Row, first and last column and height of what may be a square.

    A tick that crosses the upper edge hides it; the lower one is then found from below.
    """
    upside = [(len(ink) - y - h, a, b, h) for y, a, b, h in _tops(ink[::-1])]
    return _tops(ink) + upside


def _tops(ink: Ink) -> list[tuple[int, int, int, int]]:
    """Row, first and last column, and height of what has a top and two sides of fitting length."""
    row, first, last = _runs(ink, SMALLEST, LARGEST)
    down = _downward(ink)
    length = last - first + 1
    left = _best(down, row, first)
    right = _best(down, row, last)
    high = np.minimum(left, right)
    square = np.abs(high - length) <= np.maximum(2, 0.15 * np.maximum(high, length))
    good = square & (np.maximum(left, right) <= 1.6 * high)
    return [
        (int(y), int(a), int(b), int(h))
        for y, a, b, h in zip(row[good], first[good], last[good], high[good], strict=True)
    ]


def _runs(ink: Ink, least: int, most: int) -> tuple[NDArray[np.intp], ...]:
    """Row, first and last column of the horizontal runs of `least` to `most` pixels."""
    padded = np.zeros((ink.shape[0], ink.shape[1] + 2), dtype=np.int8)
    padded[:, 1:-1] = ink
    change = np.diff(padded, axis=1)
    row, first = np.nonzero(change == 1)
    last = np.nonzero(change == -1)[1] - 1
    length = last - first + 1
    good = (length >= least) & (length <= most)
    return row[good], first[good], last[good]


def _downward(ink: Ink) -> NDArray[np.int32]:
    """How many dark pixels follow downwards from each pixel, itself included."""
    out = ink.astype(np.int32)
    for y in range(len(ink) - 2, -1, -1):
        out[y] += out[y + 1] * ink[y]
    return out


def _best(
    down: NDArray[np.int32], row: NDArray[np.intp], column: NDArray[np.intp]
) -> NDArray[np.int32]:
    """The longest downward run that starts within a pixel of a corner."""
    high, wide = down.shape
    out = np.zeros(len(row), dtype=np.int32)
    for dy in (0, 1):
        for dx in (-1, 0, 1):
            at = down[np.minimum(row + dy, high - 1), np.clip(column + dx, 0, wide - 1)] + dy
            out = np.maximum(out, at)
    return out


def _stands_alone(ink: Ink, y0: int, y1: int, x0: int, x1: int) -> bool:
    """Whether the bottom is drawn too and hardly anything is dark just outside."""
    top, bottom = ink[y0 : y0 + 3, x0:x1], ink[max(y1 - 3, y0) : y1, x0:x1]
    left, right = ink[y0:y1, x0 : x0 + 3], ink[y0:y1, x1 - 3 : x1]
    drawn = [s.any(axis=axis).mean() for s, axis in ((top, 0), (bottom, 0), (left, 1), (right, 1))]
    corners = top[:, :3], top[:, -3:], bottom[:, :3], bottom[:, -3:]
    if min(drawn) < _EDGE or min(c.sum() for c in corners) < _CORNER:
        return False
    near, far = 2, 2 + max(2, (x1 - x0) // 8)
    rings = (
        ink[max(y0 - far, 0) : max(y0 - near, 0), x0:x1],
        ink[y1 + near : y1 + far, x0:x1],
        ink[y0:y1, max(x0 - far, 0) : max(x0 - near, 0)],
        ink[y0:y1, x1 + near : x1 + far],
    )
    return all(r.size == 0 or r.mean() <= _RING for r in rings)


def _inside(ink: Ink, y0: int, y1: int, x0: int, x1: int) -> float:
    """The dark share of the inside, its edge and what bleeds from it left out."""
    rim = max(3, round(0.2 * (x1 - x0)))
    part = ink[y0 + rim : y1 - rim, x0 + rim : x1 - rim]
    return float(part.mean()) if part.size else 0.0


def _meet(a: Box, b: Box) -> bool:
    return a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1


def rules(ink: Ink, region: Box, least: float) -> list[Box]:
    """Horizontal rules of at least `least` points in a region, top to bottom, in points."""
    y0, y1, x0, x1 = _pixels(region, ink)
    part = ink[y0:y1, x0:x1]
    if min(part.shape, default=0) < 3:
        return []
    lines = part & ~_without_rules(part)
    joined = lines.copy()
    joined[1:] |= lines[:-1]
    joined[2:] |= lines[:-2]
    long = np.nonzero(joined.sum(axis=1) >= least * SCALE)[0]
    bands: list[list[int]] = []
    for y in map(int, long):
        if bands and y - bands[-1][1] <= 3:
            bands[-1][1] = y
        else:
            bands.append([y, y])
    out = []
    for top, bottom in bands:  # a rule that slants a little is in several rows
        across = np.nonzero(lines[max(top - 4, 0) : bottom + 5].any(axis=0))[0]
        for piece in np.split(across, np.nonzero(np.diff(across) > _GAP)[0] + 1):
            left, right = (x0 + int(piece[0])) / SCALE, (x0 + int(piece[-1]) + 1) / SCALE
            if right - left >= least:
                out.append(Box(left, (y0 + top) / SCALE, right, (y0 + bottom) / SCALE))
    return out


def strokes(ink: Ink, region: Box, words: Iterable[Box]) -> Strokes:
    """What somebody drew in a region (points), apart from rules and from the words given."""
    y0, y1, x0, x1 = _pixels(region, ink)
    part = ink[y0:y1, x0:x1]
    if min(part.shape, default=0) < 6:
        return Strokes()
    part = _without_rules(part)
    for word in words:
        a, b, c, d = _pixels(word, ink)
        part[max(a - y0 - 2, 0) : max(b - y0 + 2, 0), max(c - x0 - 2, 0) : max(d - x0 + 2, 0)] = 0
    part &= _crowd(part) >= 4  # specks
    ys, xs = np.nonzero(part)
    if len(ys) < 8:
        return Strokes()
    top, bottom = np.percentile(ys, (5, 95))
    left, right = np.percentile(xs, (5, 95))
    width = float(right - left + 1)
    across = part[:, int(left) : int(right) + 1].any(axis=0).sum() / width
    high = float(bottom - top + 1)
    return Strokes(width / SCALE, high / SCALE, min(1.0, float(across)), len(ys) / SCALE**2)


def _without_rules(part: Ink) -> Ink:
    """A copy without long horizontal and vertical runs, and without their rims."""
    out = part.copy()
    for turned in (False, True):
        view, ink = (out.T, part.T) if turned else (out, part)
        if ink.shape[1] < _RULE:
            continue
        closed = ink.copy()
        closed[:, 1:-1] |= ink[:, :-2] & ink[:, 2:]
        for y, a, b in zip(*_runs(closed, _RULE, ink.shape[1]), strict=True):
            view[max(y - 1, 0) : y + 2, a : b + 1] = False
    return out


def _crowd(part: Ink) -> NDArray[np.int8]:
    """How many of the nine pixels around and at each pixel are dark."""
    padded = np.pad(part, 1).astype(np.int8)
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    return np.asarray(rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:], dtype=np.int8)


def _pixels(box: Box, ink: Ink) -> tuple[int, int, int, int]:
    """First and last row, first and last column of a box in points, within the picture."""
    high, wide = ink.shape
    y0, y1 = (min(max(round(v * SCALE), 0), high) for v in (box.y0, box.y1))
    x0, x1 = (min(max(round(v * SCALE), 0), wide) for v in (box.x0, box.x1))
    return y0, y1, x0, x1
