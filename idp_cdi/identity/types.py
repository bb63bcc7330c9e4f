"""The links that matching found, and the rules by which they make clusters.

>>> Link(1, 2, 9.0).weight >= Rules(link=5.0).link
True
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Link(NamedTuple):
    """Two records that were compared, with the match weight in bits (log2 Bayes factor).

    `copy` says that the right one says the same as the left one and follows it
    (see `idp_cdi.matching.copies`).
    """

    left: int
    right: int
    weight: float
    probability: float = 0.0
    copy: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """When links join.

    Attributes:
        link: Match weight in bits from which two records link.
        respect_marks: Whether two different marks of one kind (valid VAT numbers of one country)
            keep clusters apart.
        closure: What pairs that speak against a match count among records that hang together; a
            part of the model (see `idp_cdi.matching.closure`).
    """

    link: float = 0.0
    respect_marks: bool = True
    closure: tuple[float, ...] = ()
