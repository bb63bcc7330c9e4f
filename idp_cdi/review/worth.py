"""What the answer to a question is worth: how many records and how much money hang on it."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from idp_cdi.store.log import chunked
from idp_cdi.store.schema import fact, fact_party, membership

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from idp_cdi.store.questions import Item


def worth(connection: Connection, items: Iterable[Item]) -> dict[str, float]:
    """Item id → its priority, raised by the open amount and the records of its customers.

    An amount or a crowd ten times as large counts one step more, so that a large invoice goes
    before a small one but doubt still counts.
    """
    many = list(items)
    documents = sorted({i.document for i in many if i.document})
    amounts = dict(_amounts(connection, documents))
    crowds = dict(_crowds(connection, documents))
    return {
        i.id: i.priority
        * (1.0 + math.log10(1.0 + amounts.get(i.document, 0.0)) / 4.0)
        * (1.0 + math.log10(1.0 + crowds.get(i.document, 0)) / 4.0)
        for i in many
    }


def _amounts(connection: Connection, documents: Sequence[str]) -> Iterator[tuple[str, float]]:
    for chunk in chunked(documents):
        statement = select(fact.c.document, fact.c.payload).where(
            fact.c.document.in_(chunk), fact.c.deleted.is_(False)
        )
        for sha256, payload in connection.execute(statement):
            data = json.loads(payload)
            try:
                yield sha256, abs(float(data.get("amount_due") or data.get("total") or 0.0))
            except ValueError:
                continue


def _crowds(connection: Connection, documents: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Document → how many records its customers have."""
    mine = membership.alias()
    for chunk in chunked(documents):
        statement = (
            select(fact.c.document, func.count())
            .join(fact_party, fact_party.c.fact_id == fact.c.id)
            .join(mine, mine.c.mention_id == fact_party.c.mention_id)
            .join(membership, membership.c.customer_seq == mine.c.customer_seq)
            .where(fact.c.document.in_(chunk))
            .group_by(fact.c.document)
        )
        yield from ((sha256, n) for sha256, n in connection.execute(statement))
