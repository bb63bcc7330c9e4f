"""The part of the store that a change can reach: what is linked to what was touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from idp_cdi.steps.claims import reaching
from idp_cdi.store import derived

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from idp_cdi.identity import Rules
    from idp_cdi.store.derived import Edge, Judged


class Region(NamedTuple):
    """Mentions, sorted, with what the store says of them.

    `edges` and `judged` are the pairs and the decisions with an end among them, in order; `owners`
    has the customer of those that have one.
    """

    mentions: list[int]
    edges: list[Edge]
    judged: list[Judged]
    owners: dict[int, int]


def linked_with(connection: Connection, mentions: Iterable[int]) -> set[int]:
    """The other ends of all edges of some mentions."""
    return {end for e in derived.edges_of(connection, mentions) for end in (e.left, e.right)}


def region_of(connection: Connection, touched: Iterable[int], rules: Rules) -> Region:
    """Every mention whose customer may be another one now: what is linked to what was touched.

    Linked is by a weight from which records link (or would by a document's claim), by saying the
    same as another, by a person's decision, or by having been one customer until now.
    """
    region: set[int] = set()
    near: set[Edge] = set()
    judged: set[Judged] = set()
    owners: dict[int, int] = {}
    front = set(touched)
    while front:
        region |= front
        reached: set[int] = set()
        edges = derived.edges_of(connection, front)
        reached |= reaching(connection, [e[:3] for e in edges], rules.link)
        reached |= {m for e in edges if e.found_by == derived.COPY for m in e[:2]}
        decisions = derived.decisions_of(connection, front)
        reached |= {m for one in decisions for m in (one.left, one.right)}
        own = derived.customers_of(connection, front)
        for members in derived.members_of(connection, set(own.values())).values():
            reached.update(members)
        near.update(edges)
        judged.update(decisions)
        owners |= own
        front = reached - region
    return Region(sorted(region), sorted(near), sorted(judged), owners)
