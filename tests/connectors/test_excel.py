"""Workbooks: several sheets, titles, formulas without result, errors in cells, hidden sheets."""

from __future__ import annotations

import openpyxl
import pytest

from idp_cdi.connectors import Connection, excel
from idp_cdi.errors import UnreadableInput


def book(path, **sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return Connection(str(path))


def test_each_visible_sheet_with_a_table_is_a_stream(tmp_path):
    path = tmp_path / "b.xlsx"
    book(path, Customers=[["id", "name"], [1, "A"]], Empty=[], Hidden=[["id"], [1]])
    made = openpyxl.load_workbook(path)
    made["Hidden"].sheet_state = "hidden"
    made.save(path)
    assert [s.name for s in excel.streams(Connection(str(path)))] == ["Customers"]


def test_titles_are_passed_over_and_rows_keep_their_numbers(tmp_path):
    rows = [["Customers 2026"], [], ["No", "Name", "Town"], [7.0, "A", "Bonn"], [], [8, "B", None]]
    connection = book(tmp_path / "b.xlsx", S=rows)
    stream = excel.streams(connection)[0]
    chunk = next(excel.read(connection, stream, {}))
    assert stream.columns == ("No", "Name", "Town")
    assert list(chunk.rows()) == [
        {"No": "7", "Name": "A", "Town": "Bonn"}, {"No": "8", "Name": "B", "Town": ""},
    ]  # fmt: skip
    assert list(chunk.numbers) == [4, 6]


def test_a_formula_without_result_and_error_cells_are_named_by_row(tmp_path):
    rows = [["id", "name", "sum"], [1, "A", "=1+1"], [2, "B", "#N/A"], [3, "C", 5]]
    connection = book(tmp_path / "b.xlsx", S=rows)
    chunk = next(excel.read(connection, excel.streams(connection)[0], {}))
    assert [r["sum"] for r in chunk.rows()] == ["", "", "5"]
    assert {(n.row, n.code) for n in chunk.notices} == {(2, "cell.formula"), (3, "cell.error")}


def test_what_is_no_workbook_says_what_to_do(tmp_path):
    path = tmp_path / "b.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0 an old or locked file")
    with pytest.raises(UnreadableInput, match="without a password"):
        excel.streams(Connection(str(path)))
