"""The observation that says most: more words, then more characters, among the credible ones.

Credible is what scores at least half of the best: a long misreading does not win.

>>> from idp_cdi.fields import FieldSpec
>>> from idp_cdi.observations import Origin
>>> from idp_cdi.survivorship import Candidate
>>> spec, here = FieldSpec("street", "", "street"), Origin(table="t")
>>> short = Candidate("Hauptstr. 5", "hauptstr 5", 0.9, 0.9, 0, "crm␟1", here)
>>> full = Candidate("Hauptstr. 5, Hof 2", "hauptstr 5 hof 2", 0.8, 0.8, 0, "erp␟7", here)
>>> noise = Candidate("H a u p t s t r 5 x y", "h a u p t s t r 5 x y", 0.2, 0.2, 0, "pdf␟3", here)
>>> [c.record for c in rank([short, full, noise], spec)]
['erp␟7', 'crm␟1', 'pdf␟3']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.survivorship._candidates import Candidate, distinct, preference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.fields import FieldSpec

NAME = "most_complete"
CREDIBLE = 0.5


def rank(candidates: Sequence[Candidate], spec: FieldSpec) -> list[Candidate]:
    """From the fullest credible value to the barest, then the incredible ones.

    Args:
        candidates: Observations of one field of one customer.
        spec: The field.

    Returns:
        One candidate for each distinct value.
    """
    least = CREDIBLE * max(c.score for c in candidates)
    order = sorted(
        candidates,
        key=lambda c: (c.score < least, -len(c.value.split()), -len(c.value), preference(c)),
    )
    return distinct(order)
