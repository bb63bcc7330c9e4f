"""Which pairs of records a person is asked about.

All between the two match thresholds. A document that would make a customer of its own is asked
about sooner, with whom it fits best: a second customer for one that is known does more harm than a
question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
from sqlalchemy import or_, select

from idp_cdi.observations import DOCUMENTS
from idp_cdi.store import derived, log, whole
from idp_cdi.store.schema import edge, mention, source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from idp_cdi.settings import Settings
    from idp_cdi.store.derived import Edge
    from idp_cdi.store.whole import Edges

_Key = TypeVar("_Key")


def of_region(connection: Connection, settings: Settings, found: Sequence[Edge]) -> list[Edge]:
    """Those that may be asked about of all pairs with an end in a region."""
    least = settings.matching.review
    low = [e for e in found if _lowest(settings) <= e.probability < least]
    more = _of_papers(connection, settings, {m for e in low for m in (e.left, e.right)})
    return sorted({e for e in found if e.probability >= least} | set(more))


def of_edges(connection: Connection, settings: Settings, near: Edges) -> Edges:
    """The same of some pairs, on columns."""
    least = settings.matching.review
    high = near.where(near.probability >= least)
    low = near.where((near.probability >= _lowest(settings)) & (near.probability < least))
    ends = set(low.left.tolist()) | set(low.right.tolist())
    known = set(zip(high.left.tolist(), high.right.tolist(), strict=True))
    more = _of_papers(connection, settings, ends)
    return whole.joined(high, whole.as_columns([e for e in more if e[:2] not in known]))


def of_all(connection: Connection, settings: Settings) -> Edges:
    """The same of all pairs that are kept."""
    papers = select(mention.c.id).where(
        mention.c.source_id.in_(select(source.c.id).where(source.c.name == DOCUMENTS))
    )
    likely = edge.c.probability >= settings.matching.review
    of_papers = or_(edge.c.left_id.in_(papers), edge.c.right_id.in_(papers))
    return whole.edges_where(
        connection, edge.c.probability >= _lowest(settings), or_(likely, of_papers)
    )


def _lowest(settings: Settings) -> float:
    """The least probability of a pair that may be asked about."""
    return min(settings.matching.review, settings.matching.review_new)


def _of_papers(connection: Connection, settings: Settings, ends: Iterable[int]) -> list[Edge]:
    """All pairs, likely enough, of those of `ends` that are of documents."""
    papers = log.of_source(connection, DOCUMENTS, ends)
    found = derived.edges_of(connection, papers) if papers else []
    return [e for e in found if e.probability >= _lowest(settings)]


def worth_asking(
    connection: Connection,
    settings: Settings,
    pairs: Mapping[_Key, tuple[int, int, float]],
    owner: Mapping[int, int],
) -> set[_Key]:
    """Of the best pairs of any two customers those that a person is asked about.

    Args:
        connection: A reading one.
        settings: From which probability on.
        pairs: Their two records and their probability.
        owner: The customer number of each record.
    """
    least = settings.matching.review
    found = {key for key, pair in pairs.items() if pair[2] >= least}
    low = sorted((-p, a, b, n) for n, (a, b, p) in enumerate(pairs.values()) if p < least)
    if not low:
        return found
    ends = {m for _, a, b, _ in low for m in (a, b)}
    members = derived.members_of(connection, {owner[m] for m in ends})
    waiting = log.of_source(connection, DOCUMENTS, ends)
    waiting = {m for m in waiting if len(members[owner[m]]) == 1}
    waiting -= {m for key in found for m in pairs[key][:2]}
    keys = list(pairs)
    for _, a, b, n in low:
        if {a, b} & waiting:
            found.add(keys[n])
            waiting -= {a, b}
    return found


def chosen_of(
    connection: Connection,
    settings: Settings,
    found: Edges,
    rows: NDArray[np.int64],
    owner: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> NDArray[np.int64]:
    """`worth_asking` on columns: those of `rows`, sorted.

    Args:
        connection: A reading one.
        settings: From which probability on.
        found: Pairs.
        rows: The best pairs of any two customers.
        owner: The customer numbers of the pairs' left and right records.
    """
    sure = found.probability[rows] >= settings.matching.review
    papers = rows[~sure]
    if not len(papers):
        return np.sort(rows)
    # What is asked anyway about the few documents in question matters too.
    ends = np.union1d(found.left[papers], found.right[papers])
    near = rows[np.isin(found.left[rows], ends) | np.isin(found.right[rows], ends)]
    told = (found.left[near], found.right[near], found.probability[near])
    pairs = dict(zip(near.tolist(), zip(*(c.tolist() for c in told), strict=True), strict=True))
    whose = dict(zip(told[0].tolist(), owner[0][near].tolist(), strict=True))
    whose |= dict(zip(told[1].tolist(), owner[1][near].tolist(), strict=True))
    picked = np.array(sorted(worth_asking(connection, settings, pairs, whose)), dtype=np.int64)
    return np.union1d(rows[sure], picked)
