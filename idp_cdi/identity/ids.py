"""Clusters → customer ids, so that an id lives as long as what it was issued for.

An id is issued once, for an anchor record, with a running number. A cluster bears the least number
anchored in it; the other numbers anchored in it redirect to that one. A cluster without an anchor
gets a new id, anchored at its oldest record. Since anchors never move, every id ever issued
resolves, and after an undo each part has its old id back.

>>> issued = [Issued(1, anchor=10), Issued(2, anchor=11)]
>>> assign([(10, 11)], issued).bears
{(10, 11): 1}
>>> assign([(10,), (11,)], issued).bears
{(10,): 1, (11,): 2}
>>> assign([(12, 13)], issued, fresh=3)
Assigned(bears={(12, 13): 3}, minted=(Issued(number=3, anchor=12),), redirects={})
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from idp_cdi.identity.rulings import Standing, pair

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from idp_cdi.identity.types import Link

_NOTHING = Standing()


class Issued(NamedTuple):
    """A customer id that was issued: its running number, and the record it was issued for."""

    number: int
    anchor: int


@dataclass(frozen=True, slots=True)
class Assigned:
    """What each cluster is called.

    Attributes:
        bears: Cluster → its id's number.
        minted: Ids that had to be issued now, to be appended to the log.
        redirects: Numbers that mean another customer now → that customer's number.
    """

    bears: dict[tuple[int, ...], int]
    minted: tuple[Issued, ...]
    redirects: dict[int, int]


def _itself(record: int) -> int:
    return record


def assign(
    groups: Iterable[tuple[int, ...]],
    issued: Iterable[Issued],
    *,
    fresh: int = 1,
    age: Callable[[int], object] = _itself,
    heirs: Mapping[int, int] | None = None,
) -> Assigned:
    """Give each cluster its id.

    Args:
        groups: Clusters; all of them, or those that changed.
        issued: Every id that was issued, or at least those anchored in `groups`.
        fresh: The first number that was never issued.
        age: What orders records from old to new; the record number where left out.
        heirs: For deleted records, the living one whose cluster their ids go with; see `heirs`.

    Returns:
        Ids by cluster, new ids, redirects among the ids given.
    """
    many = list(groups)
    at = {record: i for i, group in enumerate(many) for record in group}
    numbers: list[list[int]] = [[] for _ in many]
    left_to = heirs or {}
    for number, anchor in issued:
        place = at.get(left_to.get(anchor, anchor))
        if place is not None:
            numbers[place].append(number)
    bears: dict[tuple[int, ...], int] = {}
    redirects: dict[int, int] = {}
    waiting: list[tuple[int, ...]] = []
    for group, own in zip(many, numbers, strict=True):
        if not own:
            waiting.append(group)
            continue
        bears[group] = first = min(own)
        redirects.update((n, first) for n in own if n != first)
    minted: list[Issued] = []
    oldest = sorted((min(group, key=age), group) for group in waiting)  # type: ignore[arg-type]
    oldest.sort(key=lambda pair: age(pair[0]))  # type: ignore[arg-type,return-value]
    for anchor, group in oldest:
        number = fresh + len(minted)
        minted.append(Issued(number, anchor))
        bears[group] = number
    return Assigned(bears, tuple(minted), dict(sorted(redirects.items())))


def heirs(
    gone: Iterable[int],
    links: Iterable[Link],
    decided: Standing = _NOTHING,
    rank: Mapping[int, Hashable] | None = None,
) -> dict[int, int]:
    """Deleted records → the living record each was linked with most strongly before.

    A customer must not lose its id because one system deletes its row. A deleted record joins
    nothing any more; but the ids anchored in it go with its heir.

    Args:
        gone: Records that are deleted.
        links: The joining links of records, those that deleted ones had at last included.
        decided: What persons decided: a record declared same is the first heir, one declared
            different never is one.
        rank: What breaks ties; the record numbers where left out.

    Returns:
        An heir for each deleted record that had a link to a living one.

    >>> from idp_cdi.identity import Link
    >>> heirs([1], [Link(1, 2, 9.0), Link(1, 3, 12.0)])
    {1: 3}
    """
    dead = set(gone)
    best: dict[int, tuple[float, object, int]] = {}
    claims = [(left, right, weight) for left, right, weight, *_ in links]
    claims += [(left, right, math.inf) for left, right in decided.same]
    for left, right, weight in claims:
        for lost, other in ((left, right), (right, left)):
            if lost in dead and other not in dead and pair(left, right) not in decided.different:
                claim = (-weight, rank[other] if rank is not None else other, other)
                if lost not in best or claim < best[lost]:
                    best[lost] = claim
    return {lost: claim[2] for lost, claim in sorted(best.items())}


def resolve(number: int, issued: Mapping[int, int], bears: Mapping[int, int]) -> int | None:
    """What an id means today.

    Args:
        number: The id's number.
        issued: Number → anchor record, of every id ever issued.
        bears: Record → number of the customer that it belongs to now.

    Returns:
        The number of the customer; itself where its anchor belongs to no cluster any more (the
        record was deleted); None where the id was never issued.
    """
    anchor = issued.get(number)
    return None if anchor is None else bears.get(anchor, number)
