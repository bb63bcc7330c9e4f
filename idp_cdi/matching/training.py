"""Learning without labels: what agreement is worth, from the records themselves.

What unrelated records look like comes from random pairs, each counted by how surely it is no
match; what one customer's records look like from the candidate pairs, by expectation-maximisation.
A field's m is learned only from candidates that were found without that field, so that the
choice of candidates does not flatter it. The shipped weights count as a few dozen pairs, so that
small tables lean on them and large ones do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from idp_cdi.matching import blocking
from idp_cdi.matching.closure import BANDS, FLOOR, components
from idp_cdi.matching.clusters import Linkage, cluster
from idp_cdi.matching.labels import COUNTS
from idp_cdi.matching.levels import CLASSES, LEVELS
from idp_cdi.matching.model import blank, shipped
from idp_cdi.matching.scoring import (
    Scored,
    compare_all,
    joined,
    part_of,
    weigh,
    weigh_pairs,
)
from idp_cdi.matching.tokens import Place, Tokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idp_cdi.matching.blocking import Candidates
    from idp_cdi.matching.comparisons import Worth
    from idp_cdi.matching.labels import Labels
    from idp_cdi.matching.model import Model
    from idp_cdi.matching.records import Plan, Records

ROUNDS = 10
PRIOR_PAIRS = 120.0
NAME_PAIRS = 400.0
KIN_PAIRS = 200.0
# A firm that moved looks like a branch: what a branch looks like is learned slowly.
BRANCH_PAIRS = 1000.0
BRANCH = CLASSES.index("branch")
# What pairs count within their component: from so many pairs, in so many rounds; the weights
# themselves count like so many pairs in each band.
CLOSURE_PAIRS = 400_000
CLOSURE_ROUNDS = 2
CLOSURE_TRUST = 10.0
_BAND_MIDDLES = np.array([-14.0, -10.0, -7.0, -5.0, -3.0, -1.0])
RECOUNT = 20_000
RECOUNTS = 2
RECOUNT_ROUNDS = 7
SMALL = 3_000
RANDOM_PAIRS = 120_000
TRAIN_PAIRS = 120_000
#: The level of addresses in one street with different numbers.
NUMBERS = 3
#: How many records to come will match each one that is there, at the least.
TO_COME = 0.3
#: Kinds of party with fewer records than this are weighed like the most frequent kind.
FEW_RECORDS = 20
_BIT_CAP = 16.0
# Random pairs that share fewer bits than this are unrelated.
_ALIKE = 5.0
# Fields that follow from where and what a record is (a legal form from its country): their chance
# agreement is learned from unrelated candidates, which have that in common, not from random pairs.
_LOCAL = frozenset({"small", "category"})
# The most pairs of each class (by group: unknown, person, organisation) a pair of one party.
KIN = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [0.25, 0.25, 0.25], [0.25, 0.001, 1.0]])
# What makes kin kin stays as shipped, by class.
_GIVEN: tuple[frozenset[str], ...] = (
    frozenset(),
    # That kin share a number would be learned from matches that moved.
    frozenset({"address", "place", "account", "identifier"}),
    frozenset({"address", "place", "account", "identifier"}),
    frozenset({"address", "account", "identifier"}),
)


def fit(
    plan: Plan,
    records: Records,
    *,
    seed: int = 1,
    labels: Labels | None = None,
    before: Model | None = None,
) -> tuple[Model, Candidates, dict[str, Worth]]:
    """Learn a model from a table, and from answers of people where there are any.

    The candidate pairs come with it, and what the content of the records is worth under it.

    Small tables are gone through twice: the second time each record counts in the frequencies by
    how many duplicates it seems to have, so that a name is not common for being one firm's often.

    `before` is what is known of such records from elsewhere. Then further records of the same
    parties are to come (a store takes in system after system, and documents), so that a table that
    has each party once says nothing of how often two records are one party.
    """
    if records.size > RECOUNT:
        model = blank(plan, records)
        learned = _learned(model, records, seed, labels, before=before)
        _expect(model, records, before)
        return model, *learned
    # To begin with, one name is one party's: what contradicts that takes it back below.
    share = _one_per_name(records)
    for _ in range(RECOUNTS if records.size <= SMALL else 1):
        model = blank(plan, records, share)
        found, worth = _learned(model, records, seed, labels, RECOUNT_ROUNDS, before)
        weight, _ = weigh_pairs(model, records, found.left, found.right, worth)
        known = weight >= FLOOR
        label = cluster(records.size, found.left[known], found.right[known], weight[known])
        share = 1.0 / np.bincount(label, minlength=records.size)[label]
    model = blank(plan, records, share)
    learned = _learned(model, records, seed, labels, before=before)
    _expect(model, records, before)
    return model, *learned


def _expect(model: Model, records: Records, before: Model | None) -> None:
    """Set the least that records to come will match those that are there, or be kin: see `fit`."""
    if before is None:
        return
    groups = np.bincount(records.group, minlength=3).astype(np.float64)
    least = TO_COME * groups / np.maximum(_pairs_by_group(groups), 1.0)
    share = np.minimum(least / before.prior[0], 1.0)
    few = model.prior[0] < before.prior[0] * share
    model.prior[:, few] = np.maximum(model.prior, before.prior * share)[:, few]


def _learned(
    model: Model,
    records: Records,
    seed: int,
    labels: Labels | None,
    rounds: int = ROUNDS,
    before: Model | None = None,
) -> tuple[Candidates, dict[str, Worth]]:
    """Learn `model` from `records`; the candidate pairs come back, and what content is worth."""
    worth = model.worth(records)
    found = candidates(model, records, worth, learn=True)
    model.heavy = found.heavy
    learn(model, records, worth, found, seed, labels, rounds, before)
    return found, worth


def _one_per_name(records: Records) -> NDArray[np.float64] | None:
    """What each record counts when all of one name count as one; None where nobody has a name."""
    field = records.fields.get("name")
    if not isinstance(field, Tokens):
        return None
    codes = field.whole.codes
    often = np.bincount(codes[codes >= 0], minlength=len(field.whole.strings))
    if not len(often):
        return None
    return np.where(codes >= 0, 1.0 / np.maximum(often[codes], 1), 1.0)


def candidates(
    model: Model, records: Records, worth: dict[str, Worth], *, learn: bool
) -> Candidates:
    """The candidate pairs of a table; `learn` finds out which keys are heavy."""
    keys = blocking.make_keys(records, model.plan, worth)
    refine = blocking.refinements(records, model.plan, worth)
    return blocking.find(keys, refine, model.heavy, learn=learn)


def learn(
    model: Model,
    records: Records,
    worth: dict[str, Worth],
    candidates: Candidates,
    seed: int = 1,
    labels: Labels | None = None,
    rounds: int = ROUNDS,
    before: Model | None = None,
) -> None:
    """Fit m, u and the prior of `model` in place."""
    rng = np.random.default_rng(seed)
    chance = _random_pairs(records, rng)
    random_set = compare_all(model, records, worth, *chance)
    picked = np.arange(len(candidates.left))
    if len(picked) > TRAIN_PAIRS:
        picked = np.sort(rng.choice(len(picked), TRAIN_PAIRS, replace=False))
    scored = compare_all(model, records, worth, candidates.left[picked], candidates.right[picked])
    local = [part.kind in _LOCAL for part in model.fields.values()]
    free = _free(model, candidates, picked)
    start = _known(model, records, before)
    if labels is not None and len(labels):
        answered = compare_all(model, records, worth, labels.left, labels.right)
        scored = joined(scored, answered)
        free = np.vstack((free, np.ones((len(labels), free.shape[1]), dtype=bool)))
    factor = len(candidates.left) / max(len(picked), 1)
    groups = np.bincount(records.group, minlength=3).astype(np.float64)
    total = _pairs_by_group(groups)
    model.prior[:] = np.clip(groups.sum() / np.maximum(total, 1.0), 1e-9, 0.05)
    kin = _most_kin(model)
    # Most random pairs have nothing in common: no need to ask in every round whether they match.
    alike = random_set.bits.sum(axis=1) > _ALIKE
    near = part_of(random_set, np.flatnonzero(alike))
    far = part_of(random_set, np.flatnonzero(~alike))
    known = [_tally(model, far, i, np.ones(len(far.group))) for i in range(len(local))]
    apart = np.ones(len(near.group))
    for i in range(len(local)):
        _fit_chance(model, i, known[i] + _tally(model, near, i, apart), first=True)
    for _ in range(rounds):
        found = weigh(model, scored)
        p = _as_answered(np.vstack((found.probability, found.related)), labels)
        _fit_shares(model, scored, p, free, start)
        some = weigh(model, near)
        apart = 1.0 - some.probability - some.related.sum(axis=0)
        for i, nearby in enumerate(local):
            if nearby:
                rest = np.maximum(1.0 - p.sum(axis=0), 0.0) * free[:, i]
                _fit_chance(model, i, _tally(model, scored, i, rest))
            else:
                _fit_chance(model, i, known[i] + _tally(model, near, i, apart))
        for g in range(3):
            mine = np.flatnonzero(scored.group[: len(picked)] == g)
            mass = p[:, mine].sum(axis=1) * factor
            prior = np.clip((mass + 0.5) / max(total[g], 1.0), 1e-10, 0.2)
            model.prior[:, g] = np.minimum(prior, prior[0] * kin[:, g])
    borrow(model, groups)


def _known(model: Model, records: Records, before: Model | None) -> list[NDArray[np.float64]]:
    """The shares of levels that a table's own are added to: of an earlier model, or as shipped."""
    found = [shipped(part.kind, records.fields[n]) for n, part in model.fields.items()]
    for i, (name, part) in enumerate(model.fields.items()):
        old = None if before is None else before.fields.get(name)
        if (
            old is not None
            and old.kind == part.kind
            and not isinstance(records.fields[name], Place)
        ):
            found[i], part.shares = old.shares, old.shares.copy()
    return found


def borrow(model: Model, groups: NDArray[np.float64]) -> None:
    """Give kinds of party that hardly came up what was learned of the most frequent kind.

    A document often does not say whether a name is a person's or a firm's: such a record must not
    be weighed by shares and priors that nothing was learned for.

    Args:
        model: Learned; changed in place.
        groups: How many records of each kind (unknown, person, organisation) it has seen.
    """
    # What is unknown is mostly an organisation.
    donor = 2 if groups[2] >= FEW_RECORDS else int(np.argmax(groups))
    for g in np.flatnonzero(groups < FEW_RECORDS).tolist():
        if g != donor:
            model.prior[:, g] = model.prior[:, donor]
            for part in model.fields.values():
                part.shares[:, g] = part.shares[:, donor]
                part.chance[g] = part.chance[donor]


def _most_kin(model: Model) -> NDArray[np.float64]:
    """`KIN`, less of the classes that nothing in the table tells from one party."""
    out = KIN.copy()
    if "address" not in model.fields:
        out[3] = 1e-6  # only the address tells a branch from its head office
    if not any(part.kind == "identifier" for part in model.fields.values()):
        out[1, (0, 2)] = 0.02  # and only a number a sister company at the same address
    return out


def _as_answered(p: NDArray[np.float64], labels: Labels | None) -> NDArray[np.float64]:
    """Probabilities of the classes, with the answered pairs (the last ones) as answered."""
    if labels is None or not len(labels):
        return p
    last = p[:, -len(labels) :]
    kin = last[1:] / np.maximum(1.0 - last[0], 1e-9)
    last[1:] = np.where(labels.same, 0.0, kin) * COUNTS
    last[0] = np.where(labels.same, COUNTS, 0.0)
    return p


def _pairs_by_group(groups: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many pairs there are of each group; unknown records meet all others."""
    unknown, person, org = groups
    return np.array(
        [
            unknown * (unknown - 1) / 2,
            person * (person - 1) / 2 + person * unknown,
            org * (org - 1) / 2 + org * unknown,
        ]
    )


def _random_pairs(
    records: Records, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
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


def _fit_shares(
    model: Model, scored: Scored, p: NDArray[np.float64], free: NDArray[np.bool_],
    start: list[NDArray[np.float64]],
) -> None:  # fmt: skip
    """Set the shares of the levels in each class from the candidates, which count `p` each.

    Where kin live is what makes them kin: that stays as shipped.
    """
    for i, part in enumerate(model.fields.values()):
        width = len(LEVELS[part.kind])
        key = scored.group * width + scored.levels[:, i].astype(np.int64)
        key = np.where(free[:, i], key, 0)  # level 0 is not counted
        for which in range(len(p)):
            if part.kind in _GIVEN[which]:
                continue
            mass = np.bincount(key, p[which], 3 * width).astype(np.float64).reshape(3, width)
            mass[:, 0] = 0.0
            known = start[i][which].copy()
            known[:, 0] = 0.0
            mass += _trust(part.kind, which) * known / known.sum(axis=1, keepdims=True)
            part.shares[which] = mass / mass.sum(axis=1, keepdims=True)
        if part.kind == "address":
            _stay(part.shares[0], start[i][0])


def _stay(shares: NDArray[np.float64], known: NDArray[np.float64]) -> None:
    """Let hardly anybody move along the street: two houses in one street are two neighbours.

    Where a group has several in one street its places else look like one that moved.
    """
    most = known[:, NUMBERS] / known[:, 1:].sum(axis=1)
    shares[:, NUMBERS] = np.minimum(shares[:, NUMBERS], most)
    shares /= shares.sum(axis=1, keepdims=True)


def _trust(kind: str, which: int) -> float:
    """How many pairs the shipped shares count for."""
    if which == BRANCH:
        return BRANCH_PAIRS
    if which:
        return KIN_PAIRS
    return NAME_PAIRS if kind == "name" else PRIOR_PAIRS


def _tally(model: Model, chance: Scored, i: int, apart: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of pairs that count `apart` each: how many come to each level, and their rarity summed up.

    Returns:
        Two tables by group and level, one above the other.
    """
    width = len(LEVELS[list(model.fields.values())[i].kind])
    level = chance.levels[:, i].astype(np.int64)
    key, w = chance.group * width + level, apart * (level > 0)
    bits = np.exp2(np.minimum(chance.bits[:, i], _BIT_CAP))
    counts = [np.bincount(key, weights, 3 * width) for weights in (w, w * bits)]
    return np.stack(counts).astype(np.float64).reshape(2, 3, width)


def _fit_chance(model: Model, i: int, tally: NDArray[np.float64], *, first: bool = False) -> None:
    """Set how often unrelated pairs come to each level of field `i`.

    For agreements the rarity of what is shared is taken out: equal values then come up by chance
    as often as their frequency says (log2 of it is 0), others as often as counted here.
    """
    part = list(model.fields.values())[i]
    levels = LEVELS[part.kind]
    agrees = np.array([level.agrees for level in levels])
    exact = np.array([level.exact for level in levels])
    count, rare = tally
    n = count.sum(axis=1, keepdims=True)
    by_chance = np.clip(np.log2((rare + 3000.0) / (n + 3000.0)), 0, 10)
    if first or part.kind not in _LOCAL:
        by_chance = np.where(exact, 0.0, np.minimum(by_chance, 3.0 if first else 10.0))
    # What never came up is a matter of chance that nothing is known of: most values differ.
    told = np.where(n > 0, np.log2((count + 1.0) / (n + len(levels))), 0.0)
    part.chance[:] = np.where(agrees, by_chance, told)
    part.chance[:, 0] = 0.0


def closure_of(
    size: int, left: NDArray[np.int64], right: NDArray[np.int64], weight: NDArray[np.float64]
) -> tuple[float, ...]:
    """What pairs of each band of negative weights count among records that hang together.

    It is the log odds of being in one cluster, first where clusters are made strictly (what speaks
    against a match counts in full), then where it counts what the round before it showed. Few
    pairs lean on their weights.

    Args:
        size: How many records there are.
        left: Row numbers of the pairs, those of `closure.open_pairs` at 0 bits among them.
        right: Row numbers, as many.
        weight: Their weights.
    """
    home = components(size, left[weight >= 0.0], right[weight >= 0.0])
    many = np.bincount(home, minlength=size)
    inside = (home[left] == home[right]) & (many[home[left]] > 2)
    enough = np.cumsum(np.bincount(home[left[inside]], minlength=size)) <= CLOSURE_PAIRS
    inside &= enough[home[left]]
    left, right, weight = left[inside], right[inside], weight[inside].round(3)
    against = weight < 0.0
    band = np.searchsorted(BANDS, weight[against], side="right")
    share = 1.0 / (1.0 + np.exp2(-_BAND_MIDDLES))
    count = np.bincount(band, minlength=len(share)) + CLOSURE_TRUST
    learned: tuple[float, ...] = ()
    for _ in range(CLOSURE_ROUNDS):
        label = cluster(size, left, right, weight, linkage=Linkage(closure=learned))
        one = (label[left] == label[right])[against]
        odds = (np.bincount(band, one, len(share)) + CLOSURE_TRUST * share) / count
        learned = tuple(np.log2(odds / (1.0 - odds)).round(3).tolist())
    return learned
