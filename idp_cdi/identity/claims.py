"""Which record of the books a document means, where it fits one of them and no other.

Match weights ask how likely two records are one party rather than two that have much in common:
a namesake, a branch, a sister company. Whom a document names is as a rule in the books, and so
would be the namesake: where no other party of the books comes near, that explanation is the less
likely by the share of documents that name somebody new. So what is closest counts more by
`CLAIM` bits, as long as no other party is within `MARGIN` bits of it.

A document that prints a customer number which that party does not have names somebody else as
likely as not: its number is then worth more than being the only one near, and nothing is added
unless they have one name at one address, for two systems number one customer twice. Nor is it where
the two have wholly different names and no number in common, of the VAT neither: who shares an
address with a party is as often its tenant as its former name.

It is a pure function of a document's own pairs and of which of their other ends link with the best
one, so it is the same for the whole store and for the part that a change can reach.

>>> import numpy as np
>>> left, right = np.array([1, 1, 5]), np.array([9, 8, 9])
>>> claimed(left, right, np.array([3.0, -4.0, -2.0]), np.array([1]), link=4.2).tolist()
[5.5, -4.0, -2.0]
>>> claimed(left, right, np.array([3.0, 2.0, -2.0]), np.array([1]), link=4.2).tolist()
[3.0, 2.0, -2.0]
>>> claimed(
...     left, right, np.array([3.0, -4.0, -2.0]), np.array([1]), link=4.2,
...     numbers=np.array([-1, 0, 0], dtype=np.int8),
... ).tolist()
[3.0, -4.0, -2.0]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np
    from numpy.typing import NDArray

#: What being the only party of the books that comes near is worth in bits: of documents that may
#: mean either, one in about five names somebody new.
CLAIM = 2.5
#: How many bits any other party must lie below.
MARGIN = 4.0


def claimed(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    weight: NDArray[np.float64],
    papers: NDArray[np.int64],
    *,
    link: float,
    different: Collection[tuple[int, int]] = (),
    numbers: NDArray[np.int8] | None = None,
) -> NDArray[np.float64]:
    """The weights of pairs as clustering counts them.

    Args:
        left: Records of the pairs: all pairs of the documents and of what they may link with.
        right: The other ends.
        weight: Match weights in bits.
        papers: The records that documents are the source of, sorted.
        link: The weight from which records link.
        different: Pairs that a person declared different: they are nobody's rivals.
        numbers: Of each pair whether a number that one prints is the other's: 1 it is, -1 it is
            another one, or the names are, 0 there is nothing to tell by.
    """
    import numpy as np

    one, other = np.isin(left, papers), np.isin(right, papers)
    mine = np.flatnonzero((one != other) & (weight >= link - CLAIM - MARGIN))
    if different:
        apart = set(different)
        those = zip(left[mine].tolist(), right[mine].tolist(), strict=True)
        mine = mine[[(min(p), max(p)) not in apart for p in those]]
    paper = np.where(one[mine], left[mine], right[mine])
    known = np.where(one[mine], right[mine], left[mine])
    order = np.lexsort((known, -weight[mine], paper))
    mine, paper, known = mine[order], paper[order], known[order]
    if not len(mine):
        return weight
    start = np.flatnonzero(np.concatenate(([True], paper[1:] != paper[:-1])))
    many = np.diff(np.append(start, len(mine)))
    top, best = np.repeat(weight[mine[start]], many), np.repeat(known[start], many)
    joins = weight >= link
    ends = np.stack((np.minimum(left, right), np.maximum(left, right)))[:, joins]
    pairs = np.stack((np.minimum(best, known), np.maximum(best, known)))
    size = int(max(left.max(), right.max())) + 1
    friend = (best == known) | np.isin(pairs[0] * size + pairs[1], ends[0] * size + ends[1])
    rival = ~friend & (weight[mine] > top - MARGIN)
    alone = np.repeat(np.add.reduceat(rival, start) == 0, many)
    in_reach = (top < link) & (top >= link - CLAIM)
    wanted = friend & alone & in_reach
    if numbers is not None:
        told = np.where(friend, numbers[mine], 0)
        least, most = (np.repeat(f.reduceat(told, start), many) for f in (np.minimum, np.maximum))
        wanted &= (least >= 0) | (most > 0)
    out = weight.copy()
    out[mine[wanted]] += CLAIM
    return out


__all__ = ["CLAIM", "MARGIN", "claimed"]
