"""Appending to the log and reading it back. What is here is never changed afterwards.

The one pointer that moves is ``mention.record_id``, the newest record of a mention; it can be
derived from the records and is kept so that nobody has to.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, repeat
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sqlalchemy import (
    Column,
    MetaData,
    String,
    Table,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)

from idp_cdi.observations import PartyKind, PartyRole, Record, content_id
from idp_cdi.store import audit
from idp_cdi.store import payload as payloads
from idp_cdi.store.compiled import LONGEST, Compiled
from idp_cdi.store.database import bulk_insert, next_id
from idp_cdi.store.schema import decision, edge, fact, fact_party, mention, record, source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Connection

_Key = TypeVar("_Key", str, int)

#: Up to so many keys are asked for by name; more go through a table of their own.
_FEW_KEYS = 100
_MENTION = ("id", "source_id", "key", "record_id")
_RECORD = ("id", "mention_id", "content", "kind", "role", "observed_at", "deleted", "payload")
_FACT = (
    "id",
    "kind",
    "source_id",
    "key",
    "content",
    "identity",
    "observed_at",
    "document",
    "deleted",
    "payload",
)


_SOURCE = Compiled(select(source.c.id).where(source.c.name == bindparam("name")))
_NEWEST = Compiled(
    select(mention.c.key, mention.c.id, record.c.content, record.c.deleted)
    .join(record, record.c.id == mention.c.record_id)
    .where(
        mention.c.source_id == bindparam("owner"),
        mention.c.key.in_(bindparam("keys", expanding=True)),
    )
)
_CURRENT = (
    select(
        mention.c.id,
        source.c.name,
        mention.c.key,
        record.c.kind,
        record.c.role,
        record.c.observed_at,
        record.c.payload,
    )
    .join(record, record.c.id == mention.c.record_id)
    .join(source, source.c.id == mention.c.source_id)
    .where(record.c.deleted.is_(False))
    .order_by(mention.c.id)
)
_OF_SOURCE = Compiled(
    select(mention.c.id)
    .join(source, source.c.id == mention.c.source_id)
    .where(source.c.name == bindparam("name"), mention.c.id.in_(bindparam("some", expanding=True)))
)
_LIVING = Compiled(
    select(mention.c.id, source.c.name)
    .join(record, record.c.id == mention.c.record_id)
    .join(source, source.c.id == mention.c.source_id)
    .where(record.c.deleted.is_(False), mention.c.id.in_(bindparam("some", expanding=True)))
)
_GONE = (
    select(mention.c.id)
    .join(record, record.c.id == mention.c.record_id)
    .where(record.c.deleted.is_(True))
)
_DELETED = Compiled(_GONE)
_SOME_DELETED = Compiled(_GONE.where(mention.c.id.in_(bindparam("some", expanding=True))))
_SOME_CURRENT = Compiled(_CURRENT.where(mention.c.id.in_(bindparam("some", expanding=True))))


class RecordRow(NamedTuple):
    """A record as stored; `content` is a hash of what it says, not of when it was seen."""

    key: str
    kind: str
    role: str
    observed_at: str
    payload: str
    content: str
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A business event: an invoice, payment, GL entry or contract.

    `parties` maps a role ("buyer", "seller") to the mention ids of its parties; `identity` is the
    same for what is the same event in the world (an invoice that comes as two files).
    """

    kind: str
    key: str
    observed_at: datetime
    payload: Mapping[str, object]
    parties: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    document: str | None = None
    identity: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append did: mention ids that are new, changed or deleted, and how many were known."""

    new: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    deleted: tuple[int, ...] = ()
    unchanged: int = 0

    @property
    def touched(self) -> tuple[int, ...]:
        """All mentions that need matching again, in the order of their ids."""
        return tuple(sorted((*self.new, *self.changed, *self.deleted)))


def stamp(moment: datetime | None = None) -> str:
    """A time as the store keeps it: ISO 8601, UTC, microseconds.

    >>> stamp(datetime(2026, 1, 31, 9, 30, tzinfo=UTC))
    '2026-01-31T09:30:00.000000Z'
    """
    moment = (moment or datetime.now(UTC)).astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(stamped: str) -> datetime:
    """The inverse of `stamp`."""
    return datetime.fromisoformat(stamped)


def source_id(connection: Connection, name: str, *, kind: str = "feed", owner: str = "") -> int:
    """The id of the source called `name`, which is added when it is not known yet."""
    found = _SOURCE.scalar(connection, name=name)
    if found is not None:
        return int(found)
    new = next_id(connection, source.c.id)
    connection.execute(insert(source).values(id=new, name=name, kind=kind, owner=owner, trust="{}"))
    return new


def row_of(item: Record) -> RecordRow:
    """The stored form of a record."""
    payload = payloads.encode(item.observations)
    return RecordRow(
        item.key,
        item.kind.value,
        item.role.value,
        stamp(item.observed_at),
        payload,
        content_id(item.kind, item.role, payload),
    )


def append_records(connection: Connection, source_name: str, rows: Iterable[RecordRow]) -> Appended:
    """Append the rows of one source that say something new, in a fixed number of statements.

    A row whose content equals the newest one of its key adds nothing; of several rows with one
    key the last wins (the earlier ones are logged before it).
    """
    owner = source_id(connection, source_name)
    batch = list(rows)
    keys = {r.key for r in batch}
    known = _newest(connection, owner, keys)
    if not known and len(keys) == len(batch) and not any(r.deleted for r in batch):
        return _append_new(connection, owner, batch)
    mention_ids = count(next_id(connection, mention.c.id))
    record_ids = count(next_id(connection, record.c.id))
    new: dict[str, int] = {}
    changed: set[int] = set()
    deleted: set[int] = set()
    newest: dict[int, int] = {}
    added: list[tuple[object, ...]] = []
    unchanged = 0
    for row in batch:
        place = known.get(row.key)
        state = f"{row.content}{int(row.deleted)}"
        if place is None and row.deleted:
            continue
        if place is not None and place[1] == state:
            unchanged += 1
            continue
        where = place[0] if place is not None else next(mention_ids)
        if place is None:
            new[row.key] = where
        elif row.key not in new:
            (deleted if row.deleted else changed).add(where)
            (changed if row.deleted else deleted).discard(where)
        known[row.key] = (where, state)
        newest[where] = number = next(record_ids)
        added.append(
            (
                number,
                where,
                row.content,
                row.kind,
                row.role,
                row.observed_at,
                row.deleted,
                row.payload,
            )
        )
    fresh = ((where, owner, key, newest[where]) for key, where in new.items())
    bulk_insert(connection, mention, _MENTION, fresh)
    bulk_insert(connection, record, _RECORD, added)
    moved = [{"b_id": m, "b_record": newest[m]} for m in sorted(changed | deleted)]
    if moved:
        statement = update(mention).where(mention.c.id == bindparam("b_id"))
        connection.execute(statement.values(record_id=bindparam("b_record")), moved)
    return Appended(tuple(new.values()), tuple(sorted(changed)), tuple(sorted(deleted)), unchanged)


def _append_new(connection: Connection, owner: int, batch: list[RecordRow]) -> Appended:
    """Append rows of which every key is a new one: a first load, without a step a row."""
    if not batch:
        return Appended()
    first, number = next_id(connection, mention.c.id), next_id(connection, record.c.id)
    mentions, records = range(first, first + len(batch)), range(number, number + len(batch))
    keys, kinds, roles, seen, payloads, contents, deleted = zip(*batch, strict=True)
    rows = zip(mentions, repeat(owner), keys, records, strict=False)
    bulk_insert(connection, mention, _MENTION, rows)
    columns = (records, mentions, contents, kinds, roles, seen, deleted, payloads)
    bulk_insert(connection, record, _RECORD, zip(*columns, strict=True))
    return Appended(new=tuple(mentions))


def mention_ids(connection: Connection, source_name: str, keys: Iterable[str]) -> dict[str, int]:
    """The mention id of each key of a source that is known."""
    owner = source_id(connection, source_name)
    return {key: found[0] for key, found in _newest(connection, owner, set(keys)).items()}


def of_source(connection: Connection, source_name: str, mentions: Iterable[int]) -> set[int]:
    """Those of some mentions that are of a source."""
    found: set[int] = set()
    for some in chunked(mentions):
        found.update(row[0] for row in _OF_SOURCE.rows(connection, name=source_name, some=some))
    return found


def living(connection: Connection, mentions: Iterable[int]) -> dict[int, str]:
    """Those of some mentions whose record is there, and the names of their sources."""
    found: dict[int, str] = {}
    for some in chunked(mentions):
        found.update((row[0], row[1]) for row in _LIVING.rows(connection, some=some))
    return found


def append_facts(connection: Connection, source_name: str, facts: Iterable[Fact]) -> int:
    """Append the facts that say something new; returns how many."""
    owner = source_id(connection, source_name)
    batch = list(facts)
    known = _newest_facts(connection, owner, batch)
    ids = count(next_id(connection, fact.c.id))
    rows: list[tuple[object, ...]] = []
    parties: list[tuple[object, ...]] = []
    for item in batch:
        body = json.dumps(item.payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        content = content_id(body, sorted(item.parties.items()), item.deleted)
        if known.get((item.kind, item.key)) == content:
            continue
        known[item.kind, item.key] = content
        number = next(ids)
        seen = stamp(item.observed_at)
        rows.append(
            (
                number,
                item.kind,
                owner,
                item.key,
                content,
                item.identity,
                seen,
                item.document,
                item.deleted,
                body,
            )
        )
        parties += [(number, role, m) for role, ms in sorted(item.parties.items()) for m in ms]
    bulk_insert(connection, fact, _FACT, rows)
    bulk_insert(connection, fact_party, ("fact_id", "role", "mention_id"), parties)
    return len(rows)


def append_decision(
    connection: Connection,
    left: int,
    right: int,
    verdict: str,
    *,
    person: str,
    why: str = "",
    at: str = "",
) -> int:
    """Log what a person decided about two mentions; returns the decision's number.

    Decisions of one act share their time `at` (empty: now) and are undone together.

    Raises:
        ValueError: Both are the same mention.
    """
    if left == right:
        raise ValueError("a decision is about two different records")
    left, right = sorted((left, right))
    row = {
        "id": next_id(connection, decision.c.id),
        "left_id": left,
        "right_id": right,
        "verdict": verdict,
        "person": person,
        "at": at or stamp(),
        "why": why,
    }
    connection.execute(insert(decision).values(**row))
    weighed = select(edge.c.probability, edge.c.weight).where(
        edge.c.left_id == left, edge.c.right_id == right
    )
    known = connection.execute(weighed).first()
    detail = {"verdict": verdict} | (
        {"probability": known[0], "weight": known[1]} if known is not None else {}
    )
    about = {"decision": row["id"], "mentions": [left, right]}
    audit.append(
        connection,
        stamp(),
        [audit.New(person, "decide", about, detail, audit.bound("decision", row))],
    )
    return int(str(row["id"]))


def current_records(
    connection: Connection, mentions: Iterable[int] | None = None
) -> Iterator[tuple[int, Record]]:
    """The newest record of each mention (of all, or of those given) that is not deleted."""
    if mentions is not None:
        for chunk in chunked(mentions):
            yield from map(_record, _SOME_CURRENT.rows(connection, some=chunk))
        return
    streamed = connection.execute(_CURRENT, execution_options={"yield_per": 10_000})
    yield from map(_record, map(tuple, streamed))


def deleted_mentions(connection: Connection, mentions: Iterable[int] | None = None) -> set[int]:
    """The mentions (of all, or of those given) whose newest record is deleted."""
    if mentions is None:
        return {row[0] for row in _DELETED.rows(connection)}
    parts = (_SOME_DELETED.rows(connection, some=chunk) for chunk in chunked(mentions))
    return {row[0] for rows in parts for row in rows}


def chunked(keys: Iterable[_Key], size: int = LONGEST) -> Iterator[list[_Key]]:
    """`keys` once each, sorted, in parts that fit an ``IN (…)`` of every SQLite."""
    many = sorted(set(keys))
    for start in range(0, len(many), size):
        yield many[start : start + size]


def keys_with_prefix(connection: Connection, source_name: str, prefix: str) -> list[str]:
    """The keys of a source's mentions that start with `prefix`, those deleted left out."""
    statement = (
        select(mention.c.key)
        .join(record, record.c.id == mention.c.record_id)
        .join(source, source.c.id == mention.c.source_id)
        .where(
            source.c.name == source_name,
            mention.c.key >= prefix,
            mention.c.key < prefix + "\U0010ffff",
            record.c.deleted.is_(False),
        )
        .order_by(mention.c.key)
    )
    return list(connection.execute(statement).scalars())


def _record(row: tuple[Any, ...]) -> tuple[int, Record]:
    number, name, key, kind, role, seen, body = row
    seen_at = moment(seen)
    return number, Record(
        name, key, PartyKind(kind), PartyRole(role), seen_at, payloads.decode(body)
    )


def _newest(connection: Connection, owner: int, keys: set[str]) -> dict[str, tuple[int, str]]:
    """Key → (mention id, state of its newest record) for the known ones of `keys`."""
    if len(keys) <= _FEW_KEYS:
        few = _NEWEST.rows(connection, owner=owner, keys=sorted(keys)) if keys else ()
        return _states(few)
    last = connection.execute(
        select(func.max(mention.c.key)).where(mention.c.source_id == owner)
    ).scalar()
    if last is not None and connection.dialect.name == "sqlite":
        # Its texts are in the order of Python's; most exports come by rising keys.
        keys = {key for key in keys if key <= last}
    if last is None or not keys:
        return {}
    statement = (
        select(mention.c.key, mention.c.id, record.c.content, record.c.deleted)
        .join(record, record.c.id == mention.c.record_id)
        .where(mention.c.source_id == owner)
    )
    with key_table(connection, keys) as wanted:
        found = connection.execute(statement.where(mention.c.key.in_(select(wanted.c.key))))
        return _states(map(tuple, found))


def _states(rows: Iterable[tuple[Any, ...]]) -> dict[str, tuple[int, str]]:
    return {key: (number, f"{content}{int(gone)}") for key, number, content, gone in rows}


def _newest_facts(
    connection: Connection, owner: int, batch: list[Fact]
) -> dict[tuple[str, str], str]:
    statement = (
        select(fact.c.kind, fact.c.key, fact.c.content)
        .where(fact.c.source_id == owner, fact.c.kind.in_({f.kind for f in batch}))
        .order_by(fact.c.id)
    )
    with key_table(connection, {f.key for f in batch}) as wanted:
        rows = connection.execute(statement.where(fact.c.key.in_(select(wanted.c.key))))
        return {(kind, key): content for kind, key, content in rows}


@contextmanager
def key_table(connection: Connection, keys: Iterable[str]) -> Iterator[Table]:
    """A temporary table of keys, so that a batch is looked up in one statement.

    Ask for keys that are *in* it: with a join, SQLite goes through all rows of a source instead.
    """
    connection.execute(text("CREATE TEMPORARY TABLE wanted_key (key TEXT PRIMARY KEY)"))
    table = Table("wanted_key", MetaData(), Column("key", String, primary_key=True))
    try:
        bulk_insert(connection, table, ("key",), ((k,) for k in sorted(keys)))
        yield table
    finally:
        connection.execute(text("DROP TABLE wanted_key"))
