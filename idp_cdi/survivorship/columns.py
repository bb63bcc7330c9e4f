"""The rules of survivorship for many customers at once, on arrays.

It says of values of machines what `survive` says (a property test holds the two together):
`ARRAYS` names the rules that it knows, and customers with a value under another rule, or one that
a person gave, are left to `survive`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.survivorship._candidates import sameness
from idp_cdi.survivorship._survive import rule
from idp_cdi.survivorship.longest_valid import _is_valid
from idp_cdi.survivorship.with_address import PLACE_FIELDS, WORTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from idp_cdi.fields import FieldSpec

#: Rules that have a form for arrays.
ARRAYS = frozenset(
    {"all_values", "longest_valid", "most_recent", "most_trusted", "pinned", "with_address"}
)


@dataclass(frozen=True, slots=True)
class Seen:
    """Values of machines, one an element: sorted by customer.

    `record` numbers the records, in the order of their references; `days` is by record. `value`
    indexes `values`, the distinct texts; `field` indexes `specs`.
    """

    customer: NDArray[np.int64]
    record: NDArray[np.int64]
    days: NDArray[np.float64]
    field: NDArray[np.int32]
    value: NDArray[np.int32]
    values: Any
    sure: NDArray[np.float64]
    specs: Sequence[FieldSpec]


def survivors(seen: Seen) -> NDArray[np.int64]:
    """The places in `seen` of the values that survive.

    They come by customer, within it in the order of `specs`, of a multi-valued field the best
    first.
    """
    places = np.array([s.survive == "with_address" for s in seen.specs], dtype=bool)
    joint = places[seen.field]
    filled = _filled(seen)
    newest = _newest(seen, joint)
    score = _aged(seen, newest)
    chosen = [
        _apart(seen, score, np.flatnonzero(~joint & filled)),
        _places(seen, score, np.flatnonzero(joint & filled)),
    ]
    both = np.concatenate(chosen)
    order = np.lexsort((np.arange(len(both)), seen.field[both], seen.customer[both]))
    found: NDArray[np.int64] = both[order]
    return found


def _filled(seen: Seen) -> NDArray[np.bool_]:
    import pyarrow.compute as pc

    filled = pc.not_equal(seen.values, "").to_numpy(zero_copy_only=False)
    found: NDArray[np.bool_] = filled[seen.value]
    return found


def _newest(seen: Seen, joint: NDArray[np.bool_]) -> NDArray[np.float64]:
    """For each value the time of the newest one of its field (an address is one field)."""
    days = seen.days[seen.record]
    if not len(days):
        return days
    group = _groups(seen.customer, np.where(joint, -1, seen.field))
    latest = np.full(int(group.max()) + 1, -np.inf)
    np.maximum.at(latest, group, days)
    found: NDArray[np.float64] = latest[group]
    return found


def _groups(*keys: NDArray[Any]) -> NDArray[np.int64]:
    """Equal combinations of keys as equal numbers, in the order of the keys."""
    size = len(keys[0])
    number = np.zeros(size, dtype=np.int64)
    if not size:
        return number
    order = np.lexsort(keys[::-1])
    new = np.zeros(size, dtype=bool)
    for key in keys:
        ordered = key[order]
        new[1:] |= ordered[1:] != ordered[:-1]
    number[order] = np.cumsum(new)
    return number


def _aged(seen: Seen, newest: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores after age decay; Python's own power, so that no last bit differs."""
    age = newest - seen.days[seen.record]
    score = seen.sure.copy()
    old = np.flatnonzero(age > 0)
    half = np.array([s.half_life_days for s in seen.specs], dtype=np.int64)[seen.field[old]]
    exponents = (age[old] / half).tolist()
    score[old] *= np.array([0.5**e for e in exponents], dtype=np.float64)
    return score


def _preference(
    seen: Seen, score: NDArray[np.float64], which: NDArray[np.int64], *first: NDArray[Any]
) -> NDArray[np.int64]:
    """`which` sorted by the keys `first`, then by score, time, reference and value."""
    record = seen.record[which]
    keys = (*first, -score[which], -seen.days[record], record, _by_text(seen, which))
    return np.lexsort(keys[::-1])


def _by_text(seen: Seen, which: NDArray[np.int64]) -> NDArray[np.int64]:
    """The order of values by their text, where one record has several of a field; else 0."""
    import pyarrow.compute as pc

    rank = np.zeros(len(which), dtype=np.int64)
    pair = _groups(seen.record[which], seen.field[which])
    twice = np.flatnonzero(np.bincount(pair, minlength=1)[pair] > 1)
    if len(twice):
        texts = seen.values.take(seen.value[which[twice]])
        rank[twice] = pc.rank(texts, tiebreaker="dense").to_numpy().astype(np.int64)
    return rank


def _first(group: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where a run of equal numbers begins."""
    new = np.ones(len(group), dtype=bool)
    new[1:] = group[1:] != group[:-1]
    return new


def _apart(seen: Seen, score: NDArray[np.float64], which: NDArray[np.int64]) -> NDArray[np.int64]:
    """Fields that are decided by themselves."""
    group = _groups(seen.customer[which], seen.field[which])
    sizes = np.bincount(group, minlength=1)
    alone = sizes[group] == 1
    kept = [which[alone]]
    which, group = which[~alone], group[~alone]
    field = seen.field[which]
    for name in sorted({s.survive for s in seen.specs}):
        of_rule = np.array([s.survive == name for s in seen.specs], dtype=bool)[field]
        mine, groups = which[of_rule], group[of_rule]
        if len(mine):
            kept.append(_by_rule(seen, score, mine, groups, name))
    return np.concatenate(kept)


def _by_rule(
    seen: Seen,
    score: NDArray[np.float64],
    which: NDArray[np.int64],
    group: NDArray[np.int64],
    name: str,
) -> NDArray[np.int64]:
    same = _same(seen, which, group)
    first: tuple[NDArray[Any], ...] = (group,)
    if name == "longest_valid":
        first = (group, *_held(seen, which, group, same))
    elif name == "most_recent":
        first = (group, -seen.days[seen.record[which]])
    order = _preference(seen, score, which, *first)
    ordered, groups = which[order], group[order]
    many = np.array(
        [s.multi or getattr(rule(s.survive), "MANY", False) for s in seen.specs], dtype=bool
    )
    best = _first(groups)
    again = _again(groups, same[order])
    keep = np.where(many[seen.field[ordered]], ~again, best)
    found: NDArray[np.int64] = ordered[keep]
    return found


def _same(seen: Seen, which: NDArray[np.int64], group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers that are equal for values that are the same; only where a group has several."""
    value = seen.value[which].astype(np.int64)
    low = np.full(int(group.max(initial=0)) + 1, np.iinfo(np.int64).max)
    high = np.full(len(low), -1, dtype=np.int64)
    np.minimum.at(low, group, value)
    np.maximum.at(high, group, value)
    several = np.flatnonzero((low != high)[group])
    same = np.zeros(len(which), dtype=np.int64)
    kinds = [s.kind for s in seen.specs]
    number = _groups(seen.field[which[several]], value[several])
    begin = _one_of_each(number)
    texts = seen.values.take(seen.value[which[several[begin]]]).to_pylist()
    fields = seen.field[which[several[begin]]].tolist()
    known: dict[str, int] = {}
    codes = [
        known.setdefault(sameness(kinds[field], text), len(known))
        for field, text in zip(fields, texts, strict=True)
    ]
    if codes:
        same[several] = np.array(codes, dtype=np.int64)[number]
    return same


def _again(group: NDArray[np.int64], same: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether an earlier element of the group is the same."""
    pair = _groups(group, same)
    order = np.argsort(pair, kind="stable")
    again = np.ones(len(group), dtype=bool)
    again[order[_first(pair[order])]] = False
    return again


def _held(
    seen: Seen, which: NDArray[np.int64], group: NDArray[np.int64], same: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Whether values fail their check, and how long they held (negative: the longest first)."""
    days = seen.days[seen.record[which]]
    pair = _groups(group, same)
    first = np.full(int(pair.max(initial=0)) + 1, np.inf)
    last = np.full(len(first), -np.inf)
    np.minimum.at(first, pair, days)
    np.maximum.at(last, pair, days)
    kinds = [s.kind for s in seen.specs]
    several = np.flatnonzero(_differs(group, seen.value[which]))
    fails = np.zeros(len(which), dtype=bool)
    number = _groups(seen.field[which[several]], seen.value[which[several]])
    begin = _one_of_each(number)
    texts = seen.values.take(seen.value[which[several[begin]]]).to_pylist()
    fields = seen.field[which[several[begin]]].tolist()
    wrong = [not _is_valid(kinds[f], t) for f, t in zip(fields, texts, strict=True)]
    if wrong:
        fails[several] = np.array(wrong, dtype=bool)[number]
    return fails, (first - last)[pair]


def _one_of_each(number: NDArray[np.int64]) -> NDArray[np.int64]:
    """A place where each of the numbers 0, 1, 2 … stands."""
    at = np.zeros(int(number.max(initial=-1)) + 1, dtype=np.int64)
    at[number] = np.arange(len(number))
    return at


def _differs(group: NDArray[np.int64], value: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether the element's group has more than one value."""
    low = np.full(int(group.max(initial=0)) + 1, np.iinfo(np.int32).max, dtype=np.int32)
    high = np.full(len(low), -1, dtype=np.int32)
    np.minimum.at(low, group, value)
    np.maximum.at(high, group, value)
    found: NDArray[np.bool_] = (low != high)[group]
    return found


def _places(seen: Seen, score: NDArray[np.float64], which: NDArray[np.int64]) -> NDArray[np.int64]:
    """The parts of the best address of each customer, as `with_address.together` has them."""
    if not len(which):
        return which
    parts, records, customers = _parts(seen, score, which)
    order = _standing(seen, score, parts, records, customers)
    parts, customers = parts[order], customers[order]
    best_row = np.maximum.accumulate(np.where(_first(customers), np.arange(len(customers)), 0))
    best = parts[best_row]
    agrees = _agree(seen, which, parts, best)
    chosen = parts[_first(customers)]
    owners = customers[_first(customers)]
    for column in range(parts.shape[1]):
        helps = np.flatnonzero(agrees & (parts[:, column] >= 0) & (best[:, column] < 0))
        helps = helps[_first(customers[helps])]
        chosen[np.searchsorted(owners, customers[helps]), column] = parts[helps, column]
    found: NDArray[np.int64] = chosen[chosen >= 0]
    return found


def _parts(
    seen: Seen, score: NDArray[np.float64], which: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """For each record with an address its best value of each part (-1: none), and its customer."""
    columns = [PLACE_FIELDS.index(s.name) if s.name in PLACE_FIELDS else -1 for s in seen.specs]
    record = seen.record[which]
    order = np.lexsort((_by_text(seen, which), -score[which], seen.field[which], record))
    which, record = which[order], record[order]
    column = np.array(columns, dtype=np.int64)[seen.field[which]]
    best = _first(record) | _first(column)
    new = _first(record)
    row = np.cumsum(new) - 1
    parts = np.full((int(row[-1]) + 1, len(PLACE_FIELDS)), -1, dtype=np.int64)
    parts[row[best], column[best]] = which[best]
    return parts, record[new], seen.customer[which[new]]


def _standing(
    seen: Seen,
    score: NDArray[np.float64],
    parts: NDArray[np.int64],
    records: NDArray[np.int64],
    customers: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Records by customer, the one with the worthiest address first."""
    worth = np.zeros(len(parts), dtype=np.float64)
    for column, name in enumerate(PLACE_FIELDS):
        there = parts[:, column] >= 0
        worth += np.where(there, WORTH[name] * score[parts[:, column]], 0.0)
    rounded = np.array([round(w, 9) for w in worth.tolist()], dtype=np.float64)
    return np.lexsort((records, -seen.days[records], -rounded, customers))


def _agree(
    seen: Seen, which: NDArray[np.int64], parts: NDArray[np.int64], best: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether each record means the place of its customer's best one."""
    same = np.zeros(len(seen.value), dtype=np.int64)
    same[which] = _same(seen, which, _groups(seen.customer[which], seen.field[which]))
    both = (parts >= 0) & (best >= 0)
    differs = both & (same[parts] != same[best])
    region = PLACE_FIELDS.index("region")
    differs[:, region] = False
    near = both[:, PLACE_FIELDS.index("postal_code")] | both[:, PLACE_FIELDS.index("street")]
    found: NDArray[np.bool_] = near & ~differs.any(axis=1)
    return found
