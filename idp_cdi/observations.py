"""What was seen: an observation is one value of one field, seen once, and never changed.

A `Record` is one mention of one party (a CRM row, the buyer of an invoice, one party of a
contract). From here on a document and a feed row are the same thing.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from idp_cdi.documents import Box

#: The source of the mentions in documents. A system has a row a customer, documents one a paper.
DOCUMENTS = "documents"


class PartyKind(StrEnum):
    """What a party is; persons and organisations never match each other."""

    ORGANISATION = "organisation"
    PERSON = "person"
    UNKNOWN = "unknown"


class PartyRole(StrEnum):
    """What the party is to us."""

    CUSTOMER = "customer"
    SUPPLIER = "supplier"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was seen: a box on a page, a column of a row, or a person's answer.

    Exactly one of `document` (SHA-256), `table` and `person` is set.
    """

    document: str = ""
    page: int = 0
    box: Box | None = None
    system: str = ""
    table: str = ""
    row: str = ""
    column: str = ""
    person: str = ""

    def __post_init__(self) -> None:
        if sum(map(bool, (self.document, self.table, self.person))) != 1:
            raise ValueError("an origin is a document, a table row or a person: exactly one")

    @property
    def where(self) -> str:
        """The place in words, for lineage and reports."""
        if self.document:
            return f"document {self.document[:12]}, page {self.page}"
        if self.person:
            return f"answer by {self.person}"
        return f"{self.system}:{self.table}, row {self.row}, column {self.column}"


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of one field of a party.

    `field` is the party field without its role ("name", "vat_id", "postal_code"); `confidence`
    the probability (0–1) that `value` is right.
    """

    field: str
    value: str
    raw: str
    confidence: float
    origin: Origin
    method: str = ""

    def __post_init__(self) -> None:
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"confidence {self.confidence} is not a probability")


@dataclass(frozen=True, slots=True)
class Record:
    """One mention of one party.

    `source` and `key` say which row or mention it is (a newer record of the same source and key
    replaces the older one in matching, the log keeps both); `observed_at` is an aware UTC time.
    """

    source: str
    key: str
    kind: PartyKind
    role: PartyRole
    observed_at: datetime
    observations: tuple[Observation, ...]

    def __post_init__(self) -> None:
        if self.observed_at.tzinfo is None:
            raise ValueError("observed_at needs a time zone")

    def values(self, field: str) -> list[Observation]:
        """All observations of `field`, the most confident first."""
        found = [o for o in self.observations if o.field == field]
        return sorted(found, key=lambda o: -o.confidence)

    @property
    def id(self) -> str:
        """A hash of the content: the same row seen twice is nothing new."""
        return content_id(
            self.source,
            self.key,
            self.kind,
            self.role,
            [(o.field, o.raw, o.value, round(o.confidence, 6)) for o in self.observations],
        )


def content_id(*parts: object) -> str:
    """A 128-bit hex id of any JSON-like content, the same on every machine and in every run."""
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
