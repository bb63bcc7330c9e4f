"""The town of an address whose postcode has a line of its own, as British and Irish ones do.

The town stands in the line above, or above a county; the post has done without counties since
1996 (Royal Mail, *Programmer's guide to the Postcode Address File*), but letters go on naming them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from idp_cdi.documents import around
from idp_cdi.extractors._lexicon import hits
from idp_cdi.extractors._spans import spanned
from idp_cdi.extractors._view import key
from idp_cdi.extractors._wordings import lexicon

if TYPE_CHECKING:
    from idp_cdi.extractors import Candidate
    from idp_cdi.extractors._block import Block, Line

_LONGEST = 5
"""Words of a town's name at most: "Stow on the Wold"."""
_COUNTIES = frozenset(
    key(name)
    for name in (
        "Aberdeenshire, Angus, Antrim, Argyll, Armagh, Avon, Ayrshire, Banffshire, Bedfordshire, "
        "Beds, Berkshire, Berks, Berwickshire, Buckinghamshire, Bucks, Caithness, Cambridgeshire, "
        "Cambs, Carmarthenshire, Ceredigion, Cheshire, Cleveland, Clwyd, Conwy, Cornwall, Cumbria, "
        "Denbighshire, Derbyshire, Devon, Dorset, Down, Dumfriesshire, Dunbartonshire, Durham, "
        "Dyfed, East Lothian, East Sussex, East Yorkshire, Essex, Fermanagh, Fife, Flintshire, "
        "Glamorgan, Gloucestershire, Glos, Greater London, Greater Manchester, Gwent, Gwynedd, "
        "Hampshire, Hants, Herefordshire, Hertfordshire, Herts, Humberside, Inverness-shire, "
        "Isle of Anglesey, Isle of Man, Isle of Wight, Kent, Kinross-shire, Kirkcudbrightshire, "
        "Lanarkshire, Lancashire, Lancs, Leicestershire, Leics, Lincolnshire, Lincs, Londonderry, "
        "Merseyside, Mid Glamorgan, Middlesex, Middx, Midlothian, Monmouthshire, Moray, Norfolk, "
        "North Yorkshire, Northamptonshire, Northants, Northumberland, Nottinghamshire, Notts, "
        "Oxfordshire, Oxon, Peeblesshire, Pembrokeshire, Perthshire, Powys, Renfrewshire, Rutland, "
        "Ross-shire, Roxburghshire, Selkirkshire, Shropshire, Salop, Somerset, South Glamorgan, "
        "South Yorkshire, Staffordshire, Staffs, Stirlingshire, Suffolk, Surrey, Sussex, "
        "Sutherland, Tyne and Wear, Tyne & Wear, Tyrone, Warwickshire, Warks, West Glamorgan, "
        "West Lothian, West Midlands, West Sussex, West Yorkshire, Wigtownshire, Wiltshire, Wilts, "
        "Worcestershire, Worcs, Yorkshire"
    ).split(", ")
)


def with_town(block: Block) -> None:
    """Give a place that is a bare postcode the town, and the county, of the lines above it."""
    place = block.place
    if "city" in place.parts or "postal_code" not in place.parts or block.inline:
        return
    used = 1 + (len(block.above) > 1 and _is_county(block.above[0]))
    if len(block.above) <= used or not all(_is_town(line) for line in block.above[:used]):
        return
    town = block.above[used - 1]
    county = [replace(line, first=0) for line in block.above[: used - 1]]  # with its "Co."
    parts = dict(place.parts, city=_part(town, "city"))
    if county:
        parts["region"] = _part(county[0], "region")
    lines = [town, *county]
    words = [w for line in lines for w in line.segment.words[line.first : line.last]]
    block.place = replace(
        place,
        value=", ".join([*(line.text for line in lines), place.value]),
        words=tuple(dict.fromkeys([*words, *place.words])),
        box=around([*(line.box for line in lines), place.box]),
        parts=parts,
    )
    block.above = block.above[used:]


def _part(line: Line, kind: str) -> Candidate:
    return spanned(
        line.segment, line.first, line.last, kind=kind, value=line.text, raw=line.text, way="places"
    )


def is_county(text: str) -> bool:
    """Whether a text is the name of a county.

    >>> is_county("Kent"), is_county("Co. Down"), is_county("County Kerry"), is_county("Leeds")
    (True, True, True, False)
    """
    words = text.split()
    named = len(words) == 2 and key(words[0]) in {"co", "county"}
    return named or key(text) in _COUNTIES


def _is_county(line: Line) -> bool:
    return is_county(" ".join(line.segment.texts[: line.last]).strip(" ,"))


def _is_town(line: Line) -> bool:
    """Whether a line can be the name of a town: a few words of letters, no label, no firm."""
    words = line.segment.texts[line.first : line.last]
    text = line.text
    plain = text[:1].isupper() and not any(c.isdigit() or c in "@:/&" for c in text)
    legal = lexicon().legal
    return (
        plain
        and len(words) <= _LONGEST
        and not any(key(w) in legal for w in words)
        and not any(h.start == 0 and h.end == len(words) for h in hits(words))
    )
