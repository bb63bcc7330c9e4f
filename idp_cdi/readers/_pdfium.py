"""Words with boxes from a PDF page's text layer, through pdfium's own functions.

Every character is asked for its code and its loose box (advance width × font height), which is
what the gaps between words are measured in; font and size are asked once a word. One pass costs
about 1.5 µs a character. Coordinates go through the page's rotation and crop box.

Source: https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdf_text.h
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from idp_cdi.documents import Box, Word
from idp_cdi.readers._geometry import Frame, turned

if TYPE_CHECKING:
    from collections.abc import Iterator

INVISIBLE = 3  # text render mode: neither fill nor stroke, the mark of an OCR layer
_SPACES = frozenset(
    [0, 9, 10, 11, 12, 13, 32, 0xA0, 0x2002, 0x2003, 0x2007, 0x2009, 0x200B, 0x202F, 0x3000, 0xFEFF]
)
_CLEAN = {
    0x02: "-",  # pdfium's mark for a hyphen at the end of a line
    0xAD: "-",
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
}
_GAP = 0.3  # of the font's height: a wider gap inside a "word" parts two words


@dataclass(frozen=True, slots=True)
class TextLayer:
    """The text layer of a page: words in the upright page, and what casts doubt on them.

    `turn` is how far (degrees clockwise) the content had to be turned beyond the page's own
    rotation; `invisible` the share of words that are never painted; `broken` the share of
    characters without a sensible code; `glued` counts words that had to be parted.
    """

    words: tuple[Word, ...]
    width: float
    height: float
    turn: int
    invisible: float
    broken: float
    glued: int


@dataclass(slots=True)
class _Font:
    """What a text object says about its words."""

    size: float
    bold: bool
    invisible: bool


class _Fonts:
    """Size, weight and visibility by text object; asked once an object, weight once a font."""

    def __init__(self, raw: Any, textpage: Any) -> None:
        self.raw = raw
        self.textpage = textpage
        self.objects: dict[int, _Font] = {}
        self.bold: dict[int, bool] = {}
        self.buffer = ctypes.create_string_buffer(256)
        self.matrix = raw.FS_MATRIX()

    def of(self, index: int) -> _Font:
        raw = self.raw
        handle = raw.FPDFText_GetTextObject(self.textpage, index)
        key = ctypes.cast(handle, ctypes.c_void_p).value or 0
        known = self.objects.get(key)
        if known is not None:
            return known
        size = raw.FPDFText_GetFontSize(self.textpage, index)
        if raw.FPDFText_GetMatrix(self.textpage, index, ctypes.byref(self.matrix)):
            size *= (self.matrix.c**2 + self.matrix.d**2) ** 0.5
        bold = invisible = False
        if key:
            invisible = raw.FPDFTextObj_GetTextRenderMode(handle) == INVISIBLE
            font = raw.FPDFTextObj_GetFont(handle)
            font_key = ctypes.cast(font, ctypes.c_void_p).value or 0
            if font_key not in self.bold:
                self.bold[font_key] = self._is_bold(font) if font_key else False
            bold = self.bold[font_key]
        found = _Font(round(size, 2), bold, invisible)
        if key:
            self.objects[key] = found
        return found

    def _is_bold(self, font: Any) -> bool:
        length = self.raw.FPDFFont_GetBaseFontName(font, self.buffer, len(self.buffer))
        name = self.buffer.raw[: max(0, min(length, 256) - 1)].decode("latin-1").lower()
        if any(mark in name for mark in ("bold", "black", "heavy", "semibd", "-demi")):
            return True
        return bool(self.raw.FPDFFont_GetWeight(font) >= 600)


def read_layer(page: Any) -> TextLayer:
    """The text layer of a pypdfium2 page."""
    import pypdfium2.raw as raw

    textpage = raw.FPDFText_LoadPage(page.raw)
    if not textpage:
        frame = frame_of(page)
        return TextLayer((), frame.width, frame.height, 0, 0.0, 0.0, 0)
    try:
        return _read(raw, textpage, frame_of(page))
    finally:
        raw.FPDFText_ClosePage(textpage)


def frame_of(page: Any) -> Frame:
    """The visible box and rotation of a pypdfium2 page."""
    left, bottom, right, top = page.get_bbox()
    if right - left < 1 or top - bottom < 1:
        left, bottom, right, top = 0.0, 0.0, 612.0, 792.0
    return Frame(left, bottom, right, top, page.get_rotation())


def _read(raw: Any, textpage: Any, frame: Frame) -> TextLayer:
    fonts = _Fonts(raw, textpage)
    words: list[Word] = []
    hidden = glued = 0
    across = down = 0.0
    codes, boxes = _characters(raw, textpage)
    for first, last in _runs(codes, boxes):
        parts = _parted(boxes, first, last)
        glued += len(parts) - 1
        for start, end in parts:
            font = fonts.of(start)
            text = "".join(_CLEAN.get(c) or chr(c) for c in codes[start:end])
            word = Word(text, _around(frame, boxes[start:end]), 1.0, font.size, font.bold)
            if word.box.x1 < 0 or word.box.y1 < 0:
                continue
            if word.box.x0 > frame.width or word.box.y0 > frame.height:
                continue
            words.append(word)
            hidden += font.invisible
            if end - start > 2:
                a, b = frame.box(*boxes[start]), frame.box(*boxes[end - 1])
                across += b.x0 + b.x1 - a.x0 - a.x1
                down += b.y0 + b.y1 - a.y0 - a.y1
    turn = 0
    width, height = frame.width, frame.height
    if abs(down) > 2 * abs(across):
        turn = 270 if down > 0 else 90
    elif across < 0 and not _right_to_left(codes):
        turn = 180
    if turn:
        words = [w._replace(box=turned(w.box, width, height, turn)) for w in words]
        if turn != 180:
            width, height = height, width
    solid = [c for c in codes if c not in _SPACES]
    broken = sum(map(_is_broken, solid)) / len(solid) if solid else 0.0
    return TextLayer(
        tuple(words), width, height, turn, hidden / len(words) if words else 0.0, broken, glued
    )


def _characters(
    raw: Any, textpage: Any
) -> tuple[list[int], list[tuple[float, float, float, float]]]:
    count = raw.FPDFText_CountChars(textpage)
    unicode_of, box_of = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox
    rect = raw.FS_RECTF()
    pointer = ctypes.byref(rect)
    codes: list[int] = []
    boxes: list[tuple[float, float, float, float]] = []
    for index in range(max(0, count)):
        code = unicode_of(textpage, index)
        codes.append(code)
        if code > 32 and box_of(textpage, index, pointer):
            boxes.append((rect.left, rect.bottom, rect.right, rect.top))
        else:
            boxes.append((0.0, 0.0, 0.0, 0.0))
    _join_surrogates(codes)
    return codes, boxes


def _join_surrogates(codes: list[int]) -> None:
    """A character beyond the basic plane comes as two halves; make it one and a nothing."""
    for index in range(len(codes) - 1):
        high, low = codes[index], codes[index + 1]
        if 0xD800 <= high < 0xDC00 <= low < 0xE000:
            codes[index] = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
            codes[index + 1] = 0x200B
    for index, code in enumerate(codes):
        if 0xD800 <= code < 0xE000 or code > 0x10FFFF:
            codes[index] = 0xFFFD


def _runs(
    codes: list[int], boxes: list[tuple[float, float, float, float]]
) -> Iterator[tuple[int, int]]:
    """Stretches of characters between blanks, as [first, last)."""
    start = -1
    for index, code in enumerate(codes):
        if code in _SPACES:
            if start >= 0:
                yield start, index
                start = -1
        elif start < 0:
            start = index
    if start >= 0:
        yield start, len(codes)


def _parted(
    boxes: list[tuple[float, float, float, float]], first: int, last: int
) -> list[tuple[int, int]]:
    """A run cut where a gap, a step back or a new line shows that it is several words."""
    cuts = [first]
    before = boxes[first]
    for index in range(first + 1, last):
        box = boxes[index]
        height = before[3] - before[1]
        middle = (box[1] + box[3]) / 2
        if middle < before[1] or middle > before[3]:
            if not before[0] - height < box[0] < before[2]:  # upright text stays on its line
                cuts.append(index)
        elif height > 0 and (box[0] - before[2] > _GAP * height or box[2] < before[0] - 2 * height):
            cuts.append(index)
        before = box
    if len(cuts) == 1:
        return [(first, last)]
    if len(cuts) > 0.6 * (last - first):  # letter-spaced: a gap after nearly every letter
        return [(first, last)]
    return list(zip(cuts, [*cuts[1:], last], strict=True))


def _around(frame: Frame, boxes: list[tuple[float, float, float, float]]) -> Box:
    return frame.box(
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )


def _right_to_left(codes: list[int]) -> bool:
    strong = sum(0x590 <= c <= 0x8FF or 0xFB1D <= c <= 0xFEFC for c in codes)
    return strong * 3 > len(codes)


def _is_broken(code: int) -> bool:
    """No meaning: a control character, a private code, or the sign for "unknown"."""
    return (
        (code < 32 and code != 2)
        or 0x7F <= code < 0xA0
        or 0xE000 <= code <= 0xF8FF
        or code in (0xFFFD, 0xFFFE, 0xFFFF)
    )
