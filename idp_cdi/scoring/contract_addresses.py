"""The address that a contract gives for a party: behind its name in the introduction or a letter.

>>> from idp_cdi.extractors.clauses import Prose
>>> text = 'Sample GmbH, mit Sitz in Am Wall 3, 28195 Bremen (im Folgenden "Käufer")'
>>> after(Prose(text, (), (), (), 1), 11, 400).value
'Am Wall 3, 28195 Bremen'
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp_cdi.extractors import clauses_dates, clauses_rest, places
from idp_cdi.extractors.clauses import Mention

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp_cdi.extractors.clauses import Prose

_FAR = 360
_STOP = re.compile(
    r"\((?!(?-i:\s?[A-Z]{2}\s?\)))|[;\"]|\b(?:hereinafter|hereafter|hereby|herein|dear|ladies)\b",
    re.I,
)
_LABEL = re.compile(
    r"(?:address|anschrift|adresse|dirección|domicilio|indirizzo|adres)\s*:\s*", re.I
)
_PROVINCE = re.compile(r"\s*\([A-Z]{2}\)")
_SENTENCE = re.compile(r"(?<!\bSt)(?<!\bSte)(?<!\bMt)(?<!\bFt)\. ")
_UNIT = re.compile(
    r"\b(?:(?:flat|unit|suite|apt|room|no|floor)\b\.?\s?[\w/-]{1,6}|\d\w+ floor),\s*$",
    re.I,
)
_FLOOR = re.compile(r"\d{1,2}\s?[ºª°]?\s?[^\W\d_]{0,4}\.?,")
_OF = re.compile(r"(?:^|(?<=,)|(?<=, ))(?:of|at)\s+(?=\d)")
_COUNTRY = re.compile(r"\s*,?\s*\n?\s*([^\W\d_]{2,}(?: [^\W\d_]+)?)")


def after(prose: Prose, start: int, limit: int) -> Mention | None:
    """The address that follows a name, None where none is said.

    Args:
        prose: The contract.
        start: Where the name ends.
        limit: Where the next party is named.
    """
    text = prose.text[start : min(limit, start + _FAR)]
    stop = _STOP.search(text)
    text = text[: stop.start()] if stop else text
    flat = text.replace("\n", " ")
    cue = clauses_rest.ADDRESS_CUE.search(flat)
    found = [p for p in places.find(flat) if p.start < (cue.end() + 130 if cue else 150)]
    for place in sorted(found, key=lambda p: (p.form != "US", -p.start)):
        for begin in _begins(text, cue.end() if cue else -1, place.start):
            street = flat[begin : place.start].strip(" ,")
            letters = sum(c.isalpha() for c in street)
            if any(c.isdigit() for c in street) and letters >= 3 and len(street) <= 75:
                last = max(place.city_at[0], place.code_at[0])  # a town may run on, a code not
                line = text.find("\n", last + 1, place.end)
                sentence = _SENTENCE.search(text, last, place.end)
                cuts = [c for c in (line, sentence.start() if sentence else -1) if c >= 0]
                end = min(cuts) if cuts else _with_country(flat, _with_province(flat, place.end))
                begin = _behind_cue(flat, _with_unit(flat, begin), end)
                value = " ".join(flat[begin:end].split()).strip(" ,.")
                if _dated(value):
                    continue
                value = re.sub(r"(?:, ?)+", ", ", value)
                strength = 0.8 if cue else 0.65
                return Mention(value, start + begin, start + end, {"strength": strength})
    return None


def _begins(text: str, cue: int, before: int) -> Iterator[int]:
    """Where the street may begin: behind a wording, else nearest to the place first."""
    if 0 <= cue < before:
        yield cue
        return
    starts = [m.end() for m in re.finditer(r"(?:^|[,\n])[\s,]*", text[:before])]
    yield from reversed(starts)


def _with_unit(text: str, begin: int) -> int:
    """Where an address begins whose flat stands before the street, or its floor behind it.

    >>> _with_unit("Flat 9, 3 Abbott Court, Leeds", 8), _with_unit("C/ Lugo 39, 2 izq, 97693 A", 12)
    (0, 0)
    """
    if _FLOOR.match(text, begin):
        street = text[:begin].rstrip(" ,").rfind(",") + 1
        begin = street if any(c.isdigit() for c in text[street:begin]) else begin
        begin += len(text[begin:]) - len(text[begin:].lstrip())
    unit = _UNIT.search(text, 0, begin)
    return unit.start() if unit else begin


def _behind_cue(text: str, begin: int, end: int) -> int:
    """Where the street begins when a wording of address stands inside: "Bremen, mit Sitz in …"."""
    for m in (
        *clauses_rest.ADDRESS_CUE.finditer(text, begin, end),
        *_LABEL.finditer(text, begin, end),
        *_OF.finditer(text, begin, end),
    ):
        if m.end() < end:
            begin = max(begin, m.end())
    return begin


def _dated(value: str) -> bool:
    """Whether what looks like street and place is a date: "le 5 octobre 2008 Objet"."""
    return bool(clauses_dates.written(value) or clauses_dates.numeric(value, day_first=True))


def _with_province(text: str, end: int) -> int:
    """The end of a place with the province in brackets behind it: "Castelpagano (PD)"."""
    m = _PROVINCE.match(text, end)
    return m.end() if m else end


def _with_country(text: str, end: int) -> int:
    m = _COUNTRY.match(text, end)
    if m is None:
        return end
    for piece in (m[1], m[1].split()[0]):
        if places.country_of(piece):
            return m.start(1) + len(piece)
    return end
