"""Training gradient-boosted trees with numpy alone, for the models that users train themselves.

Histograms over at most 64 bins a feature, logistic loss, leaves split best-first by second-order
gain (Chen & Guestrin, XGBoost, KDD 2016, https://arxiv.org/abs/1603.02754, equations 5–7). The
result is `trees.Tree`, so training and running need no further package.

>>> x = np.array([[i % 7, i % 2] for i in range(200)], dtype=np.float32)
>>> forest = trees.Forest.join({"odd": grow(x, x[:, 1] > 0, Plan(rounds=60))}, ["a", "b"])
>>> low, high = forest.probability(np.array([[0, 0], [0, 1]], np.float32))[:, 0]
>>> bool(low < 0.1), bool(high > 0.9)
(True, True)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from idp_cdi.scoring import trees

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BINS = 64


@dataclass(frozen=True, slots=True)
class Plan:
    """How to grow.

    Attributes:
        rounds: Trees.
        leaves: Leaves of a tree at most.
        rate: How far each tree goes.
        least: Rows that a leaf needs.
        ridge: Weight against large leaves.
        features: Share of the features that each tree may use.
        rows: Share of the rows that each tree sees.
        seed: Of the random choices.
    """

    rounds: int = 150
    leaves: int = 12
    rate: float = 0.08
    least: int = 8
    ridge: float = 3.0
    features: float = 0.5
    rows: float = 0.8
    seed: int = 0


@dataclass(slots=True, eq=False)
class _Leaf:
    rows: NDArray[np.int64]
    gradient: float
    weight: float
    node: int = -1
    gain: float = 0.0
    feature: int = -1
    cut: int = 0


def grow(rows: NDArray[np.float32], right: NDArray[np.bool_], plan: Plan) -> list[trees.Tree]:
    """Train trees that tell right rows from wrong ones.

    Args:
        rows: One row of finite figures per case.
        right: The truth about each.
        plan: How to grow.

    Returns:
        The trees; the sum of their leaves is the log-odds.
    """
    random = np.random.default_rng(plan.seed)
    cuts = [_cuts(rows[:, f]) for f in range(rows.shape[1])]
    binned = np.stack(
        [np.searchsorted(c, rows[:, f], side="left") for f, c in enumerate(cuts)], axis=1
    ).astype(np.int16)
    target = right.astype(np.float64)
    share = min(max(float(target.mean()), 1e-4), 1 - 1e-4)
    start = float(np.log(share / (1 - share)))
    score = np.full(len(target), start)
    out = [trees.tree(0, float(np.finfo(np.float32).max), start, start)]
    useful = [f for f, c in enumerate(cuts) if len(c)]
    for _ in range(plan.rounds if useful else 0):
        guess = 1.0 / (1.0 + np.exp(-score))
        gradient, weight = target - guess, np.maximum(guess * (1.0 - guess), 1e-6)
        chosen = random.permutation(useful)[: max(1, round(plan.features * len(useful)))]
        sample = np.flatnonzero(random.random(len(target)) < plan.rows)
        grown, worth = _tree(binned, cuts, gradient, weight, sample, np.sort(chosen), plan)
        out.append(grown)
        score += worth
    return out


def _cuts(column: NDArray[np.float32]) -> NDArray[np.float32]:
    """Thresholds between the distinct values, at most `_BINS` of them; x <= cut goes left."""
    distinct = np.unique(column)
    if len(distinct) > _BINS:
        distinct = np.unique(np.quantile(column, np.linspace(0, 1, _BINS)).astype(np.float32))
    middle: NDArray[np.float32] = ((distinct[1:] + distinct[:-1]) / 2).astype(np.float32)
    return middle


def _tree(
    binned: NDArray[np.int16],
    cuts: list[NDArray[np.float32]],
    gradient: NDArray[np.float64],
    weight: NDArray[np.float64],
    sample: NDArray[np.int64],
    chosen: NDArray[np.int64],
    plan: Plan,
) -> tuple[trees.Tree, NDArray[np.float64]]:
    """Grow one tree; also what it adds to the score of every row."""
    root = _Leaf(sample, float(gradient[sample].sum()), float(weight[sample].sum()))
    _best_split(root, binned, gradient, weight, chosen, plan)
    # Nodes as (feature, cut, left, right); a child below 0 is leaf -1 - child.
    nodes: list[list[int]] = []
    open_leaves, hooks = [root], {id(root): (-1, 0)}
    while len(open_leaves) < plan.leaves:
        leaf = max(open_leaves, key=lambda n: n.gain)
        if leaf.gain <= 1e-6:
            break
        open_leaves.remove(leaf)
        left_rows = binned[leaf.rows, leaf.feature] <= leaf.cut
        nodes.append([leaf.feature, leaf.cut, 0, 0])
        parent, side = hooks.pop(id(leaf))
        if parent >= 0:
            nodes[parent][side] = len(nodes) - 1
        for side, rows in ((2, leaf.rows[left_rows]), (3, leaf.rows[~left_rows])):
            child = _Leaf(rows, float(gradient[rows].sum()), float(weight[rows].sum()))
            _best_split(child, binned, gradient, weight, chosen, plan)
            hooks[id(child)] = (len(nodes) - 1, side)
            open_leaves.append(child)
    values = []
    for n, leaf in enumerate(open_leaves):
        values.append(plan.rate * leaf.gradient / (leaf.weight + plan.ridge))
        parent, side = hooks[id(leaf)]
        if parent >= 0:
            nodes[parent][side] = -1 - n
    return _flatten(nodes, values, cuts), _run(nodes, values, binned)


def _best_split(
    leaf: _Leaf,
    binned: NDArray[np.int16],
    gradient: NDArray[np.float64],
    weight: NDArray[np.float64],
    chosen: NDArray[np.int64],
    plan: Plan,
) -> None:
    """Find the split of a leaf that gains most."""
    if len(leaf.rows) < 2 * plan.least:
        return
    width = _BINS + 1
    cells = binned[np.ix_(leaf.rows, chosen)].astype(np.int64)
    cells += np.arange(len(chosen)) * width
    flat, count = cells.ravel(), len(chosen)
    shape = (count, width)
    sums = [
        np.cumsum(np.bincount(flat, w, minlength=count * width).reshape(shape), axis=1)
        for w in (
            np.repeat(gradient[leaf.rows], count),
            np.repeat(weight[leaf.rows], count),
            None,
        )
    ]
    g, h, n = sums
    total_g, total_h, total_n = leaf.gradient, leaf.weight, len(leaf.rows)
    gain = (
        g**2 / (h + plan.ridge)
        + (total_g - g) ** 2 / (total_h - h + plan.ridge)
        - total_g**2 / (total_h + plan.ridge)
    )
    gain[(n < plan.least) | (total_n - n < plan.least)] = 0.0
    best = int(np.argmax(gain))
    leaf.gain = float(gain.flat[best])
    leaf.feature, leaf.cut = int(chosen[best // width]), best % width


def _run(
    nodes: list[list[int]], values: list[float], binned: NDArray[np.int16]
) -> NDArray[np.float64]:
    """The value of the leaf that each row falls into."""
    out = np.full(len(binned), values[0])
    todo = [(0, np.arange(len(binned)))] if nodes else []
    while todo:
        at, rows = todo.pop()
        if at < 0:
            out[rows] = values[-1 - at]
            continue
        feature, cut, left, right = nodes[at]
        goes_left = binned[rows, feature] <= cut
        todo += [(left, rows[goes_left]), (right, rows[~goes_left])]
    return out


def _flatten(
    nodes: list[list[int]], values: list[float], cuts: list[NDArray[np.float32]]
) -> trees.Tree:
    """The tree in the form that `trees.Forest` runs: leaves from left to right."""
    if not nodes:
        return trees.tree(0, float(np.finfo(np.float32).max), values[0], values[0])
    leaves: list[float] = []
    flat: list[tuple[int, float, int, int]] = []

    def walk(at: int) -> None:
        if at < 0:
            leaves.append(values[-1 - at])
            return
        feature, cut, left, right = nodes[at]
        low = len(leaves)
        walk(left)
        flat.append((feature, float(cuts[feature][cut]), low, len(leaves)))
        walk(right)

    walk(0)
    feature, threshold, low, high = zip(*flat, strict=True)
    return trees.Tree(feature, threshold, low, high, tuple(leaves))
