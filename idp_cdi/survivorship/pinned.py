"""Only what a person said; as long as nobody said anything, the most trusted value.

Under every rule a person's answer outranks the machine's. This rule is for fields that are a
person's business, such as a credit class; and its name stands beside every golden value that a
person gave.

>>> from idp_cdi.fields import FieldSpec
>>> from idp_cdi.observations import Origin
>>> from idp_cdi.survivorship import Candidate
>>> spec, here = FieldSpec("name", "", "name"), Origin(table="t")
>>> [c.value for c in rank([Candidate("Acme", "acme", 0.7, 0.9, 0, "crm␟1", here)], spec)]
['Acme']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.survivorship._candidates import Candidate, distinct, preference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.fields import FieldSpec

NAME = "pinned"


def rank(candidates: Sequence[Candidate], spec: FieldSpec) -> list[Candidate]:
    """Persons' answers first, the latest of them in front; then by score.

    Args:
        candidates: Observations of one field of one customer.
        spec: The field.

    Returns:
        One candidate for each distinct value.
    """
    return distinct(
        sorted(candidates, key=lambda c: (not c.person, -c.days if c.person else 0, preference(c)))
    )
