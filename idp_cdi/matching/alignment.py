"""Two bags of words laid against each other: which words agree, and how much that says.

Words agree when they are equal, a misspelling, an abbreviation or initial, or forms of one given
name. Each agreement is worth the bits of the more common of the two words (a rare word that two
records share says more), times how sure the agreement is. All of it on whole arrays of pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from idp_cdi.matching.tokens import NICKS, PREFIXES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idp_cdi.matching.tokens import Tokens, Vocabulary

FUZZY_COST = 2.0
# A word that the record's own town or region has says little more.
LIGHT = np.float32(0.2)
# What one letter of an initial or abbreviation can be worth.
_LETTER_BITS = np.float32(3.5)


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
    soft: NDArray[np.bool_]

    def shares(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Which share of the lesser and of the greater side agrees, 0–1."""
        small = np.maximum(np.minimum(self.left, self.right), 1e-3)
        large = np.maximum(np.maximum(self.left, self.right), 1e-3)
        return np.minimum(self.agree / small, 1.0), np.minimum(self.agree / large, 1.0)


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
    a, b = tokens.codes[left], tokens.codes[right]
    there_a, there_b = a >= 0, b >= 0
    weight = np.append(bits, np.float32(0.0))
    bits_a, bits_b = weight[a], weight[b]
    if tokens.light is not None:
        bits_a = np.where(tokens.light[left], bits_a * LIGHT, bits_a)
        bits_b = np.where(tokens.light[right], bits_b * LIGHT, bits_b)
    used_a, used_b = np.zeros_like(there_a), np.zeros_like(there_b)
    parts = np.zeros_like(bits_a)
    for i in range(a.shape[1]):
        same = (a[:, i, None] == b) & there_b & there_a[:, i, None]
        used_a[:, i] = same.any(axis=1)
        used_b |= same
        parts[:, i] = np.minimum((same * bits_b).sum(axis=1), bits_a[:, i])
    out = Alignment(
        agree=parts.sum(axis=1, dtype=np.float32),
        bits=np.zeros(len(left), dtype=np.float32),
        left=bits_a.sum(axis=1, dtype=np.float32),
        right=bits_b.sum(axis=1, dtype=np.float32),
        exact=(used_a == there_a).all(axis=1) & (used_b == there_b).all(axis=1),
        soft=np.zeros(len(left), dtype=bool),
    )
    if fuzzy:
        open_a, open_b = there_a & ~used_a, there_b & ~used_b
        rows = np.flatnonzero(open_a.any(axis=1) & open_b.any(axis=1))
        _align_softly(tokens.vocabulary, bits, a, b, open_a, open_b, rows, out, parts)
    parts.sort(axis=1)
    place = np.arange(parts.shape[1])[::-1]
    steps = np.float32(discount) ** np.maximum(place - full, -0.0)
    out.bits[:] = parts @ np.where(place < full, 1.0, steps * discount).astype(np.float32)
    return out


def _align_softly(
    vocab: Vocabulary,
    bits: NDArray[np.float32],
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    open_a: NDArray[np.bool_],
    open_b: NDArray[np.bool_],
    rows: NDArray[np.int64],
    out: Alignment,
    parts: NDArray[np.float32],
) -> None:
    """Add the agreements of unequal words to `out`, the best first, each word once."""
    grid = open_a[rows][:, :, None] & open_b[rows][:, None, :]
    pair, i, j = np.nonzero(grid)
    pair = rows[pair]
    quality, short = _similar(vocab, a[pair, i], b[pair, j])
    good = quality > 0
    pair, i, j, quality, short = pair[good], i[good], j[good], quality[good], short[good]
    order = np.lexsort((-quality, pair))
    pair, i, j, quality, short = pair[order], i[order], j[order], quality[order], short[order]
    width = max(a.shape[1], b.shape[1])
    first = _first_of(pair * width + i) & _first_of(pair * width + j)
    pair, i, j, quality, short = pair[first], i[first], j[first], quality[first], short[first]
    worth_a, worth_b = bits[a[pair, i]], bits[b[pair, j]]
    common = np.minimum(worth_a, worth_b)
    letters = np.minimum(vocab.lengths[a[pair, i]], vocab.lengths[b[pair, j]])
    common = np.where(short, np.minimum(common, letters * _LETTER_BITS), common)
    worth = np.maximum(np.where(short, common, common - FUZZY_COST), 0.25) * quality
    np.add.at(out.agree, pair, worth)
    parts[pair, i] = worth
    # A misspelt word is rare only because it is misspelt: both sides count what the true one does.
    np.add.at(out.left, pair, np.where(short, common, np.maximum(common - FUZZY_COST, 0.25)) - worth_a)
    np.add.at(out.right, pair, np.where(short, common, np.maximum(common - FUZZY_COST, 0.25)) - worth_b)
    out.soft[pair] = True


def _first_of(key: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which entries are the first with their key."""
    first = np.zeros(len(key), dtype=bool)
    first[np.unique(key, return_index=True)[1]] = True
    return first


def _similar(
    vocab: Vocabulary, x: NDArray[np.int32], y: NDArray[np.int32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """How surely words x and y mean the same (0 no, 1 equal), and whether one is a short form."""
    quality = np.zeros(len(x), dtype=np.float32)
    len_x, len_y = vocab.lengths[x], vocab.lengths[y]
    number = vocab.numeric[x] | vocab.numeric[y]
    quality[(vocab.skeletons[x] == vocab.skeletons[y]) & ~number] = 0.95
    short = _short_form(vocab, x, y, len_x, len_y) & (quality == 0) & ~number
    quality[short] = 0.8
    nick = _same_given_name(vocab, x, y) & (quality < 0.9)
    quality[nick] = 0.9
    short |= nick
    shorter, longer = np.minimum(len_x, len_y), np.maximum(len_x, len_y)
    allowed = np.where(longer <= 2, 0, np.where(shorter <= 4, 1, np.where(shorter <= 8, 2, 3)))
    differing = np.bitwise_count(vocab.letters[x] ^ vocab.letters[y])
    two_names = (vocab.nicks[x, 0] >= 0) & (vocab.nicks[y, 0] >= 0)
    spell = (quality == 0) & ~number & ~two_names & (longer - shorter <= allowed) & (differing <= 2 * allowed)
    at = np.flatnonzero(spell)
    if len(at):
        steps = _edits(vocab, x[at], y[at])
        near = steps <= allowed[at]
        base = 1.0 - steps / np.maximum(longer[at], 1)
        quality[at[near]] = np.where(steps[near] == 1, np.maximum(base[near], 0.88), base[near])
        quality[at[near & (base < 0.7)]] = 0.0
        one = near & (steps == 1) & (longer[at] >= 4)
        quality[at[one]] = np.maximum(base[one], 0.88)
    return quality, short


def _edits(
    vocab: Vocabulary, x: NDArray[np.int32], y: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Insertions, deletions, changes and swaps between words, up to 3 (4 means more)."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cpdist

    return cpdist(  # type: ignore[no-any-return]
        vocab.strings[x], vocab.strings[y], scorer=OSA.distance, score_cutoff=3, dtype=np.int32
    )


def _short_form(
    vocab: Vocabulary,
    x: NDArray[np.int32],
    y: NDArray[np.int32],
    len_x: NDArray[np.int32],
    len_y: NDArray[np.int32],
) -> NDArray[np.bool_]:
    """One word begins the other and is at most four letters: an initial or an abbreviation."""
    found = np.zeros(len(x), dtype=bool)
    for k in range(PREFIXES):
        found |= (len_x == k + 1) & (len_y > k + 1) & (vocab.hashes[x] == vocab.prefixes[y, k])
        found |= (len_y == k + 1) & (len_x > k + 1) & (vocab.hashes[y] == vocab.prefixes[x, k])
    return found


def _same_given_name(
    vocab: Vocabulary, x: NDArray[np.int32], y: NDArray[np.int32]
) -> NDArray[np.bool_]:
    """Both are forms of one given name."""
    found = np.zeros(len(x), dtype=bool)
    both = np.flatnonzero((vocab.nicks[x, 0] >= 0) & (vocab.nicks[y, 0] >= 0))
    a, b = vocab.nicks[x[both]], vocab.nicks[y[both]]
    for i in range(NICKS):
        for j in range(NICKS):
            found[both] |= (a[:, i] == b[:, j]) & (a[:, i] >= 0)
    return found
