"""What all charts share: a frame with axes, round ticks, short numbers, escaped text.

>>> ticks(0, 87), ticks(0, 1), ticks(-3.2, 12)
([0, 20, 40, 60, 80, 100], [0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [-5, 0, 5, 10, 15])
>>> short(0), short(1234), short(1_250_000), short(0.125), short(-4500)
('0', '1,234', '1.25 M', '0.125', '-4,500')
>>> from decimal import Decimal
>>> short(Decimal("2500000.00")), short(Decimal("12.50"))
('2.5 M', '12.5')
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

WIDTH, HEIGHT = 560.0, 260.0


def ticks(low: float, high: float, wanted: int = 6) -> list[float]:
    """Round numbers that span `low` to `high`."""
    span = max(high - low, 1e-12)
    rough = span / max(wanted - 1, 1)
    size = 10.0 ** math.floor(math.log10(rough))
    step = min((s * size for s in (1, 2, 2.5, 5, 10) if s * size >= rough * 0.999), default=size)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    made = [round(i * step, 10) for i in range(first, last + 1)]
    return [int(t) if step >= 1 and float(t).is_integer() else t for t in made]


def short(number: float | Decimal) -> str:
    """A number as people read it."""
    number = float(number)
    for size, name in ((1e9, "bn"), (1e6, "M")):
        if abs(number) >= size:
            return f"{number / size:,.2f}".rstrip("0").rstrip(".") + f" {name}"
    if number.is_integer():
        return f"{number:,.0f}"
    return f"{number:,.3g}" if abs(number) < 100 else f"{number:,.0f}"


@dataclass(slots=True)
class Frame:
    """The drawing so far, and where a value lies in it."""

    title: str
    about: str
    low: float
    high: float
    left: float = 52.0
    right: float = 16.0
    top: float = 14.0
    foot: float = 44.0
    width: float = WIDTH
    height: float = HEIGHT
    parts: list[str] = field(default_factory=list)

    @property
    def across(self) -> float:
        """Width of the inner part."""
        return self.width - self.left - self.right

    def x(self, share: float) -> float:
        """Where 0-1 of the breadth lies."""
        return self.left + share * self.across

    def y(self, value: float) -> float:
        """Where a value lies."""
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.top + (1 - share) * (self.height - self.top - self.foot)

    def grid(self, marks: list[float], unit: str = "") -> None:
        """Horizontal lines with their numbers."""
        for mark in marks:
            y = self.y(mark)
            self.parts.append(
                f'<line class="g" x1="{self.left:.1f}" x2="{self.width - self.right:.1f}" '
                f'y1="{y:.1f}" y2="{y:.1f}"/>'
            )
            said = f"{mark:.0%}" if unit == "%" else _tick(mark)
            self.text(self.left - 7, y + 4, said, anchor="end")

    def every(self, labels: Sequence[str]) -> int:
        """Of so many labels one can stand below without touching the next."""
        return max(1, math.ceil(len(labels) * self.wide(labels) / self.across))

    def wide(self, labels: Sequence[str]) -> float:
        """How much room the longest of some labels needs, with the gap behind it."""
        return 7.3 * max(map(len, labels), default=1) + 6

    def text(
        self, x: float, y: float, said: str, *, anchor: str = "middle", cls: str = "k"
    ) -> None:
        """A label."""
        self.parts.append(
            f'<text class="{cls}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
            f"{escape(said)}</text>"
        )

    def below(self, said: str) -> None:
        """What the x axis shows."""
        self.text(self.left + self.across / 2, self.height - 6, said)

    def upright(self, x: float, said: str) -> None:
        """A dashed vertical mark with its name."""
        self.parts.append(
            f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{self.top:.1f}" '
            f'y2="{self.height - self.foot:.1f}"/>'
        )
        near_end = x > self.left + 0.8 * self.across
        self.text(x + (-5 if near_end else 5), self.top + 10, said,
                  anchor="end" if near_end else "start", cls="m")  # fmt: skip

    def svg(self) -> str:
        """The chart."""
        return (
            f'<svg class="chart" xmlns="http://www.w3.org/2000/svg" role="img" '
            f'viewBox="0 0 {self.width:.0f} {self.height:.0f}" '
            f'style="max-width:{self.width / 14:.0f}rem">'
            f"<title>{escape(self.title)}</title><desc>{escape(self.about)}</desc>"
            f"{''.join(self.parts)}</svg>"
        )


def _tick(mark: float) -> str:
    return f"{mark / 1000:g} k" if 10_000 <= abs(mark) < 1_000_000 else short(mark)


def tip(shape: str, said: str) -> str:
    """A shape (``<rect …/>``) with a tooltip."""
    name = shape[1:].split(maxsplit=1)[0]
    return f"{shape.removesuffix('/>')}><title>{escape(said)}</title></{name}>"
