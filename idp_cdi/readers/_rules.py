"""What is drawn on a PDF page besides text: ruling lines and the share of pictures.

Only axis-parallel strokes and thin rectangles count, as thin boxes of the upright page; a filled
or stroked rectangle gives its four edges. Reading stops at `MOST` objects: a page that draws more
is a map or a chart, not a table.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

from idp_cdi.readers._calls import address, object_calls
from idp_cdi.readers._geometry import Frame, turned

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp_cdi.documents import Box

MOST = 4000
WHOLE = 0.7  # share of the page from which a picture is one of the whole page
THIN = 2.5  # points
LONG = 8.0  # points; shorter strokes are glyphs, ticks and dashes
_TEXT, _PATH, _IMAGE, _FORM = 1, 2, 3, 5  # FPDF_PAGEOBJ_…
_MOVE, _LINE = 2, 0  # FPDF_SEGMENT_MOVETO, FPDF_SEGMENT_LINETO


@dataclass(frozen=True, slots=True)
class Drawing:
    """Ruling lines, and what pictures do to the page.

    `picture` is the share (0–1) of the page that one picture covers at most, `covered` the share of
    the text that was drawn before such a picture and therefore lies under it, `paths` counts all
    strokes and fills (print may be drawn as outlines).
    """

    rules: tuple[Box, ...]
    picture: float
    covered: float = 0.0
    paths: int = 0


def read_drawing(
    page: Any, frame: Frame, turn: int = 0, texts: frozenset[int] = frozenset()
) -> Drawing:
    """The rules and pictures of a pypdfium2 page.

    Args:
        page: The page.
        frame: Its visible box and rotation.
        turn: Degrees clockwise by which the content was turned further.
        texts: Addresses of objects that are known to paint text; they need not be asked.
    """
    walk = _Walk(frame, texts)
    calls, whole = object_calls(), address(page.raw)
    walk.objects(whole, calls.count(whole), calls.get, 0)
    width, height = frame.width, frame.height
    rules = [r for r in walk.rules if r.x1 >= 0 and r.y1 >= 0 and r.x0 <= width and r.y0 <= height]
    if turn:
        rules = [turned(r, width, height, turn) for r in rules]
    covered = walk.covered / walk.texts if walk.texts else 0.0
    return Drawing(tuple(dict.fromkeys(rules)), min(1.0, walk.picture), covered, walk.paths)


class _Walk:
    """Goes through the objects of a page and of the forms on it."""

    def __init__(self, frame: Frame, known: frozenset[int]) -> None:
        self.known = known
        self.frame = frame
        self.rules: list[Box] = []
        self.picture = 0.0
        self.texts = self.covered = self.paths = 0
        self.left = MOST
        self.call = object_calls()
        self.numbers = (ctypes.c_float * 6)()
        self.places = [ctypes.addressof(self.numbers) + 4 * i for i in range(6)]

    def objects(self, owner: int, count: int, get: Callable[..., int], depth: int) -> None:
        """The objects of a page or form at the address `owner`."""
        # Hundreds of objects of text to a handful of others: C calls C, and only the others are
        # looked at in Python. All that stands before one and is none of them is text.
        items = list(map(get, repeat(owner), range(count)))
        unknown = [index for index, item in enumerate(items) if item not in self.known]
        kinds = map(self.call.kind, [items[index] for index in unknown])
        before = self.texts
        for index, kind in zip(unknown, kinds, strict=True):
            if kind == _TEXT:
                continue
            self.texts = before + index
            if self.left <= 0:
                return
            self.left -= 1
            item = items[index]
            if kind == _PATH:
                self.paths += 1
                self._path(item)
            elif kind == _IMAGE:
                self._picture(item)
            elif kind == _FORM and depth < 3:
                self._form(item, depth)
            before = self.texts - index - 1
        self.texts = before + count

    def _picture(self, item: int) -> None:
        box = self._bounds(item)
        if box is not None:
            area = box.width * box.height / (self.frame.width * self.frame.height)
            self.picture = max(self.picture, area)
            if area > WHOLE:
                self.covered = self.texts

    def _form(self, item: int, depth: int) -> None:
        moved = self._matrix(item)
        if any(abs(a - b) > 1e-3 for a, b in zip(moved, (1, 0, 0, 1, 0, 0), strict=True)):
            return
        calls = object_calls()
        self.objects(item, calls.children(item), calls.child, depth + 1)

    def _matrix(self, item: int) -> list[float]:
        """The six numbers by which the object's own coordinates are brought to its page."""
        self.call.matrix(item, self.places[0])
        return self.numbers[:]

    def _bounds(self, item: int) -> Box | None:
        if not self.call.bounds(item, *self.places[:4]):
            return None
        return self.frame.box(*self.numbers[:4])

    def _path(self, item: int) -> None:
        box = self._bounds(item)
        if box is None or (box.width < LONG and box.height < LONG):
            return
        if box.width <= THIN or box.height <= THIN:
            self.rules.append(box)
            return
        count = self.call.segments(item)
        if not 2 <= count <= 200:
            return
        self._strokes(item, count)

    def _strokes(self, item: int, count: int) -> None:
        call = self.call
        a, b, c, d, e, f = self._matrix(item)
        x, y = self.places[:2]
        last: tuple[float, float] | None = None
        first: tuple[float, float] | None = None
        for index in range(count):
            segment = call.segment(item, index)
            call.point(segment, x, y)
            right, up = self.numbers[:2]
            point = (a * right + c * up + e, b * right + d * up + f)
            kind = call.segment_kind(segment)
            if kind == _LINE and last is not None:
                self._stroke(last, point)
            elif kind == _MOVE:
                first = point
            last = point
            if first is not None and call.closes(segment):
                self._stroke(point, first)
                last = first

    def _stroke(self, a: tuple[float, float], b: tuple[float, float]) -> None:
        if abs(a[0] - b[0]) > 1 and abs(a[1] - b[1]) > 1:
            return
        box = self.frame.box(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
        if box.width >= LONG or box.height >= LONG:
            self.rules.append(box)
