"""Connectors: system feeds in, as streams of rows. The words are Singer's and dlt's.

A way is a module of this folder (or an entry point of the group ``idp_cdi.connectors``) with

- ``NAME``: how settings call it;
- ``score(location) -> float``: how well it fits a path or URL, 0 (not at all) to 1;
- ``streams(connection) -> list[Stream]``: what there is to read: columns, primary key, cursor;
- ``read(connection, stream, state) -> Iterator[Chunk]``: the rows in order, in chunks of columns;
  `state` is that of the last chunk that was kept, or empty to read everything.

A chunk is columns, not rows, because a value is cleaned once per distinct text. Its `state` is
stored in the same transaction as its rows, so a run killed anywhere goes on after the last chunk
that was kept: no row is lost, and a row that comes twice is the same `Record` twice.

A row that can't be read is a `Reject` of its chunk with a reason, never an exception; an exception
means that the whole stream can't be read. To add a way, write the module and its test in
``tests/connectors``; nothing else needs to change. Mappings live in `_mapping`, their suggestion
in `_suggest`; `idp_cdi.steps.collect` makes records of rows.

>>> from idp_cdi.connectors import find
>>> find("customers.csv").NAME, find("export.jsonl").NAME
('csv', 'jsonl')
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

from idp_cdi.errors import UsageError
from idp_cdi.plugins import ways

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

State: TypeAlias = dict[str, str | int]
"""Where to go on: a small JSON object that only the way that made it understands."""

CHUNK_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Connection:
    """Where a source is and how to reach it.

    `location` is a path or URL; `options` are the way's own (delimiter, sheet, query …), as the
    YAML file has them; secrets are named there as ``${ENVIRONMENT_VARIABLE}``, never written.
    """

    location: str
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stream:
    """One table of a source: its columns in order, its key and the column that only grows."""

    name: str
    columns: tuple[str, ...]
    primary_key: tuple[str, ...] = ()
    cursor: str = ""
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reject:
    """A row set aside: its number, a stable code, the reason in words, and all of its cells."""

    row: int
    code: str
    reason: str
    cells: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something odd about a row (or, with row 0, the stream) that did not keep it out."""

    row: int
    code: str
    message: str


@dataclass(slots=True)
class Chunk:
    """Some rows of a stream as columns of text; "" is a missing value.

    `numbers` are the rows' places in the source, from 1 (lines of a text file, rows of a sheet);
    `deleted` holds rows by number here that the source says are gone; `unchanged` rows came before
    just as they are and were left out.
    """

    columns: tuple[str, ...]
    values: tuple[list[str], ...]
    numbers: Sequence[int]
    state: State
    rejects: list[Reject] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    deleted: frozenset[int] = frozenset()
    unchanged: int = 0

    def __len__(self) -> int:
        return len(self.numbers)

    def rows(self) -> Iterator[dict[str, str]]:
        """The rows one by one, for looking at; bulk work takes the columns."""
        for cells in zip(*self.values, strict=True):
            yield dict(zip(self.columns, cells, strict=True))


class Way(Protocol):
    """What a module of this folder offers."""

    NAME: str

    def score(self, location: str) -> float:
        """How well this way fits a path or URL, 0 to 1; must not open it over a network."""

    def streams(self, connection: Connection) -> list[Stream]:
        """What there is to read; raises UnreadableInput or UsageError when nothing can be."""

    def read(self, connection: Connection, stream: Stream, state: State) -> Iterator[Chunk]:
        """The rows after `state` in chunks; raises UnreadableInput or UsageError."""


def is_feed(location: str) -> bool:
    """Whether a connector is sure about a path: by its ending, for XML by its first bytes.

    >>> is_feed("customers.csv"), is_feed("invoice.pdf"), is_feed("notes.txt")
    (True, False, False)
    """
    return max(cast("Way", w).score(location) for w in ways("connectors")) >= 0.8


def find(location: str, name: str = "") -> Way:
    """The way called `name`, or the one that fits `location` best.

    Raises:
        UsageError: No way is called so, or none fits.
    """
    known = [cast("Way", w) for w in ways("connectors")]
    if name:
        for way in known:
            if name == way.NAME:
                return way
        names = ", ".join(w.NAME for w in known)
        raise UsageError(f"there is no connector {name!r}", action=f"there are: {names}")
    best = max(known, key=lambda w: w.score(location))
    if best.score(location) <= 0:
        raise UsageError(
            "no connector reads this",
            file=location,
            action="name one with `way:` in the source file, or export the table as CSV",
        )
    return best
