"""An address block as one candidate: which lines belong to it, and its parts."""

from __future__ import annotations

import re

from idp_cdi.documents import around
from idp_cdi.extractors import Candidate
from idp_cdi.extractors._block import NAME, REGISTERED, Block, Line, street_score
from idp_cdi.extractors._lexicon import hits
from idp_cdi.extractors._spans import spanned


def _top_of_address(block: Block) -> int:
    """Index of the topmost line of the address: a unit, a building, a second street line."""
    at = block.street
    if block.inline:
        return at
    for n in range(block.street + 1, min(len(block.above), block.street + 4)):
        line = block.above[n]
        if line.has_form or REGISTERED.match(line.text):
            break
        ends = line.segment.texts[line.last - 1].endswith(",")
        digits = sum(c.isdigit() for c in line.text)
        if n == len(block.above) - 1 and not digits:
            break  # the top line is the name unless it has a number
        if not (ends or street_score(line.text) >= 0.35 or 0 < digits < 6):
            break
        at = n
    return at


def _after(block: Block) -> list[Line]:
    """What follows the city: a state on the same line, or below a line that ends in a comma."""
    last = int(block.place.hints["last"])
    places_segment = block.place.hints["segment"]
    out: list[Line] = []
    anchor = block.anchor
    if anchor is None or block.inline:
        return out
    rest = anchor.texts[last:]
    if rest and len(rest) <= 4 and _plain(rest) and not _label_first(rest):
        out.append(Line(anchor, last, len(anchor.texts)))
    below = block.below[0] if block.below else None
    # A till slip prints the state on a line of its own; a letter prints other things there.
    open_end = anchor.texts[-1].endswith((",", "-")) or block.slip
    if below is not None and open_end and below.segment.index != places_segment:
        near = below.box.y0 - anchor.box.y1 < 0.9 * anchor.box.height
        words = below.segment.texts
        if near and len(words) <= 4 and _plain(words) and not _label_first(words):
            out.append(below)
    if block.country is not None:
        own = set(block.country.words)
        out = [x for x in out if not own & set(x.segment.words[x.first : x.last])]
    return out


def _label_first(words: list[str]) -> bool:
    return any(h.start == 0 for h in hits(words))


def _plain(words: list[str]) -> bool:
    """Letters only, first of them a capital: a region or a country."""
    text = " ".join(words).strip(" ,.")
    return bool(text) and text[0].isupper() and not any(c.isdigit() or c in "@:/|•●" for c in text)


def address(block: Block) -> Candidate:
    """The block as one candidate of kind "address" with its parts."""
    parts = dict(block.place.parts)
    lines: list[Line] = block.lines if block.lines is not None else []
    if block.street >= 0:
        if block.lines is None:
            lines = block.above[: _top_of_address(block) + 1][::-1]
        street = block.above[block.street]
        parts["street"] = spanned(
            street.segment, street.first, street.last, kind="street", value=street.text, way=NAME
        )
    place = block.place.value
    if "country" in block.place.parts and block.country is block.place.parts["country"]:
        place = re.sub(r"^[A-Z]{1,3}\s?[-–]?\s?(?=\d)", "", place)
    after = _after(block)
    texts = [line.text for line in lines] + [place.strip(" ,")] + [line.text for line in after]
    boxes = [line.box for line in (*lines, *after)] + [block.place.box]
    words = [w for line in lines for w in line.segment.words[line.first : line.last]]
    words += block.place.words
    words += [w for line in after for w in line.segment.words[line.first : line.last]]
    if block.country is not None:
        parts["country"] = block.country
        if block.country is not block.place.parts.get("country"):
            texts.append(block.country.raw.strip(" ,"))
            boxes.append(block.country.box)
            words += block.country.words
    value = ", ".join(texts)
    return Candidate(
        kind="address",
        value=value,
        raw=value,
        page=block.page,
        words=tuple(dict.fromkeys(words)),
        box=around(boxes),
        way=NAME,
        hints={"segment": block.place.hints["segment"]},
        parts=parts,
    )
