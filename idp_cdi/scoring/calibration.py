"""Confidence that means what it says: calibrators, and the figures that show whether they work.

A calibrator maps a model's score (0–1) to the share of right answers among held-back cases with
that score. Kept as readable JSON: knots of a monotone, piecewise linear curve. Two fits:

* isotonic regression (pool adjacent violators) with as many cases as parameters can carry,
* Platt's logistic curve on the log-odds for small samples
  (https://www.cs.cornell.edu/~alexn/papers/calibration.icml05.crc.rev3.pdf compares both).

>>> curve = fit([0.1, 0.2, 0.8, 0.9] * 30, [False, False, True, True] * 30)
>>> curve(0.9) > 0.95 > 0.05 > curve(0.1)
True
>>> low, high = wilson(95, 100)
>>> round(low, 3), round(high, 3)
(0.888, 0.978)
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

_FEW = 150
"""Below this many cases a logistic curve is fitted, not isotonic steps."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A monotone, piecewise linear map from score to probability; `n` cases stand behind it."""

    xs: tuple[float, ...] = (0.0, 1.0)
    ys: tuple[float, ...] = (0.0, 1.0)
    n: int = 0

    def __call__(self, score: float) -> float:
        """The calibrated probability of `score`."""
        xs, ys = self.xs, self.ys
        i = bisect_right(xs, score)
        if i == 0:
            return ys[0]
        if i == len(xs):
            return ys[-1]
        x0, x1 = xs[i - 1], xs[i]
        return ys[i - 1] + (ys[i] - ys[i - 1]) * (score - x0) / (x1 - x0)


def fit(scores: Sequence[float], right: Sequence[bool]) -> Curve:
    """Fit the curve that suits the number of cases.

    Args:
        scores: What the model said, 0–1.
        right: Whether it was right.
    """
    if len(scores) < _FEW or sum(right) in (0, len(right)):
        return fit_platt(scores, right)
    return fit_isotonic(scores, right)


def fit_isotonic(scores: Sequence[float], right: Sequence[bool]) -> Curve:
    """Isotonic regression, its steps joined at their centres and shrunk by one case each way."""
    pools: list[list[float]] = []  # sum of x, right, count
    for x, same in groupby(sorted(zip(scores, right, strict=True)), key=lambda pair: pair[0]):
        ys = [y for _, y in same]  # cases with one score are one case, or their order would count
        pools.append([x * len(ys), float(sum(ys)), float(len(ys))])
        while len(pools) > 1 and (
            pools[-2][1] * pools[-1][2] >= pools[-1][1] * pools[-2][2]
            or pools[-2][0] / pools[-2][2] >= pools[-1][0] / pools[-1][2] - 1e-9
        ):
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    prior = sum(right) / len(right)
    knots, shares = [], []
    for total, good, n in pools:
        knots.append(total / n)
        shares.append((good + prior) / (n + 1.0))
    for i in range(1, len(shares)):  # the shrinking may have bent the order a little
        shares[i] = max(shares[i], shares[i - 1])
    return Curve(tuple(round(x, 6) for x in knots), tuple(round(y, 6) for y in shares), len(scores))


def fit_platt(scores: Sequence[float], right: Sequence[bool]) -> Curve:
    """A logistic curve on the log-odds of the score, with Platt's targets and a weak prior."""
    if not scores:
        return Curve()
    good = sum(right)
    high, low = (good + 1.0) / (good + 2.0), 1.0 / (len(scores) - good + 2.0)
    data = [(logit(x), high if y else low) for x, y in zip(scores, right, strict=True)]
    slope, shift = 1.0, 0.0
    for _ in range(50):  # Newton's steps; the prior (slope 1, shift 0) weighs as much as one case
        g0, g1, h00, h01, h11 = slope - 1.0, shift, 1.0, 0.0, 1.0
        for x, t in data:
            p = logistic(slope * x + shift)
            w = p * (1.0 - p)
            g0 += (p - t) * x
            g1 += p - t
            h00 += w * x * x
            h01 += w * x
            h11 += w
        det = h00 * h11 - h01 * h01
        step0, step1 = (h11 * g0 - h01 * g1) / det, (h00 * g1 - h01 * g0) / det
        # A whole step may overshoot where the curve is flat, and never come back.
        now, share = _loss(data, slope, shift), 1.0
        while share > 1e-4 and _loss(data, slope - share * step0, shift - share * step1) > now:
            share /= 2.0
        slope, shift = max(0.05, slope - share * step0), shift - share * step1
        if abs(step0) + abs(step1) < 1e-6:
            break
    xs = [i / 40 for i in range(41)]
    ys = [logistic(slope * logit(x) + shift) for x in xs]
    return Curve(tuple(xs), tuple(round(y, 6) for y in ys), len(scores))


def _loss(data: Sequence[tuple[float, float]], slope: float, shift: float) -> float:
    """What `fit_platt` makes as small as it can: surprise at the targets, and the prior."""
    total = ((slope - 1.0) ** 2 + shift**2) / 2.0
    for x, t in data:
        p = min(max(logistic(slope * x + shift), 1e-12), 1.0 - 1e-12)
        total -= t * math.log(p) + (1.0 - t) * math.log(1.0 - p)
    return total


def logit(p: float) -> float:
    """The log-odds of a probability, within ±9.2."""
    p = min(max(p, 1e-4), 1.0 - 1e-4)
    return math.log(p / (1.0 - p))


def logistic(x: float) -> float:
    """The probability with these log-odds."""
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, x))))


def save(path: Path, curves: Mapping[str, Curve], note: Mapping[str, str]) -> None:
    """Write curves by name ("date/text", "name/ocr" …) and a note as JSON."""
    data = {
        "note": dict(note),
        "curves": {k: {"n": c.n, "xs": c.xs, "ys": c.ys} for k, c in sorted(curves.items())},
    }
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def load(path: Path) -> dict[str, Curve]:
    """Read what `save` wrote."""
    data = json.loads(path.read_text(encoding="utf-8"))["curves"]
    return {k: Curve(tuple(c["xs"]), tuple(c["ys"]), c["n"]) for k, c in data.items()}


def wilson(right: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval for a share, 95 % by default; (0, 1) where there is no case."""
    if n == 0:
        return 0.0, 1.0
    share, zz = right / n, z * z
    centre = (share + zz / (2 * n)) / (1 + zz / n)
    half = z * math.sqrt(share * (1 - share) / n + zz / (4 * n * n)) / (1 + zz / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def ece(points: Iterable[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error over equal-width bins; 0 where there is no case."""
    sums: dict[int, float] = {}
    n = 0
    for confidence, right in points:
        slot = min(bins - 1, int(confidence * bins))
        sums[slot] = sums.get(slot, 0.0) + confidence - right
        n += 1
    return sum(abs(s) for s in sums.values()) / n if n else 0.0


def auroc(points: Iterable[tuple[float, bool]]) -> float | None:
    """Chance that a right answer has the higher confidence; ties half; None with one class only."""
    ranked = sorted(points)
    good = sum(1 for _, right in ranked if right)
    bad = len(ranked) - good
    if not good or not bad:
        return None
    won, below, i = 0.0, 0, 0
    while i < len(ranked):
        j = i
        while j < len(ranked) and ranked[j][0] == ranked[i][0]:
            j += 1
        ups = sum(1 for _, right in ranked[i:j] if right)
        downs = j - i - ups
        won += ups * (below + downs / 2)
        below += downs
        i = j
    return won / (good * bad)


def caught(points: Iterable[tuple[float, bool]], share: float = 0.1) -> float | None:
    """Share of all errors among the least certain `share` of the answers; None without errors."""
    ranked = sorted(points, key=lambda p: p[0])
    errors = sum(1 for _, right in ranked if not right)
    if not errors:
        return None
    return sum(1 for _, right in ranked[: round(len(ranked) * share)] if not right) / errors
