"""From a file's own coordinates to the upright page: points, origin top left.

A `Frame` knows the visible box of a PDF page (crop box inside media box, origin bottom left) and
how often it is turned clockwise by 90 degrees; `box` and `point` bring pdfium's coordinates into
the page as a person sees it.

>>> frame = Frame(0, 0, 200, 100, 90)
>>> frame.width, frame.height
(100, 200)
>>> frame.box(10, 80, 30, 90)
Box(x0=80, y0=10, x1=90, y1=30)
"""

from __future__ import annotations

from dataclasses import dataclass

from idp_cdi.documents import Box


@dataclass(frozen=True, slots=True)
class Frame:
    """The visible part of a page and its turn, in degrees clockwise (0, 90, 180 or 270)."""

    left: float
    bottom: float
    right: float
    top: float
    turn: int = 0

    @property
    def width(self) -> float:
        """Width of the upright page in points."""
        return self.top - self.bottom if self.turn % 180 else self.right - self.left

    @property
    def height(self) -> float:
        """Height of the upright page in points."""
        return self.right - self.left if self.turn % 180 else self.top - self.bottom

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """A rectangle of the file as a box of the upright page."""
        if self.turn == 0:
            return Box(left - self.left, self.top - top, right - self.left, self.top - bottom)
        if self.turn == 90:
            return Box(bottom - self.bottom, left - self.left, top - self.bottom, right - self.left)
        if self.turn == 180:
            return Box(
                self.right - right, bottom - self.bottom, self.right - left, top - self.bottom
            )
        return Box(self.top - top, self.right - right, self.top - bottom, self.right - left)


def turned(box: Box, width: float, height: float, turn: int) -> Box:
    """`box` after its page of `width` × `height` was turned clockwise by `turn` degrees.

    >>> turned(Box(1, 2, 3, 5), 10, 20, 90)
    Box(x0=15, y0=1, x1=18, y1=3)
    """
    x0, y0, x1, y1 = box
    if turn % 360 == 0:
        return box
    if turn % 360 == 90:
        return Box(height - y1, x0, height - y0, x1)
    if turn % 360 == 180:
        return Box(width - x1, height - y1, width - x0, height - y0)
    return Box(y0, width - x1, y1, width - x0)
