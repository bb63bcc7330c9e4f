"""An observation as a candidate for the golden value: its score, its place, what equals it.

>>> sameness("name", "Müller  GMBH") == sameness("name", "Mueller GmbH")
True
>>> decayed(0.8, age_days=730, half_life_days=730)
0.4
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from idp_cdi.standardisers._legal_forms import words
from idp_cdi.standardisers._text import compact, fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idp_cdi.observations import Origin, Record

#: Between source and key in a record reference (SYMBOL FOR UNIT SEPARATOR).
REFERENCE = "␟"
_WORDY = frozenset("name person_name text city street address region title duration".split())
_PLAIN = frozenset("email website date amount number".split())


class Candidate(NamedTuple):
    """One observation that could become the golden value.

    `score` is trust × probability × age decay; `days` the time of observation in days since 1970;
    `same` the form in which two candidates are one value; `person` who said it, "" for a machine.
    """

    value: str
    same: str
    score: float
    confidence: float
    days: float
    record: str
    origin: Origin
    person: str = ""


def reference(record: Record) -> str:
    """The reference of a record: its source and key."""
    return f"{record.source}{REFERENCE}{record.key}"


@lru_cache(maxsize=65536)
def sameness(kind: str, value: str) -> str:
    """The form in which two values of one kind are the same: case, accents, marks do not count.

    Legal forms do: "Acme Ltd" and "Acme Inc" are two values.
    """
    if kind in _WORDY:
        return " ".join(words(value)) or value
    return fold(value) if kind in _PLAIN else compact(value) or value


def decayed(score: float, *, age_days: float, half_life_days: float) -> float:
    """The score after some days: half of it after each half-life."""
    return float(score * 0.5 ** (age_days / half_life_days)) if age_days > 0 else score


def preference(candidate: Candidate) -> tuple[float, float, str, str]:
    """The last word in every ranking: score, then the newer one, then reference and value."""
    return (-candidate.score, -candidate.days, candidate.record, candidate.value)


def distinct(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The first candidate of each value, in the order given."""
    found: dict[str, Candidate] = {}
    for candidate in candidates:
        found.setdefault(candidate.same, candidate)
    return list(found.values())
