"""The newest observation; of several at one time the one with the best score.

>>> from idp_cdi.fields import FieldSpec
>>> from idp_cdi.observations import Origin
>>> from idp_cdi.survivorship import Candidate
>>> spec, here = FieldSpec("website", "", "website"), Origin(table="t")
>>> old = Candidate("acme.de", "acme.de", 0.9, 0.9, 0, "crm␟1", here)
>>> new = Candidate("acme.com", "acme.com", 0.5, 0.5, 9, "erp␟7", here)
>>> [c.value for c in rank([old, new], spec)]
['acme.com', 'acme.de']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.survivorship._candidates import Candidate, distinct, preference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.fields import FieldSpec

NAME = "most_recent"


def rank(candidates: Sequence[Candidate], spec: FieldSpec) -> list[Candidate]:
    """From the newest to the oldest.

    Args:
        candidates: Observations of one field of one customer.
        spec: The field.

    Returns:
        One candidate for each distinct value.
    """
    return distinct(sorted(candidates, key=lambda c: (-c.days, preference(c))))
