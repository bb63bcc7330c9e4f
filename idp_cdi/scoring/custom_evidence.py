"""Evidence for a value of a field: which label points to it, how, and how strongly.

One `Evidence` is a label hit, what it points to, and a value of the field's kind in there. Its
strength is a product of plain factors (how exact the label is, how near and how usual the place,
how well the value fits its kind), each of which is also a figure for the trained scorer.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from idp_cdi.documents import Box, around
from idp_cdi.extractors import clauses_cues, clauses_dates, forms, forms_values
from idp_cdi.extractors._lexicon import hits as known_labels
from idp_cdi.extractors._view import key
from idp_cdi.extractors.forms_labels import ITEM, LabelHit, Row, find, letters, rows

if TYPE_CHECKING:
    from idp_cdi.extractors._view import View
    from idp_cdi.scoring.custom_types import DocType, FieldType

_NAME_HEADS = frozenset(["name", "nom", "nombre", "nome", "naam", "names"])
_ADDRESS_HEADS = frozenset(["address", "adresse", "anschrift", "direccion", "indirizzo", "adres"])
_SCRAWL = 0.6
"""Weight of what OCR reads where a label asks for a signature."""
_BESIDE_HEAD = 0.3
"""Weight of what stands beside a label that heads a column."""
_PROSE = 11
"""Words of a line from which it is taken for prose."""


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """Words of one or more rows: where a value stands."""

    pieces: tuple[tuple[Row, int, int], ...]

    @property
    def row(self) -> Row:
        """The first row."""
        return self.pieces[0][0]

    @property
    def page(self) -> int:
        """Page, from 1."""
        return self.pieces[0][0].page

    @property
    def box(self) -> Box:
        """Around the words on the first page."""
        return around(b for r, a, z in self.pieces if r.page == self.page for b in r.boxes[a:z])

    @property
    def raw(self) -> str:
        """The words as printed."""
        return " ".join(t for r, a, z in self.pieces for t in r.texts[a:z])

    @property
    def words(self) -> frozenset[tuple[int, int]]:
        """Line and word index of each word."""
        return frozenset((r.line, i) for r, a, z in self.pieces for i in range(a, z))


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """A reason to take `value` for `field`; `strength` is 0–1. `hit` is None without a label."""

    field: str
    value: str
    spot: Spot
    strength: float
    factors: dict[str, float]
    hit: LabelHit | None = None
    relation: str = "none"


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A document as forms are read: rows, label hits, and how dates in digits are written."""

    view: View
    lines: list[Row]
    hits: list[LabelHit]
    hits_of: dict[int, list[LabelHit]]
    day_first: bool | None
    certainty: dict[tuple[int, int], float]
    heads: frozenset[int] = frozenset()

    @staticmethod
    def of(view: View, kind: DocType) -> Sheet:
        """Find the labels of a type on the pages of a document."""
        lines = rows(view)
        text = view.document.text
        day_first = kind.day_first
        if day_first is None:
            day_first = not clauses_dates.american(text)
        doubts = {
            (r.line, i): view.page(r.page).words[w].confidence
            for r in lines
            for i, w in enumerate(r.words)
        }
        hits = find(view, kind.wordings, lines)
        hits_of: dict[int, list[LabelHit]] = defaultdict(list)
        for h in hits:
            hits_of[h.row.line].append(h)
        return Sheet(view, lines, hits, hits_of, day_first, doubts, _heads(lines))


def _heads(lines: list[Row]) -> frozenset[int]:
    """The lines that look like heads of a table: words without figures, columns under them."""
    return frozenset(r.line for r, under in pairwise(lines) if _is_head(r, under))


def _is_head(row: Row, under: Row) -> bool:
    cells = forms.chunks(row)
    if len(cells) < 3 or under.page != row.page or under.box.y0 - row.box.y1 > 2 * row.height:
        return False
    if any(c.isdigit() or c == ":" for t in row.texts for c in t):
        return False
    below = [(under.boxes[a].x0, under.boxes[b - 1].x1) for a, b in forms.chunks(under)]
    if len(below) < 2 or not any(c.isdigit() for t in under.texts for c in t):
        return False
    # Many columns need only overlap what is under them: figures stand to the right, words centred.
    slack = 0.6 * row.height
    met = 0
    for a, b in cells:
        left, right = row.boxes[a].x0, row.boxes[b - 1].x1
        aligned = any(abs(x - left) < slack for x, _ in below)
        met += aligned or (len(cells) > 4 and any(x < right and left < y for x, y in below))
    return met >= (2 if len(cells) < 5 else 0.6 * len(cells))


def gather(sheet: Sheet, kind: DocType) -> dict[str, list[Evidence]]:
    """All evidence for each field of the type, strongest first."""
    out: dict[str, list[Evidence]] = defaultdict(list)
    for hit in sheet.hits:
        field = kind.fields[hit.wording.field]
        for answer in forms.answers(hit, sheet.lines, sheet.hits):
            out[field.name] += _of_answer(sheet, kind, field, hit, answer)
    for field in kind.fields.values():
        if field.name == "signer.name":
            out[field.name] += _signed(sheet, kind, field)
        if field.kind == "date" and any(w.letters in _ARRIVALS for w in field.wordings):
            out[field.name] += _stamped(sheet, kind, field)
        if field.below:
            out[field.name] += _below_of(sheet, field, out.get(field.below, []))
    for name in out:
        out[name].sort(key=lambda e: -e.strength)
    return out


def _of_answer(
    sheet: Sheet, kind: DocType, field: FieldType, hit: LabelHit, answer: forms.Answer
) -> list[Evidence]:
    factors = {
        "label": hit.likeness * hit.context * hit.wording.weight,
        "exact": _exactness(hit, answer.relation),
        "place": _place(hit, answer) * (_BESIDE_HEAD if _head(sheet, hit, answer) else 1.0),
        "page": 0.97 ** (answer.row.page - 1),
        "hand": _SCRAWL if answer.row.scanned and _by_hand(hit) else 1.0,
    }
    if math.prod(factors.values()) < 0.03 or (answer.relation == "same" and _caption(hit)):
        return []
    out = []
    first, last = answer.first, answer.last
    if field.kind in ("name", "person_name") and answer.last - first > 1:
        lead = key(answer.row.texts[first])
        if lead in _ADDRESS_HEADS:
            return []
        first += lead in _NAME_HEADS
        last -= key(answer.row.texts[last - 1]) in _ADDRESS_HEADS and last - first > 2
    for value, spot, fit in _read(sheet, kind, field, answer.row, first, last):
        plain = (
            fit * _plain(spot, hit, field.kind) * _style(sheet, hit, spot) * _labelled(sheet, spot)
        )
        plain *= 0.5 + 0.5 * _legible(sheet, spot)
        strength = math.prod(factors.values()) * plain
        shown = factors | {
            "fit": plain,
            "dx": answer.dx,
            "dy": answer.dy,
            "step": float(answer.step),
            "blocked": float(answer.blocked),
        }
        out.append(Evidence(field.name, value, spot, strength, shown, hit, answer.relation))
    return out


def _by_hand(hit: LabelHit) -> bool:
    """Whether a label asks for a signature: on a scan OCR reads a scrawl there."""
    return any(w in hit.wording.letters for w in ("signature", "unterschrift", "handtekening"))


def _read(
    sheet: Sheet, kind: DocType, field: FieldType, row: Row, first: int, last: int
) -> list[tuple[str, Spot, float]]:
    """The values in words of a row; a name that plainly goes on in the next line with all of it."""
    found = values(sheet, kind, field, row, first, last)
    if field.kind != "name" or len(found) != 1 or not (under := stack(sheet, row, first)[:1]):
        return found
    other, a, b = under[0]
    value, spot, fit = found[0]
    more = " ".join(other.texts[a:b]).strip(" ,")
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
    return open_end or form or re.match(r"(?:[-–&]|of\b|and\b)", more) is not None


def _signed(sheet: Sheet, kind: DocType, field: FieldType) -> list[Evidence]:
    """Names behind "/s/", the sign of an electronic or conformed signature."""
    out = []
    for row in sheet.lines:
        for first, last in forms.chunks(row):
            if not _CONFORMED.match(" ".join(row.texts[first:last])):
                continue
            for value, spot, fit in values(sheet, kind, field, row, first, last):
                factors = {"label": 1.0, "exact": 1.0, "place": 0.75, "fit": fit}
                out.append(Evidence(field.name, value, spot, 0.75 * fit, factors, None, "signed"))
    return out


_ARRIVALS = frozenset(
    letters(w) for w in ("received", "eingegangen", "reçu", "recibido", "ricevuto", "ontvangen")
)
_CLOCK = re.compile(r"^(?:[AP]\.?M\.?|\d{1,2}:\d\d(?::\d\d)?)$", re.I)


def _stamped(sheet: Sheet, kind: DocType, field: FieldType) -> list[Evidence]:
    """Dates with a time of day beside them: the stamp of the day on which a paper came in."""
    out = []
    for row in sheet.lines:
        for first, last in forms.chunks(row):
            if not any(_CLOCK.match(t.strip(".,")) for t in row.texts[first:last]):
                continue
            for value, spot, fit in values(sheet, kind, field, row, first, last):
                factors = {"label": 1.0, "exact": 1.0, "place": 0.6, "fit": fit}
                out.append(Evidence(field.name, value, spot, 0.6 * fit, factors, None, "stamped"))
    return out


_CONFORMED = re.compile(r"^/\s?[sS5]\s?/")


def _exactness(hit: LabelHit, relation: str) -> float:
    """How far the words are a label and not just part of a text or of another label."""
    if hit.whole > 0.85:
        return 1.0
    if hit.starts and hit.colon:
        return 0.97
    if _caption(hit):
        return 0.85
    if hit.starts and relation != "same" and not hit.item:
        return 0.45  # "Agency" in "Agency Ref" is not the label of what stands beside
    words = sum(1 for s in hit.row.segments if s == hit.row.segments[hit.first])
    spare = words - (hit.last - hit.first)
    if hit.starts:
        return (0.85 if hit.item else 0.8) if words < _PROSE else 0.3
    if hit.colon:
        return 0.75 if spare < 4 else 0.45
    if ITEM.match(hit.row.texts[0]):
        return 0.6 if spare < 4 else 0.45
    return 0.4 if words < _PROSE else 0.06


def _caption(hit: LabelHit) -> bool:
    """Whether a label is (part of) a caption in brackets, as forms set under or over a line."""
    row = hit.row
    cell = [t for t, s in zip(row.texts, row.segments, strict=True) if s == row.segments[hit.first]]
    return hit.starts and cell[0][0] in "([" and len(cell) < 16


def _head(sheet: Sheet, hit: LabelHit, answer: forms.Answer) -> bool:
    """Whether an answer beside a label is but the head of the next column."""
    return answer.relation == "right" and not hit.colon and hit.row.line in sheet.heads


def _place(hit: LabelHit, answer: forms.Answer) -> float:
    blocked = 0.55**answer.blocked
    if answer.relation == "same":
        if hit.colon:
            return 0.97
        one = answer.last - answer.first == 1 and not any(c.isdigit() for c in answer.texts[0])
        return (0.85 if hit.starts else 0.5) * (0.5 if one else 1.0)
    if answer.relation == "right":
        return 0.95 * math.exp(-answer.dx / 70.0) * 0.6**answer.step * blocked
    if answer.relation == "below":
        near = math.exp(-max(answer.dy - 0.5, 0.0) / 14.0) * math.exp(-answer.dx / 25.0)
        return 0.88 * near * 0.8**answer.step * blocked * (0.9 if hit.colon else 1.0)
    return (0.75 if _caption(hit) else 0.3) * math.exp(-answer.dy / 4.0) * 0.8**answer.step


def _plain(spot: Spot, hit: LabelHit, kind: str) -> float:
    """Less than 1 for words that look like a label themselves or like running text."""
    texts = [t for r, a, z in spot.pieces for t in r.texts[a:z]]
    factor = 1.0
    if texts[-1].endswith(":") or (len(texts) == 1 and texts[0].endswith("#")):
        factor *= 0.15
    if len(texts) > 9 and kind != "name":
        factor *= 0.5
    heads = [h for h in known_labels(texts[:6]) if h.start == 0 and h.end >= min(len(texts), 6)]
    if heads:
        factor *= 0.3
    if (
        key(" ".join(texts)) == hit.wording.letters
        or letters(" ".join(texts)) == hit.wording.letters
    ):
        factor *= 0.05
    return factor


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
        return _addresses(sheet, row, first, last)
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


def _weaker(value: forms_values.Value) -> forms_values.Value:
    """A lone date may be the end of a period as well as its start."""
    return forms_values.Value(value.value, value.first, value.last, value.fit * 0.8)


def _addresses(sheet: Sheet, row: Row, first: int, last: int) -> list[tuple[str, Spot, float]]:
    """The address that begins at a piece of a row: lines down to the one with the postcode."""
    lines = [(row, first, last), *stack(sheet, row, first)]
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
    if start + 1 < len(lines) and not _street(lines[start]) and _street(lines[start + 1]):
        start += 1  # "Channel 4" over "12 Elm St": the name has a figure, too
    part = lines[start : start + 4]
    ends = [_postcode(r.texts[a:z]) for r, a, z in part]
    end = next((i for i, e in enumerate(ends) if e == "last"), -1)
    end = end if end >= 0 else next((i for i, e in enumerate(ends) if e), -1)
    taken = part[: end + 1] if end >= 0 else part[:2]
    value = ", ".join(" ".join(r.texts[a:z]).strip(" ,") for r, a, z in taken)
    return [(value, Spot(tuple(taken)), (1.0 if end >= 0 else 0.35) * 0.95**start)]


def _street(piece: tuple[Row, int, int]) -> bool:
    """Whether a line begins like a street or a box: with a number, or "PO Box"."""
    row, first, last = piece
    text = " ".join(row.texts[first:last])
    return re.match(r"\W*(?:\d+\s+\D|P\.?\s?O\.?\s+Box\b)", text, re.I) is not None


def _style(sheet: Sheet, hit: LabelHit, spot: Spot) -> float:
    """Less than 1 for words printed like the label where most labels differ from their values."""
    page = sheet.view.page(hit.row.page)
    label = page.words[hit.row.words[hit.first]]
    row, first, _ = spot.pieces[0]
    word = sheet.view.page(row.page).words[row.words[first]]
    if not label.size or not word.size:
        return 1.0
    alike = label.bold == word.bold and abs(label.size - word.size) < 0.3
    return 0.85 if alike else 1.0


def _legible(sheet: Sheet, spot: Spot) -> float:
    """The mean certainty of the words' characters."""
    doubts = [sheet.certainty.get(w, 1.0) for w in spot.words]
    return sum(doubts) / len(doubts)


def _labelled(sheet: Sheet, spot: Spot) -> float:
    """Less than 1 for words that begin with a label of the type: "Advertiser Ref"."""
    row, first, last = spot.pieces[0]
    for h in sheet.hits_of.get(row.line, ()):
        if h.first == first and h.starts and (h.last >= last - 2 or h.colon) and last - first < 5:
            return 0.3
    return 1.0


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


def _below_of(sheet: Sheet, field: FieldType, names: list[Evidence]) -> list[Evidence]:
    """Values that stand below those of another field: an address under its name."""
    out = []
    for e in names[:6]:
        row, first, _ = e.spot.pieces[-1]
        under = stack(sheet, row, first)
        if not under:
            continue
        other, a, b = under[0]
        for value, spot, fit in _addresses(sheet, other, a, b):
            factors = e.factors | {"fit": fit, "dy": 1.0}
            out.append(
                Evidence(field.name, value, spot, 0.85 * e.strength * fit, factors, e.hit, "under")
            )
    return out
