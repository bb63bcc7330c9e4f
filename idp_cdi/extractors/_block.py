"""The lines of an address: what one is, how much it looks like a street, where its pieces end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from idp_cdi.documents import Box, around
from idp_cdi.extractors._spans import box_of
from idp_cdi.extractors._view import key
from idp_cdi.extractors._wordings import lexicon

if TYPE_CHECKING:
    from idp_cdi.extractors import Candidate
    from idp_cdi.extractors._lexicon import Hit
    from idp_cdi.extractors._view import Segment

NAME = "parties"

HEADINGS = frozenset(
    ("buyer", "seller", "ship_to", "payee", "agent", "contact_name", "name", "address")
)
_SEPARATOR = re.compile(r"^[-–—|•●·*/]+$|^[,;]$")
_SEPARATES = frozenset("-–—|•●·*/,;")
_HOUSE = re.compile(r"(?:^|\s)\d{1,4}\s?[a-zA-Z]?(?:\s?[-/–+]\s?\d{1,4}\s?[a-zA-Z]?)?\.?$")
REGISTERED = re.compile(r"^\(?[A-Z]{0,3}\d{4,}(?:-?[A-Z0-9]{1,2})?\)?$")
STOREY = re.compile(r"^\d{1,2}(?:st|nd|rd|th|/f|\.? ?og|er|e)\b", re.IGNORECASE)
_NUMBERED = re.compile(
    r"\s*\(\s*(?:Co\.?\s*)?(?:Reg\.?\s*)?(?:No\.?\s*:?)?\s*"
    r"[A-Z]{0,3}(?:\d{4,}|\d[:;.,]?\d{4,})\s?-?\s?[A-Z0-9]{0,2}\s*\)?$"
)
_WORDS = re.compile(r"[\s,]+")
_OPEN = frozenset(
    "and und et y e en of de for fur pour inh inhaber inhaberin prop proprietor dba".split()
)


@dataclass
class Line:
    """The words [first, last) of a segment: one line of an address; never changed."""

    segment: Segment
    first: int
    last: int

    @cached_property
    def text(self) -> str:
        """Its words joined, without marks at the ends and a register number in brackets."""
        text = " ".join(self.segment.texts[self.first : self.last]).strip(" ,;:|•●·–—*")
        return _NUMBERED.sub("", text) or text

    @property
    def has_form(self) -> bool:
        """Whether a word of it is a legal form, or one that firms bear."""
        legal = lexicon().legal
        return any(k in legal for k in self.segment.keys[self.first : self.last] if len(k) > 1)

    @cached_property
    def box(self) -> Box:
        """Around its words."""
        return box_of(self.segment, self.first, self.last)


@dataclass
class Block:
    """Lines around one place. `above` is ordered from the place upwards.

    `aside` are lines of other data in between, `slip` says that the page is a till slip's shape.
    `lines` are those that belong to the address, from the top, where a model chose them, with
    the `certainty` (0.5–1) of the line that it was least sure of.
    """

    place: Candidate
    above: list[Line]
    below: list[Line]
    inline: bool
    heading: dict[str, float] = field(default_factory=dict)
    street: int = -1
    lines: list[Line] | None = None
    certainty: float = 1.0
    country: Candidate | None = None
    anchor: Segment | None = None
    aside: list[Segment] = field(default_factory=list)
    slip: bool = False

    @property
    def page(self) -> int:
        """The page it stands on."""
        return self.place.page

    @cached_property
    def box(self) -> Box:
        """Around the place and the lines above; asked for only when the block is complete."""
        return around([self.place.box, *(a.box for a in self.above)])


@lru_cache(maxsize=8192)
def street_score(text: str) -> float:
    """How much a line looks like a street with a house number, 0–1."""
    words = [key(w) for w in _WORDS.split(text)]
    known = lexicon()
    word = any(w in known.streets for w in words if len(w) > 2) or any(
        w in known.streets for w in words[:1]
    )
    word = word or any("".join(words[:n]) in known.streets for n in (2, 3))  # "P. O. Box"
    word = word or any(w.endswith(known.street_ends) and len(w) > 5 for w in words)
    house = _HOUSE.search(text.rstrip(" .,")) is not None
    first = bool(re.match(r"^(?:no\.?\s?)?\d{1,5}[a-zA-Z]?[,\s]", text, re.IGNORECASE))
    return 0.55 * word + 0.4 * house + 0.3 * first


def is_heading(found: list[Hit], size: int) -> str:
    """The party concept that labels cover a whole segment of `size` words with, "" for none."""
    for hit in found:
        if hit.concept in HEADINGS and hit.start == 0 and hit.end >= size:
            return hit.concept
    return ""


def pieces(segment: Segment) -> list[tuple[int, int]]:
    """Word ranges between separators (commas, bullets, bars, dashes with blanks)."""
    out: list[tuple[int, int]] = []
    first = 0
    for n, text in enumerate(segment.texts):
        if text[:1] in _SEPARATES and _SEPARATOR.match(text):
            out.append((first, n))
            first = n + 1
        elif text.endswith((",", ";", "|", "•", "●", "·")):
            out.append((first, n + 1))
            first = n + 1
    out.append((first, len(segment.texts)))
    return [(a, b) for a, b in out if b > a]


def goes_on(text: str) -> bool:
    """Whether a name that ends like this goes on in the next line.

    >>> goes_on("Muster Handel &"), goes_on("Muster Handels-"), goes_on("Muster, Inh.")
    (True, True, True)
    >>> goes_on("Muster GmbH")
    False
    """
    last = text.split()[-1]
    return last.endswith(("-", "&", "+")) or key(last) in _OPEN
