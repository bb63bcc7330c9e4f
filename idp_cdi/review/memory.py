"""Layout memory: what persons said about one document, used on the next one that looks the same.

A document is remembered as its words with places and the values that were confirmed or corrected,
each with every place where it stands. `idp_cdi.review.recall` uses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from idp_cdi.documents import Box, Word
from idp_cdi.errors import SettingsError
from idp_cdi.fields import fields
from idp_cdi.review.locate import locate
from idp_cdi.review.places import overlap

if TYPE_CHECKING:
    from idp_cdi.documents import Document
    from idp_cdi.extractions import Extraction

#: Pages of a document that are remembered: first and last ones hold what is asked for.
_PAGES = 3
#: Places of one value that are remembered.
_PLACES = 5
METHOD = "memory"


@dataclass(frozen=True, slots=True)
class Place:
    """One place where a value stands, and what is printed there."""

    page: int
    box: Box
    raw: str


@dataclass(frozen=True, slots=True)
class Known:
    """One value that a person confirmed, corrected (`corrected`) or refused (value "").

    Attributes:
        places: Everywhere it stands, the likeliest place first; which one is meant, other
            documents of the layout tell.
    """

    name: str
    group: str
    value: str
    places: tuple[Place, ...]
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class Remembered:
    """One answered document: its words by page number, and what is known of it."""

    sha256: str
    type: str
    pages: dict[int, tuple[Word, ...]]
    known: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """All that is remembered; `trust` is how often it was right on held-back answers, by kind."""

    documents: tuple[Remembered, ...] = ()
    trust: dict[str, float] | None = None

    def believes(self, kind: str) -> float:
        """The probability that a value of `kind` found by memory is right."""
        known = self.trust or {}
        return known.get(kind, known.get("", 0.85))


def remember(document: Document, answered: Extraction, machine: Extraction) -> Remembered | None:
    """What to keep of an answered document, None where nothing could be found on its pages.

    Args:
        document: As read.
        answered: The extraction with the answers laid over it.
        machine: The extraction as the machine had it.
    """
    had = {(f.name, f.group): f for f in machine.fields}
    known: list[Known] = []
    for item in answered.fields:
        before = had.get((item.name, item.group))
        corrected = before is None or before.value != item.value
        found = locate(document, item.value, kind_of(item.name), near=before)
        if item.box is not None and item.page and not corrected:
            own = item.page, item.box
            found = [own, *(f for f in found if not (f[0] == own[0] and overlap(f[1], own[1])))]
        places = [
            Place(page, box, _printed(document, page, box) or item.raw)
            for page, box in found[:_PLACES]
        ]
        if places:
            known.append(Known(item.name, item.group, item.value, tuple(places), corrected))
    told = {(f.name, f.group) for f in answered.fields}
    for (name, group), item in had.items():
        if (name, group) not in told and item.box is not None:
            place = Place(item.page, item.box, item.raw)
            known.append(Known(name, group, "", (place,), corrected=True))
    if not known:
        return None
    last = len(document.pages)
    kept = {p.number: p.words for p in document.pages if p.number <= _PAGES or p.number == last}
    return Remembered(document.sha256, machine.type, kept, tuple(known))


def _printed(document: Document, number: int, box: Box) -> str:
    """What the page prints in `box`."""
    words = next((p.words for p in document.pages if p.number == number), ())
    middles = ((w, (w.box.x0 + w.box.x1) / 2) for w in words)
    inside = [
        w.text for w, x in middles if box.x0 <= x <= box.x1 and box.y0 <= w.box.middle <= box.y1
    ]
    return " ".join(inside)


def to_json(memory: Memory) -> dict[str, Any]:
    """`memory` as plain JSON."""
    return {
        "trust": memory.trust or {},
        "documents": [
            {
                "sha256": r.sha256,
                "type": r.type,
                "pages": {
                    str(n): [[w.text, *(round(c, 1) for c in w.box)] for w in words]
                    for n, words in r.pages.items()
                },
                "known": [
                    [k.name, k.group, k.value, k.corrected, [_place(p) for p in k.places]]
                    for k in r.known
                ],
            }
            for r in memory.documents
        ],
    }


def from_json(data: dict[str, Any]) -> Memory:
    """The inverse of `to_json`."""
    documents = tuple(
        Remembered(
            r["sha256"],
            r["type"],
            {
                int(n): tuple(Word(t, Box(*box)) for t, *box in words)
                for n, words in r["pages"].items()
            },
            tuple(
                Known(n, g, v, tuple(Place(p, Box(*b), w) for p, b, w in places), c)
                for n, g, v, c, places in r["known"]
            ),
        )
        for r in data["documents"]
    )
    return Memory(documents, dict(data["trust"]) or None)


def _place(place: Place) -> list[Any]:
    return [place.page, [round(c, 1) for c in place.box], place.raw]


def kind_of(name: str) -> str:
    """The kind of value of field `name`; "text" for a field of a user's own document type."""
    try:
        return fields().get(name).kind
    except SettingsError:
        return "text"
