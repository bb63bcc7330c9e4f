"""Clusters and the ids that they carry.

A cluster follows from the pairs and the persons' decisions about its mentions. Its id is the oldest
id that is anchored in one of them; a cluster without an anchor gets a new id, anchored in its
oldest mention. So the older id survives a merge, the other one resolves to it, and both are back
after an undo, without anything having to be remembered about the merge.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select

from idp_cdi.store import derived
from idp_cdi.store.log import chunked
from idp_cdi.store.schema import customer, edge, membership, mention, record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from idp_cdi.settings import Settings


@dataclass(frozen=True, slots=True)
class Identified:
    """Mentions whose customer is another one now, and how many ids were minted."""

    moved: set[int] = field(default_factory=set)
    minted: int = 0


def identify(
    connection: Connection, settings: Settings, region: Sequence[int] | None
) -> Identified:
    """Cluster the mentions of `region` (None: all) and give each cluster its id.

    Args:
        connection: A writing one; edges are up to date.
        settings: The match probability from which mentions link.
        region: Mentions closed under edges, decisions and present customers.
    """
    living, gone = _mentions(connection, region)
    labels = _cluster(connection, settings, living, everything=region is None)
    owners, minted = _owners(connection, living, labels, everything=region is None)
    before = _before(connection, region)
    wanted: dict[int, int | None] = dict(zip(living.tolist(), owners.tolist(), strict=True))
    wanted |= dict.fromkeys(gone)
    moved = {m for m, seq in wanted.items() if before.get(m) != seq}
    derived.set_members(connection, {m: wanted[m] for m in moved})
    # The customers that lost a mention have changed as well as those that won it.
    losers = {before[m] for m in moved if m in before}
    left_behind = {m for m, seq in wanted.items() if seq in losers}
    derived_from_nothing = losers - {seq for seq in wanted.values() if seq is not None}
    derived.put_golden(connection, dict.fromkeys(derived_from_nothing))
    return Identified(moved | left_behind, minted)


def _mentions(
    connection: Connection, region: Sequence[int] | None
) -> tuple[NDArray[np.int64], list[int]]:
    """The mentions of `region` that are there, and those whose record was deleted; both sorted."""
    statement = (
        select(mention.c.id, record.c.deleted)
        .join(record, record.c.id == mention.c.record_id)
        .order_by(mention.c.id)
    )
    rows: list[tuple[int, bool]] = []
    if region is None:
        rows += [(m, gone) for m, gone in connection.execute(statement)]
    else:
        for chunk in chunked(list(region)):
            found = connection.execute(statement.where(mention.c.id.in_(chunk)))
            rows += [(m, gone) for m, gone in found]
    living = np.array([m for m, gone in rows if not gone], dtype=np.int64)
    return living, [m for m, gone in rows if gone]


def _cluster(
    connection: Connection,
    settings: Settings,
    living: NDArray[np.int64],
    *,
    everything: bool,
) -> NDArray[np.int64]:
    """A label for each mention: the position of the first mention of its cluster."""
    from idp_cdi.matching.clusters import cluster

    if everything:
        statement = select(edge.c.left_id, edge.c.right_id, edge.c.weight, edge.c.probability)
        edges = [tuple(row) for row in connection.execute(statement.order_by(*edge.primary_key))]
        judged = derived.decisions_of(connection)
    else:
        found = derived.edges_of(connection, living.tolist())
        edges = [(e.left, e.right, e.weight, e.probability) for e in found]
        judged = derived.decisions_of(connection, living.tolist())
    table = np.array(edges, dtype=np.float64).reshape(-1, 4)
    table = table[table[:, 3] >= settings.matching.link]
    left, right, known = _positions(living, table[:, 0], table[:, 1])
    same, different = _verdicts(living, judged)
    return np.asarray(
        cluster(len(living), left, right, table[known, 2], same=same, different=different)
    )


def _positions(
    living: NDArray[np.int64], left: NDArray[np.float64], right: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Mention ids as positions in `living`; pairs with an end that is gone are left out."""
    if not len(living):
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, np.zeros(len(left), dtype=bool)
    ends = [np.searchsorted(living, side.astype(np.int64)) for side in (left, right)]
    there = [
        living[np.minimum(end, len(living) - 1)] == side
        for end, side in zip(ends, (left, right), strict=True)
    ]
    known = there[0] & there[1]
    return ends[0][known], ends[1][known], known


def _verdicts(
    living: NDArray[np.int64], judged: list[derived.Judged]
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The pairs that persons call the same and different now: of several decisions the last."""
    last = {(d.left, d.right): d.verdict for d in judged}
    place = {int(m): i for i, m in enumerate(living)} if last else {}
    found: dict[str, list[tuple[int, int]]] = {"same": [], "different": []}
    for (left, right), verdict in last.items():
        if verdict in found and left in place and right in place:
            found[verdict].append((place[left], place[right]))
    return found["same"], found["different"]


def _owners(
    connection: Connection,
    living: NDArray[np.int64],
    labels: NDArray[np.int64],
    *,
    everything: bool,
) -> tuple[NDArray[np.int64], int]:
    """The customer number of each mention, minting what is missing; and how many were minted."""
    if not len(living):
        return np.zeros(0, dtype=np.int64), 0
    none = np.iinfo(np.int64).max
    anchored = np.full(len(living), none, dtype=np.int64)
    if everything:
        rows = connection.execute(select(customer.c.anchor_id, customer.c.seq))
        minted = {anchor: seq for anchor, seq in rows}
    else:
        minted = derived.minted_at(connection, living.tolist())
    if minted:
        anchors = np.fromiter(minted, dtype=np.int64, count=len(minted))
        places = np.searchsorted(living, anchors)
        there = living[np.minimum(places, len(living) - 1)] == anchors
        numbers = np.fromiter(minted.values(), dtype=np.int64, count=len(minted))
        anchored[places[there]] = numbers[there]
    oldest = np.full(len(living), none, dtype=np.int64)
    np.minimum.at(oldest, labels, anchored)
    first = np.arange(len(living)) == labels
    missing = first & (oldest == none)
    fresh = derived.mint(connection, living[missing].tolist())
    oldest[missing] = [fresh[m] for m in living[missing].tolist()]
    return oldest[labels], int(missing.sum())


def _before(connection: Connection, region: Sequence[int] | None) -> dict[int, int]:
    if region is not None:
        return derived.customers_of(connection, region)
    return {m: seq for m, seq in connection.execute(select(*membership.c))}
