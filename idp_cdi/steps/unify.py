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
from idp_cdi.steps._region import linked_with, region_of
from idp_cdi.store import derived, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from idp_cdi.settings import Settings

#: From so many touched mentions on arrays beat objects.
MANY = 50
#: One touched mention costs about as much as so many mentions where the whole store is derived
#: anew: 0.4 ms (stores of 20,000 and 100,000 records) against 0.14 ms (a million).
ONE_COSTS = 3


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
    if len(touched) >= MANY:
        return Unified(*_many(connection, settings, touched))
    from idp_cdi.steps import compare

    # What was linked before counts too: a cut on the far side of a link that goes may be undone.
    rules = identify.rules_of(settings)
    near = linked_with(connection, touched)
    edges, mentions, _ = compare.edges(connection, settings, touched, near)
    derived.replace_edges(connection, mentions, whole.as_rows(edges))
    region = region_of(connection, near | mentions, rules)
    identified = identify.identify(connection, settings, region, rules)
    stale = identified.moved | set(touched)
    changed = golden_records.derive(connection, stale)
    asked = possible.ask(connection, settings, region.mentions, identified.edges)
    return Unified(changed, identified.minted, asked)


def _many(connection: Connection, settings: Settings, touched: Sequence[int]) -> tuple[int, ...]:
    """On columns: of what the touched mentions reach, or of the whole store where that is less."""
    from idp_cdi.steps import _whole, compare, known

    size = known.count(connection)
    model = compare.model_for(settings, size, len(touched))
    learns = compare.learns(settings, size, len(touched))
    if model is None or learns or len(touched) * ONE_COSTS > size:
        return _whole.unify_all(connection, settings, touched)
    return _whole.unify_some(connection, settings, touched, model)
