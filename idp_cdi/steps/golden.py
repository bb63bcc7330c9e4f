"""Golden records: the surviving values of each customer, each naming the record it comes from.

Stored as ``{"values": [[field, value, confidence, record id, rule], …]}``; the record id leads to
the row and column or to the page and box for ever, since records never change.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import select

from idp_cdi.observations import PartyKind, PartyRole, Record, content_id
from idp_cdi.store import derived
from idp_cdi.store.derived import GoldenRow
from idp_cdi.store.log import chunked, moment
from idp_cdi.store.payload import decode
from idp_cdi.store.schema import membership, mention, record, source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_BATCH = 5_000


def derive(connection: Connection, mentions: Iterable[int]) -> int:
    """Derive the golden records of the customers of `mentions`; returns how many changed."""
    seqs = sorted(set(derived.customers_of(connection, mentions).values()))
    changed = 0
    for batch in _batches(seqs):
        rows: dict[int, GoldenRow | None] = {}
        for seq, members in _members(connection, batch):
            rows[seq] = golden_row(members)
        changed += derived.put_golden(connection, rows)
    return changed


def golden_row(members: list[tuple[int, Record]]) -> GoldenRow:
    """The stored golden record of one customer.

    Args:
        members: Record id and record of each of its mentions.
    """
    from idp_cdi.survivorship import reference, survive

    by_reference = {reference(r): number for number, r in members}
    records = [r for _, r in members]
    values = [
        [v.field, v.value, round(v.confidence, 4), by_reference[v.record], v.rule]
        for v in survive(records)
    ]
    roles = ",".join(sorted({r.role.value for r in records}))
    kind = kind_of(records)
    payload = _encode({"values": values})
    content = content_id(kind, roles, len(records), payload)
    return GoldenRow(kind, roles, len(records), content, payload)


def kind_of(records: list[Record]) -> str:
    """Person or organisation where any mention knows, else unknown."""
    kinds = {r.kind for r in records}
    for kind in (PartyKind.ORGANISATION, PartyKind.PERSON):
        if kind in kinds:
            return kind.value
    return PartyKind.UNKNOWN.value


def _members(
    connection: Connection, seqs: list[int]
) -> Iterator[tuple[int, list[tuple[int, Record]]]]:
    """Customer number → its records, in the order of source and key."""
    found: dict[int, list[tuple[int, Record]]] = {}
    for chunk in chunked(seqs):
        statement = (
            select(
                membership.c.customer_seq,
                record.c.id,
                source.c.name,
                mention.c.key,
                record.c.kind,
                record.c.role,
                record.c.observed_at,
                record.c.payload,
            )
            .join(mention, mention.c.id == membership.c.mention_id)
            .join(record, record.c.id == mention.c.record_id)
            .join(source, source.c.id == mention.c.source_id)
            .where(membership.c.customer_seq.in_(chunk))
            .order_by(source.c.name, mention.c.key)
        )
        for seq, number, name, key, kind, role, seen, body in connection.execute(statement):
            item = Record(name, key, PartyKind(kind), PartyRole(role), moment(seen), decode(body))
            found.setdefault(seq, []).append((number, item))
    yield from sorted(found.items(), key=lambda pair: pair[0])


def _batches(seqs: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(seqs), _BATCH):
        yield seqs[start : start + _BATCH]
