"""Golden records: the surviving values of each customer, each naming the record it comes from.

Stored as ``{"values": [[field, value, confidence, record id, rule], …]}``; the record id leads to
the row and column or to the page and box for ever, since records never change.
"""

from __future__ import annotations

import json
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, select

from idp_cdi.fields import fields
from idp_cdi.observations import PartyKind, PartyRole, Record, content_id
from idp_cdi.store import derived
from idp_cdi.store.compiled import Compiled
from idp_cdi.store.derived import GoldenRow
from idp_cdi.store.log import chunked, moment
from idp_cdi.store.payload import decode
from idp_cdi.store.schema import membership, mention, record, source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_BATCH = 5_000
_UNKNOWN_RULE = "most_trusted"
_MEMBERS = Compiled(
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
    .where(
        membership.c.customer_seq.in_(bindparam("some", expanding=True)),
        record.c.deleted.is_(False),
    )
)


def derive(connection: Connection, mentions: Iterable[int]) -> int:
    """Derive the golden records of the customers of `mentions`; returns how many changed."""
    return derive_seqs(connection, set(derived.customers_of(connection, mentions).values()))


def derive_seqs(connection: Connection, customers: Iterable[int]) -> int:
    """Derive the golden records of customers by their numbers; returns how many changed."""
    seqs = sorted(customers)
    changed = 0
    for start in range(0, len(seqs), _BATCH):
        rows: dict[int, GoldenRow | None] = {}
        for seq, members in _members(connection, seqs[start : start + _BATCH]):
            alone = members[0].golden() if len(members) == 1 else None
            rows[seq] = alone or golden_row([(m.record_id, m.record()) for m in members])
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


class _Member(NamedTuple):
    """A member of a customer as stored; most customers have one, and need no `Record`."""

    record_id: int
    source: str
    key: str
    kind: str
    role: str
    seen: str
    payload: str

    def record(self) -> Record:
        """The record itself."""
        kind, role = PartyKind(self.kind), PartyRole(self.role)
        observations = decode(self.payload)
        return Record(self.source, self.key, kind, role, moment(self.seen), observations)

    def golden(self) -> GoldenRow | None:
        """The golden record of a customer with this one member.

        With one value a field there is nothing to choose; None where there is.
        """
        data = json.loads(self.payload)
        rules = _rules()
        by_person = "p" in data
        values: list[tuple[int, str, list[object]]] = []
        for name, value, _, confidence, *_ in data["o"]:
            place, rule = rules.get(name, (len(rules), _UNKNOWN_RULE))
            how = "pinned" if by_person else rule
            if value:
                sure = round(confidence, 4)
                values.append((place, name, [name, value, sure, self.record_id, how]))
        if len({v[1] for v in values}) < len(data["o"]):
            return None
        values.sort(key=itemgetter(0, 1))
        payload = _encode({"values": [v[2] for v in values]})
        content = content_id(self.kind, self.role, 1, payload)
        return GoldenRow(self.kind, self.role, 1, content, payload)


@cache
def _rules() -> dict[str, tuple[int, str]]:
    """Field → its place in the definitions and its rule of survivorship."""
    known = fields().party.items()
    return {name: (place, spec.survive) for place, (name, spec) in enumerate(known)}


def _members(connection: Connection, seqs: list[int]) -> Iterator[tuple[int, list[_Member]]]:
    """Customer number → its members, in the order of source and key."""
    for chunk in chunked(seqs):
        found: dict[int, list[_Member]] = {}
        for seq, *row in _MEMBERS.rows(connection, some=chunk):
            found.setdefault(seq, []).append(_Member(*row))
        for seq, members in sorted(found.items(), key=itemgetter(0)):
            yield seq, sorted(members, key=itemgetter(1, 2))
