"""The parts of a page's layout; all frozen, all in points of the upright page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from idp_cdi.documents import Box, Page, Word

Direction = Literal["right", "left", "below", "above"]


class Line(NamedTuple):
    """All words at one height, left to right; `segments` are indexes into `PageLayout.segments`."""

    words: tuple[Word, ...]
    box: Box
    segments: tuple[int, ...]

    @property
    def text(self) -> str:
        """The words joined by blanks."""
        return " ".join(w.text for w in self.words)


class Segment(NamedTuple):
    """Words of one line without a wide gap between them.

    `line` is the index of its line, `block` of its block, `size` the height of its print in points.
    """

    words: tuple[Word, ...]
    box: Box
    line: int
    block: int
    size: float
    bold: bool

    @property
    def text(self) -> str:
        """The words joined by blanks."""
        return " ".join(w.text for w in self.words)


class Block(NamedTuple):
    """Segments that belong together like the lines of a paragraph or an address, top to bottom.

    `segments` are indexes into `PageLayout.segments`, `column` into `PageLayout.columns`.
    """

    segments: tuple[int, ...]
    box: Box
    column: int
    text: str


class Neighbour(NamedTuple):
    """The nearest segment in one direction and the free space between, in points."""

    segment: int
    distance: float


class Cell(NamedTuple):
    """One cell of a table; `text` has its lines joined by blanks, "" for an empty one."""

    row: int
    column: int
    words: tuple[Word, ...]
    box: Box
    text: str


class Table(NamedTuple):
    """Rows × columns of cells, every row of the same length.

    `header` is the number of head rows (0 or more), `ruled` says that drawn lines made it,
    `edges` are the columns' left and right borders in points.
    """

    page: int
    box: Box
    rows: tuple[tuple[Cell, ...], ...]
    header: int
    ruled: bool
    edges: tuple[tuple[float, float], ...]

    @property
    def texts(self) -> list[list[str]]:
        """The cells' texts, row by row."""
        return [[cell.text for cell in row] for row in self.rows]


@dataclass(frozen=True, slots=True)
class PageLayout:
    """The layout of one page.

    Attributes:
        page: The page it is of.
        lines: Whole lines, top to bottom.
        segments: Parts of lines between wide gaps, in the order of the lines.
        blocks: Groups of segments.
        columns: Columns of running text; one that is as wide as the page where there are none.
        tables: Tables with at least two rows and two columns.
        order: Indexes of `blocks` in reading order.
        neighbours: For each segment its neighbours: right, left, below, above (None: nothing).
    """

    page: Page
    lines: tuple[Line, ...]
    segments: tuple[Segment, ...]
    blocks: tuple[Block, ...]
    columns: tuple[Box, ...]
    tables: tuple[Table, ...]
    order: tuple[int, ...]
    neighbours: tuple[
        tuple[Neighbour | None, Neighbour | None, Neighbour | None, Neighbour | None], ...
    ]

    def right_of(self, segment: int) -> Neighbour | None:
        """The nearest segment to the right on the same height."""
        return self.neighbours[segment][0]

    def left_of(self, segment: int) -> Neighbour | None:
        """The nearest segment to the left on the same height."""
        return self.neighbours[segment][1]

    def below(self, segment: int) -> Neighbour | None:
        """The nearest segment below that overlaps it in width."""
        return self.neighbours[segment][2]

    def above(self, segment: int) -> Neighbour | None:
        """The nearest segment above that overlaps it in width."""
        return self.neighbours[segment][3]

    def in_reading_order(self) -> tuple[Block, ...]:
        """The blocks as a person would read them."""
        return tuple(self.blocks[index] for index in self.order)

    @property
    def text(self) -> str:
        """The page's text in reading order: a line a segment, an empty line between blocks."""
        return "\n\n".join(block.text for block in self.in_reading_order())
