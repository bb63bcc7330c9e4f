"""Clusters from pairs: records of one party, put together where the evidence on the whole says so.

Connected components of the pairs above the threshold are only the start: within each, clusters
grow from single records, the surest neighbours first, as long as the *average* weight between two
clusters is positive. One weak bridge between two groups does not join them; many weak agreements
with a whole group do. A cluster depends on the pairs of its component alone, whatever the order.

>>> import numpy as np
>>> left, right = np.array([0, 1, 3, 2]), np.array([1, 2, 4, 3])
>>> cluster(5, left, right, np.array([9.0, 8.0, 7.0, -3.0])).tolist()
[0, 0, 0, 3, 3]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# More than any number of pairs can outweigh.
_VERDICT = 1e12


@dataclass(frozen=True, slots=True)
class Linkage:
    """How pairs add up between clusters, in bits.

    `most` and `least` bound what one pair may say; a pair that was never compared (the records
    share no key) says `unseen`.
    """

    most: float = 12.0
    least: float = -4.0
    unseen: float = -0.5


def components(size: int, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """The connected components of a graph: for each node the least node of its component."""
    label = np.arange(size, dtype=np.int64)
    while len(left):
        a, b = label[left], label[right]
        low, high = np.minimum(a, b), np.maximum(a, b)
        np.minimum.at(label, high, low)
        while True:
            next_ = label[label]
            if np.array_equal(next_, label):
                break
            label = next_
        open_ = label[left] != label[right]
        left, right = left[open_], right[open_]
    return label


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
) -> NDArray[np.int64]:
    """Put records into clusters.

    Give all pairs that were compared, those that speak against a match too: they keep clusters
    apart. `threshold` decides, not what is left out.

    Args:
        size: How many records there are.
        left: Row numbers of the pairs.
        right: Row numbers of the pairs, `left` < `right`; each pair once.
        weight: Match weights in bits, the prior included: 0 is even odds.
        threshold: Pairs below it join nothing, and clusters join only above it.
        linkage: How pairs add up.
        same: Pairs that a person calls one party: they outweigh everything.
        different: Pairs that a person calls two.

    Returns:
        For each record the least record of its cluster.
    """
    rule = linkage or Linkage()
    weight = np.clip(weight - threshold, rule.least, rule.most)
    left, right, weight = _with_verdicts(left, right, weight, same, different)
    whole = components(size, left[weight > 0], right[weight > 0])
    inside = whole[left] == whole[right]
    left, right, weight = left[inside], right[inside], weight[inside]
    members = np.bincount(whole, minlength=size)
    simple = (members[whole[left]] == 2) & (weight > 0)
    simple &= ~np.isin(whole[left], whole[left[weight <= 0]])
    label = np.arange(size, dtype=np.int64)
    label[right[simple]] = left[simple]
    busy = ~simple
    return _grow(label, left[busy], right[busy], weight[busy], rule.unseen)


def _with_verdicts(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    weight: NDArray[np.float64],
    same: Sequence[tuple[int, int]],
    different: Sequence[tuple[int, int]],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """The pairs with what persons said about some of them added."""
    if not same and not different:
        return left, right, weight
    ends = np.sort(np.array([*same, *different], dtype=np.int64), axis=1)
    says = np.repeat([_VERDICT, -_VERDICT], [len(same), len(different)])
    left, right = np.concatenate((left, ends[:, 0])), np.concatenate((right, ends[:, 1]))
    joined = _contract(left, right, np.concatenate((weight, says)), np.ones(len(left), np.int64))
    return joined[0], joined[1], joined[2]


def _grow(
    label: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    weight: NDArray[np.float64],
    unseen: float,
) -> NDArray[np.int64]:
    """Join, round by round, clusters that are each other's surest neighbour."""
    sizes = np.ones(len(label), dtype=np.int64)
    count = np.ones(len(left), dtype=np.int64)
    total = weight
    while len(left):
        possible = sizes[left] * sizes[right]
        mean = (total + (possible - count) * unseen) / possible
        good = np.flatnonzero(mean > 0)
        if not len(good):
            break
        best = _mutual(left[good], right[good], mean[good], len(label))
        a, b = left[good[best]], right[good[best]]
        target = np.arange(len(label), dtype=np.int64)
        target[b] = a
        sizes[a] += sizes[b]
        label = target[label]
        left, right, total, count = _contract(target[left], target[right], total, count)
    return label


def _mutual(
    left: NDArray[np.int64], right: NDArray[np.int64], mean: NDArray[np.float64], size: int
) -> NDArray[np.int64]:
    """The edges that are the best of both their ends; ties go to the lesser rows."""
    order = np.lexsort((right, left, -mean))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    best = np.full(size, len(order), dtype=np.int64)
    np.minimum.at(best, left, rank)
    np.minimum.at(best, right, rank)
    return np.flatnonzero((best[left] == rank) & (best[right] == rank))


def _contract(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    total: NDArray[np.float64],
    count: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Add up the edges between the same two clusters."""
    low, high = np.minimum(left, right), np.maximum(left, right)
    keep = low != high
    low, high, total, count = low[keep], high[keep], total[keep], count[keep]
    if not len(low):
        return low, high, total, count
    order = np.lexsort((total, high, low))
    low, high, total, count = low[order], high[order], total[order], count[order]
    new = np.concatenate(([True], (low[1:] != low[:-1]) | (high[1:] != high[:-1])))
    at = np.flatnonzero(new)
    return low[at], high[at], np.add.reduceat(total, at), np.add.reduceat(count, at)
