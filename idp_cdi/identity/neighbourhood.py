"""The part of the graph that a change can reach: what has to be put into clusters again.

Clusters are worked out component by component. So after a change it is enough to walk from the
records concerned over all joining links and all decisions "same", and to do those again.

>>> graph = {1: [Link(1, 2, 9)], 2: [Link(1, 2, 9), Link(2, 3, 8)], 3: [Link(2, 3, 8)], 4: []}
>>> links_of = lambda many: [link for n in many for link in graph[n]]
>>> found = neighbourhood([1], links_of, rules=Rules(link=5))
>>> sorted(found.records), [link[:3] for link in found.links]
([1, 2, 3], [(1, 2, 9), (2, 3, 8)])
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp_cdi.identity.rulings import Standing
from idp_cdi.identity.types import Link, Rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_NOTHING = Standing()
_RULES = Rules()


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Records, and all compared pairs among them."""

    records: frozenset[int]
    links: tuple[Link, ...]


def neighbourhood(
    start: Iterable[int],
    links_of: Callable[[set[int]], Iterable[Link]],
    decided: Standing = _NOTHING,
    *,
    rules: Rules = _RULES,
) -> Neighbourhood:
    """Everything that must be clustered again with the records of `start`.

    Args:
        start: Records that are new, changed or deleted or have a new decision, and the records
            that were linked with them before the change.
        links_of: All compared pairs with an end in the given records; called once a step.
        decided: What persons decided.
        rules: Which links join.

    Returns:
        Whole components: the clusters among them are those of a full rebuild.
    """
    friends: dict[int, set[int]] = {}
    for left, right in decided.same:
        friends.setdefault(left, set()).add(right)
        friends.setdefault(right, set()).add(left)
    seen: set[int] = set()
    front = set(start)
    links: dict[tuple[int, int], Link] = {}
    while front:
        seen |= front
        reached: set[int] = set()
        for link in links_of(front):
            place = (min(link.left, link.right), max(link.left, link.right))
            if place not in links or links[place].weight < link.weight:
                links[place] = link
            joins = link.copy or link.weight >= rules.link
            if joins and place not in decided.different:
                reached.update((link.left, link.right))
        for record in front:
            reached |= friends.get(record, set())
        front = reached - seen
    kept = [link for place, link in sorted(links.items()) if seen.issuperset(place)]
    return Neighbourhood(frozenset(seen), tuple(kept))
