"""Opening the database: engine, one writer at a time, migrations, fast inserts.

SQLite before 3.51.3 can corrupt a WAL that two writers reset at once, and two writers would only
wait for each other anyway; so a lock file admits one. PostgreSQL has an advisory lock for that.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import closing, contextmanager
from functools import cache, lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import MissingDependency, StoreBusy, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Engine, Table

    from idp_cdi.store.compiled import Compiled

#: The migration that this program writes. A newer store is refused, an older one upgraded.
HEAD = "0005"

_LOCK_KEY = 0x1D9CD1
_PATIENCE_S = 30.0
#: Values that one statement takes: every SQLite takes 999.
_VALUES = 900


class Database:
    """An open store. Use `open_store` to get one; it is safe to share between threads."""

    def __init__(self, url: str, *, patience_s: float = _PATIENCE_S) -> None:
        from sqlalchemy import create_engine, event, make_url
        from sqlalchemy.exc import NoSuchModuleError

        self.url = make_url(url)
        if self.url.drivername == "postgresql":
            self.url = self.url.set(drivername="postgresql+psycopg")
        self.patience_s = patience_s
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        try:
            # What a statement was given stays out of errors, which end in logs.
            self.engine: Engine = create_engine(
                self.url, pool_pre_ping=not self.is_sqlite, hide_parameters=True
            )
        except NoSuchModuleError as error:
            raise StoreError(
                f"no such kind of database: {error}", action="check the URL"
            ) from error
        except ModuleNotFoundError as error:
            if self.url.get_backend_name() != "postgresql":
                raise StoreError(
                    f"no driver for {self.url.drivername} is installed",
                    action="use sqlite:///FILE or postgresql://…, for which the store is made",
                ) from error
            raise MissingDependency(
                "the PostgreSQL driver is not installed",
                action="pip install 'idp-cdi[postgres]'",
            ) from error
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @property
    def path(self) -> Path | None:
        """The file of an SQLite store, None for a server or memory."""
        name = self.url.database
        return Path(name) if self.is_sqlite and name and name != ":memory:" else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection in a read transaction: one consistent state of the store."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The one write transaction: all of it is kept at the end, or nothing.

        Raises:
            StoreBusy: Another writer did not finish within the patience.
        """
        with (
            self._writer_lock(),
            self.engine.connect().execution_options(writing=True) as connection,
            connection.begin(),
        ):
            if not self.is_sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")
            yield connection

    @contextmanager
    def _writer_lock(self) -> Iterator[None]:
        if self.path is None:
            yield
            return
        handle = os.open(f"{self.path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            _wait_for(handle, self.patience_s, str(self.path))
            yield
        finally:
            os.close(handle)

    def compact(self) -> None:
        """Write the database anew, so that nothing of deleted rows stays in its files.

        Raises:
            StoreBusy: Somebody reads what is to go; try again when nobody does.
        """
        self.engine.dispose()
        with self._writer_lock():
            if self.is_sqlite:
                self._compact_sqlite()
                return
            from idp_cdi.store.schema import metadata

            options = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            with options as connection:
                for table in metadata.sorted_tables:
                    connection.exec_driver_sql(f'VACUUM (FULL, ANALYZE) "{table.name}"')

    def _compact_sqlite(self) -> None:
        raw = self.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("PRAGMA secure_delete=ON")
            cursor.execute("VACUUM")
            busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if busy:
                raise StoreBusy(
                    "another program reads what is to go", file=str(self.path),
                    action="end it, then run `customers forget` again",
                )  # fmt: skip
        finally:
            raw.close()
        self.engine.dispose()

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def open_store(url: str, *, create: bool = True, patience_s: float = _PATIENCE_S) -> Database:
    """Open the store at `url`, bringing its schema up to date.

    Args:
        url: SQLAlchemy URL, or the path of an SQLite file.
        create: Make the database when it is not there; otherwise that is an error.
        patience_s: How long to wait for another writer, in seconds.

    Raises:
        StoreError: Can't be opened, or it was written by a newer version of this program.
        MissingDependency: The driver for this database is not installed.
    """
    if "://" not in url:
        url = f"sqlite:///{url}"
    database = Database(url, patience_s=patience_s)
    path = database.path
    if path is not None:
        if not create and not path.exists():
            raise StoreError(
                "there is no store yet",
                file=str(path),
                action="run `idp-cdi ingest` or `idp-cdi inbox run` first",
            )
        path.parent.mkdir(parents=True, exist_ok=True)
    _migrate(database)
    return database


def bulk_insert(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> int:
    """Insert many rows past the ORM's per-row work; returns how many. Rows are plain tuples."""
    names = ", ".join(f'"{c}"' for c in columns)
    if connection.dialect.name == "postgresql":
        return _copy(connection, f'COPY "{table.name}" ({names}) FROM STDIN', rows)
    count = 0
    with closing(connection.connection.cursor()) as cursor:
        # Many rows a statement take two thirds of the time that a statement a row takes, and SQLite
        # lets go of the interpreter for as long as a statement runs.
        for part in _parts(rows, max(_VALUES // len(columns), 1)):
            if not count and not connection.in_transaction():
                connection.begin()
            statement = _inserting(table.name, names, len(columns), len(part))
            cursor.execute(statement, list(chain.from_iterable(part)))
            count += len(part)
    return count


@lru_cache(maxsize=256)
def _inserting(table: str, names: str, width: int, rows: int) -> str:
    marks = f"({', '.join('?' * width)})"
    return f'INSERT INTO "{table}" ({names}) VALUES {", ".join([marks] * rows)}'


def batches(
    connection: Connection, statement: Any, size: int = 25_000
) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a large query, some at a time; on SQLite past the work on each row."""
    if connection.dialect.name != "sqlite":
        found = connection.execute(statement, execution_options={"yield_per": size})
        for part in found.partitions():
            yield list(map(tuple, part))
        return
    found = connection.execute(statement)
    cursor: Any = found.cursor
    try:
        while rows := cursor.fetchmany(size):
            yield rows
    finally:
        found.close()


def next_id(connection: Connection, column: Any) -> int:
    """The first free integer of a key column; right because there is one writer."""
    return greatest(connection, column) + 1


def greatest(connection: Connection, column: Any) -> int:
    """The greatest integer of a key column, 0 where there is none."""
    return int(_greatest(column).scalar(connection))


@cache
def _greatest(column: Any) -> Compiled:
    from sqlalchemy import func, select

    from idp_cdi.store.compiled import Compiled

    return Compiled(select(func.coalesce(func.max(column), 0)))


def _copy(connection: Connection, statement: str, rows: Iterable[Sequence[object]]) -> int:
    count = 0
    cursor = connection.connection.cursor()
    try:
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
                count += 1
    finally:
        cursor.close()
    return count


def _parts(rows: Iterable[Sequence[object]], size: int) -> Iterator[list[Sequence[object]]]:
    rest = iter(rows)
    while part := list(islice(rest, size)):
        yield part


def _wait_for(handle: int, patience_s: float, path: str) -> None:
    deadline = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StoreBusy(
                    "another run is writing", file=path, action="wait for it, then try again"
                ) from None
            time.sleep(0.02)
        else:
            return


def _prepare_sqlite(connection: Any, _: object) -> None:
    # The driver's own transaction handling is switched off; `_begin_sqlite` does it.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA busy_timeout=30000")
    connection.execute("PRAGMA cache_size=-65536")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock at once: upgrading a read lock later can fail with "busy".
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _migrate(database: Database) -> None:
    from sqlalchemy import inspect, text
    from sqlalchemy.exc import DBAPIError

    try:
        with database.reading() as connection:
            known = inspect(connection).has_table("alembic_version")
            statement = text("SELECT version_num FROM alembic_version")
            version = connection.execute(statement).scalar() if known else None
    except DBAPIError as error:
        raise StoreError(
            f"the database can't be opened: {error.orig}", file=str(database.url), action="check it"
        ) from error
    if version == HEAD:
        return
    if version is not None and version > HEAD:
        raise StoreError(
            f"the store has schema {version}, this program knows {HEAD}",
            file=str(database.url),
            action="update idp-cdi",
        )
    _upgrade(database)


def _upgrade(database: Database) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)
