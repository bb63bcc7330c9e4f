"""Street, postal code, city, region and country from one record, so that no address is made up.

The record whose address scores best wins: the scores of its parts add up, so a full address beats
a bare city, and an old one loses by its age. A part that it lacks may come from another record
only where the two have the same postal code or street and differ in nothing.
A person's answer to one part replaces that part and keeps the others.

>>> from idp_cdi.fields import fields
>>> from idp_cdi.observations import Origin
>>> from idp_cdi.survivorship import Candidate
>>> here, specs = Origin(table="t"), fields().party
>>> def seen(value, score, record): return Candidate(value, value.lower(), score, score, 0, record, here)
>>> chosen = together({
...     "city": [seen("Bonn", 0.9, "a␟1"), seen("Berlin", 0.95, "b␟2")],
...     "postal_code": [seen("53111", 0.9, "a␟1")],
...     "street": [seen("Markt 1", 0.9, "a␟1"), seen("Alex 9", 0.3, "b␟2")]}, specs)
>>> {field: kept[0].value for field, kept in chosen.items()}
{'city': 'Bonn', 'postal_code': '53111', 'street': 'Markt 1'}
"""  # noqa: E501

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.survivorship._candidates import Candidate, distinct, preference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from idp_cdi.fields import FieldSpec

NAME = "with_address"
# What each part adds: a street makes an address, a country hardly says anything.
WORTH = {"street": 1.0, "postal_code": 1.0, "city": 0.8, "country": 0.3, "region": 0.2}
#: The parts of an address, in the order in which their worth is added up.
PLACE_FIELDS = tuple(WORTH)


def rank(candidates: Sequence[Candidate], spec: FieldSpec) -> list[Candidate]:
    """By score, where one part stands alone.

    Args:
        candidates: Observations of one field of one customer.
        spec: The field.

    Returns:
        One candidate for each distinct value.
    """
    return distinct(sorted(candidates, key=preference))


def together(
    by_field: Mapping[str, Sequence[Candidate]], specs: Mapping[str, FieldSpec]
) -> dict[str, list[Candidate]]:
    """The parts of the best address.

    Args:
        by_field: The candidates of each part.
        specs: The parts' definitions.

    Returns:
        For each part at most one candidate.
    """
    chosen: dict[str, list[Candidate]] = {}
    records: dict[str, dict[str, Candidate]] = {}
    for name, candidates in by_field.items():
        persons = [c for c in candidates if c.person]
        if persons:
            latest = min(persons, key=lambda c: (-c.days, c.record, c.value))
            chosen[name] = [latest] if latest.value else []
        for candidate in sorted((c for c in candidates if c.value), key=preference):
            if not candidate.person:
                records.setdefault(candidate.record, {}).setdefault(name, candidate)
    order = sorted(records, key=lambda r: _standing(r, records[r]))
    if order:
        best = records[order[0]]
        for name, candidate in best.items():
            chosen.setdefault(name, [candidate])
        for other in order[1:]:
            for name, candidate in records[other].items():
                if name not in chosen and _agree(best, records[other]):
                    chosen[name] = [candidate]
    return {name: chosen[name] for name in by_field if chosen.get(name)}


def _standing(record: str, parts: Mapping[str, Candidate]) -> tuple[float, float, str]:
    """What orders records: the worth of their address, then the newer one, then the reference."""
    worth = sum(WORTH[name] * parts[name].score for name in PLACE_FIELDS if name in parts)
    return (-round(worth, 9), -max(c.days for c in parts.values()), record)


def _agree(one: Mapping[str, Candidate], other: Mapping[str, Candidate]) -> bool:
    """Whether two records mean one place: same postal code or street, and nothing differs."""
    shared = one.keys() & other.keys() - {"region"}
    if shared.isdisjoint(("postal_code", "street")):
        return False
    return all(one[name].same == other[name].same for name in shared)
