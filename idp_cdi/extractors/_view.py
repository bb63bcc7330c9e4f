"""The geometry that candidates and features share: segments, visual lines, blocks.

A *segment* is a run of words on one line without a gap as wide as a letter is high: a table cell,
a label, one line of an address. A *block* is a stack of segments that stand close below each other
and overlap sideways. Everything is computed once per document from the word boxes alone, so that a
text layer, OCR and the generator's pages look the same.

>>> from idp_cdi.documents import Box, Document, Page, Word
>>> words = (Word("Total", Box(10, 10, 40, 20)), Word("due:", Box(43, 10, 60, 20)),
...          Word("12.50", Box(200, 10, 230, 20)))
>>> view = View.of(Document("a.pdf", "", "application/pdf", "pdf", (Page(1, 595, 842, words),)))
>>> [s.text for s in view.segments]
['Total due:', '12.50']
>>> view.segments[0].line == view.segments[1].line
True
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from idp_cdi.documents import Box, PageSource
from idp_cdi.extractors._columns import in_columns
from idp_cdi.extractors._slanting import slanting, standing

if TYPE_CHECKING:
    from idp_cdi.documents import Document, Page, Word
    from idp_cdi.extractors import Candidate
    from idp_cdi.extractors._block import Block
    from idp_cdi.extractors._lexicon import Hit

_NOT_KEY = re.compile(r"[^0-9a-z]+")
_SPECIAL = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ł": "l", "º": "o"})
_GLUED = re.compile(
    r"([^\W\d_][^:@]*:|[#№]|(?:n[°ºo]|nr|no|num)[.:]{1,2}(?=\d)|(?:kd\.?-?)?nr\.(?=\d))(?!//)(\S+)$",
    re.IGNORECASE,
)
_STUCK = re.compile(r"([^\W\d_]{4,}(?<=[a-zäöüß])\.?)(\d[\w./-]*)$")
"""A word of small letters with a number right behind it, as in "Debitorennummer8"."""
_STUCK_CODE = re.compile(r"((?:[^\W\d_]|['’º°-])+(?<=[a-zß-ÿº°])\.?|no\.)([A-Z]{0,4}-?\d[\w./-]*)$")
"""A label with a code of letters and digits right behind it, as in "Kundennr.BG7842"."""
_ELIDED = re.compile(r"^[dl]['’]", re.IGNORECASE)
_RUN = re.compile(r"(\d[\d./-]{2,})([^\W\d_]{2,6})(\d[\d./-]*)?$")
"""OCR that lost the blanks around a word between numbers, as in "471102vom05.03.2018"."""
_NO_LABEL = frozenset("0123456789.,:;()[]{}<>+-*/=%$&'\"!?|_@")
"""What no label begins with."""
_LETTERS = {"1": "l", "0": "o", "5": "s"}
"""Digits that OCR takes letters for."""
_BULLETS = frozenset("•●·|∙▪◦‧■")
_GAP_OCR = 1.25
_GAP = 0.95
"""Gap between two words, in letter heights, from which they are two segments."""


@lru_cache(maxsize=65536)
def key(text: str) -> str:
    """Text without case, accents, blanks and punctuation: what labels are compared by.

    >>> key("Rechnungs-Nr.:"), key("N° de facture")
    ('rechnungsnr', 'ndefacture')
    """
    if text.isascii():
        return _NOT_KEY.sub("", text.lower())
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_SPECIAL).replace("°", ""))
    return _NOT_KEY.sub("", folded)


@dataclass(slots=True, eq=False)
class Segment:
    """A run of words that belong together on one line; `words` index ``page.words``.

    A printed word that glues a label to its value ("Kundennummer:82") is two words here, both
    with the same index; `boxes` has a box for each, `numeric` whether it has a digit. `turned` says
    by how much a stamp along an edge is, see `Word`; it is a line and a block of its own.
    """

    index: int
    page: int
    line: int
    words: list[int]
    texts: list[str]
    boxes: list[Box]
    box: Box
    size: float
    bold: bool
    confidence: float
    turned: int = 0
    block: int = -1
    text: str = ""
    keys: list[str] = field(default_factory=list)
    numeric: list[bool] = field(default_factory=list)
    digits: bool = False

    def __post_init__(self) -> None:
        self.text = " ".join(self.texts)
        self.keys = [key(t) for t in self.texts]
        self.numeric = [any(map(str.isdigit, t)) for t in self.texts]
        self.digits = True in self.numeric


@dataclass(slots=True, eq=False)
class View:
    """Segments, lines and blocks of a document; lines and blocks hold segment indexes.

    `labels` has the label hits of each segment once `_lexicon.labels_of` has looked for them;
    `places` and `addresses` what `places.candidates` and `parties.blocks_of` found, likewise.
    """

    document: Document
    segments: list[Segment]
    lines: list[list[int]]
    blocks: list[list[int]]
    size: float
    of_word: dict[tuple[int, int], int] = field(default_factory=dict)
    labels: list[list[Hit]] = field(default_factory=list)
    places: list[Candidate] | None = None
    addresses: list[Block] | None = None

    @classmethod
    def of(cls, document: Document) -> View:
        """Work out the geometry of all pages."""
        segments: list[Segment] = []
        lines: list[list[int]] = []
        for page in document.pages:
            rows = _rows(page)
            typical = _typical(page, rows)
            split = [_split(page, row, typical) for row in rows]
            if page.source != PageSource.OCR:
                split = in_columns([w.box for w in page.words], split, *typical)
            for parts in (*split, *([row] for row in standing(page.words))):
                here = [
                    _segment(page, part, len(lines), len(segments) + n)
                    for n, part in enumerate(parts)
                ]
                lines.append([s.index for s in here])
                segments += here
        sizes = [s.size for s in segments for _ in s.words]
        view = cls(document, segments, lines, [], _median(sizes) if sizes else 10.0)
        view.of_word = {(s.page, w): s.index for s in segments for w in s.words}
        _stack(view)
        return view

    def page(self, number: int) -> Page:
        """The page with this number."""
        for page in self.document.pages:
            if page.number == number:
                return page
        raise KeyError(number)

    def beside(self, segment: Segment) -> tuple[list[Segment], list[Segment]]:
        """The segments to the left (nearest first) and right (nearest first) on its line."""
        row = [self.segments[i] for i in self.lines[segment.line]]
        at = row.index(segment)
        return row[:at][::-1], row[at + 1 :]


def _median(values: list[float]) -> float:
    """The middle one; `statistics` would bring fractions and decimals along at every start."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _rows(page: Page) -> list[list[int]]:
    """Word indexes of each visual line, top to bottom, each left to right."""
    boxes = [w.box for w in page.words]
    order = sorted(
        (i for i, w in enumerate(page.words) if not w.turned and w.text.strip()),
        key=lambda i: (boxes[i][1] + boxes[i][3], boxes[i][0]),
    )
    if page.source == PageSource.OCR:
        return slanting(boxes, order)
    rows: list[tuple[float, float, list[int]]] = []
    for i in order:
        _, y0, _, y1 = boxes[i]
        home = -1
        for r in range(len(rows) - 1, max(-1, len(rows) - 5), -1):
            top, bottom, _ = rows[r]
            overlap = (bottom if bottom < y1 else y1) - (top if top > y0 else y0)
            if overlap > 0.55 * min(bottom - top, y1 - y0):
                mixed = bottom - top > 1.25 * (y1 - y0)
                if not mixed or not _stands_above(boxes[i], rows[r][2], boxes):
                    home = r
                    break
        if home < 0:
            rows.append((y0, y1, [i]))
        else:
            top, bottom, members = rows[home]
            members.append(i)
            n = len(members)
            # The mean, not the union: a line that is not quite level must not swallow the next.
            rows[home] = (top + (y0 - top) / n, bottom + (y1 - bottom) / n, members)
    rows.sort(key=lambda r: r[0] + r[1])
    return [sorted(m, key=lambda i: boxes[i][0]) for _, _, m in rows]


def _stands_above(box: Box, members: list[int], boxes: list[Box]) -> bool:
    """Whether a word is above or below one of a row: beside a tall word two lines may stand."""
    x0, y0, x1, y1 = box
    for i in members:
        a0, b0, a1, b1 = boxes[i]
        aside = (a1 if a1 < x1 else x1) - (a0 if a0 > x0 else x0)
        if aside > 1.0 and abs((b0 + b1) - (y0 + y1)) > (b1 - b0 if b1 - b0 < y1 - y0 else y1 - y0):
            return True
    return False


def _typical(page: Page, rows: list[list[int]]) -> tuple[float, float]:
    """The page's letter height and the blank between its words.

    Typewriter faces have wide blanks, and OCR boxes are as high as the letters that a word
    happens to have: neither must tear a line apart.
    """
    words = page.words
    heights = [words[i].box.height for row in rows for i in row]
    if not heights:
        return 10.0, 0.0
    height = _median(heights)
    gaps = [
        gap
        for row in rows
        for i, j in pairwise(row)
        if 0.0 < (gap := words[j].box.x0 - words[i].box.x1) < 1.5 * height
    ]
    return height, _median(gaps) if len(gaps) > 8 else 0.0


def _split(page: Page, row: list[int], typical: tuple[float, float]) -> list[list[int]]:
    """The words of a row where wide blanks part it."""
    words = page.words
    parts: list[list[int]] = [[row[0]]]
    least, blank = 0.85 * typical[0], 1.6 * typical[1]
    gap = _GAP_OCR if page.source == PageSource.OCR else _GAP
    for i in row[1:]:
        last, box = words[parts[-1][-1]].box, words[i].box
        height = max(min(last.height, box.height), 1.0)
        height = min(max(height, least), 1.6 * height)
        bullet = words[i].text in _BULLETS or words[parts[-1][-1]].text in _BULLETS
        widest = max((3.0 if bullet else gap) * height, blank)
        if box.x0 - last.x1 > widest:
            parts.append([i])
        else:
            parts[-1].append(i)
    return parts


def _segment(page: Page, part: list[int], line: int, index: int) -> Segment:
    words: list[Word] = [page.words[i] for i in part]
    indexes, texts, boxes = _unglued(part, words, ocr=page.source == PageSource.OCR)
    _, printed, sure, _, heavy, _ = zip(*words, strict=True)
    _, tops, rights, bottoms = zip(*printed, strict=True)
    box = Box(printed[0].x0, min(tops), max(rights), max(bottoms))
    turned = words[0].turned
    size = max([w.size or (w.box.width if turned else w.box.height) for w in words])
    bold = sum(heavy) * 2 > len(words)
    confidence = min(sure)
    return Segment(
        index, page.number, line, indexes, texts, boxes, box, size, bold, confidence, turned
    )


def _unglued(
    part: list[int], words: list[Word], *, ocr: bool
) -> tuple[list[int], list[str], list[Box]]:
    """The words with labels cut off values that stick to them; boxes in proportion to letters."""
    indexes: list[int] = []
    texts: list[str] = []
    boxes: list[Box] = []
    for i, word in zip(part, words, strict=True):
        text, box = word.text.strip(), word.box
        cuts = _cuts(text, ocr=ocr)
        if len(cuts) == 1:
            indexes.append(i)
            texts.append(text)
            boxes.append(box)
            continue
        share = box.width / len(text)
        for start, end in cuts:
            indexes.append(i)
            texts.append(text[start:end])
            boxes.append(Box(box.x0 + share * start, box.y0, box.x0 + share * end, box.y1))
    return indexes, texts, boxes


def _cuts(text: str, *, ocr: bool) -> list[tuple[int, int]]:
    """Where a printed word is cut: one range where it is one word."""
    found = None
    if len(text) > 3 and not text.isalpha() and text[0] not in _NO_LABEL:
        found = _GLUED.match(text) or _STUCK.match(text)
        if (
            found is None
            and (code := _STUCK_CODE.match(text))
            and _is_label(_ELIDED.sub("", code[1]))
        ):
            found = code
    if found is not None and ocr and _is_label(text[:-1] + _LETTERS.get(text[-1], "?1")):
        return [(0, len(text))]  # "Tota1"
    if found is not None:
        return [found.span(1), found.span(2)]
    run = _RUN.match(text) if ocr else None
    if run is not None and _is_label(run[2]):
        return [run.span(n) for n in (1, 2, 3) if run[n]]
    return [(0, len(text))]


def _is_label(word: str) -> bool:
    from idp_cdi.extractors._wordings import lexicon

    return key(word) in lexicon().concepts


def _stack(view: View) -> None:
    """Join segments to blocks: near below, overlapping sideways."""
    last: list[tuple[Segment, Box, float]] = []  # box and height at hand: the inner loop is hot
    for segment in view.segments:
        box = segment.box
        height = box.y1 - box.y0
        above, lowest = None, float("-inf")
        for other, upper, high in () if segment.turned else last:
            if (
                upper.y1 > lowest
                and upper.x1 > box.x0
                and upper.x0 < box.x1
                and other.page == segment.page
                and other.line != segment.line
                and box.y0 - upper.y1 < 0.9 * min(high, height) + 1.5
            ):
                above, lowest = other, upper.y1
        if above is None:
            segment.block = len(view.blocks)
            view.blocks.append([segment.index])
        else:
            segment.block = above.block
            view.blocks[above.block].append(segment.index)
        if not segment.turned:
            last.append((segment, box, height))
        if len(last) > 40:
            del last[0]
