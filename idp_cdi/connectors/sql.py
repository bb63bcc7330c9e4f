"""SQL databases through SQLAlchemy: tables, views or a query, streamed, incremental by a cursor.

Source: https://docs.sqlalchemy.org/en/20/core/connections.html#using-server-side-cursors

    location: postgresql://reader:${CRM_PASSWORD}@db.example.com/crm
    options:
      tables: [customers, public.orders]   # or query: SELECT … and name: …
      cursor: updated_at                   # only grows; or cursors: {customers: updated_at}
      primary_key: id                      # where the database declares none

With a cursor column rows are read in the order of (cursor, key), and a run goes on *at* the last
cursor value, not after it: rows that were written in the same instant are seen again, which
changes nothing, and none is lost. ``lookback`` (seconds) widens that for transactions that are
committed late. Without cursor, everything is read in the order of the key.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from idp_cdi.connectors import CHUNK_ROWS, Chunk, Connection, State, Stream
from idp_cdi.connectors._files import option
from idp_cdi.connectors._secrets import fill, without_secrets
from idp_cdi.connectors._values import text
from idp_cdi.errors import MissingDependency, SettingsError, UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine, Select

NAME = "sql"
_SCHEMES = re.compile(
    r"^(?:postgresql|postgres|mysql|mariadb|sqlite|oracle|mssql|duckdb)(?:\+\w+)?://", re.IGNORECASE
)


def score(location: str) -> float:
    """1 for URLs of databases."""
    return float(bool(_SCHEMES.match(location)))


def streams(connection: Connection) -> list[Stream]:
    """The tables that the options name, or all tables and views of the default schema."""
    engine = _engine(connection)
    try:
        return [_stream(engine, connection, name) for name in _names(engine, connection)]
    except Exception as error:
        raise _failure(error, connection) from error
    finally:
        engine.dispose()


def read(connection: Connection, stream: Stream, state: State) -> Iterator[Chunk]:
    """The rows from ``state["cursor"]`` on, streamed by the server."""
    engine = _engine(connection)
    try:
        statement = _statement(engine, connection, stream, state)
        with engine.connect().execution_options(stream_results=True, yield_per=CHUNK_ROWS) as db:
            number, now = 0, dict(state)
            for part in db.execute(statement).partitions(CHUNK_ROWS):
                columns = tuple([text(v) for v in column] for column in zip(*part, strict=True))
                last = part[-1]._mapping
                if stream.cursor and last[stream.cursor] is not None:
                    now = {"cursor": _mark(last[stream.cursor])}
                numbers = range(number + 1, number + len(part) + 1)
                number += len(part)
                yield Chunk(stream.columns, columns, numbers, now)
    except Exception as error:
        raise _failure(error, connection) from error
    finally:
        engine.dispose()


def _statement(engine: Engine, connection: Connection, stream: Stream, state: State) -> Select[Any]:
    from sqlalchemy import MetaData, Table, column, select
    from sqlalchemy import text as sql_text

    query = option(connection, "query")
    if query:
        names: list[Any] = [column(c) for c in stream.columns]
        source: Any = sql_text(query).columns(*names).subquery("q")
    else:
        schema, _, table = stream.name.rpartition(".")
        source = Table(table, MetaData(), autoload_with=engine, schema=schema or None)
    statement = select(*(_plain(engine, source.c[c]) for c in stream.columns))
    if not stream.cursor:
        return statement.order_by(*(source.c[k] for k in stream.primary_key))
    cursor = source.c[stream.cursor]
    since = state.get("cursor")
    if since is not None:
        cursor = _plain(engine, cursor)
        newer = cursor >= _value(since, cursor, connection)
        statement = statement.where(newer | cursor.is_(None))
    order = [stream.cursor, *(k for k in stream.primary_key if k != stream.cursor)]
    return statement.order_by(cursor.is_not(None), *(source.c[k] for k in order))


def _plain(engine: Engine, column: Any) -> Any:
    """SQLite keeps times as whatever text a program wrote: taken as text, not parsed."""
    from sqlalchemy import Date, DateTime, String, Time, type_coerce

    if engine.dialect.name == "sqlite" and isinstance(column.type, Date | DateTime | Time):
        return type_coerce(column, String).label(column.name)
    return column


def _mark(value: object) -> str | int:
    return value if isinstance(value, int) else text(value)


def _value(since: str | int, cursor: Any, connection: Connection) -> Any:
    """The kept cursor value as the column's type, less the look-back."""
    back = timedelta(seconds=float(option(connection, "lookback", "0")))
    try:
        python_type = cursor.type.python_type
    except NotImplementedError:
        python_type = str
    if issubclass(python_type, datetime):
        return datetime.fromisoformat(str(since)) - back
    if back and isinstance(since, str):
        return (datetime.fromisoformat(since) - back).isoformat(sep=" ")
    return since if isinstance(since, int) or python_type is str else python_type(since)


def _names(engine: Engine, connection: Connection) -> list[str]:
    from sqlalchemy import inspect

    if option(connection, "query"):
        return [option(connection, "name", "query")]
    wanted = connection.options.get("tables")
    if isinstance(wanted, str):
        return [wanted]
    if isinstance(wanted, list):
        return [str(w) for w in wanted]
    inspector = inspect(engine)
    return sorted([*inspector.get_table_names(), *inspector.get_view_names()])


def _stream(engine: Engine, connection: Connection, name: str) -> Stream:
    from sqlalchemy import inspect
    from sqlalchemy import text as sql_text

    query = option(connection, "query")
    if query:
        with engine.connect() as db:
            result = db.execute(sql_text(f"SELECT * FROM ({query}) AS q WHERE 1 = 0"))
            columns = tuple(result.keys())
            types: tuple[str, ...] = ()
        declared: list[str] = []
    else:
        schema, _, table = name.rpartition(".")
        inspector = inspect(engine)
        found = inspector.get_columns(table, schema=schema or None)
        columns = tuple(c["name"] for c in found)
        types = tuple(str(c["type"]) for c in found)
        declared = inspector.get_pk_constraint(table, schema=schema or None)["constrained_columns"]
    key = connection.options.get("primary_key") or declared
    keys = (key,) if isinstance(key, str) else tuple(map(str, key))  # type: ignore[call-overload]
    cursor = _cursor(connection, name)
    for needed in (*keys, *([cursor] if cursor else [])):
        if needed not in columns:
            raise SettingsError(
                f"{name} has no column {needed!r}",
                code="feed.column",
                file=without_secrets(connection.location),
                action=f"columns are: {', '.join(columns[:40])}",
            )
    return Stream(name, columns, keys, cursor, types)


def _cursor(connection: Connection, name: str) -> str:
    by_table = connection.options.get("cursors")
    if isinstance(by_table, dict):
        return str(by_table.get(name, ""))
    return option(connection, "cursor")


def _engine(connection: Connection) -> Engine:
    from sqlalchemy import create_engine, make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        url = make_url(fill(connection.location))
        if url.drivername in ("postgresql", "postgres"):
            url = url.set(drivername="postgresql+psycopg")
        return create_engine(url)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise MissingDependency(
            "the driver for this database is not installed",
            file=without_secrets(connection.location),
            action="pip install 'idp-cdi[postgres]' for PostgreSQL, or your database's driver",
        ) from error
    except ArgumentError as error:
        raise SettingsError(
            "not a database URL", file=without_secrets(connection.location)
        ) from error


def _failure(error: Exception, connection: Connection) -> Exception:
    from sqlalchemy.exc import NoSuchTableError, OperationalError, SQLAlchemyError

    where = without_secrets(connection.location)
    if isinstance(error, NoSuchTableError):
        return SettingsError(f"there is no table {error}", code="feed.table", file=where)
    if isinstance(error, OperationalError):
        return Unreachable("the database does not answer", file=where, action="try again later")
    if isinstance(error, SQLAlchemyError):
        return UnreadableInput(
            f"the database refuses: {type(error).__name__}", code="sql.refused", file=where
        )
    return error


class Unreachable(UnreadableInput):
    """The source can't be reached now; trying again later helps."""

    default_code = "feed.unreachable"
    retryable = True
