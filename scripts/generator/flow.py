"""Running text: paragraphs that go on from page to page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .blocks import Block, wrap
from .canvas import Canvas, Style
from .marks import Line, Piece, text_of


@dataclass(slots=True)
class Flow:
    """A column of text over as many pages as it takes."""

    canvas: Canvas
    style: Style
    left: float
    width: float
    top: float
    bottom: float
    y: float
    number: str = "plain"
    stretch: float = 1.0

    def turn(self) -> None:
        """Number the page and begin the next."""
        self.close()
        self.canvas.turn()
        self.y = self.top

    def close(self) -> None:
        """Print the page number."""
        page = len(self.canvas.sheets)
        text = {"plain": f"{page}", "dash": f"- {page} -", "page": f"Page {page}", "none": ""}[
            self.number
        ]
        style = self.style.but(size=min(9, self.style.size))
        self.canvas.write(
            self.left, self.canvas.height - 24, [Piece(text)], style, "centre", self.width
        )

    def paragraph(
        self, line: Line, *, style: Style | None = None, align: str = "left", indent: float = 0.0, first: float = 0.0, gap: float = 0.0,
    ) -> None:  # fmt: skip
        """Set a paragraph.

        Args:
            line: Its text.
            style: Other than the column's.
            align: left, right or centre.
            indent: Of all lines, in points.
            first: Of the first line, in addition, in points.
            gap: Room below, in points.
        """
        look = style or self.style
        for at, row in enumerate(wrap(line, look, self.width - indent, first=first)):
            step = look.leading * self.stretch
            if self.y + step > self.bottom:
                self.turn()
            self.y += step
            x = self.left + indent + (first if at == 0 else 0.0)
            self.canvas.write(x, self.y, row, look, align, self.width - indent)
        self.y += gap

    def block(self, block: Block, gap: float = 6.0, x: float = 0.0) -> None:
        """Place a block, on the next page where it no longer fits."""
        if self.y + block.height > self.bottom:
            self.turn()
        block.place(self.canvas, self.left + x, self.y)
        self.y += block.height + gap

    def paragraphs(self, many: Sequence[Line], gap: float = 4.0) -> None:
        """Several paragraphs."""
        for line in many:
            if text_of(line).strip():
                self.paragraph(line, gap=gap)
