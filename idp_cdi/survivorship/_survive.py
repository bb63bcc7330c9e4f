"""From the records of one customer to its golden values."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from idp_cdi.customers import GoldenValue
from idp_cdi.errors import UsageError
from idp_cdi.fields import FieldSpec, fields
from idp_cdi.observations import Origin
from idp_cdi.survivorship._candidates import (
    Candidate,
    decayed,
    distinct,
    reference,
    sameness,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from idp_cdi.observations import Observation, Record

_DAY = 86400.0
_PERSON = "pinned"


class Rule(Protocol):
    """What a module of this folder offers; see the folder's docstring."""

    NAME: str

    def rank(self, candidates: Sequence[Candidate], spec: FieldSpec) -> list[Candidate]:
        """The candidates from best to worst, one for each distinct value."""


@cache
def rule(name: str) -> Rule:
    """The survivorship rule called `name`.

    Raises:
        UsageError: There is no such rule.
    """
    try:
        if name.isidentifier() and not name.startswith("_"):
            return cast("Rule", import_module(f"idp_cdi.survivorship.{name}"))
    except ModuleNotFoundError as error:
        if error.name != f"idp_cdi.survivorship.{name}":
            raise
    from idp_cdi.plugins import ways

    for module in ways("survivorship"):
        if getattr(module, "NAME", "") == name:
            return cast("Rule", module)
    raise UsageError(f"there is no survivorship rule {name!r}")


def _full_trust(_source: str, _field: str) -> float:
    return 1.0


def survive(
    records: Iterable[Record],
    *,
    specs: Mapping[str, FieldSpec] | None = None,
    trust: Callable[[str, str], float] = _full_trust,
) -> tuple[GoldenValue, ...]:
    """The golden values of a customer.

    Args:
        records: The current records of its cluster, in any order.
        specs: Field definitions; those that ship with the package where left out.
        trust: How far a source is preferred for a field (source, field → 0–1), over and above
            the probability that its values carry already.

    Returns:
        In the order of the field definitions; of a multi-valued field the best value first.
    """
    table = fields().party if specs is None else specs
    records = list(records)
    if len(records) == 1 and not any(o.origin.person for o in records[0].observations):
        return _lone(records[0], table)
    found: dict[str, list[Candidate]] = {}
    newest: dict[str, float] = {}
    for record in records:
        days, source = record.observed_at.timestamp() / _DAY, record.source
        where = reference(record)
        for seen in record.observations:
            name = seen.field
            spec = table.get(name) or _unknown(name)
            score = seen.confidence * (trust(source, name) if trust is not _full_trust else 1.0)
            found.setdefault(name, []).append(_candidate(seen, spec, score, days, where))
            if days > newest.get(name, -1e9):
                newest[name] = days
    golden: list[GoldenValue] = []
    joint = _together(found, newest, table)
    for name in _in_order(found, table):
        spec = table.get(name) or _unknown(name)
        if name in joint:
            golden += [_golden(name, c, _how(c, spec)) for c in joint[name]]
        else:
            golden += _one_field(name, found[name], spec, newest[name])
    return tuple(golden)


def _candidate(
    seen: Observation, spec: FieldSpec, score: float, days: float, where: str
) -> Candidate:
    person = seen.origin.person
    same = sameness(spec.kind, seen.value)
    return Candidate(seen.value, same, score, seen.confidence, days, where, seen.origin, person)


@cache
def _unknown(name: str) -> FieldSpec:
    """A field that only an outside connector knows: its most trusted value survives."""
    return FieldSpec(name=name, term="", kind="text")


@cache
def _places(names: tuple[str, ...]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


def _in_order(found: Mapping[str, object], table: Mapping[str, FieldSpec]) -> list[str]:
    places = _places(tuple(table))
    return sorted(found, key=lambda name: (places.get(name, len(places)), name))


def _one_field(
    name: str, candidates: list[Candidate], spec: FieldSpec, newest: float
) -> list[GoldenValue]:
    many = spec.multi or getattr(rule(spec.survive), "MANY", False)
    if len(candidates) == 1:
        only = candidates[0]
        return [_golden(name, only, _how(only, spec))] if only.value else []
    persons, machine = _by_whom(candidates)
    if persons and not many:
        return [_golden(name, persons[0], _PERSON)] if persons[0].value else []
    aged = [_aged(c, newest, spec) for c in machine if c.value]
    ranked = rule(spec.survive).rank(aged, spec) if aged else []
    said = distinct(c for c in persons if c.value)
    known = {c.same for c in said}
    chosen = [(c, _PERSON) for c in said]
    chosen += [(c, spec.survive) for c in ranked if c.same not in known]
    return [_golden(name, c, how) for c, how in (chosen if many else chosen[:1])]


def _how(candidate: Candidate, spec: FieldSpec) -> str:
    return _PERSON if candidate.person else spec.survive


def _by_whom(candidates: Iterable[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    """Persons' answers, the latest first, and the rest."""
    persons: list[Candidate] = []
    machine: list[Candidate] = []
    for candidate in candidates:
        (persons if candidate.person else machine).append(candidate)
    persons.sort(key=lambda c: (-c.days, c.record, c.value))
    return persons, machine


def _aged(candidate: Candidate, newest: float, spec: FieldSpec) -> Candidate:
    age = newest - candidate.days
    if age <= 0:
        return candidate
    score = decayed(candidate.score, age_days=age, half_life_days=spec.half_life_days)
    return candidate._replace(score=score)


def _together(
    found: dict[str, list[Candidate]],
    newest: Mapping[str, float],
    table: Mapping[str, FieldSpec],
) -> dict[str, list[Candidate]]:
    """Fields whose values must come from one record, decided together."""
    groups: dict[str, list[str]] = {}
    for name in found:
        spec = table.get(name)
        if spec is not None and hasattr(rule(spec.survive), "together"):
            groups.setdefault(spec.survive, []).append(name)
    decided: dict[str, list[Candidate]] = {}
    for way, names in groups.items():
        latest = max(newest[n] for n in names)
        by_field = {n: [_aged(c, latest, table[n]) for c in found[n]] for n in names}
        together = cast("_Joint", rule(way)).together
        decided |= together(by_field, {n: table[n] for n in names})
        decided |= {n: [] for n in names if n not in decided}
    return decided


class _Joint(Protocol):
    def together(
        self, by_field: Mapping[str, Sequence[Candidate]], specs: Mapping[str, FieldSpec]
    ) -> dict[str, list[Candidate]]: ...


def _golden(name: str, candidate: Candidate, how: str) -> GoldenValue:
    return GoldenValue(
        name, candidate.value, candidate.confidence, candidate.record, candidate.origin, how
    )


def _lone(record: Record, table: Mapping[str, FieldSpec]) -> tuple[GoldenValue, ...]:
    """The golden values of a customer with one record: most customers, so no candidates."""
    seen = record.observations
    chosen = _pick([(o.field, o.value, o.confidence) for o in seen], table)
    where = reference(record)
    return tuple(
        GoldenValue(o.field, o.value, o.confidence, where, o.origin, spec.survive)
        for o, spec in ((seen[place], spec) for place, spec in chosen)
    )


def _pick(
    values: Sequence[tuple[str, str, float]], table: Mapping[str, FieldSpec]
) -> list[tuple[int, FieldSpec]]:
    """Of the values of one record those that survive: their place and their field."""
    found: dict[str, list[int]] = {}
    for place, (name, value, _) in enumerate(values):
        if value:
            found.setdefault(name, []).append(place)
    chosen: list[tuple[int, FieldSpec]] = []
    for name in _in_order(found, table):
        spec = table.get(name) or _unknown(name)
        places = found[name]
        if len(places) > 1:
            places = _ranked_alone(values, places, spec)
        chosen += [(place, spec) for place in places]
    return chosen


_NOWHERE = Origin(person="-")


def _ranked_alone(
    values: Sequence[tuple[str, str, float]], places: list[int], spec: FieldSpec
) -> list[int]:
    """Several values of one field in one record."""
    candidates = [
        Candidate(value, sameness(spec.kind, value), sure, sure, 0.0, "", _NOWHERE)
        for _, value, sure in (values[place] for place in places)
    ]
    way = rule(spec.survive)
    ranked = [places[candidates.index(c)] for c in way.rank(candidates, spec)]
    return ranked if spec.multi or getattr(way, "MANY", False) else ranked[:1]
