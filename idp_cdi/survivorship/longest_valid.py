"""Of the values that pass their own check (check digits), the one that held longest.

How long a value held is the time from its first to its last sighting. A value that fails its
check survives only where none passes.

>>> from idp_cdi.fields import FieldSpec
>>> from idp_cdi.observations import Origin
>>> from idp_cdi.survivorship import Candidate
>>> spec, here = FieldSpec("vat_id", "", "vat_id"), Origin(table="t")
>>> wrong = Candidate("DE136695978", "DE136695978", 0.9, 0.9, 9, "crm␟1", here)
>>> right = Candidate("DE136695976", "DE136695976", 0.6, 0.6, 0, "erp␟7", here)
>>> [c.value for c in rank([wrong, right], spec)]
['DE136695976', 'DE136695978']
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from idp_cdi.standardisers import way
from idp_cdi.survivorship._candidates import Candidate, distinct, preference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.fields import FieldSpec

NAME = "longest_valid"


def rank(candidates: Sequence[Candidate], spec: FieldSpec) -> list[Candidate]:
    """Valid values before others, then from the one that held longest.

    Args:
        candidates: Observations of one field of one customer.
        spec: The field; its kind says what valid means.

    Returns:
        One candidate for each distinct value.
    """
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    for c in candidates:
        first[c.same] = min(first.get(c.same, c.days), c.days)
        last[c.same] = max(last.get(c.same, c.days), c.days)
    order = sorted(
        candidates,
        key=lambda c: (
            not _is_valid(spec.kind, c.value),
            first[c.same] - last[c.same],
            preference(c),
        ),
    )
    return distinct(order)


@lru_cache(maxsize=65536)
def _is_valid(kind: str, value: str) -> bool:
    check = getattr(way(kind), "is_valid", None)
    return check is None or bool(check(value))
