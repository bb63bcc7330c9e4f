"""Clusters from pairs."""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def components(size: int, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """The connected components of a graph: for each node the least node of its component."""
    label = np.arange(size, dtype=np.int64)
    while True:
        a, b = label[left], label[right]
        low = np.minimum(a, b)
        before = label.copy()
        np.minimum.at(label, a, low)
        np.minimum.at(label, b, low)
        label = label[label]
        label = label[label]
        if np.array_equal(label, before):
            return label
        open_ = label[left] != label[right]
        left, right = left[open_], right[open_]
