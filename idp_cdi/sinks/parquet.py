"""The star as Parquet files: ``parquet:FOLDER``, a folder a table, files of neighbouring keys.

A file whose rows did not change is not touched. New files are written beside the old ones; a
journal then says which renames make them the published ones. A run that is killed before the
journal is there changed nothing; after it, the next run (or reader through us) completes the
renames. ``star.sql`` makes views over the files for DuckDB.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import StoreError
from idp_cdi.sinks import Note, Plan, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from duckdb import DuckDBPyConnection

NAME = "parquet"
KEEPS_MARTS = False
#: Rows a file: numbers are handed out in the order of arrival, so new rows touch the last file.
_SPAN = 250_000
_NEW, _JOURNAL = ".publishing", "journal.json"


def fits(location: str) -> bool:
    """Whether the location says ``parquet:``."""
    return location.startswith("parquet:")


class Warehouse:
    """A folder of Parquet files."""

    def __init__(self, location: str) -> None:
        self.root = Path(location.removeprefix("parquet:").removeprefix("//"))
        self._duck: DuckDBPyConnection | None = None

    def __enter__(self) -> Warehouse:
        self._complete()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._duck is not None:
            self._duck.close()
            self._duck = None

    def note(self) -> Note:
        """What the manifest says."""
        path = self.root / "manifest.json"
        if not path.exists():
            return Note()
        told = json.loads(path.read_text(encoding="utf-8"))
        return Note(told["version"], told["mark"], told["published_at"])

    def have(self, duck: DuckDBPyConnection, tables: Sequence[Shape]) -> None:
        """Read keys and hashes of the files that are there."""
        for shape in tables:
            if any((self.root / shape.name).glob("*.parquet")):
                names = ", ".join((*shape.key, "row_hash"))
                place = _quoted(str(self.root / shape.name / "*.parquet"))
                duck.execute(
                    f"CREATE TABLE have.{shape.name} AS SELECT {names} FROM read_parquet({place})"
                )

    def write(self, duck: DuckDBPyConnection, plan: Plan) -> None:
        """Write the files that changed, then the journal, then complete it."""
        anew = self.note().version != plan.version
        new = self.root / _NEW
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        drop: list[str] = []
        for shape in plan.tables:
            if anew or shape.name in plan.changed:
                drop += self._write_table(duck, shape, new, anew=anew)
        (new / "star.sql").write_text(_star_sql(plan), encoding="utf-8")
        manifest = {"version": plan.version, "mark": plan.mark, "published_at": plan.at}
        (new / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        for path in new.rglob("*"):
            _sync(path)
        ready = new / f"{_JOURNAL}.new"
        ready.write_text(json.dumps({"drop": drop}), encoding="utf-8")
        _sync(ready)
        ready.replace(new / _JOURNAL)
        self._complete()

    def query(self, text: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Ask the files, through views."""
        found = self._own().execute(text)
        return [d[0] for d in found.description or ()], found.fetchall()

    def run(self, statements: Sequence[str]) -> None:
        """Make marts in memory, for the questions until the end of the ``with`` block."""
        for statement in statements:
            self._own().execute(statement)

    def _own(self) -> DuckDBPyConnection:
        if self._duck is None:
            import duckdb

            if not (self.root / "star.sql").exists():
                raise StoreError(
                    "there is no warehouse yet", file=str(self.root), action="run `idp-cdi publish`"
                )
            self._duck = duckdb.connect()
            self._duck.execute(f"SET file_search_path = {_quoted(str(self.root))}")
            self._duck.execute((self.root / "star.sql").read_text(encoding="utf-8"))
        return self._duck

    def _write_table(
        self, duck: DuckDBPyConnection, shape: Shape, new: Path, *, anew: bool
    ) -> list[str]:
        """The files of one table that change; returns those that go."""
        bucket = _bucket(shape)
        parts = f"SELECT {bucket} AS part FROM"
        touched = [
            r[0]
            for r in duck.execute(
                f"{parts} fresh.{shape.name} UNION {parts} gone.{shape.name} ORDER BY 1"
            ).fetchall()
        ]
        (new / shape.name).mkdir()
        written: set[str] = set()
        for part in touched:
            name = f"part-{part:06d}.parquet"
            rows = f"FROM star.{shape.name} WHERE {bucket} = {part}"
            if duck.execute(f"SELECT 1 {rows} LIMIT 1").fetchone():
                key, path = ", ".join(shape.key), _quoted(str(new / shape.name / name))
                duck.execute(
                    f"COPY (SELECT * {rows} ORDER BY {key}) TO {path}"
                    " (FORMAT parquet, COMPRESSION zstd)"
                )
                written.add(name)
        if not touched and not any((self.root / shape.name).glob("*.parquet")):
            path = _quoted(str(new / shape.name / "part-000000.parquet"))
            duck.execute(f"COPY (SELECT * FROM star.{shape.name}) TO {path} (FORMAT parquet)")
            written.add("part-000000.parquet")
        there = {p.name for p in (self.root / shape.name).glob("*.parquet")}
        gone = there if anew else there & {f"part-{p:06d}.parquet" for p in touched}
        return [f"{shape.name}/{name}" for name in sorted(gone - written)]

    def _complete(self) -> None:
        """Do the renames of a journal; without one, what lies there is of a run that was killed."""
        new = self.root / _NEW
        if not new.exists():
            return
        journal = new / _JOURNAL
        if not journal.exists():
            shutil.rmtree(new)
            return
        drop = json.loads(journal.read_text(encoding="utf-8"))["drop"]
        for path in sorted(p for p in new.rglob("*") if p.is_file() and p != journal):
            place = self.root / path.relative_to(new)
            place.parent.mkdir(exist_ok=True)
            path.replace(place)
        for name in drop:
            (self.root / name).unlink(missing_ok=True)
        journal.unlink()
        shutil.rmtree(new)


def _bucket(shape: Shape) -> str:
    """Which file a row lies in, as SQL."""
    kind, first = dict(shape.columns)[shape.key[0]], shape.key[0]
    if first == "customer_sk":
        return f"greatest({first}, 0) // {_SPAN * 100_000}"
    if kind == "BIGINT":
        return f"greatest({first}, 0) // {_SPAN}"
    if kind == "TEXT":
        return f"CAST(md5_number_lower({first}) % 16 AS INTEGER)"
    return "0"


def _star_sql(plan: Plan) -> str:
    lines = ["-- Views over the files beside this one, for DuckDB started in this folder."]
    lines += [
        f"CREATE OR REPLACE VIEW {s.name} AS SELECT * FROM read_parquet('{s.name}/*.parquet');"
        for s in plan.tables
    ]
    lines += [v.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1) + ";" for v in plan.views]
    return "\n".join(lines) + "\n"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
