"""What a record says that no two records of one customer may differ in.

Two valid VAT numbers of one country, or two valid LEIs, are two legal entities. A number with a
wrong check digit, or one read with little confidence, says nothing here. A person is no firm: a
record that does not say what it is about may be either's, but does not make them one.

>>> from datetime import datetime, UTC
>>> from idp_cdi.observations import Observation, Origin, PartyKind, PartyRole, Record
>>> seen = Observation("vat_id", "DE136695976", "DE136695976", 0.95, Origin(table="t"))
>>> record = Record("crm", "1", PartyKind.ORGANISATION, PartyRole.CUSTOMER,
...     datetime(2026, 1, 1, tzinfo=UTC), (seen,))
>>> marks(record)
(('kind', 'organisation'), ('vat_id:DE', 'DE136695976'))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.matching.marks import SURE, mark_kind

if TYPE_CHECKING:
    from idp_cdi.observations import Record

#: The kinds of party that are never one.
KINDS = ("organisation", "person")


def marks(record: Record, *, sure: float = SURE) -> tuple[tuple[str, str], ...]:
    """The marks of a record.

    Args:
        record: Its observations carry clean values.
        sure: Least confidence of a value that counts.

    Returns:
        Pairs of kind and value.
    """
    found: list[tuple[str, str]] = []
    if record.kind in KINDS:
        found.append(("kind", record.kind.value))
    for seen in record.observations:
        if seen.field in ("vat_id", "lei") and seen.confidence >= sure:
            kind = mark_kind(seen.field, seen.value)
            if kind:
                found.append((kind, seen.value))
    return tuple(sorted(set(found)))
