"""Gradient-boosted trees with numpy alone: what LightGBM trained, without importing LightGBM.

A node is a test ``x[feature] <= threshold``; when it fails, all leaves of its left subtree are
out. So each node owns a bit mask of the leaves that survive its failing, a tree's exit leaf is the
lowest bit that is left after AND-ing the masks of its failing nodes, and all trees of all fields
are walked at once without a loop (Lucchese et al., QuickScorer, SIGIR 2015,
https://doi.org/10.1145/2766462.2767733). Trees have at most 64 leaves; features are finite.

>>> forest = Forest.join({"f": [tree(0, 1.5, -1.0, 2.0)]}, ["x"])
>>> forest.raw(np.array([[1.0], [2.0]], dtype=np.float32))[:, 0].tolist()
[-1.0, 2.0]
"""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_CELLS = 150_000
"""Tests that run at once: their intermediate results stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree: per node feature, threshold and the leaf range [low, high) of its left subtree."""

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
    leaves: tuple[float, ...]


def tree(feature: int, threshold: float, left: float, right: float) -> Tree:
    """A stump: one test, two leaves."""
    return Tree((feature,), (threshold,), (0,), (1,), (left, right))


def from_lightgbm(booster: Any) -> list[Tree]:
    """The trees of a trained LightGBM booster (numerical features only), in order."""
    return [_flatten(info["tree_structure"]) for info in booster.dump_model()["tree_info"]]


def _flatten(root: dict[str, Any]) -> Tree:
    nodes: list[tuple[int, float, int, int]] = []
    leaves: list[float] = []

    def walk(node: dict[str, Any]) -> None:
        if "leaf_value" in node:
            leaves.append(float(node["leaf_value"]))
            return
        low = len(leaves)
        walk(node["left_child"])
        nodes.append((int(node["split_feature"]), float(node["threshold"]), low, len(leaves)))
        walk(node["right_child"])

    walk(root)
    if not nodes:  # a constant tree: a test that always holds keeps the arrays regular
        return Tree((0,), (float(np.finfo(np.float32).max),), (0,), (1,), (leaves[0], leaves[0]))
    feature, threshold, low, high = zip(*nodes, strict=True)
    return Tree(feature, threshold, low, high, tuple(leaves))


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """The trees of several models over the same features.

    Attributes:
        models: Names of the models, the columns of `raw`.
        features: Names of the features, the columns of the input.
    """

    models: tuple[str, ...]
    features: tuple[str, ...]
    arrays: Mapping[str, NDArray[Any]]
    plan: Plan

    @classmethod
    def join(cls, models: Mapping[str, Sequence[Tree]], features: Sequence[str]) -> Forest:
        """Put the trees of all models into flat arrays."""
        trees = [t for many in models.values() for t in many]
        width = max((len(t.leaves) for t in trees), default=1)
        if width > 64:
            raise ValueError("a tree may have at most 64 leaves")
        leaves = np.zeros((len(trees), width), dtype=np.float32)
        for i, t in enumerate(trees):
            leaves[i, : len(t.leaves)] = t.leaves
        counts = [len(t.feature) for t in trees]
        arrays: dict[str, NDArray[Any]] = {
            "feature": np.array([f for t in trees for f in t.feature], dtype=np.uint16),
            "threshold": np.array([x for t in trees for x in t.threshold], dtype=np.float32),
            "low": np.array([x for t in trees for x in t.low], dtype=np.uint8),
            "high": np.array([x for t in trees for x in t.high], dtype=np.uint8),
            "nodes": np.array(counts, dtype=np.uint8),
            "trees": np.array([len(many) for many in models.values()], dtype=np.uint16),
            "leaves": leaves,
        }
        return cls(tuple(models), tuple(features), arrays, _plan(arrays))

    def raw(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """The sum of the leaves (log-odds for a binary model), one column per model."""
        if not len(rows):
            return np.zeros((0, len(self.models)), dtype=np.float32)
        step = max(1, _CELLS // len(self.plan.feature))
        parts = [self._raw(rows[i : i + step]) for i in range(0, len(rows), step)]
        return np.concatenate(parts)

    def probability(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """`raw` through the logistic function, 0–1."""
        out: NDArray[np.float32] = (1.0 / (1.0 + np.exp(-self.raw(rows)))).astype(np.float32)
        return out

    def _raw(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        plan = self.plan
        failing = rows.take(plan.feature, axis=1) > plan.threshold
        lost = np.multiply(failing, plan.lost).reshape(len(rows), plan.deep, -1)
        alive = ~np.bitwise_or.reduce(lost, axis=1)
        values = plan.leaves.take(plan.first_leaf + _lowest(alive))
        out: NDArray[np.float32] = np.add.reduceat(values, plan.first_tree, axis=1)
        return out


class Plan(NamedTuple):
    """The trees as they are run: node k of every tree side by side, so that numpy works in rows.

    `lost` holds for each node the leaves that are out of reach when its test fails, a bit each;
    the first leaf still in reach is the tree's answer (QuickScorer, Lucchese et al., SIGIR 2015).
    Trees with fewer nodes are filled up with tests that never fail.
    """

    feature: NDArray[np.intp]
    threshold: NDArray[np.float32]
    lost: NDArray[Any]
    deep: int
    leaves: NDArray[np.float32]
    first_leaf: NDArray[np.intp]
    first_tree: NDArray[np.intp]


def _plan(arrays: Mapping[str, NDArray[Any]]) -> Plan:
    counts = arrays["nodes"].astype(np.intp)
    deep, many = int(counts.max(initial=1)), len(counts)
    width = arrays["leaves"].shape[1]
    kind = np.uint16 if width <= 16 else np.uint32 if width <= 32 else np.uint64
    starts = np.cumsum(counts) - counts
    place = np.arange(int(counts.sum())) - np.repeat(starts, counts)
    spot = place * many + np.repeat(np.arange(many), counts)
    feature = np.zeros(deep * many, dtype=np.intp)
    threshold = np.full(deep * many, np.inf, dtype=np.float32)
    lost = np.zeros(deep * many, dtype=kind)
    feature[spot], threshold[spot] = arrays["feature"], arrays["threshold"]
    one = np.uint64(1)
    low, high = arrays["low"].astype(np.uint64), arrays["high"].astype(np.uint64)
    # high is at most 63: the right subtree of any node holds at least one leaf.
    lost[spot] = (((one << high) - one) & ~((one << low) - one)).astype(kind)
    firsts = np.cumsum(arrays["trees"], dtype=np.intp) - arrays["trees"]
    leaves = np.ascontiguousarray(arrays["leaves"]).ravel()
    return Plan(feature, threshold, lost, deep, leaves, np.arange(many) * width, firsts)


def _lowest(alive: NDArray[Any]) -> NDArray[Any]:
    """The place of the lowest set bit of each number."""
    if alive.dtype == np.uint16:
        return _places().take(alive)
    wide = alive.astype(np.uint64)
    found: NDArray[Any] = np.log2((wide & (~wide + np.uint64(1))).astype(np.float64))
    return found.astype(np.intp)


@cache
def _places() -> NDArray[np.intp]:
    """For each number of 16 bits the place of its lowest set bit."""
    numbers = np.arange(1 << 16)
    out = np.zeros(1 << 16, dtype=np.intp)
    for bit in range(15, -1, -1):
        out[(numbers >> bit) & 1 == 1] = bit
    return out


def save(path: Path, forests: Mapping[str, Forest], note: Mapping[str, Any]) -> None:
    """Write forests and a note (version, date, command) to one compressed file.

    Args:
        path: The file; the ending should be ``.npz``.
        forests: By name.
        note: Anything that JSON can hold.
    """
    head = {
        "note": dict(note),
        "forests": {n: {"models": f.models, "features": f.features} for n, f in forests.items()},
    }
    arrays = {f"{n}/{k}": v for n, f in forests.items() for k, v in f.arrays.items()}
    text = np.frombuffer(json.dumps(head, sort_keys=True).encode(), dtype=np.uint8)
    np.savez_compressed(path, allow_pickle=False, head=text, **arrays)


def load(path: Path) -> tuple[dict[str, Forest], dict[str, Any]]:
    """Read what `save` wrote: the forests by name, and the note."""
    with zipfile.ZipFile(path) as data:
        head = json.loads(_array(data.read("head.npy")).tobytes())
        forests = {}
        for name, spec in head["forests"].items():
            arrays = {
                k: _array(data.read(f"{name}/{k}.npy"))
                for k in ("feature", "threshold", "low", "high", "nodes", "trees", "leaves")
            }
            forests[name] = Forest(
                tuple(spec["models"]), tuple(spec["features"]), arrays, _plan(arrays)
            )
    return forests, head["note"]


_HEADER = re.compile(rb"{'descr': '([<|][a-z]\d)', 'fortran_order': False, 'shape': \(([\d, ]+)\)")


def _array(data: bytes) -> NDArray[Any]:
    """An array as numpy wrote it (format 1.0); a tenth of what numpy takes for so small ones.

    Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
    """
    start = 10 + int.from_bytes(data[8:10], "little")
    head = _HEADER.match(data, 10, start)
    if data[:8] != b"\x93NUMPY\x01\x00" or head is None:
        raise ValueError("not an array of plain numbers")
    shape = [int(n) for n in head[2].split(b",") if n.strip()]
    return np.frombuffer(data, head[1].decode(), offset=start).reshape(shape)
