"""Erasing a subject from the tables of the store, in the caller's transaction.

What is the subject's alone is deleted. What others share with it is kept without it: a document's
reading loses the subject's fields, a fact keeps its sums and dates and loses the party. A mention
leaves a nameless row behind, so that a customer id once issued never comes to mean somebody else.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, delete, insert, or_, select, update

from idp_cdi.errors import SettingsError
from idp_cdi.fields import fields
from idp_cdi.observations import content_id
from idp_cdi.steps._subject import ERASED, is_of, roles_of
from idp_cdi.store import audit, intake, log, schema
from idp_cdi.store.database import next_id
from idp_cdi.store.log import chunked
from idp_cdi.store.schema import (
    answer,
    decision,
    edge,
    extraction,
    fact,
    fact_party,
    former_membership,
    golden,
    membership,
    mention,
    record,
    review_item,
    rule_result,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Connection

    from idp_cdi.steps._scrub import Needles
    from idp_cdi.steps._subject import Subject

#: Where text of any kind stands; what is left of the subject in it is blanked.
_SWEPT = {
    "document": ("name",),
    "sighting": ("path",),
    "extraction": ("payload",),
    "fact": ("payload",),
    "answer": ("value", "payload"),
    "decision": ("why",),
    "review_item": ("payload",),
    "rejection": ("reason", "payload"),
    "stream_state": ("state",),
    "run": ("summary",),
    "model": ("payload",),
    "golden": ("payload",),
    "intake": ("path", "reason", "first", "place"),
    "exported": ("path",),
}
#: Kinds of value that a fact keeps of a party that is gone: the books must still add up.
_KEPT = frozenset(("amount", "number", "date", "currency", "duration"))
_KEPT_NAMES = frozenset(("invoice_number", "preceding_invoice", "type"))


@dataclass(slots=True)
class Rows:
    """How many rows went or changed, by table; which answers and decisions the trail must miss."""

    counts: Counter[str] = field(default_factory=Counter)
    answers: set[int] = field(default_factory=set)
    decisions: set[int] = field(default_factory=set)


def erase(connection: Connection, found: Subject) -> Rows:
    """Erase `found` from every table.

    Args:
        connection: A writing one.
        found: Whose data.
    """
    done = Rows()
    needles = found.needles
    _questions(connection, found, needles, done)
    _decisions(connection, found, done)
    _facts(connection, found, done)
    _documents(connection, found, done)
    _customers(connection, found, done)
    _mentions(connection, found, done)
    _sweep(connection, needles, done)
    audit.unsalt(connection, "answer", done.answers)
    audit.unsalt(connection, "decision", done.decisions)
    return done


def _questions(connection: Connection, found: Subject, needles: Needles, done: Rows) -> None:
    """Questions about the subject, and every answer to one of them."""
    roles = roles_of(found)
    own = {p.reference for p in found.places} | set(found.ids)
    items: set[str] = set()
    for shas in chunked([*found.alone, *found.around]):
        statement = select(review_item.c.id).where(review_item.c.document.in_(shas))
        items |= set(connection.execute(statement).scalars())
    for name, body, number, document in connection.execute(
        select(
            review_item.c.id,
            review_item.c.payload,
            review_item.c.mention_id,
            review_item.c.document,
        ).where(_may_concern(found, needles))
    ):
        data = json.loads(body)
        about = {data.get("left", ""), data.get("right", "")} & own
        told = {"name": data.get("field", ""), "group": data.get("group", "")}
        mine = is_of(told, roles.get(document, ())) or needles.inside(body)
        if about or number in found.mentions or mine:
            items.add(name)
    for chunk in chunked(items):
        given = select(answer.c.id).where(answer.c.item_id.in_(chunk))
        done.answers |= set(connection.execute(given).scalars())
        connection.execute(delete(answer).where(answer.c.item_id.in_(chunk)))
    done.counts["answer"] += len(done.answers)
    done.counts["review_item"] += _delete(connection, review_item, review_item.c.id, items)


def _may_concern(found: Subject, needles: Needles) -> ColumnElement[bool]:
    """A first look at review items; what it lets through is looked at closely."""
    marks = [review_item.c.payload.ilike(p, escape="\\") for p in needles.likes]
    documents = review_item.c.document.in_([*found.shared, *found.alone])
    return or_(documents, review_item.c.document == "", *marks)


def _decisions(connection: Connection, found: Subject, done: Rows) -> None:
    for chunk in chunked(found.mentions):
        touching = or_(decision.c.left_id.in_(chunk), decision.c.right_id.in_(chunk))
        done.decisions |= set(connection.execute(select(decision.c.id).where(touching)).scalars())
        done.counts["decision"] += connection.execute(delete(decision).where(touching)).rowcount
        linked = or_(edge.c.left_id.in_(chunk), edge.c.right_id.in_(chunk))
        done.counts["edge"] += connection.execute(delete(edge).where(linked)).rowcount


def _facts(connection: Connection, found: Subject, done: Rows) -> None:
    """Facts keep what the books need; the party goes, and with it every word."""
    numbers: set[int] = set()
    for chunk in chunked(found.mentions):
        statement = select(fact_party.c.fact_id).where(fact_party.c.mention_id.in_(chunk))
        numbers |= set(connection.execute(statement).scalars())
        connection.execute(delete(fact_party).where(fact_party.c.mention_id.in_(chunk)))
    for shas in chunked(found.alone):
        statement = select(fact.c.id).where(fact.c.document.in_(shas))
        numbers |= set(connection.execute(statement).scalars())
    renamed: dict[str, str] = {}
    for chunk in chunked(numbers):
        rows = connection.execute(select(fact).where(fact.c.id.in_(chunk))).all()
        for row in rows:
            alone = row.document in found.alone
            kept = row.payload if row.document in found.shared else _books(row.payload)
            values: dict[str, Any] = {"payload": kept, "content": content_id(kept, row.id)}
            if alone:
                key = renamed.setdefault(row.key, f"{ERASED}{secrets.token_hex(8)}")
                values |= {"document": None, "key": key, "identity": None}
            connection.execute(update(fact).where(fact.c.id == row.id).values(**values))
    done.counts["fact"] += len(numbers)


def _books(payload: str) -> str:
    """What a fact keeps without its party: sums, dates, currency, the invoice's number."""
    data = json.loads(payload)
    kept = {name: v for name, v in data.items() if name in _KEPT_NAMES or _kind(name) in _KEPT}
    if isinstance(data.get("lines"), list):
        kept["lines"] = [
            {k: v for k, v in line.items() if k != "description"} for line in data["lines"]
        ]
    if isinstance(data.get("confidence"), dict):
        kept["confidence"] = {k: v for k, v in data["confidence"].items() if k in kept}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _kind(name: str) -> str:
    try:
        return fields().get(name).kind
    except SettingsError:
        return ""


def _documents(connection: Connection, found: Subject, done: Rows) -> None:
    alone = list(found.alone)
    roles = roles_of(found)
    for sha256 in found.shared:
        statement = select(extraction.c.pipeline, extraction.c.payload).where(
            extraction.c.sha256 == sha256
        )
        for pipeline, body in connection.execute(statement).all():
            data = json.loads(body)
            data["fields"] = [f for f in data.get("fields", ()) if not is_of(f, roles[sha256])]
            text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
            mine = (extraction.c.sha256 == sha256) & (extraction.c.pipeline == pipeline)
            connection.execute(update(extraction).where(mine).values(payload=text))
            done.counts["extraction"] += 1
    done.counts["intake"] += intake.erase(connection, found.documents)
    for name in ("extraction", "sighting", "document"):
        table = schema.metadata.tables[name]
        done.counts[name] += _delete(connection, table, table.c.sha256, [*alone, *found.around])


def _customers(connection: Connection, found: Subject, done: Rows) -> None:
    """Memberships and all versions of the golden record; old versions of others lose its values."""
    before: set[int] = set()
    for chunk in chunked(found.mentions):
        statement = select(former_membership.c.customer_seq).where(
            former_membership.c.mention_id.in_(chunk)
        )
        before |= set(connection.execute(statement).scalars())
    for table in (membership, former_membership):
        done.counts[table.name] += _delete(connection, table, table.c.mention_id, found.mentions)
    living = set(connection.execute(select(membership.c.customer_seq).distinct()).scalars())
    dead = {found.seq, *before} - living
    done.counts["golden"] += _delete(connection, golden, golden.c.customer_seq, dead)
    own = set(found.records)
    for chunk in chunked(before - dead):
        rows = connection.execute(select(golden).where(golden.c.customer_seq.in_(chunk))).all()
        for row in rows:
            data = json.loads(row.payload)
            kept = [v for v in data["values"] if v[3] not in own]
            if len(kept) < len(data["values"]):
                text = json.dumps(
                    data | {"values": kept}, ensure_ascii=False, separators=(",", ":")
                )
                mine = (golden.c.customer_seq == row.customer_seq) & (
                    golden.c.version == row.version
                )
                connection.execute(update(golden).where(mine).values(payload=text))
                done.counts["golden"] += 1


def _mentions(connection: Connection, found: Subject, done: Rows) -> None:
    """Records go; each mention stays as a nameless row with a record that says it is deleted."""
    done.counts["record"] += _delete(connection, record, record.c.mention_id, found.mentions)
    number, now = next_id(connection, record.c.id), log.stamp()
    number = max(number, 1 + max(found.records, default=0))
    for i, place in enumerate(found.places):
        # A new number, so that whoever keeps records in memory notices.
        row = {"id": number + i, "mention_id": place.id, "content": "", "kind": "unknown"}
        row |= {"role": "other", "observed_at": now, "deleted": True, "payload": '{"o":[]}'}
        connection.execute(insert(record).values(**row))
        nameless = f"{ERASED}{secrets.token_hex(8)}"
        statement = update(mention).where(mention.c.id == place.id)
        connection.execute(statement.values(key=nameless, record_id=number + i))
    done.counts["mention"] += len(found.places)
    _examples(connection, set(found.mentions), found.seq)


def _examples(connection: Connection, mentions: set[int], seq: int) -> None:
    statement = select(rule_result.c.id, rule_result.c.scope, rule_result.c.examples)
    for number, scope, body in connection.execute(statement.where(rule_result.c.failed > 0)).all():
        shown = json.loads(body)
        gone = mentions if scope == "door" else {seq}
        kept = [n for n in shown if n not in gone]
        if len(kept) < len(shown):
            mine = update(rule_result).where(rule_result.c.id == number)
            connection.execute(mine.values(examples=json.dumps(kept)))


def _sweep(connection: Connection, needles: Needles, done: Rows) -> None:
    """Blank what is left of the values in any text of any table."""
    for name, columns in _SWEPT.items() if needles else ():
        table = schema.metadata.tables[name]
        keys = list(table.primary_key.columns)
        marks = [table.c[c].ilike(p, escape="\\") for c in columns for p in needles.likes]
        for start in range(0, len(marks), 200):
            wanted = select(*keys, *(table.c[c] for c in columns)).where(
                or_(*marks[start : start + 200])
            )
            for row in connection.execute(wanted).all():
                if _blank(connection, table, row[: len(keys)], row[len(keys) :], needles):
                    done.counts[name] += 1
                    if name in ("answer", "decision"):
                        (done.answers if name == "answer" else done.decisions).add(row[0])


def _blank(
    connection: Connection,
    table: Table,
    key: Iterable[Any],
    texts: Iterable[str],
    needles: Needles,
) -> bool:
    columns = _SWEPT[table.name]
    clean = {
        c: done for c, t in zip(columns, texts, strict=True) if t and (done := needles.scrub(t))
    }
    if not clean:
        return False
    mine = [c == v for c, v in zip(table.primary_key.columns, key, strict=True)]
    if table.name == "rejection":
        connection.execute(delete(table).where(*mine))  # a refused row is the subject's as a whole
    else:
        connection.execute(update(table).where(*mine).values(**clean))
    return True


def _delete(
    connection: Connection, table: Table, column: ColumnElement[Any], keys: Iterable[Any]
) -> int:
    return sum(
        connection.execute(delete(table).where(column.in_(chunk))).rowcount
        for chunk in chunked(keys)
    )
