"""Records that hang together by others: the pairs among them, and what those pairs say.

Whoever is in one connected component with a pair's two records is likelier to be one party with
them than two records picked at random: in some tables a pair that speaks against a match is
nearly always a misspelt match all the same, in others (families, branches of one group) it is what
keeps two parties apart. Which it is shows in the table itself: how many such pairs are in one
cluster where clusters are made as strictly as can be. So every pair of a component is weighed
(`open_pairs`), and what a negative weight counts there is learned (`matching.training.closure_of`),
kept in the model and looked up (`said`).

>>> import numpy as np
>>> left, right = open_pairs(4, np.array([0, 1]), np.array([1, 2]), np.array([9.0, 8.0]), 0.0)
>>> list(zip(left.tolist(), right.tolist()))
[(0, 2)]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Pairs below this weight in bits (probability 0.05) count only within small components.
FLOOR = -4.248
#: In components of more records pairs that share no key stay unweighed: it bounds the work.
MOST = 128
#: Where bands of negative weights begin; the first one has no lower end.
BANDS = np.array([-12.0, -8.0, -6.0, -4.0, -2.0])


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


def said(weight: NDArray[np.float64], learned: Sequence[float]) -> NDArray[np.float64]:
    """What pairs count in their component, in bits.

    Args:
        weight: Match weights in bits.
        learned: What pairs of each band of `BANDS` count at the least; empty where nothing was
            learned.
    """
    if not len(learned):
        return weight
    least = np.asarray(learned, dtype=np.float64)[np.searchsorted(BANDS, weight, side="right")]
    return np.where(weight < 0.0, np.minimum(np.maximum(weight, least), 0.0), weight)


def heard(
    size: int,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    weight: NDArray[np.float64],
    threshold: float,
) -> NDArray[np.bool_]:
    """Which pairs count: all from `FLOOR`, below it those within components of at most `MOST`."""
    known: NDArray[np.bool_] = weight >= FLOOR
    low = np.flatnonzero(~known)
    if len(low):
        home, many = _homes(size, left, right, weight, threshold)
        x, y = home[left[low]], home[right[low]]
        known[low] = (x == y) & (many[x] <= MOST)
    return known


def open_pairs(
    size: int,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    weight: NDArray[np.float64],
    threshold: float,
    most: int = MOST,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The pairs within components of 3 to `most` records that are not among those given.

    Args:
        size: How many records there are.
        left: Row numbers of the known pairs.
        right: Row numbers of the known pairs, `left` < `right`.
        weight: Their weights in bits.
        threshold: The weight from which a pair joins.
        most: The most records of a component that is looked at.
    """
    home, many = _homes(size, left, right, weight, threshold)
    open_ = (many > 2) & (many <= most)
    inside = np.flatnonzero(open_[home])
    inside = inside[np.argsort(home[inside], kind="stable")]
    length = many[home[inside]]
    keys = [np.zeros(0, dtype=np.int64)]
    for count in np.unique(length).tolist():
        rows = inside[length == count].reshape(-1, count)
        i, j = np.triu_indices(count, 1)
        keys.append((rows[:, i] * size + rows[:, j]).ravel())
    wanted = np.concatenate(keys)
    there = np.flatnonzero(open_[home[left]])
    there = there[home[left[there]] == home[right[there]]]
    wanted = np.sort(wanted[~np.isin(wanted, left[there] * size + right[there])])
    return wanted // max(size, 1), wanted % max(size, 1)


def _homes(
    size: int,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    weight: NDArray[np.float64],
    threshold: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each record's component of joining pairs, and how many records each has."""
    joins = weight >= threshold
    home = components(size, left[joins], right[joins])
    return home, np.bincount(home, minlength=size)
