"""Unify the whole store or much of it: as `idp_cdi.steps.unify` does bit by bit, on columns.

The log is read once, into columns; edges, clusters, ids and golden records are derived on those
and written in bulk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from idp_cdi.identity import standing
from idp_cdi.steps import compare, known, possible
from idp_cdi.steps._ahead import ahead
from idp_cdi.steps._clusters import clusters
from idp_cdi.steps._copies import alone, of_run
from idp_cdi.steps._golden import Deriver
from idp_cdi.steps._region import linked_with, region_of
from idp_cdi.steps.claims import counted
from idp_cdi.steps.doubtful import of_all, of_edges
from idp_cdi.steps.golden import derive_seqs
from idp_cdi.steps.hanging import settle_all
from idp_cdi.steps.identify import rules_of, rulings
from idp_cdi.store import derived, whole
from idp_cdi.store.current import read_current
from idp_cdi.store.schema import edge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from idp_cdi.matching.model import Model
    from idp_cdi.matching.records import Records
    from idp_cdi.settings import Settings
    from idp_cdi.steps._clusters import Clusters
    from idp_cdi.steps.known import Keep
    from idp_cdi.store.current import Current


def unify_all(
    connection: Connection,
    settings: Settings,
    touched: Sequence[int],
    *,
    model: Model | None = None,
) -> tuple[int, int, int]:
    """Bring all that is derived up to date with the log.

    Args:
        connection: A writing one; the log has everything new already.
        settings: Match thresholds, where the index is kept.
        touched: Mentions that are new, changed, deleted or were decided about.
        model: What to weigh by, where it is not to be the model in force.

    Returns:
        How many customers changed, how many ids were minted, how many pairs a person is asked.
    """
    current = read_current(connection)
    if model is None and compare.learns(settings, len(current.mentions), len(touched)):
        # The few that came before were weighed by the model that ships; now all are, by one.
        touched = current.mentions.tolist()
    with known.keeping(connection, settings) as keep:
        prepared = _compare(connection, settings, current, touched, model, keep)
        decided = standing(rulings(connection, None))
        model = model or compare.model_of(settings)
        rules = rules_of(settings, model)
        held = whole.edges_where(connection, edge.c.found_by == derived.OTHERS)
        keyed = whole.edges_where(connection, edge.c.found_by != derived.OTHERS)
        edges = settle_all(connection, model, current, keyed, held, rules.link, prepared)
        del prepared
        edges = counted(connection, edges, rules, decided, current)
        found = clusters(current, edges, decided, rules)
        owner, stale, minted = _identify(connection, current, found, whole.issued(connection))
        stale[current.rows_of(np.array(sorted(touched), dtype=np.int64))] = True
        changed = _golden(connection, current, owner, stale)
        asked = possible.ask_all(connection, settings, of_all(connection, settings), current, owner)
    return changed, minted, asked


def _compare(
    connection: Connection,
    settings: Settings,
    current: Current,
    touched: Sequence[int],
    model: Model | None,
    keep: Keep,
) -> Records | None:
    """Weigh all pairs anew; the prepared rows come back, and an index is made of them meanwhile."""
    if len(current.mentions) < 2:
        whole.replace_edges(connection, touched, whole.NO_EDGES)
        return None
    found = compare.matched(settings, current, touched, model, alone(connection))
    if found.prepared is not None:
        keep(found.model, current.mentions, found.prepared)
    edges, mentions, _ = of_run(connection, current.mentions, found.pairs, touched)
    whole.replace_edges(connection, sorted(mentions), edges)
    return found.prepared


def unify_some(
    connection: Connection, settings: Settings, touched: Sequence[int], model: Model
) -> tuple[int, int, int]:
    """The same for what `touched` can reach: the cost goes by that, not by the store.

    Args:
        connection: A writing one; the log has everything new already.
        settings: Match thresholds, where the index is kept.
        touched: Mentions that are new, changed, deleted or were decided about.
        model: The model in force.
    """
    near = linked_with(connection, touched)
    edges, mentions, _ = compare.edges_by_index(connection, settings, model, touched, near)
    whole.replace_edges(connection, sorted(mentions), edges)
    rules = rules_of(settings, model)
    region = np.array(region_of(connection, near | mentions, rules).mentions, dtype=np.int64)
    around, held = whole.edges_of(connection, region)
    held = held.where(np.isin(held.left, region) & np.isin(held.right, region))
    current = read_current(connection, region)
    decided = standing(rulings(connection, region.tolist()))
    inside = np.isin(around.left, region) & np.isin(around.right, region)
    within = settle_all(connection, model, current, around.where(inside), held, rules.link)
    around = whole.joined(within, around.where(~inside))
    told = counted(connection, around, rules, decided)
    inside = np.isin(around.left, region) & np.isin(around.right, region)
    found = clusters(current, told.where(inside), decided, rules)
    owner, stale, minted = _identify(
        connection, current, found, whole.issued(connection, region), some=True
    )
    stale[current.rows_of(np.array(sorted(touched), dtype=np.int64))] = True
    changed = _golden(connection, current, owner, stale)
    doubtful = of_edges(connection, settings, around)
    ends = np.union1d(doubtful.left, doubtful.right)
    asked = possible.ask_all(
        connection,
        settings,
        doubtful,
        read_current(connection, ends),
        whole.owners(connection, ends, some=True),
        region,
    )
    return changed, minted, asked


def _identify(
    connection: Connection,
    current: Current,
    found: Clusters,
    issued: tuple[NDArray[np.int64], NDArray[np.int64]],
    *,
    some: bool = False,
) -> tuple[NDArray[np.int64], NDArray[np.bool_], int]:
    """Give clusters their ids; returns each row's customer, which rows moved, how many are new."""
    fresh = derived.next_customer(connection)
    owner, minted = _assigned(current, found, *issued, fresh)
    whole.mint(connection, minted)
    before = whole.owners(connection, current.mentions, some=some)
    whole.move(connection, current.mentions, before, owner)
    moved = before != owner
    losers = np.unique(before[moved & (before >= 0)])
    emptied = losers[~np.isin(losers, owner)]
    derived.put_golden(connection, dict.fromkeys(emptied.tolist()))
    return owner, moved | np.isin(owner, losers), len(minted)


def _assigned(
    current: Current,
    found: Clusters,
    seqs: NDArray[np.int64],
    anchors: NDArray[np.int64],
    fresh: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each row's customer number, and the anchors of those that are new, in their order.

    The rules are those of `idp_cdi.identity.assign`: a cluster bears the least number anchored in
    it; one without gets a new one, anchored at its oldest record.
    """
    size = len(current.mentions)
    label = found.label
    goes_to = np.arange(size, dtype=np.int64)
    for lost, heir in found.heirs.items():
        goes_to[lost] = heir
    rows = current.rows_of(anchors)
    homes = goes_to[rows]
    at_home = ~current.deleted[homes]
    none = np.iinfo(np.int64).max
    number = np.full(size, none, dtype=np.int64)
    np.minimum.at(number, label[homes[at_home]], seqs[at_home])
    roots = np.flatnonzero((label == np.arange(size)) & ~current.deleted & (number == none))
    number[roots] = fresh + np.arange(len(roots))
    owner = np.where(current.deleted, -1, number[label])
    # The anchor of an id stays with its heir's customer, so that the id resolves to it.
    left = rows[current.deleted[rows]]
    owner[left] = owner[goes_to[left]]
    return owner, current.mentions[roots]


def _golden(
    connection: Connection,
    current: Current,
    owner: NDArray[np.int64],
    stale: NDArray[np.bool_],
) -> int:
    seqs = np.unique(owner[stale & (owner >= 0)])
    changed = 0
    for rows, left in ahead(Deriver(current, owner).rows(seqs)):
        changed += whole.put_golden(connection, rows)
        changed += derive_seqs(connection, left)
    return changed
