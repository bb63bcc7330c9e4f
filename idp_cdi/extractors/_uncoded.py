"""Places without a postcode: a town that stands above its country, before it, or above its county.

Hong Kong and the Emirates have no postcodes, Ireland has had them since 2015, and letters abroad
leave them out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp_cdi.extractors._block import pieces, street_score
from idp_cdi.extractors._climbing import neighbours
from idp_cdi.extractors._lexicon import hits
from idp_cdi.extractors._spans import spanned
from idp_cdi.extractors._towns import is_county
from idp_cdi.extractors._view import key
from idp_cdi.extractors._wordings import lexicon

if TYPE_CHECKING:
    from idp_cdi.extractors import Candidate
    from idp_cdi.extractors._view import Segment, View

_NAME = "parties"
_LONGEST = 5
"""Words of a town's line at most."""
_MOST_WORDS = 16
"""Words of a line that has a street, its town and its country."""
_STREET = 0.4
"""How much a line or a piece looks like a street before a town without a postcode."""
_DISTRICT = re.compile(r"(?<=[^\W\d])\s\d{1,2}$")
"""A postal district behind a town: "Dublin 2"."""


def place_of(view: View, country: Candidate, used: set[int]) -> Candidate | None:
    """The town, perhaps with its region, that a country's name belongs to.

    Args:
        view: The document's geometry.
        country: A country's name, alone on its line or at the end of one.
        used: Segments that belong to other addresses.
    """
    index = int(country.hints["segment"])
    if index in used:
        return None
    if country.hints["alone"] > 0:
        return _above(view, country, used) if len(country.raw) >= 4 else None
    return _before(view, view.segments[index], int(country.hints["first"]), used)


def counties(view: View, used: set[int]) -> list[Candidate]:
    """Towns above a county that is named as one: "Wexford" / "Co. Wexford"."""
    found = []
    for segment in view.segments:
        words = len(segment.texts)
        if words != 2 or segment.index in used or not is_county(segment.text.strip(" ,")):
            continue
        above = neighbours(view, segment, up=True)[:2]
        close = len(above) == 2 and segment.box.y0 - above[0].box.y1 < segment.box.height
        if not close or any(s.index in used for s in above) or not _is_street(above[1].text):
            continue
        place = _place(above[0], [(0, len(above[0].texts))])
        if place is not None:
            region = spanned(segment, 0, words, kind="region", value=segment.text, way=_NAME)
            place.parts["region"] = region
            found.append(place)
    return found


def _above(view: View, country: Candidate, used: set[int]) -> Candidate | None:
    """The town in the line above a country's name."""
    above = neighbours(view, view.segments[int(country.hints["segment"])], up=True)[:3]
    if len(above) < 2 or any(s.index in used for s in above[:2]):
        return None
    line = above[0]
    if line.box.y1 + 1.5 * line.box.height < country.box.y0 or len(line.texts) > _LONGEST:
        return None
    parts = pieces(line)
    return _place(line, [parts[0], (0, len(line.texts))]) if parts else None


def _before(view: View, line: Segment, end: int, used: set[int]) -> Candidate | None:
    """The town between a street and the country's name at the end of a line, or of the next one."""
    parts = [(a, min(b, end)) for a, b in pieces(line) if a < end]
    if not parts or len(line.texts) > _MOST_WORDS:
        return None
    texts = [" ".join(line.texts[a:b]) for a, b in parts]
    street = max((n for n, t in enumerate(texts) if _is_street(t)), default=-1)
    if street < 0:
        above = neighbours(view, line, up=True)[:1]
        close = above and line.box.y0 - above[0].box.y1 < line.box.height
        if not close or above[0].index in used or not _is_street(above[0].text):
            return None
    rest = parts[street + 1 :]
    if not 0 < len(rest) <= 2:
        return None
    place = _place(line, [rest[0], (rest[0][0], end)])
    if place is not None and len(rest) == 2:
        region = " ".join(line.texts[slice(*rest[1])]).strip(" ,")
        if not _is_town(region):
            return None
        place.parts["region"] = spanned(line, *rest[1], kind="region", value=region, way=_NAME)
    return place


def _place(line: Segment, spans: list[tuple[int, int]]) -> Candidate | None:
    """A place whose first span is its town and whose last is all of it."""
    (first, last), whole = spans[0], spans[-1]
    text = " ".join(line.texts[first:last]).strip(" ,")
    if not _is_town(text):
        return None
    value = " ".join(line.texts[slice(*whole)]).strip(" ,·•|–-")
    place = spanned(
        line, *whole, kind="place", value=value, way=_NAME, hints={"form": 0.0, "year": 0.0}
    )
    town = _DISTRICT.sub("", text)
    last -= len(text.split()) - len(town.split())
    place.parts["city"] = spanned(line, first, last, kind="city", value=town, way=_NAME)
    return place


def _is_town(text: str) -> bool:
    """Whether a text can be the name of a town: some words of letters, no label, no firm."""
    name = _DISTRICT.sub("", text)
    words, legal = name.split(), lexicon().legal
    plain = name[:1].isupper() and not any(c.isdigit() or c in "@:/&" for c in name)
    return plain and len(words) <= _LONGEST and not hits(words[:4]) and key(name) not in legal


def _is_street(text: str) -> bool:
    return street_score(text) >= _STREET
