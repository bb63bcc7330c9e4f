"""The star in PostgreSQL: ``postgresql://…``, in its schema ``warehouse`` or ``?schema=NAME``.

Keys and hashes are read from there, only rows that differ are sent (``COPY``), in one transaction.
An advisory lock admits one publisher at a time.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import MissingDependency, StoreError, UsageError
from idp_cdi.sinks import Note, Plan, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from duckdb import DuckDBPyConnection

NAME = "postgresql"
KEEPS_MARTS = True
_LOCK = 0x1D9CD2
_BATCH = 50_000


def fits(location: str) -> bool:
    """Whether it is a PostgreSQL URL."""
    return location.startswith(("postgresql:", "postgres:", "postgresql+psycopg:"))


class Warehouse:
    """A schema of a PostgreSQL database."""

    def __init__(self, location: str) -> None:
        from sqlalchemy import make_url

        url = make_url(location)
        schema = str(url.query.get("schema", "warehouse"))
        if not schema.isidentifier():
            raise UsageError("the schema's name must be a plain word", file=schema)
        self.schema = schema
        self.url = url.difference_update_query(["schema"]).set(drivername="postgresql")
        self._connection: Any = None

    def __enter__(self) -> Warehouse:
        try:
            import psycopg
        except ModuleNotFoundError as error:
            raise MissingDependency(
                "the PostgreSQL driver is not installed", action="pip install 'idp-cdi[postgres]'"
            ) from error
        try:
            self._connection = psycopg.connect(self.url.render_as_string(hide_password=False))
        except psycopg.OperationalError as error:
            raise StoreError(
                "the warehouse can't be reached",
                file=self.url.render_as_string(),
                action=str(error),
            ) from error
        self._connection.execute("SELECT set_config('search_path', %s, false)", [self.schema])
        self._connection.execute("SET TIME ZONE 'UTC'")
        self._connection.commit()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def note(self) -> Note:
        """What is there."""
        found = self._connection.execute("SELECT to_regclass('publication')").fetchone()
        row = None
        if found[0] is not None:
            query = "SELECT version, mark, published_at FROM publication"
            row = self._connection.execute(query).fetchone()
        self._connection.rollback()
        return Note(*row) if row else Note()

    def have(self, duck: DuckDBPyConnection, tables: Sequence[Shape]) -> None:
        """Copy keys and hashes into the workplace; the lock is held until `write` is done."""
        self._connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        for shape in tables:
            names = (*shape.key, "row_hash")
            kinds = dict(shape.columns)
            spec = ", ".join(f"{n} {kinds[n]}" for n in names)
            duck.execute(f"CREATE TABLE have.{shape.name} ({spec})")
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "have.csv"
                query = f"COPY (SELECT {', '.join(names)} FROM {shape.name}) TO STDOUT (FORMAT csv)"
                with path.open("wb") as out, self._connection.cursor().copy(query) as copy:
                    for part in copy:
                        out.write(part)
                duck.execute(
                    f"COPY have.{shape.name} FROM '{path}'"
                    " (FORMAT csv, HEADER false, AUTO_DETECT false)"
                )

    def write(self, duck: DuckDBPyConnection, plan: Plan) -> None:
        """One transaction; the first time, or for a star of another shape, everything anew."""
        anew = self._anew(plan)
        self._connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        if anew:
            self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {self.schema}")
        for shape in plan.tables:
            if anew:
                self._connection.execute(f"DROP TABLE IF EXISTS {shape.name} CASCADE")
                self._connection.execute(shape.ddl)
            elif shape.name in plan.changed:
                self._take_out(duck, shape)
            if shape.name in plan.changed:
                self._put_in(duck, "fresh", shape.name, shape.name, shape.columns)
        if anew:
            for view in plan.views:
                self._connection.execute(view)
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS publication (version TEXT, mark TEXT, published_at TEXT)"
        )
        self._connection.execute("DELETE FROM publication")
        self._connection.execute(
            "INSERT INTO publication VALUES (%s, %s, %s)", [plan.version, plan.mark, plan.at]
        )
        self._connection.commit()
        for name in plan.changed:
            self._connection.execute(f"ANALYZE {name}")
        self._connection.commit()

    def query(self, text: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Ask the star."""
        import psycopg

        try:
            cursor = self._connection.execute(text)
        except psycopg.errors.UndefinedTable as error:
            raise StoreError(
                "a table is missing in the warehouse", file=self.schema, action="run `publish`"
            ) from error
        names = [d.name for d in cursor.description or ()]
        rows = cursor.fetchall()
        self._connection.rollback()
        return names, rows

    def run(self, statements: Sequence[str]) -> None:
        """Write marts in one transaction."""
        for statement in statements:
            self._connection.execute(statement)
        self._connection.commit()

    def _anew(self, plan: Plan) -> bool:
        found = self._connection.execute("SELECT to_regclass('publication')").fetchone()
        if found[0] is None:
            return True
        row = self._connection.execute("SELECT version FROM publication").fetchone()
        return row is None or row[0] != plan.version

    def _take_out(self, duck: DuckDBPyConnection, shape: Shape) -> None:
        kinds = dict(shape.columns)
        spec = ", ".join(f"{c} {kinds[c]}" for c in shape.key)
        self._connection.execute(f"CREATE TEMPORARY TABLE gone_row ({spec}) ON COMMIT DROP")
        self._put_in(duck, "gone", shape.name, "gone_row", [(c, kinds[c]) for c in shape.key])
        same = " AND ".join(f"t.{c} = g.{c}" for c in shape.key)
        self._connection.execute(f"DELETE FROM {shape.name} t USING gone_row g WHERE {same}")
        self._connection.execute("DROP TABLE gone_row")

    def _put_in(
        self,
        duck: DuckDBPyConnection,
        part: str,
        name: str,
        into: str,
        columns: Sequence[tuple[str, str]],
    ) -> None:
        """Rows as CSV from DuckDB; NUL characters, which PostgreSQL refuses, are left out."""
        cells = ", ".join(
            f"replace({c}, chr(0), '') AS {c}" if kind == "TEXT" else c for c, kind in columns
        )
        names = ", ".join(c for c, _ in columns)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.csv"
            duck.execute(
                f"COPY (SELECT {cells} FROM {part}.{name}) TO '{path}'"
                " (FORMAT csv, HEADER false, FORCE_QUOTE *, NULLSTR '\\N')"
            )
            query = f"COPY {into} ({names}) FROM STDIN (FORMAT csv, NULL '\\N')"
            with path.open("rb") as rows, self._connection.cursor().copy(query) as copy:
                while block := rows.read(1 << 20):
                    copy.write(block)
