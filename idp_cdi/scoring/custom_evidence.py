"""Evidence for a value of a field: which label points to it, how, and how strongly.

One `Evidence` is a label hit, what it points to, and a value of the field's kind in there. Its
strength is a product of plain factors (how exact the label is, how near and how usual the place,
how well the value fits its kind), each of which is also a figure for the trained scorer.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

from idp_cdi.extractors import forms
from idp_cdi.extractors._lexicon import hits as known_labels
from idp_cdi.extractors._view import key
from idp_cdi.extractors.forms_labels import ITEM, LabelHit, letters
from idp_cdi.extractors.forms_values import TEXTS
from idp_cdi.scoring.custom_marks import ARRIVALS, signed, stamped, sworn
from idp_cdi.scoring.custom_sheet import Evidence, Sheet, Spot
from idp_cdi.scoring.custom_values import addresses, over, stack, values, whole_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.scoring.custom_types import DocType, FieldType

_NAME_HEADS = frozenset(["name", "nom", "nombre", "nome", "naam", "names"])
_ADDRESS_HEADS = frozenset(["address", "adresse", "anschrift", "direccion", "indirizzo", "adres"])
_SCRAWL = 0.6
"""Weight of what OCR reads where a label asks for a signature."""
_BESIDE_HEAD = 0.3
"""Weight of what stands beside a label that heads a column."""
_LISTED = 0.9
"""Share of its weight that each further line below a label keeps where several values may be."""
_PROSE = 11
"""Words of a line from which it is taken for prose."""


def gather(sheet: Sheet, kind: DocType) -> dict[str, list[Evidence]]:
    """All evidence for each field of the type, strongest first."""
    out: dict[str, list[Evidence]] = defaultdict(list)
    found = [(hit, forms.answers(hit, sheet.lines, sheet.hits)) for hit in sheet.hits]
    under = _labels_under(sheet, kind, found)
    for hit, answers in found:
        field = kind.fields[hit.wording.field]
        above = under or all(a.relation == "above" for a in answers)
        for answer in answers:
            place = _place(hit, answer, field, under=under, above=above)
            out[field.name] += _of_answer(sheet, kind, field, hit, answer, place)
    for field in kind.fields.values():
        if field.name == "signer.name":
            out[field.name] += signed(sheet, kind, field)
        if field.kind == "date" and any(w.letters in ARRIVALS for w in field.wordings):
            out[field.name] += stamped(sheet, kind, field)
            out[field.name] += sworn(sheet, field)
        if field.below:
            out[field.name] += _below_of(sheet, field, out.get(field.below, []))
    for name in out:
        out[name].sort(key=lambda e: -e.strength)
    return out


_UNDER = 1.5
"""How many times more values must stand above their labels than elsewhere."""


def _labels_under(
    sheet: Sheet, kind: DocType, found: Sequence[tuple[LabelHit, Sequence[forms.Answer]]]
) -> bool:
    """Whether this form sets its labels under what is filled in, like captions under a line.

    Only fields whose values are known by their kind (dates, numbers, mail) have a say.
    """
    up = down = 0
    for hit, answers in found:
        field = kind.fields[hit.wording.field]
        if hit.whole < 0.85 or field.kind in TEXTS:
            continue
        near = [a for a in answers if a.step == 0 and a.dy < 2.5]
        fits = {
            a.relation == "above"
            for a in near
            if values(sheet, kind, field, a.row, a.first, a.last)
        }
        up += fits == {True}
        down += False in fits
    return up >= 3 and up > _UNDER * down


def _of_answer(
    sheet: Sheet,
    kind: DocType,
    field: FieldType,
    hit: LabelHit,
    answer: forms.Answer,
    place: float,
) -> list[Evidence]:
    factors = {
        "label": hit.likeness * hit.context * hit.wording.weight * sheet.speaks(hit),
        "exact": _exactness(hit, answer.relation),
        "place": place * (_BESIDE_HEAD if _head(sheet, hit, answer) else 1.0),
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
    if answer.relation == "above" and field.kind == "address":
        found = addresses(sheet, *over(sheet, answer.row, first, last))
    else:
        found = whole_values(sheet, kind, field, answer.row, first, last)
    for value, spot, fit in found:
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
    return hit.starts and cell[0][0] in "([" and not ITEM.match(cell[0]) and len(cell) < 16


def _head(sheet: Sheet, hit: LabelHit, answer: forms.Answer) -> bool:
    """Whether an answer beside a label is but the head of the next column."""
    return answer.relation == "right" and not hit.colon and hit.row.line in sheet.heads


_OF_ADDRESS = frozenset({"street", "city", "region"})


def _place(
    hit: LabelHit, answer: forms.Answer, field: FieldType, *, under: bool, above: bool
) -> float:
    """How usual it is that an answer stands there.

    Args:
        hit: The label.
        answer: Where it may point to.
        field: What it would be.
        under: The form sets its labels under the answers.
        above: The answer to this label most likely stands above it.
    """
    blocked = 0.55**answer.blocked
    if answer.relation == "same":
        if hit.colon:
            return 0.97
        if field.kind in _OF_ADDRESS and hit.last - hit.first == 1:
            return 0.2  # "Via Roma 3" is a street, not the answer "Roma 3" to "Via"
        one = answer.last - answer.first == 1 and not any(c.isdigit() for c in answer.texts[0])
        return (0.85 if hit.starts else 0.5) * (0.5 if one else 1.0)
    if answer.relation == "right":
        far = math.exp(-answer.dx / 70.0)
        return (0.5 if under else 0.95) * far * 0.6**answer.step * blocked
    if answer.relation == "below":
        near = math.exp(-max(answer.dy - 0.5, 0.0) / 14.0) * math.exp(-answer.dx / 25.0)
        usual = (0.3 if under else 0.88) * (0.9 if hit.colon else 1.0)
        return usual * near * (_LISTED if field.multi else 0.8) ** answer.step * blocked
    usual = 0.9 if under else 0.75 if _caption(hit) else 0.6 if above and hit.whole > 0.85 else 0.3
    return usual * math.exp(-answer.dy / 4.0) * 0.8**answer.step


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


def _below_of(sheet: Sheet, field: FieldType, names: list[Evidence]) -> list[Evidence]:
    """Values that stand below those of another field: an address under its name."""
    out = []
    for e in names[:6]:
        row, first, _ = e.spot.pieces[-1]
        under = stack(sheet, row, first)
        if not under:
            continue
        other, a, b = under[0]
        for value, spot, fit in addresses(sheet, other, a, b):
            factors = e.factors | {"fit": fit, "dy": 1.0}
            out.append(
                Evidence(field.name, value, spot, 0.85 * e.strength * fit, factors, e.hit, "under")
            )
    return out
