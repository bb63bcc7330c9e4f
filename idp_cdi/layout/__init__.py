"""Layout: what the geometry of a page says, worked out once.

    from idp_cdi.layout import analyse, document_tables

    layout = analyse(page)
    for line in layout.lines: ...              # whole lines, left to right, top to bottom
    for segment in layout.segments: ...        # parts of lines between wide gaps
    layout.right_of(3), layout.below(3)        # neighbours of segment 3: index, distance
    for block in layout.in_reading_order(): ...
    for table in layout.tables: ...            # rows × columns of cells

Everything is geometry: no language, no field names. Distances and boxes are points of the upright
page. All results are frozen; indexes point into the tuples of the same `PageLayout`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.layout._types import (
    Block,
    Cell,
    Direction,
    Line,
    Neighbour,
    PageLayout,
    Segment,
    Table,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idp_cdi.documents import Page

__all__ = [
    "Block",
    "Cell",
    "Direction",
    "Line",
    "Neighbour",
    "PageLayout",
    "Segment",
    "Table",
    "analyse",
    "document_tables",
]


def analyse(page: Page) -> PageLayout:
    """Lines, segments, blocks, columns, neighbours and tables of one page.

    Args:
        page: A page with words; one without gives an empty layout.

    Returns:
        The layout; never raises for any words and boxes.
    """
    from idp_cdi.layout._page import layout_of

    return layout_of(page)


def document_tables(layouts: Iterable[PageLayout]) -> tuple[tuple[Table, ...], ...]:
    """Tables of a whole document, each as the parts it has on consecutive pages.

    Args:
        layouts: One layout a page, in order.

    Returns:
        A tuple a table; a table that goes on over pages has several parts, with the same columns.
    """
    from idp_cdi.layout._tables import joined

    return joined(tuple(layouts))
