"""From the log to customers: compare what is new, cluster what it touches, derive golden records.

Incremental work equals a rebuild: a pair's weight depends on its two records and the versioned
model alone, a cluster on the pairs and decisions inside its component, a golden record on its
cluster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp_cdi.steps import golden as golden_records
from idp_cdi.steps import identify, possible
from idp_cdi.store import derived

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from idp_cdi.identity import Rules
    from idp_cdi.settings import Settings

#: From so many touched mentions the whole store is looked at: arrays beat single look-ups.
BULK = 20_000


@dataclass(frozen=True, slots=True)
class Unified:
    """What became of the touched mentions: changed customers, minted ids, pairs to ask about."""

    changed: int = 0
    minted: int = 0
    to_review: int = 0


def unify(connection: Connection, settings: Settings, touched: Sequence[int]) -> Unified:
    """Bring edges, memberships and golden records up to date with the log.

    Args:
        connection: A writing one; the log has everything new already.
        settings: Match thresholds, where the index is kept.
        touched: Mentions that are new, changed, deleted or were decided about.

    Returns:
        How many customers changed, how many ids were minted, how many pairs a person is asked.
    """
    if not touched:
        return Unified()
    if len(touched) >= BULK:
        from idp_cdi.steps._whole import unify_all

        return Unified(*unify_all(connection, settings, touched))
    from idp_cdi.steps import compare

    # What was linked before counts too: a cut on the far side of a link that goes may be undone.
    rules = identify.rules_of(settings)
    start = set(touched) | linked_with(connection, touched)
    found = compare.edges(connection, settings, touched)
    derived.replace_edges(connection, touched, found)
    region = region_of(connection, start, rules)
    identified = identify.identify(connection, settings, region)
    stale = identified.moved | set(touched)
    changed = golden_records.derive(connection, stale)
    asked = possible.ask(connection, settings, region)
    return Unified(changed, identified.minted, asked)


def linked_with(connection: Connection, mentions: Iterable[int]) -> set[int]:
    """The other ends of all edges of some mentions."""
    return {end for e in derived.edges_of(connection, mentions) for end in (e.left, e.right)}


def region_of(connection: Connection, touched: Iterable[int], rules: Rules) -> list[int]:
    """Every mention whose customer may be another one now: what is linked to what was touched.

    Linked is by a weight from which records link, by a person's decision, or by having been one
    customer until now.
    """
    region: set[int] = set()
    front = set(touched)
    while front:
        region |= front
        reached: set[int] = set()
        for edge in derived.edges_of(connection, front):
            if edge.weight >= rules.link:
                reached |= {edge.left, edge.right}
        for judged in derived.decisions_of(connection, front):
            reached |= {judged.left, judged.right}
        seqs = set(derived.customers_of(connection, front).values())
        for members in derived.members_of(connection, seqs).values():
            reached.update(members)
        front = reached - region
    return sorted(region)
