"""Rows of several lots of prepared records as one lot: for one record against those that it meets.

A lot is arrays as `idp_cdi.matching.shelf.flat` lays them out, mapped from a file or in memory, and
some of its rows. Values are told apart by their hashes, as keys and frequencies do, so that no
string is read but those that are compared by their spelling, and nothing else of a value either
before somebody asks for it.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from idp_cdi.matching.records import Records
from idp_cdi.matching.shelf import PARTS, TEXT, WORD, Arrays
from idp_cdi.matching.strings import FEW
from idp_cdi.matching.tokens import Place, Tokens, Values, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from idp_cdi.matching.records import Field

_NOTHING = np.uint64(0)
_NO_STRINGS = np.zeros(0, dtype=object)


class Lot(NamedTuple):
    """Some rows of prepared records; the arrays may lack fields that none of them has."""

    arrays: Arrays
    rows: NDArray[np.int64]


def gathered(lots: Sequence[Lot], names: Iterable[str]) -> Records:
    """The rows of all lots, with the values that they have only; equal values get one code.

    Fields that the last lot lacks are left out: nothing of them can be compared with it.

    Args:
        lots: Rows of records of one plan, at least one lot.
        names: The fields.
    """
    fields: dict[str, Field] = {}
    sure: dict[str, NDArray[np.float32]] = {}
    for name in names:
        field = _field(lots, name)
        if field is None:
            continue
        fields[name] = field
        told = f"{name}|sure"
        if any(told in lot.arrays for lot in lots):
            sure[name] = np.concatenate([_sure(lot, told) for lot in lots])
    group = np.concatenate([lot.arrays["group"][lot.rows] for lot in lots])
    return Records(len(group), group, fields, sure)


def _sure(lot: Lot, name: str) -> NDArray[np.float32]:
    known = lot.arrays.get(name)
    found: NDArray[np.float32] = (
        np.ones(len(lot.rows), dtype=np.float32) if known is None else known[lot.rows]
    )
    return found


def _field(lots: Sequence[Lot], name: str) -> Field | None:
    """One field; None where the last lot lacks it."""
    last = lots[-1].arrays
    if f"{name}|words" in last:
        return _tokens(lots, name)
    if f"{name}|codes" in last:
        return _values(lots, name)
    parts = [
        _values(lots, f"{name}|{part}") if f"{name}|{part}|codes" in last else None
        for part in PARTS
    ]
    return Place(*parts) if any(part is not None for part in parts) else None


def _values(lots: Sequence[Lot], name: str, *, always: bool = False) -> Values | None:
    """One value a row; None where the last lot's rows have none, if not `always`."""
    codes = [_codes(lot, f"{name}|codes", ()) for lot in lots]
    if not always and not (codes[-1] >= 0).any():
        return None
    if always and not any((some >= 0).any() for some in codes):
        arrays = lots[-1].arrays
        return Values(np.concatenate(codes), _NO_STRINGS, arrays[f"{name}|hashes"][:0])
    found = _Distinct(lots, codes, f"{name}|hashes")
    return Values(found.codes, _Strings(found, name), found.hashes, _Extra(found, name))


def _tokens(lots: Sequence[Lot], name: str) -> Tokens | None:
    """Words of each row; None where the last lot's rows have none."""
    last = lots[-1]
    if not (last.arrays[f"{name}|words"][last.rows] >= 0).any():
        return None
    width = max(m.shape[1] for lot in lots if (m := lot.arrays.get(f"{name}|words")) is not None)
    shape = (-1, width)
    codes = [_codes(lot, f"{name}|words", (width,)) for lot in lots]
    found = _Distinct(lots, codes, f"{name}|v hashes")
    columns = {column: found.column(f"{name}|v {column}") for column in WORD[1:]}
    whole = _values(lots, f"{name}|whole", always=True)
    assert whole is not None
    light = None
    if any(f"{name}|light" in lot.arrays for lot in lots):
        light = np.concatenate([_light(lot, f"{name}|light", width) for lot in lots])
    # The name of one is compared with what the other is known by.
    many = 0
    while f"{name}|known {many}|codes" in last.arrays:
        many += 1
    known = (_values(lots, f"{name}|known {i}", always=True) for i in range(many))
    return Tokens(
        found.codes.reshape(shape),
        Vocabulary(_Strings(found, f"{name}|v"), found.hashes, **columns),
        whole,
        light,
        tuple(one for one in known if one is not None),
    )


def _codes(lot: Lot, name: str, shape: tuple[int, ...]) -> NDArray[np.int32]:
    """The codes of a lot's rows, so many a row, -1 where it has none."""
    known = lot.arrays.get(name)
    if known is not None and known.shape[1:] == shape:
        taken: NDArray[np.int32] = known[lot.rows]
        return taken
    out = np.full((len(lot.rows), *shape), -1, dtype=np.int32)
    if known is not None:
        out[:, : known.shape[1]] = known[lot.rows]
    return out


def _light(lot: Lot, name: str, width: int) -> NDArray[np.bool_]:
    known = lot.arrays.get(name)
    out = np.zeros((len(lot.rows), width), dtype=np.bool_)
    if known is not None:
        out[:, : known.shape[1]] = known[lot.rows]
    return out


class _Distinct:
    """The distinct values behind the codes of several lots, in the order in which they come.

    `codes` are the codes of all lots, one after the other, into them.
    """

    def __init__(self, lots: Sequence[Lot], codes: Sequence[NDArray[np.int32]], name: str) -> None:
        cells = [c.ravel() for c in codes]
        flat = np.concatenate(cells)
        told = [_hashes(lot.arrays.get(name), c) for lot, c in zip(lots, cells, strict=True)]
        said = np.concatenate(told)
        known = {0: -1}
        first: list[int] = []
        for place, value in enumerate(hashes := said.tolist()):
            if value not in known:
                known[value] = len(first)
                first.append(place)
        self.codes = np.array([known[value] for value in hashes], dtype=np.int32)
        self.hashes: NDArray[np.uint64] = said[first]
        #: Of each lot, the codes there of the values that are first seen in it.
        self.parts: list[tuple[Arrays, NDArray[np.int32]]] = []
        begin = end = 0
        for lot, some in zip(lots, told, strict=True):
            end += len(some)
            stop = bisect_left(first, end)
            if stop > begin:
                self.parts.append((lot.arrays, flat[first[begin:stop]]))
            begin = stop
        self._empty = lots[-1].arrays

    def column(self, name: str) -> NDArray[Any]:
        """What is known of each value."""
        found = [arrays[name][codes] for arrays, codes in self.parts]
        if not found:
            return self._empty[name][:0]
        return found[0] if len(found) == 1 else np.concatenate(found)


def _hashes(known: NDArray[np.uint64] | None, codes: NDArray[np.int32]) -> NDArray[np.uint64]:
    """The hash behind each code, 0 for -1."""
    if known is None or not len(known):
        return np.zeros(len(codes), dtype=np.uint64)
    found = known[codes]
    found[codes < 0] = _NOTHING
    return found


class _Extra(dict[str, "NDArray[Any]"]):
    """What else is known of values, read when it is asked for."""

    def __init__(self, found: _Distinct, name: str) -> None:
        super().__init__()
        self._found, self._name = found, name

    def __missing__(self, key: str) -> NDArray[Any]:
        made = self[key] = self._found.column(f"{self._name}|x {key}")
        return made


class _Strings:
    """The strings of values, read when one is asked for."""

    def __init__(self, found: _Distinct, name: str) -> None:
        self._found, self._name = found, name

    def __len__(self) -> int:
        return len(self._found.hashes)

    def __iter__(self) -> Iterator[str]:
        return iter(self.tolist())

    def __getitem__(self, which: Any) -> Any:
        return self._all[which]

    def tolist(self) -> list[str]:
        """All of them."""
        strings: list[str] = self._all.tolist()
        return strings

    @cached_property
    def _all(self) -> NDArray[np.object_]:
        parts = [_read(arrays, self._name, codes) for arrays, codes in self._found.parts]
        return np.concatenate(parts) if parts else _NO_STRINGS


def _read(arrays: Arrays, name: str, codes: NDArray[np.int32]) -> NDArray[np.object_]:
    """The strings of some codes."""
    text = arrays.get(f"{name}{TEXT}")
    if text is not None:
        return text[codes]
    ends, data = arrays[f"{name}|ends"], arrays[f"{name}|bytes"]
    if len(codes) > FEW:
        import pyarrow as pa

        buffers = [None, pa.py_buffer(ends), pa.py_buffer(data)]
        whole = pa.Array.from_buffers(pa.large_string(), len(ends) - 1, buffers)
        found: NDArray[np.object_] = whole.take(pa.array(codes)).to_numpy(zero_copy_only=False)
        return found
    places = zip(ends[codes].tolist(), ends[codes + 1].tolist(), strict=True)
    return np.array([*(str(data.data[a:b], "utf-8") for a, b in places), None], dtype=object)[:-1]
