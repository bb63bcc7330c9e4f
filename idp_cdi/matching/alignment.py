"""Two bags of words laid against each other: which words agree, and how much that says.

Words agree when they are equal, a misspelling, an abbreviation or initial, or forms of one given
name. Each agreement is worth the bits of the more common of the two words (a rare word that two
records share says more), times how sure the agreement is. All of it on whole arrays of pairs, a
column of words at a time: that is many times faster than matrices of a few columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from idp_cdi.matching.tokens import PREFIXES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idp_cdi.matching.tokens import Tokens, Vocabulary

FUZZY_COST = 2.0
# A word that the record's own town or region has says little more.
LIGHT = np.float32(0.2)
# What one letter of an initial or abbreviation can be worth.
_LETTER_BITS = np.float32(3.5)
_NARROW = 4
# Of so few pairs all columns are laid against each other at once.
_FEW = 500


@dataclass(slots=True)
class Alignment:
    """Of each pair: bits that agree, bits of both sides, and what kind of agreement there was.

    `agree` is the plain sum; `bits` counts each further word less, for words come together
    ("Ritz Carlton", "San Diego", "van den Berg").
    """

    agree: NDArray[np.float32]
    bits: NDArray[np.float32]
    left: NDArray[np.float32]
    right: NDArray[np.float32]
    exact: NDArray[np.bool_]

    def shares(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Which share of the lesser and of the greater side agrees, 0–1."""
        small = np.maximum(np.minimum(self.left, self.right), 1e-3)
        large = np.maximum(np.maximum(self.left, self.right), 1e-3)
        return np.minimum(self.agree / small, 1.0), np.minimum(self.agree / large, 1.0)


@dataclass(slots=True)
class _Side:
    """One side's words, columns × pairs: codes, what they are worth, which have found a partner."""

    codes: NDArray[np.int32]
    bits: NDArray[np.float32]
    used: NDArray[np.bool_]


def _added(columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sum over columns, in their order: NumPy's own order depends on the number of pairs."""
    out: NDArray[np.float32] = columns[0].copy()
    for column in columns[1:]:
        out += column
    return out


def align(
    tokens: Tokens,
    bits: NDArray[np.float32],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    *,
    fuzzy: bool = True,
    discount: float = 0.55,
    full: int = 2,
) -> Alignment:
    """Lay the words of records `left` against those of `right`.

    Args:
        tokens: The column.
        bits: What each word of its vocabulary is worth.
        left: Row numbers.
        right: Row numbers, as many.
        fuzzy: Whether words may agree without being equal.
        discount: What each further word counts, of the one before it.
        full: How many words count in full.
    """
    width = tokens.codes.shape[1]
    if len(left) <= _FEW:
        return _align(tokens, bits, left, right, width, fuzzy, (discount, full))
    out = Alignment(*(np.zeros(len(left), dtype=t) for t in (*["f4"] * 4, "?")))
    wide = np.zeros(len(left), dtype=bool)
    if width > _NARROW:
        long = tokens.codes[:, _NARROW] >= 0
        wide = long[left] | long[right]
    for rows, columns in (
        (np.flatnonzero(~wide), min(width, _NARROW)),
        (np.flatnonzero(wide), width),
    ):
        if len(rows):
            part = _align(tokens, bits, left[rows], right[rows], columns, fuzzy, (discount, full))
            for name in ("agree", "bits", "left", "right", "exact"):
                getattr(out, name)[rows] = getattr(part, name)
    return out


def _side(
    tokens: Tokens, bits: NDArray[np.float32], rows: NDArray[np.int64], columns: int, none: int
) -> _Side:
    """The words of `rows`; missing ones have the code `none` and are worth nothing."""
    # Rows are taken whole: their words lie side by side.
    codes = np.ascontiguousarray(tokens.codes[rows][:, :columns].T)
    worth = bits[codes]  # the last one, which -1 finds, is 0
    if tokens.light is not None:
        light = tokens.light[rows][:, :columns].T
        worth[light] *= LIGHT
    codes[codes < 0] = none
    return _Side(codes, worth, np.zeros(codes.shape, dtype=bool))


def _align(
    tokens: Tokens,
    bits: NDArray[np.float32],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    columns: int,
    fuzzy: bool,  # noqa: FBT001
    counting: tuple[float, int],
) -> Alignment:
    bits = np.append(bits, np.float32(0.0))
    a, b = _side(tokens, bits, left, columns, -1), _side(tokens, bits, right, columns, -2)
    parts = np.zeros((columns, len(left)), dtype=np.float32)
    if len(left) <= _FEW:
        both = a.codes[:, None] == b.codes
        a.used, b.used = both.any(axis=1), both.any(axis=0)
        # A word is once in a record, so of each row of columns one at most is not 0.
        parts = np.where(both, np.minimum(a.bits[:, None], b.bits), np.float32(0.0)).max(axis=1)
    for i, j in product(range(columns), repeat=2) if len(left) > _FEW else ():
        same = a.codes[i] == b.codes[j]
        a.used[i] |= same
        b.used[j] |= same
        parts[i] = np.where(same, np.minimum(a.bits[i], b.bits[j]), parts[i])
    partnered = (a.used | (a.codes < 0)) & (b.used | (b.codes < 0))
    exact: NDArray[np.bool_] = np.logical_and.reduce(partnered)
    agree = _added(parts)
    out = Alignment(agree, np.zeros_like(agree), _added(a.bits), _added(b.bits), exact)
    if fuzzy:
        _align_softly(tokens.vocabulary, a, b, out, parts)
    out.bits = _discounted(parts, *counting)
    return out


def _discounted(parts: NDArray[np.float32], discount: float, full: int) -> NDArray[np.float32]:
    """The sum of the parts, the greatest `full` of them in full and each further one less."""
    table = np.sort(parts, axis=0)[::-1]
    for place in range(full, len(table)):
        table[place] *= np.float32(discount ** (place - full + 1))
    return _added(table)


def _align_softly(
    vocab: Vocabulary, a: _Side, b: _Side, out: Alignment, parts: NDArray[np.float32]
) -> None:
    """Add the agreements of unequal words to `out`, the best first, each word once."""
    columns = len(parts)
    i, j, pair = _unpaired(vocab, a, b)
    if not len(pair):
        return
    x, y = a.codes[i, pair], b.codes[j, pair]
    quality, short = _similar(vocab, x, y)
    good = np.flatnonzero(quality > 0)
    if not len(good):
        return
    pair, cell, quality, short = pair[good], (i * columns + j)[good], quality[good], short[good]
    x, y = x[good], y[good]
    # Ties go by the words' hashes, so that which record is left makes no difference.
    tie = vocab.hashes[x] ^ vocab.hashes[y]
    order = np.lexsort((tie, -quality, pair))
    pair, cell = pair[order], cell[order]
    first = _first_of(pair * columns + cell // columns) & _first_of(pair * columns + cell % columns)
    pair, cell, order = pair[first], cell[first], order[first]
    quality, short, x, y = quality[order], short[order], x[order], y[order]
    worth_a = a.bits[cell // columns, pair]
    worth_b = b.bits[cell % columns, pair]
    common = np.minimum(worth_a, worth_b)
    letters = np.minimum(vocab.lengths[x], vocab.lengths[y])
    # A misspelt word is rare only because it is misspelt: both sides count what the true one does.
    common = np.where(
        short, np.minimum(common, letters * _LETTER_BITS), np.maximum(common - FUZZY_COST, 0.25)
    ).astype(np.float32)
    worth = np.maximum(common, 0.25) * quality
    np.add.at(out.agree, pair, worth)
    np.add.at(out.left, pair, common - worth_a)
    np.add.at(out.right, pair, common - worth_b)
    parts[cell // columns, pair] = worth


def _unpaired(
    vocab: Vocabulary, a: _Side, b: _Side
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Each word without a partner on one side with each on the other: columns and pair numbers.

    Numbers are never misspelt words.
    """
    numeric = np.append(vocab.numeric, (True, True))  # and so none that is missing is asked about
    open_a, open_b = (~(numeric[side.codes] | side.used) for side in (a, b))
    some = np.flatnonzero(open_a.any(axis=0) & open_b.any(axis=0))
    i, j, pair = np.nonzero(open_a[:, None, some] & open_b[None][:, :, some])
    return i, j, some[pair]


def _first_of(key: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which entries are the first with their key."""
    order = np.argsort(key, kind="stable")
    first = np.ones(len(key), dtype=bool)
    first[order[1:]] = key[order[1:]] != key[order[:-1]]
    return first


def _similar(
    vocab: Vocabulary, x: NDArray[np.int32], y: NDArray[np.int32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """How surely words x and y mean the same (0 no, 1 equal), and whether one is a short form.

    None of them is a number.
    """
    quality = np.zeros(len(x), dtype=np.float32)
    short = np.zeros(len(x), dtype=bool)
    quality[vocab.skeletons[x] == vocab.skeletons[y]] = 0.95
    len_x, len_y = vocab.lengths[x], vocab.lengths[y]
    begin = np.flatnonzero(
        (vocab.prefixes[x, 0] == vocab.prefixes[y, 0])
        & (np.minimum(len_x, len_y) <= PREFIXES) & (quality == 0)
    )  # fmt: skip
    if len(begin):
        begin = begin[_short_form(vocab, x[begin], y[begin])]
        quality[begin], short[begin] = 0.8, True
    known = np.flatnonzero((vocab.nicks[x, 0] >= 0) & (vocab.nicks[y, 0] >= 0))
    spell = quality == 0
    if len(known):
        nick = known[_same_given_name(vocab, x[known], y[known])]
        quality[nick], short[nick] = 0.9, True
        spell &= quality == 0
        spell[known] = False
    shorter, longer = np.minimum(len_x, len_y), np.maximum(len_x, len_y)
    allowed = np.where(longer <= 2, 0, np.where(shorter <= 4, 1, np.where(shorter <= 8, 2, 3)))
    at = np.flatnonzero(spell & (longer - shorter <= allowed))
    at = at[np.bitwise_count(vocab.letters[x[at]] ^ vocab.letters[y[at]]) <= 2 * allowed[at]]
    if len(at):
        steps = _edits(vocab, x[at], y[at])
        base = (1.0 - steps / longer[at]).astype(np.float32)
        one = (steps == 1) & (longer[at] >= 4)
        base = np.where(one, np.maximum(base, 0.88), base)
        quality[at] = np.where((steps <= allowed[at]) & (base >= 0.7), base, 0.0)
    return quality, short


def _edits(vocab: Vocabulary, x: NDArray[np.int32], y: NDArray[np.int32]) -> NDArray[np.int32]:
    """Insertions, deletions, changes and swaps between words, up to 3 (4 means more)."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cpdist

    return cpdist(
        vocab.strings[x], vocab.strings[y], scorer=OSA.distance, score_cutoff=3, dtype=np.int32
    )


def _short_form(vocab: Vocabulary, x: NDArray[np.int32], y: NDArray[np.int32]) -> NDArray[np.bool_]:
    """One word begins the other; it is at most four letters long: an initial or an abbreviation."""
    other = vocab.lengths[x] > vocab.lengths[y]
    short, long = np.where(other, y, x), np.where(other, x, y)
    length = vocab.lengths[short]
    found: NDArray[np.bool_] = vocab.hashes[short] == vocab.prefixes[long, length - 1]
    return found & (vocab.lengths[long] > length)


def _same_given_name(
    vocab: Vocabulary, x: NDArray[np.int32], y: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """Both are forms of one given name."""
    found = np.zeros(len(x), dtype=bool)
    a, b = vocab.nicks[x], vocab.nicks[y]
    # Most names have one group, and the groups come first.
    some = [range(int((side >= 0).sum(axis=1).max(initial=0))) for side in (a, b)]
    for i, j in product(*some):
        found |= (a[:, i] == b[:, j]) & (a[:, i] >= 0)
    return found
