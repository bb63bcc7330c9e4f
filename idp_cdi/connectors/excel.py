"""Excel workbooks (.xlsx, .xlsm): each visible sheet with a table is a stream.

Read with openpyxl row by row, never whole. Values are the stored ones; a formula whose result was
never stored, and cells with an error like ``#N/A``, are empty and noted by row.

Options: ``sheet``, ``header`` (row of the column names), ``primary_key``, ``cursor``.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from idp_cdi.connectors import CHUNK_ROWS, Chunk, Connection, Notice, State, Stream
from idp_cdi.connectors._files import file_mark, keys_of, option
from idp_cdi.connectors._table import Gather, find_header
from idp_cdi.connectors._text import head
from idp_cdi.connectors._values import text, unique
from idp_cdi.errors import UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    with _workbook(connection) as book:
        for sheet in _sheets(book, option(connection, "sheet")):
            columns, _, _ = _header(sheet, option(connection, "header"))
            if columns:
                key, cursor = keys_of(connection, columns)
                found.append(Stream(sheet.title, columns, key, cursor))
    if not found:
        raise UnreadableInput("no sheet with a table", code="feed.empty", file=connection.location)
    return found


def read(connection: Connection, stream: Stream, state: State) -> Iterator[Chunk]:
    """The rows after row ``state["row"]``, while the file is the one the state is about."""
    mark = file_mark(Path(connection.location))
    done = int(state.get("row", 0)) if state.get("file") == mark else 0
    with _workbook(connection) as book, _workbook(connection, formulas=True) as formulas:
        sheet = book[stream.name]
        columns, first, changes = _header(sheet, option(connection, "header"))
        gather = Gather(columns)
        if not done:
            gather.notices += [Notice(0, "header", change) for change in changes]
        start = max(done, first) + 1
        rows = sheet.iter_rows(min_row=start, max_col=len(columns) + 8, values_only=True)
        twins = _formulas(formulas, stream.name, start, len(columns))
        number = start - 1
        for number, cells in enumerate(rows, start):
            _add(gather, number, cells, next(twins, ()))
            if len(gather.cells) >= CHUNK_ROWS:
                yield gather.chunk({"file": mark, "row": number})
        if gather or number > done:
            yield gather.chunk({"file": mark, "row": number})


def _add(gather: Gather, number: int, cells: tuple[object, ...], twin: tuple[object, ...]) -> None:
    row = [text(c) for c in cells]
    while len(row) > len(gather.columns) and not row[-1]:
        row.pop()
    if not any(row) and not any(twin):
        return
    for index, cell in enumerate(twin):
        if isinstance(cell, str) and cell.startswith("=") and index < len(row) and not row[index]:
            message = f"the formula in column {index + 1} has no stored result"
            gather.notices.append(Notice(number, "cell.formula", message))
    if not _ERRORS.isdisjoint(row):
        gather.notices.append(Notice(number, "cell.error", "a cell holds an error like #N/A"))
        row = ["" if c in _ERRORS else c for c in row]
    row += [""] * (len(gather.columns) - len(row))
    if any(row):
        gather.add(number, row)


def _header(sheet: Any, wanted: str) -> tuple[tuple[str, ...], int, list[str]]:
    """Column names, the row they stand in (0 for none), and what was odd about them."""
    sheet.reset_dimensions()  # what the file says about its size is often wrong
    width = 1
    sample = []
    for cells in islice(sheet.iter_rows(values_only=True), 200):
        row = [text(c) for c in cells]
        while row and not row[-1].strip():
            row.pop()
        width = max(width, len(row))
        sample.append(row)
    if not any(sample):
        return (), 0, []
    usual = [row + [""] * (width - len(row)) for row in sample]
    index = int(wanted) - 1 if wanted.isdigit() else find_header(usual)
    if index is None or index < 0 or index >= len(sample):
        names = [f"column_{n}" for n in range(1, width + 1)]
        return tuple(names), 0, ["there is no row with column names; columns are numbered"]
    columns, changes = unique(sample[index])
    return columns, index + 1, changes


def _sheets(book: Any, wanted: str) -> Iterator[Any]:
    for sheet in book.worksheets:
        if wanted and sheet.title != wanted:
            continue
        if wanted or sheet.sheet_state == "visible":
            yield sheet


def _formulas(book: Any, name: str, start: int, width: int) -> Iterator[tuple[object, ...]]:
    """The rows with formulas instead of results; nothing when the sheet has no formulas."""
    if book is None:
        return
    book[name].reset_dimensions()
    yield from book[name].iter_rows(min_row=start, max_col=width, values_only=True)


@contextmanager
def _workbook(connection: Connection, *, formulas: bool = False) -> Iterator[Any]:
    import openpyxl

    path = Path(connection.location)
    if formulas and not _has_formulas(path):
        yield None
        return
    head(path, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # styles and extensions we do not need
        try:
            book = openpyxl.load_workbook(
                path, read_only=True, data_only=not formulas, keep_links=False
            )
        except (BadZipFile, KeyError, ValueError, OSError, TypeError, AttributeError) as error:
            raise UnreadableInput(
                "not a readable workbook",
                code="excel.unreadable",
                file=str(path),
                action="save it as .xlsx without a password, or as CSV",
            ) from error
    try:
        yield book
    finally:
        book.close()


def _has_formulas(path: Path) -> bool:
    with ZipFile(path) as archive:
        for name in archive.namelist():
            if not name.startswith("xl/worksheets/"):
                continue
            with archive.open(name) as part:
                tail = b""
                while block := part.read(1 << 20):
                    if b"<f>" in tail + block or b"<f " in tail + block:
                        return True
                    tail = block[-3:]
    return False
