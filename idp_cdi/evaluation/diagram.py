"""The reliability diagram: how often is a value right whose confidence was so and so?

Points on the diagonal are honest; the bar under each says how many values stand behind it.
See Guo et al., On Calibration of Modern Neural Networks, ICML 2017.

>>> reliability_svg([(0.95, True), (0.9, True), (0.2, False)]).startswith("<svg")
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.scoring.calibration import ece, wilson

if TYPE_CHECKING:
    from collections.abc import Iterable

_SIZE, _LEFT, _TOP, _FOOT = 320, 46, 18, 70


def reliability(
    points: Iterable[tuple[float, bool]], bins: int = 10
) -> list[tuple[float, float, int, int]]:
    """The table behind the diagram: from, to, values and how many of them are right, by bin.

    >>> reliability([(0.95, True), (0.9, False), (0.2, False)])
    [(0.2, 0.3, 1, 0), (0.9, 1.0, 2, 1)]
    """
    found: dict[int, list[bool]] = {}
    for confidence, right in points:
        found.setdefault(min(bins - 1, int(confidence * bins)), []).append(right)
    return [
        (slot / bins, (slot + 1) / bins, len(found[slot]), sum(found[slot]))
        for slot in sorted(found)
    ]


def reliability_svg(points: Iterable[tuple[float, bool]], bins: int = 10) -> str:
    """The diagram as one SVG text.

    Args:
        points: Confidence (0–1) and whether the value was right.
        bins: Equal-width bins of confidence.
    """
    many = list(points)
    slots: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for confidence, right in many:
        slots[min(bins - 1, int(confidence * bins))].append((confidence, right))
    most = max((len(s) for s in slots), default=1) or 1
    width, height = _SIZE + _LEFT + 16, _SIZE + _TOP + _FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="Reliability diagram" font-family="sans-serif" font-size="11">',
        f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIZE}" height="{_SIZE}" fill="none" '
        'stroke="#999"/>',
        _line(0, 0, 1, 1, "#999", dash="4 4"),
        *_axes(),
    ]
    for number, slot in enumerate(slots):
        if slot:
            parts += _slot(slot, number, bins, most)
    title = f"{len(many)} values, expected calibration error {ece(many):.3f}"
    parts.append(f'<text x="{_LEFT}" y="12">{title}</text></svg>')
    return "".join(parts)


def _slot(slot: list[tuple[float, bool]], number: int, bins: int, most: int) -> list[str]:
    mean = sum(c for c, _ in slot) / len(slot)
    right = sum(ok for _, ok in slot)
    low, high = wilson(right, len(slot))
    x, y = _x(mean), _y(right / len(slot))
    bar = 24 * len(slot) / most
    foot = _TOP + _SIZE + 30
    return [
        _line(mean, low, mean, high, "#2b6cb0"),
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#2b6cb0"/>',
        f'<rect x="{_x(number / bins) + 2:.1f}" y="{foot + 24 - bar:.1f}" '
        f'width="{_SIZE / bins - 4:.1f}" height="{bar:.1f}" fill="#cbd5e0"/>',
        f'<text x="{_x((number + 0.5) / bins):.1f}" y="{foot + 36}" '
        f'text-anchor="middle" font-size="9">{len(slot)}</text>',
    ]


def _axes() -> list[str]:
    parts = []
    for tick in (0, 0.25, 0.5, 0.75, 1):
        parts.append(
            f'<text x="{_LEFT - 6}" y="{_y(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>'
        )
        parts.append(
            f'<text x="{_x(tick):.1f}" y="{_TOP + _SIZE + 14}" text-anchor="middle">{tick:g}</text>'
        )
    middle = _TOP + _SIZE / 2
    parts.append(f'<text x="{_LEFT}" y="{_TOP + _SIZE + 27}">confidence</text>')
    parts.append(
        f'<text transform="rotate(-90 10 {middle})" x="10" y="{middle}" '
        'text-anchor="middle">share right</text>'
    )
    return parts


def _line(x0: float, y0: float, x1: float, y1: float, colour: str, dash: str = "") -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{_x(x0):.1f}" y1="{_y(y0):.1f}" x2="{_x(x1):.1f}" y2="{_y(y1):.1f}" '
        f'stroke="{colour}"{dashes}/>'
    )


def _x(share: float) -> float:
    return _LEFT + share * _SIZE


def _y(share: float) -> float:
    return _TOP + (1 - share) * _SIZE
