"""From characters of a segment's text back to words and boxes.

>>> from idp_cdi.documents import Box, Document, Page, Word
>>> words = (Word("on", Box(0, 0, 9, 9)), Word("5.", Box(11, 0, 15, 9)),
...          Word("May", Box(17, 0, 30, 9)))
>>> from idp_cdi.extractors._view import View
>>> view = View.of(Document("a", "", "", "", (Page(1, 99, 99, words),)))
>>> first_and_last(view.segments[0], 3, 9)
(1, 3)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.documents import Box
from idp_cdi.extractors import Candidate

if TYPE_CHECKING:
    from idp_cdi.extractors._view import Segment


def first_and_last(segment: Segment, start: int, end: int) -> tuple[int, int]:
    """The range [first, last) of the segment's words that characters [start, end) touch."""
    at = 0
    first = last = -1
    for n, text in enumerate(segment.texts):
        if first < 0 and start < at + len(text):
            first = n
        if at < end:
            last = n
        at += len(text) + 1
    return max(first, 0), last + 1


def box_of(segment: Segment, first: int, last: int) -> Box:
    """The box around the segment's words [first, last)."""
    boxes = segment.boxes[first:last]
    if len(boxes) == 1:
        return boxes[0]
    _, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(boxes[0][0], min(tops), max(rights), max(bottoms))


def spanned(
    segment: Segment,
    first: int,
    last: int,
    *,
    kind: str,
    value: str,
    way: str,
    raw: str = "",
    hints: dict[str, float] | None = None,
    others: tuple[str, ...] = (),
) -> Candidate:
    """A candidate that is the words [first, last) of one segment."""
    return Candidate(
        kind=kind,
        value=value,
        raw=raw or " ".join(segment.texts[first:last]),
        page=segment.page,
        words=tuple(dict.fromkeys(segment.words[first:last])),
        box=box_of(segment, first, last),
        way=way,
        hints={"segment": segment.index, "first": first, "last": last, **(hints or {})},
        others=others,
    )
