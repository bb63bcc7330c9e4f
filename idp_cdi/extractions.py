"""What extraction says about one document: fields, line items, problems, and why.

The JSON form of `Extraction` is the contract of ``idp-cdi extract --format jsonl``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from idp_cdi.documents import Box, LineItem, Problem


@dataclass(frozen=True, slots=True)
class Alternative:
    """A runner-up candidate for a field, with its probability."""

    value: str
    confidence: float
    page: int = 0
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a document.

    `value` is normalised (dates ISO 8601, amounts plain decimals, countries ISO 3166-1 alpha-2,
    currencies ISO 4217; names, addresses, identifiers as printed), `raw` the text as printed,
    `confidence` the calibrated probability (0–1) that `value` is right. `group` keeps the values
    of one party of several together ("" for the only one).
    """

    name: str
    value: str
    raw: str
    confidence: float
    page: int = 0
    box: Box | None = None
    method: str = ""
    why: str = ""
    group: str = ""
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that was understood of one document; `absent` maps required fields to P(absent)."""

    document: str
    sha256: str
    type: str
    type_confidence: float
    language: str
    pages: int
    reader: str
    seconds: float
    fields: tuple[Field, ...] = ()
    line_items: tuple[LineItem, ...] = ()
    problems: tuple[Problem, ...] = ()
    absent: dict[str, float] = field(default_factory=dict)

    def best(self, name: str) -> Field | None:
        """The most confident field called `name`, None where there is none."""
        found = [f for f in self.fields if f.name == name]
        return max(found, key=lambda f: f.confidence) if found else None
