"""Tables: rows and columns of cells, from drawn lines where there are some, else from alignment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.documents import Box, around
from idp_cdi.layout._types import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.documents import Page, Word
    from idp_cdi.layout._types import Line, PageLayout, Segment


def tables_of(page: Page, lines: Sequence[Line], segments: Sequence[Segment]) -> list[Table]:
    """The tables of a page, top to bottom."""
    return _aligned(page, lines, segments)


def _aligned(page: Page, lines: Sequence[Line], segments: Sequence[Segment]) -> list[Table]:
    """Runs of lines with three or more segments that stand below each other."""
    tables = []
    run: list[int] = []
    for index in [*range(len(lines)), -1]:
        if index >= 0 and len(lines[index].segments) >= 3:
            run.append(index)
            continue
        if index >= 0 and run and len(run) >= 1 and lines[index].segments:
            inside = len(lines[index].segments) <= 2 and index - run[-1] <= 2
            near = (
                lines[index].box[1] - lines[run[-1]].box[3]
                < 2 * segments[lines[index].segments[0]].size
            )
            if inside and near:
                continue
        if len(run) >= 2:
            table = _from_lines(page, lines, segments, run)
            if table is not None:
                tables.append(table)
        run = []
    return tables


def _from_lines(
    page: Page, lines: Sequence[Line], segments: Sequence[Segment], run: list[int]
) -> Table | None:
    boxes = [segments[s].box for i in run for s in lines[i].segments]
    edges = _columns([(b[0], b[2]) for b in boxes])
    if len(edges) < 2:
        return None
    rows: list[list[list[Word]]] = []
    for index in range(run[0], run[-1] + 1):
        cells: list[list[Word]] = [[] for _ in edges]
        for s in lines[index].segments:
            cells[_nearest(segments[s].box, edges)].extend(segments[s].words)
        if rows and index not in run:
            for column, words in enumerate(cells):
                rows[-1][column].extend(words)
        else:
            rows.append(cells)
    made = tuple(
        tuple(_cell(r, c, words, edges[c]) for c, words in enumerate(row))
        for r, row in enumerate(rows)
    )
    return Table(
        page.number, around(boxes), made, 1 if len(made) > 1 else 0, ruled=False, edges=tuple(edges)
    )


def _cell(row: int, column: int, words: list[Word], edge: tuple[float, float]) -> Cell:
    box = around(w.box for w in words) if words else Box(edge[0], 0.0, edge[1], 0.0)
    return Cell(row, column, tuple(words), box, " ".join(w.text for w in words))


def _columns(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Shadows of all segments on the width of the page, merged where they overlap."""
    merged: list[tuple[float, float]] = []
    for left, right in sorted(spans):
        if merged and left < merged[-1][1] - 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], right))
        else:
            merged.append((left, right))
    return merged


def _nearest(box: Box, edges: Sequence[tuple[float, float]]) -> int:
    return max(range(len(edges)), key=lambda i: min(box[2], edges[i][1]) - max(box[0], edges[i][0]))


def joined(layouts: tuple[PageLayout, ...]) -> tuple[tuple[Table, ...], ...]:
    """See `idp_cdi.layout.document_tables`."""
    found: list[list[Table]] = []
    for layout in layouts:
        for index, table in enumerate(layout.tables):
            if index == 0 and found and _goes_on(found[-1][-1], table):
                found[-1].append(table)
            else:
                found.append([table])
    return tuple(tuple(parts) for parts in found)


def _goes_on(before: Table, after: Table) -> bool:
    """The first table of the next page has the columns of the last table of this one."""
    if after.page != before.page + 1 or len(after.edges) != len(before.edges):
        return False
    return all(
        min(a[1], b[1]) - max(a[0], b[0]) > 0
        for a, b in zip(before.edges, after.edges, strict=True)
    )
