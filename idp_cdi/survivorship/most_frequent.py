"""The value that most records give; of equally frequent ones the one with the best score.

Records count, not observations: a row that says a thing twice says it once. Each value is shown
in the form of its best candidate.

>>> from idp_cdi.fields import FieldSpec
>>> from idp_cdi.observations import Origin
>>> from idp_cdi.survivorship import Candidate
>>> spec, here = FieldSpec("city", "", "city"), Origin(table="t")
>>> many = [Candidate("Bonn", "bonn", 0.5, 0.5, 0, f"crm␟{n}", here) for n in range(2)]
>>> one = Candidate("Berlin", "berlin", 0.9, 0.9, 0, "erp␟7", here)
>>> [c.value for c in rank([one, *many], spec)]
['Bonn', 'Berlin']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.survivorship._candidates import Candidate, distinct, preference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.fields import FieldSpec

NAME = "most_frequent"


def rank(candidates: Sequence[Candidate], spec: FieldSpec) -> list[Candidate]:
    """From the value of most records to that of fewest.

    Args:
        candidates: Observations of one field of one customer.
        spec: The field.

    Returns:
        One candidate for each distinct value.
    """
    records: dict[str, set[str]] = {}
    for candidate in candidates:
        records.setdefault(candidate.same, set()).add(candidate.record)
    order = sorted(candidates, key=lambda c: (-len(records[c.same]), preference(c)))
    return distinct(order)
