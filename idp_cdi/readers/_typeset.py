"""Sets text without pages (contracts in DOCX, mails, plain text) on pages of A4.

Layout works on boxes; a paragraph, a table row or a tab gets the place that it would roughly have
on paper. The places are ours, not the sender's, so `Document.metadata` says ``layout: set here``.

>>> sheet = Sheet()
>>> sheet.paragraph("Invoice number: 12")
>>> sheet.row(["Item", "Price"])
>>> [w.text for w in sheet.pages()[0].words]
['Invoice', 'number:', '12', 'Item', 'Price']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.documents import Box, Page, PageSource, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT = 595.0, 842.0
MARGIN = 56.0
TAB = 36.0
LEADING = 1.25
MARK = {"layout": "set here"}
_NARROW = frozenset("iljtfr.,:;|!'()[]I ")
_WIDE = frozenset("mwMW%@")


def text_width(text: str, size: float) -> float:
    """About how wide `text` prints at `size` points."""
    units = 0.0
    for character in text:
        if character in _NARROW:
            units += 0.3
        elif character in _WIDE:
            units += 0.85
        else:
            units += 0.65 if character.isupper() else 0.53
    return units * size


class Sheet:
    """Pages that are being filled from the top; full pages go on to the next."""

    def __init__(self, most_pages: int = 2000) -> None:
        self._done: list[tuple[Word, ...]] = []
        self._words: list[Word] = []
        self._y = MARGIN
        self._most = most_pages
        self.full = False

    def paragraph(self, text: str, *, size: float = 10.0, bold: bool = False) -> None:
        """One paragraph, wrapped; line breaks and tabs inside it are kept."""
        for line in text.split("\n"):
            self._room(size)
            x = MARGIN
            for number, piece in enumerate(line.split("\t")):
                if number:
                    x = MARGIN + (int((x - MARGIN) / TAB) + 1) * TAB
                x = self._run(piece, x, MARGIN, WIDTH - MARGIN, size, bold)
            self._y += size * LEADING

    def row(self, cells: Sequence[str], *, size: float = 10.0, bold: bool = False) -> None:
        """One table row: cells side by side in columns of equal width, each wrapped."""
        self._room(size)
        top = lowest = self._y
        span = (WIDTH - 2 * MARGIN) / max(1, len(cells))
        page = len(self._done)
        for number, cell in enumerate(cells):
            if page == len(self._done):
                self._y = top
            left = MARGIN + number * span
            for line in cell.split("\n"):
                self._room(size)
                self._run(line, left, left, left + span - 8, size, bold)
                self._y += size * LEADING
            if page != len(self._done):
                page, top, lowest = len(self._done), MARGIN, self._y
            lowest = max(lowest, self._y)
        self._y = lowest

    def gap(self, points: float) -> None:
        """Free space."""
        self._y += points

    def new_page(self) -> None:
        """Go on with the next page, unless this one is still empty."""
        if self._words:
            self._done.append(tuple(self._words))
            self._words = []
        self._y = MARGIN

    def pages(self) -> tuple[Page, ...]:
        """What was set; at least one page."""
        sheets = [*self._done, tuple(self._words)] if self._words or not self._done else self._done
        return tuple(
            Page(number, WIDTH, HEIGHT, words, PageSource.TEXT)
            for number, words in enumerate(sheets, 1)
        )

    def _run(self, text: str, x: float, left: float, end: float, size: float, bold: bool) -> float:  # noqa: FBT001
        for piece in text.split():
            width = text_width(piece, size)
            if x + width > end and x > left:
                self._y += size * LEADING
                self._room(size)
                x = left
            if self.full:
                return x
            box = Box(round(x, 2), round(self._y, 2), round(x + width, 2), round(self._y + size, 2))
            self._words.append(Word(piece, box, 1.0, size, bold))
            x += width + 0.3 * size
        return x

    def _room(self, size: float) -> None:
        if self._y + size > HEIGHT - MARGIN:
            self.new_page()
            self.full = len(self._done) >= self._most
