"""Compare new records with all others: the pairs that may be one party, with their weights.

The model (weights and frequencies) is versioned and changes only by learning; so a pair found today
weighs the same tomorrow, whatever came in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.steps.columns import compared_fields, current_columns
from idp_cdi.store.derived import Edge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from idp_cdi.settings import Settings

#: Pairs below this probability are not kept: they would neither link nor be asked about.
LEAST = 0.05


def edges(connection: Connection, settings: Settings, touched: Sequence[int]) -> list[Edge]:
    """The pairs with an end in `touched` that may be one party.

    Args:
        connection: Sees the records of `touched`.
        settings: Where the model is kept.
        touched: Mention ids; those whose record is deleted have no pairs.
    """
    from idp_cdi.engines.local import Options, run

    ids, table = current_columns(connection)
    if table.num_rows < 2:
        return []
    found = run(table, Options(columns=columns())).pairs
    wanted = np.isin(ids, np.asarray(touched, dtype=np.int64))
    keep = (found.probability >= LEAST) & (wanted[found.left] | wanted[found.right])
    return [
        Edge(int(ids[left]), int(ids[right]), float(weight), float(probability))
        for left, right, weight, probability in zip(
            found.left[keep],
            found.right[keep],
            found.weight[keep].round(4),
            found.probability[keep].round(6),
            strict=True,
        )
    ]


def columns() -> tuple[Any, ...]:
    """What each column of `current_columns` is to matching."""
    from idp_cdi.matching.columns import Column, Kind

    kinds = {
        "name": Kind.NAME,
        "trading_name": Kind.OTHER_NAME,
        "first_name": Kind.GIVEN,
        "last_name": Kind.FAMILY,
        "date_of_birth": Kind.DATE,
        "street": Kind.STREET,
        "city": Kind.CITY,
        "postal_code": Kind.POSTCODE,
        "country": Kind.COUNTRY,
        "phone": Kind.PHONE,
        "email": Kind.EMAIL,
        "website": Kind.WEBSITE,
    }
    entity = Column("entity_type", Kind.ENTITY_TYPE)
    named = [Column(name, kinds.get(name, Kind.IDENTIFIER)) for name in compared_fields()]
    return (entity, *named)
