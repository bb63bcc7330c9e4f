"""Values of a field's kind in words of a row, and in the rows under it: names, addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp_cdi.extractors import clauses_cues, forms, forms_values, places
from idp_cdi.extractors.forms_labels import ITEM
from idp_cdi.scoring.custom_sheet import Spot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.extractors.forms_labels import Row
    from idp_cdi.scoring.custom_sheet import Sheet
    from idp_cdi.scoring.custom_types import DocType, FieldType


def values(
    sheet: Sheet,
    kind: DocType,
    field: FieldType,
    row: Row,
    first: int,
    last: int,
    *,
    every: bool = False,
) -> list[tuple[str, Spot, float]]:
    """The values of a field's kind in words of a row: value, place, fit.

    `every` gives all of them, whatever the field takes.
    """
    if field.kind == "address":
        return addresses(sheet, row, first, last)
    if field.multi and len(parts := listed(row.texts[first:last])) > 1:
        return [v for a, b in parts for v in values(sheet, kind, field, row, first + a, first + b)]
    found = forms_values.find(
        field.kind,
        row.texts[first:last],
        day_first=sheet.day_first,
        country=kind.country or None,
        scanned=row.scanned,
    )
    if not found:
        return []
    if every:
        pass
    elif field.take == "last":
        found = [found[-1]] if len(found) > 1 or field.kind != "date" else [_weaker(found[0])]
    elif field.take == "first":
        found = found[:2] if field.kind in ("identifier", "registration_number") else found[:1]
    return [
        (v.value, Spot(((row, first + v.first, first + v.last),)), v.fit * 0.75**n)
        for n, v in enumerate(found)
    ]


def listed(texts: Sequence[str]) -> list[tuple[int, int]]:
    """The entries of a list that stands in one line: word ranges without their numbers.

    >>> listed("1. Board of Trade, 2. Ann Lee 3. Bo Ek".split()), listed("Suite 2. Troy".split())
    ([(1, 4), (5, 7), (8, 10)], [])
    """
    starts: list[int] = []
    for i, text in enumerate(texts):
        number = len(starts) + 1
        if text in {f"{number}.", f"{number})", f"({number})"}:
            starts.append(i)
    if not starts or starts[0]:
        return []
    ends = [*starts[1:], len(texts)]
    return [(a + 1, b) for a, b in zip(starts, ends, strict=True) if b > a + 1]


def _weaker(value: forms_values.Value) -> forms_values.Value:
    """A lone date may be the end of a period as well as its start."""
    return forms_values.Value(value.value, value.first, value.last, value.fit * 0.8)


def whole_values(
    sheet: Sheet, kind: DocType, field: FieldType, row: Row, first: int, last: int
) -> list[tuple[str, Spot, float]]:
    """The values in words of a row; a name that plainly goes on in the next line with all of it."""
    found = values(sheet, kind, field, row, first, last)
    if field.kind != "name" or len(found) != 1 or not (under := stack(sheet, row, first)[:1]):
        return found
    other, a, b = under[0]
    value, spot, fit = found[0]
    more = " ".join(other.texts[a:b]).strip(" ,")
    if field.multi and re.match(r"[-–•*]\s", more):
        return found  # the next entry of a list
    if not _goes_on(value, more) or any(h.first == a for h in sheet.hits_of.get(other.line, ())):
        return found
    whole = f"{value} {more}"
    return [
        (whole, Spot((*spot.pieces, (other, a, b))), min(1.0, 1.1 * fit)),
        (value, spot, fit * 0.9),
    ]


def _goes_on(value: str, more: str) -> bool:
    """Whether a name is not complete without the line under it."""
    words = more.split()
    if not 1 <= len(words) <= 5 or any(c.isdigit() for c in more) or more.endswith(":"):
        return False
    open_end = re.search(r"(?:,|&|\band|\bof|\bthe|\bd/b/a\b.*|[-–])$", value, re.I) is not None
    form = clauses_cues.legal_form(f"x {more}") != "" and not clauses_cues.legal_form(value)
    body = _STATE.match(value) is not None and _OFFICE.match(more) is not None
    return open_end or form or body or re.match(r"(?:[-–&]|of\b|and\b)", more) is not None


_STATE = re.compile(r"(?:the\s+)?(?:government|commonwealth|republic|kingdom|state)\s+of\b", re.I)
_OFFICE = re.compile(
    r"(?:ministry|department|office|board|bureau|agency|authority|embassy|secretariat)\b", re.I
)
"""A state, and the part of it that acts: "Government of India" / "Ministry of Tourism"."""


def addresses(sheet: Sheet, row: Row, first: int, last: int) -> list[tuple[str, Spot, float]]:
    """The address that begins at a piece of a row: lines down to the one with the postcode."""
    lines = [(row, first, last), *_to_next_label(sheet, stack(sheet, row, first))]
    start = next(
        (
            i
            for i, (r, a, z) in enumerate(lines[:3])
            if any(c.isdigit() for t in r.texts[a:z] for c in t)
        ),
        -1,
    )
    if start < 0:
        return []
    if start and _ends_in(lines[start]) and not _street(lines[start]):
        start = 0  # a house with a name instead of a number
    under = lines[start + 1 : start + 2]
    if under and not _street(lines[start]) and _street(under[0]) and not _ends_in(under[0]):
        start += 1  # "Channel 4" over "12 Elm St": the name has a figure, too
    part = lines[start : start + 4]
    ends = [_ends_in(piece) for piece in part]
    end = next((i for i, e in enumerate(ends) if e == "last"), -1)
    end = end if end >= 0 else next((i for i, e in enumerate(ends) if e), -1)
    end += end >= 0 and end + 1 < len(lines) - start and _is_country(lines[start + end + 1])
    taken = lines[start : start + end + 1] if end >= 0 else part[:2]
    value = ", ".join(_text(piece).strip(" ,") for piece in taken)
    return [(value, Spot(tuple(taken)), (1.0 if end >= 0 else 0.35) * 0.95**start)]


def _to_next_label(sheet: Sheet, pieces: list[tuple[Row, int, int]]) -> list[tuple[Row, int, int]]:
    """The pieces down to the one at which another label of the form begins."""
    for n, (row, first, last) in enumerate(pieces):
        item = ITEM.match(row.texts[first]) and any(
            c.isalpha() for t in row.texts[first + 1 : last] for c in t
        )
        labels = sheet.hits_of.get(row.line, ())
        if item or any(h.first == first and (h.colon or h.whole > 0.85) for h in labels):
            return pieces[:n]
    return pieces


def _text(piece: tuple[Row, int, int]) -> str:
    row, first, last = piece
    return " ".join(row.texts[first:last])


def _is_country(piece: tuple[Row, int, int]) -> bool:
    return places.country_of(_text(piece)) != ""


def _ends_in(piece: tuple[Row, int, int]) -> str:
    """Where a line holds a postcode with or beside its place: "first", "last", "" for nowhere."""
    row, first, last = piece
    found = _postcode(row.texts[first:last])
    if found or not any(p.postal_code for p in places.find(_text(piece))):
        return found
    return "last"


def _street(piece: tuple[Row, int, int]) -> bool:
    """Whether a line begins like a street or a box: with a number, or "PO Box"."""
    return re.match(r"\W*(?:\d+\s+\D|P\.?\s?O\.?\s+Box\b)", _text(piece), re.I) is not None


def _postcode(texts: tuple[str, ...]) -> str:
    """Where a line holds a postcode beside a place name: "first", "last" or "" for nowhere."""
    letters = any(len(t) > 2 and t.strip(",.").isalpha() for t in texts)
    for i, t in enumerate(texts):
        bare = t.strip(",.")
        if letters and re.fullmatch(r"\d{4,5}(?:-\d{3,4})?", bare):
            box = i and re.fullmatch(
                r"box|postfach|bp|apartado|cs|no|nr", texts[i - 1].strip(".,").lower()
            )
            if not box:
                return "last" if i else "first"
    return ""


def stack(sheet: Sheet, row: Row, first: int) -> list[tuple[Row, int, int]]:
    """The pieces of the next rows that stand under a piece, aligned and close."""
    out: list[tuple[Row, int, int]] = []
    left, above = row.boxes[first].x0, row.boxes[first]
    for other in sheet.lines[row.line + 1 : row.line + 12]:
        if other.page != row.page or len(out) >= 5:
            break
        gap = (other.box.y0 - above.y1) / row.height
        if gap > 1.6:
            break
        piece = next(
            (
                (a, b)
                for a, b in forms.chunks(other)
                if abs(other.boxes[a].x0 - left) < 2.5 * row.height
            ),
            None,
        )
        if piece is not None and other.boxes[piece[0]].y0 > above.y0 + 0.4 * row.height:
            out.append((other, *piece))
            above = other.boxes[piece[0]]
    return out


def over(sheet: Sheet, row: Row, first: int, last: int) -> tuple[Row, int, int]:
    """The piece at which the lines begin that end in a piece: what is filled in over a label."""
    top = (row, first, last)
    for other in reversed(sheet.lines[max(0, row.line - 3) : row.line]):
        above, left = top[0].boxes[top[1]], top[0].boxes[top[1]].x0
        if other.page != row.page or above.y0 - other.box.y1 > 0.9 * row.height:
            break
        aligned = (p for p in forms.chunks(other) if abs(other.boxes[p[0]].x0 - left) < row.height)
        piece = next(aligned, None)
        if piece is None or not _to_next_label(sheet, [(other, *piece)]):
            break
        top = (other, *piece)
    return top
