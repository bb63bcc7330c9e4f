"""How a cluster hangs together: the links that made it, and the way from one record to another.

>>> from idp_cdi.identity import Link
>>> links = [Link(1, 2, 9.0), Link(2, 3, 8.0), Link(1, 3, 5.0)]
>>> [(j.left, j.right, j.by) for j in joints((1, 2, 3), links)]
[(1, 2, 'match'), (2, 3, 'match')]
>>> [(j.left, j.right) for j in route(1, 3, links)]
[(1, 2), (2, 3)]
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from idp_cdi.identity._forest import Forest
from idp_cdi.identity.rulings import Standing, pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from idp_cdi.identity.types import Link

_NOTHING = Standing()


class Joint(NamedTuple):
    """One link that holds a cluster together; `by` is "match" or "person".

    `weight` is the match weight in bits (0 where only a person's decision joins), `probability`
    the match probability, `spare` how many further links join the same two parts.
    """

    left: int
    right: int
    weight: float
    probability: float
    by: str
    spare: int = 0


def joints(
    group: Sequence[int], links: Iterable[Link], decided: Standing = _NOTHING
) -> tuple[Joint, ...]:
    """The links that made a cluster, in the order in which they did: decisions, then by weight.

    Args:
        group: The records of the cluster.
        links: The joining links between them; others are left aside.
        decided: What persons decided.

    Returns:
        One joint less than there are records, if the cluster hangs together by what is given.
    """
    inside = set(group)
    usable = _usable(inside, links, decided)
    made = _tree(inside, usable)
    return tuple(joint._replace(spare=_spare(joint, made, usable, inside)) for joint in made)


def route(
    start: int, end: int, links: Iterable[Link], decided: Standing = _NOTHING
) -> tuple[Joint, ...]:
    """The strongest way from one record to another: its weakest link is as strong as can be.

    Args:
        start: A record.
        end: Another record.
        links: Joining links.
        decided: What persons decided; those declared same count as the strongest link.

    Returns:
        The joints on the way, in order; empty where there is none.
    """
    every = list(links)
    ends = {record for link in every for record in link[:2]} | {start, end}
    ends |= {record for place in decided.same for record in place}
    usable = _usable(ends, every, decided)
    near: dict[int, list[Joint]] = {}
    for joint in _tree(ends, usable):
        near.setdefault(joint.left, []).append(joint)
        near.setdefault(joint.right, []).append(joint)
    came: dict[int, Joint | None] = {start: None}
    front = [start]
    while front and end not in came:
        reached: list[int] = []
        for record in front:
            for joint in near.get(record, []):
                other = joint.right if joint.left == record else joint.left
                if other not in came:
                    came[other] = joint
                    reached.append(other)
        front = reached
    return _back(came, start, end)


def _back(came: dict[int, Joint | None], start: int, end: int) -> tuple[Joint, ...]:
    way: list[Joint] = []
    here = end
    while here != start:
        joint = came.get(here)
        if joint is None:
            return ()
        way.append(joint)
        here = joint.right if joint.left == here else joint.left
    return tuple(reversed(way))


def _usable(inside: set[int], links: Iterable[Link], decided: Standing) -> list[Joint]:
    """Every joint that may be used, the strongest first."""
    best: dict[tuple[int, int], Joint] = {}
    for left, right, weight, probability, _ in links:
        place = pair(left, right)
        if inside.issuperset(place) and place not in decided.different and left != right:
            known = best.get(place)
            if known is None or known.weight < weight:
                best[place] = Joint(*place, weight, probability, "match")
    for place in decided.same:
        if inside.issuperset(place):
            known = best.get(place)
            weight, probability = (known.weight, known.probability) if known else (0.0, 1.0)
            best[place] = Joint(*place, weight, probability, "person")
    return sorted(best.values(), key=lambda j: (_strength(j), j.left, j.right))


def _tree(records: set[int], usable: Iterable[Joint]) -> list[Joint]:
    """The joints that bring new records together, taken in the order given."""
    forest, made = Forest(sorted(records)), list[Joint]()
    for joint in usable:
        if forest.find(joint.left) != forest.find(joint.right):
            forest.join(joint.left, joint.right)
            made.append(joint)
    return made


def _strength(joint: Joint) -> float:
    return -math.inf if joint.by == "person" else -joint.weight


def _spare(joint: Joint, tree: list[Joint], usable: list[Joint], inside: set[int]) -> int:
    """How many further links join the two parts that this joint joins."""
    if len(inside) > 200:  # a question of interest for clusters that a person can look at
        return 0
    forest = Forest(sorted(inside))
    for other in tree:
        if other is not joint:
            forest.join(other.left, other.right)
    side = forest.find(joint.left)
    across = [j for j in usable if (forest.find(j.left) == side) != (forest.find(j.right) == side)]
    return len(across) - 1
