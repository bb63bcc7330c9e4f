"""Tables: rows and columns of cells, from drawn lines where there are some, else from alignment.

**Ruled**: level and upright lines that meet make a grid; each word goes into the cell that holds
its middle. Lines that only part the rows, or only the columns, are not enough for a grid.

**Aligned**: neighbouring lines of three or more segments whose segments stand below each other.
Columns are the shadows of the segments, counted over lines, so that one long heading does not
bridge two columns. A line with fewer segments between two such lines goes on with the cells above.

A table goes on over a page when the first table there has the same columns; a header that is
printed again on each page is known by its text.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING

from idp_cdi.documents import Box, around
from idp_cdi.layout._types import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.documents import Page, Word
    from idp_cdi.layout._types import Line, PageLayout, Segment

_NEAR = 3.0  # points within which drawn lines meet or are the same
_MOST_RULES = 600  # a page that draws more is no form with a table
_LEAST = 3  # segments that a line of an aligned table has
_STEP = 2.2  # heights of print that two rows of an aligned table may be apart
_SMALL_GAP = 4.0  # points of white between two columns


def tables_of(page: Page, lines: Sequence[Line], segments: Sequence[Segment]) -> list[Table]:
    """The tables of a page, top to bottom."""
    ruled = _ruled(page)
    free = [
        line for line in lines if not any(t.box[1] <= line.box.middle <= t.box[3] for t in ruled)
    ]
    return sorted([*ruled, *_aligned(page, free, segments)], key=lambda t: (t.box[1], t.box[0]))


def _ruled(page: Page) -> list[Table]:
    """Grids of drawn lines with at least two rows and two columns and words in them."""
    if not 4 <= len(page.rules) <= _MOST_RULES:
        return []
    tables = []
    for group in _meeting(page.rules):
        xs = _merged([(r[0] + r[2]) / 2 for r in group if r.height > r.width])
        ys = _merged([(r[1] + r[3]) / 2 for r in group if r.width >= r.height])
        if len(xs) < 3 or len(ys) < 3:
            continue
        table = _grid(page, xs, ys)
        if table is not None:
            tables.append(table)
    return tables


def _meeting(rules: Sequence[Box]) -> list[list[Box]]:
    """Drawn lines grouped by whether they touch, directly or through others."""
    parent = list(range(len(rules)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    order = sorted(range(len(rules)), key=lambda i: rules[i][0])
    open_: list[int] = []
    for index in order:
        x0, y0, _, y1 = rules[index]
        open_ = [other for other in open_ if rules[other][2] >= x0 - _NEAR]
        for other in open_:
            if rules[other][1] <= y1 + _NEAR and rules[other][3] >= y0 - _NEAR:
                parent[root(index)] = root(other)
        open_.append(index)
    groups: dict[int, list[Box]] = {}
    for index in range(len(rules)):
        groups.setdefault(root(index), []).append(rules[index])
    return list(groups.values())


def _merged(places: list[float]) -> list[float]:
    """Sorted places, those within `_NEAR` points taken for one."""
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > _NEAR:
            found.append(place)
    return found


def _grid(page: Page, xs: list[float], ys: list[float]) -> Table | None:
    held: dict[tuple[int, int], list[Word]] = {}
    for word in page.words:
        column = bisect_right(xs, (word.box[0] + word.box[2]) / 2) - 1
        row = bisect_right(ys, word.box.middle) - 1
        if 0 <= column < len(xs) - 1 and 0 <= row < len(ys) - 1:
            held.setdefault((row, column), []).append(word)
    filled_rows = sorted({row for row, _ in held})
    filled_columns = {column for _, column in held}
    if len(filled_rows) < 2 or len(filled_columns) < 2:
        return None
    rows = tuple(
        tuple(
            Cell(
                at,
                column,
                tuple(held.get((row, column), ())),
                Box(xs[column], ys[row], xs[column + 1], ys[row + 1]),
                " ".join(w.text for w in held.get((row, column), ())),
            )
            for column in range(len(xs) - 1)
        )
        for at, row in enumerate(filled_rows)
    )
    edges = tuple(pairwise(xs))
    box = Box(xs[0], ys[0], xs[-1], ys[-1])
    return Table(page.number, box, rows, _header_rows(rows), ruled=True, edges=edges)


def _aligned(page: Page, lines: Sequence[Line], segments: Sequence[Segment]) -> list[Table]:
    """Runs of lines with many segments that stand below each other."""
    tables = []
    run: list[Line] = []
    for line in [*lines, None]:
        if line is not None and run and _goes_with(run, line, segments):
            run.append(line)
            continue
        while run and len(run[-1].segments) < _LEAST:
            run.pop()
        if sum(len(member.segments) >= _LEAST for member in run) >= 2:
            table = _from_lines(page, run, segments)
            if table is not None:
                tables.append(table)
        run = [line] if line is not None and len(line.segments) >= _LEAST else []
    return tables


def _goes_with(run: list[Line], line: Line, segments: Sequence[Segment]) -> bool:
    """Is `line` a further row of the run, or goes on with the cells of its last row?"""
    size = max(segments[i].size for i in line.segments)
    if line.box[1] - run[-1].box[3] > _STEP * size:
        return False
    if len(line.segments) < _LEAST:
        thin = sum(len(member.segments) < _LEAST for member in run[-4:])
        return thin < 4
    full = [member for member in run if len(member.segments) >= _LEAST]
    pattern = [segments[i].box for member in (full[0], *full[-2:]) for i in member.segments]
    below = sum(_stands_below(segments[i].box, pattern) for i in line.segments)
    return below * 2 >= len(line.segments)


def _stands_below(box: Box, others: list[Box]) -> bool:
    """Shares its left edge, right edge or middle with one of `others`, or lies within it."""
    return any(
        abs(box[0] - o[0]) < _NEAR
        or abs(box[2] - o[2]) < _NEAR
        or abs(box[0] + box[2] - o[0] - o[2]) < 2 * _NEAR
        or (o[0] - 1 <= box[0] and box[2] <= o[2] + 1)
        or (box[0] - 1 <= o[0] and o[2] <= box[2] + 1)
        for o in others
    )


def _from_lines(page: Page, run: list[Line], segments: Sequence[Segment]) -> Table | None:
    full = [line for line in run if len(line.segments) >= _LEAST]
    edges = _columns([[segments[i].box for i in line.segments] for line in full])
    if len(edges) < _LEAST:
        return None
    rows: list[list[list[Word]]] = []
    for line in run:
        cells: list[list[Word]] = [[] for _ in edges]
        for index in line.segments:
            cells[_nearest(segments[index].box, edges)].extend(segments[index].words)
        goes_on = rows and len(line.segments) < _LEAST
        if goes_on:
            for column, words in enumerate(cells):
                rows[-1][column].extend(words)
        else:
            rows.append(cells)
    made = tuple(
        tuple(_cell(at, column, words, edges[column]) for column, words in enumerate(row))
        for at, row in enumerate(rows)
    )
    box = around(line.box for line in run)
    return Table(page.number, box, made, _header_rows(made), ruled=False, edges=tuple(edges))


def _cell(row: int, column: int, words: list[Word], edge: tuple[float, float]) -> Cell:
    box = around(w.box for w in words) if words else Box(edge[0], 0.0, edge[1], 0.0)
    return Cell(row, column, tuple(words), box, " ".join(w.text for w in words))


def _columns(lines: list[list[Box]]) -> list[tuple[float, float]]:
    """Where most lines have print: the columns, left to right.

    White that at least four of five lines leave free parts two columns.
    """
    edges = sorted({edge for boxes in lines for b in boxes for edge in (b[0], b[2])})
    few = 0.2 * len(lines)
    found: list[tuple[float, float]] = []
    start: float | None = None
    for left, right in pairwise(edges):
        middle = (left + right) / 2
        covered = sum(any(b[0] <= middle <= b[2] for b in boxes) for boxes in lines)
        if covered > few:
            start = left if start is None else start
        elif start is not None and right - left >= _SMALL_GAP:
            found.append((start, left))
            start = None
    if start is not None and edges:
        found.append((start, edges[-1]))
    return found


def _nearest(box: Box, edges: Sequence[tuple[float, float]]) -> int:
    return max(range(len(edges)), key=lambda i: min(box[2], edges[i][1]) - max(box[0], edges[i][0]))


def _header_rows(rows: Sequence[Sequence[Cell]]) -> int:
    """1 where the first row has words and hardly a digit while rows below have some, else 0."""
    first = "".join(cell.text for cell in rows[0])
    digits = sum(c.isdigit() for c in first)
    below = sum(c.isdigit() for row in rows[1:] for cell in row for c in cell.text)
    filled = sum(bool(cell.text) for cell in rows[0])
    return int(filled >= 2 and digits * 10 <= len(first) and below > 0)


def joined(layouts: tuple[PageLayout, ...]) -> tuple[tuple[Table, ...], ...]:
    """See `idp_cdi.layout.document_tables`."""
    found: list[list[Table]] = []
    for layout in layouts:
        for index, table in enumerate(layout.tables):
            if index == 0 and found and _goes_on(found[-1][-1], table):
                found[-1].append(_without_repeated_head(found[-1][0], table))
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


def _without_repeated_head(first: Table, part: Table) -> Table:
    """`part` knows its head rows as such where they repeat those of the first part."""
    repeated = 0
    while (
        repeated < min(first.header, len(part.rows))
        and first.texts[repeated] == part.texts[repeated]
    ):
        repeated += 1
    return part._replace(header=repeated)
