"""The links that matching found, and the rules by which they make clusters.

>>> Rules(link=5.0).strong
11.0
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Link(NamedTuple):
    """Two records that were compared, with the match weight in bits (log2 Bayes factor)."""

    left: int
    right: int
    weight: float
    probability: float = 0.0


@dataclass(frozen=True, slots=True)
class Rules:
    """When a link joins, and what is too weak to hold a cluster together.

    Attributes:
        link: Match weight in bits from which two records link.
        margin: A link of `link` + `margin` bits or more is strong: never cut for being a bridge.
        side: A weak link that alone joins two groups of at least so many records is cut and goes
            to review; 0 never cuts.
        respect_marks: Whether two different marks of one kind (valid VAT numbers of one country)
            keep clusters apart.
    """

    link: float = 0.0
    margin: float = 6.0
    side: int = 2
    respect_marks: bool = True

    @property
    def strong(self) -> float:
        """The weight from which a link is safe."""
        return self.link + self.margin
