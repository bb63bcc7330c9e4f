r"""Running text with places: what the clause finders of contracts read.

A contract is prose. `Prose` joins the words of all pages into one text, a blank between words and
a line feed between printed lines and between columns, and knows for every character which word it
belongs to, so that whatever a pattern finds has a page and a box. Where people sign two columns
stand side by side; `above` and `below` follow the column, not the order of reading.

>>> from idp_cdi.documents import Box, Document, Page, Word
>>> words = (Word("dated", Box(10, 10, 40, 20)), Word("2", Box(44, 10, 50, 20)),
...          Word("May", Box(10, 24, 30, 34)), Word("2020", Box(33, 24, 60, 34)))
>>> prose = Prose.of(Document("a", "0", "application/pdf", "pdf", (Page(1, 595, 842, words),)))
>>> prose.text
'dated 2\nMay 2020'
>>> prose.place(6, 16)
(1, Box(x0=10, y0=10, x1=60, y1=34))
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from idp_cdi.documents import Box, around

if TYPE_CHECKING:
    from idp_cdi.documents import Document, Word

_QUOTES = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "″": '"', "’": "'", "‘": "'", "`": "'"}
    | {"\xa0": " ", "\xad": "", "–": "-", "—": "-", "‑": "-", "\u2010": "-"}
)

_COLUMN = 2.5
"""Blank between two words, in letter heights, from which they stand in two columns."""
_NEAR = 24
"""Lines before and behind a line among which its neighbours in the column are looked for."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of the text that could be a value.

    Attributes:
        value: Normalised: dates ISO 8601, durations "2 years", places by their English name, names
            as printed without a trailing comma.
        start: First character in `Prose.text`.
        end: The character after the last.
        hints: What stands around it, as numbers by name.
    """

    value: str
    start: int
    end: int
    hints: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Prose:
    """The text of a document and where each piece of it stands.

    `text` has typographic quotes, apostrophes and dashes made plain, one for one, so that cues
    need only one spelling; `printed` gives back what the page shows.
    """

    text: str
    words: tuple[Word, ...]
    starts: tuple[int, ...]
    pages: tuple[int, ...]
    page_count: int

    @staticmethod
    def of(document: Document) -> Prose:
        """Join the words of all pages of `document` in reading order."""
        parts: list[str] = []
        words: list[Word] = []
        starts: list[int] = []
        pages: list[int] = []
        at = 0
        for page in document.pages:
            before: Word | None = None
            for word in page.words:
                plain = word.text.replace("''", '"').translate(_QUOTES).strip()
                if not plain:
                    continue
                if words:
                    gap = (
                        " " if before is not None and not _new_line(before.box, word.box) else "\n"
                    )
                    parts.append(gap)
                    at += 1
                before = word
                words.append(word)
                starts.append(at)
                pages.append(page.number)
                parts.append(plain)
                at += len(plain)
        return Prose("".join(parts), tuple(words), tuple(starts), tuple(pages), len(document.pages))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The first word of characters `start` to `end` and the one after the last."""
        first = max(bisect_right(self.starts, start) - 1, 0)
        last = bisect_right(self.starts, max(end - 1, start))
        return first, max(last, first + 1)

    def place(self, start: int, end: int) -> tuple[int, Box | None]:
        """Page and box of a stretch of text; what runs on to the next page is left out."""
        if not self.words:
            return 0, None
        first, last = self.span(start, end)
        page = self.pages[first]
        boxes = [self.words[i].box for i in range(first, last) if self.pages[i] == page]
        return page, around(boxes)

    def certainty(self, start: int, end: int) -> float:
        """The lowest reader confidence of the words of a stretch, 1 for a text layer."""
        first, last = self.span(start, end)
        return min((w.confidence for w in self.words[first:last]), default=1.0)

    def printed(self, start: int, end: int) -> str:
        """The stretch as the page shows it: whole words, typographic signs kept."""
        first, last = self.span(start, end)
        return " ".join(w.text for w in self.words[first:last])

    @cached_property
    def lines(self) -> tuple[tuple[int, int], ...]:
        """Start and end of every printed line."""
        out = []
        at = 0
        for line in self.text.split("\n"):
            out.append((at, at + len(line)))
            at += len(line) + 1
        return tuple(out)

    @cached_property
    def _cells(self) -> tuple[tuple[int, Box], ...]:
        """Page and box of every line; a line is the piece of a printed line in one column."""
        out = []
        for start, end in self.lines:
            page, box = self.place(start, end)
            out.append((page, box if box is not None else Box(0.0, 0.0, 0.0, 0.0)))
        return tuple(out)

    def below(self, line: int, most: int = 4) -> list[int]:
        """The lines under a line in its column on its page, nearest first."""
        page, box = self._cells[line]
        out = []
        for i in range(line + 1, min(line + 1 + _NEAR, len(self._cells))):
            other_page, other = self._cells[i]
            if other_page == page and other.y0 > box.y0 + 0.5 * box.height and _over(box, other):
                out.append(i)
                if len(out) == most:
                    break
        return out

    def above(self, line: int, most: int = 4) -> list[int]:
        """The lines over a line in its column on its page, nearest first."""
        page, box = self._cells[line]
        out = []
        for i in range(line - 1, max(line - 1 - _NEAR, -1), -1):
            other_page, other = self._cells[i]
            if other_page == page and other.y0 < box.y0 - 0.5 * box.height and _over(box, other):
                out.append(i)
                if len(out) == most:
                    break
        return out

    @cached_property
    def _line_starts(self) -> list[int]:
        return [start for start, _ in self.lines]

    def line_at(self, position: int) -> int:
        """Index of the line that holds `position`."""
        return max(bisect_right(self._line_starts, position) - 1, 0)

    @cached_property
    def flat(self) -> str:
        """`text` with line feeds as blanks, for patterns that cross lines; offsets are the same."""
        return self.text.replace("\n", " ")


def _new_line(before: Box, box: Box) -> bool:
    """Whether a word starts a line or a column, given the one before it in reading order."""
    overlap = min(before.y1, box.y1) - max(before.y0, box.y0)
    low = min(before.height, box.height)
    return box.x0 < before.x0 or overlap < 0.3 * low or box.x0 - before.x1 > _COLUMN * low


def _over(one: Box, other: Box) -> bool:
    """Whether two lines share a column."""
    return min(one.x1, other.x1) > max(one.x0, other.x0)
