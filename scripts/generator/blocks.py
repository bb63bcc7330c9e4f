"""Blocks: rectangles of text that are made first and placed afterwards."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .canvas import Canvas, Shape, Style
from .fonts import text_width
from .marks import Line, Mark, Piece, text_of

Pair = tuple[str, Line]


@dataclass(slots=True)
class Set:
    """A line in a block: offset of its base line from the block's top left, and how it is set."""

    x: float
    y: float
    line: Line
    style: Style
    align: str = "left"
    width: float = 0.0


@dataclass(slots=True)
class Block:
    """Lines and shapes in a rectangle of known size."""

    width: float
    height: float = 0.0
    lines: list[Set] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)

    def place(self, canvas: Canvas, x: float, y: float) -> None:
        """Set the block with its top left at (x, y)."""
        for one in self.lines:
            canvas.write(x + one.x, y + one.y, one.line, one.style, one.align, one.width)
        for kind, x0, y0, x1, y1, grey in self.shapes:
            canvas.sheet.shapes.append(Shape(kind, x + x0, y + y0, x + x1, y + y1, grey))

    def frame(self, pad: float = 4.0) -> Block:
        """The block in a box."""
        out = Block(self.width, self.height + 2 * pad)
        for one in self.lines:
            room = one.width and one.width - 2 * pad
            out.lines.append(Set(one.x + pad, one.y + pad, one.line, one.style, one.align, room))
        out.shapes = [*self.shapes, Shape("box", 0, 0, self.width, out.height)]
        return out


def label_piece(text: str) -> Piece:
    """A label; the NER learns what labels look like."""
    return Piece(text, (Mark("label", (), "", "LABEL"),))


def wrap(line: Line, style: Style, width: float, *, first: float = 0.0) -> list[list[Piece]]:
    """`line` broken at blanks so that each part is no wider than `width`, the first by `first` less."""
    if text_width(text_of(line), style.face, style.size, bold=style.bold) <= width - first:
        return [list(line)]
    tokens: list[Piece] = []
    for text, marks in line:
        tokens.extend(Piece(part, marks) for part in re.findall(r"\S+|\s+", text))
    rows: list[list[Piece]] = [[]]
    used = first
    for at, token in enumerate(tokens):
        wide = text_width(token.text, style.face, style.size, bold=style.bold)
        follow = wide
        # a word may be made of several pieces ("€" + "5,00"): they stay on one line
        for later in tokens[at + 1 :]:
            if token.text.isspace() or later.text.isspace():
                break
            follow += text_width(later.text, style.face, style.size, bold=style.bold)
        begins = at == 0 or tokens[at - 1].text.isspace()
        if begins and rows[-1] and used + follow > width and not token.text.isspace():
            while rows[-1] and rows[-1][-1].text.isspace():
                rows[-1].pop()
            rows.append([])
            used = 0.0
        if token.text.isspace() and not rows[-1]:
            continue
        rows[-1].append(token)
        used += wide
    return [row for row in rows if row] or [[]]


def lines(
    many: Sequence[Line], style: Style, width: float, *, align: str = "left", first: Style | None = None,
    leading: float = 0.0,
) -> Block:  # fmt: skip
    """Lines under each other, broken where they are too wide; the first in style `first`."""
    out = Block(width)
    y = 0.0
    for at, line in enumerate(many):
        look = first if first is not None and at == 0 else style
        step = max(leading, look.leading)
        for row in wrap(line, look, width):
            y += step
            out.lines.append(Set(0, y - look.size * 0.3, row, look, align, width))
    out.height = y
    return out


def stack(blocks: Sequence[Block], gap: float = 4.0) -> Block:
    """Blocks under each other."""
    out = Block(max((b.width for b in blocks), default=0.0))
    for at, block in enumerate(blocks):
        if at:
            out.height += gap
        put(out, block, 0, out.height)
        out.height += block.height
    return out


def put(into: Block, block: Block, x: float, y: float) -> None:
    """Copy the content of `block` to (x, y) of `into`."""
    for one in block.lines:
        into.lines.append(Set(x + one.x, y + one.y, one.line, one.style, one.align, one.width))
    for kind, x0, y0, x1, y1, grey in block.shapes:
        into.shapes.append(Shape(kind, x + x0, y + y0, x + x1, y + y1, grey))


def beside(blocks: Sequence[Block], starts: Sequence[float], width: float) -> Block:
    """Blocks next to each other, each at its x."""
    out = Block(width, max((b.height for b in blocks), default=0.0))
    for block, x in zip(blocks, starts, strict=True):
        put(out, block, x, 0)
    return out


def _wide(text: str, style: Style) -> float:
    return text_width(text, style.face, style.size, bold=style.bold)


def pairs(
    many: Sequence[Pair],
    kind: str,
    style: Style,
    label_style: Style,
    width: float,
    gap: float = 8.0,
) -> Block:
    """Labels and values: inline, columns, flush, above, grid or row.

    Args:
        many: Labels (as printed, with their colon) and values.
        kind: inline "Label: value"; columns: values in a column of their own; flush: values
            flush right; above: value under its label; grid: boxes, several a row, label on top;
            row: a table of one row.
        style: For values.
        label_style: For labels.
        width: Of the block, in points.
        gap: Between label and value column, in points.

    Returns:
        The block.
    """
    out = Block(width)
    if not many:
        return out
    if kind in ("grid", "row"):
        return _grid(many, kind, style, label_style, width)
    step = max(style.leading, label_style.leading)
    if kind == "inline":
        texts = [[label_piece(label), Piece(" "), *value] for label, value in many]
        return lines(texts, style, width)
    column = min(max(_wide(label, label_style) for label, _ in many) + gap, width * 0.62)
    y = 0.0
    for label, value in many:
        if kind in ("above", "above right"):
            y += label_style.leading
            out.lines.append(Set(0, y - 2, [label_piece(label)], label_style))
            align = "right" if kind == "above right" else "left"
            for row in wrap(value, style, width):
                y += style.leading
                out.lines.append(Set(0, y - 2, row, style, align, width))
            y += 2
            continue
        heads = wrap([label_piece(label)], label_style, column - 2)
        rows = wrap(value, style, width - column)
        for at, head in enumerate(heads):
            out.lines.append(Set(0, y + (at + 1) * step - 2, head, label_style))
        for at, row in enumerate(rows):
            align = "right" if kind == "flush" else "left"
            out.lines.append(
                Set(column, y + (at + 1) * step - 2, row, style, align, width - column)
            )
        y += step * max(len(heads), len(rows))
    out.height = y
    return out


def _grid(many: Sequence[Pair], kind: str, style: Style, label_style: Style, width: float) -> Block:
    out = Block(width)
    per_row = len(many) if kind == "row" else max(1, min(4, len(many), int(width / 95)))
    if kind == "row":
        per_row = min(per_row, max(1, int(width / 62)))
    y = 0.0
    for begin in range(0, len(many), per_row):
        part = many[begin : begin + per_row]
        cell = width / len(part)
        high = 0.0
        for at, (label, value) in enumerate(part):
            heads = wrap([label_piece(label)], label_style, cell - 5)
            rows = wrap(value, style, cell - 5)
            for n, head in enumerate(heads):
                out.lines.append(
                    Set(at * cell + 3, y + (n + 1) * label_style.leading, head, label_style)
                )
            top = y + len(heads) * label_style.leading + 3
            for n, row in enumerate(rows):
                out.lines.append(Set(at * cell + 3, top + (n + 1) * style.leading - 1, row, style))
            high = max(high, top - y + len(rows) * style.leading + 3)
        for at in range(len(part)):
            out.shapes.append(Shape("box", at * cell, y, (at + 1) * cell, y + high))
        y += high
    out.height = y
    return out
