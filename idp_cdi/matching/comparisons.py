"""Comparisons: for each field the levels of agreement between two records, on arrays of pairs.

Level 0 is "nothing to compare" (a value is missing); then come levels that differ and levels that
agree. Of an agreement `bits` says how rare the shared content is; the model turns level and bits
into a match weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from idp_cdi.matching.addresses import numbers
from idp_cdi.matching.alignment import align
from idp_cdi.matching.tokens import Tokens, Values

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from idp_cdi.matching.records import Field

Pairs = NDArray[np.int64] if TYPE_CHECKING else object


@dataclass(frozen=True, slots=True)
class Level:
    """One level: what it is called, whether it is an agreement, and m before learning."""

    label: str
    agrees: bool
    m: float


@dataclass(slots=True)
class Worth:
    """What the content of a field is worth in bits: by word or distinct value, and as a whole."""

    items: NDArray[np.float32]
    whole: NDArray[np.float32]


@dataclass(slots=True)
class Compared:
    """Levels and bits of many pairs in one field."""

    level: NDArray[np.uint8]
    bits: NDArray[np.float32]


Compare = "Callable[[Field, Worth, Pairs, Pairs], Compared]"


def _levels(*items: tuple[str, bool, float]) -> tuple[Level, ...]:
    return (Level("missing", False, 1.0), *(Level(*item) for item in items))


NAME = _levels(
    ("different", False, 0.02),
    ("little in common", True, 0.03),
    ("some words in common, others replaced", True, 0.06),
    ("one name within the other, much left over", True, 0.05),
    ("one name within the other", True, 0.12),
    ("same words, misspelt or short", True, 0.22),
    ("same", True, 0.50),
)
ADDRESS = _levels(
    ("different", False, 0.14),
    ("only the number", True, 0.02),
    ("same street, another number", True, 0.03),
    ("same street, no number to compare", True, 0.05),
    ("same number, street similar", True, 0.10),
    ("same street and number, more on one side", True, 0.16),
    ("same", True, 0.50),
)
DATE = _levels(
    ("different", False, 0.04),
    ("within ten years", False, 0.06),
    ("same year", True, 0.05),
    ("two parts of three, or within a month", True, 0.08),
    ("one digit off", True, 0.09),
    ("day and month swapped", True, 0.03),
    ("same", True, 0.65),
)
PHONE = _levels(
    ("different", False, 0.18), ("one digit off", True, 0.06),
    ("same without area code", True, 0.08), ("same", True, 0.68),
)  # fmt: skip
EMAIL = _levels(
    ("different", False, 0.18), ("same domain", True, 0.07), ("same before the @", True, 0.07),
    ("misspelt", True, 0.06), ("same", True, 0.62),
)  # fmt: skip
IDENTIFIER = _levels(("different", False, 0.05), ("misspelt", True, 0.09), ("same", True, 0.86))
POSTCODE = _levels(("different", False, 0.15), ("one sign off", True, 0.07), ("same", True, 0.78))
CITY = _levels(
    ("different", False, 0.18), ("one within the other", True, 0.05),
    ("misspelt", True, 0.07), ("same", True, 0.70),
)  # fmt: skip
CATEGORY = _levels(("different", False, 0.20), ("same", True, 0.80))
SMALL = _levels(("different", False, 0.08), ("same", True, 0.92))
WEBSITE = _levels(("different", False, 0.2), ("same", True, 0.8))
WORDS = _levels(
    ("different", False, 0.4), ("some in common", True, 0.2), ("same", True, 0.4)
)  # fmt: skip
LIST = _levels(("nothing shared", False, 0.4), ("something shared", True, 0.3), ("much shared", True, 0.3))

LEVELS: dict[str, tuple[Level, ...]] = {
    "name": NAME, "address": ADDRESS, "date": DATE, "phone": PHONE, "email": EMAIL,
    "identifier": IDENTIFIER, "postcode": POSTCODE, "city": CITY, "category": CATEGORY,
    "small": SMALL, "country": SMALL, "website": WEBSITE, "words": WORDS, "list": LIST,
}  # fmt: skip


def compare(kind: str, field: Field, worth: Worth, left: Pairs, right: Pairs) -> Compared:
    """Compare one field of many pairs of records.

    Args:
        kind: A key of `LEVELS`.
        field: The prepared field.
        worth: What its content is worth.
        left: Row numbers.
        right: Row numbers, as many.
    """
    if isinstance(field, Tokens):
        by_kind = {"name": _name, "address": _address, "words": _words, "list": _words}
        return by_kind[kind](field, worth, left, right)
    x, y = field.codes[left], field.codes[right]
    out = Compared(np.zeros(len(left), dtype=np.uint8), np.zeros(len(left), dtype=np.float32))
    both = (x >= 0) & (y >= 0)
    same = both & (x == y)
    levels = LEVELS[kind]
    out.level[both] = 1
    out.level[same] = len(levels) - 1
    out.bits[same] = worth.whole[x[same]]
    at = np.flatnonzero(both & ~same)
    if len(at) and kind in _NEAR:
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
    level[(most >= 0.86)] = 6
    x, y = field.whole.codes[left], field.whole.codes[right]
    same = (x == y) | found.exact
    level[same] = 7
    bits = found.agree
    at = np.flatnonzero(level < 6)
    if len(at):
        near = _run_together(field, x[at], y[at])
        level[at[near]] = 6
        whole = np.minimum(found.left[at], found.right[at])[near] - 2.0
        bits[at[near]] = np.maximum(bits[at[near]], whole)
    at = np.flatnonzero(x == y)
    bits[at] = np.minimum(found.left[at], worth.whole[x[at]])
    missing = (x < 0) | (y < 0)
    level[missing], bits[missing] = 0, 0.0
    return Compared(level, bits)


def _run_together(field: Tokens, x: NDArray[np.int32], y: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether two names are nearly the same letters once blanks are gone ("Mayer Bau", "Mayerbau")."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cpdist

    strings, lengths = field.whole.strings, field.whole.extra["length"]
    a, b = lengths[x], lengths[y]
    out = np.zeros(len(x), dtype=bool)
    at = np.flatnonzero((np.abs(a - b) <= 2) & (np.minimum(a, b) >= 6) & (x >= 0) & (y >= 0))
    if len(at):
        steps = cpdist(strings[x[at]], strings[y[at]], scorer=OSA.distance, score_cutoff=3, dtype=np.int32)
        out[at] = steps <= np.where(np.minimum(a[at], b[at]) >= 12, 2, 1)
    return out


def _address(field: Tokens, worth: Worth, left: Pairs, right: Pairs) -> Compared:
    found = align(field, worth.items, left, right)
    some, most = found.shares()
    is_number = numbers(field)
    left_no, right_no = is_number[left], is_number[right]
    a, b = field.codes[left], field.codes[right]
    shared = np.zeros(len(left), dtype=bool)
    for i in range(a.shape[1]):
        shared |= ((a[:, i, None] == b) & left_no[:, i, None]).any(axis=1)
    numbered = left_no.any(axis=1) & right_no.any(axis=1)
    level = np.ones(len(left), dtype=np.uint8)
    level[shared] = 2
    level[(some >= 0.6) & numbered & ~shared] = 3
    level[(some >= 0.8) & ~numbered] = 4
    level[(some >= 0.5) & shared] = 5
    level[(some >= 0.85) & shared] = 6
    level[(most >= 0.85) & (shared | ~numbered)] = 7
    x, y = field.whole.codes[left], field.whole.codes[right]
    same = x == y
    level[same] = 7
    bits = found.agree
    at = np.flatnonzero(same)
    bits[at] = np.minimum(bits[at], worth.whole[x[at]])
    missing = (x < 0) | (y < 0)
    level[missing], bits[missing] = 0, 0.0
    return Compared(level, bits)


def _words(field: Tokens, worth: Worth, left: Pairs, right: Pairs) -> Compared:
    found = align(field, worth.items, left, right, fuzzy=False)
    some, most = found.shares()
    level = np.ones(len(left), dtype=np.uint8)
    level[found.agree > 3.0] = 2
    level[(most >= 0.5) & (found.agree > 3.0)] = 3
    x, y = field.whole.codes[left], field.whole.codes[right]
    level[(x < 0) | (y < 0)] = 0
    return Compared(level, np.where(level > 1, found.agree, 0).astype(np.float32))


_Near = tuple["NDArray[np.uint8]", "NDArray[np.float32]"]


def _near_strings(field: Values, x: NDArray[np.int32], y: NDArray[np.int32], cut: int) -> NDArray[np.int32]:
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import cpdist

    return cpdist(  # type: ignore[no-any-return]
        field.strings[x], field.strings[y], scorer=OSA.distance, score_cutoff=cut, dtype=np.int32
    )


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
    level[field.extra["tail"][x] == field.extra["tail"][y]] = 3
    bits = np.where(level >= 2, _common(worth, x, y), 0.0)
    return level, bits.astype(np.float32)


def _near_email(field: Values, worth: Worth, x: NDArray[np.int32], y: NDArray[np.int32]) -> _Near:
    local, domain, shared = (field.extra[k] for k in ("local", "domain", "shared"))
    level = np.ones(len(x), dtype=np.uint8)
    level[domain[x] == domain[y]] = 2
    level[(local[x] == local[y]) & ~shared[x]] = 3
    level[_near_strings(field, x, y, 2) <= 2] = 4
    bits = np.select(
        [level == 4, level == 3, level == 2],
        [_common(worth, x, y), _common(worth, x, y), np.minimum(worth.items[x], worth.items[y])],
        0.0,
    )
    return level, bits.astype(np.float32)


def _near_identifier(field: Values, worth: Worth, x: NDArray[np.int32], y: NDArray[np.int32]) -> _Near:
    near = _near_strings(field, x, y, 1) <= 1
    near |= field.extra["skeleton"][x] == field.extra["skeleton"][y]
    bits = np.where(near, _common(worth, x, y), 0.0)
    return np.where(near, 2, 1).astype(np.uint8), bits.astype(np.float32)


def _near_postcode(field: Values, worth: Worth, x: NDArray[np.int32], y: NDArray[np.int32]) -> _Near:
    near = _near_strings(field, x, y, 1) <= 1
    bits = np.where(near, _common(worth, x, y), 0.0)
    return np.where(near, 2, 1).astype(np.uint8), bits.astype(np.float32)


def _near_city(field: Values, worth: Worth, x: NDArray[np.int32], y: NDArray[np.int32]) -> _Near:
    steps = _near_strings(field, x, y, 2)
    lengths = field.extra["length"]
    short = np.minimum(lengths[x], lengths[y])
    level = np.ones(len(x), dtype=np.uint8)
    inside = np.fromiter(
        (len(s) >= 4 and len(t) >= 4 and (s in t or t in s)
         for s, t in zip(field.strings[x], field.strings[y], strict=True)),
        dtype=bool, count=len(x),
    ) if len(x) else np.zeros(0, dtype=bool)  # fmt: skip
    level[inside] = 2
    level[(steps <= 1) & (short >= 4) | (steps <= 2) & (short >= 7)] = 3
    bits = np.where(level > 1, _common(worth, x, y), 0.0)
    return level, bits.astype(np.float32)


_NEAR = {
    "date": _near_date, "phone": _near_phone, "email": _near_email,
    "identifier": _near_identifier, "postcode": _near_postcode, "city": _near_city,
}  # fmt: skip
