"""Contracts: parties, dates, governing law and term by a trained scorer; the rest by wording.

`rows` turns a document into groups of mentions with figures about them (no words), the trees of
``models/contract`` give each group a probability, and `_parties` and `_single` decide for the
document: one value for a single field, parties that do not overlap, nothing below the threshold
that was best on held-back documents.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from idp_cdi.errors import SettingsError
from idp_cdi.extractions import Alternative, Field
from idp_cdi.extractors import (
    clauses_dates,
    clauses_law,
    clauses_names,
    clauses_notices,
    clauses_parties,
    clauses_rest,
    clauses_terms,
)
from idp_cdi.extractors.clauses import Mention, Prose
from idp_cdi.models_path import model_folder
from idp_cdi.scoring import (
    Outcome,
    calibration,
    contract_addresses,
    contract_registers,
    contract_sure,
    contract_why,
    form_parts,
    logistic,
)
from idp_cdi.scoring.contract_groups import Group, gather, gather_names, person_key, whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from idp_cdi.documents import Document
    from idp_cdi.extractors._view import View
    from idp_cdi.extractors.clauses_parties import Frame
    from idp_cdi.scoring import Options
    from idp_cdi.scoring.trees import Forest

TYPES = ("contract",)
LEARNED = ("party.name", "effective_date", "governing_law", "term")
"""Fields that the trained scorer decides."""
_MOST_PARTIES = 12
_SIGNED = 0.6
"""Score of one who signs under the heading of a person, at least."""
_DATE_SUMS = ("near_effective", "near_made")
_LAW_SUMS = ("laws_of", "governed")
_TERM_SUMS = ("before_period", "near_from")


@dataclass(frozen=True, slots=True)
class Model:
    """What was trained.

    Attributes:
        forests: The trees that score candidates, by field.
        thresholds: What a value needs at least, by field.
        sure: From the figures of `contract_sure` to the probability, by field.
        curves: The calibration of values that are found by wording, by "worded/<field>".
    """

    forests: dict[str, Forest]
    thresholds: dict[str, float]
    sure: dict[str, logistic.Logistic]
    curves: dict[str, calibration.Curve]


@dataclass(frozen=True, slots=True)
class Reading:
    """A contract as the finders see it."""

    prose: Prose
    parts: Frame
    dates: list[Mention]
    names: list[Mention]
    groups: dict[str, list[Group]]


@cache
def model() -> Model:
    """The model that ships, or the user's own.

    Raises:
        SettingsError: There is no model folder.
    """
    from idp_cdi.scoring import trees

    folder = model_folder("contract")
    if folder is None:
        raise SettingsError("models/contract is missing", action="run scripts/train_contract.py")
    forests, _ = trees.load(folder / "scorer.npz")
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    curves = calibration.load(folder / "calibration.json")
    return Model(forests, card["thresholds"], logistic.load(folder / "sure.json"), curves)


def read(document: Document) -> Reading:
    """Find everything in a contract that could be one of its values."""
    prose = Prose.of(document)
    parts = clauses_parties.frame(prose)
    dates = clauses_dates.find(prose, closing=parts.closing, intro=parts.between)
    names = clauses_parties.find(prose, parts)
    laws = clauses_law.find(prose, closing=parts.closing)
    terms = clauses_terms.find(prose, closing=parts.closing)
    groups = {
        "party.name": gather_names(names, prose, parts),
        "effective_date": gather(dates, strong=_DATE_SUMS),
        "governing_law": gather(laws, strong=_LAW_SUMS),
        "term": gather(terms, strong=_TERM_SUMS),
    }
    of_document = whole(prose, parts)
    for many in groups.values():
        for group in many:
            group.row |= of_document
    return Reading(prose, parts, dates, names, groups)


def decide(document: Document, view: View, options: Options) -> Outcome:
    """The fields of a contract.

    Args:
        document: As read.
        view: Its geometry; contracts are read as prose, so only the words count here.
        options: `calibrated` off gives the scorer's own figure.
    """
    return decide_by(model(), document, options)


def decide_by(trained: Model, document: Document, options: Options) -> Outcome:
    """The fields of a contract by the model given; see `decide`."""
    reading = read(document)
    if not reading.prose.words:
        return Outcome()
    fields: list[Field] = []
    for name in LEARNED:
        groups = reading.groups[name]
        scores = settled(name, groups, probabilities(trained.forests[name], groups))
        chosen = choose(name, groups, scores, trained.thresholds[name])
        sure = [scores[i] for i in chosen]
        if options.calibrated and name in trained.sure:
            rows = (contract_sure.figures(name, groups, scores, chosen, i) for i in chosen)
            sure = [trained.sure[name](row) for row in rows]
        fields += _fields(name, reading, groups, scores, dict(zip(chosen, sure, strict=True)))
    worded = _worded(reading)
    worded += _of_parties(reading, fields)
    fields += worded if not options.calibrated else _calibrated(worded, trained.curves)
    fields += form_parts.address_parts(fields)
    return Outcome(tuple(fields))


def probabilities(forest: Forest, groups: Sequence[Group]) -> list[float]:
    """What the trees say about each group, 0–1."""
    import numpy as np

    if not groups:
        return []
    rows = np.array([[g.row.get(f, 0.0) for f in forest.features] for g in groups], np.float32)
    return [float(p) for p in forest.probability(rows)[:, 0]]


def settled(name: str, groups: Sequence[Group], scores: Sequence[float]) -> list[float]:
    """The scores, with what the signatures settle.

    Who signs under the heading of a person ("EMPLOYEE:") is a party. Few contracts name somebody
    there alone, too few for the trees to learn it from; on labelled ones it nearly always holds.

    Args:
        name: Field name; only ``party.name`` has anything to settle.
        groups: The candidates.
        scores: Their probabilities.
    """
    out = list(scores)
    if name != "party.name":
        return out
    best: dict[str, tuple[float, float, int]] = {}
    for i, g in enumerate(groups):
        if g.row["person"] and g.row["kin_tail_personal"]:
            one = (g.row["core_count"], scores[i], i)
            key = person_key(g.value)
            best[key] = max(best.get(key, one), one)
    for _, score, i in best.values():
        out[i] = max(score, _SIGNED)
    return out


def choose(
    name: str, groups: Sequence[Group], scores: Sequence[float], threshold: float
) -> list[int]:
    """Indexes of the groups that are given out as values, most probable first.

    Args:
        name: Field name; ``party.name`` may have several values.
        groups: The candidates.
        scores: Their probabilities.
        threshold: What a value needs at least.
    """
    order = [
        i for i in sorted(range(len(groups)), key=lambda i: -scores[i]) if scores[i] >= threshold
    ]
    if name != "party.name":
        return order[:1]
    taken: list[int] = []
    cores: list[str] = []
    persons: set[str] = set()
    for i in order:
        core = f" {clauses_names.core(groups[i].value)} "
        person = person_key(groups[i].value) if groups[i].row.get("person") else ""
        if person not in persons and not any(core in c or c in core for c in cores):
            taken.append(i)
            cores.append(core)
            persons |= {person} - {""}
    return taken[:_MOST_PARTIES]


def _fields(
    name: str,
    reading: Reading,
    groups: Sequence[Group],
    scores: Sequence[float],
    chosen: Mapping[int, float],
) -> list[Field]:
    """The values chosen (index → probability) with what a person wants to see of them."""
    out = []
    left = [i for i in sorted(range(len(groups)), key=lambda i: -scores[i]) if i not in chosen]
    for n, (i, confidence) in enumerate(chosen.items(), 1):
        group = groups[i]
        mention = contract_why.best_mention(name, group)
        page, box = reading.prose.place(mention.start, mention.end)
        others = tuple(
            Alternative(groups[k].value, scores[k], *reading.prose.place(m.start, m.end))
            for k in left[:3]
            if scores[k] > 0.02
            for m in (groups[k].mentions[0],)
        )
        raw = reading.prose.printed(mention.start, mention.end)
        value = contract_why.shown(name, group.value, mention, raw, reading.prose.flat)
        out.append(
            Field(
                name,
                value,
                raw,
                round(min(confidence, 0.999) * _certainty(reading, mention), 4),
                page,
                box,
                "contract scorer",
                contract_why.sentence(name, group, mention, page),
                f"party {n}" if name == "party.name" else "",
                others,
            )
        )
    return out


def _certainty(reading: Reading, mention: Mention) -> float:
    """How far the reader's own doubt about the characters lowers the confidence."""
    return min(1.0, 0.6 + 0.45 * reading.prose.certainty(mention.start, mention.end))


def _worded(reading: Reading) -> list[Field]:
    """The fields that are found by wording alone."""
    prose, parts = reading.prose, reading.parts
    found: list[tuple[str, list[Mention], int]] = [
        ("title", clauses_rest.title(prose, parts), 1),
        ("agreement_date", clauses_rest.agreement_dates(reading.dates, parts), 1),
        ("expiry_date", clauses_rest.expiry(prose, reading.dates), 1),
        ("renewal", clauses_rest.renewal(prose), 1),
        ("signer.name", clauses_rest.signers(prose, reading.names), 6),
        ("notice_address", clauses_notices.find(prose), 4),
    ]
    out = []
    for name, mentions, most in found:
        distinct: dict[str, Mention] = {}
        for m in mentions:
            distinct.setdefault(m.value, m)
        values = list(distinct.values())
        for n, m in enumerate(values[:most], 1):
            if m.hints["strength"] < 0.45:
                continue
            rest = () if most > 1 else tuple(values[1:4])
            out.append(_by_wording(name, reading, m, rest, f"signer {n}" if "." in name else ""))
    return out


def _calibrated(fields: Sequence[Field], curves: dict[str, calibration.Curve]) -> list[Field]:
    """Fields found by wording with the share of right ones among those of their strength."""
    out = []
    for f in fields:
        curve = curves.get(f"worded/{f.name}")
        sure = curve(f.confidence) if curve else f.confidence
        out.append(replace(f, confidence=round(min(sure, 0.999), 4)))
    return out


def _by_wording(
    name: str, reading: Reading, m: Mention, rest: Sequence[Mention], group: str
) -> Field:
    page, box = reading.prose.place(m.start, m.end)
    others = tuple(
        Alternative(
            k.value, round(k.hints["strength"] / 2, 3), *reading.prose.place(k.start, k.end)
        )
        for k in rest
    )
    return Field(
        name,
        m.value,
        reading.prose.printed(m.start, m.end),
        round(m.hints["strength"] * _certainty(reading, m), 4),
        page,
        box,
        "contract wording",
        contract_why.worded(name, page),
        group,
        others,
    )


_BEHIND = {
    "party.address": contract_addresses.after,
    "party.registration_number": contract_registers.after,
}
"""What may be said behind the name of a party, by field."""


def _of_parties(reading: Reading, fields: Sequence[Field]) -> list[Field]:
    """Address and register number that the introduction gives for each party found."""
    out = []
    by_key = {clauses_names.key(g.value): g for g in reading.groups["party.name"]}
    starts = sorted(
        m.start
        for p in fields
        if p.name == "party.name" and clauses_names.key(p.value) in by_key
        for m in by_key[clauses_names.key(p.value)].mentions
    )
    for party in fields:
        group = by_key.get(clauses_names.key(party.value)) if party.name == "party.name" else None
        told = [m for m in group.mentions if any(m.hints[h] for h in _INTRODUCED)] if group else []
        for name, after in _BEHIND.items():
            found = (after(reading.prose, m.end, _limit(m.end, starts)) for m in told)
            first = next((f for f in found if f is not None), None)
            if first is not None:
                out.append(_by_wording(name, reading, first, (), party.group))
    return out


_INTRODUCED = ("head", "in_intro", "defined_later")


def _limit(end: int, starts: Sequence[int]) -> int:
    """Where what is said behind a name ends at the latest: where the next party is named."""
    return next((s for s in starts if s > end + 8), end + 420)
