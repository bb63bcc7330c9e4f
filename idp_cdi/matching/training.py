"""Learning without labels: what agreement is worth, from the records themselves.

What unrelated records look like comes from random pairs, each counted by how surely it is no
match; what one customer's records look like from the candidate pairs, by expectation-maximisation.
A field's m is learned only from candidates that were found without that field, so that the
choice of candidates does not flatter it. The shipped weights count as a few dozen pairs, so that
small tables lean on them and large ones do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from idp_cdi.matching.comparisons import LEVELS
from idp_cdi.matching.scoring import Scored, compare_all, weigh

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idp_cdi.matching.blocking import Candidates
    from idp_cdi.matching.comparisons import Worth
    from idp_cdi.matching.model import Model
    from idp_cdi.matching.records import Records

ROUNDS = 12
PRIOR_PAIRS = 30.0
RANDOM_PAIRS = 600_000
TRAIN_PAIRS = 400_000
_BIT_CAP = 16.0


@dataclass(frozen=True, slots=True)
class _Set:
    """Compared pairs to learn from, each standing for `scale` pairs."""

    scored: Scored
    free: NDArray[np.bool_]
    scale: NDArray[np.float64]


def learn(
    model: Model, records: Records, worth: dict[str, Worth], candidates: Candidates, seed: int = 1
) -> None:
    """Fit m, u and the prior of `model` in place."""
    rng = np.random.default_rng(seed)
    chance = _random_pairs(records, rng)
    random_set = compare_all(model, records, worth, *chance)
    picked = np.arange(len(candidates.left))
    if len(picked) > TRAIN_PAIRS:
        picked = np.sort(rng.choice(len(picked), TRAIN_PAIRS, replace=False))
    scored = compare_all(model, records, worth, candidates.left[picked], candidates.right[picked])
    free = _free(model, candidates, picked)
    factor = len(candidates.left) / max(len(picked), 1)
    groups = np.bincount(records.group, minlength=3).astype(np.float64)
    total = _pairs_by_group(groups)
    model.prior[:] = np.clip(0.3 * groups.sum() / np.maximum(total, 1.0), 1e-9, 0.05)
    not_match = np.ones(len(chance[0]))
    _fit_base(model, random_set, not_match)
    for _ in range(ROUNDS):
        p = weigh(model, scored).probability
        _fit_m(model, scored, p, free)
        not_match = 1.0 - weigh(model, random_set).probability
        _fit_base(model, random_set, not_match)
        for g in range(3):
            found = p[scored.group == g].sum() * factor
            model.prior[g] = np.clip((found + 0.5) / max(total[g], 1.0), 1e-10, 0.2)


def _pairs_by_group(groups: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many pairs there are of each group; unknown records meet organisations."""
    unknown, person, org = groups
    return np.array(
        [unknown * (unknown - 1) / 2, person * (person - 1) / 2, org * (org - 1) / 2 + org * unknown]
    )


def _random_pairs(records: Records, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Random pairs that may meet; all pairs where the table is small."""
    n = records.size
    if n * (n - 1) // 2 <= RANDOM_PAIRS:
        left, right = np.triu_indices(n, 1)
    else:
        left = rng.integers(0, n, RANDOM_PAIRS)
        right = rng.integers(0, n, RANDOM_PAIRS)
    keep = (left != right) & ((records.group[left] == 1) == (records.group[right] == 1))
    return left[keep].astype(np.int64), right[keep].astype(np.int64)


def _free(model: Model, candidates: Candidates, picked: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Pairs × fields: whether a key that has nothing to do with the field found the pair."""
    out = np.zeros((len(picked), len(model.fields)), dtype=bool)
    by = candidates.found_by[picked]
    for i, name in enumerate(model.fields):
        linked = {"name"} if name in ("legal form", "affiliate", "generation") else {name}
        own = sum(1 << k for k, fields in enumerate(candidates.fields) if not (fields & linked))
        out[:, i] = (by & np.uint64(own)) != 0
    return out


def _fit_m(model: Model, scored: Scored, p: NDArray[np.float64], free: NDArray[np.bool_]) -> None:
    for i, part in enumerate(model.fields.values()):
        levels = LEVELS[part.kind]
        shipped = np.array([level.m for level in levels])
        for g in range(3):
            use = free[:, i] & (scored.group == g)
            mass = np.bincount(scored.levels[use, i], weights=p[use], minlength=len(levels))
            mass[0] = 0.0
            prior = shipped.copy()
            prior[0] = 0.0
            part.m[g] = mass + PRIOR_PAIRS * prior / prior.sum()
            part.m[g] /= part.m[g].sum()


def _fit_base(model: Model, chance: Scored, not_match: NDArray[np.float64]) -> None:
    """Set weights by level from m and what random pairs show."""
    for i, part in enumerate(model.fields.values()):
        levels = LEVELS[part.kind]
        agrees = np.array([level.agrees for level in levels])
        for g in range(3):
            use = chance.group == g
            level, w = chance.levels[use, i], not_match[use] * (chance.levels[use, i] > 0)
            n = w.sum()
            plain = np.bincount(level, weights=w, minlength=len(levels))
            bits = np.exp2(np.minimum(chance.bits[use, i], _BIT_CAP))
            heavy = np.bincount(level, weights=w * bits, minlength=len(levels))
            u = (plain + 1.0) / (n + len(levels))
            by_chance = np.log2((heavy + 3000.0) / (n + 3000.0))
            base = np.where(agrees, np.log2(np.maximum(part.m[g], 1e-6)) - np.clip(by_chance, -3, 10), np.log2(np.maximum(part.m[g], 1e-6) / u))
            base[0] = 0.0
            part.base[g] = base
