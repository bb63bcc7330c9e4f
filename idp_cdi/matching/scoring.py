"""Match weights: the levels of all fields added up, in bits, for arrays of pairs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np

from idp_cdi.matching.closure import open_pairs
from idp_cdi.matching.comparisons import compare
from idp_cdi.matching.levels import LEVELS
from idp_cdi.matching.threads import side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from idp_cdi.matching.comparisons import Worth
    from idp_cdi.matching.model import FieldModel, Model
    from idp_cdi.matching.records import Records

_Part = TypeVar("_Part")
Weighed: TypeAlias = "tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]"
CHUNK = 100_000
#: The weight in bits of a pair that can't be one party.
NEVER = -60.0
#: The levels of places that know no more than a country.
ANOTHER_COUNTRY, SAME_COUNTRY = 1, 3
#: Fields that are parts of a name. Where names are others altogether (a renamed firm), that each
#: has a legal form of its own follows, and is no evidence besides.
OF_A_NAME = frozenset({"legal form", "affiliate"})


@dataclass(slots=True)
class Scored:
    """Compared pairs: levels and bits, pairs × fields in the model's order.

    `follows` says which levels follow from that of another field, and so count nothing; `sure` has
    the probability that both values are right, by field number, where it is known.
    """

    levels: NDArray[np.uint8]
    bits: NDArray[np.float32]
    group: NDArray[np.int8]
    follows: NDArray[np.bool_]
    sure: dict[int, NDArray[np.float32]] = field(default_factory=dict)


def part_of(scored: Scored, rows: NDArray[np.int64]) -> Scored:
    """Some of the pairs."""
    sure = {i: c[rows] for i, c in scored.sure.items()}
    return Scored(
        scored.levels[rows], scored.bits[rows], scored.group[rows], scored.follows[rows], sure
    )


def joined(a: Scored, b: Scored) -> Scored:
    """Two lots of pairs as one."""
    return Scored(
        np.concatenate((a.levels, b.levels)),
        np.concatenate((a.bits, b.bits)),
        np.concatenate((a.group, b.group)),
        np.concatenate((a.follows, b.follows)),
        {i: np.concatenate((a.sure[i], b.sure[i])) for i in a.sure},
    )


@dataclass(slots=True)
class Weights:
    """Match weight in bits, prior included, match probability, and that of each kind of kin."""

    weight: NDArray[np.float64]
    probability: NDArray[np.float64]
    related: NDArray[np.float64]


def compare_all(
    model: Model,
    records: Records,
    worth: dict[str, Worth],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
) -> Scored:
    """Compare every field of every pair."""
    parts = _in_parts(
        len(left), lambda part: _compared(model, records, worth, left[part], right[part])
    )
    if len(parts) == 1:
        return parts[0]
    return Scored(
        np.concatenate([p.levels for p in parts]),
        np.concatenate([p.bits for p in parts]),
        np.concatenate([p.group for p in parts]),
        np.concatenate([p.follows for p in parts]),
        {i: np.concatenate([p.sure[i] for p in parts]) for i in parts[0].sure},
    )


def weigh_all(
    model: Model,
    records: Records,
    worth: dict[str, Worth],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
) -> tuple[Weights, NDArray[np.int64]]:
    """Compare and weigh pairs, part by part: no more of them lies in memory than what comes back.

    Returns:
        The weights, and the `pattern` of each pair.
    """

    def work(part: slice) -> tuple[Weights, NDArray[np.int64]]:
        scored = _compared(model, records, worth, left[part], right[part])
        return weigh(model, scored), pattern(scored.levels)

    parts = _in_parts(len(left), work)
    found = Weights(
        np.concatenate([w.weight for w, _ in parts]),
        np.concatenate([w.probability for w, _ in parts]),
        np.concatenate([w.related for w, _ in parts], axis=1),
    )
    return found, np.concatenate([levels for _, levels in parts])


def _in_parts(count: int, work: Callable[[slice], _Part]) -> list[_Part]:
    """What `work` makes of each part of so many pairs, at least one, on all processors."""
    parts = [slice(start, start + CHUNK) for start in range(0, max(count, 1), CHUNK)]
    return side_by_side(work, parts, count if len(parts) > 1 else 0)


def _compared(
    model: Model,
    records: Records,
    worth: dict[str, Worth],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
) -> Scored:
    count = len(model.fields)
    levels = np.zeros((len(left), count), dtype=np.uint8)
    bits = np.zeros((len(left), count), dtype=np.float32)
    renamed = np.zeros(len(left), dtype=np.bool_)
    for i, (name, one) in enumerate(model.fields.items()):
        content = records.fields.get(name)
        if content is None or content.empty:
            continue  # nothing to compare is level 0
        found = compare(one.kind, content, worth[name], left, right)
        levels[:, i], bits[:, i] = found.level, found.bits
        if found.other is not None:
            renamed |= found.other
    follows = np.zeros(levels.shape, dtype=np.bool_)
    if renamed.any():
        of_name = np.array([name in OF_A_NAME for name in model.fields], dtype=np.bool_)
        follows = renamed[:, None] & of_name & (levels == 1)
    group = np.maximum(records.group[left], records.group[right]).astype(np.int8)
    sure = {
        i: records.confidence[name][left] * records.confidence[name][right]
        for i, name in enumerate(model.fields)
        if name in records.confidence
    }
    return Scored(levels, bits, group, follows, sure)


def field_weights(model: Model, scored: Scored) -> NDArray[np.float64]:
    """The weight of each field of each pair, in bits: one party against unrelated ones."""
    out = np.zeros(scored.levels.shape, dtype=np.float64)
    for i, one in enumerate(model.fields.values()):
        out[:, i] = _doubted(_shares(one, scored, i, 0) - _chance(one, scored, i), scored, i)
    return np.where(scored.follows, 0.0, out)


def _doubted(weight: NDArray[np.float64], scored: Scored, i: int) -> NDArray[np.float64]:
    """What a weight counts when the values may be wrong: log2(c·2^w + 1 − c)."""
    sure = scored.sure.get(i)
    if sure is None:
        return weight
    c = np.clip(sure.astype(np.float64), 1e-9, 1.0)
    doubted: NDArray[np.float64] = np.log2(c * np.exp2(weight) + (1.0 - c))
    return doubted


def _shares(part: FieldModel, scored: Scored, i: int, which: int) -> NDArray[np.float64]:
    """log2 of how often the pairs' levels in field `i` come up in one class of pairs."""
    found: NDArray[np.float64] = _log_shares(part)[which][scored.group, scored.levels[:, i]]
    return found


def _log_shares(part: FieldModel) -> NDArray[np.float64]:
    """log2 of the shares of levels: class × group × level, 0 where there is nothing to compare.

    Of places of which no more than the country is known only that can be the same or another.
    How seldom so little is known says nothing, so the two are shares of each other.
    """
    shares = np.maximum(part.shares, 1e-6)
    if part.kind == "place":
        known = shares[..., ANOTHER_COUNTRY] + shares[..., SAME_COUNTRY]
        shares[..., SAME_COUNTRY] /= known
    table: NDArray[np.float64] = np.log2(shares)
    table[..., 0] = 0.0
    return table


def _chance(part: FieldModel, scored: Scored, i: int) -> NDArray[np.float64]:
    """log2 of how often the pairs' levels in field `i` come up between unrelated records."""
    agrees = _agrees(part.kind)
    level = scored.levels[:, i]
    return part.chance[scored.group, level] - np.where(agrees[level], scored.bits[:, i], 0.0)


@cache
def _agrees(kind: str) -> NDArray[np.bool_]:
    return np.array([level.agrees for level in LEVELS[kind]])


def tables(model: Model) -> list[NDArray[np.float64]]:
    """What each level of each field says in each group, against unrelated, for all classes."""
    found = []
    for one in model.fields.values():
        shares = _log_shares(one)
        found.append((shares - one.chance).reshape(len(shares), -1))
    return found


def weigh(
    model: Model, scored: Scored, known: Sequence[NDArray[np.float64]] | None = None
) -> Weights:
    """The odds of one party against all else: unrelated, kin of any kind.

    Args:
        model: What to weigh by.
        scored: The pairs.
        known: Its `tables`, where they are at hand.
    """
    classes = np.log2(model.prior)[:, scored.group]
    known = tables(model) if known is None else known
    some, follow = (
        np.logical_or.reduce(flags, axis=0).tolist() for flags in (scored.levels, scored.follows)
    )
    for i, (one, table) in enumerate(zip(model.fields.values(), known, strict=True)):
        if not some[i]:
            continue
        level = scored.levels[:, i]
        agrees = _agrees(one.kind)
        # One look-up for all classes.
        found = table.take(scored.group * len(agrees) + level.astype(np.int64), axis=1)
        if agrees.any():
            found += np.where(agrees[level], scored.bits[:, i], np.float32(0.0))
        told = _doubted(found, scored, i)
        classes += np.where(scored.follows[:, i], 0.0, told) if follow[i] else told
    unrelated = np.log2(1.0 - model.prior.sum(axis=0))[scored.group]
    # In the worst case the greatest of them is all there is: no sum runs out of range.
    top = np.maximum(classes[1:].max(axis=0), unrelated)
    other = top + np.log2(np.exp2(classes[1:] - top).sum(axis=0) + np.exp2(unrelated - top))
    weight = classes[0] - other
    total = np.logaddexp2(classes[0], other)
    probability = 1.0 / (1.0 + np.exp2(-np.clip(weight, -60.0, 60.0)))
    return Weights(weight, probability, np.exp2(classes[1:] - total))


def weigh_pairs(
    model: Model,
    records: Records,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    worth: dict[str, Worth] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weight and probability of any number of pairs.

    A person and an organisation are never one, whatever they share. `worth` is that of `records`,
    where it is known.
    """
    if not len(left):
        return np.zeros(0), np.zeros(0)
    found, _ = weigh_all(model, records, worth or model.worth(records), left, right)
    two = (records.group[left] != records.group[right]) & (
        np.minimum(records.group[left], records.group[right]) > 0
    )
    return np.where(two, NEVER, found.weight), np.where(two, 0.0, found.probability)


def closed(
    model: Model,
    records: Records,
    known: Weighed,
    threshold: float,
    worth: dict[str, Worth] | None = None,
) -> Weighed:
    """Some pairs with their weights, and all others among records that hang together by them.

    Args:
        model: What to weigh by.
        records: The records.
        known: Row numbers of the pairs and their weights.
        threshold: The weight in bits from which pairs join.
        worth: What the content of `records` is worth, where it is known.
    """
    left, right = open_pairs(records.size, *known, threshold)
    weight, _ = weigh_pairs(model, records, left, right, worth)
    return (
        np.concatenate((known[0], left)),
        np.concatenate((known[1], right)),
        np.concatenate((known[2], weight)),
    )


def bits_of(probability: float) -> float:
    """The weight in bits at which a pair has `probability`.

    >>> bits_of(0.5), round(bits_of(0.8), 3)
    (0.0, 2.0)
    """
    probability = min(max(probability, 1e-12), 1 - 1e-12)
    return float(np.log2(probability / (1.0 - probability)))


def pattern(levels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The levels of all fields as one number, a decimal digit a field (of the first eighteen)."""
    out = np.zeros(len(levels), dtype=np.int64)
    for i in range(min(levels.shape[1], 18)):
        out = out * 10 + levels[:, i]
    return out
