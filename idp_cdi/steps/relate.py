"""Who has to do with whom: relations among the customers of a store, worked out when asked for.

They follow from golden values alone and are not stored: a relation is never more than a reading of
what is there, and never joins two customers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from idp_cdi.errors import UsageError
from idp_cdi.identity.relations import Party, Relation, relations
from idp_cdi.standardisers import email, website
from idp_cdi.store import derived
from idp_cdi.store.log import chunked
from idp_cdi.store.schema import golden

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import ColumnElement, Connection


@dataclass(frozen=True, slots=True)
class Related:
    """Two customers by id, how they are related, and the value that shows it."""

    left: str
    right: str
    kind: str
    value: str


def relate(connection: Connection) -> list[Related]:
    """All relations among the current customers, sorted.

    Args:
        connection: A reading one.
    """
    return [_related(r) for r in relations(_parties(connection))]


def related(connection: Connection, text: str) -> list[Related]:
    """The relations of one customer.

    Args:
        connection: A reading one.
        text: Its id, an old one too.

    Raises:
        UsageError: No such id was ever issued.
    """
    seq = derived.resolve(connection, text)
    if seq is None:
        raise UsageError(f"no customer {text!r} was ever issued", action="see `customers list`")
    own = next(iter(_parties(connection, golden.c.customer_seq == seq)), None)
    wanted = list(_telling(own)) if own is not None else []
    if not wanted:
        return []
    # The database looks for the values, so that a million customers need not be read.
    near = (golden.c.payload.contains(value, autoescape=True) for value in wanted)
    found = relations(_parties(connection, or_(*near)))
    return [_related(r) for r in found if seq in (r.left, r.right)]


def _related(one: Relation) -> Related:
    left, right = derived.customer_id(one.left), derived.customer_id(one.right)
    return Related(left, right, one.kind, one.value)


def _telling(party: Party) -> Iterator[str]:
    """Texts one of which is among the golden values of every customer related to this one."""
    for field, value in party.values:
        if field in ("iban", "postal_code"):
            yield json.dumps(value, ensure_ascii=False)
        elif field == "website":
            yield website.key(value).partition("/")[0]
        elif field == "email" and email.domain_class(value) == "corporate":
            yield website.key(value.rpartition("@")[2])


def names(connection: Connection, found: Iterable[Related]) -> dict[str, str]:
    """The names of the customers in some relations, by id; those without one are left out."""
    ids = {text for one in found for text in (one.left, one.right)}
    seqs = [seq for text in sorted(ids) if (seq := derived.resolve(connection, text)) is not None]
    told: dict[str, str] = {}
    for part in chunked(seqs):
        for party in _parties(connection, golden.c.customer_seq.in_(part)):
            name = next((v for f, v in party.values if f in ("name", "last_name")), "")
            told[derived.customer_id(party.customer)] = name
    return told


def _parties(connection: Connection, *which: ColumnElement[bool]) -> Iterator[Party]:
    statement = select(golden.c.customer_seq, golden.c.kind, golden.c.payload)
    statement = statement.where(golden.c.valid_to.is_(None), *which)
    streamed = connection.execution_options(yield_per=10_000).execute(statement)
    for seq, kind, payload in streamed:
        values = tuple((field, value) for field, value, *_ in json.loads(payload)["values"])
        yield Party(seq, kind, values)
