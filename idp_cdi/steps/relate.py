"""Who has to do with whom: relations among the customers of a store, worked out when asked for.

They follow from golden values alone and are not stored: a relation is never more than a reading of
what is there, and never joins two customers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from idp_cdi.errors import UsageError
from idp_cdi.identity.relations import Party, relations
from idp_cdi.store import derived
from idp_cdi.store.schema import golden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


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
    return [
        Related(derived.customer_id(r.left), derived.customer_id(r.right), r.kind, r.value)
        for r in relations(_parties(connection))
    ]


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
    own = derived.customer_id(seq)
    return [r for r in relate(connection) if own in (r.left, r.right)]


def _parties(connection: Connection) -> Iterator[Party]:
    statement = select(golden.c.customer_seq, golden.c.kind, golden.c.payload)
    statement = statement.where(golden.c.valid_to.is_(None))
    streamed = connection.execution_options(yield_per=10_000).execute(statement)
    for seq, kind, payload in streamed:
        values = tuple((field, value) for field, value, *_ in json.loads(payload)["values"])
        yield Party(seq, kind, values)
