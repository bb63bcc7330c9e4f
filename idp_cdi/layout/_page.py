"""Puts the layout of one page together: lines, segments, neighbours, blocks, order, tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.documents import Box, around
from idp_cdi.layout._blocks import block_members, columns_of, reading_order
from idp_cdi.layout._lines import box_of, is_sideways, lines_of, print_height, segments_of
from idp_cdi.layout._neighbours import neighbours_of
from idp_cdi.layout._tables import tables_of
from idp_cdi.layout._types import Block, Line, PageLayout, Segment

if TYPE_CHECKING:
    from idp_cdi.documents import Page, Word


def layout_of(page: Page) -> PageLayout:
    """See `idp_cdi.layout.analyse`."""
    whole = Box(0.0, 0.0, page.width, page.height)
    walls = [r for r in page.rules if r.height > r.width]
    floors = [r for r in page.rules if r.width >= r.height]
    lines: list[Line] = []
    bare: list[Segment] = []
    # Sorted first, so that equal pages have equal layouts in whatever order their words come.
    words_ = sorted(page.words, key=lambda w: (w.box, w.text))
    upright = [word for word in words_ if not is_sideways(word)]
    sideways = [word for word in words_ if is_sideways(word)]
    for words in [*lines_of(upright), *([word] for word in sideways)]:
        first = len(bare)
        for part in segments_of(words, _beside(walls, words)):
            bold = 2 * sum(w.bold for w in part) > len(part)
            size = print_height(part)
            bare.append(Segment(tuple(part), box_of(part), len(lines), -1, size, bold))
        lines.append(Line(tuple(words), box_of(words), tuple(range(first, len(bare)))))
    neighbours = neighbours_of(bare, lines)
    below = [n[2].segment if n[2] else -1 for n in neighbours]
    above = [n[3].segment if n[3] else -1 for n in neighbours]
    groups = block_members(bare, below, above, floors)
    boxes = [around(bare[i].box for i in group) for group in groups]
    columns = columns_of(boxes, whole)
    segments = list(bare)
    blocks = []
    for index, (group, box) in enumerate(zip(groups, boxes, strict=True)):
        for member in group:
            segments[member] = bare[member]._replace(block=index)
        text = "\n".join(bare[i].text for i in group)
        blocks.append(Block(tuple(group), box, _column(box, columns), text))
    return PageLayout(
        page=page,
        lines=tuple(lines),
        segments=tuple(segments),
        blocks=tuple(blocks),
        columns=tuple(columns),
        tables=tuple(tables_of(page, lines, segments)),
        order=tuple(reading_order(boxes)),
        neighbours=tuple(neighbours),
    )


def _beside(walls: list[Box], words: list[Word]) -> list[Box]:
    """The upright drawn lines that cross the height of a line of words."""
    middle = words[0].box.middle
    return [wall for wall in walls if wall[1] <= middle <= wall[3]]


def _column(box: Box, columns: list[Box]) -> int:
    """The column that shares most of its width with `box`."""
    return max(
        range(len(columns)),
        key=lambda i: min(box[2], columns[i][2]) - max(box[0], columns[i][0]),
    )
