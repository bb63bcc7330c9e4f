"""Blocks of address lines around a place, up to the heading that says whose address it is.

A block hangs on a place (postcode with city, or a city above its country): the lines above it in
the same column, or the pieces before it on the same line ("Muster GmbH • Weg 1 • 12345 Ort"), and
the lines below it that go on (country, phone, VAT id).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from idp_cdi.documents import Box, around
from idp_cdi.extractors._labelled import addresses
from idp_cdi.extractors._lexicon import hits, labels_of
from idp_cdi.extractors._spans import box_of, spanned
from idp_cdi.extractors._towns import with_town
from idp_cdi.extractors._view import key
from idp_cdi.extractors._wordings import lexicon

if TYPE_CHECKING:
    from idp_cdi.extractors import Candidate
    from idp_cdi.extractors._lexicon import Hit
    from idp_cdi.extractors._view import Segment, View

NAME = "parties"

HEADINGS = frozenset(
    ("buyer", "seller", "ship_to", "payee", "agent", "contact_name", "name", "address")
)
_SEPARATOR = re.compile(r"^[-–—|•●·*/]+$|^[,;]$")
_SEPARATES = frozenset("-–—|•●·*/,;")
_HOUSE = re.compile(r"(?:^|\s)\d{1,4}\s?[a-zA-Z]?(?:\s?[-/–+]\s?\d{1,4}\s?[a-zA-Z]?)?\.?$")
REGISTERED = re.compile(r"^\(?[A-Z]{0,3}\d{4,}(?:-?[A-Z0-9]{1,2})?\)?$")
_NUMBERED = re.compile(
    r"\s*\(\s*(?:Co\.?\s*)?(?:Reg\.?\s*)?(?:No\.?\s*:?)?\s*"
    r"[A-Z]{0,3}(?:\d{4,}|\d[:;.,]?\d{4,})\s?-?\s?[A-Z0-9]{0,2}\s*\)?$"
)
_SLIP = 36
"""Width of a till slip in heights of its letters, at most."""
_WORDS = re.compile(r"[\s,]+")
_MOST_LINES = 7
_HEAD = 60
"""Segments of the first page among which addresses without a postcode are looked for."""
_MOST_LONE = 4


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


def blocks(view: View, found: list[Candidate]) -> list[Block]:
    """A block for each place.

    Args:
        view: The document's geometry.
        found: What `places.candidates` found.
    """
    anchors = {int(c.hints["segment"]) for c in found if c.kind == "place"}
    countries = {int(c.hints["segment"]): c for c in found if c.kind == "country"}
    out = []
    for place in found:
        if place.kind != "place":
            continue
        block = _block(view, place, anchors)
        with_town(block)
        _find_street(block)
        _find_country(block, countries)
        out.append(block)
    used = {line.segment.index for b in out for line in (*b.above, *b.below)} | anchors
    for country in countries.values():
        city = _without_code(view, country, used)
        if city is not None:
            block = _block(view, city, anchors)
            _find_street(block)
            block.country = country
            out.append(block)
    out += _without_place(view, used)
    out += _part_by_part(view, used)
    out.sort(key=lambda b: b.place.hints["segment"])
    return out


def _part_by_part(view: View, used: set[int]) -> list[Block]:
    """Addresses that are written part by part, each part with its label."""
    out: list[Block] = []
    for found in addresses(view):
        if int(found.place.hints["segment"]) in used:
            continue
        anchor = view.segments[int(found.place.hints["segment"])]
        block = Block(found.place, [], [], inline=False, anchor=anchor)
        _climb(view, found.top, block, set())
        block.above = [Line(p.segment, p.first, p.last) for p in found.above]
        _descend(view, found.last, block, set())
        block.street, block.country = 0, found.place.parts.get("country")
        out.append(block)
    return out


def _without_place(view: View, used: set[int]) -> list[Block]:
    """Addresses on the first page that show no postcode: a street line and what goes on."""
    out: list[Block] = []
    taken = set(used)
    first = view.segments[0].page if view.segments else 0
    for segment in view.segments[:_HEAD]:
        if segment.page != first or len(out) == _MOST_LONE:
            break
        if len(segment.texts) < 2 or segment.index in taken or street_score(segment.text) < 0.55:
            continue
        if _stops(segment, hits(segment.texts[:8])):
            continue
        last = segment
        for below in neighbours(view, segment, up=False)[:3]:
            close = below.box.y0 - last.box.y1 < 0.8 * last.box.height
            if not close or hits(below.texts[:5]) or below.text.endswith(":"):
                break
            if below.index in used:  # the line goes on to a place that has a block of its own
                last = below
                break
            last = below
        if last.index in used:
            continue
        place = spanned(
            last, 0, len(last.texts), kind="place", value=last.text.strip(" ,"), way=NAME,
            hints={"form": 0.0, "year": 0.0},
        )  # fmt: skip
        block = _block(view, place, set())
        _find_street(block)
        taken |= {segment.index, last.index, *(line.segment.index for line in block.above)}
        out.append(block)
    return out


def _without_code(view: View, country: Candidate, used: set[int]) -> Candidate | None:
    """The city in the line above a country's name, for addresses that have no postcode."""
    index = int(country.hints["segment"])
    if country.hints["alone"] <= 0 or len(country.raw) < 4 or index in used:
        return None
    above = neighbours(view, view.segments[index], up=True)[:3]
    if len(above) < 2 or any(s.index in used for s in above[:2]):
        return None
    if above[0].box.y1 + 1.5 * above[0].box.height < country.box.y0:
        return None
    line = above[0]
    parts = pieces(line)
    if not parts:  # nothing but separators
        return None
    first, last = parts[0]
    text = " ".join(line.texts[first:last]).strip(" ,")
    if any(c.isdigit() for c in text) or hits(line.texts[:4]) or len(line.texts) > 5:
        return None
    city = spanned(line, first, last, kind="city", value=text, way=NAME)
    whole = line.text.strip(" ,")
    place = spanned(
        line, 0, len(line.texts), kind="place", value=whole, way=NAME,
        hints={"form": 0.0, "year": 0.0},
    )  # fmt: skip
    place.parts["city"] = city
    return place


def _block(view: View, place: Candidate, anchors: set[int]) -> Block:
    segment = view.segments[int(place.hints["segment"])]
    start = int(place.hints["first"])
    before = [(a, min(b, start)) for a, b in pieces(segment) if a < start]
    block = Block(place, [], [], inline=bool(before), anchor=segment)
    page = view.page(place.page)
    block.slip = page.height > 1.6 * page.width or page.width < _SLIP * view.size
    done = False
    for a, b in reversed(before):
        labelled = [h for h in hits(segment.texts[a:b]) if h.start == 0]
        cut = max((h.end for h in labelled if h.concept in HEADINGS), default=0)
        for hit in labelled:
            if hit.concept in HEADINGS:
                block.heading[hit.concept] = 1.0
                done = True
        if a + cut < b:
            block.above.append(Line(segment, a + cut, b))
    block.above = _joined(block.above)
    if not done:
        _climb(view, segment, block, anchors)
    _descend(view, segment, block, anchors)
    return block


_NUMBER_PIECE = re.compile(
    r"(?:n[°ºro.]*\s*)?\d+\s?[a-zA-Z]?(?:\s?[-/]\s?\w+)?(?:\s(?:bis|ter))?|(?:nave|bajo|local|piso)\b.*",
    re.IGNORECASE,
)


def _joined(above: list[Line]) -> list[Line]:
    """Pieces of one line with a street and its number put together: "Via Roma, 12"."""
    out: list[Line] = []
    for line in above:
        below = out[-1] if out else None
        if below is not None and below.segment is line.segment and below.first >= line.last:
            pair = [line.text, below.text]
            number = [_NUMBER_PIECE.fullmatch(t) is not None for t in pair]
            if number[0] != number[1] and street_score(pair[number.index(False)]) >= 0.5:
                out[-1] = Line(line.segment, line.first, below.last)
                continue
        out.append(line)
    return out


def _aligned(a: Segment, b: Segment) -> bool:
    a0, _, a1, _ = a.box
    b0, _, b1, _ = b.box
    slack = 0.7 * (a.size if a.size > b.size else b.size) + 1.5
    return (
        -slack <= a0 - b0 <= slack
        or -2.0 <= a1 - b1 <= 2.0
        or (abs((a0 + a1) - (b0 + b1)) / 2 <= slack and a1 - a0 > 8 and b1 - b0 > 8)
    )


def neighbours(view: View, segment: Segment, *, up: bool) -> list[Segment]:
    """Segments of the same column, nearest first, until a gap of more than three lines."""
    out: list[Segment] = []
    current, segments = segment, view.segments
    step = -1 if up else 1
    number = segment.line + step
    while 0 <= number < len(view.lines) and len(out) < _MOST_LINES + 3:
        row = view.lines[number]
        first = segments[row[0]]
        if first.page != segment.page:
            break
        gap = current.box.y0 - first.box.y1 if up else first.box.y0 - current.box.y1
        if gap > 3.4 * max(current.box.height, 7.0):
            break
        fit = [s for i in row if _aligned(s := segments[i], segment)]
        if fit:
            current = min(fit, key=lambda s: abs(s.box.x0 - segment.box.x0))
            out.append(current)
        number += step
    return out


def _climb(view: View, segment: Segment, block: Block, anchors: set[int]) -> None:
    previous = segment
    for above in neighbours(view, segment, up=True):
        if len(block.above) >= _MOST_LINES or _heading_between(view, previous, above, block):
            break
        found = labels_of(view)[above.index]
        whole = is_heading(found, len(above.texts))
        if whole:
            block.heading[whole] = 1.0
            if whole not in _WHOSE:
                continue
            break
        if above.index in anchors or _stops(above, found):
            break
        if _labelled(above, found):
            block.aside.append(above)
            continue
        cut = _leading_heading(above, found, block)
        block.above.append(Line(above, cut, len(above.texts)))
        if block.street < 0 and street_score(above.text) >= 0.5:
            block.street = len(block.above) - 1
        previous = above
        if (cut and _WHOSE & block.heading.keys()) or _heading_left(view, above, block):
            break


def _leading_heading(above: Segment, found: list[Hit], block: Block) -> int:
    """Words of a heading that starts the line ("Bill to: Muster Ltd"), noted with the block."""
    cut = 0
    for hit in found:
        marked = hit.start == 1 and above.texts[hit.end - 1].endswith(":")
        if (hit.start == 0 or marked) and hit.concept in HEADINGS and hit.end < len(above.texts):
            mark = above.texts[hit.end - 1].endswith(":") or above.texts[hit.end] == ":"
            if mark or hit.concept in {"buyer", "ship_to", "contact_name"}:
                cut = max(cut, hit.end)
                block.heading[hit.concept] = 1.0
    while 0 < cut < len(above.texts) - 1 and above.texts[cut] in {":", "-"}:
        cut += 1
    return cut


_WHOSE = frozenset(("buyer", "seller", "ship_to", "payee", "agent"))


def _heading_between(view: View, lower: Segment, upper: Segment, block: Block) -> bool:
    """Whether a heading that is not aligned stands between two lines, above the lower one."""
    for number in range(upper.line, lower.line):
        for index in view.lines[number]:
            other = view.segments[index]
            if other is upper or other.box.x0 > lower.box.x1 or other.box.x1 < lower.box.x0:
                continue
            concept = is_heading(labels_of(view)[other.index], len(other.texts))
            if concept in _WHOSE and other.box.x0 > lower.box.x0 - 40:
                block.heading[concept] = 1.0
                return True
    return False


def _heading_left(view: View, segment: Segment, block: Block) -> bool:
    """Whether the segment right before it on its line is a heading."""
    left, _ = view.beside(segment)
    for other in left[:1]:
        concept = is_heading(labels_of(view)[other.index], len(other.texts))
        if concept in _WHOSE:
            block.heading[concept] = 1.0
            return True
    return False


_ASIDE = frozenset(
    ("number", "item_number", "customer_number", "supplier_number", "reference", "vat_id", "phone",
     "tax_number", "registration_number", "email", "website", "fax", "account", "name")
)  # fmt: skip


def _labelled(segment: Segment, found: list[Hit]) -> bool:
    """Whether a line between a name and its address is data of another kind ("GLN: 4000…")."""
    if street_score(segment.text) >= 0.5:
        return False  # "No: 28, Jalan Astana"
    for hit in found:
        if hit.concept in _ASIDE and (hit.start == 0 or segment.texts[hit.end - 1].endswith(":")):
            colon = any(t.endswith(":") for t in segment.texts[hit.start : hit.end + 1])
            if colon or hit.end == len(segment.texts):
                return True
    return False


_STOPS = frozenset(
    ("doc_invoice doc_credit_note doc_order doc_receipt invoice_number issue_date due_date total "
     "order_number iban bic page description quantity purchase_order delivery_date").split()
)  # fmt: skip


def _stops(segment: Segment, found: list[Hit]) -> bool:
    """Whether a line can't belong to an address: a label of something else, or running text."""
    if len(segment.texts) > 12 or not any(c.isalpha() for c in segment.text):
        return True
    for hit in found:
        if hit.start == 0 and hit.concept in _STOPS:
            marked = segment.texts[hit.end - 1].endswith((":", ".", "#"))
            if (
                hit.end == len(segment.texts)
                or marked
                or len(key("".join(segment.texts[: hit.end]))) > 7
            ):
                return True
    return False


def _descend(view: View, segment: Segment, block: Block, anchors: set[int]) -> None:
    for below in neighbours(view, segment, up=False):
        if below.index in anchors or len(block.below) >= _MOST_LINES:
            break
        if is_heading(labels_of(view)[below.index], len(below.texts)) in {
            "buyer",
            "seller",
            "ship_to",
        }:
            break
        block.below.append(Line(below, 0, len(below.texts)))


def _find_street(block: Block) -> None:
    best, score = -1, 0.3
    for n, line in enumerate(block.above[:4]):
        value = street_score(line.text) - 0.12 * n
        if value > score:
            best, score = n, value
    if best < 0 and block.above and len(block.above) > 1 and not block.inline:
        best = 0
    if best < 0 and block.inline and len(block.above) > 1:
        best = 0
    block.street = best


def _find_country(block: Block, countries: dict[int, Candidate]) -> None:
    own = countries.get(int(block.place.hints["segment"]))
    if own is not None and own.hints["first"] >= block.place.hints["last"]:
        block.country = own
        return
    for line in block.below[:2]:
        near = countries.get(line.segment.index)
        if near is not None and near.hints["alone"] > 0:
            block.country = near
            return
    block.country = block.place.parts.get("country")
