"""What was decided about two records, by a run or a person; appended, never changed.

A person outranks every run for ever; of two decisions of the same rank the later one holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Verdict(StrEnum):
    """What a decision says about two records."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Decision:
    """`left` and `right` are record references ``source␟key``, `left` < `right`.

    `weight` is the match weight in bits (log2 Bayes factor), `probability` the match probability;
    both NaN-free, 0 and 1/0 for a person.
    """

    left: str
    right: str
    verdict: Verdict
    by: str
    is_person: bool
    at: datetime
    why: str = ""
    weight: float = 0.0
    probability: float = 0.0

    def __post_init__(self) -> None:
        if self.left >= self.right:
            raise ValueError("a decision is about two different records, the lesser one left")
