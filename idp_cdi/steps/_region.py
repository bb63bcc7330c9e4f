"""The part of the store that a change can reach: what is linked to what was touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.steps.claims import reaching
from idp_cdi.store import derived

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from idp_cdi.identity import Rules


def linked_with(connection: Connection, mentions: Iterable[int]) -> set[int]:
    """The other ends of all edges of some mentions."""
    return {end for e in derived.edges_of(connection, mentions) for end in (e.left, e.right)}


def region_of(connection: Connection, touched: Iterable[int], rules: Rules) -> list[int]:
    """Every mention whose customer may be another one now: what is linked to what was touched.

    Linked is by a weight from which records link (or would by a document's claim), by saying the
    same as another, by a person's decision, or by having been one customer until now.
    """
    region: set[int] = set()
    front = set(touched)
    while front:
        region |= front
        reached: set[int] = set()
        edges = derived.edges_of(connection, front)
        reached |= reaching(connection, [e[:3] for e in edges], rules.link)
        reached |= {m for e in edges if e.found_by == derived.COPY for m in e[:2]}
        for judged in derived.decisions_of(connection, front):
            reached |= {judged.left, judged.right}
        seqs = set(derived.customers_of(connection, front).values())
        for members in derived.members_of(connection, seqs).values():
            reached.update(members)
        front = reached - region
    return sorted(region)
