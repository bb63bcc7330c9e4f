"""A customer: the cluster of records that mean one party, and its golden values.

`Customer` is derived; only its id is minted once and persists. Every id ever issued resolves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from idp_cdi.observations import Origin, PartyKind, PartyRole


@dataclass(frozen=True, slots=True)
class GoldenValue:
    """A surviving value with its lineage: who said it, how sure, by which rule it survived."""

    field: str
    value: str
    confidence: float
    record: str
    origin: Origin
    rule: str


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer as of `valid_from`; `valid_to` is None for the current version.

    `records` are the record references (``source␟key``) of its cluster, sorted.
    """

    id: str
    kind: PartyKind
    roles: tuple[PartyRole, ...]
    values: tuple[GoldenValue, ...]
    records: tuple[str, ...]
    valid_from: datetime
    valid_to: datetime | None = None
    version: int = 1

    def value(self, field: str) -> str:
        """The golden value of `field`, "" where there is none."""
        return next((v.value for v in self.values if v.field == field), "")
