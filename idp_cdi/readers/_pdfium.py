"""Words with boxes from a PDF page's text layer, through pdfium's own functions.

Every character is asked for its code and its loose box (advance width × font height), which is
what the gaps between words are measured in; font and size are asked once a word. One pass costs
about 1.5 µs a character. Coordinates go through the page's rotation and crop box.

Source: https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdf_text.h
"""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from idp_cdi.documents import Box, Word
from idp_cdi.readers._geometry import Frame, turned

if TYPE_CHECKING:
    from collections.abc import Callable

INVISIBLE = 3  # text render mode: neither fill nor stroke, the mark of an OCR layer
_WORD = re.compile(r"[^\s\x00\u200b\ufeff]+")
_CLEAN = {
    0x02: "-",  # pdfium's marks for a hyphen at the end of a line
    0xFFFE: "-",
    0xAD: "-",
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
}
# Only these are looked at character by character: a hyphen at the end of a line, to which pdfium
# glues the next line, and words so long that two may be glued. In visible text it hardly glues
# anything else: 0 of 185,000 words of 180 documents.
_HYPHEN = re.compile("[\x02\ufffe]")
_LONG = 20
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


class _Calls(NamedTuple):
    """pdfium's functions with plain integers for pointers: half the cost of a call."""

    loose_box: Callable[..., int]
    text_object: Callable[..., int]
    font: Callable[..., int]
    mode: Callable[..., int]
    size: Callable[..., float]
    matrix: Callable[..., int]
    name: Callable[..., int]
    weight: Callable[..., int]


@cache
def _calls() -> _Calls:
    import pypdfium2.raw as raw

    pointer, number = ctypes.c_void_p, ctypes.c_int

    def plain(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
        address = ctypes.cast(getattr(raw, name), pointer).value
        return ctypes.CFUNCTYPE(result, *arguments)(address or 0)

    return _Calls(
        plain("FPDFText_GetLooseCharBox", number, pointer, number, pointer),
        plain("FPDFText_GetTextObject", pointer, pointer, number),
        plain("FPDFTextObj_GetFont", pointer, pointer),
        plain("FPDFTextObj_GetTextRenderMode", number, pointer),
        plain("FPDFText_GetFontSize", ctypes.c_double, pointer, number),
        plain("FPDFText_GetMatrix", number, pointer, number, pointer),
        plain("FPDFFont_GetBaseFontName", ctypes.c_size_t, pointer, pointer, ctypes.c_size_t),
        plain("FPDFFont_GetWeight", number, pointer),
    )


class _Font(NamedTuple):
    """What a text object says about its words."""

    size: float
    bold: bool
    invisible: bool


class _Fonts:
    """Size, weight and visibility by text object; asked once an object, weight once a font."""

    def __init__(self, textpage: int) -> None:
        self.textpage = textpage
        self.call = _calls()
        self.objects: dict[int, _Font] = {}
        self.bold: dict[int, bool] = {}
        self.matrix = (ctypes.c_float * 6)()
        self.buffer = ctypes.create_string_buffer(256)

    def of(self, index: int) -> _Font:
        key = self.call.text_object(self.textpage, index) or 0
        known = self.objects.get(key)
        if known is not None:
            return known
        size = self.call.size(self.textpage, index)
        if self.call.matrix(self.textpage, index, ctypes.addressof(self.matrix)):
            size *= (self.matrix[2] ** 2 + self.matrix[3] ** 2) ** 0.5
        bold = invisible = False
        if key:
            invisible = self.call.mode(key) == INVISIBLE
            font = self.call.font(key) or 0
            if font not in self.bold:
                self.bold[font] = self._is_bold(font) if font else False
            bold = self.bold[font]
        found = _Font(round(size, 2), bold, invisible)
        if key:
            self.objects[key] = found
        return found

    def _is_bold(self, font: int) -> bool:
        length = self.call.name(font, ctypes.addressof(self.buffer), len(self.buffer))
        name = self.buffer.raw[: max(0, min(length, 256) - 1)].decode("latin-1").lower()
        if any(mark in name for mark in ("bold", "black", "heavy", "semibd", "-demi")):
            return True
        return self.call.weight(font) >= 600


def read_layer(page: Any) -> TextLayer:
    """The text layer of a pypdfium2 page."""
    import pypdfium2.raw as raw

    frame = frame_of(page)
    textpage = raw.FPDFText_LoadPage(page.raw)
    if not textpage:
        return TextLayer((), frame.width, frame.height, 0, 0.0, 0.0, 0)
    try:
        return _read(raw, textpage, frame)
    finally:
        raw.FPDFText_ClosePage(textpage)


def frame_of(page: Any) -> Frame:
    """The visible box and rotation of a pypdfium2 page."""
    left, bottom, right, top = page.get_bbox()
    if right - left < 1 or top - bottom < 1:
        left, bottom, right, top = 0.0, 0.0, 612.0, 792.0
    return Frame(left, bottom, right, top, page.get_rotation())


class _Layer:
    """The text page that is being read: its text, and the boxes of single characters on demand."""

    def __init__(self, raw: Any, textpage: Any) -> None:
        self.address = ctypes.cast(textpage, ctypes.c_void_p).value or 0
        self.text = _text(raw, textpage, max(0, raw.FPDFText_CountChars(textpage)))
        self.loose_box = _calls().loose_box

    def boxes(self, places: list[int]) -> list[float]:
        """Left, top, right, bottom of the characters at `places`, one after the other."""
        found = (ctypes.c_float * (4 * len(places)))()
        base = ctypes.addressof(found)
        address, loose_box = self.address, self.loose_box
        for place in places:
            loose_box(address, place, base)
            base += 16
        return found[:]


def _read(raw: Any, textpage: Any, frame: Frame) -> TextLayer:
    layer = _Layer(raw, textpage)
    text = layer.text
    spans = [match.span() for match in _WORD.finditer(text)]
    edges = layer.boxes([place for first, last in spans for place in (first, last - 1)])
    parts, glued = _parts(layer, spans, edges)
    words, hidden = _words(layer, frame, parts)
    across = sum(edges[4::8]) - sum(edges[0::8])
    down = sum(edges[3::8]) - sum(edges[7::8])
    turn = _turn(frame, across, down, text)
    width, height = frame.width, frame.height
    if turn:
        words = [w._replace(box=turned(w.box, width, height, turn)) for w in words]
        if turn != 180:
            width, height = height, width
    return TextLayer(
        tuple(words), width, height, turn, hidden / max(1, len(words)), _broken(text), glued
    )


_Part = tuple[int, int, float, float, float, float]


def _parts(
    layer: _Layer, spans: list[tuple[int, int]], edges: list[float]
) -> tuple[list[_Part], int]:
    """Words as start, end, left, bottom, right, top, and how many of them had been glued.

    `edges` are those of the first and last character of each span.
    """
    marked = bool(_HYPHEN.search(layer.text))
    found: list[_Part] = []
    glued = 0
    corners = (edges[corner::8] for corner in range(8))
    for span, l0, t0, r0, b0, l1, t1, r1, b1 in zip(spans, *corners, strict=True):
        first, last = span
        if (
            abs(b0 - b1) > 0.5 * (t0 - b0)
            or last - first >= _LONG
            or (marked and _HYPHEN.search(layer.text, first, last))
        ):
            several = _parted(layer, first, last)
            if several:
                glued += len(several) - 1
                found.extend(several)
                continue
        found.append(
            (
                first,
                last,
                l0 if l0 < l1 else l1,
                b0 if b0 < b1 else b1,
                r0 if r0 > r1 else r1,
                t0 if t0 > t1 else t1,
            )
        )
    return found, glued


def _words(layer: _Layer, frame: Frame, parts: list[_Part]) -> tuple[list[Word], int]:
    """The words that are on the visible page, and how many of them are never painted."""
    fonts = _Fonts(layer.address)
    text, font_of = layer.text, fonts.of
    width, height = frame.width, frame.height
    upright, x, y = frame.turn == 0, frame.left, frame.top
    new = tuple.__new__  # half the cost of the named constructor, which counts by the thousand
    words: list[Word] = []
    hidden = 0
    for start, end, left, bottom, right, top in parts:
        if upright:
            box = new(Box, (left - x, y - top, right - x, y - bottom))
        else:
            box = frame.box(left, bottom, right, top)
        if box[2] < 0 or box[3] < 0 or box[0] > width or box[1] > height:
            continue
        size, bold, invisible = font_of(start)
        word = text[start:end]
        if not word.isascii() or "\x02" in word:
            word = word.translate(_CLEAN)
        words.append(new(Word, (word, box, 1.0, size, bold)))
        hidden += invisible
    return words, hidden


def _turn(frame: Frame, across: float, down: float, text: str) -> int:
    """How far the content must be turned clockwise so that most words run to the right.

    `across` and `down` add up how far words run, in the file's unturned coordinates.
    """
    if frame.turn == 90:
        across, down = -down, across
    elif frame.turn == 180:
        across, down = -across, -down
    elif frame.turn == 270:
        across, down = down, -across
    if abs(down) > 2 * abs(across):
        return 270 if down > 0 else 90
    return 180 if across < 0 and not _right_to_left(text) else 0


def _text(raw: Any, textpage: Any, count: int) -> str:
    """The text, one place for every character; at once where pdfium keeps them in step."""
    buffer = (ctypes.c_ushort * (count + 1))()
    written = raw.FPDFText_GetText(textpage, 0, count, buffer)
    if written == count + 1:
        codes = buffer[:count]
    else:
        codes = [raw.FPDFText_GetUnicode(textpage, index) for index in range(count)]
    if codes and max(codes) >= 0xD800:
        _join_surrogates(codes)
    return "".join(map(chr, codes))


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


def _parted(layer: _Layer, first: int, last: int) -> list[_Part]:
    """A run cut where a gap, a step back or a new line shows that it is several words.

    Each part as start, end, left, bottom, right, top. Nothing where it is one word after all.
    """
    edges = layer.boxes(list(range(first, last)))
    left, top, right, bottom = edges[0::4], edges[1::4], edges[2::4], edges[3::4]
    cuts = [0]
    for index in range(1, last - first):
        height = top[index - 1] - bottom[index - 1]
        middle = (bottom[index] + top[index]) / 2
        if middle < bottom[index - 1] or middle > top[index - 1]:
            if not left[index - 1] - height < left[index] < right[index - 1]:
                cuts.append(index)  # upright text stays in its column
        elif height > 0 and (
            left[index] - right[index - 1] > _GAP * height
            or right[index] < left[index - 1] - 2 * height
        ):
            cuts.append(index)
    if len(cuts) == 1 or len(cuts) > 0.6 * (last - first):
        return []  # in the second case letter-spaced: a gap after nearly every letter
    return [
        (first + a, first + b, min(left[a:b]), min(bottom[a:b]), max(right[a:b]), max(top[a:b]))
        for a, b in pairwise([*cuts, last - first])
    ]


def _right_to_left(text: str) -> bool:
    strong = sum("\u0590" <= c <= "\u08ff" or "\ufb1d" <= c <= "\ufefc" for c in text)
    return strong * 3 > len(text)


def _broken(text: str) -> float:
    """The share of characters without a meaning."""
    counts = Counter(text)
    solid = sum(n for c, n in counts.items() if not c.isspace() and c not in "\x00\u200b\ufeff")
    return sum(n for c, n in counts.items() if _is_broken(c)) / solid if solid else 0.0


def _is_broken(character: str) -> bool:
    """A control character, a private code, or the sign for "unknown"."""
    code = ord(character)
    if character.isspace() or code in (0, 2, 0xFFFE):
        return False
    return code < 32 or 0x7F <= code < 0xA0 or 0xE000 <= code <= 0xF8FF or 0xFFFD <= code <= 0xFFFF
