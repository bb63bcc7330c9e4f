"""What the store remembers of feeds: where each stream goes on, what it refused, its runs.

A rejection is kept with all of its cells until the row comes in; then it is resolved, never
deleted.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import insert, select, update

from idp_cdi.store.database import bulk_insert, next_id
from idp_cdi.store.log import chunked, stamp
from idp_cdi.store.schema import mention, record, rejection, run, source, stream_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Connection

_REJECTION = ("id", "source", "stream", "row", "code", "reason", "payload", "at", "resolved_at")


class Rejection(NamedTuple):
    """A row that was refused; `cells` are all of its columns."""

    id: int
    source: str
    stream: str
    row: str
    code: str
    reason: str
    cells: dict[str, str]
    at: str


class Run(NamedTuple):
    """One run of a source."""

    id: int
    kind: str
    started_at: str
    ended_at: str | None
    status: str
    summary: dict[str, Any]


def stream_memory(connection: Connection, name: str, stream: str) -> dict[str, Any]:
    """What was kept for a stream after its last chunk; empty for a new one."""
    wanted = (stream_state.c.source == name) & (stream_state.c.stream == stream)
    found = connection.execute(select(stream_state.c.state).where(wanted)).scalar()
    memory: dict[str, Any] = json.loads(found) if found else {}
    return memory


def remember(connection: Connection, name: str, stream: str, memory: Mapping[str, Any]) -> None:
    """Keep `memory` for a stream, in the transaction of the rows that it is about."""
    wanted = (stream_state.c.source == name) & (stream_state.c.stream == stream)
    body = json.dumps(memory, ensure_ascii=False, sort_keys=True)
    done = connection.execute(
        update(stream_state).where(wanted).values(state=body, updated_at=stamp())
    )
    if not done.rowcount:
        values = {"source": name, "stream": stream, "state": body, "updated_at": stamp()}
        connection.execute(insert(stream_state).values(**values))


def memories(connection: Connection) -> Iterator[tuple[str, str, dict[str, Any], str]]:
    """(source, stream, memory, when) of every stream that ever ran."""
    order = (stream_state.c.source, stream_state.c.stream)
    for row in connection.execute(select(stream_state).order_by(*order)):
        yield row.source, row.stream, json.loads(row.state), row.updated_at


def reject(
    connection: Connection,
    name: str,
    stream: str,
    rows: Iterable[tuple[str, str, str, Mapping[str, str]]],
) -> int:
    """Keep refused rows as (row, code, reason, cells); one that waits already is not doubled."""
    wanted = (rejection.c.source == name) & (rejection.c.stream == stream)
    open_ones = select(rejection.c.code, rejection.c.payload).where(
        wanted, rejection.c.resolved_at.is_(None)
    )
    known = set(map(tuple, connection.execute(open_ones)))
    number, now = next_id(connection, rejection.c.id), stamp()
    new: list[tuple[object, ...]] = []
    for row, code, reason, cells in rows:
        body = json.dumps(cells, ensure_ascii=False)
        if (code, body) not in known:
            known.add((code, body))
            new.append((number + len(new), name, stream, row, code, reason, body, now, None))
    return bulk_insert(connection, rejection, _REJECTION, new)


def rejections(
    connection: Connection, name: str = "", stream: str = "", *, code: str = ""
) -> list[Rejection]:
    """The refused rows that still wait, of one source and stream or of all."""
    statement = select(rejection).where(rejection.c.resolved_at.is_(None)).order_by(rejection.c.id)
    for column, value in ((rejection.c.source, name), (rejection.c.stream, stream)):
        if value:
            statement = statement.where(column == value)
    if code:
        statement = statement.where(rejection.c.code == code)
    return [
        Rejection(r.id, r.source, r.stream, r.row, r.code, r.reason, json.loads(r.payload), r.at)
        for r in connection.execute(statement)
    ]


def resolve(connection: Connection, ids: Iterable[int]) -> None:
    """Mark refused rows as come in (or given up)."""
    for part in chunked(sorted(ids)):
        statement = update(rejection).where(rejection.c.id.in_(part))
        connection.execute(statement.values(resolved_at=stamp()))


def start_run(connection: Connection, kind: str, summary: Mapping[str, Any]) -> int:
    """Note that a run begins; returns its number."""
    number = next_id(connection, run.c.id)
    body = json.dumps(summary, ensure_ascii=False)
    values = {"id": number, "kind": kind, "started_at": stamp(), "status": "running"}
    connection.execute(insert(run).values(**values, summary=body))
    return number


def end_run(connection: Connection, number: int, status: str, summary: Mapping[str, Any]) -> None:
    """Note how a run ended: "done", "problems" or "failed"."""
    body = json.dumps(summary, ensure_ascii=False)
    values = {"ended_at": stamp(), "status": status, "summary": body}
    connection.execute(update(run).where(run.c.id == number).values(**values))


def runs(connection: Connection, kind: str, *, limit: int = 20) -> list[Run]:
    """The latest runs of a kind, newest first."""
    statement = select(run).where(run.c.kind == kind).order_by(run.c.id.desc()).limit(limit)
    return [
        Run(r.id, r.kind, r.started_at, r.ended_at, r.status, json.loads(r.summary))
        for r in connection.execute(statement)
    ]


def written(connection: Connection, name: str) -> dict[str, set[tuple[str, str]]]:
    """What was ever written back to a source: key → (field, value)."""
    found: dict[str, set[tuple[str, str]]] = {}
    for past in runs(connection, "write_back", limit=100_000):
        if past.summary.get("source") == name:
            for change in past.summary.get("changes", ()):
                if change["action"] == "write":
                    found.setdefault(change["key"], set()).add((change["field"], change["new"]))
    return found


def last_record(connection: Connection) -> int:
    """The number of the newest record of all."""
    return next_id(connection, record.c.id) - 1


def changed_since(connection: Connection, name: str, number: int) -> list[int]:
    """Mentions of a source with a record newer than record `number`."""
    statement = (
        select(mention.c.id)
        .join(source, source.c.id == mention.c.source_id)
        .where(source.c.name == name, mention.c.record_id > number)
        .order_by(mention.c.id)
    )
    return [int(i) for i in connection.execute(statement).scalars()]


def living_keys(connection: Connection, name: str, prefix: str) -> Iterator[str]:
    """Keys of a source that begin with `prefix` and are not deleted."""
    statement = (
        select(mention.c.key)
        .join(source, source.c.id == mention.c.source_id)
        .join(record, record.c.id == mention.c.record_id)
        .where(source.c.name == name, record.c.deleted.is_(False))
        .order_by(mention.c.key)
    )
    for key in connection.execute(statement, execution_options={"yield_per": 10_000}).scalars():
        if key.startswith(prefix):
            yield key
