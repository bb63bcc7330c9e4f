"""The matching model: weights, frequencies, heavy keys and thresholds, versioned and readable.

A pair's weight is a pure function of its two records and the model. Adding records changes no
weight; only learning again makes another model, with another version.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from idp_cdi.matching.comparisons import Worth
from idp_cdi.matching.levels import CLASSES, LEVELS, PERSONS
from idp_cdi.matching.threads import side_by_side
from idp_cdi.matching.tokens import Place, Tokens, Values

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from idp_cdi.matching.records import Field, FieldPlan, Plan, Records

GROUPS = 3
_NOTHING = np.zeros(0, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Rarity:
    """How rarity becomes bits for a kind of field.

    `domain` is how many values there are in the world (what a value not seen before is worth),
    `strength` how many records that prior counts for, `cap` the most bits one value may give.
    """

    domain: float
    strength: float
    cap: float


RARITY: dict[str, Rarity] = {
    "name": Rarity(1e5, 100, 15), "address": Rarity(3e4, 100, 13), "date": Rarity(3e4, 100, 15),
    "phone": Rarity(1e7, 100, 20), "email": Rarity(1e7, 100, 20),
    "identifier": Rarity(1e8, 100, 22), "account": Rarity(2**17, 100, 17),
    "place": Rarity(1e4, 100, 13), "category": Rarity(20, 20, 10),
    "generation": Rarity(10, 20, 6), "small": Rarity(10, 20, 6), "website": Rarity(1e6, 100, 18),
    "words": Rarity(3e4, 100, 12), "list": Rarity(3e3, 100, 8),
}  # fmt: skip

#: So many hashes are looked up faster in order.
MANY = 50_000


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How often values were seen: sorted hashes, their counts, and among how many records.

    `alone` is the count of a value that only one party has: two, where a pair may share it and
    records count one each; one, where records count by how many duplicates they have.
    """

    hashes: NDArray[np.uint64]
    counts: NDArray[np.float64]
    total: float
    alone: float = 2.0

    def bits(self, hashes: NDArray[np.uint64], rarity: Rarity) -> NDArray[np.float32]:
        """What sharing each value is worth; a value seen twice is one that only a pair shares."""
        if not len(hashes):
            return np.zeros(0, dtype=np.float32)
        if len(self.hashes):
            at = _places(self.hashes, hashes)
            seen = self.counts.take(at, mode="clip") - self.alone
            seen[self.hashes.take(at, mode="clip") != hashes] = 0.0
            np.maximum(seen, 0.0, out=seen)
        else:
            seen = np.zeros(len(hashes), dtype=np.float64)
        # In place: for one record new memory costs more than the arithmetic.
        seen += rarity.strength / rarity.domain
        seen /= self.total + rarity.strength
        np.log2(seen, out=seen)
        np.negative(seen, out=seen)
        np.maximum(seen, 0.0, out=seen)
        return np.minimum(seen, rarity.cap, out=seen).astype(np.float32)


@dataclass(slots=True)
class FieldModel:
    """One field: match weights by level for each group, and how rarity adds to them.

    `shares` holds how often each level comes up, by class of pair (`CLASSES`), group and level;
    `chance` log2 of how often unrelated records come to a level (for agreements without what
    their rarity says), by group and level.
    """

    kind: str
    shares: NDArray[np.float64]
    chance: NDArray[np.float64]
    items: Frequencies
    whole: Frequencies


@dataclass(slots=True)
class Model:
    """Everything that decides what two records are to each other.

    `prior` is how many of all pairs are of each class, by class and group; `closure` what pairs
    against a match count among records that hang together (see `matching.closure`).
    """

    plan: Plan
    fields: dict[str, FieldModel]
    prior: NDArray[np.float64]
    heavy: dict[str, NDArray[np.uint64]] = field(default_factory=dict)
    threshold: float = 0.5
    version: str = ""
    closure: tuple[float, ...] = ()

    def save(self, folder: Path) -> None:
        """Write the model: weights as readable JSON, frequencies and heavy keys as arrays."""
        from idp_cdi.matching.storage import save

        save(self, folder)

    @staticmethod
    def load(folder: Path) -> Model:
        """Read a saved model.

        Raises:
            SettingsError: There is none in `folder`, or another version of the program wrote it.
        """
        from idp_cdi.matching.storage import load

        return load(folder)

    def worth_of_words(self, records: Records) -> dict[str, Worth]:
        """What each word is worth in the fields that have words."""
        return {
            name: Worth(part.items.bits(content.vocabulary.hashes, RARITY[part.kind]), _NOTHING)
            for name, part in self.fields.items()
            if isinstance(content := records.fields[name], Tokens)
        }

    def worth(self, records: Records) -> dict[str, Worth]:
        """What the content of each field that the records have is worth."""
        known = [name for name in self.fields if name in records.fields]
        found = side_by_side(lambda name: self._worth(records, name), known, records.size)
        return dict(zip(known, found, strict=True))

    def _worth(self, records: Records, name: str) -> Worth:
        part = self.fields[name]
        content, rarity = records.fields[name], RARITY[part.kind]
        if isinstance(content, Place):
            items, whole = (
                f.bits(v.hashes, rarity) if v is not None else np.zeros(0, np.float32)
                for f, v in ((part.items, content.city), (part.whole, content.postcode))
            )
        elif isinstance(content, Tokens):
            items = part.items.bits(content.vocabulary.hashes, rarity)
            top = Rarity(rarity.domain * 30, rarity.strength, rarity.cap * 2)
            whole = part.whole.bits(content.whole.hashes, top)
        else:
            whole = part.whole.bits(content.hashes, rarity)
            mail = part.kind == "email"
            items = part.items.bits(content.extra["domain"], rarity) if mail else whole
        return Worth(items, whole)


def _places(known: NDArray[np.uint64], hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Where each hash is among sorted ones, or would be."""
    if len(hashes) < MANY:
        return known.searchsorted(hashes)
    # Sorted, one search begins where the last one ended, in memory that is at hand.
    order = np.argsort(hashes)
    places = np.empty(len(hashes), dtype=np.int64)
    places[order] = known.searchsorted(hashes[order])
    return places


def count(hashes: NDArray[np.uint64], share: NDArray[np.float64]) -> Frequencies:
    """Frequencies of the values of all records; 0 is a missing value.

    `share` is what each record counts: a record that has duplicates counts less than one.
    """
    there = np.flatnonzero(hashes != 0)
    known = hashes[there]
    order = np.argsort(known)
    known, share = known[order], share[there[order]]
    if not len(known):
        return Frequencies(known, np.zeros(0), 0.0)
    edge = np.flatnonzero(np.concatenate(([True], known[1:] != known[:-1])))
    return Frequencies(known[edge], np.add.reduceat(share, edge), float(share.sum()))


def count_codes(
    codes: NDArray[np.int32], hashes: NDArray[np.uint64], share: NDArray[np.float64]
) -> Frequencies:
    """`count` of coded values: `codes` (-1: missing) index `hashes`, `share` is that of each."""
    there = codes >= 0
    if not there.any():
        return Frequencies(np.zeros(0, dtype=np.uint64), np.zeros(0), 0.0)
    share = share[there]
    many = np.bincount(codes[there], share, len(hashes)).astype(np.float64)
    seen = np.flatnonzero(np.bincount(codes[there], minlength=len(hashes)))
    found = count(hashes[seen], many[seen])
    return Frequencies(found.hashes, found.counts, float(share.sum()))


def shipped(kind: str, content: Field) -> NDArray[np.float64]:
    """How often each level comes up to begin with, by class, group and level.

    Where a table has no postcodes or no towns, the levels that need them cannot come up: what they
    would have had goes to those that are left.
    """
    shares = np.array([level.shares for level in LEVELS[kind]]).T[:, None, :].repeat(GROUPS, axis=1)
    if kind in PERSONS:
        shares[:, 1] = PERSONS[kind]
    if isinstance(content, Place):
        moves: list[tuple[int, int]] = []
        if content.postcode is None:
            moves += [(9, 7), (6, 7), (5, 7), (8, 2), (4, 2)]
        if content.city is None:
            moves += [(9, 8), (7, 8), (6, 4), (5, 4)]
        if content.country is None:
            moves += [(1, 2)] if content.region is not None else [(1, 2), (3, 2)]
        for a, b in moves:
            shares[..., b] += shares[..., a] - 1e-4
            shares[..., a] = 1e-4
    return shares


def blank(plan: Plan, records: Records, share: NDArray[np.float64] | None = None) -> Model:
    """A model with the frequencies of `records` and the weights that ship with the package.

    Args:
        plan: Which fields there are.
        records: Where frequencies are counted.
        share: What each record counts in them, 1 where nothing is known of duplicates.
    """
    alone = 2.0 if share is None else 1.0
    share = np.ones(records.size) if share is None else share
    specs = [s for s in plan.fields if s.compare != "none" and s.name in records.fields]

    def seen(spec: FieldPlan) -> FieldModel:
        content = records.fields[spec.name]
        shares = shipped(spec.compare, content)
        items, whole = (
            Frequencies(f.hashes, f.counts, f.total, alone)
            for f in _frequencies(content, spec.compare, share)
        )
        chance = np.zeros((GROUPS, shares.shape[2]))
        return FieldModel(spec.compare, shares, chance, items, whole)

    made = side_by_side(seen, specs, records.size)
    fields = {spec.name: one for spec, one in zip(specs, made, strict=True)}
    return Model(plan, fields, np.full((len(CLASSES), GROUPS), 1e-5))


def _frequencies(
    content: Field, kind: str, share: NDArray[np.float64]
) -> tuple[Frequencies, Frequencies]:
    """How often the parts of a field's values come, and whole values."""
    if isinstance(content, Place):
        return _values_in(content.city, share), _values_in(content.postcode, share)
    if isinstance(content, Tokens):
        vocab, width = content.vocabulary.hashes, content.codes.shape[1]
        counted = count_codes(content.codes.ravel(), vocab, np.repeat(share, width))
        total = float(share[content.codes[:, 0] >= 0].sum())
        items = Frequencies(counted.hashes, counted.counts, total)
        return items, _values_in(content.whole, share)
    if kind == "account":
        # Each system counts from one: how often a number is seen says nothing.
        none = count(np.zeros(0, dtype=np.uint64), share[:0])
        return none, none
    whole = _values_in(content, share)
    domain = content.extra.get("domain")
    if domain is not None and len(domain):
        return count_codes(content.codes, domain, share), whole
    return whole, whole


def _values_in(values: Values | None, share: NDArray[np.float64]) -> Frequencies:
    """How often each value of a column comes; nothing where there is no column."""
    if values is None:
        return count_codes(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.uint64), share)
    return count_codes(values.codes, values.hashes, share)
