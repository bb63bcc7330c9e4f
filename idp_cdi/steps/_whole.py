"""Unify the whole store at once: the same as `idp_cdi.steps.unify` does bit by bit, on columns.

The log is read once, into columns; edges, clusters, ids and golden records are derived on those
and written in bulk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from idp_cdi.identity import standing
from idp_cdi.steps import compare, possible
from idp_cdi.steps._clusters import clusters
from idp_cdi.steps._golden import Deriver
from idp_cdi.steps.golden import derive_seqs
from idp_cdi.steps.identify import rules_of, rulings
from idp_cdi.store import derived, whole
from idp_cdi.store.current import read_current

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from idp_cdi.matching.model import Model
    from idp_cdi.settings import Settings
    from idp_cdi.steps._clusters import Clusters
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
    found = compare.edges_among(settings, current, touched, model)
    whole.replace_edges(connection, touched, found)
    del found
    owner, stale, minted = _identify(connection, settings, current)
    stale[current.rows_of(np.array(sorted(touched), dtype=np.int64))] = True
    changed = _golden(connection, current, owner, stale)
    asked = possible.ask_all(connection, settings, current, owner)
    return changed, minted, asked


def _identify(
    connection: Connection, settings: Settings, current: Current
) -> tuple[NDArray[np.int64], NDArray[np.bool_], int]:
    """Clusters and ids; returns each row's customer, which rows moved, how many ids are new."""
    rules = rules_of(settings)
    decided = standing(rulings(connection, None))
    found = clusters(current, whole.edges_where(connection), decided, rules)
    seqs, anchors = whole.issued(connection)
    fresh = derived.next_customer(connection)
    owner, minted = _assigned(current, found, seqs, anchors, fresh)
    whole.mint(connection, minted)
    before = whole.owners(connection, current.mentions)
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
    for rows, left in Deriver(current, owner).rows(seqs):
        changed += whole.put_golden(connection, rows)
        changed += derive_seqs(connection, left)
    return changed
