"""Street addresses as words and numbers, with street words in one spelling.

"Bahnhofstraße 5", "Bahnhofstr. 5" and "5 BAHNHOF STR" become the same words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.matching.strings import cleaned, extract, lower, replace, without_quotes
from idp_cdi.matching.tokens import (
    Flat,
    Tokens,
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
_NUMBER = re.compile(r"\d+[a-z]?$")
_DIGITS = re.compile(r"\d+")
_GLUED = ("strasse", "straat", "platz", "plein", "str", "pl")


def build(text: Any, places: list[Any]) -> Tokens:
    """Take an address column apart.

    Args:
        text: Street and number, or a full address in one.
        places: Columns of town, state and postcode of the same records; their words are
            no street and are left out, so that a full address and a split one compare alike.
    """
    flat = split(without_quotes(lower(text)), change=_street_word)
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


def _without(flat: Flat, place: Any) -> Flat:
    """Drop the words that the same record has in `place`, as long as others are left."""
    other = split(lower(place), change=_street_word)
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


def numbers(tokens: Tokens) -> NDArray[np.bool_]:
    """Which cells of the word matrix are house numbers ("12", "12a"; not "5th")."""
    valid = tokens.codes >= 0
    vocab = tokens.vocabulary
    if not len(vocab.numeric):
        return valid
    plain = np.fromiter((bool(_NUMBER.match(s)) for s in vocab.strings[vocab.numeric]), dtype=bool)
    is_number = vocab.numeric.copy()
    is_number[vocab.numeric] = plain
    return valid & is_number[np.maximum(tokens.codes, 0)]


def number_values(tokens: Tokens) -> NDArray[np.int64]:
    """The digits that each word of the vocabulary begins with, as a number; -1 where none."""
    vocab = tokens.vocabulary
    out = np.full(len(vocab.numeric), -1, dtype=np.int64)
    plain = [_DIGITS.match(s) for s in vocab.strings[vocab.numeric]]
    out[vocab.numeric] = [int(m[0][:9]) if m else -1 for m in plain]
    return out
