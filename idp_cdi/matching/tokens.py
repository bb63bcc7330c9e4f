"""Columns of text as columns of words: integer codes into one vocabulary, a matrix per column.

Every distinct word is folded and described once (letters, length, look-alike skeleton, nickname
groups); pairs of records are then compared by integers, and by spelling only where those differ.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from dataclasses import replace as changed
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from idp_cdi.matching.raw import DIGITS, Texts, begins_with, letters_of, words_of
from idp_cdi.matching.strings import FEW, SMALL
from idp_cdi.matching.text import DIGRAPHS, hash_list, hash_one, hash_strings, parts, sound, sounds
from idp_cdi.matching.words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

PREFIXES = 4
NICKS = 4
#: So many words of a record are laid beside those of another column; more are rare.
_MOST = 8
_NO_WORD = re.compile(r"[\W_]+")


class Strings(Protocol):
    """Different strings: an array of objects, `Texts`, or what reads them where they lie."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[str]: ...

    def __getitem__(self, which: Any) -> Any: ...

    def tolist(self) -> list[str]:
        """All of them."""


@dataclass(frozen=True, slots=True)
class Values:
    """One value a record: `codes` index the distinct `strings`; -1 is a missing value."""

    codes: NDArray[np.int32]
    strings: Strings
    hashes: NDArray[np.uint64]
    extra: dict[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether no record has a value."""
        return not len(self.hashes)

    @property
    def arrow(self) -> Any:
        """The distinct strings as an Arrow array."""
        if isinstance(self.strings, Texts):
            return self.strings.arrow
        import pyarrow as pa

        return pa.array(self.strings.tolist(), type=pa.string())

    def row_hashes(self) -> NDArray[np.uint64]:
        """The hash of each record's value, 0 where it is missing."""
        if len(self.hashes) == 0:
            return np.zeros(len(self.codes), dtype=np.uint64)
        return np.where(self.codes >= 0, self.hashes[self.codes], np.uint64(0))

    def take(self, rows: NDArray[np.int64]) -> Values:
        """The values of some records."""
        return changed(self, codes=self.codes[rows])


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The distinct words of a column and what is known of each, all by code."""

    strings: Strings
    hashes: NDArray[np.uint64]
    skeletons: NDArray[np.uint64]
    letters: NDArray[np.uint64]
    lengths: NDArray[np.int32]
    prefixes: NDArray[np.uint64]
    nicks: NDArray[np.int32]
    numeric: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Up to K different words a record (`codes`, -1 pads) and the words run together (`whole`).

    `light` marks words that say little in their record: those of its own town or region. `known`
    has what else a record is known by, run together as `whole` is: columns of its own.
    """

    codes: NDArray[np.int32]
    vocabulary: Vocabulary
    whole: Values
    light: NDArray[np.bool_] | None = None
    known: tuple[Values, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether no record has a word."""
        return not len(self.vocabulary.hashes)

    def take(self, rows: NDArray[np.int64]) -> Tokens:
        """The words of some records."""
        light = None if self.light is None else self.light[rows]
        return changed(self, codes=self.codes[rows], whole=self.whole.take(rows), light=light)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record is: postcode, town, region, country, each where the table has it."""

    postcode: Values | None
    city: Values | None
    region: Values | None
    country: Values | None

    @property
    def empty(self) -> bool:
        """Whether nobody is anywhere."""
        parts = (self.postcode, self.city, self.region, self.country)
        return all(part is None or part.empty for part in parts)

    def take(self, rows: NDArray[np.int64]) -> Place:
        """Where some records are."""
        parts = (self.postcode, self.city, self.region, self.country)
        return Place(*(None if part is None else part.take(rows) for part in parts))


@dataclass(slots=True)
class Flat:
    """Words in reading order: `rows` (sorted) and `codes` into `strings`, for `size` records."""

    rows: NDArray[np.int64]
    codes: NDArray[np.int32]
    strings: list[str]
    size: int

    def keep(self, wanted: NDArray[np.bool_]) -> Flat:
        """Only the words for which `wanted` is true."""
        return Flat(self.rows[wanted], self.codes[wanted], self.strings, self.size)

    def pairs(self) -> list[tuple[int, str]]:
        """Record and word of each."""
        words_ = (self.strings[code] for code in self.codes.tolist())
        return list(zip(self.rows.tolist(), words_, strict=True))

    def place(self) -> NDArray[np.int64]:
        """The place of each word within its record, from 0."""
        if self.size == 1:
            return np.arange(len(self.rows))
        lengths = np.bincount(self.rows, minlength=self.size)
        starts = np.cumsum(lengths) - lengths
        return np.arange(len(self.rows)) - starts[self.rows]


@dataclass(frozen=True, slots=True)
class Change:
    """Another spelling of folded words.

    `word` gives it (several words with blanks between them); `may` says of which words of an Arrow
    array it may give another one.
    """

    word: Callable[[str], str]
    may: Callable[[Any], NDArray[np.bool_]]


def split(text: Any, change: Change | None = None) -> Flat:
    """Cut a column of strings into folded words, each as `change` has it.

    Words that fold to "" (another script) are dropped.
    """
    if isinstance(text, list):
        return _split_few(text, change)
    import pyarrow as pa

    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    if len(text) > SMALL and _repeats(text):
        encoded = text.dictionary_encode()
        if len(encoded.dictionary) < len(text) // 2:
            return _spread(split(encoded.dictionary, change), encoded.indices)
    rows, found = words_of(text)
    encoded = found.dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    places, strings, many = _folded(encoded.dictionary, change)
    if bool((many == 1).all()):
        return Flat(rows, places[codes], strings, len(text))
    starts = np.cumsum(many) - many
    count = many[codes]
    ramp = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    chosen = places[np.repeat(starts[codes], count) + ramp]
    return Flat(np.repeat(rows, count), chosen, strings, len(text))


def _repeats(text: Any) -> bool:
    """Whether the same strings come again and again, as far as the first ones show."""
    some = text[: 10 * SMALL]
    return len(some.unique()) * 10 < len(some) * 9


def _folded(
    words_: Any, change: Change | None
) -> tuple[NDArray[np.int32], list[str], NDArray[np.int64]]:
    """Distinct words folded: the codes of what each stands for, the strings, how many each is.

    Most are plain letters, for which Arrow does it; the others are looked at one by one.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = pc.string_is_ascii(words_).to_numpy(zero_copy_only=False)
    folded = pc.ascii_lower(words_)
    for pair, letter in DIGRAPHS:
        folded = pc.replace_substring(folded, pair, letter)
    if change is not None:
        plain &= ~change.may(folded)
    others = np.flatnonzero(~plain)
    told = words_.take(others).to_pylist()
    pieces = [[part for cut in _cut(word) for part in _parts(cut, change)] for word in told]
    many = np.ones(len(words_), dtype=np.int64)
    many[others] = [len(one) for one in pieces]
    flat = pa.array([part for one in pieces for part in one], words_.type)
    whole = pa.concat_arrays([folded.filter(pa.array(plain)), flat]).dictionary_encode()
    codes = whole.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    is_plain = np.repeat(plain, many)
    out = np.empty(len(codes), dtype=np.int32)
    first = int(plain.sum())
    out[is_plain], out[~is_plain] = codes[:first], codes[first:]
    return out, whole.dictionary.to_pylist(), many


def _cut(word: str) -> list[str]:
    """A word cut at signs beyond ASCII that are no letters, marks or digits."""
    if word.isalnum():
        return [word]
    return "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in word).split()


def _parts(word: str, change: Change | None) -> list[str]:
    """The folded words that a word stands for: none, one, or several."""
    folded = [word] if word.isascii() and word.isdigit() else parts(word)
    if change is not None:
        folded = [part for one in folded for part in change.word(one).split(" ")]
    return [part for part in folded if part]


def _split_few(text: list[str | None], change: Change | None) -> Flat:
    """`split` of a short list."""
    known: dict[str, int] = {}
    rows: list[int] = []
    codes: list[int] = []
    for row, line in enumerate(text):
        for word in _NO_WORD.split(line) if line else ():
            found = [known.setdefault(part, len(known)) for part in _parts(word, change)]
            codes += found
            rows += [row] * len(found)
    return Flat(
        np.array(rows, dtype=np.int64), np.array(codes, dtype=np.int32), list(known), len(text)
    )


def _spread(flat: Flat, indices: Any) -> Flat:
    """The words of distinct texts (`flat`) for all records, which have them by `indices`."""
    import pyarrow.compute as pc

    which = pc.fill_null(indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    if not flat.size:
        return Flat(flat.rows, flat.codes, flat.strings, len(which))
    lengths = np.bincount(flat.rows, minlength=flat.size)
    starts = np.cumsum(lengths) - lengths
    many = np.where(which >= 0, lengths[which], 0)
    rows = np.repeat(np.arange(len(which), dtype=np.int64), many)
    ramp = np.arange(len(rows)) - np.repeat(np.cumsum(many) - many, many)
    return Flat(rows, flat.codes[starts[which[rows]] + ramp], flat.strings, len(which))


def distinct(flat: Flat) -> Flat:
    """Each word once a record, the first time it comes."""
    if flat.size == 1 and len({*flat.codes.tolist()}) == len(flat.codes):
        return flat
    again = np.zeros(len(flat.rows), dtype=bool)
    longest = int(np.bincount(flat.rows, minlength=1).max(initial=0))
    for back in range(1, longest):
        same = (flat.codes[back:] == flat.codes[:-back]) & (flat.rows[back:] == flat.rows[:-back])
        again[back:] |= same
        if back > 30 and not same.any():
            break
    return flat.keep(~again)


def matrix(flat: Flat, width: int) -> NDArray[np.int32]:
    """The first `width` words of each record as a matrix of codes, padded with -1."""
    place = flat.place()
    out = np.full((flat.size, width), -1, dtype=np.int32)
    fits = place < width
    out[flat.rows[fits], place[fits]] = flat.codes[fits]
    used = max(1, int(place[fits].max(initial=0)) + 1)
    return np.ascontiguousarray(out[:, :used])


def shared_with(flat: Flat, other: Flat) -> NDArray[np.bool_]:
    """Which words of `flat` the same record has in `other`."""
    if flat.size <= FEW:
        theirs = set(other.pairs())
        return np.array([pair in theirs for pair in flat.pairs()], dtype=np.bool_)
    known = {w: i for i, w in enumerate(flat.strings)}
    mapped = np.array([known.get(w, -1) for w in other.strings] or [-1], dtype=np.int32)
    table = matrix(other, _MOST) if len(other.codes) else np.full((other.size, 1), -1, np.int32)
    table = np.where(table >= 0, mapped[table], np.int32(-1))
    found = np.zeros(len(flat.rows), dtype=bool)
    for column in table.T:
        found |= np.ascontiguousarray(column)[flat.rows] == flat.codes
    if int(np.bincount(other.rows, minlength=1).max(initial=0)) > _MOST:
        codes = mapped[other.codes]
        keys = (other.rows[codes >= 0] << np.int64(32)) | codes[codes >= 0]
        found |= np.isin((flat.rows << np.int64(32)) | flat.codes, keys)
    return found


def joined(flat: Flat) -> Values:
    """The words of each record run together, as one value."""
    if flat.size <= FEW:
        return _joined_few(flat)
    import pyarrow as pa
    import pyarrow.compute as pc

    offsets = np.zeros(flat.size + 1, dtype=np.int32)
    np.cumsum(np.bincount(flat.rows, minlength=flat.size), out=offsets[1:])
    items = pa.array(flat.strings, type=pa.string()).take(pa.array(flat.codes))
    text = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), items), "")
    found = values_of(text, empty=np.diff(offsets) == 0)
    return changed(found, extra=found.extra | {"letters": letters_of(found.arrow)})


def _joined_few(flat: Flat) -> Values:
    """`joined` of few records."""
    lines: list[str | None] = [None] * flat.size
    for row, word in flat.pairs():
        lines[row] = (lines[row] or "") + word
    found = values_of(lines)
    letters = np.array([_letters(text) for text in found.strings], dtype=np.uint64)
    return changed(found, extra=found.extra | {"letters": letters})


def values_of(text: Any, *, empty: NDArray[np.bool_] | None = None) -> Values:
    """A column of strings as `Values`; null and "" are missing."""
    if isinstance(text, list):
        return _values_few(text)
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    gone = pc.fill_null(pc.equal(text, ""), fill_value=True).to_numpy(zero_copy_only=False)
    gone = gone if empty is None else gone | empty
    encoded = text.dictionary_encode()
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    codes = np.where(gone, np.int32(-1), codes)
    strings = Texts(encoded.dictionary)
    return Values(codes, strings, hash_strings(encoded.dictionary), shape_of(encoded.dictionary))


def _values_few(text: list[str | None]) -> Values:
    """`values_of` of a short list."""
    return _described_values(*text) if any(text) else _no_values(len(text))


@cache
def _no_values(size: int) -> Values:
    return _described_values(*[None] * size)


def _described_values(*text: str | None) -> Values:
    known: dict[str, int] = {}
    codes = [known.setdefault(s, len(known)) if s else -1 for s in text]
    names = list(known)
    return Values(
        np.array(codes, dtype=np.int32), np.array(names, dtype=object), hash_list(names),
        shape_of(names),
    )  # fmt: skip


def shape_of(strings: Any) -> dict[str, NDArray[Any]]:
    """Of each string its length and the hashes of its first and last three letters."""
    if isinstance(strings, list) and len(strings) > FEW:
        import pyarrow as pa

        strings = pa.array(strings, type=pa.string())
    if isinstance(strings, list):
        return {
            "length": np.array([len(s) for s in strings], dtype=np.int32),
            "head": hash_list([s[:3] for s in strings]),
            "tail": hash_list([s[-3:] for s in strings]),
        }
    import pyarrow.compute as pc

    return {
        "length": pc.utf8_length(strings).to_numpy(zero_copy_only=False),
        "head": hash_strings(pc.utf8_slice_codeunits(strings, 0, 3)),
        "tail": hash_strings(pc.utf8_slice_codeunits(strings, -3)),
    }


def vocabulary(strings: Sequence[str]) -> Vocabulary:
    """Describe every word once."""
    if len(strings) <= FEW:
        return _vocabulary_few(strings)
    import pyarrow as pa
    import pyarrow.compute as pc

    many = pa.array(strings, type=pa.string())
    lengths = pc.utf8_length(many).to_numpy(zero_copy_only=False)
    prefixes = np.zeros((len(strings), PREFIXES), dtype=np.uint64)
    for k in range(PREFIXES):
        cut = hash_strings(pc.utf8_slice_codeunits(many, 0, k + 1))
        prefixes[:, k] = np.where(lengths > k, cut, np.uint64(0))
    nicks = np.full((len(strings), NICKS), -1, dtype=np.int32)
    known = words().nicknames
    named = pc.is_in(many, value_set=pa.array(known, pa.string())).to_numpy(zero_copy_only=False)
    for i in np.flatnonzero(named).tolist():
        for j, group in enumerate(sorted(known[strings[i]])[:NICKS]):
            nicks[i, j] = group
    return Vocabulary(
        strings=many.to_numpy(zero_copy_only=False),
        hashes=hash_strings(many),
        skeletons=hash_strings(sounds(many)),
        letters=letters_of(many),
        lengths=lengths,
        prefixes=prefixes,
        nicks=nicks,
        numeric=begins_with(many, DIGITS),
    )


@lru_cache(maxsize=1 << 14)
def _letters(word: str) -> int:
    """`letters_of` of one string."""
    found = 0
    for byte in word.encode():
        found |= 1 << (byte % 64)
    return found


@lru_cache(maxsize=1 << 16)
def _described(word: str) -> tuple[int, int, int, int, tuple[int, ...], tuple[int, ...], bool]:
    """What a vocabulary has of a word, in the order of its columns."""
    prefixes = tuple(hash_one(word[: k + 1]) if len(word) > k else 0 for k in range(PREFIXES))
    groups = sorted(words().nicknames.get(word, ()))[:NICKS]
    nicks = (*groups, *[-1] * (NICKS - len(groups)))
    numeric = word[:1].isdigit()
    return (
        hash_one(word), hash_one(sound(word)), _letters(word), len(word), prefixes, nicks, numeric,
    )  # fmt: skip


def _vocabulary_few(strings: Sequence[str]) -> Vocabulary:
    """`vocabulary` of few words."""
    rows = [_described(word) for word in strings]
    shape = (len(rows), -1) if rows else (0, PREFIXES)
    return Vocabulary(
        strings=np.array(list(strings), dtype=object),
        hashes=np.array([r[0] for r in rows], dtype=np.uint64),
        skeletons=np.array([r[1] for r in rows], dtype=np.uint64),
        letters=np.array([r[2] for r in rows], dtype=np.uint64),
        lengths=np.array([r[3] for r in rows], dtype=np.int32),
        prefixes=np.array([r[4] for r in rows], dtype=np.uint64).reshape(shape),
        nicks=np.array([r[5] for r in rows], dtype=np.int32).reshape(shape),
        numeric=np.array([r[6] for r in rows], dtype=np.bool_),
    )
