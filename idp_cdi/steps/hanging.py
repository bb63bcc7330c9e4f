"""Pairs of records that hang together by others: weighed and kept as long as that is so.

Two records that have no key in common are compared all the same where links hold them together
(`idp_cdi.matching.closure`). Which pairs these are follows from the pairs with a key alone. They
are marked in the store, so that they go when what held them together goes, as a rebuild would not
have them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.matching import scoring
from idp_cdi.matching.closure import open_pairs
from idp_cdi.matching.records import prepare, prepare_rows
from idp_cdi.steps.columns import current_columns
from idp_cdi.steps.compare import model_of
from idp_cdi.store import derived, whole
from idp_cdi.store.derived import COPY, OTHERS, Edge

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from idp_cdi.matching.model import Model
    from idp_cdi.matching.records import Records
    from idp_cdi.settings import Settings
    from idp_cdi.store.current import Current
    from idp_cdi.store.whole import Edges

#: Up to so many records are read as rows.
_FEW = 2_000


def settle(
    connection: Connection,
    settings: Settings,
    edges: Sequence[Edge],
    living: Collection[int],
    link: float,
) -> list[Edge]:
    """Bring the hanging pairs of a region up to date; returns all its pairs.

    Args:
        connection: A writing one; it sees the records.
        settings: Where the model is kept.
        edges: All kept pairs with an end in the region.
        living: The mentions of the region that are there.
        link: The weight from which pairs link.
    """
    keyed = [e for e in edges if e.found_by != OTHERS]
    held = {e[:2]: e for e in edges if e.found_by == OTHERS}
    wanted = _wanted(keyed, living, link)
    derived.drop_edges(connection, [pair for pair in held if pair not in wanted])
    new = sorted(wanted - held.keys())
    model = model_of(settings) if new else None
    found: list[Edge] = []
    if model is not None:
        ends = np.array(new, dtype=np.int64).T
        weighed = _weighed(model, ends[0], ends[1], lambda some: _rows_of(connection, some))
        columns = (column.tolist() for column in weighed[:4])
        rows = zip(*columns, [OTHERS] * len(new), strict=True)
        found = [Edge(*row) for row in rows]
        derived.add_edges(connection, found)
    return [*keyed, *(held[pair] for pair in held if pair in wanted), *found]


def _wanted(keyed: Sequence[Edge], living: Collection[int], link: float) -> set[tuple[int, int]]:
    """The pairs within components of `living` that have no key in common."""
    keyed = [e for e in keyed if e.found_by != COPY]
    if len(living) <= 2 or sum(e.weight >= link for e in keyed) < 2:
        return set()
    inside = [e for e in keyed if e.left in living and e.right in living]
    if not inside:
        return set()
    ids = np.array(sorted(living), dtype=np.int64)
    left, right, weight = (np.array(c) for c in zip(*(e[:3] for e in inside), strict=True))
    ends = np.searchsorted(ids, left), np.searchsorted(ids, right)
    x, y = open_pairs(len(ids), *ends, weight, link)
    return set(zip(ids[x].tolist(), ids[y].tolist(), strict=True))


def _rows_of(connection: Connection, some: NDArray[np.int64]) -> Any:
    """Some records as a table, or as rows where they are few."""
    from idp_cdi.steps import known

    if len(some) > _FEW:
        return current_columns(connection, some.tolist())[1]
    return [row for _, row in known.rows(connection, some.tolist())]


def settle_all(
    connection: Connection,
    model: Model | None,
    current: Current,
    keyed: Edges,
    held: Edges,
    link: float,
    prepared: Records | None = None,
) -> Edges:
    """The same for many records at once, as columns.

    Args:
        connection: A writing one; it sees the records.
        model: What to weigh by.
        current: All current records, or those of a region.
        keyed: All kept pairs among them that have a key in common.
        held: The hanging pairs that were kept until now.
        link: The weight from which pairs link.
        prepared: All current records, where a run has just prepared them.
    """
    if model is None:
        return whole.joined(keyed, held)
    x, y = _open(current, keyed, link)
    size = len(current.mentions)
    wanted = x * size + y
    before = current.rows_of(held.left) * size + current.rows_of(held.right)
    stays = np.isin(before, wanted)
    gone = held.where(~stays)
    pairs = zip(gone.left.tolist(), gone.right.tolist(), strict=True)
    derived.drop_edges(connection, list(pairs))
    fresh = ~np.isin(wanted, before)
    x, y = x[fresh], y[fresh]

    def said(mentions: NDArray[np.int64]) -> Any:
        return current_columns(connection, mentions.tolist())[1]

    found = _found(model, current, x, y, said, prepared)
    whole.add_edges(connection, found, OTHERS)
    return whole.joined(whole.joined(keyed, held.where(stays)), found)


def hanging(
    model: Model,
    current: Current,
    keyed: Edges,
    link: float,
    table: Callable[[NDArray[np.int64]], Any],
) -> Edges:
    """All hanging pairs of the store under a model that is not in force; nothing is written.

    Args:
        model: What to weigh by.
        current: All current records.
        keyed: All pairs that have a key in common.
        link: The weight from which pairs link.
        table: Gives the columns of matching of some mentions, in their order.
    """
    return _found(model, current, *_open(current, keyed, link), table, None)


def _open(
    current: Current, keyed: Edges, link: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of the pairs that hang together by `keyed`, left row before right row."""
    keyed = keyed.where(~keyed.copy)
    left, right = current.rows_of(keyed.left), current.rows_of(keyed.right)
    there = ~(current.deleted[left] | current.deleted[right])
    ends = left[there], right[there]
    return open_pairs(len(current.mentions), *ends, keyed.weight[there], link)


def _found(
    model: Model,
    current: Current,
    x: NDArray[np.int64],
    y: NDArray[np.int64],
    said: Callable[[NDArray[np.int64]], Any],
    prepared: Records | None,
) -> Edges:
    one, other = current.mentions[x], current.mentions[y]
    if prepared is not None:
        return whole.edges_from(one, other, *scoring.weigh_pairs(model, prepared, x, y))
    return _weighed(model, one, other, said)


def _weighed(
    model: Model,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    said: Callable[[NDArray[np.int64]], Any],
) -> Edges:
    """Pairs of mentions with their weights; `said` gives what some mentions say."""
    if not len(left):
        return whole.NO_EDGES
    ids = np.unique(np.concatenate((left, right)))
    told = said(ids)
    few = isinstance(told, list)
    prepared = (prepare_rows if few else prepare)(told, model.plan)
    weights = scoring.weigh_pairs(
        model, prepared, np.searchsorted(ids, left), np.searchsorted(ids, right)
    )
    return whole.edges_from(left, right, *weights)
