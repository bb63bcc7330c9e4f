"""Customers as people ask for them: list, show with lineage, history, export, merge, split, undo.

What a person decides is appended to the log and outranks every run; the customers follow at once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from idp_cdi.errors import UsageError
from idp_cdi.observations import DOCUMENTS
from idp_cdi.steps._subject import was_erased
from idp_cdi.store import derived, documents, log
from idp_cdi.store.payload import decode
from idp_cdi.store.schema import customer, decision, golden, mention, record, source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from idp_cdi.observations import Origin
    from idp_cdi.settings import Settings
    from idp_cdi.store import Database


@dataclass(frozen=True, slots=True)
class Value:
    """A golden value with its lineage; `source` and `key` name the mention it survived from."""

    field: str
    value: str
    confidence: float
    rule: str
    source: str
    key: str
    where: str
    raw: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A place that mentions the customer; `file` is the document's name where it is one."""

    source: str
    key: str
    role: str
    name: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """One customer, whole. `asked` is the id that was asked for, `id` what it means today."""

    asked: str
    id: str
    kind: str
    roles: tuple[str, ...]
    version: int
    valid_from: str
    values: tuple[Value, ...]
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One customer in a list or export; `values` has the best value of each field."""

    id: str
    kind: str
    roles: str
    mentions: int
    valid_from: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a golden record, and what changed against the one before."""

    version: int
    valid_from: str
    valid_to: str | None
    mentions: int
    changes: tuple[tuple[str, str, str], ...]


def customers(connection: Connection, *, search: str = "", limit: int = 0) -> Iterator[Row]:
    """The current customers in the order of their ids.

    Args:
        connection: A reading one.
        search: Only those with this text in any golden value, any case.
        limit: At most so many; 0 is all.
    """
    statement = (
        select(customer.c.id, *(golden.c[n] for n in ("kind", "roles", "records", "valid_from")))
        .add_columns(golden.c.payload)
        .join(customer, customer.c.seq == golden.c.customer_seq)
        .where(golden.c.valid_to.is_(None))
        .order_by(golden.c.customer_seq)
    )
    found = 0
    streamed = connection.execute(statement, execution_options={"yield_per": 5_000})
    for text, kind, roles, records, since, payload in streamed:
        if search and search.casefold() not in payload.casefold():
            continue
        yield Row(text, kind, roles, records, since, _best(payload))
        found += 1
        if found == limit:
            return


def show(connection: Connection, text: str) -> View:
    """One customer with the lineage of every golden value.

    Raises:
        UsageError: No such id was ever issued, or nothing is left of the customer.
    """
    seq = _resolve(connection, text)
    statement = select(golden).where(golden.c.customer_seq == seq, golden.c.valid_to.is_(None))
    row = connection.execute(statement).first()
    if row is None:
        raise _nothing_left(connection, text)
    values = json.loads(row.payload)["values"]
    members = derived.members_of(connection, [seq]).get(seq, [])
    return View(
        text,
        derived.customer_id(seq),
        row.kind,
        tuple(filter(None, row.roles.split(","))),
        row.version,
        row.valid_from,
        tuple(_lineage(connection, values)),
        tuple(_mentions(connection, members)),
    )


def history(connection: Connection, text: str) -> list[Version]:
    """All versions of a customer's golden record, the oldest first.

    Raises:
        UsageError: No such id was ever issued.
    """
    seq = _resolve(connection, text)
    statement = select(golden).where(golden.c.customer_seq == seq).order_by(golden.c.version)
    versions: list[Version] = []
    before: dict[str, str] = {}
    for row in connection.execute(statement):
        now = _best(row.payload)
        fields = sorted(before.keys() | now.keys())
        changes = tuple(
            (f, before.get(f, ""), now.get(f, "")) for f in fields if before.get(f) != now.get(f)
        )
        versions.append(Version(row.version, row.valid_from, row.valid_to, row.records, changes))
        before = now
    return versions


def merge(
    database: Database, settings: Settings, first: str, second: str, *, person: str, why: str = ""
) -> str:
    """A person says that two customers are one; returns the surviving id (the older one).

    Raises:
        UsageError: An id is unknown, or both are one customer already.
    """
    from idp_cdi.steps.unify import unify

    with database.writing() as connection:
        left, right = (_resolve(connection, text) for text in (first, second))
        if left == right:
            raise UsageError(f"{first} and {second} are one customer already")
        a, b = (_members(connection, seq)[0] for seq in (left, right))
        log.append_decision(connection, a, b, "same", person=person, why=why)
        unify(connection, settings, [a, b])
        return derived.customer_id(_resolve(connection, first))


def split(
    database: Database,
    settings: Settings,
    text: str,
    mentions: Sequence[str],
    *,
    person: str,
    why: str = "",
) -> str:
    """A person says that `mentions` (``source:key``) are not this customer; returns their new id.

    Raises:
        UsageError: The id or a mention is unknown, or nothing would be left on one side.
    """
    from idp_cdi.steps.unify import unify

    with database.writing() as connection:
        seq = _resolve(connection, text)
        members = _members(connection, seq)
        out = [_mention_id(connection, m) for m in mentions]
        if not set(out) <= set(members):
            raise UsageError(f"not all of these are mentions of {text}", action="see `show`")
        rest = [m for m in members if m not in out]
        if not rest:
            raise UsageError("nothing would be left of the customer")
        act = {"person": person, "why": why, "at": log.stamp()}
        for one in out:
            for other in rest:
                log.append_decision(connection, one, other, "different", **act)
        for one in out[1:]:
            log.append_decision(connection, out[0], one, "same", **act)
        unify(connection, settings, members)
        return derived.customer_id(derived.customers_of(connection, out)[out[0]])


def undo(database: Database, settings: Settings, number: int, *, person: str) -> None:
    """Withdraw a person's decision and all that were made with it (same person, time and reason).

    Raises:
        UsageError: There is no such decision, or it was withdrawn before.
    """
    from idp_cdi.steps.unify import unify

    with database.writing() as connection:
        row = connection.execute(select(decision).where(decision.c.id == number)).first()
        if row is None or row.verdict == "withdrawn":
            raise UsageError(f"there is no decision {number} to undo", action="see `decisions`")
        together = select(decision.c.left_id, decision.c.right_id).where(
            decision.c.person == row.person, decision.c.at == row.at, decision.c.why == row.why
        )
        pairs = {(left, right) for left, right in connection.execute(together)}
        if _is_undone(connection, pairs):
            raise UsageError(f"decision {number} is undone already", action="see `decisions`")
        why = f"undoes decision {number}"
        for left, right in sorted(pairs):
            log.append_decision(connection, left, right, "withdrawn", person=person, why=why)
        unify(connection, settings, sorted({m for pair in pairs for m in pair}))


def _is_undone(connection: Connection, pairs: set[tuple[int, int]]) -> bool:
    """Whether the last word about each of some pairs is that a decision was withdrawn."""
    ends = {number for pair in pairs for number in pair}
    about = (
        select(decision.c.left_id, decision.c.right_id, decision.c.verdict)
        .where(decision.c.left_id.in_(ends))
        .order_by(decision.c.id)
    )
    last = {(left, right): verdict for left, right, verdict in connection.execute(about)}
    return all(last[pair] == "withdrawn" for pair in pairs)


def decisions(connection: Connection) -> list[derived.Judged]:
    """What persons decided, oldest first."""
    return derived.decisions_of(connection)


def _resolve(connection: Connection, text: str) -> int:
    seq = derived.resolve(connection, text)
    if seq is None:
        raise UsageError(f"no customer {text!r} was ever issued", action="see `customers list`")
    return seq


def _members(connection: Connection, seq: int) -> list[int]:
    # A deleted record may still hold an id; nobody decides about it.
    own = derived.members_of(connection, [seq]).get(seq, [])
    found = [m for m, _ in log.current_records(connection, own)]
    if not found:
        raise _nothing_left(connection, derived.customer_id(seq))
    return found


def _nothing_left(connection: Connection, text: str) -> UsageError:
    if was_erased(connection, text):
        action = "who did it and when is in `audit list`"
        return UsageError(f"customer {text} was erased on request", action=action)
    return UsageError(f"nothing is left of customer {text}", action="see its history")


def _mention_id(connection: Connection, text: str) -> int:
    name, _, key = text.partition(":")
    statement = (
        select(mention.c.id)
        .join(source, source.c.id == mention.c.source_id)
        .where(source.c.name == name, mention.c.key == key)
    )
    found = connection.execute(statement).scalar()
    if found is None:
        raise UsageError(f"there is no mention {text!r}", action="write it as source:key")
    return int(found)


def _best(payload: str) -> dict[str, str]:
    best: dict[str, str] = {}
    for field, value, *_ in json.loads(payload)["values"]:
        best.setdefault(field, value)
    return best


def _lineage(connection: Connection, values: list[list[object]]) -> Iterator[Value]:
    wanted = sorted({int(str(v[3])) for v in values})
    places: dict[int, tuple[str, str, dict[tuple[str, str], tuple[Origin, str]]]] = {}
    for chunk in log.chunked(wanted):
        statement = (
            select(record.c.id, source.c.name, mention.c.key, record.c.payload)
            .join(mention, mention.c.id == record.c.mention_id)
            .join(source, source.c.id == mention.c.source_id)
            .where(record.c.id.in_(chunk))
        )
        for number, name, key, payload in connection.execute(statement):
            seen = {(o.field, o.value): (o.origin, o.raw) for o in reversed(decode(payload))}
            places[number] = (name, key, seen)
    origins = [o for _, _, seen in places.values() for o, _ in seen.values()]
    files = documents.names(connection, {o.document for o in origins if o.document})
    for field, value, confidence, number, rule in values:
        name, key, seen = places[int(str(number))]
        origin, raw = seen.get((str(field), str(value)), (None, ""))
        where = _where(origin, files)
        yield Value(
            str(field), str(value), float(str(confidence)), str(rule), name, key, where, raw
        )


def _where(origin: Origin | None, files: dict[str, str]) -> str:
    """The place in words, a document by the name of its file."""
    if origin is None:
        return ""
    if not origin.document:
        return origin.where
    said = f", as {origin.person} says" if origin.person else ""
    return f"{files.get(origin.document, origin.document)}, page {origin.page}{said}"


def _mentions(connection: Connection, members: list[int]) -> Iterator[Mention]:
    found = [r for _, r in log.current_records(connection, members)]
    shas = {r.key.partition("#")[0] for r in found if r.source == DOCUMENTS}
    files = documents.names(connection, shas)
    for one in found:
        name = next((o.value for o in one.values("name")), "")
        file = files.get(one.key.partition("#")[0], "")
        yield Mention(one.source, one.key, one.role.value, name, file)
