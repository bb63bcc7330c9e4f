"""Delimited text: its dialect from a sample, and its rows with repairs that lose nothing."""

from __future__ import annotations

import csv
import re
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from idp_cdi.connectors import Connection, Notice, Reject
from idp_cdi.connectors._files import option
from idp_cdi.connectors._table import Gather, find_header, name_cells
from idp_cdi.connectors._values import unique
from idp_cdi.errors import SettingsError, UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from idp_cdi.connectors._text import Lines

_DELIMITERS = ",;\t|^~:"
_CELL = 64 << 20  # characters; a larger cell is a broken file
_QUOTED_LINES = 20_000  # a quoted cell of more lines was never closed
_KEPT = 1 << 20  # characters kept of a row with a cell beyond _CELL


class Dialect(NamedTuple):
    """How one file writes its table; rows begin after line `header`."""

    delimiter: str
    quote: str
    escape: str | None
    header: int
    columns: tuple[str, ...]
    notices: tuple[str, ...] = ()


def dialect_of(lines: Lines, connection: Connection) -> Dialect:
    """The dialect of a file from its first lines; options overrule what is found.

    Raises:
        UnreadableInput: The file is empty.
        SettingsError: The options make no sense.
    """
    csv.field_size_limit(max(csv.field_size_limit(), _CELL))
    sample = list(islice(lines, 400))
    if not any(line.strip() for line in sample):
        raise UnreadableInput("the file is empty", code="feed.empty", file=str(lines.path))
    delimiter, first = option(connection, "delimiter"), 0
    if sample[0].lower().startswith("sep=") and len(sample[0].strip()) == 5:
        delimiter, first = delimiter or sample[0].strip()[4], 1
    delimiter = {"\\t": "\t", "tab": "\t"}.get(delimiter, delimiter)
    quote = option(connection, "quote") or _quote(sample)
    if len(delimiter) > 1 or len(quote) != 1:
        raise SettingsError("delimiter and quote are one character each", file=str(lines.path))
    escape = _escape(sample, quote)
    delimiter = delimiter or _delimiter(sample[first:], quote, escape)
    numbered = list(_numbered(sample[first:], delimiter, quote, escape, first))
    wanted = option(connection, "header")
    if wanted == "0":
        index = None
    elif wanted.isdigit():
        index = next((i for i, (n, _) in enumerate(numbered) if n >= int(wanted)), None)
    else:
        index = find_header([row for _, row in numbered[:200]])
    if index is None:
        width = max(len(row) for _, row in numbered[:200])
        names = tuple(f"column_{n}" for n in range(1, width + 1))
        told = ("there is no line with column names; columns are numbered",)
        return Dialect(delimiter, quote, escape, first, names, told)
    columns, changes = unique(numbered[index][1])
    last_line = numbered[index + 1][0] - 1 if index + 1 < len(numbered) else numbered[index][0]
    return Dialect(delimiter, quote, escape, last_line, columns, tuple(changes))


def _numbered(
    sample: list[str], delimiter: str, quote: str, escape: str | None, first: int
) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sample with the line each begins on, blank ones left out."""
    reader = csv.reader(sample, delimiter=delimiter, quotechar=quote, escapechar=escape)
    begin = first + 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            row = sample[reader.line_num - 1].rstrip("\r\n").split(delimiter)
        if row:
            yield begin, row
        begin = first + reader.line_num + 1


def _escape(sample: list[str], quote: str) -> str | None:
    """A backslash, where it stands before quotes that do not end a cell."""
    inner = re.compile(rf"\\{re.escape(quote)}(?![{re.escape(_DELIMITERS)}\s{re.escape(quote)}]|$)")
    return "\\" if inner.search("".join(sample)) else None


def _quote(sample: list[str]) -> str:
    text = "".join(sample)
    single = sum(text.count(f"{d}'") + text.count(f"'{d}") for d in ",;\t|")
    return "'" if '"' not in text and single > 2 * len(sample) else '"'


def _delimiter(sample: list[str], quote: str, escape: str | None) -> str:
    """The delimiter that makes most rows equally wide, and wide; a comma for a single column."""
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        rows = [row for _, row in _numbered(sample, delimiter, quote, escape, 0)][:200]
        widths = [len(row) for row in rows]
        if not widths:
            continue
        usual = max(set(widths), key=lambda w: (widths.count(w) * min(w, 3), w))
        if usual < 2:
            continue
        share = widths.count(usual) / len(widths)
        rare = 0.5 if delimiter in "^~:" else 1.0
        score = share * share * min(usual, 12) ** 0.5 * rare
        if score > best_score:
            best, best_score = delimiter, score
    return best


class _Runaway(Exception):
    """A quoted cell went on for too many lines."""


class Rows:
    """The rows of delimited lines as (line number, cells).

    A quote that is never closed costs one line: reading begins again after it. A stray pair of
    quotes that joins several whole rows is undone. `number` is the last line that was used,
    `characters` how many were read since it was last set to 0.
    """

    def __init__(self, lines: Iterable[str], dialect: Dialect, gather: Gather, skip: int) -> None:
        self.number = skip
        self.characters = 0
        self._lines = iter(lines)
        self._again: deque[str] = deque()
        self._held: list[str] = []
        self._ended = False
        self._dialect = dialect
        self._gather = gather

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        held, width = self._held, len(self._dialect.columns)
        _, quote, escape, *_ = self._dialect
        while True:
            try:
                reader = csv.reader(
                    self._feed(), delimiter=self._dialect.delimiter, quotechar=quote,
                    escapechar=escape,
                )  # fmt: skip
                for row in reader:
                    if self._ended:  # the reader wanted more inside a quote
                        raise _Runaway
                    if len(held) == 1:
                        self.number += 1
                        if row:
                            yield self.number, row
                    else:
                        yield from self._several(row, width)
                    held.clear()
            except _Runaway:
                yield from self._without_quotes()
                continue
            except csv.Error as error:
                yield from self._repair(error)
                continue
            return

    def _feed(self) -> Iterator[str]:
        held = self._held
        while self._again:
            line = self._again.popleft()
            held.append(line)
            yield line
        for line in self._lines:
            held.append(line)
            if len(held) > _QUOTED_LINES:
                raise _Runaway
            self.characters += len(line)
            yield line
        self._ended = True

    def _several(self, row: list[str], width: int) -> Iterator[tuple[int, list[str]]]:
        """A row of several lines: usually a cell with line breaks, sometimes stray quotes."""
        first = self.number + 1
        self.number += len(self._held)
        if len(row) != width or not self._well_quoted():
            plain = [self._plain(line) for line in self._held]
            if all(len(cells) == width for cells in plain):
                text = "a quotation mark that belongs to the value; the lines were read one by one"
                self._gather.notices.append(Notice(first, "row.quote", text))
                yield from enumerate(plain, first)
                return
        yield first, row

    def _well_quoted(self) -> bool:
        """Whether the held lines close every quote where a cell ends."""
        _, quote, escape, *_ = self._dialect
        try:
            list(
                csv.reader(
                    self._held, delimiter=self._dialect.delimiter, quotechar=quote,
                    escapechar=escape, strict=True,
                )
            )  # fmt: skip
        except csv.Error:
            return False
        return True

    def _without_quotes(self) -> Iterator[tuple[int, list[str]]]:
        """Take the first held line as if quotes meant nothing, and read on after it."""
        line, *rest = self._held
        self._start_again(rest)
        cells = self._plain(line)
        text = "a quotation mark is never closed"
        if len(cells) == len(self._dialect.columns):
            self._gather.notices.append(Notice(self.number, "row.quote", text))
            yield self.number, cells
        else:
            named = name_cells(self._dialect.columns, cells)
            self._gather.rejects.append(Reject(self.number, "row.quote", text, named))

    def _repair(self, error: csv.Error) -> Iterator[tuple[int, list[str]]]:
        """A line the reader refuses: a lone carriage return in it, or a cell beyond all bounds."""
        line, *rest = self._held
        body = line.rstrip("\r\n")
        if "\r" in body and len(body) < _CELL:
            self.number -= 1
            self._start_again([body.replace("\r", " ") + "\n", *rest])
            text = "a lone carriage return was read as a blank"
            self._gather.notices.append(Notice(self.number + 1, "text.return", text))
            return
        self._start_again(rest)
        named = name_cells(self._dialect.columns, self._plain(line[:_KEPT]))
        self._gather.rejects.append(Reject(self.number, "row.unreadable", str(error), named))
        yield from ()

    def _start_again(self, lines: list[str]) -> None:
        self.number += 1
        self._held.clear()
        self._again.extendleft(reversed(lines))
        self._ended = False

    def _plain(self, line: str) -> list[str]:
        return line.rstrip("\r\n").split(self._dialect.delimiter)
