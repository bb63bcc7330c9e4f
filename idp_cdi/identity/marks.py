"""What a record says that no two records of one customer may differ in.

Two valid VAT numbers of one country, or two valid LEIs, are two legal entities. A number with a
wrong check digit, or one read with little confidence, says nothing here.

>>> from datetime import datetime, UTC
>>> from idp_cdi.observations import Observation, Origin, PartyKind, PartyRole, Record
>>> seen = Observation("vat_id", "DE136695976", "DE136695976", 0.95, Origin(table="t"))
>>> record = Record("crm", "1", PartyKind.ORGANISATION, PartyRole.CUSTOMER,
...     datetime(2026, 1, 1, tzinfo=UTC), (seen,))
>>> marks(record)
(('vat_id:DE', 'DE136695976'),)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.matching.marks import SURE, mark_kind

if TYPE_CHECKING:
    from idp_cdi.observations import Record


def marks(record: Record, *, sure: float = SURE) -> tuple[tuple[str, str], ...]:
    """The marks of a record.

    Args:
        record: Its observations carry clean values.
        sure: Least confidence of a value that counts.

    Returns:
        Pairs of kind and value; empty for most records.
    """
    found: list[tuple[str, str]] = []
    for seen in record.observations:
        if seen.field in ("vat_id", "lei") and seen.confidence >= sure:
            kind = mark_kind(seen.field, seen.value)
            if kind:
                found.append((kind, seen.value))
    return tuple(sorted(set(found)))
