"""Records and links → clusters: the rule of `matching.clusters`, and what it left out.

Clustering itself is the same code for a table in memory and for the store; here records are
numbers of mentions, and every link that would have joined two clusters and did not is reported as
a `Cut`, with the reason. The outcome depends on the connected component alone, and ties are broken
by the records' rank, so neither unrelated records nor the order of arrival change it.

>>> weak = [Link(1, 2, 20), Link(2, 3, 20), Link(1, 3, 20), Link(3, 4, 6)]
>>> weak += [Link(4, 5, 20), Link(5, 6, 20), Link(4, 6, 20)]
>>> partition(range(1, 7), weak, rules=Rules(link=5.0)).cuts
(Cut(left=3, right=4, weight=6, why='others'),)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from idp_cdi.identity.rulings import Standing
from idp_cdi.identity.types import Link, Rules

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence

_NOTHING = Standing()
_RULES = Rules()


class Cut(NamedTuple):
    """A link that would have joined two clusters and was left out.

    `why` is "person" (declared different), "marks" (different valid identifiers, or a person and a
    firm), "others" (taken together, the other records of the two clusters speak against it) or
    "contradiction" (a person's "same" that another one of their decisions rules out).
    """

    left: int
    right: int
    weight: float
    why: str


@dataclass(frozen=True, slots=True)
class Partition:
    """The clusters: `groups` are sorted tuples of records, in order; `cuts` what was left out."""

    groups: tuple[tuple[int, ...], ...]
    cuts: tuple[Cut, ...] = ()

    @property
    def labels(self) -> dict[int, int]:
        """Record → the least record of its cluster."""
        return {record: group[0] for group in self.groups for record in group}


def partition(
    records: Iterable[int],
    links: Iterable[Link],
    decided: Standing = _NOTHING,
    *,
    rules: Rules = _RULES,
    marks: Mapping[int, Sequence[tuple[str, str]]] | None = None,
    rank: Mapping[int, Hashable] | None = None,
) -> Partition:
    """Put records into clusters.

    Args:
        records: All records; links and decisions about others are left aside.
        links: Compared pairs, those that speak against a match too, in any order; of one pair the
            heaviest counts.
        decided: What persons decided.
        rules: When links join.
        marks: For records that have some, the (kind, value) pairs of which one customer has one
            value a kind; see `marks`.
        rank: What breaks ties between equal weights, comparable and the same whatever the order
            of arrival; the record numbers themselves where left out.

    Returns:
        The clusters and the links left out.
    """
    known, links = sorted(set(records)), list(links)
    place = {record: n for n, record in enumerate(known)}
    best = _best(links, place)
    same = [p for p in sorted(decided.same, key=decided.same.__getitem__) if _inside(p, place)]
    different = [p for p in decided.different if _inside(p, place)]
    own = {m: v for m, v in (marks or {}).items() if m in place} if rules.respect_marks else {}
    copies = {(link.left, link.right) for link in links if link.copy}
    label = _clustered(known, place, best, copies, same, different, rules, own, rank)
    groups: dict[int, list[int]] = {}
    for record, least in zip(known, label, strict=True):
        groups.setdefault(least, []).append(record)
    names = dict(zip(known, label, strict=True))
    cuts = _cuts(names, best, rules, different, own)
    cuts += [Cut(a, b, 0.0, "contradiction") for a, b in same if names[a] != names[b]]
    return Partition(
        tuple(sorted(tuple(members) for members in groups.values())),
        tuple(sorted(_strongest(names, cuts))),
    )


def _inside(pair: tuple[int, int], place: Mapping[int, int]) -> bool:
    return pair[0] in place and pair[1] in place


def _best(links: Iterable[Link], place: Mapping[int, int]) -> dict[tuple[int, int], float]:
    """The weight of each pair of known records, the heaviest where there are several."""
    best: dict[tuple[int, int], float] = {}
    for left, right, weight, *_ in links:
        if left in place and right in place and left != right:
            pair = (left, right) if left < right else (right, left)
            if weight > best.get(pair, weight - 1):
                best[pair] = weight
    return best


def _clustered(
    known: Sequence[int],
    place: Mapping[int, int],
    best: Mapping[tuple[int, int], float],
    copies: Collection[tuple[int, int]],
    same: Sequence[tuple[int, int]],
    different: Sequence[tuple[int, int]],
    rules: Rules,
    own: Mapping[int, Sequence[tuple[str, str]]],
    rank: Mapping[int, Hashable] | None,
) -> list[int]:
    """The least place of each record's cluster."""
    if not best and not same:
        return list(range(len(known)))
    import numpy as np

    from idp_cdi.matching.clusters import Linkage, Mark, cluster

    count = len(best)
    order = sorted(range(len(known)), key=lambda n: rank[known[n]]) if rank is not None else None  # type: ignore[arg-type,return-value]
    ranked = None
    if order is not None:
        ranked = np.empty(len(known), dtype=np.int64)
        ranked[order] = np.arange(len(known), dtype=np.int64)
    found = cluster(
        len(known),
        np.fromiter((place[a] for a, _ in best), dtype=np.int64, count=count),
        np.fromiter((place[b] for _, b in best), dtype=np.int64, count=count),
        np.fromiter(best.values(), dtype=np.float64, count=count),
        threshold=rules.link,
        linkage=Linkage(closure=rules.closure),
        same=[(place[a], place[b]) for a, b in same],
        different=[(place[a], place[b]) for a, b in different],
        marks=[Mark(place[m], kind, value) for m, many in own.items() for kind, value in many],
        rank=ranked,
        copies=np.fromiter((pair in copies for pair in best), dtype=np.bool_, count=count),
    )
    labels: list[int] = found.tolist()
    return labels


def _cuts(
    names: Mapping[int, int],
    best: Mapping[tuple[int, int], float],
    rules: Rules,
    different: Iterable[tuple[int, int]],
    own: Mapping[int, Sequence[tuple[str, str]]],
) -> list[Cut]:
    """Every link between two clusters, with the reason why it joined them not."""
    open_ = [
        (a, b, weight)
        for (a, b), weight in best.items()
        if weight >= rules.link and names[a] != names[b]
    ]
    if not open_:
        return []
    apart = {_pair(names[a], names[b]) for a, b in different}
    values: dict[int, dict[str, set[str]]] = {}
    for record, many in own.items():
        for kind, value in many:
            values.setdefault(names[record], {}).setdefault(kind, set()).add(value)

    def why(a: int, b: int) -> str:
        if _pair(a, b) in apart:
            return "person"
        one, other = values.get(a, {}), values.get(b, {})
        clash = any(one[k].isdisjoint(other[k]) for k in one.keys() & other.keys())
        return "marks" if clash else "others"

    return [Cut(a, b, weight, why(names[a], names[b])) for a, b, weight in open_]


def _pair(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _strongest(names: Mapping[int, int], refused: Iterable[Cut]) -> list[Cut]:
    """Of the links left out between two clusters, the heaviest one of each reason."""
    found: dict[tuple[int, int, str], Cut] = {}
    for cut in refused:
        place = (*_pair(names[cut.left], names[cut.right]), cut.why)
        if place not in found or (-cut.weight, cut) < (-found[place].weight, found[place]):
            found[place] = cut
    return list(found.values())
