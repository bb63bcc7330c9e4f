"""Blocks of address lines around a place, up to the heading that says whose address it is.

A block hangs on a place (postcode with city, or a city above its country): the lines above it in
the same column, or the pieces before it on the same line ("Muster GmbH • Weg 1 • 12345 Ort"), and
the lines below it that go on (country, phone, VAT id).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp_cdi.extractors._block import HEADINGS, NAME, STOREY, Block, Line, pieces, street_score
from idp_cdi.extractors._climbing import climb, descend, neighbours, stops
from idp_cdi.extractors._labelled import addresses
from idp_cdi.extractors._lexicon import hits
from idp_cdi.extractors._spans import spanned
from idp_cdi.extractors._towns import with_town
from idp_cdi.extractors._uncoded import counties, place_of
from idp_cdi.extractors._wordings import lexicon

if TYPE_CHECKING:
    from idp_cdi.extractors import Candidate
    from idp_cdi.extractors._view import View

_SLIP = 36
"""Width of a till slip in heights of its letters, at most."""
_HEAD = 60
"""Segments of the first page among which addresses without a postcode are looked for."""
_MOST_LONE = 4


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
    towns = [(place_of(view, country, used), country) for country in countries.values()]
    for town, country in (*towns, *((c, None) for c in counties(view, used))):
        if town is not None:
            block = _block(view, town, anchors)
            _find_street(block)
            block.country = country
            out.append(block)
    used = {line.segment.index for b in out for line in (*b.above, *b.below)} | {
        int(b.place.hints["segment"]) for b in out
    }
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
        climb(view, found.top, block, set())
        block.above = [Line(p.segment, p.first, p.last) for p in found.above]
        descend(view, found.last, block, set())
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
        if stops(segment, hits(segment.texts[:8])):
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
        climb(view, segment, block, anchors)
    descend(view, segment, block, anchors)
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
    _join_street(block)


_STREET = 0.5
"""How much a line looks like a street that is one."""


def _join_street(block: Block) -> None:
    """Pieces between commas of one line that are a street together: "9660 Sherman Rd, Suite 26".

    What stands first where no line above can be the name is the name, and a word without a number
    behind a whole street is a quarter.
    """
    above, anchor = block.above, block.anchor
    pieces_ = sum(line.segment is anchor for line in above)
    if anchor is None or not 0 <= block.street < pieces_:
        return
    low = high = block.street
    while high + 1 < pieces_ and _ends_in_comma(above[high + 1]):
        line = above[high + 1]
        name = high + 2 == len(above) and not _has_digit(line) and street_score(line.text) < _STREET
        if name or (line.has_form and not _is_unit(line)):
            break
        high += 1
    while low > 0 and _ends_in_comma(above[low]):
        whole = Line(anchor, above[high].first, above[low].last)
        complete = street_score(whole.text) >= _STREET and not _is_unit(whole)
        if complete and not _has_digit(above[low - 1]):
            break
        low -= 1
    if high > low:
        above[low : high + 1] = [Line(anchor, above[high].first, above[low].last)]
        block.street = low


def _is_unit(line: Line) -> bool:
    """Whether a line is a part of a building only: "Shop 18", "7th Floor"."""
    first = line.segment.keys[line.first]
    return first in lexicon().units or STOREY.match(line.text) is not None


def _ends_in_comma(line: Line) -> bool:
    return line.segment.texts[line.last - 1].endswith(",")


def _has_digit(line: Line) -> bool:
    return any(c.isdigit() for c in line.text)


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
