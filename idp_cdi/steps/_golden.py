"""Golden records of very many customers at once: columns in, stored rows out.

It gives what `idp_cdi.steps.golden.golden_row` gives, byte for byte. Customers with a record of a
document or a person, or under a rule without a form for arrays, are left to that function.
"""

from __future__ import annotations

import json
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.fields import FieldSpec, fields
from idp_cdi.observations import PartyKind
from idp_cdi.store.pieces import escaped, hashed
from idp_cdi.store.whole import Rows
from idp_cdi.survivorship import REFERENCE
from idp_cdi.survivorship.columns import ARRAYS, Seen, survivors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from idp_cdi.store.current import Current

#: One batch is derived while the one before is written; small ones keep both busy.
_BATCH = 20_000


class Deriver:
    """Derives the golden records of a store.

    Args:
        current: All current records.
        owner: The customer number of each mention, -1 where it has none.
    """

    def __init__(self, current: Current, owner: NDArray[np.int64]) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        self._current, self._owner = current, owner
        known = list(fields().party)
        specs = [_spec(name) for name in current.pieces.names]
        order = sorted(range(len(specs)), key=lambda i: (_place(specs[i], known), specs[i].name))
        place = np.empty(len(specs), dtype=np.int32)
        place[order] = np.arange(len(specs), dtype=np.int32)
        self._specs = [specs[i] for i in order]
        self._field = place[current.pieces.field] if len(specs) else current.pieces.field
        self._foreign = np.array([s.survive not in ARRAYS for s in self._specs], dtype=bool)
        self._value = pc.dictionary_encode(current.pieces.value)
        heads = pa.array([f'[{encode_basestring(s.name)},"' for s in self._specs], pa.string())
        self._tails = pa.array([f',"{s.survive}"]' for s in self._specs], pa.string())
        sure = current.pieces.how_sure
        rounded = [repr(round(json.loads(n), 4)) for n in sure.dictionary.to_pylist()]
        self._heads = pc.binary_join_element_wise(
            heads.take(pa.array(self._field)), current.pieces.text, '",',
            pa.array(rounded, pa.string()).take(sure.indices), ",", "",
        )  # fmt: skip

    def rows(self, seqs: NDArray[np.int64]) -> Iterator[tuple[Rows, list[int]]]:
        """The golden records of the customers `seqs` (sorted), in batches in that order.

        Beside each batch are the customers in it that are left to `golden_row`.
        """
        living = np.flatnonzero((self._owner >= 0) & ~self._current.deleted)
        living = living[np.argsort(self._owner[living], kind="stable")]
        owners = self._owner[living]
        for start in range(0, len(seqs), _BATCH):
            part = seqs[start : start + _BATCH]
            low, high = np.searchsorted(owners, (part[0], part[-1] + 1))
            members = living[low:high]
            yield self._batch(members[np.isin(self._owner[members], part)])

    def _batch(self, members: NDArray[np.int64]) -> tuple[Rows, list[int]]:
        owner = self._owner[members]
        new = np.ones(len(members), dtype=bool)
        new[1:] = owner[1:] != owner[:-1]
        customer = np.cumsum(new) - 1
        seqs = owner[new]
        member, obs = self._values(members)
        field = self._field[self._current.codes[obs]]
        odd = np.zeros(len(seqs), dtype=bool)
        odd[customer[self._current.odd[members]]] = True
        odd[customer[member[self._foreign[field]]]] = True
        keep = ~odd[customer[member]]
        member, obs = member[keep], obs[keep]
        chosen = self._chosen(members, customer, member, obs)
        member, obs = member[chosen], obs[chosen]
        payloads = self._payloads(members[member], obs, customer[member], len(seqs))
        counts = np.bincount(customer, minlength=len(seqs))
        kinds, roles = self._kinds(members, customer, len(seqs))
        return _finished(seqs, kinds, roles, counts, payloads, odd)

    def _values(self, members: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Every value of some rows: which of the rows it belongs to, and its place."""
        starts = self._current.starts
        counts = starts[members + 1] - starts[members]
        member = np.repeat(np.arange(len(members)), counts)
        offset = np.arange(len(member)) - np.repeat(np.cumsum(counts) - counts, counts)
        return member, starts[members][member] + offset

    def _chosen(
        self,
        members: NDArray[np.int64],
        customer: NDArray[np.int64],
        member: NDArray[np.int64],
        obs: NDArray[np.int64],
    ) -> NDArray[np.int64]:
        """The values that survive, by customer and field: most have one of a field, and it does."""
        codes = self._current.codes[obs]
        field, owner = self._field[codes], customer[member]
        order = np.lexsort((field, owner))
        again = np.zeros(len(order), dtype=bool)
        again[1:] = (owner[order][1:] == owner[order][:-1]) & (
            field[order][1:] == field[order][:-1]
        )
        several = np.zeros(int(customer.max(initial=-1)) + 1, dtype=bool)
        several[owner[order[again]]] = True
        several[np.flatnonzero(np.bincount(customer) > 1)] = True
        value = self._value.indices.to_numpy(zero_copy_only=False)[codes]
        several[owner[self._empty(value)]] = True
        plain = order[~several[owner[order]]]
        hard = order[several[owner[order]]]
        rank, rows = self._ranked(members[member[hard]])
        seen = Seen(
            owner[hard], rank, self._current.days[rows], field[hard], value[hard],
            self._value.dictionary, self._current.pieces.sure[codes[hard]], self._specs,
        )  # fmt: skip
        both = np.concatenate((plain, hard[survivors(seen)]))
        found: NDArray[np.int64] = both[np.argsort(owner[both], kind="stable")]
        return found

    def _empty(self, value: NDArray[np.int32]) -> NDArray[np.bool_]:
        import pyarrow.compute as pc

        empty = pc.equal(self._value.dictionary, "").to_numpy(zero_copy_only=False)
        found: NDArray[np.bool_] = empty[value]
        return found

    def _ranked(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The number of each row in the order of references, and the rows in that order."""
        import pyarrow as pa
        import pyarrow.compute as pc

        known = np.zeros(len(self._current.mentions), dtype=bool)
        known[rows] = True
        distinct = np.flatnonzero(known)
        top = max(self._current.sources, default=0) + 1
        names = pa.array([self._current.sources.get(i, "") for i in range(top)], pa.string())
        references = pc.binary_join_element_wise(
            names.take(pa.array(self._current.source[distinct])),
            self._current.keys.take(pa.array(distinct)),
            REFERENCE,
        )
        order = distinct[pc.sort_indices(references).to_numpy()]
        rank = np.zeros(len(known), dtype=np.int64)
        rank[order] = np.arange(len(order))
        return rank[rows], order

    def _payloads(
        self, rows: NDArray[np.int64], obs: NDArray[np.int64], owner: NDArray[np.int64], size: int
    ) -> Any:
        import pyarrow as pa
        import pyarrow.compute as pc

        codes = self._current.codes[obs]
        pieces = pc.binary_join_element_wise(
            self._heads.take(pa.array(codes)),
            pa.array(self._current.records[rows]).cast(pa.string()),
            self._tails.take(pa.array(self._field[codes])),
            "",
        )
        offsets = np.zeros(size + 1, dtype=np.int32)
        np.cumsum(np.bincount(owner, minlength=size), out=offsets[1:])
        lists = pa.ListArray.from_arrays(pa.array(offsets), pieces)
        return pc.binary_join_element_wise('{"values":[', pc.binary_join(lists, ","), "]}", "")

    def _kinds(
        self, members: NDArray[np.int64], customer: NDArray[np.int64], size: int
    ) -> tuple[list[str], list[str]]:
        """Kind and roles of each customer."""
        kind = np.zeros(size, dtype=np.int64)
        np.bitwise_or.at(kind, customer, 1 << self._current.kind[members].astype(np.int64))
        role = np.zeros(size, dtype=np.int64)
        np.bitwise_or.at(role, customer, 1 << self._current.role[members].astype(np.int64))
        kinds = {n: _kind(_names(n, self._current.kinds)) for n in set(kind.tolist())}
        roles = {n: ",".join(_names(n, self._current.roles)) for n in set(role.tolist())}
        return [kinds[n] for n in kind.tolist()], [roles[n] for n in role.tolist()]


def _spec(name: str) -> FieldSpec:
    return fields().party.get(name) or FieldSpec(name=name, term="", kind="text")


def _place(spec: FieldSpec, known: list[str]) -> int:
    return known.index(spec.name) if spec.name in known else len(known)


def _names(bits: int, names: tuple[str, ...]) -> list[str]:
    return sorted(name for i, name in enumerate(names) if bits >> i & 1)


def _kind(names: list[str]) -> str:
    for kind in (PartyKind.ORGANISATION, PartyKind.PERSON):
        if kind.value in names:
            return kind.value
    return PartyKind.UNKNOWN.value


def _finished(
    seqs: NDArray[np.int64],
    kinds: list[str],
    roles: list[str],
    counts: NDArray[np.int64],
    payloads: Any,
    odd: NDArray[np.bool_],
) -> tuple[Rows, list[int]]:
    import pyarrow as pa
    import pyarrow.compute as pc

    good = ~odd
    kept = pa.array(good)
    payloads = payloads.filter(kept)
    kinds = [k for k, ok in zip(kinds, good.tolist(), strict=True) if ok]
    roles = [r for r, ok in zip(roles, good.tolist(), strict=True) if ok]
    heads = [
        f'["{kind}","{role}",{n},"'
        for kind, role, n in zip(kinds, roles, counts[good].tolist(), strict=True)
    ]
    text = pc.binary_join_element_wise(pa.array(heads, pa.string()), escaped(payloads), '"]', "")
    numbers, size = seqs[good].tolist(), counts[good].tolist()
    rows = Rows(numbers, kinds, roles, size, hashed(text), payloads.to_pylist())
    return rows, seqs[odd].tolist()
