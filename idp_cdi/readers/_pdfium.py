"""Words with boxes from a PDF page's text layer, through pdfium's own functions.

The first and last character of every word are asked for their loose boxes (advance width × font
height), which is what the gaps between words are measured in; font and size are asked once a text
object. Coordinates go through the page's rotation and crop box.

Source: https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdf_text.h
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections import Counter, deque
from dataclasses import dataclass
from itertools import count, pairwise, repeat
from typing import Any, NamedTuple

from idp_cdi.documents import Box, Word
from idp_cdi.readers._calls import address, text_calls
from idp_cdi.readers._geometry import Frame, turned

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
_UNCLEAN = re.compile(f"[{''.join(map(chr, _CLEAN))}]")
# Only these are looked at character by character: a hyphen at the end of a line, to which pdfium
# glues the next line, and words so long that two may be glued. In visible text it hardly glues
# anything else: 0 of 185,000 words of 180 documents.
_HYPHEN = re.compile("[\x02\ufffe]")
_LONG = 20
# What may be broken; all others surely are not, and most pages have none of these.
_DOUBTFUL = re.compile("[\x01\x03-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd-\uffff]")
_LITTLE = sys.byteorder == "little"
_LEAP = 4  # words that are skipped while they are of one text object
_GAP = 0.3  # of the font's height: a wider gap inside a "word" parts two words


@dataclass(frozen=True, slots=True)
class TextLayer:
    """The text layer of a page: words in the upright page, and what casts doubt on them.

    `turn` is how far (degrees clockwise) the content had to be turned beyond the page's own
    rotation; `invisible` the share of words that are never painted; `broken` the share of
    characters without a sensible code; `glued` counts words that had to be parted; `objects` are
    the addresses of the page's objects that paint the words, as long as the page is open.
    """

    words: tuple[Word, ...]
    width: float
    height: float
    turn: int
    invisible: float
    broken: float
    glued: int
    objects: frozenset[int] = frozenset()


class _Font(NamedTuple):
    """What a text object says about its words."""

    size: float
    bold: bool
    invisible: bool


class _Fonts:
    """Size, weight and visibility by text object; asked once an object, weight once a font."""

    def __init__(self, textpage: int) -> None:
        self.textpage = textpage
        self.call = text_calls()
        self.objects: frozenset[int] = frozenset()
        self.bold: dict[int, bool] = {0: False}
        self.buffer = ctypes.create_string_buffer(256)

    def of_all(self, places: list[int]) -> list[_Font]:
        """The fonts of words that begin at `places`, which rise.

        The characters of one object stand in a row: where a word and the `_LEAP`-th after it are
        of the same object, so are all between; that is tried once two in a row were of one.
        """
        text_object, textpage = self.call.text_object, self.textpage
        owners: list[int] = []
        first: dict[int, int] = {}  # object → where it was met first
        before, index, many = 0, 0, len(places)
        while index < many:
            place = places[index]
            owner = text_object(textpage, place) or -1 - place  # a character that none paints
            first.setdefault(owner, place)
            owners.append(owner)
            if owner == before:
                while (
                    index + _LEAP < many and text_object(textpage, places[index + _LEAP]) == owner
                ):
                    owners.extend([owner] * _LEAP)
                    index += _LEAP
            before = owner
            index += 1
        self.objects = frozenset(owner for owner in first if owner > 0)
        fonts = self._of(first)
        return [fonts[owner] for owner in owners]

    def _of(self, first: dict[int, int]) -> dict[int, _Font]:
        """The font of each object, asked at its first character; C calls C for all of them."""
        places, many = first.values(), len(first)
        matrices = (ctypes.c_float * (6 * many))()
        base = ctypes.addressof(matrices)
        sizes = map(self.call.size, repeat(self.textpage), places)
        placed = list(map(self.call.matrix, repeat(self.textpage), places, count(base, 24)))
        scales = [
            (c**2 + d**2) ** 0.5 if known else 1.0
            for known, c, d in zip(placed, matrices[2::6], matrices[3::6], strict=True)
        ]
        found: dict[int, _Font] = {}
        mode, font_of, bold = self.call.mode, self.call.font, self.bold
        for owner, size, scale in zip(first, sizes, scales, strict=True):
            if owner < 0:
                found[owner] = _Font(round(size * scale, 2), bold=False, invisible=False)
                continue
            font = font_of(owner) or 0
            if font not in bold:
                bold[font] = self._is_bold(font)
            found[owner] = _Font(round(size * scale, 2), bold[font], mode(owner) == INVISIBLE)
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
        self.address = address(textpage)
        self.text = _text(raw, textpage, max(0, raw.FPDFText_CountChars(textpage)))
        self.loose_box = text_calls().loose_box

    def boxes(self, places: list[int]) -> Any:
        """Left, top, right, bottom of the characters at `places`, as an array of four columns."""
        import numpy as np

        found = np.zeros((len(places), 4), dtype=np.float32)
        base = found.ctypes.data
        # One call of C after the other, without a step of Python between them.
        deque(map(self.loose_box, repeat(self.address), places, count(base, 16)), maxlen=0)
        return found.astype(np.float64)


def _read(raw: Any, textpage: Any, frame: Frame) -> TextLayer:
    layer = _Layer(raw, textpage)
    text = layer.text
    spans = list(map(re.Match.span, _WORD.finditer(text)))
    edges = layer.boxes([place for first, last in spans for place in (first, last - 1)])
    parts = _parts(layer, spans, edges.reshape(-1, 8))
    across = float(edges[1::2, 0].sum() - edges[0::2, 0].sum())
    down = float(edges[0::2, 3].sum() - edges[1::2, 3].sum())
    turn = _turn(frame, across, down, text)
    fonts = _Fonts(layer.address)
    words, invisible = _words(layer, frame, parts, turn, fonts)
    width, height = frame.width, frame.height
    if turn % 180:
        width, height = height, width
    glued = len(parts.spans) - len(spans)
    return TextLayer(
        tuple(words),
        width,
        height,
        turn,
        invisible,
        _broken(text),
        glued,
        fonts.objects,
    )


class _Parts(NamedTuple):
    """Words as spans of the text, and their left, bottom, right and top, a row each."""

    spans: list[tuple[int, int]]
    corners: Any


def _parts(layer: _Layer, spans: list[tuple[int, int]], edges: Any) -> _Parts:
    """The words of `spans`, glued ones parted.

    A row of `edges` has the boxes of a span's first and last character.
    """
    import numpy as np

    l0, t0, r0, b0, l1, t1, r1, b1 = edges.T
    columns = (np.minimum(l0, l1), np.minimum(b0, b1), np.maximum(r0, r1), np.maximum(t0, t1))
    corners = np.stack(columns, axis=1)
    odd = np.abs(b0 - b1) > 0.5 * (t0 - b0)
    several: dict[int, list[_Part]] = {}
    marked = bool(_HYPHEN.search(layer.text))
    for index, (first, last) in enumerate(spans):
        if (
            last - first >= _LONG
            or odd[index]
            or (marked and _HYPHEN.search(layer.text, first, last))
        ):
            parted = _parted(layer, first, last)
            if parted:
                several[index] = parted
    if not several:
        return _Parts(spans, corners)
    found: list[tuple[int, int]] = []
    rows: list[Any] = []
    for index, span in enumerate(spans):
        if index in several:
            found.extend(part[:2] for part in several[index])
            rows.extend(part[2:] for part in several[index])
        else:
            found.append(span)
            rows.append(corners[index])
    return _Parts(found, np.array(rows))


def _words(
    layer: _Layer, frame: Frame, parts: _Parts, turn: int, asked: _Fonts
) -> tuple[list[Word], float]:
    """The words on the visible page turned by `turn`, and the share that is never painted."""
    import numpy as np

    width, height = frame.width, frame.height
    edges = np.stack(turned(frame.box(*parts.corners.T), width, height, turn), axis=1)
    if turn % 180:
        width, height = height, width
    far = (edges[:, 2] < 0) | (edges[:, 3] < 0) | (edges[:, 0] > width) | (edges[:, 1] > height)
    spans, boxes = parts.spans, edges.tolist()
    if far.any():
        here = np.flatnonzero(~far).tolist()
        spans, boxes = [spans[i] for i in here], [boxes[i] for i in here]
    fonts = asked.of_all([span[0] for span in spans])
    text = layer.text
    new = tuple.__new__  # half the cost of the named constructor, which counts by the thousand
    texts = [text[start:end] for start, end in spans]
    if _UNCLEAN.search(text):
        texts = [_cleaned(word) for word in texts]
    if not fonts:
        return [], 0.0
    sizes, bold, invisible = zip(*fonts, strict=True)
    placed = map(new, repeat(Box), boxes)
    words = list(map(new, repeat(Word), zip(texts, placed, repeat(1.0), sizes, bold, repeat(0))))
    return words, sum(invisible) / len(fonts)


def _cleaned(text: str) -> str:
    """`text` with ligatures and pdfium's marks for hyphens as plain letters."""
    return text if text.isascii() and "\x02" not in text else text.translate(_CLEAN)


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
        try:
            text = bytes(buffer)[: 2 * count].decode("utf-16-le" if _LITTLE else "utf-16-be")
        except UnicodeDecodeError:  # half a character
            text = ""
        if len(text) == count:
            return text
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


_Part = tuple[int, int, float, float, float, float]


def _parted(layer: _Layer, first: int, last: int) -> list[_Part]:
    """A run cut where a gap, a step back or a new line shows that it is several words.

    Each part as start, end, left, bottom, right, top. Nothing where it is one word after all.
    """
    left, top, right, bottom = layer.boxes(list(range(first, last))).T.tolist()
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
    if not _DOUBTFUL.search(text):
        return 0.0
    counts = Counter(text)
    solid = sum(n for c, n in counts.items() if not c.isspace() and c not in "\x00\u200b\ufeff")
    return sum(n for c, n in counts.items() if _is_broken(c)) / solid if solid else 0.0


def _is_broken(character: str) -> bool:
    """A control character, a private code, or the sign for "unknown"."""
    code = ord(character)
    if character.isspace() or code in (0, 2, 0xFFFE):
        return False
    return code < 32 or 0x7F <= code < 0xA0 or 0xE000 <= code <= 0xF8FF or 0xFFFD <= code <= 0xFFFF
