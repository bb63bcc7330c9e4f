"""Widths of characters in points at size 1, from the metrics of the standard fonts.

The same widths are used to set the page and to draw it, so boxes are exact; other type faces
are the standard ones made narrower or wider.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import accumulate
from typing import NamedTuple


class Face(NamedTuple):
    """A type face: its standard fonts (regular, bold) and the factor on their widths."""

    regular: str
    bold: str
    stretch: float = 1.0


FACES = {
    "sans": Face("Helvetica", "Helvetica-Bold"),
    "narrow": Face("Helvetica", "Helvetica-Bold", 0.82),
    "wide": Face("Helvetica", "Helvetica-Bold", 1.1),
    "serif": Face("Times-Roman", "Times-Bold"),
    "book": Face("Times-Roman", "Times-Bold", 1.12),
    "mono": Face("Courier", "Courier-Bold"),
    "till": Face("Courier-Bold", "Courier-Bold", 0.95),
}
ASCENT, DESCENT = 0.72, 0.21


@cache
def _table(font: str) -> tuple[float, ...]:
    from reportlab.pdfbase import pdfmetrics

    return tuple(width / 1000 for width in pdfmetrics.getFont(font).widths)


@cache
def width_of(sign: str, font: str) -> float:
    """Width of one character at size 1."""
    table = _table(font)
    for form in (sign, unicodedata.normalize("NFD", sign)[0]):
        code = form.encode("cp1252", "ignore")
        if code and table[code[0]]:
            return table[code[0]]
    return 0.6


@cache
def _font(face: str, *, bold: bool) -> tuple[str, float]:
    found = FACES[face]
    return (found.bold if bold else found.regular), found.stretch


def text_width(text: str, face: str, size: float, *, bold: bool = False) -> float:
    """Width of `text` in points."""
    font, stretch = _font(face, bold=bold)
    return sum([width_of(sign, font) for sign in text]) * size * stretch


def edges(text: str, face: str, size: float, *, bold: bool = False) -> list[float]:
    """Left edge of every character of `text`, and the right edge of the last, from 0."""
    font, stretch = _font(face, bold=bold)
    scale = size * stretch
    return list(accumulate([width_of(sign, font) * scale for sign in text], initial=0.0))
