"""The observation with the best score: trust × probability × age decay.

>>> from idp_cdi.fields import FieldSpec
>>> from idp_cdi.observations import Origin
>>> from idp_cdi.survivorship import Candidate
>>> spec, here = FieldSpec("name", "", "name"), Origin(table="t")
>>> old = Candidate("Acme", "acme", 0.7, 0.9, 0, "crm␟1", here)
>>> new = Candidate("Acme Ltd", "acme ltd", 0.8, 0.8, 9, "erp␟7", here)
>>> [c.value for c in rank([old, new], spec)]
['Acme Ltd', 'Acme']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.survivorship._candidates import Candidate, distinct, preference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.fields import FieldSpec

NAME = "most_trusted"


def rank(candidates: Sequence[Candidate], spec: FieldSpec) -> list[Candidate]:
    """From the best score to the worst.

    Args:
        candidates: Observations of one field of one customer.
        spec: The field.

    Returns:
        One candidate for each distinct value.
    """
    return distinct(sorted(candidates, key=preference))
