"""Sinks: where unified customers go. Write-back to an ERP, and warehouses for the star schema.

A warehouse is a module of this folder (or an entry point of the group ``idp_cdi.sinks``) with

- ``NAME``: the word before the colon of ``publish --to``;
- ``KEEPS_MARTS``: whether mart tables stay there (else they are made for each session);
- ``fits(location) -> bool``: whether it writes to this location;
- ``Warehouse(location)``: a context manager, see the protocol below.

Publishing is the same for all of them (`idp_cdi.steps.publish`): the star is built and audited in
a workplace of its own; the warehouse says which rows it holds (key and hash); only those that
differ are written, in one transaction or by renames that a later run completes. So a run that is
killed anywhere leaves the old state or the new one, and can be run again.

>>> find("parquet:/tmp/star").NAME, find("postgresql://host/db").NAME
('parquet', 'postgresql')
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from idp_cdi.errors import UsageError
from idp_cdi.plugins import ways

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType, TracebackType

    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Shape:
    """What a warehouse needs to know of a table: its DDL, its key, its columns with their types."""

    name: str
    ddl: str
    key: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written: tables, views, and a note of what the star was made from.

    `version` changes with the shape of the star: then everything is written anew. `mark` is that of
    the store, `changed` the tables of which ``gone`` and ``fresh`` say what changes.
    """

    tables: tuple[Shape, ...]
    views: tuple[str, ...]
    version: str
    mark: str
    at: str
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What a warehouse holds: the star's version and mark, and when it was published."""

    version: str = ""
    mark: str = ""
    at: str = ""


class Warehouse(Protocol):
    """A place that holds a star; between ``with`` and its end nobody else publishes there."""

    def __enter__(self) -> Warehouse: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def note(self) -> Note:
        """What is there; empty for a new one."""

    def have(self, duck: DuckDBPyConnection, tables: Sequence[Shape]) -> None:
        """Fill ``have.NAME`` (key and row_hash) in the workplace with what is there."""

    def write(self, duck: DuckDBPyConnection, plan: Plan) -> None:
        """Take out ``gone.NAME`` (keys), put in ``fresh.NAME`` (rows), all or nothing."""

    def query(self, text: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Columns and rows of a question to the star."""

    def run(self, statements: Sequence[str]) -> None:
        """Run statements that write marts, in one transaction."""


def find(location: str) -> ModuleType:
    """The warehouse module for a location.

    Raises:
        UsageError: Nothing writes there.
    """
    for way in ways("sinks"):
        fits = getattr(way, "fits", None)
        if fits is not None and fits(location):
            return way
    raise UsageError(
        "no warehouse can be written there",
        file=location.rpartition("@")[2],
        action="use duckdb:FILE, parquet:FOLDER or postgresql://…",
    )


def open_warehouse(location: str) -> Warehouse:
    """The warehouse at a location, to be used in a ``with`` statement."""
    return cast("Warehouse", find(location).Warehouse(location))
