# ruff: noqa: E501
"""Workbooks: several sheets, titles, formulas without result, errors in cells, hidden sheets."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from idp_cdi.connectors import Connection, Stream, _workbook, excel
from idp_cdi.connectors._values import text
from idp_cdi.connectors._workbook import _unescaped, open_workbook
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


def cells_of(path):
    with open_workbook(path) as opened:
        return {s.title: [(r.number, r.cells) for r in opened.rows(s)] for s in opened.sheets}


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**60), 2**60), st.floats(-1e18, 1e18),
    st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF), max_size=12).filter(
        lambda t: not t.startswith("=") and t.strip() == t
    ),
    st.datetimes(datetime(1900, 3, 2), datetime(2100, 1, 1)).map(lambda d: d.replace(microsecond=0)),
    st.timedeltas(timedelta(0), timedelta(days=40)).map(lambda d: timedelta(seconds=d.seconds)),
)  # fmt: skip


@given(st.lists(st.lists(VALUES, min_size=1, max_size=4), min_size=1, max_size=5))
@example([["a_x0041_b", "_x000D_", "x\ny"], [None], [1.5, datetime(2026, 3, 5, 10, 30)]])
def test_cells_are_those_that_openpyxl_reads(rows):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "b.xlsx"
        book(path, S=rows)
        sheet = openpyxl.load_workbook(path)["S"]
        wanted = []
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            cells = [_unescaped(text(v)) for v in row]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                wanted.append((number, cells))
        assert cells_of(path) == {"S": wanted}


NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def raw_book(path, rows, *, strings="", styles="", properties=""):
    """A workbook written by hand, as odd as other programs write them."""
    relation = '<Relationship Id="{}" Type="' + RELS + '/{}" Target="{}"/>'
    names = (("a", "worksheet", "/xl/worksheets/s1.xml"), ("b", "sharedStrings", "t.xml"),
             ("c", "styles", "st.xml"))  # fmt: skip
    parts = {
        "xl/workbook.xml": f'<x:workbook xmlns:x="{NS}" xmlns:r="{RELS}">{properties}<x:sheets>'
        '<x:sheet name="S" sheetId="1" r:id="a"/></x:sheets></x:workbook>',
        "xl/_rels/workbook.xml.rels": "<Relationships>"
        + "".join(relation.format(*n) for n in names)
        + "</Relationships>",
        "xl/worksheets/s1.xml": f'<worksheet xmlns="{NS}"><sheetData>{rows}</sheetData></worksheet>',
        "xl/t.xml": f'<sst xmlns="{NS}">{strings}</sst>',
        "xl/st.xml": f'<styleSheet xmlns="{NS}">{styles}</styleSheet>',
    }
    with ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_what_other_programs_write_is_read(tmp_path):
    rows = (
        '<row><c t="s"><v>1</v></c><c t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r></is></c></row>'
        '<row r="5"><c r="C5" t="d"><v>2026-03-05T00:00:00</v></c><c r="D5" s="0"><v>2.5</v></c></row>'
        '<row><c t="b"><v>1</v></c><c t="e"><v>#REF!</v></c><c><f>A1</f></c><c t="str"><f>A1</f><v>ok</v></c></row>'
    )
    strings = "<si><t>no</t></si><si><t>yes</t><rPh><t>reading</t></rPh></si>"
    styles = (
        '<numFmts><numFmt numFmtId="200" formatCode="yyyy-mm-dd hh:mm"/></numFmts>'
        '<cellXfs><xf numFmtId="200"/></cellXfs>'
    )
    old = f'<x:workbookPr xmlns:x="{NS}" date1904="1"/>'
    path = raw_book(tmp_path / "b.xlsx", rows, strings=strings, styles=styles, properties=old)
    assert cells_of(path)["S"] == [
        (1, ["yes", "inline"]),
        (5, ["", "", "2026-03-05", "1904-01-03 12:00:00"]),
        (6, ["true", "#REF!", "", "ok"]),
    ]


def test_shared_texts_are_read_as_far_as_they_are_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(_workbook, "_TEXTS", 2)
    words = ["", "", "a", "bc", "", "def", "g"]
    strings = "".join(f"<si><t>{w}</t></si>" for w in words)
    order = [1, 0, 6, 2, 5, 3, 4]
    cells = "".join(f'<row><c t="s"><v>{n}</v></c><c><v>{n}</v></c></row>' for n in order)
    path = raw_book(tmp_path / "b.xlsx", cells, strings=strings)
    assert [r for _, r in cells_of(path)["S"]] == [[words[n], str(n)] for n in order]


@pytest.mark.parametrize(
    "rows",
    [
        "<row><c><v>1</v></c></row><row><c><v>",  # cut off
        '<row r="1"><c r="XFE1"><v>1</v></c></row>',  # beyond the last column
        '<row><c t="s"><v>7</v></c></row>',  # a shared text that is not there
    ],
)
def test_a_damaged_sheet_is_told_and_not_a_crash(tmp_path, rows):
    path = raw_book(tmp_path / "b.xlsx", rows)
    with pytest.raises(UnreadableInput, match="not a readable workbook"):
        excel.streams(Connection(str(path)))
    with pytest.raises(UnreadableInput):
        list(excel.read(Connection(str(path)), Stream("S", ("1",)), {}))


def test_a_run_goes_on_after_the_row_that_was_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(excel, "CHUNK_ROWS", 2)
    connection = book(tmp_path / "b.xlsx", S=[["id", "n"], *([i, f"N{i}"] for i in range(5))])
    stream = excel.streams(connection)[0]
    chunks = list(excel.read(connection, stream, {}))
    assert [list(c.numbers) for c in chunks] == [[2, 3], [4, 5], [6]]
    rest = list(excel.read(connection, stream, chunks[0].state))
    assert [list(c.numbers) for c in rest] == [[4, 5], [6]]
