"""What a firm is known by besides its name: its web domain, and its other names.

A firm that was renamed keeps its mail domain for years, and trades under a name that is not in the
register. So a name that is the other record's domain or other name counts as the same words written
otherwise, and one that begins like it as one name within the other. Domains of mail providers are
no firm's name, and nothing is compared with them: there is nobody called "gmail".

>>> domain(["Ann <ann@sarl-laine.fr>", "https://www.van-salm.co.uk/en", None])
['sarllaine', 'vansalm', None]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.matching.strings import choose, lower, replace
from idp_cdi.matching.tokens import joined, split, values_of
from idp_cdi.matching.words import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from idp_cdi.matching.tokens import Tokens, Values

#: Shorter names begin too many others.
LEAST = 5
#: From this similarity on two are one: the words of a name have lost silent letters, domains not.
ALIKE = 0.9
#: How many bits such an agreement is worth at the most.
MOST_BITS = np.float32(10.0)
_HOST = r"^.*@|^\s*(https?://)?(www\d?\.)?|[/?#>\s].*$"
_ENDING = r"(\.(co|com|net|org|or|ac|gov|gob|gouv|edu))?\.[a-z]+$"


def domain(text: Any) -> Any:
    """The name in each mail or web address: its domain without ending, dots and hyphens."""
    if isinstance(text, list) and not any(text):
        return [None] * len(text)
    bare = replace(replace(lower(text), _HOST, ""), _ENDING, "")
    found = replace(bare, r"^.*\.|[^\p{L}\p{N}]+", "", r"^.*\.|[\W_]+")
    return [s or None for s in found] if isinstance(found, list) else found


def known_by(
    domains: Sequence[Any], names: Sequence[Any], wanted: NDArray[np.bool_]
) -> tuple[Values, ...]:
    """What records are known by, in columns: by mail and web addresses, then by other names.

    Args:
        domains: Columns of mail and web addresses.
        names: Columns of other names.
        wanted: Which records may be known by them: persons are not.
    """
    found = []
    for column in domains:
        nobody: Any = [None] * len(wanted) if isinstance(column, list) else _nulls(len(wanted))
        found.append(values_of(domain(choose(wanted, column, nobody))))
    return (*found, *(joined(split(lower(column))) for column in names))


def _nulls(size: int) -> Any:
    import pyarrow as pa

    return pa.nulls(size, pa.string())


def agree(field: Tokens, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Whether the name of one record is what the other one is known by: 2, or begins so: 1."""
    out = np.zeros(len(left), dtype=np.uint8)
    whole = field.whole
    if not len(whole.strings):
        return out
    for part in field.known:
        if part.empty:
            continue
        for a, b in ((left, right), (right, left)):
            x, y = whole.codes[a], part.codes[b]
            at = np.flatnonzero((x >= 0) & (y >= 0))
            at = at[whole.extra["head"][x[at]] == part.extra["head"][y[at]]]
            pairs = zip(whole.strings[x[at]], part.strings[y[at]], strict=True)
            found = np.array([_begins(one, other) for one, other in pairs], dtype=np.uint8)
            out[at] = np.maximum(out[at], found)
    return out


def _begins(one: str, other: str) -> int:
    """Whether two are equal but for a slip or a legal form (2), or one begins the other (1)."""
    from rapidfuzz.distance import OSA, Prefix

    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if len(short) < LEAST:
        return 0
    if long.removeprefix(short) in words().legal or OSA.normalized_similarity(one, other) >= ALIKE:
        return 2
    shared = Prefix.similarity(one, other)
    return int(5 * shared >= 4 * len(short) and 2 * shared >= len(long))
