"""The star in a DuckDB file: ``duckdb:FILE``.

The file is attached to the workplace, so rows go from one to the other without leaving DuckDB.
It has no primary keys: DuckDB checks them too eagerly when a row is replaced inside a
transaction, and the star is audited before it is published. One process at a time may write;
readers open it read-only.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import StoreBusy, StoreError
from idp_cdi.sinks import Note, Plan, Shape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from duckdb import DuckDBPyConnection

NAME = "duckdb"
KEEPS_MARTS = True


def fits(location: str) -> bool:
    """Whether the location says ``duckdb:`` or ends in ``.duckdb``."""
    return location.startswith("duckdb:") or location.endswith(".duckdb")


class Warehouse:
    """A DuckDB file."""

    def __init__(self, location: str) -> None:
        self.path = Path(location.removeprefix("duckdb:").removeprefix("//"))
        self._duck: DuckDBPyConnection | None = None

    def __enter__(self) -> Warehouse:
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
        """What is there."""
        if not self.path.exists():
            return Note()
        return _note(self._own())

    def have(self, duck: DuckDBPyConnection, tables: Sequence[Shape]) -> None:
        """Attach the file and look at its keys and hashes in place."""
        self.__exit__(None, None, None)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            duck.execute(f"ATTACH {_quoted(str(self.path))} AS target")
        except Exception as error:  # DuckDB's own classes, imported only here
            raise _trouble(error, self.path) from error
        known = {r[0] for r in duck.execute(_TABLES).fetchall()}
        for shape in tables:
            if shape.name in known:
                key = ", ".join(shape.key)
                duck.execute(
                    f"CREATE TABLE have.{shape.name} AS"
                    f" SELECT {key}, row_hash FROM target.main.{shape.name}"
                )

    def write(self, duck: DuckDBPyConnection, plan: Plan) -> None:
        """One transaction in the file."""
        known = {r[0] for r in duck.execute(_TABLES).fetchall()}
        anew = "publication" not in known or _note(duck, "target.main.").version != plan.version
        duck.execute("BEGIN")
        try:
            for shape in plan.tables:
                _replace(duck, shape, anew=anew, known=shape.name in known)
            _remember(duck, plan)
            if anew:
                _views(duck, plan.views)
            duck.execute("COMMIT")
        except BaseException:
            duck.execute("ROLLBACK")
            raise
        duck.execute("DETACH target")

    def query(self, text: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Ask the file, opened read-only."""
        if not self.path.exists():
            raise StoreError(
                "there is no warehouse yet", file=str(self.path), action="run `idp-cdi publish`"
            )
        found = self._own().execute(text)
        return [d[0] for d in found.description or ()], found.fetchall()

    def run(self, statements: Sequence[str]) -> None:
        """Write marts in one transaction."""
        self.__exit__(None, None, None)
        duck = _connect(self.path, read_only=False)
        try:
            duck.execute("BEGIN")
            for statement in statements:
                duck.execute(statement)
            duck.execute("COMMIT")
        finally:
            duck.close()

    def _own(self) -> DuckDBPyConnection:
        if self._duck is None:
            self._duck = _connect(self.path, read_only=True)
        return self._duck


_TABLES = (
    "SELECT table_name FROM duckdb_tables() WHERE database_name = 'target' AND schema_name = 'main'"
)


def _replace(duck: DuckDBPyConnection, shape: Shape, *, anew: bool, known: bool) -> None:
    name = f"target.main.{shape.name}"
    if anew:
        spec = ", ".join(f"{column} {kind}" for column, kind in shape.columns)
        duck.execute(f"DROP TABLE IF EXISTS {name} CASCADE")
        duck.execute(f"CREATE TABLE {name} ({spec})")
    elif known:
        same = " AND ".join(f"t.{c} = g.{c}" for c in shape.key)
        duck.execute(f"DELETE FROM {name} t USING gone.{shape.name} g WHERE {same}")
    columns = ", ".join(c for c, _ in shape.columns)
    duck.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM fresh.{shape.name}")


def _remember(duck: DuckDBPyConnection, plan: Plan) -> None:
    duck.execute(
        "CREATE TABLE IF NOT EXISTS target.main.publication"
        " (version TEXT, mark TEXT, published_at TEXT)"
    )
    duck.execute("DELETE FROM target.main.publication")
    duck.execute(
        "INSERT INTO target.main.publication VALUES (?, ?, ?)", [plan.version, plan.mark, plan.at]
    )


def _views(duck: DuckDBPyConnection, views: Sequence[str]) -> None:
    duck.execute("USE target")
    try:
        for view in views:
            duck.execute(view.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))
    finally:
        duck.execute("USE work")


def _note(duck: DuckDBPyConnection, place: str = "") -> Note:
    import duckdb

    try:
        row = duck.execute(f"SELECT version, mark, published_at FROM {place}publication").fetchone()
    except duckdb.CatalogException:
        return Note()
    return Note(*row) if row else Note()


def _connect(path: Path, *, read_only: bool) -> DuckDBPyConnection:
    import duckdb

    try:
        return duckdb.connect(str(path), read_only=read_only)
    except duckdb.Error as error:
        raise _trouble(error, path) from error


def _trouble(error: Exception, path: Path) -> StoreError:
    if "lock" in str(error).lower():
        return StoreBusy(
            "another program has the warehouse open", file=str(path), action="close it, then again"
        )
    return StoreError("this is no DuckDB file that can be opened", file=str(path))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
