"""What is drawn on a PDF page besides text: ruling lines and the share of pictures.

Only axis-parallel strokes and thin rectangles count, as thin boxes of the upright page; a filled
or stroked rectangle gives its four edges. Reading stops at `MOST` objects: a page that draws more
is a map or a chart, not a table.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from idp_cdi.readers._geometry import Frame, turned

if TYPE_CHECKING:
    from idp_cdi.documents import Box

MOST = 4000
WHOLE = 0.7  # share of the page from which a picture is one of the whole page
THIN = 2.5  # points
LONG = 8.0  # points; shorter strokes are glyphs, ticks and dashes
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


def read_drawing(page: Any, frame: Frame, turn: int = 0) -> Drawing:
    """The rules and pictures of a pypdfium2 page.

    Args:
        page: The page.
        frame: Its visible box and rotation.
        turn: Degrees clockwise by which the content was turned further.
    """
    import pypdfium2.raw as raw

    walk = _Walk(raw, frame)
    walk.objects(
        raw.FPDFPage_CountObjects(page.raw),
        lambda index: raw.FPDFPage_GetObject(page.raw, index),
        0,
    )
    width, height = frame.width, frame.height
    rules = [r for r in walk.rules if r.x1 >= 0 and r.y1 >= 0 and r.x0 <= width and r.y0 <= height]
    if turn:
        rules = [turned(r, width, height, turn) for r in rules]
    covered = walk.covered / walk.texts if walk.texts else 0.0
    return Drawing(tuple(dict.fromkeys(rules)), min(1.0, walk.picture), covered, walk.paths)


class _Walk:
    """Goes through the objects of a page and of the forms on it."""

    def __init__(self, raw: Any, frame: Frame) -> None:
        self.raw = raw
        self.frame = frame
        self.rules: list[Box] = []
        self.picture = 0.0
        self.texts = self.covered = self.paths = 0
        self.left = MOST
        self.edges = [ctypes.c_float() for _ in range(4)]
        self.pointers = [ctypes.byref(edge) for edge in self.edges]

    def objects(self, count: int, get: Any, depth: int) -> None:
        raw = self.raw
        for index in range(count):
            if self.left <= 0:
                return
            item = get(index)
            kind = raw.FPDFPageObj_GetType(item)
            if kind == raw.FPDF_PAGEOBJ_TEXT:
                self.texts += 1
                continue
            self.left -= 1
            if kind == raw.FPDF_PAGEOBJ_PATH:
                self.paths += 1
                self._path(item)
            elif kind == raw.FPDF_PAGEOBJ_IMAGE:
                box = self._bounds(item)
                if box is not None:
                    area = box.width * box.height / (self.frame.width * self.frame.height)
                    self.picture = max(self.picture, area)
                    if area > WHOLE:
                        self.covered = self.texts
            elif kind == raw.FPDF_PAGEOBJ_FORM and depth < 3:
                self._form(item, depth)

    def _form(self, item: Any, depth: int) -> None:
        raw = self.raw
        matrix = raw.FS_MATRIX()
        raw.FPDFPageObj_GetMatrix(item, ctypes.byref(matrix))
        moved = (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)
        if any(abs(a - b) > 1e-3 for a, b in zip(moved, (1, 0, 0, 1, 0, 0), strict=True)):
            return
        self.objects(
            raw.FPDFFormObj_CountObjects(item),
            lambda index: raw.FPDFFormObj_GetObject(item, index),
            depth + 1,
        )

    def _bounds(self, item: Any) -> Box | None:
        if not self.raw.FPDFPageObj_GetBounds(item, *self.pointers):
            return None
        return self.frame.box(*(edge.value for edge in self.edges))

    def _path(self, item: Any) -> None:
        box = self._bounds(item)
        if box is None or (box.width < LONG and box.height < LONG):
            return
        if box.width <= THIN or box.height <= THIN:
            self.rules.append(box)
            return
        count = self.raw.FPDFPath_CountSegments(item)
        if not 2 <= count <= 200:
            return
        self._strokes(item, count)

    def _strokes(self, item: Any, count: int) -> None:
        raw = self.raw
        matrix = raw.FS_MATRIX()
        raw.FPDFPageObj_GetMatrix(item, ctypes.byref(matrix))
        x, y = ctypes.c_float(), ctypes.c_float()
        last: tuple[float, float] | None = None
        first: tuple[float, float] | None = None
        for index in range(count):
            segment = raw.FPDFPath_GetPathSegment(item, index)
            raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
            point = (
                matrix.a * x.value + matrix.c * y.value + matrix.e,
                matrix.b * x.value + matrix.d * y.value + matrix.f,
            )
            kind = raw.FPDFPathSegment_GetType(segment)
            if kind == _LINE and last is not None:
                self._stroke(last, point)
            elif kind == _MOVE:
                first = point
            last = point
            if raw.FPDFPathSegment_GetClose(segment) and first is not None:
                self._stroke(point, first)
                last = first

    def _stroke(self, a: tuple[float, float], b: tuple[float, float]) -> None:
        if abs(a[0] - b[0]) > 1 and abs(a[1] - b[1]) > 1:
            return
        box = self.frame.box(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
        if box.width >= LONG or box.height >= LONG:
            self.rules.append(box)
