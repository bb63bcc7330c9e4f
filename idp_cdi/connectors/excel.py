"""Excel workbooks (.xlsx, .xlsm): each visible sheet with a table is a stream.

Read row by row, never whole. Values are the stored ones; a formula whose result was never stored,
and cells with an error like ``#N/A``, are empty and noted by row.

Options: ``sheet``, ``header`` (row of the column names), ``primary_key``, ``cursor``.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from idp_cdi.connectors import CHUNK_ROWS, Chunk, Connection, Notice, State, Stream
from idp_cdi.connectors._files import file_mark, keys_of, option
from idp_cdi.connectors._table import Gather, find_header
from idp_cdi.connectors._text import head
from idp_cdi.connectors._values import unique
from idp_cdi.connectors._workbook import open_workbook
from idp_cdi.errors import UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp_cdi.connectors._workbook import Row, Sheet, Workbook

NAME = "excel"
_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xltx", ".xltm"})
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})


def score(location: str) -> float:
    """1 for the endings of workbooks; old .xls only to say what to do about it."""
    suffix = "" if "://" in location else Path(location).suffix.lower()
    return 1.0 if suffix in _SUFFIXES else 0.1 if suffix in {".xls", ".ods"} else 0.0


def streams(connection: Connection) -> list[Stream]:
    """The visible sheets that hold a table."""
    found = []
    with open_workbook(_path(connection)) as book:
        for sheet in _sheets(book, option(connection, "sheet")):
            columns, _, _ = _header(book, sheet, option(connection, "header"))
            if columns:
                key, cursor = keys_of(connection, columns)
                found.append(Stream(sheet.title, columns, key, cursor))
    if not found:
        raise UnreadableInput("no sheet with a table", code="feed.empty", file=connection.location)
    return found


def read(connection: Connection, stream: Stream, state: State) -> Iterator[Chunk]:
    """The rows after row ``state["row"]``, while the file is the one the state is about."""
    path = _path(connection)
    mark = file_mark(path)
    done = int(state.get("row", 0)) if state.get("file") == mark else 0
    with open_workbook(path) as book:
        sheet = next(s for s in book.sheets if s.title == stream.name)
        columns, first, changes = _header(book, sheet, option(connection, "header"))
        gather = Gather(columns)
        if not done:
            gather.notices += [Notice(0, "header", change) for change in changes]
        start = number = max(done, first)
        for row in book.rows(sheet):
            if row.number <= start:
                continue
            number = row.number
            _add(gather, row)
            if len(gather.cells) >= CHUNK_ROWS:
                yield gather.chunk({"file": mark, "row": number})
        if gather or number > done:
            yield gather.chunk({"file": mark, "row": number})


def _path(connection: Connection) -> Path:
    path = Path(connection.location)
    head(path, 1)  # says what is wrong with a file that is not there or may not be read
    return path


def _add(gather: Gather, row: Row) -> None:
    width, cells = len(gather.columns), row.cells
    for column in row.unsolved:
        message = f"the formula in column {column} has no stored result"
        gather.notices.append(Notice(row.number, "cell.formula", message))
    if not _ERRORS.isdisjoint(cells):
        gather.notices.append(Notice(row.number, "cell.error", "a cell holds an error like #N/A"))
        cells = ["" if c in _ERRORS else c for c in cells]
    if any(cells):
        gather.add(row.number, cells + [""] * (width - len(cells)))


def _header(book: Workbook, sheet: Sheet, wanted: str) -> tuple[tuple[str, ...], int, list[str]]:
    """Column names, the row they stand in (0 for none), and what was odd about them."""
    sample: list[Row] = []
    for row in islice(book.rows(sheet), 200):
        while row.cells and not row.cells[-1].strip():
            row.cells.pop()
        sample.append(row)
    width = max((len(row.cells) for row in sample), default=0)
    if not width:
        return (), 0, []
    if wanted.isdigit():
        found = next((row for row in sample if row.number == int(wanted)), None)
    else:
        index = find_header([row.cells + [""] * (width - len(row.cells)) for row in sample])
        found = None if index is None else sample[index]
    if found is None:
        names = [f"column_{n}" for n in range(1, width + 1)]
        return tuple(names), 0, ["there is no row with column names; columns are numbered"]
    columns, changes = unique(found.cells)
    return columns, found.number, changes


def _sheets(book: Workbook, wanted: str) -> Iterator[Sheet]:
    for sheet in book.sheets:
        if wanted == sheet.title or (not wanted and sheet.visible):
            yield sheet
