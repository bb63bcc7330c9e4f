"""Addresses whose every part has its label: "Indirizzo: Via Roma 1", "Comune: Lecco", "Cap: 23900".

Printed copies of electronic invoices and portals write parties so, with street, town and postcode
in any order; a block is made of them as if they stood on an envelope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from idp_cdi.documents import around
from idp_cdi.extractors import Candidate
from idp_cdi.extractors._lexicon import labels_of
from idp_cdi.extractors._spans import box_of, spanned
from idp_cdi.extractors.places import country_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp_cdi.extractors._view import Segment, View

_PARTS = frozenset(("street", "address", "postal_code", "city", "region", "country", "name"))
_PLACE = ("postal_code", "city", "region", "country")
_LINES = 12
"""Labelled lines that one party has at most."""
_GAP = 1.2
"""Heights of a line that may be empty between two of them."""


class Part(NamedTuple):
    """What stands behind a label: the words [first, last) of a segment."""

    concept: str
    segment: Segment
    first: int
    last: int

    @property
    def text(self) -> str:
        """The words, without marks at the ends."""
        return " ".join(self.segment.texts[self.first : self.last]).strip(" ,;")


class Labelled(NamedTuple):
    """One address: its place, the parts above it (street first, then name), the line on top."""

    place: Candidate
    above: tuple[Part, ...]
    top: Segment
    last: Segment


def addresses(view: View) -> Iterator[Labelled]:
    """The addresses of a document that are written part by part."""
    done: set[int] = set()
    for segment in view.segments:
        if segment.index in done:
            continue
        lines = [segment]
        if not _parts(view, segment):
            continue
        lines += _lines_below(view, segment)
        found: dict[str, Part] = {}
        for line in lines:
            for part in _parts(view, line):
                found.setdefault(part.concept, part)
        done |= {line.index for line in lines}
        street = found.get("street") or found.get("address")
        if street is None or not {"postal_code", "city"} <= found.keys():
            continue
        if not any(c.isdigit() for c in found["postal_code"].text):
            continue
        name = (found["name"],) if "name" in found else ()
        yield Labelled(_place(found), (street, *name), segment, lines[-1])


def _lines_below(view: View, segment: Segment) -> list[Segment]:
    """The labelled lines that go on below, in the same column."""
    out: list[Segment] = []
    current = segment
    for number in range(segment.line + 1, len(view.lines)):
        fit = [
            s for i in view.lines[number]
            if (s := view.segments[i]).page == segment.page
            and abs(s.box.x0 - segment.box.x0) < segment.size
        ]  # fmt: skip
        if not fit or fit[0].box.y0 - current.box.y1 > _GAP * current.box.height:
            break
        if not any(t.endswith(":") for t in fit[0].texts) or len(out) == _LINES:
            break
        current = fit[0]
        out.append(current)
    return out


def _parts(view: View, segment: Segment) -> list[Part]:
    """The labelled parts of an address in one line; what stands right of it, if it is a label."""
    ends = [n + 1 for n, text in enumerate(segment.texts) if text.endswith(":")]
    out: list[Part] = []
    hits = labels_of(view)[segment.index]
    for hit in hits:
        end = next((e for e in ends if hit.start < e <= hit.end), 0)
        if hit.concept not in _PARTS or not end:
            continue
        later = [
            h.start for h in hits if h.start >= end and any(h.start < e <= h.end for e in ends)
        ]
        last = min(later, default=len(segment.texts))
        if last > end:
            out.append(Part(hit.concept, segment, end, last))
        elif end == len(segment.texts):
            _, right = view.beside(segment)
            if right and not labels_of(view)[right[0].index]:
                out.append(Part(hit.concept, right[0], 0, len(right[0].texts)))
    return out


def _place(found: dict[str, Part]) -> Candidate:
    """Postcode, town and what else there is, as one place in the usual order."""
    there = [found[c] for c in _PLACE if c in found]
    parts = {}
    for part in there:
        value = country_of(part.text) if part.concept == "country" else part.text
        if value:
            parts[part.concept] = spanned(
                part.segment, part.first, part.last, kind=part.concept, value=value, raw=part.text,
                way="parties",
            )  # fmt: skip
    code = found["postal_code"]
    text = " ".join(p.text for p in there if p.concept != "country")
    words = [w for p in there for w in p.segment.words[p.first : p.last]]
    return Candidate(
        kind="place",
        value=text,
        raw=text,
        page=code.segment.page,
        words=tuple(dict.fromkeys(words)),
        box=around([box_of(p.segment, p.first, p.last) for p in there]),
        way="parties",
        hints={
            "segment": code.segment.index, "first": code.first, "last": len(code.segment.texts),
            "form": 1.0, "year": 0.0,
        },
        parts=parts,
    )  # fmt: skip
