"""A golden value: what survives of all that was seen of a customer's field, with its lineage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from idp_cdi.observations import Origin


@dataclass(frozen=True, slots=True)
class GoldenValue:
    """A surviving value with its lineage: who said it, how sure, by which rule it survived."""

    field: str
    value: str
    confidence: float
    record: str
    origin: Origin
    rule: str
