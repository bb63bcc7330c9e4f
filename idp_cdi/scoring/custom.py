"""Document types defined as data: fields found by what their labels say, or by a trained scorer.

Without training a value's score is the strength of the evidence for it (`custom_evidence`), several
pieces joined, less what other fields claim of the same words. After ``train`` a model of trees over
the same figures, and over what the labelled documents taught about labels and places, takes over.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from idp_cdi.extractions import Alternative, Field
from idp_cdi.extractors._view import key
from idp_cdi.models_path import model_folder
from idp_cdi.scoring import (
    Outcome,
    calibration,
    custom_readings,
    custom_sums,
    custom_types,
    repair,
)
from idp_cdi.scoring.custom_evidence import gather
from idp_cdi.scoring.custom_sheet import Evidence, Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from idp_cdi.documents import Document
    from idp_cdi.extractors._view import View
    from idp_cdi.scoring import Options
    from idp_cdi.scoring.custom_model import Model
    from idp_cdi.scoring.custom_types import DocType

TYPES: tuple[str, ...] = ()
"""Any type that has a definition; see `custom_types.folders`."""
LEAST = 0.2
"""Strength below which evidence is no value."""
_MANY = 0.45
"""Share of the best score that further values of a multi-valued field need."""


@dataclass(slots=True, eq=False)
class Guess:
    """A value that a field may have, with all evidence for it."""

    field: str
    value: str
    evidence: list[Evidence]
    score: float = 0.0

    @property
    def best(self) -> Evidence:
        """The strongest evidence."""
        return self.evidence[0]


def decide(document: Document, view: View, options: Options) -> Outcome:
    """The fields of a document of the type that ``options.type`` names.

    Args:
        document: As read.
        view: Its geometry.
        options: Of these, `type`, `learned` and `calibrated` count here.
    """
    return decide_as(custom_types.load(options.type), view, options)


def decide_as(kind: DocType, view: View, options: Options) -> Outcome:
    """The fields of a document of a given type."""
    return Outcome(tuple(decide_sheet(kind, Sheet.of(view, kind), options)))


def decide_sheet(kind: DocType, sheet: Sheet, options: Options) -> list[Field]:
    """The same for a document whose labels were found already."""
    from idp_cdi.scoring import custom_model

    trained = custom_model.load(kind.name) if options.learned else None
    if trained is None:
        guesses = guess(sheet, kind)
        bars = dict.fromkeys(kind.fields, LEAST)
    else:
        guesses = custom_model.guesses(trained, sheet, kind)
        bars = {n: trained.thresholds.get(n, LEAST) for n in kind.fields}
    fields: list[Field] = []
    for name, found in resolve(kind, guesses, bars).items():
        making = _Making(kind, sheet, trained, options.calibrated)
        fields += _fields(name, making, found, guesses[name])
    return fields


def guess(sheet: Sheet, kind: DocType) -> dict[str, list[Guess]]:
    """The possible values of each field, best first, scored by the evidence alone."""
    out: dict[str, list[Guess]] = {}
    for name, evidence in gather(sheet, kind).items():
        by_value: dict[str, Guess] = {}
        for e in evidence:
            twin = by_value.get(key(e.value) or e.value)
            if twin is None:
                by_value[key(e.value) or e.value] = Guess(name, e.value, [e])
            elif e.hit is None or all(e.hit is not o.hit for o in twin.evidence):
                twin.evidence.append(e)
        found = list(by_value.values())
        for g in found:
            g.score = joined([e.strength for e in g.evidence])
        out[name] = sorted(found, key=lambda g: -g.score)
    custom_sums.settle(sheet, kind, out)
    custom_readings.settle(sheet, kind, out)
    return out


def joined(strengths: Sequence[float]) -> float:
    """Several strengths for one value together: each further one closes half as much of the gap.

    >>> round(joined([0.5]), 3), round(joined([0.5, 0.5]), 3)
    (0.5, 0.625)
    """
    total = 0.0
    for n, s in enumerate(sorted(strengths, reverse=True)[:4]):
        total += (1.0 - total) * s * 0.5**n
    return total


def resolve(
    kind: DocType, guesses: dict[str, list[Guess]], bars: Mapping[str, float]
) -> dict[str, list[Guess]]:
    """Choose values so that no words serve two fields unless they must.

    Fields are settled from the surest down; a field whose best words are taken by another field
    through a better label moves to its next guess.

    Args:
        kind: The document type.
        guesses: By field, best first.
        bars: The score that a value of each field needs at least.
    """
    order = sorted((n for n in guesses if guesses[n]), key=lambda n: -guesses[n][0].score)
    taken: dict[tuple[int, int], tuple[str, float]] = {}
    out: dict[str, list[Guess]] = {}
    for name in order:
        field = kind.fields[name]
        fit = [
            g for g in guesses[name] if g.score >= bars.get(name, LEAST) and _free(g, kind, taken)
        ]
        if not fit:
            continue
        chosen = fit[:1]
        if field.multi:
            chosen = [g for g in fit if g.score >= _MANY * fit[0].score][:20]
        out[name] = chosen
        for g in chosen:
            for word in g.best.spot.words:
                taken.setdefault(word, (name, g.score))
    return out


def _free(g: Guess, kind: DocType, taken: dict[tuple[int, int], tuple[str, float]]) -> bool:
    """Whether the words of a guess are not better used by a field of the same kind."""
    field = kind.fields[g.field]
    labels = {w.letters for w in field.wordings}
    for word in g.best.spot.words:
        name, score = taken.get(word, ("", 0.0))
        if not name or name == g.field:
            continue
        rival = kind.fields[name]
        # A shared label ("Flight dates" for start and end) may give one value to both.
        shared = labels & {w.letters for w in rival.wordings}
        if _same_kind(rival.kind, field.kind) and not shared and score > 1.15 * g.score:
            return False
    return True


def _same_kind(one: str, other: str) -> bool:
    """Whether one value could serve two fields of these kinds; a person's name is a name."""
    return one == other or {one, other} <= {"name", "person_name"}


@cache
def _curves() -> dict[str, calibration.Curve]:
    """The calibration of untrained scores, fitted on types that had no training, by source."""
    folder = model_folder("form")
    if folder is None or not (folder / "calibration.json").is_file():
        return {}
    return calibration.load(folder / "calibration.json")


@dataclass(frozen=True, slots=True)
class _Making:
    """What making fields from guesses needs to know of the document and the scorer."""

    kind: DocType
    sheet: Sheet
    trained: Model | None
    calibrated: bool

    def method(self, name: str) -> str:
        """How the values of a field were found, as `Field.method`."""
        if self.trained is None or not self.trained.knows(name):
            return "labels"
        return f"trained, version {self.trained.version}"

    def value(self, g: Guess) -> str:
        """The value of a guess; names that OCR read with look-alikes put right."""
        kind = self.kind.fields[g.field].kind
        if kind not in {"name", "person_name"} or not g.best.spot.row.scanned:
            return g.value
        value = repair.letters(g.value)
        return repair.body(value) if kind == "name" and self.sheet.language == "en" else value

    def confidence(self, g: Guess, rival: float) -> float:
        """The probability that a guess is right; the score itself where nothing calibrates it."""
        if self.trained is not None and self.trained.knows(g.field):
            score, curve = g.score, self.trained.curve
        else:
            score = certainty(g, rival, self.sheet)
            where = "ocr" if g.best.spot.row.scanned else "text"
            curve = _curves().get(f"labels/{where}")
        return curve(score) if curve is not None and self.calibrated else score


def _fields(
    name: str, making: _Making, chosen: Sequence[Guess], all_guesses: Sequence[Guess]
) -> list[Field]:
    out = []
    picked = {id(g) for g in chosen}
    rest = [g for g in all_guesses if id(g) not in picked][:3]
    for n, g in enumerate(chosen, 1):
        rival = next((o.score for o in rest), 0.0)
        out.append(
            Field(
                name,
                making.value(g),
                g.best.spot.raw,
                round(min(making.confidence(g, rival), 0.999), 4),
                g.best.spot.page,
                g.best.spot.box,
                making.method(name),
                why(g),
                f"{name.partition('.')[0]} {n}" if making.kind.fields[name].multi else "",
                tuple(
                    Alternative(o.value, round(o.score / 2, 4), o.best.spot.page, o.best.spot.box)
                    for o in rest
                ),
            )
        )
    return out


def certainty(g: Guess, rival: float, sheet: Sheet) -> float:
    """The score less the doubt that a rival value or unsure characters raise."""
    read = min((sheet.certainty.get(w, 1.0) for w in g.best.spot.words), default=1.0)
    margin = 1.0 - 0.35 * min(rival / max(g.score, 1e-6), 1.0)
    return g.score * margin * (0.55 + 0.45 * read)


_RELATIONS = {
    "same": "in the cell of",
    "right": "to the right of",
    "below": "below",
    "above": "above the caption",
    "under": "under the value beside",
}


def why(g: Guess) -> str:
    """Why a value was chosen: the label, where the value stands from it, and further evidence."""
    best = g.best
    if best.relation == "signed":
        return f"behind the signature mark /s/; page {best.spot.page}"
    if best.relation == "sworn":
        return f"the day of an oath, written out; page {best.spot.page}"
    if best.relation == "stamped":
        return f"a date with a time of day, as stamps have; page {best.spot.page}"
    if best.hit is None:
        row, first, _ = best.spot.pieces[0]
        before = " ".join(row.texts[max(0, first - 3) : first]).strip(" :")
        after = f' behind "{before}"' if before else ""
        return f"stands where the labelled documents have it{after}; page {best.spot.page}"
    hit = best.hit
    label = " ".join(hit.row.texts[hit.first : hit.last]).strip(" :")
    more = len(g.evidence) - 1
    text = f'{_RELATIONS[best.relation]} the label "{label}"; page {best.spot.page}'
    return f"{text}; {more} more label{'s' if more > 1 else ''} agree" if more else text
