"""Clusters from pairs: records of one party, put together where the evidence on the whole says so.

The one rule of clustering, for a table in memory and for the store:

1. What a person declared same is one group from the start, unless a person declared it different;
   of decisions that contradict each other the later holds.
2. Groups that are each other's surest neighbours join, round by round, as long as the *average*
   weight between their records is above the threshold. One weak bridge between two groups does
   not join them; many weak agreements with a whole group do.
3. Groups with a pair that a person declared different, or with two different marks of one kind
   (valid VAT numbers of one country), never join.

A pair that speaks clearly against a match counts what the model learned such pairs to mean among
records that hang together (`matching.closure`); in a component of very many records it counts like
one that was never compared. A cluster depends on the pairs of its connected component alone.
Weights are counted in thousandths of a bit and ties go by rank, so the order of records, pairs and
additions changes nothing.

>>> import numpy as np
>>> left, right = np.array([0, 1, 3, 2]), np.array([1, 2, 4, 3])
>>> cluster(5, left, right, np.array([9.0, 8.0, 7.0, -3.0])).tolist()
[0, 0, 0, 3, 3]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from idp_cdi.matching.closure import components, heard, said

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from numpy.typing import NDArray

_UNIT = 1000

__all__ = ["Linkage", "Mark", "cluster", "components"]


@dataclass(frozen=True, slots=True)
class Linkage:
    """How pairs add up between clusters, in bits.

    `most` and `least` bound what one pair may say; a pair that was never compared says `unseen`;
    `closure` is what pairs of each band of negative weights count (see `matching.closure`).
    """

    most: float = 12.0
    least: float = -4.0
    unseen: float = -0.5
    closure: tuple[float, ...] = ()


class Mark(NamedTuple):
    """A record's value of a kind of which one party has one value only."""

    record: int
    kind: Hashable
    value: Hashable


@dataclass(slots=True)
class _Edges:
    """Pairs of groups: `total` weight in thousandths of a bit over `pairs` compared pairs.

    Groups that are `barred` may not join.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    total: NDArray[np.int64]
    pairs: NDArray[np.int64]
    barred: NDArray[np.bool_]

    def take(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> _Edges:
        """Some of the edges."""
        return _Edges(
            self.left[which],
            self.right[which],
            self.total[which],
            self.pairs[which],
            self.barred[which],
        )

    def renamed(self, names: NDArray[np.int64]) -> _Edges:
        """The same edges between other nodes."""
        left, right = names[self.left], names[self.right]
        return _Edges(left, right, self.total, self.pairs, self.barred)


def cluster(
    size: int,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    weight: NDArray[np.float64],
    *,
    threshold: float = 0.0,
    linkage: Linkage | None = None,
    same: Sequence[tuple[int, int]] = (),
    different: Sequence[tuple[int, int]] = (),
    marks: Iterable[Mark] = (),
    rank: NDArray[np.int64] | None = None,
    copies: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """Put records into clusters.

    Give the pairs that speak against a match too, and those of `closure.open_pairs`: they keep
    clusters apart. `threshold` decides, not what is left out.

    Args:
        size: How many records there are.
        left: Row numbers of the pairs.
        right: Row numbers of the pairs, `left` < `right`; each pair once.
        weight: Match weights in bits, the prior included: 0 is even odds.
        threshold: Pairs below it join nothing, and clusters join only above it.
        linkage: How pairs add up.
        same: Pairs that a person calls one party, the earliest decision first.
        different: Pairs that a person calls two.
        marks: Values of which one party has one a kind; a group that a person put together in
            spite of them has none of that kind.
        rank: The place of each row in an order that does not depend on how they came: it breaks
            ties between equal weights. The row numbers where left out.
        copies: Marks the pairs of a copy (`right`) with its first (see `matching.copies`): it goes
            with that, if the pair joins or the first one is not alone (what speaks for that speaks
            for the copy too), and counts for nothing there.

    Returns:
        For each record the least record of its cluster.
    """
    place = np.arange(size, dtype=np.int64) if rank is None else np.asarray(rank, dtype=np.int64)
    weight = weight.round(3)
    if not len(same) and not (weight >= threshold).any():
        return np.arange(size, dtype=np.int64)
    if copies is not None and copies.any():
        label = cluster(
            size, left[~copies], right[~copies], weight[~copies], threshold=threshold,
            linkage=linkage, same=same, different=different, marks=marks, rank=rank,
        )  # fmt: skip
        return followed(label, left[copies], right[copies], weight[copies] >= threshold)
    rule = linkage or Linkage()
    together = np.array(same, dtype=np.int64).reshape(-1, 2)
    asunder = np.array(different, dtype=np.int64).reshape(-1, 2)
    joins = weight >= threshold
    joining = np.concatenate((np.column_stack((left[joins], right[joins])), together))
    home = components(size, joining[:, 0], joining[:, 1])
    # Most records of a large table are alone and most pairs lie between components, where they join
    # nothing: what is left is numbered anew.
    inside = home[left] == home[right]
    left, right, weight = left[inside], right[inside], weight[inside]
    nodes = _ranked(place, left, right, together, asunder)
    names = np.full(size, -1, dtype=np.int64)
    names[nodes] = np.arange(len(nodes))
    left, right = names[left], names[right]
    known = heard(len(nodes), left, right, weight, threshold)
    edges = _edges(left[known], right[known], weight[known], threshold, rule)
    apart = _pairs(names[asunder])
    label = _declared(len(nodes), _pairs(names[together]), apart)
    edges = _with_apart(edges, apart, label)
    told = (m._replace(record=int(names[m.record])) for m in marks if names[m.record] >= 0)
    label = _joined(label, edges, _Marks.of(len(nodes), told, label), rule)
    return _named(label, nodes, size)


def _ranked(place: NDArray[np.int64], *records: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rows that are among `records`, once each, by their place."""
    there = np.zeros(len(place), dtype=np.bool_)
    for some in records:
        there[some] = True
    rows = np.flatnonzero(there)
    return rows[np.argsort(place[rows], kind="stable")]


def _pairs(ends: NDArray[np.int64]) -> list[tuple[int, int]]:
    return [(a, b) for a, b in ends.tolist()]


def followed(
    label: NDArray[np.int64],
    first: NDArray[np.int64],
    copy: NDArray[np.int64],
    joins: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Put copies where their first one is, if their pair joins or the first is not alone."""
    goes = joins | (np.bincount(label)[label[first]] > 1)
    label[copy[goes]] = label[first[goes]]
    return label


def _edges(
    left: NDArray[np.int64], right: NDArray[np.int64], weight: NDArray[np.float64],
    threshold: float, rule: Linkage,
) -> _Edges:  # fmt: skip
    """Pairs as edges.

    What joins counts by how far it is above the threshold (at it is just above), what speaks
    against a match by that, and what lies between says nothing.
    """
    joins = weight >= threshold
    spoken = np.where(joins, weight - threshold, np.minimum(said(weight, rule.closure), 0.0))
    bits = np.rint(np.clip(spoken, rule.least, rule.most) * _UNIT).astype(np.int64)
    bits = np.where(joins, np.maximum(bits, 1), bits)
    none = np.zeros(len(left), dtype=np.bool_)
    return _Edges(left, right, bits, np.ones(len(left), dtype=np.int64), none)


def _declared(
    size: int, same: Sequence[tuple[int, int]], different: Sequence[tuple[int, int]]
) -> NDArray[np.int64]:
    """Groups that persons made, by least node; "different" outranks "same"."""
    label = np.arange(size, dtype=np.int64)
    groups: dict[int, set[int]] = {}
    enemies: dict[int, set[int]] = {}
    for a, b in different if same else ():
        enemies.setdefault(a, set()).add(b)
        enemies.setdefault(b, set()).add(a)
    for a, b in reversed(same):
        low, high = sorted((int(label[a]), int(label[b])))
        one, other = groups.get(low, {low}), groups.get(high, {high})
        if low == high or any(enemies.get(m, set()) & one for m in other):
            continue
        groups[low] = one | other
        groups.pop(high, None)
        label[list(other)] = low
    return label


def _with_apart(
    edges: _Edges, different: Sequence[tuple[int, int]], label: NDArray[np.int64]
) -> _Edges:
    """Edges between declared groups, with those that may not join marked."""
    if different:
        ends = np.array(different, dtype=np.int64)
        none = np.zeros(len(ends), dtype=np.int64)
        barred = np.ones(len(ends), dtype=np.bool_)
        edges = _Edges(
            np.concatenate((edges.left, ends[:, 0])),
            np.concatenate((edges.right, ends[:, 1])),
            np.concatenate((edges.total, none)),
            np.concatenate((edges.pairs, none)),
            np.concatenate((edges.barred, barred)),
        )
    return _contract(edges.renamed(label))


class _Marks:
    """The marks of groups: per kind a column with the number of the group's value, 0 for none."""

    def __init__(self, columns: list[NDArray[np.int32]]) -> None:
        self.columns = columns

    @classmethod
    def of(cls, size: int, marks: Iterable[Mark], label: NDArray[np.int64]) -> _Marks:
        """Of the groups that persons made."""
        numbers: dict[Hashable, dict[Hashable, int]] = {}
        columns: dict[Hashable, NDArray[np.int32]] = {}
        clash: set[tuple[Hashable, int]] = set()
        for record, kind, value in marks:
            values = numbers.setdefault(kind, {})
            number = values.setdefault(value, len(values) + 1)
            if kind not in columns:
                columns[kind] = np.zeros(size, dtype=np.int32)
            group = int(label[record])
            if columns[kind][group] not in (0, number):
                clash.add((kind, group))
            columns[kind][group] = number
        for kind, group in clash:
            columns[kind][group] = 0
        return cls([c for k, c in columns.items() if len(numbers[k]) > 1])

    def bar(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which pairs of groups differ in a mark."""
        found = np.zeros(len(left), dtype=np.bool_)
        for column in self.columns:
            a, b = column[left], column[right]
            found |= (a > 0) & (b > 0) & (a != b)
        return found

    def join(self, into: NDArray[np.int64], gone: NDArray[np.int64]) -> None:
        """Groups take over the marks of those that they join."""
        for column in self.columns:
            column[into] = np.maximum(column[into], column[gone])


def _joined(
    label: NDArray[np.int64], edges: _Edges, own: _Marks, rule: Linkage
) -> NDArray[np.int64]:
    """Join what belongs together, component by component."""
    size = len(label)
    joins = (edges.total > 0) & ~edges.barred
    whole = components(size, edges.left[joins], edges.right[joins])
    edges = edges.take(whole[edges.left] == whole[edges.right])
    groups = np.bincount(whole[label == np.arange(size)], minlength=size)
    records = np.bincount(label, minlength=size)
    # Most components are two records and one pair: no rounds are needed for them.
    simple = (groups[whole[edges.left]] == 2) & ~edges.barred & (edges.total > 0)
    simple &= (records[edges.left] == 1) & (records[edges.right] == 1)
    simple &= ~own.bar(edges.left, edges.right)
    target = np.arange(size, dtype=np.int64)
    target[edges.right[simple]] = edges.left[simple]
    unseen = round(rule.unseen * _UNIT)
    return _grow(target[label], edges.take(~simple), own, records, unseen)


def _grow(
    label: NDArray[np.int64], edges: _Edges, own: _Marks, sizes: NDArray[np.int64], unseen: int
) -> NDArray[np.int64]:
    """Join, round by round, clusters that are each other's surest neighbour."""
    target = np.arange(len(label), dtype=np.int64)
    while len(edges.left):
        possible = sizes[edges.left] * sizes[edges.right]
        total = edges.total + (possible - edges.pairs) * unseen
        free = (total > 0) & ~edges.barred
        free[free] = ~own.bar(edges.left[free], edges.right[free])
        good = np.flatnonzero(free)
        if not len(good):
            break
        mean = total[good] / possible[good]
        best = good[_mutual(edges.left[good], edges.right[good], mean, len(label))]
        a, b = edges.left[best], edges.right[best]
        target[b] = a
        sizes[a] += sizes[b]
        own.join(a, b)
        label = target[label]
        edges = _contract(edges.renamed(target))
    return label


def _mutual(
    left: NDArray[np.int64], right: NDArray[np.int64], mean: NDArray[np.float64], size: int
) -> NDArray[np.int64]:
    """The edges that are the best of both their ends; ties go to the lesser nodes."""
    order = np.lexsort((right, left, -mean))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    best = np.full(size, len(order), dtype=np.int64)
    np.minimum.at(best, left, rank)
    np.minimum.at(best, right, rank)
    return np.flatnonzero((best[left] == rank) & (best[right] == rank))


def _contract(edges: _Edges) -> _Edges:
    """Add up the edges between the same two groups."""
    edges.left, edges.right = (
        np.minimum(edges.left, edges.right),
        np.maximum(edges.left, edges.right),
    )
    edges = edges.take(edges.left != edges.right)
    if not len(edges.left):
        return edges
    edges = edges.take(np.lexsort((edges.right, edges.left)))
    low, high = edges.left, edges.right
    new = np.concatenate(([True], (low[1:] != low[:-1]) | (high[1:] != high[:-1])))
    at = np.flatnonzero(new)
    return _Edges(
        low[at],
        high[at],
        np.add.reduceat(edges.total, at),
        np.add.reduceat(edges.pairs, at),
        np.logical_or.reduceat(edges.barred, at),
    )


def _named(label: NDArray[np.int64], nodes: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Labels of nodes as labels of rows: for each row the least row of its cluster."""
    found = np.arange(size, dtype=np.int64)
    least = np.full(len(nodes), size, dtype=np.int64)
    np.minimum.at(least, label, nodes)
    found[nodes] = least[label]
    return found
