"""Match weights: the levels of all fields added up, in bits, for arrays of pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from idp_cdi.matching.comparisons import LEVELS, compare

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idp_cdi.matching.comparisons import Worth
    from idp_cdi.matching.model import Model
    from idp_cdi.matching.records import Records

CHUNK = 150_000


@dataclass(slots=True)
class Scored:
    """Compared pairs: levels and bits, pairs × fields in the model's order."""

    levels: NDArray[np.uint8]
    bits: NDArray[np.float32]
    group: NDArray[np.int8]


@dataclass(slots=True)
class Weights:
    """Match weight in bits, prior included, and match probability of each pair."""

    weight: NDArray[np.float64]
    probability: NDArray[np.float64]


def compare_all(
    model: Model,
    records: Records,
    worth: dict[str, Worth],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
) -> Scored:
    """Compare every field of every pair."""
    count = len(model.fields)
    levels = np.zeros((len(left), count), dtype=np.uint8)
    bits = np.zeros((len(left), count), dtype=np.float32)
    for start in range(0, len(left), CHUNK):
        part = slice(start, start + CHUNK)
        for i, (name, field) in enumerate(model.fields.items()):
            found = compare(field.kind, records.fields[name], worth[name], left[part], right[part])
            levels[part, i], bits[part, i] = found.level, found.bits
    group = np.maximum(records.group[left], records.group[right]).astype(np.int8)
    return Scored(levels, bits, group)


def field_weights(model: Model, scored: Scored) -> NDArray[np.float64]:
    """The weight of each field of each pair, in bits."""
    out = np.zeros(scored.levels.shape, dtype=np.float64)
    for i, field in enumerate(model.fields.values()):
        agrees = np.array([level.agrees for level in LEVELS[field.kind]])
        level = scored.levels[:, i]
        out[:, i] = field.base[scored.group, level] + np.where(agrees[level], scored.bits[:, i], 0.0)
    return out


def weigh(model: Model, scored: Scored) -> Weights:
    """Add the fields up."""
    total = field_weights(model, scored).sum(axis=1)
    prior = model.prior[scored.group]
    weight = total + np.log2(prior / (1.0 - prior))
    return Weights(weight, 1.0 / (1.0 + np.exp2(-np.clip(weight, -60.0, 60.0))))
