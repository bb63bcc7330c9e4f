"""The report's tables as files: a CSV each, and one XLSX workbook with a sheet each.

Nothing in them is a formula: text that a spreadsheet would act on is guarded in CSV
(`idp_cdi.review.guard`) and is text in XLSX; numbers are numbers.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from idp_cdi.review.exports.xlsx import shown
from idp_cdi.review.guard import guard

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

WORKBOOK = "report.xlsx"


@dataclass(frozen=True, slots=True)
class Table:
    """One table: a name for its file, a title, columns, rows of texts and numbers.

    `shares` are the columns whose numbers are shares (0-1), shown as per cent.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    shares: frozenset[str] = frozenset()


def write_tables(folder: Path, tables: Sequence[Table]) -> list[Path]:
    """Write all tables into `folder`; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for table in tables:
        path = folder / f"{table.name}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            out = csv.writer(file)
            out.writerow(table.columns)
            out.writerows([_cell(value) for value in row] for row in table.rows)
        written.append(path)
    path = folder / WORKBOOK
    _workbook(path, tables)
    return [*written, path]


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, (int, float, Decimal)):
        return value
    return guard(str(value))


def _workbook(path: Path, tables: Iterable[Table]) -> None:
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.worksheets[0])
    for table in tables:
        sheet = book.create_sheet(table.name[:31])
        sheet.freeze_panes = "A2"
        for number, title in enumerate(table.columns, 1):
            sheet.cell(1, number, title).font = Font(bold=True)
            widest = max([len(title), *(len(str(r[number - 1])) for r in table.rows[:200])])
            sheet.column_dimensions[get_column_letter(number)].width = min(widest + 2, 60)
        for line, row in enumerate(table.rows, 2):
            for number, value in enumerate(row, 1):
                _put(sheet.cell(line, number), value, table.columns[number - 1] in table.shares)
    book.save(path)


def _put(cell: Any, value: object, share: bool) -> None:  # noqa: FBT001
    if value is None or value == "":
        return
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        cell.value = value
        cell.number_format = "0.0%" if share else "General"
        return
    cell.value = shown(str(value))
    cell.data_type = "s"
    cell.number_format = "@"
