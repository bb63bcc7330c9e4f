"""Logistic regression for a handful of figures and some hundred cases: fitted, kept and run.

Ridge on standardised figures by Newton's steps (iteratively reweighted least squares, Hastie,
Tibshirani and Friedman, *The Elements of Statistical Learning*, 4.4.1). Small enough to be kept as
readable JSON and run without numpy.

>>> one = fit([[0.0], [1.0], [2.0], [3.0]] * 20, [False, False, True, True] * 20, ridge=1.0)
>>> one([0.0]) < 0.1, one([3.0]) > 0.9
(True, True)
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from idp_cdi.scoring.calibration import logistic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Logistic:
    """A fitted regression; `n` cases stand behind it."""

    bias: float
    weights: tuple[float, ...]
    n: int = 0

    def __call__(self, figures: Sequence[float]) -> float:
        """The probability (0–1) for a row of figures."""
        terms = zip(self.weights, figures, strict=True)
        return logistic(self.bias + sum(w * x for w, x in terms))


def fit(rows: Sequence[Sequence[float]], right: Sequence[bool], *, ridge: float = 10.0) -> Logistic:
    """Fit a regression.

    Args:
        rows: One row of figures a case.
        right: Whether each case was right.
        ridge: Weight of the penalty on the standardised weights, in cases.
    """
    import numpy as np

    x, y = np.array(rows, float), np.array(right, float)
    mean, spread = x.mean(axis=0), x.std(axis=0)
    spread[spread < 1e-9] = math.inf  # a figure that never changes tells nothing
    table = np.column_stack([np.ones(len(x)), (x - mean) / spread])
    weights = np.zeros(table.shape[1])
    penalty = np.eye(len(weights)) * ridge
    penalty[0, 0] = 1e-3
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-np.clip(table @ weights, -60.0, 60.0)))
        curve = table.T @ (table * (p * (1.0 - p))[:, None]) + penalty
        step = np.linalg.solve(curve, table.T @ (p - y) + penalty @ weights)
        weights -= step
        if float(np.abs(step).max()) < 1e-9:
            break
    plain = weights[1:] / spread
    bias = float(weights[0] - plain @ mean)
    return Logistic(round(bias, 6), tuple(round(float(w), 6) for w in plain), len(x))


def save(path: Path, many: Mapping[str, Logistic], note: str) -> None:
    """Write regressions by name, and how they were made, as JSON."""
    data = {"note": note, "regressions": {k: asdict(v) for k, v in sorted(many.items())}}
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def load(path: Path) -> dict[str, Logistic]:
    """Read what `save` wrote; nothing where the file is not there."""
    if not path.is_file():
        return {}
    data = json.loads(path.read_text(encoding="utf-8"))["regressions"]
    return {k: Logistic(v["bias"], tuple(v["weights"]), v["n"]) for k, v in data.items()}
