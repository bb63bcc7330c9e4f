"""What persons decided about pairs of records, and which of it holds now.

Of several decisions about one pair the latest holds; a withdrawn one vanishes as if it had never
been. "Unsure" says nothing about identity: it only keeps the question open.

>>> rulings = [Ruling(1, 2, "same", 1), Ruling(1, 2, "withdrawn", 2), Ruling(2, 3, "different", 3)]
>>> standing(rulings)
Standing(same={}, different=frozenset({(2, 3)}), unsure=frozenset())
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Ruling(NamedTuple):
    """A person's decision about two records.

    `verdict` is same, different, unsure or withdrawn; `order` its place in the log.
    """

    left: int
    right: int
    verdict: str
    order: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The decisions that hold now, by pair (the lesser record first).

    `same` maps a pair to its place in the log: where persons contradict themselves over three
    records, the later decision holds.
    """

    same: dict[tuple[int, int], int] = field(default_factory=dict)
    different: frozenset[tuple[int, int]] = frozenset()
    unsure: frozenset[tuple[int, int]] = frozenset()


def pair(left: int, right: int) -> tuple[int, int]:
    """The two records, the lesser one first."""
    return (left, right) if left < right else (right, left)


def standing(rulings: Iterable[Ruling]) -> Standing:
    """The decisions that hold.

    Args:
        rulings: All decisions of persons, in any order.

    Returns:
        The latest verdict of each pair, by kind.
    """
    last: dict[tuple[int, int], Ruling] = {}
    for ruling in rulings:
        place = pair(ruling.left, ruling.right)
        if place not in last or last[place].order < ruling.order:
            last[place] = ruling
    return Standing(
        {place: r.order for place, r in sorted(last.items()) if r.verdict == "same"},
        frozenset(place for place, r in last.items() if r.verdict == "different"),
        frozenset(place for place, r in last.items() if r.verdict == "unsure"),
    )
