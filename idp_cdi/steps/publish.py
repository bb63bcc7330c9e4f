"""Publish the unified customers and everything that happened with them as a star schema.

Write, audit, publish: the star is built beside the warehouse and audited there; then only the rows
that differ are written, all or nothing. When nothing changed in the store, nothing is even built.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from idp_cdi.progress import SILENT
from idp_cdi.sinks import Plan, Shape, find, open_warehouse
from idp_cdi.steps import _warehouses, marts, star
from idp_cdi.steps import stage as staging
from idp_cdi.store.log import stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from idp_cdi.progress import Progress
    from idp_cdi.settings import Settings
    from idp_cdi.sinks import Warehouse
    from idp_cdi.store import Database


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a table: its rows now, and how many were written and taken out."""

    rows: int
    written: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Published:
    """What was published. `current` is True when the warehouse had everything already."""

    location: str
    current: bool
    seconds: float
    tables: dict[str, Change] = field(default_factory=dict)

    @property
    def written(self) -> int:
        """Rows written, over all tables."""
        return sum(c.written for c in self.tables.values())


def default_location(settings: Settings) -> str:
    """Where the warehouse is when nobody says otherwise."""
    return settings.finance.warehouse or f"duckdb:{settings.home / 'warehouse.duckdb'}"


def publish(
    database: Database,
    settings: Settings,
    location: str = "",
    *,
    full: bool = False,
    remember: bool = True,
    progress: Progress = SILENT,
) -> Published:
    """Bring the warehouse at `location` up to date with the store.

    Args:
        database: The store.
        settings: Where the warehouse is by default, the currency of the house.
        location: ``duckdb:FILE``, ``parquet:FOLDER`` or ``postgresql://…``.
        full: Build and compare even when the store has not changed.
        remember: Note the place, so that erasures find it; False for one that won't last.
        progress: Told of each part of the work.

    Returns:
        What was written, by table.

    Raises:
        UsageError: Nothing can be published there.
        StoreError: The warehouse can't be written, or the star contradicts itself.
    """
    location = location or default_location(settings)
    begin = time.monotonic()
    with open_warehouse(location) as warehouse, database.reading() as connection:
        mark = staging.mark(connection) + settings.finance.currency
        note = warehouse.note()
        if not full and (note.version, note.mark) == (version(), mark):
            return Published(location, current=True, seconds=time.monotonic() - begin)
        with workplace() as duck:
            progress.start("star", 3)
            staging.stage(connection, duck)
            progress.advance()
            rows = star.build(duck, settings)
            progress.advance()
            star.audit(duck)
            plan = Plan(_shapes(), star.views(), version(), mark, stamp())
            changes = _write(duck, warehouse, plan, rows, anew=note.version != version())
            progress.finish()
        if find(location).KEEPS_MARTS:
            marts.build(warehouse)
    if remember:
        _warehouses.note(database, location)
    return Published(location, current=False, seconds=time.monotonic() - begin, tables=changes)


def _write(
    duck: DuckDBPyConnection,
    warehouse: Warehouse,
    plan: Plan,
    rows: dict[str, int],
    *,
    anew: bool,
) -> dict[str, Change]:
    duck.execute("CREATE SCHEMA have; CREATE SCHEMA gone; CREATE SCHEMA fresh")
    warehouse.have(duck, () if anew else plan.tables)
    changes = {s.name: _compare(duck, s, rows[s.name]) for s in plan.tables}
    changed = tuple(name for name, c in changes.items() if c.written or c.removed)
    warehouse.write(duck, replace(plan, changed=changed))
    return changes


@cache
def version() -> str:
    """Changes with the shape of the star and with how it is built."""
    root = files("idp_cdi") / "data"
    folder = root / "star"
    parts = [root / "star.yaml", root / "fields.yaml", root / "accounts.yaml"]
    parts += sorted(folder.iterdir(), key=lambda p: p.name)
    text = "".join(p.read_text(encoding="utf-8") for p in parts)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@contextmanager
def workplace() -> Iterator[DuckDBPyConnection]:
    """A DuckDB database in a folder of its own, gone afterwards; it spills there, not to memory."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="idp-cdi-star-") as folder:
        path = Path(folder) / "work.duckdb"
        duck = duckdb.connect(
            str(path), config={"temp_directory": folder, "preserve_insertion_order": False}
        )
        try:
            yield duck
        finally:
            duck.close()


def _shapes() -> tuple[Shape, ...]:
    hashed = ("row_hash", "BIGINT")
    return tuple(
        Shape(t.name, t.ddl(), t.key, (*((c.name, c.type) for c in t.columns), hashed))
        for t in star.tables()
    )


def _compare(duck: DuckDBPyConnection, shape: Shape, rows: int) -> Change:
    """Fill ``gone`` and ``fresh`` of one table; what is equal on both sides is left alone."""
    name, key = shape.name, ", ".join(shape.key)
    columns = ", ".join(f"{c} {k}" for c, k in shape.columns if c in (*shape.key, "row_hash"))
    duck.execute(f"CREATE TABLE IF NOT EXISTS have.{name} ({columns})")
    duck.execute(
        f"CREATE TABLE gone.{name} AS SELECT {key} FROM have.{name}"
        f" ANTI JOIN star.{name} USING ({key}, row_hash)"
    )
    duck.execute(
        f"CREATE VIEW fresh.{name} AS SELECT * FROM star.{name}"
        f" ANTI JOIN have.{name} USING ({key}, row_hash)"
    )
    written, removed = (
        duck.execute(f"SELECT count(*) FROM {part}.{name}").fetchone() or (0,)
        for part in ("fresh", "gone")
    )
    return Change(rows, written[0], removed[0])
