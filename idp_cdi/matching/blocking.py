"""Candidate pairs: records that share a key, from a score of keys chosen by what the table has.

A key is a 64-bit number made of one or two parts of a record (a rare word and a town, a phone, a
date of birth and a postcode). A key that too many records share ("heavy") is refined by further
parts, never simply dropped; which keys are heavy is part of the model, so that two records are
candidates of each other or not whatever other records there are. Only where a table has outgrown
the model so far that its pairs would cost many times the budget, further keys become heavy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from idp_cdi.errors import LimitExceeded
from idp_cdi.matching.addresses import numbers
from idp_cdi.matching.names import PERSON, UNKNOWN
from idp_cdi.matching.text import ALL, mix, mix_one
from idp_cdi.matching.threads import side_by_side
from idp_cdi.matching.tokens import Place, Tokens, Values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from idp_cdi.matching.comparisons import Worth
    from idp_cdi.matching.records import Plan, Records

Hashes: TypeAlias = "NDArray[np.uint64]"
ROW_BITS = np.uint64(24)
ROW_MASK = np.uint64((1 << 24) - 1)
_KEY_BITS, _KEY_MASK = np.uint64(6), np.uint64(63)
MAX_RECORDS = 1 << 24
MAX_BLOCK = 400
# The pairs that one kind of key may cost, or a quarter of the number of records where that is more.
BUDGET = 250_000
#: How many times the budget a kind of key may cost under a model that was learned before.
GROWN = 8
NONE = np.uint64(0)
_PERSONS = np.uint64(0x5DEECE66D1CE4E5B)


@dataclass(frozen=True, slots=True)
class Key:
    """One kind of key: its values per record (0: none; several columns: several keys).

    Where it is not `refined`, other kinds of key are its refinements.
    """

    name: str
    fields: frozenset[str]
    values: tuple[Hashes, ...]
    refined: bool = True


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs (`left` < `right`) with the keys that found them as bits of `found_by`.

    `heavy` has the heavy hashes of each key: the model's, and those that grew too large since.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    found_by: NDArray[np.uint64]
    keys: tuple[str, ...]
    fields: tuple[frozenset[str], ...]
    heavy: dict[str, Hashes]


def make_keys(records: Records, plan: Plan, worth: Mapping[str, Worth]) -> list[Key]:
    """All keys that the fields of `plan` allow."""
    keys = keys_of_both(records, plan, worth)
    # Persons and organisations never meet: their keys differ. What may be either has both.
    person, either = records.group == PERSON, records.group == UNKNOWN
    if not plan.entity_type:
        either = np.zeros(records.size, dtype=bool)  # then it has persons or others, never both
    if not person.any() and not either.any():
        return keys
    return side_by_side(
        lambda k: replace(k, values=_by_side(k.values, person, either)), keys, records.size
    )


def sides(records: Records, plan: Plan) -> tuple[int, ...]:
    """What the keys of one record are turned by in `make_keys`."""
    group = records.group[0]
    if group == UNKNOWN and plan.entity_type:
        return 0, int(_PERSONS)
    return (int(_PERSONS) if group == PERSON else 0,)


def keys_of_both(records: Records, plan: Plan, worth: Mapping[str, Worth]) -> list[Key]:
    """`make_keys` without telling persons from organisations."""
    kinds: dict[str, list[str]] = {}
    for spec in plan.fields:
        kinds.setdefault(spec.compare, []).append(spec.name)
    atoms = _Atoms(records, kinds, worth)
    kinds_of_key = (atoms.of_name, atoms.of_places, atoms.of_values)
    made = side_by_side(lambda make: make(), kinds_of_key, records.size)
    return [key for several in made for key in several]


def _by_side(
    values: tuple[Hashes, ...], person: NDArray[np.bool_], either: NDArray[np.bool_]
) -> tuple[Hashes, ...]:
    """Keys of persons made other ones; those of records that may be persons there twice."""
    turned = np.where(person, _PERSONS, NONE)
    own = [v ^ turned for v in values]
    for v, o in zip(values, own, strict=True):
        o[v == NONE] = NONE
    if not either.any():
        return tuple(own)
    also = [np.where((v != NONE) & either, v ^ _PERSONS, NONE) for v in values]
    return (*own, *also)


def refinements(
    records: Records, plan: Plan, worth: Mapping[str, Worth]
) -> list[tuple[str, Hashes]]:
    """The parts by which heavy keys are made finer: (field, hashes)."""
    out: list[tuple[str, Hashes]] = []
    for spec in plan.fields:
        content = records.fields.get(spec.name)
        if isinstance(content, Place):
            parts = [p for p in (content.postcode, content.city) if p is not None]
            out += [(spec.name, part.row_hashes()) for part in parts]
        elif spec.compare in ("date", "phone", "email"):
            assert isinstance(content, Values)
            out.append((spec.name, content.row_hashes()))
        elif spec.compare in ("name", "address"):
            assert isinstance(content, Tokens)
            out += [(spec.name, part) for part in _rarest(content, worth[spec.name].items, 2)[1]]
    return out


class _Atoms:
    """Parts of records as hashes, and the keys made of them."""

    def __init__(
        self, records: Records, kinds: Mapping[str, list[str]], worth: Mapping[str, Worth]
    ) -> None:
        self.records, self.kinds, self.worth = records, kinds, worth
        self.rare: list[Hashes] = []
        self.begins: list[Hashes] = []
        self.whole: Hashes | None = None
        if "name" in records.fields:
            field = records.fields["name"]
            assert isinstance(field, Tokens)
            self.rare, self.begins = _rarest(field, worth["name"].items, 3)
            self.whole = field.whole.row_hashes()
        self.street, self.number = self._street()
        self.places = self._places()

    def _street(self) -> tuple[list[Hashes], Hashes | None]:
        field = self.records.fields.get("address")
        if not isinstance(field, Tokens):
            return [], None
        if not len(field.vocabulary.hashes):
            none = np.zeros(len(field.codes), dtype=np.uint64)
            return [none, none], none
        is_number = numbers(field.vocabulary)[field.codes] >= 0
        first = np.argmax(is_number, axis=1)
        codes = field.codes[np.arange(len(first)), first]
        number = np.where(is_number.any(axis=1), field.vocabulary.hashes[codes], NONE)
        bits = np.where(field.vocabulary.numeric, np.float32(-1), self.worth["address"].items)
        return _rarest(field, bits, 2)[0], number

    def _places(self) -> dict[str, Hashes]:
        """Postcode and town of each record, where the table has them."""
        field = self.records.fields.get("place")
        if not isinstance(field, Place):
            return {}
        parts = {"postcode": field.postcode, "town": field.city}
        return {name: part.row_hashes() for name, part in parts.items() if part is not None}

    def rows(self, name: str) -> Hashes:
        """The hash of a field's value per record."""
        field = self.records.fields[name]
        assert isinstance(field, Values)
        return field.row_hashes()

    def of_name(self) -> list[Key]:
        """Keys of the name alone, and of a name word with a date, town, postcode or number."""
        if self.whole is None:
            return []
        own = frozenset({"name"})
        a, b, c = self.rare
        keys = [
            Key("whole name", own, (self.whole,)),
            Key("two rare words", own, (joint(a, b), joint(a, c), joint(b, c))),
            Key("rarest word", own, (a, b), refined=False),
        ]
        starts = joint(self.begins[0], self.begins[1])
        partners = [(name, name, self.rows(name)) for name in self.kinds.get("date", [])[:2]]
        partners += [(name, "place", values) for name, values in self.places.items()]
        for name, origin, values in partners:
            both = own | {origin}
            keys.append(Key(f"name word, {name}", both, tuple(joint(w, values) for w in self.rare)))
            keys.append(Key(f"beginnings, {name}", both, (joint(starts, values),)))
        if self.number is not None:
            keys.append(
                Key(
                    "name word, number",
                    own | {"address"},
                    tuple(joint(w, self.number) for w in self.rare[:2]),
                )
            )
        return keys

    def of_places(self) -> list[Key]:
        """Keys of the address, with and without the town."""
        if self.number is None:
            return []
        keys = [
            Key(
                "street, number",
                frozenset({"address"}),
                (joint(self.street[0], self.number), joint(self.street[1], self.number)),
                refined=False,
            )
        ]
        both = frozenset({"address", "place"})
        for name, values in self.places.items():
            keys.append(Key(f"{name}, number", both, (joint(values, self.number),), refined=False))
            streets = tuple(joint(s, values) for s in self.street)
            keys.append(Key(f"street, {name}", both, streets, refined=False))
        return keys

    def of_values(self) -> list[Key]:
        """Keys of single values: identifiers, phones, e-mails, dates, rare words elsewhere."""
        keys: list[Key] = []
        for kind in ("identifier", "email", "website"):
            keys += [
                Key(name, frozenset({name}), (self.rows(name),))
                for name in self.kinds.get(kind, [])
            ]
        for name in self.kinds.get("phone", []):
            keys.append(Key(name, frozenset({name}), (self._extra(name, "last"),)))
        for name in self.kinds.get("account", []):
            keys.append(Key(name, frozenset({name}), (self._extra(name, "number"),)))
        for name in self.kinds.get("email", []):
            local = self._extra(name, "local")
            shared = self._extra(name, "shared").astype(bool)
            keys.append(
                Key(f"{name} before @", frozenset({name}), (np.where(shared, NONE, local),))
            )
        for date in self.kinds.get("date", []):
            keys.append(Key(date, frozenset({date}), (self.rows(date),)))
            keys += [
                Key(
                    f"{date}, {name}", frozenset({date, "place"}), (joint(self.rows(date), values),)
                )
                for name, values in self.places.items()
            ]
        for kind in ("list", "words"):
            for name in self.kinds.get(kind, []):
                field = self.records.fields[name]
                assert isinstance(field, Tokens)
                rare = _rarest(field, self.worth[name].items, 2)[0]
                keys.append(
                    Key(
                        name,
                        frozenset({name}),
                        (rare[0], rare[1]) if kind == "list" else (joint(*rare),),
                    )
                )
        return keys

    def _extra(self, name: str, what: str) -> Hashes:
        field = self.records.fields[name]
        assert isinstance(field, Values)
        if not len(field.hashes):
            return np.zeros(len(field.codes), dtype=np.uint64)
        found = field.extra[what][field.codes]
        return np.where(field.codes >= 0, found, np.zeros(1, dtype=found.dtype))


def joint_one(a: int, b: int) -> int:
    """`joint` of one record."""
    return mix_one((a + b) & ALL) if a and b and a != b else 0


def joint(a: Hashes, b: Hashes) -> Hashes:
    """One key of two parts, whatever their order; none where either is missing."""
    if len(a) == 1:
        # A dozen calls of NumPy cost more than a few integers.
        return np.array([joint_one(int(a[0]), int(b[0]))], dtype=np.uint64)
    made = mix(a + b)
    made[(a == NONE) | (b == NONE) | (a == b)] = NONE
    return made


def _rarest(
    field: Tokens, bits: NDArray[np.float32], count: int
) -> tuple[list[Hashes], list[Hashes]]:
    """Hashes of the rarest words of each record, and of the beginnings of those words."""
    vocab = field.vocabulary
    if not len(vocab.hashes):
        none = np.zeros(len(field.codes), dtype=np.uint64)
        return [none] * count, [none] * count
    if len(field.codes) == 1:
        return _rarest_of_one(field, bits, count)
    worth = np.where(field.codes >= 0, bits[field.codes], np.float32(-9))
    words, begins = [], []
    start = np.where(vocab.prefixes[:, 2] == 0, vocab.hashes, vocab.prefixes[:, 2])
    rows = np.arange(len(worth))
    for _ in range(count):
        best = np.argmax(worth, axis=1)
        codes = field.codes[rows, best]
        there = worth[rows, best] > -1
        words.append(np.where(there, vocab.hashes[codes], NONE))
        begins.append(np.where(there, start[codes], NONE))
        worth[rows, best] = -9
    return words, begins


def _rarest_of_one(
    field: Tokens, bits: NDArray[np.float32], count: int
) -> tuple[list[Hashes], list[Hashes]]:
    """`_rarest` of one record."""
    vocab, worth = field.vocabulary, bits.tolist()
    codes = [code for code in field.codes[0].tolist() if code >= 0 and worth[code] > -1]
    codes = sorted(codes, key=lambda code: -worth[code])[:count]
    words, begins = ([np.zeros(1, dtype=np.uint64) for _ in range(count)] for _ in range(2))
    for place, code in enumerate(codes):
        words[place][0] = vocab.hashes[code]
        begins[place][0] = vocab.prefixes[code, 2] or vocab.hashes[code]
    return words, begins


def find(
    keys: list[Key], refine: list[tuple[str, Hashes]], heavy: dict[str, Hashes], *, learn: bool
) -> Candidates:
    """All pairs that share a key.

    Args:
        keys: From `make_keys`.
        refine: Further parts (field name, hashes) by which heavy keys are refined.
        heavy: The heavy hashes of each key by name.
        learn: Whether to find out which keys are heavy, by what they cost; otherwise more become
            so only where they cost `GROWN` times as much.

    Raises:
        LimitExceeded: More records than one index can number.
    """
    size = len(keys[0].values[0]) if keys else 0
    if size > MAX_RECORDS:
        raise LimitExceeded(
            f"{size} records are more than one run can number ({MAX_RECORDS})",
            action="match country by country, or persons and organisations apart",
        )
    heavy = dict(heavy)
    # Each key has heavy hashes of its own.
    found = side_by_side(lambda key: pairs_by(key, refine, heavy, learn=learn), keys, size)
    return _merge(found, keys, heavy)


def _unique(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = np.sort(values)
    if len(values) < 2:
        return values
    return values[np.concatenate(([True], values[1:] != values[:-1]))]


def _merge(
    found: list[NDArray[np.uint64]], keys: list[Key], heavy: dict[str, Hashes]
) -> Candidates:
    """One row a pair, with all the keys that found it."""
    # A pair has 48 bits, the number of its key six: they are sorted as one.
    numbered = [(pairs << _KEY_BITS) | np.uint64(n) for n, pairs in enumerate(found)]
    everything = np.concatenate(numbered) if found else np.zeros(0, dtype=np.uint64)
    everything.sort()
    marks = np.uint64(1) << (everything & _KEY_MASK)
    everything >>= _KEY_BITS
    first = np.ones(len(everything), dtype=bool)
    first[1:] = everything[1:] != everything[:-1]
    starts = np.flatnonzero(first)
    by = np.bitwise_or.reduceat(marks, starts) if len(starts) else marks
    pairs = everything[starts]
    return Candidates(
        left=(pairs >> ROW_BITS).astype(np.int64),
        right=(pairs & ROW_MASK).astype(np.int64),
        found_by=by,
        keys=tuple(k.name for k in keys),
        fields=tuple(k.fields for k in keys),
        heavy=heavy,
    )


def pairs_by(
    key: Key, refine: list[tuple[str, Hashes]], heavy: dict[str, Hashes], *, learn: bool,
    count: bool = False,
) -> NDArray[np.uint64]:  # fmt: skip
    """The pairs of one kind of key, heavy blocks by their refinements; `count` makes none."""
    size = len(key.values[0])
    values = np.concatenate(key.values)
    rows = np.flatnonzero(values != NONE)
    values, rows = values[rows], rows % size
    none = np.zeros(0, dtype=np.uint64)
    out = None if count else [none]
    values, rows = _blocks(values, rows, key.name, heavy, out, size, learn=learn)
    for other, part in refine:
        if other in key.fields or not len(rows) or not key.refined:
            continue
        finer = joint(values, part[rows])
        there = finer != NONE
        _blocks(finer[there], rows[there], f"{key.name} + {other}", heavy, out, size, learn=learn)
    return none if out is None else _unique(np.concatenate(out))


def _blocks(
    values: Hashes, rows: NDArray[np.int64], name: str, heavy: dict[str, Hashes],
    out: list[NDArray[np.uint64]] | None, size: int, *, learn: bool,
) -> tuple[Hashes, NDArray[np.int64]]:  # fmt: skip
    """Add the pairs of all light blocks to `out`; what is in heavy blocks comes back."""
    packed = np.sort((values & ~ROW_MASK) | rows.astype(np.uint64))
    block = packed >> ROW_BITS
    edge = (
        np.flatnonzero(np.concatenate(([True], block[1:] != block[:-1])))
        if len(block)
        else np.zeros(0, int)
    )
    length = np.diff(np.append(edge, len(packed)))
    known = block[edge[length > _cap(length, size, 1 if learn else GROWN)]]
    if learn or len(known):
        heavy[name] = _unique(np.concatenate([heavy.get(name, known[:0]), known]))
    in_heavy = _among(block[edge], heavy.get(name))
    light = (length > 1) & ~in_heavy
    if out is not None:
        _enumerate(packed, edge[light], length[light], out)
    packed = packed[np.repeat(in_heavy, length)]
    return packed & ~ROW_MASK, (packed & ROW_MASK).astype(np.int64)


def _among(blocks: Hashes, heavy: Hashes | None) -> NDArray[np.bool_]:
    """Which of some different sorted numbers are among others."""
    found = np.zeros(len(blocks), dtype=np.bool_)
    if heavy is not None and len(heavy) and len(blocks):
        at = np.minimum(np.searchsorted(blocks, heavy), len(blocks) - 1)
        found[at[blocks[at] == heavy]] = True
    return found


def _cap(length: NDArray[np.int64], size: int, times: int) -> int:
    """The largest block size at which the key's pairs stay within some times its budget."""
    budget = times * max(BUDGET, size // 4)
    count = np.bincount(length) if len(length) else np.zeros(1, dtype=np.int64)
    k = np.arange(len(count), dtype=np.int64)
    cost = np.cumsum(count * k * (k - 1) // 2)
    fits = int(np.searchsorted(cost, budget, side="right")) - 1
    return min(times * MAX_BLOCK, max(3, fits))


def _enumerate(
    packed: NDArray[np.uint64], start: NDArray[np.int64], length: NDArray[np.int64],
    out: list[NDArray[np.uint64]],
) -> None:  # fmt: skip
    """All pairs within blocks, as left << 24 | right."""
    steps = 1
    member = np.concatenate(
        [np.arange(0)] if not len(start) else [np.repeat(start, length) + _ramp(length)]
    )
    left_over = np.repeat(length, length) - _ramp(length)
    row = packed & ROW_MASK
    while len(member):
        more = left_over > steps
        member, left_over = member[more], left_over[more]
        a, b = row[member], row[member + steps]
        pairs = (np.minimum(a, b) << ROW_BITS) | np.maximum(a, b)
        out.append(pairs[a != b])
        steps += 1


def _ramp(length: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, … within each run of the given lengths."""
    total = int(length.sum())
    starts = np.repeat(np.cumsum(length) - length, length)
    return np.arange(total) - starts
