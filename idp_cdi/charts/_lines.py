"""Courses: lines over labels in order, with a band around one of them where it is uncertain.

>>> one = Line("P50", (1.0, 2.0, 4.0), low=(0.5, 1.0, 2.0), high=(2.0, 3.0, 6.0))
>>> lines(["w1", "w2", "w3"], [one], title="Cash").count("<polyline"), sparkline([1, 2])[:4]
(1, '<svg')
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp_cdi.charts._svg import Frame, short, ticks, tip

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Line:
    """A course; None where there is no value. `low` and `high` make a band around it."""

    name: str
    values: tuple[float | None, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


def lines(
    labels: Sequence[str],
    courses: Sequence[Line],
    *,
    title: str,
    below: str = "",
    unit: str = "",
    marks: Sequence[tuple[float, str]] = (),
    floor: float | None = 0.0,
) -> str:
    """Draw courses over the same labels.

    Args:
        labels: What the values stand for, in order.
        courses: Lines of as many values.
        title: What it is, for screen readers.
        below: What the labels are.
        unit: "%" shows shares (0-1) as per cent.
        marks: Dashed lines at positions (0 to len - 1) with names.
        floor: Where the axis begins at the latest; None: at the smallest value.
    """
    seen = [v for c in courses for v in (*c.values, *c.low, *c.high) if v is not None] or [0.0]
    low = min(seen) if floor is None else min(floor, *seen)
    steps = ticks(low, max(*seen, low + 1e-9), 5)
    said = "; ".join(f"{c.name}: {_first_last(c)}" for c in courses)
    frame = Frame(title, said, steps[0], steps[-1], foot=62.0 if len(courses) > 1 else 44.0)
    frame.grid(steps, unit)
    last = max(len(labels) - 1, 1)
    for number, course in enumerate(courses, 1):
        _band(frame, course, last, number)
        _course(frame, labels, course, last, number, unit)
    _labels(frame, labels, last)
    for place, name in marks:
        frame.upright(frame.x(place / last), name)
    if len(courses) > 1:
        _legend(frame, courses)
    if below:
        frame.below(below)
    return frame.svg()


def sparkline(values: Sequence[float]) -> str:
    """A small course of shares (0-1), the last one marked."""
    wide, tall = 96.0, 22.0
    last = max(len(values) - 1, 1)
    low, high = min([*values, 1.0]), max([*values, 0.0])
    span = max(high - low, 0.02)
    spots = [
        (3 + i / last * (wide - 6), 3 + (1 - (v - low) / span) * (tall - 6))
        for i, v in enumerate(values)
    ]
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    x, y = spots[-1] if spots else (3, tall / 2)
    said = " → ".join(f"{v:.1%}" for v in (values[0], values[-1])) if values else ""
    return (
        f'<svg class="spark" role="img" viewBox="0 0 {wide:.0f} {tall:.0f}"><title>{said}</title>'
        f'<polyline class="l1" points="{way}"/>'
        f'<circle class="c1" cx="{x:.1f}" cy="{y:.1f}" r="2.6"/></svg>'
    )


def _band(frame: Frame, course: Line, last: int, number: int) -> None:
    if not course.low:
        return
    up = [(frame.x(i / last), frame.y(v)) for i, v in enumerate(course.high)]
    down = [(frame.x(i / last), frame.y(v)) for i, v in enumerate(course.low)]
    around = " ".join(f"{x:.1f},{y:.1f}" for x, y in (*up, *reversed(down)))
    frame.parts.append(f'<polygon class="b{number}" points="{around}"/>')


def _course(
    frame: Frame, labels: Sequence[str], course: Line, last: int, number: int, unit: str
) -> None:
    spots = [
        (frame.x(i / last), frame.y(v), label, v)
        for i, (label, v) in enumerate(zip(labels, course.values, strict=True))
        if v is not None
    ]
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y, *_ in spots)
    frame.parts.append(f'<polyline class="l{number}" points="{way}"/>')
    size = 3 if len(spots) <= 16 else 1.8
    for x, y, label, value in spots:
        said = f"{value:.1%}" if unit == "%" else short(value)
        dot = f'<circle class="c{number}" cx="{x:.1f}" cy="{y:.1f}" r="{size}"/>'
        frame.parts.append(tip(dot, f"{course.name}, {label}: {said}"))


def _labels(frame: Frame, labels: Sequence[str], last: int) -> None:
    """The first and the last, which end where the axis does, and as many between as have room."""
    y, every = frame.height - frame.foot + 16, frame.every(labels)
    ends = (frame.x(0) + frame.wide(labels[:1]), frame.x(1) - frame.wide(labels[-1:]))
    for i, label in enumerate(labels):
        x, half = frame.x(i / last), frame.wide([label]) / 2
        if i in (0, len(labels) - 1):
            frame.text(x, y, label, anchor="end" if i and i == last else "start")
        elif i % every == 0 and ends[0] <= x - half and x + half <= ends[1]:
            frame.text(x, y, label)


def _legend(frame: Frame, courses: Sequence[Line]) -> None:
    x, y = frame.left, frame.height - 22
    for number, course in enumerate(courses, 1):
        frame.parts.append(
            f'<line class="l{number}" x1="{x:.0f}" x2="{x + 18:.0f}" '
            f'y1="{y - 4:.0f}" y2="{y - 4:.0f}"/>'
        )
        frame.text(x + 24, y, course.name, anchor="start", cls="n")
        x += 44 + 6.6 * len(course.name)


def _first_last(course: Line) -> str:
    known = [v for v in course.values if v is not None]
    return f"{short(known[0])} to {short(known[-1])}" if known else "no values"
