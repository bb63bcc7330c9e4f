"""What the features of all candidates of a document have in common, worked out once.

Labels reach a value from the left (same line) or from above (same column). `Context.labels` gives
for each concept how strongly it does so, 0–1: 1 for the label right before the value, less with
every word, gap and value in between.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp_cdi.documents import PageSource
from idp_cdi.extractors import Candidate, find
from idp_cdi.extractors._lexicon import Hit, labels_of
from idp_cdi.extractors._view import View, key
from idp_cdi.extractors.parties import blocks_of

if TYPE_CHECKING:
    from idp_cdi.documents import Box, Document
    from idp_cdi.extractors._block import Block
    from idp_cdi.extractors._view import Segment

_CLIMB = 7
"""Segments that are walked upwards in a column in search of its label."""


@dataclass(slots=True)
class Context:
    """One document on the way to its fields."""

    document: Document
    view: View
    candidates: dict[str, list[Candidate]]
    blocks: list[Block]
    hits: list[list[Hit]]
    above: list[int]
    bounds: dict[int, tuple[float, float, float, float]]
    pages: dict[int, int]
    keys: Counter[str]
    text: str
    ocr: bool
    digits: list[bool] = field(default_factory=list)
    domains: frozenset[str] | None = None
    known: dict[tuple[int, int, float, float], tuple[dict[str, float], dict[str, float]]] = field(
        default_factory=dict
    )

    @classmethod
    def of(cls, document: Document, view: View | None = None) -> Context:
        """Find candidates and geometry of a document."""
        view = view if view is not None else View.of(document)
        ocr = any(p.source == PageSource.OCR for p in document.pages)
        found: dict[str, list[Candidate]] = {}
        for candidate in find(document, view=view):
            found.setdefault(candidate.kind, []).append(candidate)
        bounds = {}
        for page in document.pages:
            boxes = [s.box for s in view.segments if s.page == page.number]
            if boxes:
                bounds[page.number] = (
                    min(b.x0 for b in boxes),
                    min(b.y0 for b in boxes),
                    max(b.x1 for b in boxes),
                    max(b.y1 for b in boxes),
                )
        return cls(
            document=document,
            view=view,
            candidates=found,
            blocks=blocks_of(document, view),
            hits=labels_of(view),
            above=_above(view),
            bounds=bounds,
            pages={p.number: n for n, p in enumerate(document.pages)},
            keys=Counter(key(s.text) for s in view.segments),
            text=key(document.text),
            ocr=ocr,
            digits=[s.digits for s in view.segments],
        )

    def title(self) -> Segment | None:
        """The segment that names the document: the largest one that starts with such a word."""
        best: Segment | None = None
        score = 0.0
        for segment in self.view.segments[:150]:
            if segment.page != self.view.segments[0].page:
                break
            for hit in self.hits[segment.index]:
                if hit.concept.startswith("doc_") and hit.start == 0 and len(segment.texts) < 8:
                    value = segment.size * (1.3 if hit.end == len(segment.texts) else 1.0)
                    if value > score:
                        best, score = segment, value
        return best

    def place(self, page: int, box: Box) -> tuple[float, float, float, float]:
        """Left, right, top and bottom of a box, 0–1 within the text of its page."""
        x0, y0, x1, y1 = self.bounds[page]
        width, height = max(x1 - x0, 1.0), max(y1 - y0, 1.0)
        left, top, right, bottom = box
        return (
            (left - x0) / width,
            (right - x0) / width,
            (top - y0) / height,
            (bottom - y0) / height,
        )

    def labels(
        self, segment: Segment, first: int, box: Box
    ) -> tuple[dict[str, float], dict[str, float]]:
        """Concepts that label the words from `first` on: from the left, and from above.

        Several kinds of candidates ask about the same words; the answer is kept, not to be changed.
        """
        spot = (segment.index, first, box.x0, box.x1)
        known = self.known.get(spot)
        if known is None:
            known = self.known[spot] = ({}, {})
            self._left(segment, first, known[0])
            self._up(segment, box, known[1])
        return known

    def _left(self, segment: Segment, first: int, row: dict[str, float]) -> None:
        for hit in self.hits[segment.index]:
            if hit.start >= first:
                break
            between = 0 if hit.end > first else _distance(segment, hit.end, first)
            strength = hit.weight * 0.82**between
            if _enclosed(segment, hit):
                strength *= 0.5
            if hit.start == 0:  # the head of the line says more than what follows it
                strength = max(strength, hit.weight * 0.92**between * 0.9)
            _raise(row, hit.concept, strength)
        line = self.view.lines[segment.line]
        at = segment.index - line[0]  # the segments of a line are numbered from left to right
        marks_only = not any(segment.keys[:first])
        fade = 0.95 if marks_only else 0.6
        edge = segment.box.x0
        for index in reversed(line[max(0, at - 5) : at]):
            near = self.view.segments[index]
            gap = max(0.0, edge - near.box.x1) / max(segment.size, 4.0)
            fade *= 1.0 / (1.0 + gap / 40.0)
            size = len(near.texts)
            for hit in self.hits[near.index]:
                tail = 0 if hit.start == 0 else _distance(near, hit.end, size)
                strength = fade * hit.weight * 0.8**tail
                _raise(row, hit.concept, strength * (0.5 if _enclosed(near, hit) else 1.0))
            if any(near.keys):
                fade *= 0.5 if near.digits else 0.75
            edge = near.box.x0

    def _up(self, segment: Segment, box: Box, column: dict[str, float]) -> None:
        segments, above = self.view.segments, self.above
        fade, current, size = 0.9, segment, max(segment.size, 4.0)
        for _ in range(_CLIMB):
            index = above[current.index]
            if index < 0:
                return
            upper = segments[index]
            gap = (current.box.y0 - upper.box.y1) / size
            if gap > 0.8:
                fade *= 1.0 / (1.0 + (gap - 0.8) / 4.0)
            for hit in self.hits[index]:
                here = upper.boxes[hit.start].x0, upper.boxes[hit.end - 1].x1
                if here[0] > box.x1 or here[1] < box.x0:
                    continue
                share = (hit.end - hit.start) / len(upper.texts)
                _raise(column, hit.concept, fade * hit.weight * (0.4 + 0.6 * share))
            fade *= 0.8
            current = upper


def _enclosed(segment: Segment, hit: Hit) -> bool:
    """Whether a label stands in brackets, as in "net (excl. VAT)"."""
    if hit.start == 0 or "(" not in segment.text:
        return False
    return any(t.startswith("(") for t in segment.texts[1 : hit.start + 1])


def _raise(found: dict[str, float], concept: str, strength: float) -> None:
    if strength > found.get(concept, 0.0):
        found[concept] = strength


def _distance(segment: Segment, start: int, end: int) -> int:
    """Words between a label and a value, not counting marks and short joining words."""
    count = 0
    for word, digits in zip(segment.keys[start:end], segment.numeric[start:end], strict=True):
        if len(word) > 3 or digits:
            count += 1 + (digits and len(word) > 1)
        elif len(word) == 3:
            count += 1
    return count


def _above(view: View) -> list[int]:
    """For each segment the nearest one above that overlaps it sideways, -1 for none."""
    out = [-1] * len(view.segments)
    segments, lines = view.segments, view.lines
    for number, row in enumerate(lines):
        for index in row:
            segment = segments[index]
            x0, y0, x1, _ = segment.box
            far = 9 * max(segment.size, 6.0)
            for upper in range(number - 1, max(-1, number - 15), -1):
                other = lines[upper]
                first = segments[other[0]]
                if first.page != segment.page or y0 - first.box.y1 > far:
                    break
                best, widest = -1, 0.5
                for i in other:
                    left, _, right, _ = segments[i].box
                    shared = (right if right < x1 else x1) - (left if left > x0 else x0)
                    if shared > widest:
                        best, widest = i, shared
                if best >= 0:
                    out[index] = best
                    break
    return out
