"""Pages of positioned runs of text, and what becomes of them: words with boxes and spans."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from idp_cdi.documents import Box, Document, Page, Word, around

from .fonts import ASCENT, DESCENT, edges, text_width
from .marks import Line, Mark, Piece, Span, text_of

_WORD = re.compile(r"\S+")


class Style(NamedTuple):
    """How a run looks. `grey` is 0 for black to 1 for white."""

    face: str = "sans"
    size: float = 9.0
    bold: bool = False
    grey: float = 0.0

    @property
    def leading(self) -> float:
        """Distance of base lines in points."""
        return self.size * 1.22

    def but(self, *, size: float = 0.0, bold: bool | None = None) -> Style:
        """The same style, larger or bolder."""
        return self._replace(size=size or self.size, bold=self.bold if bold is None else bold)


class Run(NamedTuple):
    """Text on a base line, `x` and `y` in points from the top left."""

    x: float
    y: float
    line: tuple[Piece, ...]
    style: Style


class Shape(NamedTuple):
    """A rule, box or picture place: kind is "line", "box", "fill", "logo", "check" or "stamp"."""

    kind: str
    x0: float
    y0: float
    x1: float
    y1: float
    grey: float = 0.0


@dataclass(slots=True)
class Sheet:
    """One page while it is being set."""

    width: float
    height: float
    runs: list[Run] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)


class Canvas:
    """The pages of one document while they are being set."""

    def __init__(self, width: float = 595.0, height: float = 842.0) -> None:
        self.width, self.height = width, height
        self.sheets = [Sheet(width, height)]

    @property
    def sheet(self) -> Sheet:
        """The page in work."""
        return self.sheets[-1]

    def turn(self) -> None:
        """Begin a new page."""
        self.sheets.append(Sheet(self.width, self.height))

    def write(
        self, x: float, y: float, line: Line, style: Style, align: str = "left", width: float = 0.0
    ) -> None:
        """Set `line` with its base line at `y`, within `width` where it is aligned otherwise."""
        text = text_of(line)
        if not text.strip():
            return
        if align != "left":
            free = width - text_width(text, style.face, style.size, bold=style.bold)
            x += free if align == "right" else free / 2
        self.sheet.runs.append(Run(x, y, tuple(line), style))


class _Found(NamedTuple):
    word: Word
    marks: tuple[tuple[Mark, int, int], ...]


def _words(run: Run) -> list[_Found]:
    """The words of a run with the marks that touch each, as offsets in the word."""
    x, y, line, style = run
    text = text_of(line)
    at = edges(text, style.face, style.size, bold=style.bold)
    marked = []
    start = 0
    for piece in line:
        end = start + len(piece.text)
        marked.extend((mark, start, end) for mark in piece.marks)
        start = end
    top, bottom = y - ASCENT * style.size, y + DESCENT * style.size
    out = []
    for match in _WORD.finditer(text):
        a, b = match.span()
        box = Box(round(x + at[a], 2), round(top, 2), round(x + at[b], 2), round(bottom, 2))
        word = Word(
            match.group(), box, 1.0, round(style.size, 2), style.bold or style.face == "till"
        )
        found = []
        for mark, first, last in marked:
            if first < b and last > a:
                found.append((mark, max(first, a) - a, min(last, b) - a))
        out.append(_Found(word, tuple(found)))
    return out


def reading_order(words: list[_Found]) -> list[_Found]:
    """Lines from top to bottom, words from left to right, as readers hand them over."""
    lines: list[list[_Found]] = []
    middle = -1e9
    for found in sorted(words, key=lambda f: f.word.box.middle):
        box = found.word.box
        if not lines or box.middle - middle > 0.35 * box.height:
            lines.append([])
            middle = box.middle
        lines[-1].append(found)
    return [found for line in lines for found in sorted(line, key=lambda f: f.word.box.x0)]


def _spans(number: int, words: list[_Found]) -> list[tuple[int, Span]]:
    touched: dict[int, list[int]] = defaultdict(list)
    marks: dict[int, Mark] = {}
    offsets: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for index, found in enumerate(words):
        for mark, start, end in found.marks:
            key = id(mark)
            marks[key] = mark
            if touched[key] and touched[key][-1] == index:
                offsets[key][-1] = (offsets[key][-1][0], end)
                continue
            touched[key].append(index)
            offsets[key].append((start, end))
    out = []
    for key, indexes in touched.items():
        mark = marks[key]
        rows: dict[int, list[Box]] = defaultdict(list)
        for index, (start, end) in zip(indexes, offsets[key], strict=True):
            text, box = words[index].word.text, words[index].word.box
            wide = box.width / max(1, len(text))
            part = Box(box.x0 + start * wide, box.y0, box.x0 + end * wide, box.y1)
            rows[round(box.y1)].append(part)
        span = (
            Span(
                mark.field, mark.values[0] if mark.values else "", mark.group, number,
                tuple(indexes), offsets[key][0][0], offsets[key][-1][1], mark.kind,
                tuple(around(boxes) for boxes in rows.values()),
            )
        )  # fmt: skip
        out.append((key, span))
    return out


def to_document(canvas: Canvas, name: str) -> tuple[Document, list[Span], list[Mark]]:
    """The canvas as a reader would hand it over, the spans of its marks, and its marks."""
    pages: list[Page] = []
    spans: list[tuple[int, Span]] = []
    marks: dict[int, Mark] = {}
    for number, sheet in enumerate(canvas.sheets, 1):
        found = reading_order([word for run in sheet.runs for word in _words(run)])
        pages.append(Page(number, sheet.width, sheet.height, tuple(f.word for f in found)))
        spans.extend(_spans(number, found))
        for run in sheet.runs:
            for piece in run.line:
                for mark in piece.marks:
                    marks[id(mark)] = mark
    digest = hashlib.sha256(name.encode()).hexdigest()
    document = Document(name, digest, "application/pdf", "generator", tuple(pages))
    # what a page break cuts in two has no span: neither half is the value
    whole = Counter(key for key, _ in spans)
    return document, [span for key, span in spans if whole[key] == 1], list(marks.values())
