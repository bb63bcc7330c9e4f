"""What a reader hands over: a document of pages of words with boxes.

Coordinates are PDF points (1/72 inch), origin at the top left of the page as a person sees it
(page rotation and crop box already applied); pages count from 1.

>>> a, b = Box(10, 10, 50, 20), Box(40, 12, 90, 22)
>>> a.union(b)
Box(x0=10, y0=10, x1=90, y1=22)
>>> Page(1, 595, 842, (Word("Hello", a), Word("there", b))).text
'Hello there'
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Box(NamedTuple):
    """A rectangle on a page in points, origin top left, x1 ≥ x0 and y1 ≥ y0."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Width in points."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Height in points."""
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        """The vertical centre, in points from the top."""
        return (self.y0 + self.y1) / 2

    def union(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            min(self.x0, other.x0),
            min(self.y0, other.y0),
            max(self.x1, other.x1),
            max(self.y1, other.y1),
        )


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box around all `boxes`; raises ValueError when there is none."""
    many = list(boxes)
    return Box(
        min(b.x0 for b in many),
        min(b.y0 for b in many),
        max(b.x1 for b in many),
        max(b.y1 for b in many),
    )


class Word(NamedTuple):
    """One word as printed.

    `confidence` is the reader's own 0–1 certainty of the characters: 1 for a text layer, the
    engine's figure for OCR. `size` is the font size in points, 0 where unknown. `turned` are the
    degrees, clockwise, by which a word of a scan is turned against the page: 90 is read from top to
    bottom, 270 from bottom to top, as stamps along an edge are.
    """

    text: str
    box: Box
    confidence: float = 1.0
    size: float = 0.0
    bold: bool = False
    turned: int = 0


class PageSource(StrEnum):
    """Where the words of a page came from."""

    TEXT = "text"
    OCR = "ocr"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its size in points and its words in reading order (lines top to bottom).

    Words at a right angle to the page follow behind all others.

    `rotation` and `skew` (degrees) say what was undone to read it; `problem` why it has no words.
    Boxes always refer to the upright page: first turned by `rotation` (clockwise, a multiple of 90)
    beyond what the file itself says, then by `skew`. `rules` are ruling lines as thin boxes,
    `language` the ISO 639-1 code of the page's text where it was found out.
    """

    number: int
    width: float
    height: float
    words: tuple[Word, ...] = ()
    source: PageSource = PageSource.TEXT
    rotation: int = 0
    skew: float = 0.0
    problem: str = ""
    rules: tuple[Box, ...] = ()
    language: str = ""

    @property
    def text(self) -> str:
        """The words joined by blanks; for lines and columns see `idp_cdi.layout`."""
        return " ".join([w.text for w in self.words])


@dataclass(frozen=True, slots=True)
class EmbeddedValue:
    """One value of the structured part (e-invoice XML) of a document; `path` says where."""

    name: str
    value: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line of an invoice or order. Amounts are plain decimals as text; "" where unknown."""

    description: str = ""
    quantity: str = ""
    unit: str = ""
    unit_price: str = ""
    tax_rate: str = ""
    tax_amount: str = ""
    net_amount: str = ""
    confidence: float = 1.0
    page: int = 0
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Embedded:
    """Structured data that came inside a document or is the document (a pure XML invoice)."""

    syntax: str
    profile: str
    values: tuple[EmbeddedValue, ...]
    line_items: tuple[LineItem, ...] = ()
    document_type: str = "invoice"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that went wrong or looks wrong with one document; never just a log line."""

    code: str
    message: str
    action: str = ""
    page: int = 0


#: The `reader` of a part that none could read; its one problem says why.
REFUSED = "none"
#: The code of a problem: nobody reads files of this kind.
UNKNOWN_KIND = "input.unknown_kind"


@dataclass(frozen=True, slots=True)
class Document:
    """A file as read. `name` is the path as given, `sha256` identifies the bytes for ever.

    `children` are documents found inside (mail attachments, archive members); their `name` is
    ``parent!member``. `reader` names the way that read it ("pdf", "image", "einvoice.cii" …).
    """

    name: str
    sha256: str
    media_type: str
    reader: str
    pages: tuple[Page, ...] = ()
    embedded: Embedded | None = None
    children: tuple[Document, ...] = ()
    problems: tuple[Problem, ...] = ()
    language: str = ""
    seconds: float = 0.0
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All words of all pages, a form feed between pages."""
        return "\f".join(p.text for p in self.pages)
