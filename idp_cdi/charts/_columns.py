"""Counts by class as upright columns.

>>> columns([("1", 3), ("2", 1)], title="Sizes", below="records").count("<rect")
2
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.charts._svg import Frame, short, ticks, tip

if TYPE_CHECKING:
    from collections.abc import Sequence


def columns(
    items: Sequence[tuple[str, float]],
    *,
    title: str,
    below: str = "",
    marks: Sequence[tuple[float, str]] = (),
    colours: Sequence[int] = (),
) -> str:
    """Draw a column for each item.

    Args:
        items: Label and value, in order.
        title: What it is, for screen readers.
        below: What the labels are.
        marks: Dashed lines at positions (in items from the left edge, 0 to len) with names.
        colours: Number of the page's colour (1-4) of each column; empty: all the first.
    """
    values = [v for _, v in items] or [0]
    steps = ticks(min(0, *values), max(*values, 1) if len(values) > 1 else max(values[0], 1), 5)
    said = ", ".join(f"{label}: {short(v)}" for label, v in items[:40])
    frame = Frame(title, said, steps[0], steps[-1])
    frame.grid(steps)
    slot = 1 / max(len(items), 1)
    every = frame.every([label for label, _ in items])
    for number, (label, value) in enumerate(items):
        x, wide = frame.x(number * slot), frame.across * slot
        gap = min(6.0, wide * 0.12)
        tall = max(abs(frame.y(value) - frame.y(0)), 1.5 if value else 0)
        y = frame.y(0) - (tall if value > 0 else 0)
        colour = colours[number] if colours else 1
        shape = (
            f'<rect class="c{colour}" x="{x + gap:.1f}" y="{y:.1f}" '
            f'width="{max(wide - 2 * gap, 1):.1f}" height="{tall:.1f}" rx="2"/>'
        )
        frame.parts.append(tip(shape, f"{label}: {short(value)}"))
        if number % every == 0:
            frame.text(x + wide / 2, frame.height - frame.foot + 16, label)
    for place, name in marks:
        frame.upright(frame.x(min(max(place * slot, 0), 1)), name)
    if below:
        frame.below(below)
    return frame.svg()
