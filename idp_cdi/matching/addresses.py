"""Street addresses as words and numbers, with street words in one spelling.

"Bahnhofstraße 5", "Bahnhofstr. 5" and "5 BAHNHOF STR" become the same words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.matching.strings import cleaned, extract, lower, replace, without_quotes
from idp_cdi.matching.tokens import (
    Change,
    Flat,
    Tokens,
    Vocabulary,
    distinct,
    joined,
    matrix,
    shared_with,
    split,
    vocabulary,
)
from idp_cdi.matching.words import words

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH = 8
_NUMBER = re.compile(r"(\d+)[a-z]?$")
_GLUED = ("strasse", "straat", "platz", "plein", "str", "pl")


def build(text: Any, places: list[Any]) -> Tokens:
    """Take an address column apart.

    Args:
        text: Street and number, or a full address in one.
        places: Columns of town, state and postcode of the same records; their words are
            no street and are left out, so that a full address and a split one compare alike.
    """
    flat = split(without_quotes(lower(text)), change=_CHANGE)
    for place in places:
        flat = _without(flat, place)
    flat = distinct(flat)
    whole = joined(flat)
    return Tokens(matrix(flat, WIDTH), vocabulary(flat.strings), whole)


def _street_word(word: str) -> str:
    """A word in its one spelling; two words where a street word is glued on.

    >>> _street_word("avenu"), _street_word("bahnhofstr"), _street_word("007")
    ('ave', 'bahnhof st', '7')
    """
    lists = words()
    if word in lists.units:
        return ""
    if word.isdigit():
        return word.lstrip("0") or "0"
    if word in lists.street:
        return lists.street[word]
    for ending in _GLUED:
        if word.endswith(ending) and len(word) >= len(ending) + 3:
            return f"{word[: -len(ending)]} {lists.street_end[ending]}"
    return word


def _may_change(words_: Any) -> NDArray[np.bool_]:
    """Which folded words `_street_word` may have another spelling for."""
    import pyarrow as pa
    import pyarrow.compute as pc

    lists = words()
    found = pc.is_in(words_, value_set=pa.array([*lists.units, *lists.street], words_.type))
    found = pc.or_(found, pc.starts_with(words_, "0"))
    for ending in _GLUED:
        found = pc.or_(found, pc.ends_with(words_, ending))
    changes: NDArray[np.bool_] = found.to_numpy(zero_copy_only=False)
    return changes


_CHANGE = Change(_street_word, _may_change)


def _without(flat: Flat, place: Any) -> Flat:
    """Drop the words that the same record has in `place`, as long as others are left."""
    other = split(lower(place), change=_CHANGE)
    drop = shared_with(flat, other)
    drop &= flat.place() >= 2
    left = np.bincount(flat.rows[~drop], minlength=flat.size)
    return flat.keep(~drop | (left[flat.rows] < 2))


def postcode_in(text: Any) -> Any:
    """A postcode at or near the end of a full address, null where there is none."""
    flat = replace(cleaned(text), r"[\s,]+", " ")
    return extract(
        flat,
        r"^.{6,}[ -](?P<code>\d{5}|\d{6}|[A-Za-z]{1,2}\d[A-Za-z\d]? \d[A-Za-z]{2})(?: [^\d]*)?$",
    )


def numbers(vocabulary: Vocabulary) -> NDArray[np.int64]:
    """The digits of each house number ("12", "12a"), -1 for other words ("5th"); and a last -1.

    So the code of no word has none.
    """
    out = np.full(len(vocabulary.numeric) + 1, -1, dtype=np.int64)
    at = np.flatnonzero(vocabulary.numeric)
    found = [_NUMBER.match(s) for s in vocabulary.strings[at]]
    out[at] = [int(m[1][:9]) if m else -1 for m in found]
    return out
