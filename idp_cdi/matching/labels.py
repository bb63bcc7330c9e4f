"""Answers of people about pairs: they teach the weights, and where to draw the line.

An answer counts like several unlabelled pairs when shares are learned. Then the threshold is set
where the clusters as a whole agree best with the answers; where several do as well, nearest to
even odds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from idp_cdi.errors import UnreadableInput
from idp_cdi.matching.clusters import cluster

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from idp_cdi.matching.clusters import Linkage

#: How many unlabelled pairs one answer counts for.
COUNTS = 10.0
_STEPS = np.arange(-8.0, 8.5, 1.0)


@dataclass(frozen=True, slots=True)
class Labels:
    """Pairs by row number and whether a person calls them the same."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    same: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.left)


def threshold_for(
    labels: Labels,
    size: int,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    weight: NDArray[np.float64],
    linkage: Linkage | None = None,
) -> float:
    """The threshold in bits at which clusters agree best with the answers, by F1 over them."""
    best = (-1.0, 0.0)
    for step in sorted(_STEPS, key=abs):
        found = cluster(size, left, right, weight, threshold=float(step), linkage=linkage)
        linked = found[labels.left] == found[labels.right]
        hits = float((linked & labels.same).sum())
        f1 = 2 * hits / max(float(linked.sum() + labels.same.sum()), 1.0)
        if f1 > best[0] + 1e-9:
            best = (f1, float(step))
    return best[1]


def read(path: Path, row_of: Mapping[str, int]) -> Labels:
    """Answers from a CSV file with the columns left, right and verdict (same or different).

    Answers about records that are not in the table, and any other verdict, are passed over.

    Raises:
        UnreadableInput: The file is missing or lacks a column.
    """
    import csv

    try:
        with path.open(encoding="utf-8", newline="") as source:
            rows = list(csv.DictReader(source))
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableInput("the answers can't be read", file=str(path)) from error
    if rows and not {"left", "right", "verdict"} <= set(rows[0]):
        raise UnreadableInput("answers need the columns left, right, verdict", file=str(path))
    known = [
        (row_of[r["left"]], row_of[r["right"]], r["verdict"] == "same")
        for r in rows
        if r["left"] in row_of and r["right"] in row_of and r["verdict"] in ("same", "different")
    ]
    ends = np.array([k[:2] for k in known], dtype=np.int64).reshape(-1, 2)
    return Labels(ends.min(axis=1), ends.max(axis=1), np.array([k[2] for k in known], dtype=bool))
