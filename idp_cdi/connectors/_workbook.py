"""The inside of a workbook (.xlsx): its sheets, and their rows as they stream by.

Source: https://ecma-international.org/publications-and-standards/standards/ecma-376/ (Part 1, §18).
A sheet of a million rows is never in memory, nor are the texts that its cells share: those lie in
a temporary file. Cells come as text, the way `idp_cdi.connectors._values` writes typed values.
"""

from __future__ import annotations

import mmap
import re
import tempfile
import zlib
from array import array
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from idp_cdi.connectors._values import text as text_of
from idp_cdi.connectors._xml import name_of
from idp_cdi.errors import UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

_SMALL_PART = 64 << 20  # bytes of the parts that are read whole: names of sheets, formats
_LAST_COLUMN = 16_384  # XFD
_TEXTS = 50_000  # shared texts that are read at a time
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LETTERS = re.compile(r"[A-Za-z]{1,3}")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, the part that holds it, and whether people see it."""

    title: str
    part: str
    visible: bool


@dataclass(slots=True)
class Row:
    """A row that is not empty: its number from 1, its cells, which formulas have no result."""

    number: int
    cells: list[str]
    unsolved: list[int]


class Workbook:
    """An open workbook; made by `open_workbook`."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._main = next(
            (t for k, t in _related(archive, "").values() if k == "officeDocument"),
            "xl/workbook.xml",
        )
        self._parts = _related(archive, self._main)
        root = _parsed(archive, self._main)
        properties = _first(root, "workbookPr")
        self._mac = properties is not None and properties.get("date1904") in ("1", "true")
        self.sheets = tuple(self._sheets(root))
        self._times: dict[str, Callable[[str], str]] | None = None
        self._texts: _Texts | None = None

    def rows(self, sheet: Sheet) -> Iterator[Row]:
        """The rows of a sheet in order.

        Raises:
            UnreadableInput: The sheet is damaged; rows before the damage were given.
        """
        if self._times is None:
            self._times = self._formats()
        if self._texts is None:
            self._texts = _Texts(self._archive, self._part("sharedStrings"))
        number = 0
        with self._archive.open(sheet.part) as part:
            for element in _each(part, "row"):
                said = element.get("r") or ""
                number = max(number + 1, int(said) if said.isdigit() else 0)
                row = self._row(element, number)
                if row.cells or row.unsolved:
                    yield row

    def close(self) -> None:
        """Let the shared texts go."""
        if self._texts is not None:
            self._texts.close()

    def _sheets(self, root: Any) -> Iterator[Sheet]:
        for sheet in root.iter("{*}sheet"):
            key = next((v for k, v in sheet.attrib.items() if k.endswith("}id")), "")
            kind, part = self._parts.get(key, ("", ""))
            if kind == "worksheet":
                visible = sheet.get("state", "visible") == "visible"
                yield Sheet(sheet.get("name", ""), part, visible)

    def _part(self, kind: str) -> str:
        return next((part for k, part in self._parts.values() if k == kind), "")

    def _formats(self) -> dict[str, Callable[[str], str]]:
        """Number of a cell format → how its number is a date, time or duration."""
        from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

        part = self._part("styles")
        if not part:
            return {}
        root = _parsed(self._archive, part)
        own = {f.get("numFmtId"): f.get("formatCode", "") for f in root.iter("{*}numFmt")}
        formats: dict[str, Callable[[str], str]] = {}
        cells = _first(root, "cellXfs")
        for index, cell in enumerate(cells if cells is not None else ()):
            key = cell.get("numFmtId", "0")
            code = own.get(key) or BUILTIN_FORMATS.get(int(key), "")
            if is_date_format(code):
                span = bool(is_timedelta_format(code))
                formats[str(index)] = partial(_moment, mac=self._mac, span=span)
        return formats

    def _row(self, element: Any, number: int) -> Row:
        row = Row(number, [], [])
        cells, column = row.cells, 0
        for cell in element:
            place = cell.get("r")
            column = _column(place.rstrip("0123456789")) if place else column + 1
            value = self._value(cell)
            if value:
                cells.extend([""] * (column - len(cells)))
                cells[column - 1] = value
            elif len(cell) and any(name_of(part) == "f" for part in cell):
                row.unsolved.append(column)
        return row

    def _value(self, cell: Any) -> str:
        kind, value = cell.get("t", "n"), None
        for part in cell:
            name = name_of(part)
            if name == "v":
                value = part.text
            elif name == "is":
                return _unescaped(_inline(part))
        if not value:
            return ""
        if kind == "n":
            shown = self._times.get(cell.get("s", "")) if self._times else None
            return _number(value) if shown is None else shown(value)
        if kind == "s":
            return self._texts[int(value)] if self._texts is not None else ""
        if kind == "b":
            return "true" if value in ("1", "true") else "false"
        return _iso(value) if kind == "d" else _unescaped(value)


class _Texts:
    """The texts that cells share, by number; in a file, for there may be millions.

    They are read as far as they are asked for: a look at the first rows needs the first texts.
    """

    def __init__(self, archive: ZipFile, part: str) -> None:
        self._ends, self._file = array("Q", [0]), tempfile.TemporaryFile()  # noqa: SIM115
        self._stream = archive.open(part) if part else None
        self._rest = _each(self._stream, "si") if self._stream is not None else iter(())
        self._bytes: mmap.mmap | None = None

    def __getitem__(self, number: int) -> str:
        while number >= len(self._ends) - 1:
            self._read()
        if number < 0:
            raise IndexError(number)
        if self._bytes is None:  # all so far are empty
            return ""
        return self._bytes[self._ends[number] : self._ends[number + 1]].decode()

    def _read(self) -> None:
        before, end = len(self._ends), self._ends[-1]
        for element in islice(self._rest, _TEXTS):
            end += self._file.write(_unescaped(_inline(element)).encode())
            self._ends.append(end)
        if len(self._ends) == before:
            raise IndexError("a shared text that is not there")
        self._file.flush()
        self._unmap()
        if end:
            self._bytes = mmap.mmap(self._file.fileno(), 0, prot=mmap.PROT_READ)

    def _unmap(self) -> None:
        if self._bytes is not None:
            self._bytes.close()
            self._bytes = None

    def close(self) -> None:
        self._unmap()
        self._file.close()
        if self._stream is not None:
            self._stream.close()


@contextmanager
def open_workbook(path: Path) -> Iterator[Workbook]:
    """Open a workbook; what goes wrong in it, now or while it is read, is told as our error.

    Raises:
        UnreadableInput: It is no workbook, is locked or damaged.
    """
    from lxml.etree import XMLSyntaxError

    book = None
    try:
        with ZipFile(path) as archive:
            book = Workbook(archive)
            yield book
    except (
        BadZipFile, KeyError, ValueError, IndexError, OSError, EOFError, NotImplementedError,
        RuntimeError, zlib.error, XMLSyntaxError,
    ) as error:  # fmt: skip
        raise UnreadableInput(
            "not a readable workbook",
            code="excel.unreadable",
            file=str(path),
            action="save it as .xlsx without a password, or as CSV",
        ) from error
    finally:
        if book is not None:
            book.close()


def _related(archive: ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Id → (kind, part) of what a part refers to."""
    folder, name = dirname(part), part.rpartition("/")[2]
    place = join(folder, "_rels", f"{name}.rels")
    if place not in archive.namelist():
        return {}
    found = {}
    for relation in _parsed(archive, place).iter("{*}Relationship"):
        target = relation.get("Target", "")
        whole = target.lstrip("/") if target.startswith("/") else normpath(join(folder, target))
        found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], whole)
    return found


def _parsed(archive: ZipFile, part: str) -> Any:
    from lxml import etree

    with archive.open(part) as stream:
        content = stream.read(_SMALL_PART + 1)
    if len(content) > _SMALL_PART:
        raise ValueError("a part that should be small is not")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    return etree.fromstring(content, parser)


def _each(stream: BinaryIO | Any, name: str) -> Iterator[Any]:
    """The elements called `name` one by one; each is gone when the next one comes."""
    from lxml import etree

    for _, element in etree.iterparse(
        stream, events=("end",), tag=f"{{*}}{name}", resolve_entities=False, no_network=True,
        load_dtd=False, remove_comments=True, remove_pis=True,
    ):  # fmt: skip
        yield element
        element.clear()
        parent = element.getparent()
        while element.getprevious() is not None:
            del parent[0]


def _first(root: Any, name: str) -> Any:
    return next(root.iter(f"{{*}}{name}"), None)


def _inline(element: Any) -> str:
    """The text of a string item: whole, or in runs; the phonetic reading is left out."""
    found = []
    for part in element:
        name = name_of(part)
        if name == "t":
            found.append(part.text or "")
        elif name == "r":
            found += [t.text or "" for t in part if name_of(t) == "t"]
    return "".join(found)


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), value) if "_x" in value else value


@lru_cache(maxsize=_LAST_COLUMN)
def _column(letters: str) -> int:
    """The number of a column from 1.

    >>> _column("A"), _column("AB"), _column("XFD")
    (1, 28, 16384)
    """
    number = 0
    if _LETTERS.fullmatch(letters):
        for letter in letters.upper():
            number = number * 26 + ord(letter) - 64
    if not 0 < number <= _LAST_COLUMN:
        raise ValueError("a cell outside of the sheet")
    return number


def _number(value: str) -> str:
    """A number as it is stored, written plainly.

    >>> _number("10042"), _number("10042.0"), _number("1.5E3"), _number("-7")
    ('10042', '10042', '1500', '-7')
    """
    if value.isdigit():
        return value
    try:
        return str(int(value)) if value.lstrip("-").isdigit() else text_of(float(value))
    except ValueError:
        return value


def _iso(value: str) -> str:
    from datetime import datetime

    try:
        return text_of(datetime.fromisoformat(value))
    except ValueError:
        return value


@lru_cache(maxsize=1 << 16)
def _moment(value: str, *, mac: bool, span: bool) -> str:
    """A date, time or duration of its number of days; an error where the calendar has no such."""
    from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

    try:
        return text_of(from_excel(float(value), MAC_EPOCH if mac else WINDOWS_EPOCH, span))
    except (OverflowError, ValueError):
        return "#VALUE!"
