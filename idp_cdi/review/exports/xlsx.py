"""XLSX, made for a person: one sheet a kind of question, the page beside the value, drop-downs.

Only the yellow cells can be edited. All cells are text, so nothing is taken for a formula, a number
or a date, here or after another program has saved the file. What a cell can't hold (control
characters, more than 32,767 characters) stands in full on a hidden sheet, from where a picked value
is taken.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import UnreadableInput
from idp_cdi.review.answers import CHOICES, WORDS, Action, Answer
from idp_cdi.review.exports.csv import answer_of
from idp_cdi.review.pictures import as_png
from idp_cdi.review.questions import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from idp_cdi.review.exports import Batch
    from idp_cdi.review.questions import Pair, Question

NAME = "xlsx"
SUFFIX = ".xlsx"

_SHEETS = {
    "Values": (Kind.VALUE, Kind.CONTRADICTION),
    "Missing": (Kind.MISSING,),
    "Matches": (Kind.MATCH, Kind.CONFLICT),
    "Duplicates": (Kind.DUPLICATE,),
    "Unreadable": (Kind.UNREADABLE,),
    "Rules": (Kind.RULE,),
}
#: Title, width in characters, and whether a person fills it in.
_COLUMNS = (
    ("page", 60, False),
    ("document", 30, False),
    ("field", 20, False),
    ("value", 36, False),
    ("sure", 7, False),
    ("answer", 14, True),
    ("right value", 36, True),
    ("remark", 24, True),
    ("why", 60, False),
    ("id", 4, False),
    ("state", 4, False),
)
_ANSWER, _RIGHT = 6, 7
_MOST = 32_767
_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_CHOICES = "choices"
_FULL = "full"
_PART = 30_000
_START = "Start here"
_NAME_CELL = "B3"

_INSTRUCTIONS = (
    "What to do",
    "Your name:",
    "",
    "Each sheet holds one kind of question. Fill in the yellow cells, as many as you like, and",
    "leave the rest; save the file; then: idp-cdi review import FILE",
    "",
    "answer: choose from the list. “right” means that the value in “value” is right.",
    "right value: choose another one from the list, or type what the page says.",
    "   Dates as 2026-01-31, amounts as 1234.50; everything else as it is printed.",
    "remark: whatever the next person should know.",
    "",
    "The most valuable questions stand on top. Nothing else on the sheets can be changed, and",
    "nothing is lost when you import the file twice or half filled in.",
)


def write(path: Path, batch: Batch) -> None:
    """Write the questions of `batch` to `path`."""
    from openpyxl import Workbook

    book = Workbook()
    _start(book)
    choices = book.create_sheet(_CHOICES)
    full = book.create_sheet(_FULL)
    for title, kinds in _SHEETS.items():
        mine = [q for q in batch.questions if q.kind in kinds]
        if mine:
            sheet = book.create_sheet(title, index=len(book.sheetnames) - 2)
            _fill(sheet, choices, mine, batch)
            _keep_full(full, mine)
    for hidden in (choices, full):
        hidden.sheet_state = "veryHidden"
        hidden.protection.sheet = True
    with path.open("wb") as file:
        book.save(file)


def read(path: Path) -> list[Answer]:
    """The answered rows of the workbook at `path`.

    Raises:
        UnreadableInput: It is no workbook of review questions.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise UnreadableInput(
            "not an XLSX file", file=str(path), action="save it as Excel workbook"
        ) from error
    person = text_of(book[_START][_NAME_CELL].value) if _START in book.sheetnames else ""
    full = _full(book[_FULL]) if _FULL in book.sheetnames else {}
    found = []
    known = False
    for sheet in book.worksheets:
        if sheet.title in (_CHOICES, _FULL, _START):
            continue
        rows = sheet.iter_rows(values_only=True)
        titles = [text_of(v) for v in next(rows, ())]
        if not {"id", "state", "answer"} <= set(titles):
            continue
        known = True
        for number, values in enumerate(rows, 2):
            cells = dict(zip(titles, map(text_of, values), strict=False))
            found.append(_answer(cells, full, person, f"{path.name}, {sheet.title} row {number}"))
    if not known:
        raise UnreadableInput(
            "no sheet has the columns id, state and answer", file=str(path), action="use the export"
        )
    return [answer for answer in found if answer is not None]


def text_of(value: object) -> str:
    """The text of a cell, also where a spreadsheet has made a number or date of it.

    >>> text_of(1234.0), text_of(12.5), text_of(datetime(2026, 1, 31)), text_of(None)
    ('1234', '12.5', '2026-01-31', '')
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _answer(
    cells: dict[str, str], full: dict[tuple[str, str], str], person: str, place: str
) -> Answer | None:
    value = cells.get("right value", "")
    got = {
        "id": cells.get("id", ""),
        "state": cells.get("state", ""),
        "answer": cells.get("answer", ""),
        "right_value": full.get((cells.get("id", ""), value), value),
        "remark": cells.get("remark", ""),
        "person": person.strip(),
    }
    return answer_of(got, place)


def _full(sheet: Worksheet) -> dict[tuple[str, str], str]:
    """(id of a question, a choice as it is shown) → the choice in full."""
    found: dict[tuple[str, str], str] = {}
    for row in sheet.iter_rows(values_only=True):
        key, *parts = [text_of(v) for v in row]
        try:
            values = json.loads("".join(parts))
        except ValueError:
            continue
        for value in values:
            for form in _forms(value):
                found.setdefault((key, form), value)
    return found


def _forms(value: str) -> tuple[str, ...]:
    """How a cell may hold `value` once other programs have saved it: escapes undone or dropped."""
    held = shown(value)
    unescaped = held.replace("_x005F_", "_")
    no_returns = value.replace("\r\n", "\n").replace("\r", "\n")
    return held, unescaped, no_returns, _ILLEGAL.sub("", value), value.replace("\r", "")


def _keep_full(sheet: Worksheet, asked: Sequence[Question]) -> None:
    """Write every choice of every question where nothing can change it: plain ASCII, in parts."""
    line = sheet.max_row + 1 if sheet["A1"].value is not None else 1
    for question in asked:
        others = [a.value for a in question.alternatives if a.value]
        if not any(shown(v) != v for v in others):
            continue
        packed = json.dumps(others).replace("_", "\\u005f")
        parts = [packed[i : i + _PART] for i in range(0, len(packed), _PART)]
        for column, text in enumerate((question.id, *parts), 1):
            _put(sheet, line, column, text)
        line += 1


def _start(book: Workbook) -> None:
    from openpyxl.styles import Font, PatternFill, Protection

    sheet = book.active
    assert sheet is not None
    sheet.title = _START
    for number, line in enumerate(_INSTRUCTIONS, 2):
        _put(sheet, number, 1, line)
    sheet["A2"].font = Font(bold=True, size=14)
    sheet.column_dimensions["A"].width = 100
    sheet.column_dimensions["B"].width = 30
    name = sheet[_NAME_CELL]
    name.fill = PatternFill("solid", fgColor="FFF7CC")
    name.protection = Protection(locked=False)
    name.number_format = "@"
    sheet.protection.sheet = True


def _fill(sheet: Worksheet, choices: Worksheet, asked: Sequence[Question], batch: Batch) -> None:
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for number, (title, width, _) in enumerate(_COLUMNS, 1):
        _put(sheet, 1, number, title).font = Font(bold=True)
        sheet.cell(1, number).fill = PatternFill("solid", fgColor="E8E8E8")
        sheet.column_dimensions[get_column_letter(number)].width = width
    for hidden in ("J", "K"):
        sheet.column_dimensions[hidden].hidden = True
    sheet.freeze_panes = "A2"
    words = [WORDS[a] for a in CHOICES[asked[0].kind] if a is not Action.CORRECT]
    listed = DataValidation("list", formula1=f'"{",".join(words)}"', showErrorMessage=False)
    listed.add(f"F2:F{len(asked) + 1}")
    sheet.add_data_validation(listed)
    for number, question in enumerate(asked, 2):
        _row(sheet, choices, number, question, batch)
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    sheet.protection.autoFilter = sheet.protection.sort = False


def _row(
    sheet: Worksheet, choices: Worksheet, number: int, question: Question, batch: Batch
) -> None:
    from openpyxl.styles import Alignment, PatternFill, Protection
    from openpyxl.worksheet.datavalidation import DataValidation

    place = question.name.rpartition("/")[2]
    value = question.value
    if question.pairs:
        value = "\n".join(_side_by_side(p) for p in question.pairs)
    texts = {
        2: f"{place}, page {question.page}" if question.page else place,
        3: question.field,
        4: value,
        5: f"{question.confidence:.0%}" if question.confidence else "",
        9: question.why,
        10: question.id,
        11: question.state,
    }
    for column, (_, __, editable) in enumerate(_COLUMNS, 1):
        cell = _put(sheet, number, column, texts.get(column, ""))
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        if editable:
            cell.fill = PatternFill("solid", fgColor="FFF7CC")
            cell.protection = Protection(locked=False)
    height = _picture(sheet, number, question, batch)
    sheet.row_dimensions[number].height = max(height, 15.0 * (1 + value.count("\n")), 30.0)
    others = [a.value for a in question.alternatives if a.value]
    if others:
        line = choices.max_row + 1 if choices["A1"].value is not None else 1
        for column, text in enumerate(others, 1):
            _put(choices, line, column, text)
        last = choices.cell(line, len(others)).column_letter
        area = f"'{_CHOICES}'!$A${line}:${last}${line}"
        offered = DataValidation("list", formula1=area, showErrorMessage=False)
        offered.add(sheet.cell(number, _RIGHT))
        sheet.add_data_validation(offered)


def _side_by_side(pair: Pair) -> str:
    return f"{pair.label}: {pair.left}" + (f"  |  {pair.right}" if pair.right or pair.says else "")


def _picture(sheet: Worksheet, number: int, question: Question, batch: Batch) -> float:
    """Put the strip of the page into the row; returns the height that it needs, in points."""
    if batch.pictures is None or question.box is None or not question.page:
        return 0.0
    strip = batch.pictures.strip(question.document, question.page, question.box)
    if strip is None:
        return 0.0
    from openpyxl.drawing.image import Image

    picture = Image(io.BytesIO(as_png(strip)))
    shrink = min(1.0, 420 / picture.width, 160 / picture.height)
    picture.width, picture.height = picture.width * shrink, picture.height * shrink
    sheet.add_image(picture, f"A{number}")
    return float(picture.height) * 0.75 + 4


def _put(sheet: Worksheet, row: int, column: int, text: str) -> Any:
    """Write `text` as text, whatever it looks like."""
    cell = sheet.cell(row, column)
    cell.number_format = "@"
    if text:
        cell.value = shown(text)
        cell.data_type = "s"
    return cell


def shown(text: str) -> str:
    r"""`text` as a cell can hold it.

    >>> shown("a\x01b"), shown("_x0041_"), shown("a\r\nb"), len(shown("x" * 40_000))
    ('a_x0001_b', '_x005F_x0041_', 'a_x000D_\nb', 32767)
    """
    clean = _ILLEGAL.sub(lambda m: f"_x{ord(m.group()):04X}_", _LOOKS_ESCAPED.sub("_x005F_", text))
    return clean if len(clean) <= _MOST else clean[: _MOST - 1] + "…"
