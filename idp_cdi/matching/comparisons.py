"""Comparisons: for each field the levels of agreement between two records, on arrays of pairs.

Level 0 is "nothing to compare" (a value is missing); then come levels that differ and levels that
agree. Of an agreement `bits` says how rare the shared content is; the model turns level and bits
into a match weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from idp_cdi.matching.addresses import numbers
from idp_cdi.matching.aliases import MOST_BITS, agree
from idp_cdi.matching.alignment import align
from idp_cdi.matching.levels import LEVELS
from idp_cdi.matching.raw import letters_of
from idp_cdi.matching.strings import FEW
from idp_cdi.matching.tokens import Place, Tokens, Values
from idp_cdi.matching.values import same_account

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idp_cdi.matching.records import Field

# What a word must be worth in bits to count as replaced by another.
REPLACED = 2.0

# Numbers of fewer signs are easily something else that was read as a customer's number.
_LONG = 5
_SHORT_BITS = np.float32(14.0)

Pairs: TypeAlias = "NDArray[np.int64]"


@dataclass(slots=True)
class Worth:
    """What the content of a field is worth in bits: by word or distinct value, and as a whole."""

    items: NDArray[np.float32]
    whole: NDArray[np.float32]


@dataclass(slots=True)
class Compared:
    """Levels and bits of many pairs in one field.

    `other`, of names: which pairs have nothing in common in the words of their names themselves.
    """

    level: NDArray[np.uint8]
    bits: NDArray[np.float32]
    other: NDArray[np.bool_] | None = None


_Near: TypeAlias = "tuple[NDArray[np.uint8], NDArray[np.float32]]"


def compare(kind: str, field: Field, worth: Worth, left: Pairs, right: Pairs) -> Compared:
    """Compare one field of many pairs of records.

    Args:
        kind: A key of `LEVELS`.
        field: The prepared field.
        worth: What its content is worth.
        left: Row numbers.
        right: Row numbers, as many.
    """
    if isinstance(field, Place):
        return _place(field, worth, left, right)
    if isinstance(field, Tokens):
        by_kind = {"name": _name, "address": _address, "words": _words, "list": _words}
        return by_kind[kind](field, worth, left, right)
    if kind == "account":
        return _account(field, worth, left, right)
    x, y = field.codes[left], field.codes[right]
    out = Compared(np.zeros(len(left), dtype=np.uint8), np.zeros(len(left), dtype=np.float32))
    both = (x >= 0) & (y >= 0)
    if not both.any():
        return out
    same = both & (x == y)
    levels = LEVELS[kind]
    out.level[both] = 1
    out.level[same] = len(levels) - 1
    out.bits[same] = worth.whole[x[same]]
    at = np.flatnonzero(both & ~same) if kind in _NEAR else x[:0]
    if len(at):
        level, bits = _NEAR[kind](field, worth, x[at], y[at])
        out.level[at], out.bits[at] = level, bits
    return out


def _name(field: Tokens, worth: Worth, left: Pairs, right: Pairs) -> Compared:
    found = align(field, worth.items, left, right)
    some, most = found.shares()
    level = np.ones(len(left), dtype=np.uint8)
    level[some >= 0.30] = 2
    level[some >= 0.60] = 3
    level[(some >= 0.86) & (most < 0.5)] = 4
    level[(some >= 0.86) & (most >= 0.5)] = 5
    # A word on each side that the other lacks says that something else is meant: "cafe", "dining
    # room" of one hotel.
    replaced = np.minimum(found.left, found.right) - found.agree > REPLACED
    level[replaced & (level >= 4)] = 3
    level[(most >= 0.86)] = 6
    x, y = field.whole.codes[left], field.whole.codes[right]
    same = (x == y) | found.exact
    level[same] = 7
    bits = found.bits
    at = np.flatnonzero((level < 6) & (x >= 0) & (y >= 0))
    if len(at):
        near = _run_together(field, x[at], y[at])
        level[at[near]] = 6
        whole = np.minimum(worth.whole[x[at[near]]], worth.whole[y[at[near]]]) - 3.0
        whole = np.minimum(whole, np.minimum(found.left[at], found.right[at])[near])
        bits[at[near]] = np.maximum(bits[at[near]], whole)
    at = np.flatnonzero((x == y) & (x >= 0))
    bits[at] = np.minimum(bits[at], worth.whole[x[at]])
    other = level == 1
    if field.known:
        at = np.flatnonzero((level <= 3) & (x >= 0) & (y >= 0))
        known = agree(field, left[at], right[at])
        at, known = at[known > 0], known[known > 0]
        rare = np.maximum(worth.whole[x[at]], worth.whole[y[at]])
        level[at] = np.where(known == 2, 6, 5)
        bits[at] = np.maximum(bits[at], np.minimum(rare, MOST_BITS))
    missing = (x < 0) | (y < 0)
    level[missing], bits[missing] = 0, 0.0
    return Compared(level, bits, other & ~missing)


def _run_together(field: Tokens, x: NDArray[np.int32], y: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether two names are nearly the same letters without blanks ("Mayer Bau", "Mayerbau")."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cpdist

    strings, lengths = field.whole.strings, field.whole.extra["length"]
    a, b = lengths[x], lengths[y]
    out = np.zeros(len(x), dtype=bool)
    letters = field.whole.extra["letters"]
    at = np.flatnonzero((np.abs(a - b) <= 2) & (np.minimum(a, b) >= 6) & (x >= 0) & (y >= 0))
    at = at[np.bitwise_count(letters[x[at]] ^ letters[y[at]]) <= 4]
    if len(at):
        steps = cpdist(
            strings[x[at]], strings[y[at]], scorer=OSA.distance, score_cutoff=3, dtype=np.int32
        )
        out[at] = steps <= np.where(np.minimum(a[at], b[at]) >= 12, 2, 1)
    return out


def _address(field: Tokens, worth: Worth, left: Pairs, right: Pairs) -> Compared:
    found = align(field, worth.items, left, right, discount=0.35, full=1)
    some, most = found.shares()
    number = numbers(field.vocabulary)
    a, b = field.codes[left], field.codes[right]
    left_no, right_no = number[a] >= 0, number[b] >= 0
    # Column by column: that is many times faster than along short rows.
    columns_a, columns_b, no_a, no_b = (
        np.ascontiguousarray(m.T) for m in (a, b, left_no, right_no)
    )
    shared = np.zeros(len(left), dtype=bool)
    for i in np.flatnonzero(no_a.any(axis=1)).tolist():
        for j in np.flatnonzero(no_b.any(axis=1)).tolist():
            shared |= (columns_a[i] == columns_b[j]) & no_a[i]
    numbered = no_a.any(axis=0) & no_b.any(axis=0)
    level = np.ones(len(left), dtype=np.uint8)
    level[shared] = 2
    at = np.flatnonzero(numbered & ~shared)
    if len(at):
        bits = np.append(worth.items, np.float32(0.0))
        sides = ((found.left, a, left_no), (found.right, b, right_no))
        street = [f[at] - (bits[c[at]] * n[at]).sum(axis=1) for f, c, n in sides]
        whole = np.minimum(*street)
        at = at[(whole > 0.5) & (found.agree[at] >= 0.7 * whole)]
        level[at] = 3
        level[at[_near_numbers(number[a[at]], number[b[at]])]] = 4
    level[(some >= 0.8) & ~numbered] = 5
    level[(some >= 0.5) & shared] = 6
    level[(some >= 0.85) & shared] = 7
    level[(most >= 0.85) & (shared | ~numbered)] = 8
    x, y = field.whole.codes[left], field.whole.codes[right]
    same = (x == y) & (x >= 0)
    level[same] = 8
    bits = found.bits
    at = np.flatnonzero(same)
    bits[at] = np.minimum(bits[at], worth.whole[x[at]])
    missing = (x < 0) | (y < 0)
    level[missing], bits[missing] = 0, 0.0
    return Compared(level, bits)


def _near_numbers(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether house numbers lie within twenty of each other, or differ in one digit only.

    Args:
        a: The numbers of one side, -1 where a word is none: pairs by words.
        b: Those of the other side.
    """
    near = np.zeros(len(a), dtype=bool)
    # Most columns of words have no number in any row.
    some = [np.flatnonzero((side >= 0).any(axis=0)).tolist() for side in (a, b)]
    for i in some[0]:
        for j in some[1]:
            x, y = a[:, i], b[:, j]
            gap, both = np.abs(x - y), (x >= 0) & (y >= 0)
            digit = np.zeros(len(x), dtype=bool)
            for power in (100, 1000, 10_000):
                # 7510 and 7610: the same but for one digit, and of the same length.
                digit |= (
                    (gap % power == 0)
                    & (gap < 10 * power)
                    & (x // (10 * power) == y // (10 * power))
                )
            near |= both & ((gap <= 20) | (digit & (np.minimum(x, y) >= 100)))
    return near


def _words(field: Tokens, worth: Worth, left: Pairs, right: Pairs) -> Compared:
    found = align(field, worth.items, left, right, fuzzy=False, discount=0.5, full=1)
    most = found.shares()[1]
    level = np.ones(len(left), dtype=np.uint8)
    level[found.agree > 3.0] = 2
    level[(most >= 0.5) & (found.agree > 3.0)] = 3
    x, y = field.whole.codes[left], field.whole.codes[right]
    level[(x < 0) | (y < 0)] = 0
    return Compared(level, np.where(level > 1, np.minimum(found.bits, 14), 0).astype(np.float32))


def _near_strings(
    field: Values, x: NDArray[np.int32], y: NDArray[np.int32], cut: int
) -> NDArray[np.int32]:
    """Edits between values, up to `cut`; more are given as `cut` + 1."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cpdist

    out = np.full(len(x), cut + 1, dtype=np.int32)
    lengths = field.extra["length"]
    maybe = np.abs(lengths[x] - lengths[y]) <= cut
    if cut == 1:
        # One edit or swap leaves the first three or the last three signs as they are.
        head, tail = field.extra["head"], field.extra["tail"]
        maybe &= (head[x] == head[y]) | (tail[x] == tail[y]) | (lengths[x] < 6)
    at = np.flatnonzero(maybe)
    if len(at):
        out[at] = cpdist(
            field.strings[x[at]],
            field.strings[y[at]],
            scorer=OSA.distance,
            score_cutoff=cut,
            dtype=np.int32,
        )
    return out


def _common(worth: Worth, x: NDArray[np.int32], y: NDArray[np.int32]) -> NDArray[np.float32]:
    return np.minimum(worth.whole[x], worth.whole[y])


def _near_date(field: Values, worth: Worth, x: NDArray[np.int32], y: NDArray[np.int32]) -> _Near:
    year, month, day = (field.extra[k] for k in ("year", "month", "day"))
    dy, dm, dd = year[x] - year[y], month[x] != month[y], day[x] != day[y]
    days = np.abs(dy * 372 + (month[x] - month[y]) * 31 + day[x] - day[y])
    level = np.ones(len(x), dtype=np.uint8)
    level[np.abs(days) <= 3720] = 2
    level[dy == 0] = 3
    level[((dy != 0).astype(int) + dm + dd == 1) | (days <= 31)] = 4
    level[_near_strings(field, x, y, 1) <= 1] = 5
    level[(dy == 0) & (month[x] == day[y]) & (day[x] == month[y])] = 6
    bits = np.select([level >= 5, level == 4, level == 3], [_common(worth, x, y), 6.0, 4.0], 0.0)
    return level, bits.astype(np.float32)


def _near_phone(field: Values, worth: Worth, x: NDArray[np.int32], y: NDArray[np.int32]) -> _Near:
    level = np.where(_near_strings(field, x, y, 1) <= 1, 2, 1).astype(np.uint8)
    level[field.extra["last"][x] == field.extra["last"][y]] = 3
    bits = np.where(level >= 2, _common(worth, x, y), 0.0)
    return level, bits.astype(np.float32)


def _near_email(field: Values, worth: Worth, x: NDArray[np.int32], y: NDArray[np.int32]) -> _Near:
    local, domain, shared = (field.extra[k] for k in ("local", "domain", "shared"))
    level = np.ones(len(x), dtype=np.uint8)
    level[domain[x] == domain[y]] = 2
    level[(local[x] == local[y]) & ~shared[x]] = 3
    digits = field.extra["digits"]
    part = np.flatnonzero(
        ((domain[x] == domain[y]) | (local[x] == local[y])) & (digits[x] == digits[y])
    )
    level[part[_near_strings(field, x[part], y[part], 2) <= 2]] = 4
    bits = np.select(
        [level == 4, level == 3, level == 2],
        [_common(worth, x, y), _common(worth, x, y), np.minimum(worth.items[x], worth.items[y])],
        0.0,
    )
    return level, bits.astype(np.float32)


def _near_identifier(
    field: Values, worth: Worth, x: NDArray[np.int32], y: NDArray[np.int32]
) -> _Near:
    near = _near_strings(field, x, y, 1) <= 1
    near |= field.extra["skeleton"][x] == field.extra["skeleton"][y]
    bits = np.where(near, _common(worth, x, y), 0.0)
    return np.where(near, 2, 1).astype(np.uint8), bits.astype(np.float32)


def _account(field: Values, worth: Worth, left: Pairs, right: Pairs) -> Compared:
    """A number that a document tells against those of the books, or of another document."""
    out = Compared(np.zeros(len(left), dtype=np.uint8), np.zeros(len(left), dtype=np.float32))
    x, y = field.codes[left], field.codes[right]
    at = np.flatnonzero((x >= 0) & (y >= 0))
    x, y = x[at], y[at]
    if not field.extra["told"].any():
        return out
    agrees = same_account(field, x, y)
    same = agrees > 0
    out.level[at[agrees < 0]] = 1
    out.level[at[same]] = 2
    bits = _common(worth, x[same], y[same])
    short = np.minimum(field.extra["length"][x[same]], field.extra["length"][y[same]]) < _LONG
    out.bits[at[same]] = np.where(short, np.minimum(bits, _SHORT_BITS), bits)
    return out


def _place(field: Place, worth: Worth, left: Pairs, right: Pairs) -> Compared:
    """Town and postcode together: they depend on each other, so the better one counts, not both."""
    town, town_bits = _town(field.city, worth.items, left, right)
    code, code_bits = _postcode(field.postcode, worth.whole, left, right)
    region = _equal(field.region, left, right)
    country = _equal(field.country, left, right)
    conditions = [
        (town >= 2) & (code == 3), (code == 3) & (town < 2), (town >= 2) & (code == 0),
        (town >= 2) & (code == 2), (town >= 2), (code == 2) & (town < 2), (town == 1) | (code == 1),
        (region == 2) | (country == 2), (region == 1) | (country == 1),
    ]  # fmt: skip
    level = np.select(conditions, [9, 8, 7, 6, 5, 4, 2, 3, 2], 0).astype(np.uint8)
    level[(country == 1) & (level > 0) & (level < 5)] = 1
    bits = np.where((level == 9) | (level == 8), code_bits, 0.0)
    bits = np.where((level == 9) | ((level >= 5) & (level <= 7)), np.maximum(bits, town_bits), bits)
    return Compared(level, bits.astype(np.float32))


def _equal(field: Values | None, left: Pairs, right: Pairs) -> NDArray[np.uint8]:
    """0 unknown, 1 different, 2 same."""
    if field is None:
        return np.zeros(len(left), dtype=np.uint8)
    x, y = field.codes[left], field.codes[right]
    return np.where((x < 0) | (y < 0), 0, np.where(x == y, 2, 1)).astype(np.uint8)


def _postcode(field: Values | None, worth: NDArray[np.float32], left: Pairs, right: Pairs) -> _Near:
    """0 unknown, 1 different, 2 one sign off, 3 same; and the bits of the more common code."""
    status = _equal(field, left, right)
    if field is None:
        return status, np.zeros(len(left), dtype=np.float32)
    status[status == 2] = 3
    x, y = field.codes[left], field.codes[right]
    at = np.flatnonzero(status == 1)
    status[at[_near_strings(field, x[at], y[at], 1) <= 1]] = 2
    bits = np.zeros(len(left), dtype=np.float32)
    alike = status >= 2  # where nobody has a postcode there is no worth to look up
    bits[alike] = worth[x[alike]]
    return status, bits


def _town(field: Values | None, worth: NDArray[np.float32], left: Pairs, right: Pairs) -> _Near:
    """0 unknown, 1 different, 2 similar, 3 same; and the bits of the more common town."""
    status = _equal(field, left, right)
    if field is None:
        return status, np.zeros(len(left), dtype=np.float32)
    status[status == 2] = 3
    x, y = field.codes[left], field.codes[right]
    at = np.flatnonzero(status == 1)
    if len(at):
        one, other, inverse = x[at], y[at], slice(None)
        if len(at) > FEW:
            key = one.astype(np.int64) * len(field.strings) + other
            unique, inverse = np.unique(key, return_inverse=True)
            one, other = (u.astype(np.int32) for u in np.divmod(unique, len(field.strings)))
        status[at[_similar_towns(field, one, other)[inverse]]] = 2
    bits = np.zeros(len(left), dtype=np.float32)
    alike = status >= 2
    bits[alike] = np.minimum(worth[x[alike]], worth[y[alike]])
    return status, bits


def _similar_towns(field: Values, x: NDArray[np.int32], y: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Misspelt, or one within the other ("new york", "new york city")."""
    lengths = field.extra["length"]
    short = np.minimum(lengths[x], lengths[y])
    steps = _near_strings(field, x, y, 2)
    near: NDArray[np.bool_] = ((steps <= 1) & (short >= 4)) | ((steps <= 2) & (short >= 7))
    within = np.flatnonzero(~near & (short >= 4) & (lengths[x] != lengths[y]))
    if not len(within):
        return near
    if len(within) > FEW:
        letters = letters_of(field.arrow)
        one, other = letters[x[within]], letters[y[within]]
        within = within[(one & ~other == 0) | (other & ~one == 0)]
    for i in within.tolist():
        a, b = field.strings[x[i]], field.strings[y[i]]
        near[i] = a in b or b in a
    return near


_NEAR = {
    "date": _near_date, "phone": _near_phone, "email": _near_email,
    "identifier": _near_identifier,
}  # fmt: skip
