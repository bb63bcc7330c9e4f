"""Review items and the answers to them.

An item is what a person is asked; it is derived and can be made again. An answer is part of the
log: appended, never changed. The status of an item follows from both:

- ``open``: nobody has said anything that settles it,
- ``answered``: a person did,
- ``disputed``: two persons said different things,
- ``closed``: it went away by itself (a better reading, a withdrawn file).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BindParameter, bindparam, delete, func, insert, select, update

from idp_cdi.store import audit
from idp_cdi.store.compiled import Compiled
from idp_cdi.store.database import next_id
from idp_cdi.store.log import Fact, chunked, moment, stamp
from idp_cdi.store.schema import answer, fact, fact_party, review_item

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Connection


OPEN, ANSWERED, DISPUTED, CLOSED = "open", "answered", "disputed", "closed"

#: Kinds of item that belong to one document and are replaced with it.
OF_DOCUMENT = ("value", "missing", "contradiction", "unreadable")


class Item(NamedTuple):
    """A review item as stored; `payload` is the question as JSON and holds its `state`."""

    id: str
    kind: str
    document: str
    field: str
    priority: float
    payload: str
    status: str = OPEN
    mention_id: int | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The question's own words."""
        found: dict[str, Any] = json.loads(self.payload)
        return found


class Given(NamedTuple):
    """An answer as logged. `applied` is False for a stale or contradictory one."""

    id: int
    item_id: str
    action: str
    value: str
    person: str
    at: str
    applied: bool
    payload: str = "{}"

    @property
    def data(self) -> dict[str, Any]:
        """The question as it was when it was answered, and the remark."""
        found: dict[str, Any] = json.loads(self.payload)
        return found


def put(connection: Connection, items: Iterable[Item]) -> int:
    """Add items, or bring known ones up to date; returns how many are new or open again.

    An item that was answered stays answered while it asks the same (same state); one that asks
    something else now is open again.
    """
    batch = {item.id: item for item in items}
    known = {item.id: item for item in by_id(connection, batch)}
    now = stamp(datetime.now(UTC))
    fresh = [i for key, i in batch.items() if key not in known]
    moved = [i for key, i in batch.items() if key in known and _differs(i, known[key])]
    if fresh:
        rows = [i._asdict() | {"created_at": now, "closed_at": None} for i in fresh]
        connection.execute(insert(review_item), rows)
    if moved:
        statement = update(review_item).where(review_item.c.id == bindparam("b_id"))
        connection.execute(
            statement.values(
                kind=bindparam("b_kind"),
                priority=bindparam("b_priority"),
                payload=bindparam("b_payload"),
                status=bindparam("b_status"),
                mention_id=bindparam("b_mention_id"),
                closed_at=None,
            ),
            [{f"b_{k}": v for k, v in i._asdict().items()} for i in moved],
        )
    return len(fresh) + sum(known[i.id].status == CLOSED for i in moved)


def replace(connection: Connection, documents: Collection[str], items: Iterable[Item]) -> int:
    """Make `items` the open questions about the fields of `documents`; others of them close.

    Args:
        connection: A writing one.
        documents: SHA-256 of the documents that were read or answered.
        items: Everything to ask about them now.

    Returns:
        How many items are new or open again.
    """
    batch = list(items)
    asked = {item.id for item in batch}
    gone: list[str] = []
    for chunk in chunked(documents):
        found = select(review_item.c.id).where(
            review_item.c.document.in_(chunk),
            review_item.c.kind.in_(OF_DOCUMENT),
            review_item.c.status == OPEN,  # persons settle what persons disagree about
        )
        gone += [key for key in connection.execute(found).scalars() if key not in asked]
    settle(connection, gone, CLOSED)
    return put(connection, batch)


def settle(connection: Connection, ids: Collection[str], status: str) -> None:
    """Give the items `ids` a status; all but ``open`` and ``disputed`` are closed now."""
    ended = None if status in (OPEN, DISPUTED) else stamp(datetime.now(UTC))
    for chunk in chunked(ids):
        statement = update(review_item).where(review_item.c.id.in_(chunk))
        connection.execute(statement.values(status=status, closed_at=ended))


def dispute(connection: Connection, item: Item) -> None:
    """Store `item` as disputed, with what its payload says now."""
    values = {"status": DISPUTED, "payload": item.payload, "closed_at": None}
    connection.execute(update(review_item).where(review_item.c.id == item.id).values(**values))


def forget_matches(connection: Connection, ids: Collection[str]) -> None:
    """Close match questions that the machine has decided by now; answered ones stay."""
    waiting = [item.id for item in by_id(connection, ids) if item.status == OPEN]
    settle(connection, waiting, CLOSED)


def waiting_matches(connection: Connection, mentions: Sequence[int] | None) -> set[str]:
    """The ids of the open match questions whose first record is one of `mentions` (None: any)."""
    if mentions is None:
        return {str(row[0]) for row in _WAITING.rows(connection)}
    found = _ABOUT.of_keys(connection, mentions)
    return {str(number) for number, kind, status in found if (kind, status) == ("match", OPEN)}


def by_id(connection: Connection, ids: Iterable[str]) -> list[Item]:
    """The items with these ids."""
    found: list[Item] = []
    for chunk in chunked(ids):
        found += map(_item, _SOME_ITEMS.rows(connection, some=chunk))
    return found


def items(
    connection: Connection,
    *,
    status: Sequence[str] = (OPEN, DISPUTED),
    kinds: Sequence[str] = (),
    documents: Sequence[str] = (),
) -> list[Item]:
    """Items by status, kind and document, the most urgent first, always in the same order."""
    statement = _ITEMS.where(review_item.c.status.in_(status))
    if kinds:
        statement = statement.where(review_item.c.kind.in_(kinds))
    if documents:
        statement = statement.where(review_item.c.document.in_(documents))
    ordered = statement.order_by(review_item.c.priority.desc(), review_item.c.id)
    return [_item(row) for row in connection.execute(ordered)]


def counts(connection: Connection) -> dict[tuple[str, str], int]:
    """How many items there are, by kind and status."""
    statement = select(review_item.c.kind, review_item.c.status, func.count()).group_by(
        review_item.c.kind, review_item.c.status
    )
    return {(kind, status): n for kind, status, n in connection.execute(statement)}


def append_answers(connection: Connection, given: Iterable[Given]) -> int:
    """Log answers; their `id` is set here. Returns how many."""
    number = next_id(connection, answer.c.id)
    rows = [g._asdict() | {"id": number + i} for i, g in enumerate(given)]
    if rows:
        connection.execute(insert(answer), rows)
        audit.append(connection, stamp(), map(_told, rows))
    return len(rows)


def _told(row: dict[str, Any]) -> audit.New:
    """The entry of the audit trail about an answer: its evidence is the question as it was."""
    question = json.loads(row["payload"]).get("question", {})
    shown = ("kind", "field", "type", "confidence", "threshold")
    detail = {name: question[name] for name in shown if question.get(name)}
    detail |= {"answer": row["action"], "applied": row["applied"]}
    about = {"answer": row["id"]}
    return audit.New(row["person"], "answer", about, detail, audit.bound("answer", row))


def answers(
    connection: Connection, item_ids: Iterable[str] | None = None, *, applied: bool = True
) -> list[Given]:
    """The logged answers, oldest first: to all items or to `item_ids`; applied ones or all."""
    statement = select(
        answer.c.id,
        answer.c.item_id,
        answer.c.action,
        answer.c.value,
        answer.c.person,
        answer.c.at,
        answer.c.applied,
        answer.c.payload,
    ).order_by(answer.c.id)
    if applied:
        statement = statement.where(answer.c.applied.is_(True))
    if item_ids is None:
        return [Given(*row) for row in connection.execute(statement)]
    found: list[Given] = []
    for chunk in chunked(item_ids):
        found += [
            Given(*r) for r in connection.execute(statement.where(answer.c.item_id.in_(chunk)))
        ]
    return sorted(found)


def answers_about(connection: Connection, documents: Iterable[str]) -> dict[str, list[Given]]:
    """The applied answers about the fields of each of `documents`, oldest first."""
    found: dict[str, list[Given]] = {}
    for chunk in chunked(documents):
        statement = (
            select(review_item.c.document, *answer.c)
            .join(review_item, review_item.c.id == answer.c.item_id)
            .where(
                review_item.c.document.in_(chunk),
                review_item.c.kind.in_(OF_DOCUMENT),
                answer.c.applied.is_(True),
            )
            .order_by(answer.c.id)
        )
        for sha256, *row in connection.execute(statement):
            found.setdefault(sha256, []).append(Given(*row))
    return found


def fact_of(connection: Connection, sha256: str) -> Fact | None:
    """The newest version of the fact that a document tells of, with its parties."""
    newest = select(fact).where(fact.c.document == sha256).order_by(fact.c.id.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    if row is None:
        return None
    parties: dict[str, tuple[int, ...]] = {}
    involved = select(fact_party.c.role, fact_party.c.mention_id).where(
        fact_party.c.fact_id == row.id
    )
    for role, mention in sorted(tuple(r) for r in connection.execute(involved)):
        parties[role] = (*parties.get(role, ()), mention)
    return Fact(
        kind=row.kind,
        key=row.key,
        observed_at=moment(row.observed_at),
        payload=json.loads(row.payload),
        parties=parties,
        document=row.document,
        identity=row.identity,
        deleted=row.deleted,
    )


def withdraw_answers(connection: Connection, ids: Collection[int], *, person: str) -> None:
    """Take applied answers back; the log keeps them, unapplied."""
    about = {"answers_withdrawn": sorted(ids)}
    audit.append(connection, stamp(), [audit.New(person, "withdraw", about, {})])
    for chunk in chunked(ids):
        connection.execute(update(answer).where(answer.c.id.in_(chunk)).values(applied=False))


def erase(connection: Connection, documents: Collection[str]) -> int:
    """Delete items of `documents` and the answers to them; for erasure requests only."""
    count = 0
    for chunk in chunked(documents):
        mine = select(review_item.c.id).where(review_item.c.document.in_(chunk))
        connection.execute(delete(answer).where(answer.c.item_id.in_(mine)))
        gone = connection.execute(delete(review_item).where(review_item.c.document.in_(chunk)))
        count += gone.rowcount
    return count


_ITEMS = select(
    review_item.c.id,
    review_item.c.kind,
    review_item.c.document,
    review_item.c.field,
    review_item.c.priority,
    review_item.c.payload,
    review_item.c.status,
    review_item.c.mention_id,
)


_OPEN_MATCH = select(review_item.c.id).where(
    review_item.c.kind == "match", review_item.c.status == OPEN
)
_SOME: BindParameter[int] = bindparam("some", expanding=True)
_WAITING = Compiled(_OPEN_MATCH)
# By the mentions alone: asked for the status too, SQLite goes through all that is open.
_ABOUT = Compiled(
    select(review_item.c.id, review_item.c.kind, review_item.c.status).where(
        review_item.c.mention_id.in_(_SOME)
    )
)
_SOME_ITEMS = Compiled(_ITEMS.where(review_item.c.id.in_(bindparam("some", expanding=True))))


def _item(row: Any) -> Item:
    return Item(*row)


def _differs(new: Item, old: Item) -> bool:
    if old.status == CLOSED:
        return True
    if old.status == DISPUTED:
        return False  # only a person settles what persons disagree about
    if old.status == ANSWERED:
        return bool(new.data.get("state") != old.data.get("state"))
    return new.payload != old.payload or new.priority != old.priority
