"""Tables of text cells: where the header is, and rows that don't fit it.

>>> find_header([["Customer list", ""], ["No", "Name"], ["1", "Ann"], ["2", "Bo"]])
1
>>> find_header([["1", "ann@example.com"], ["2", "bo@example.com"]]) is None
True
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import ceil

from idp_cdi.connectors import Chunk, Notice, Reject, State

_DATA = re.compile(
    r"^[-+(]?[\d.,\s'/:%€$£()+-]*\d[\d.,\s'/:%€$£()+-]*$"  # amounts, dates, telephone numbers
    r"|^\S+@\S+\.\S+$|^https?://|^[A-Z]{2}\d[\dA-Z]{6,}$|^(?:true|false)$",
    re.IGNORECASE,
)


def find_header(rows: list[list[str]]) -> int | None:
    """The index of the row with the column names, None where there is none.

    Titles above a table are narrower than it; names repeat nothing and look like no data.
    """
    filled = [sum(1 for c in row if c.strip()) for row in rows]
    if not any(filled):
        return None
    width = _usual([len(row) for row, count in zip(rows, filled, strict=True) if count])
    wanted = ceil(0.6 * _usual([f for f in filled if f]))
    for index, row in enumerate(rows[:30]):
        names = [c.strip() for c in row if c.strip()]
        if len(row) < min(2, width) or len(names) < wanted or abs(len(row) - width) > 1:
            continue
        like_data = sum(bool(_DATA.match(n)) or len(n) > 80 for n in names)
        return index if like_data <= (0.2 * len(names) if len(names) > 4 else 0) else None
    return None


def _usual(counts: list[int]) -> int:
    return max(set(counts), key=lambda c: (counts.count(c), c)) if counts else 0


@dataclass(slots=True)
class Gather:
    """Collects rows of text cells into chunks.

    A row that is too short is filled up and noted; two short rows that are one row with a line
    break inside are joined; one with more filled cells than columns, or with less than half of
    them, is rejected with all of its cells.
    """

    columns: tuple[str, ...]
    cells: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.cells or self.rejects or self.notices)

    def add(self, number: int, row: list[str]) -> None:
        """Take one row."""
        self.cells.append(row)
        self.numbers.append(number)

    def chunk(self, state: State) -> Chunk:
        """What was gathered, as a chunk; begins anew."""
        width = len(self.columns)
        if any(len(row) != width for row in self.cells):
            self._fit(width)
        values = tuple(map(list, zip(*self.cells, strict=True)))
        if not values:
            values = tuple([] for _ in self.columns)
        made = Chunk(self.columns, values, self.numbers, state, self.rejects, self.notices)
        self.cells, self.numbers, self.rejects, self.notices = [], [], [], []
        return made

    def _fit(self, width: int) -> None:
        rows = list(zip(self.numbers, self.cells, strict=True))
        self.cells, self.numbers = [], []
        index = 0
        while index < len(rows):
            number, row = rows[index]
            index += 1
            if len(row) == width:
                self.add(number, row)
            elif len(row) > width:
                self._long(number, row, width)
            elif index < len(rows) and len(row) + len(rows[index][1]) == width + 1:
                other = rows[index][1]
                index += 1
                self.add(number, [*row[:-1], f"{row[-1]}\n{other[0]}", *other[1:]])
                text = "joined with the next line: a line break inside a value was not quoted"
                self.notices.append(Notice(number, "row.broken", text))
            else:
                self._short(number, row, width)

    def _long(self, number: int, row: list[str], width: int) -> None:
        if not any(c.strip() for c in row[width:]):
            self.add(number, row[:width])
            return
        text = (
            f"{len(row)} cells where the header has {width}; "
            "a delimiter or quotation mark inside a value is not escaped"
        )
        self.rejects.append(Reject(number, "row.long", text, name_cells(self.columns, row)))

    def _short(self, number: int, row: list[str], width: int) -> None:
        text = f"{len(row)} cells where the header has {width}"
        if len(row) * 2 < width:
            self.rejects.append(Reject(number, "row.short", text, name_cells(self.columns, row)))
            return
        self.notices.append(Notice(number, "row.short", f"{text}; the rest is taken as empty"))
        self.add(number, row + [""] * (width - len(row)))


def name_cells(columns: tuple[str, ...], row: list[str]) -> tuple[tuple[str, str], ...]:
    """Every cell with its column's name, those beyond the header as ``+1``, ``+2``."""
    names = [*columns, *(f"+{n}" for n in range(1, len(row) - len(columns) + 1))]
    return tuple(zip(names, row, strict=False))
