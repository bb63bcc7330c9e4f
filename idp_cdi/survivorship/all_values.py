"""All distinct values, the best score first: telephone numbers, trading names, accounts.

>>> from idp_cdi.fields import FieldSpec
>>> from idp_cdi.observations import Origin
>>> from idp_cdi.survivorship import Candidate
>>> spec, here = FieldSpec("email", "", "email", multi=True), Origin(table="t")
>>> one = Candidate("Ann@acme.de", "ann@acme.de", 0.7, 0.7, 0, "crm␟1", here)
>>> same = Candidate("ann@acme.de", "ann@acme.de", 0.9, 0.9, 0, "erp␟7", here)
>>> other = Candidate("info@acme.de", "info@acme.de", 0.8, 0.8, 0, "erp␟7", here)
>>> [c.value for c in rank([one, same, other], spec)]
['ann@acme.de', 'info@acme.de']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.survivorship._candidates import Candidate, distinct, preference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.fields import FieldSpec

NAME = "all_values"
MANY = True


def rank(candidates: Sequence[Candidate], spec: FieldSpec) -> list[Candidate]:
    """Every distinct value, from the best score to the worst.

    Args:
        candidates: Observations of one field of one customer.
        spec: The field.

    Returns:
        One candidate for each distinct value.
    """
    return distinct(sorted(candidates, key=preference))
