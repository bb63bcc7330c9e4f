"""The reliability diagram: how often is a value right whose confidence was so and so?

Points on the diagonal are honest; the whisker is the 95 % interval, the columns below say how many
values stand behind each point. Guo et al., On Calibration of Modern Neural Networks, ICML 2017.

>>> reliability([(0.95, True), (0.9, True), (0.2, False)]).count("<circle")
2
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.charts._svg import Frame, tip
from idp_cdi.scoring.calibration import ece, wilson

if TYPE_CHECKING:
    from collections.abc import Sequence

_STEPS = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]


def reliability(points: Sequence[tuple[float, bool]], bins: int = 10) -> str:
    """Draw confidence (0-1) against the share that was right, in equal-width classes."""
    slots: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for confidence, right in points:
        slots[min(bins - 1, int(confidence * bins))].append((confidence, right))
    about = f"{len(points)} values, expected calibration error {ece(list(points)):.3f}"
    frame = Frame("Reliability of confidence", about, 0.0, 1.0, width=400, height=400, foot=86)
    frame.grid(_STEPS, "%")
    for step in _STEPS:
        frame.text(frame.x(step), frame.height - frame.foot + 16, f"{step:.0%}")
    a, b = (frame.x(0), frame.y(0)), (frame.x(1), frame.y(1))
    frame.parts.append(
        f'<line class="mark" x1="{a[0]:.1f}" y1="{a[1]:.1f}" x2="{b[0]:.1f}" y2="{b[1]:.1f}"/>'
    )
    most = max((len(s) for s in slots), default=1) or 1
    for number, slot in enumerate(slots):
        if slot:
            _slot(frame, slot, number, bins, most)
    frame.below("confidence; below: values in each class")
    return frame.svg()


def _slot(frame: Frame, slot: list[tuple[float, bool]], number: int, bins: int, most: int) -> None:
    mean = sum(c for c, _ in slot) / len(slot)
    right = sum(ok for _, ok in slot)
    low, high = wilson(right, len(slot))
    x, y = frame.x(mean), frame.y(right / len(slot))
    said = f"confidence {mean:.0%}: {right} of {len(slot)} right"
    frame.parts.append(
        f'<line class="l1" x1="{x:.1f}" x2="{x:.1f}" y1="{frame.y(low):.1f}" '
        f'y2="{frame.y(high):.1f}"/>'
    )
    frame.parts.append(tip(f'<circle class="c1" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>', said))
    tall, floor = 30 * len(slot) / most, frame.height - 22
    wide = frame.across / bins
    bar = (
        f'<rect class="c0" x="{frame.x(number / bins) + 2:.1f}" y="{floor - tall:.1f}" '
        f'width="{wide - 4:.1f}" height="{max(tall, 1):.1f}"/>'
    )
    frame.parts.append(tip(bar, said))
