"""The report of a match run as one HTML page: columns, thresholds, match weights, block recall.

Everything is an estimate of the run itself, for nobody labelled its pairs. Precision from a
threshold on is the mean probability of the pairs above it, recall their share of the matches that
are expected; matches that no key found are estimated from records that hang together by others:
there all pairs are weighed, whether a key found them or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.matching import records, scoring
from idp_cdi.matching.levels import LEVELS
from idp_cdi.matching.model import RARITY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from idp_cdi.engines.local import Result
    from idp_cdi.matching.model import FieldModel, Frequencies, Model

_STEPS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
_WIDTH, _HEIGHT, _EDGE = 560.0, 220.0, 40.0
_BAR, _LABEL, _BITS, _MOST = 18.0, 290.0, 9.0, 20.0


@dataclass(frozen=True, slots=True)
class Threshold:
    """What is expected from a match probability on."""

    threshold: float
    pairs: int
    precision: float
    recall: float


def page(table: Any, result: Result, threshold: float, renamed: Mapping[str, str]) -> str:
    """The page as HTML.

    Args:
        table: The matched table.
        result: What the run found.
        threshold: The match probability from which records were put together.
        renamed: Columns of further tables and the name that they have in this one.
    """
    from jinja2 import Environment
    from markupsafe import Markup

    found = block_recall(table, result)
    rows = expected(result.pairs.probability, found)
    sizes = np.unique(result.clusters, return_counts=True)[1]
    summary = [
        ("records", f"{len(result.clusters):,}"),
        ("clusters", f"{len(sizes):,}"),
        ("clusters of several records", f"{int((sizes > 1).sum()):,}"),
        ("largest cluster", f"{int(sizes.max(initial=0)):,}"),
        ("compared pairs", f"{len(result.pairs.left):,}"),
        ("threshold", f"{threshold:.2f}"),
        ("block recall: matching pairs that a key found", f"{found:.3f}"),
    ]
    weights = [
        {"name": name, "chart": Markup(_bars(one, _group(result.model)))}
        for name, one in result.model.fields.items()
    ]
    elsewhere: dict[str, list[str]] = {}
    for other, name in renamed.items():
        elsewhere.setdefault(name, []).append(other)
    text = (files("idp_cdi") / "data" / "match.html.j2").read_text(encoding="utf-8")
    return Environment(autoescape=True).from_string(text).render(
        summary=summary, columns=result.columns, thresholds=rows, weights=weights,
        curve=Markup(_curve(rows, threshold)), elsewhere=elsewhere,
    )  # fmt: skip


def block_recall(table: Any, result: Result) -> float:
    """Of the matching pairs among records that hang together the share that a key found (0–1)."""
    prepared = records.prepare(table, result.model.plan)
    pairs = result.pairs
    known = pairs.left, pairs.right, pairs.weight
    weight = scoring.closed(result.model, prepared, known, 0.0)[2]
    matching = float((weight >= 0.0).sum())
    return 1.0 if not matching else float((pairs.weight >= 0.0).sum()) / matching


def expected(probability: NDArray[np.float64], found: float) -> list[Threshold]:
    """Precision and recall at some thresholds.

    Args:
        probability: Of the compared pairs.
        found: The share of matching pairs that are among them.
    """
    ordered = np.sort(probability)[::-1]
    total = float(ordered.sum()) / max(found, 1e-9)
    sums = np.concatenate(([0.0], np.cumsum(ordered)))
    out = []
    for step in _STEPS:
        many = int(np.searchsorted(-ordered, -step, side="right"))
        precision = float(sums[many]) / many if many else 1.0
        out.append(Threshold(step, many, precision, float(sums[many]) / max(total, 1e-9)))
    return out


def _group(model: Model) -> int:
    """The kind of party that came up most: it is the one whose weights are shown."""
    return int(np.argmax(model.prior[0]))


def _bars(part: FieldModel, group: int) -> str:
    """The levels of a field as bars from 0 to both sides."""
    share = np.log2(np.maximum(part.shares[0, group], 1e-6)) - part.chance[group]
    levels = list(enumerate(LEVELS[part.kind]))[1:]
    for number, level in levels:
        if level.agrees:
            share[number] += _usual(part.whole if level.exact else part.items, part.kind)
    middle = _LABEL + _MOST * _BITS
    lines = [f'<line x1="{middle}" y1="0" x2="{middle}" y2="{_BAR * len(levels)}"/>']
    for row, (number, level) in enumerate(levels):
        bits = float(np.clip(share[number], -_MOST, _MOST))
        y, wide = row * _BAR, abs(bits) * _BITS
        left = middle if bits >= 0 else middle - wide
        kind = "for" if bits >= 0 else "against"
        said = f"{share[number]:+.1f}"
        lines.append(
            f'<text x="0" y="{y + 13}">{escape(level.label)}</text>'
            f'<rect class="{kind}" x="{left:.1f}" y="{y + 3}" width="{wide:.1f}" height="12"/>'
            f'<text x="{max(left + wide, middle) + 6:.1f}" y="{y + 13}">{said}</text>'
        )
    size = f"{middle + _MOST * _BITS + 60:.0f} {_BAR * len(levels) + 4:.0f}"
    return f'<svg viewBox="0 0 {size}" role="img" width="680">{"".join(lines)}</svg>'


def _usual(seen: Frequencies, kind: str) -> float:
    """What sharing a value is worth on the average of the records, in bits."""
    if not len(seen.hashes):
        return 0.0
    return float(np.average(seen.bits(seen.hashes, RARITY[kind]), weights=seen.counts))


def _curve(rows: list[Threshold], threshold: float) -> str:
    """Precision and recall over the threshold as two lines."""

    def x(value: float) -> float:
        return _EDGE + value * (_WIDTH - 2 * _EDGE)

    def y(value: float) -> float:
        return _HEIGHT - _EDGE / 2 - value * (_HEIGHT - _EDGE)

    parts = []
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(f'<line x1="{x(0)}" y1="{y(value)}" x2="{x(1)}" y2="{y(value)}"/>')
        parts.append(f'<text x="4" y="{y(value) + 4}">{value:.2f}</text>')
        parts.append(f'<text x="{x(value) - 10}" y="{_HEIGHT - 3}">{value:.2f}</text>')
    here = x(threshold)
    parts.append(f'<line class="now" x1="{here}" y1="{y(0)}" x2="{here}" y2="{y(1)}"/>')
    for name in ("precision", "recall"):
        points = " ".join(f"{x(r.threshold):.1f},{y(getattr(r, name)):.1f}" for r in rows)
        parts.append(f'<polyline class="{name}" points="{points}"/>')
    size = f"{_WIDTH:.0f} {_HEIGHT:.0f}"
    return f'<svg viewBox="0 0 {size}" role="img" width="{_WIDTH:.0f}">{"".join(parts)}</svg>'
