"""Names as words: legal form, affiliate words and generation apart from what makes the name.

A name is a bag of words: "Weber, Hans" and "Hans Weber" are one. Of an organisation the legal
form is taken out and what follows it (a town, a country) is left away; of a person the titles.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from idp_cdi.matching.aliases import known_by
from idp_cdi.matching.strings import FEW, choose, lower, without, without_quotes
from idp_cdi.matching.text import hash_list, mix
from idp_cdi.matching.tokens import (
    Flat,
    Tokens,
    Values,
    distinct,
    joined,
    matrix,
    shared_with,
    split,
    vocabulary,
)
from idp_cdi.matching.words import is_connector, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WIDTH = 14
PERSON, ORGANISATION, UNKNOWN = 1, 2, 0
_TAIL = 6


@dataclass(frozen=True, slots=True)
class Names:
    """The parts of a name column."""

    tokens: Tokens
    legal: Values
    affiliate: Values
    generation: Values
    seen: NDArray[np.bool_]


def build(
    text: Any,
    group: NDArray[np.int8],
    places: Sequence[Any] = (),
    domains: Sequence[Any] = (),
    others: Sequence[Any] = (),
) -> Names:
    """Take a name column apart.

    Args:
        text: The full names.
        group: `PERSON`, `ORGANISATION` or `UNKNOWN` of each record.
        places: Columns of town and region: their words say little in the same record's name.
        domains: Columns of mail and web addresses.
        others: Columns of other names.
    """
    bare = without_quotes(lower(text))
    flat = split(choose(group == PERSON, bare, without(bare, ".")))
    seen = np.zeros(flat.size, dtype=bool)
    seen[flat.rows] = True
    flat, legal = _take_legal(flat, group)
    flat, generation = _take_generation(flat, group)
    affiliate = _affiliates(flat, group)
    flat = distinct(_without_empty_words(flat, group))
    codes = matrix(flat, WIDTH)
    light = _of_place(flat, places, group, codes.shape)
    known = known_by(domains, others, group != PERSON)
    tokens = Tokens(codes, vocabulary(flat.strings), joined(flat), light, known)
    return Names(tokens, legal, affiliate, generation, seen)


def _of_place(
    flat: Flat, places: Sequence[Any], group: NDArray[np.int8], shape: tuple[int, ...]
) -> NDArray[np.bool_] | None:
    """Which cells of the word matrix are words of the record's own place."""
    if not places or bool((group == PERSON).all()):
        return None
    found = np.zeros(len(flat.rows), dtype=bool)
    for column in places:
        found |= shared_with(flat, split(lower(column)))
    found &= group[flat.rows] != PERSON
    left = np.bincount(flat.rows[~found], minlength=flat.size)
    found &= left[flat.rows] > 0
    out = np.zeros(shape, dtype=bool)
    place = flat.place()
    fits = found & (place < shape[1])
    out[flat.rows[fits], place[fits]] = True
    return out


def _flag(flat: Flat, wanted: Any) -> NDArray[np.bool_]:
    by_word = np.fromiter((w in wanted for w in flat.strings), dtype=bool, count=len(flat.strings))
    return by_word[flat.codes] if len(flat.codes) else np.zeros(0, dtype=bool)


class _Kinds(NamedTuple):
    """What is known of a part of a name, sorted; and the words that a legal form may begin with."""

    legal: tuple[str, ...]
    generations: tuple[str, ...]
    affiliates: tuple[str, ...]
    legal_starts: frozenset[str]


@cache
def _kinds() -> _Kinds:
    lists = words()
    legal, generations, affiliates = (
        tuple(sorted(set(part.values())))
        for part in (lists.legal, lists.generations, lists.affiliates)
    )
    return _Kinds(legal, generations, ("-", *affiliates), lists.legal_starts | set(lists.legal))


def _small(codes: NDArray[np.int32], names: tuple[str, ...]) -> Values:
    return Values(codes, *_named(names))


@cache
def _named(names: tuple[str, ...]) -> tuple[NDArray[np.object_], NDArray[np.uint64]]:
    return np.array(names, dtype=object), hash_list(names)


def _without_empty_words(flat: Flat, group: NDArray[np.int8]) -> Flat:
    """Drop connectors, and titles of persons, as long as something is left."""
    lists = words()
    connectors = {w for w in flat.strings if is_connector(w) and len(w) > 1}
    if not connectors and lists.titles.isdisjoint(flat.strings):
        return flat
    drop = _flag(flat, connectors)
    drop |= _flag(flat, lists.titles) & (group[flat.rows] == PERSON)
    left = np.bincount(flat.rows[~drop], minlength=flat.size)
    return flat.keep(~drop | (left[flat.rows] == 0))


def _take_generation(flat: Flat, group: NDArray[np.int8]) -> tuple[Flat, Values]:
    """Junior, senior, II, III at the end of a person's name."""
    lists, kinds = words().generations, _kinds().generations
    if lists.keys().isdisjoint(flat.strings):
        return flat, _small(np.full(flat.size, -1, dtype=np.int32), kinds)
    hit = _flag(flat, lists) & (group[flat.rows] != ORGANISATION) & (flat.place() >= 1)
    codes = np.full(flat.size, -1, dtype=np.int32)
    number = np.array([kinds.index(lists[w]) if w in lists else -1 for w in flat.strings] or [-1])
    codes[flat.rows[hit]] = number[flat.codes[hit]]
    return flat.keep(~hit), _small(codes, kinds)


def _affiliates(flat: Flat, group: NDArray[np.int8]) -> Values:
    """Words that set a firm apart from its sister: Holding, Verwaltung, Sales; the last one."""
    lists, kinds = words().affiliates, _kinds().affiliates
    codes = np.where(np.bincount(flat.rows, minlength=flat.size) > 0, 0, -1).astype(np.int32)
    codes[group == PERSON] = -1
    if lists.keys().isdisjoint(flat.strings):
        return _small(codes, kinds)
    hit = _flag(flat, lists) & (group[flat.rows] != PERSON) & (flat.place() >= 1)
    number = np.array([kinds.index(lists[w]) if w in lists else 0 for w in flat.strings] or [0])
    codes[flat.rows[hit]] = number[flat.codes[hit]]
    return _small(codes, kinds)


def _take_legal(flat: Flat, group: NDArray[np.int8]) -> tuple[Flat, Values]:
    """Cut each organisation's name at its legal form.

    Every distinct tail (the words from the first that may begin a form) is looked at once.
    """
    kinds = _kinds().legal
    if _kinds().legal_starts.isdisjoint(flat.strings):
        return flat, _small(np.full(flat.size, -1, dtype=np.int32), kinds)
    start = _flag(flat, _kinds().legal_starts) & (group[flat.rows] != PERSON)
    start &= flat.place() >= 1
    out = np.full(flat.size, -1, dtype=np.int32)
    keep = np.ones(len(flat.rows), dtype=bool)
    at = np.flatnonzero(start)
    if len(at):
        tails = np.full((len(at), _TAIL), -1, dtype=np.int32)
        for k in range(_TAIL):
            there = np.minimum(at + k, len(flat.rows) - 1)
            same = (at + k < len(flat.rows)) & (flat.rows[there] == flat.rows[at])
            tails[same, k] = flat.codes[there[same]]
        where = inverse = np.arange(len(at))
        if len(at) > FEW:
            key = np.zeros(len(at), dtype=np.uint64)
            for k in range(_TAIL):
                key = mix(key + tails[:, k].astype(np.uint64))
            _, where, inverse = np.unique(key, return_index=True, return_inverse=True)
        found = [_form_of([flat.strings[c] for c in row if c >= 0]) for row in tails[where]]
        form = np.array([kinds.index(f) if f else -1 for f, _ in found], dtype=np.int32)
        after = np.array([n for _, n in found], dtype=np.int64)
        form, after = form[inverse.ravel()], after[inverse.ravel()]
        hit = form >= 0
        rows, first = np.unique(flat.rows[at[hit]], return_index=True)
        out[rows] = form[hit][first]
        _cut(flat, keep, rows, at[hit][first], after[hit][first])
    return flat.keep(keep), _small(out, kinds)


def _cut(
    flat: Flat,
    keep: NDArray[np.bool_],
    rows: NDArray[np.int64],
    at: NDArray[np.int64],
    length: NDArray[np.int64],
) -> None:
    """Drop the form, and what follows where it is short (a town, a country, a second form)."""
    end = np.searchsorted(flat.rows, rows, side="right")
    rest = end - (at + length)
    stop = np.where(rest <= 4, end, at + length)
    marks = np.zeros(len(keep) + 1, dtype=np.int32)
    np.add.at(marks, at, 1)
    np.add.at(marks, stop, -1)
    keep &= np.cumsum(marks[:-1]) == 0


def _form_of(tail: list[str]) -> tuple[str, int]:
    """The longest legal form that `tail` begins with, and its length in words."""
    legal = words().legal
    joined_up, best, parts = "", ("", 0), 0
    for number, word in enumerate(tail, start=1):
        if is_connector(word) and word != "e":
            continue
        joined_up += word
        parts += 1
        if joined_up in legal:
            best = (legal[joined_up], number)
    return best


def looks_like_organisation(text: Any) -> NDArray[np.bool_]:
    """Whether each name ends in a legal form; to tell organisations from persons."""
    flat = split(_dotless(text))
    group = np.full(flat.size, ORGANISATION, dtype=np.int8)
    return _take_legal(flat, group)[1].codes >= 0


def _dotless(text: Any) -> Any:
    return without(lower(text), ".")
