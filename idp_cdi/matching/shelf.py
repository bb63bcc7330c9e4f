"""Prepared records in one file that is mapped into memory: opened at no cost, read row by row.

The file is a line of JSON (name, type, shape and place of each array) and the arrays behind it.
Strings are their UTF-8 bytes, one after the other, and where each begins.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.matching.raw import Texts, parts_of
from idp_cdi.matching.records import Records
from idp_cdi.matching.strings import FEW
from idp_cdi.matching.tokens import Place, Tokens, Values, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from idp_cdi.matching.records import Field

Arrays = dict[str, "NDArray[Any]"]
_ALIGN = 64
_WORD = ("hashes", "skeletons", "letters", "lengths", "prefixes", "nicks", "numeric")
_PARTS = ("postcode", "city", "region", "country")


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays into one file, which replaces an older one at once."""
    head: dict[str, list[Any]] = {}
    place = 0
    for name, array in arrays.items():
        head[name] = [array.dtype.str, list(array.shape), place]
        place += -(-array.nbytes // _ALIGN) * _ALIGN
    text = json.dumps(head).encode()
    text += b" " * (-(len(text) + 1) % _ALIGN) + b"\n"
    new = path.with_suffix(".new")
    with new.open("wb") as out:
        out.write(text)
        for array in arrays.values():
            out.write(np.ascontiguousarray(array).data)
            out.write(b"\0" * (-array.nbytes % _ALIGN))
    new.replace(path)


def read_arrays(path: Path) -> Arrays:
    """Map the arrays of a file into memory."""
    with path.open("rb") as file:
        line = file.readline()
    head: dict[str, list[Any]] = json.loads(line)
    if path.stat().st_size == len(line):
        return {n: np.zeros(shape, dtype=kind) for n, (kind, shape, _) in head.items()}
    data = np.memmap(path, dtype=np.uint8, mode="r", offset=0)
    out: Arrays = {}
    for name, (kind, shape, place) in head.items():
        size = np.dtype(kind).itemsize * int(np.prod(shape, dtype=np.int64))
        start = len(line) + place
        # A plain view: indexing a memmap object costs much more.
        out[name] = np.asarray(data[start : start + size]).view(kind).reshape(shape)
    return out


def flat(records: Records) -> Arrays:
    """Prepared records as named arrays."""
    out: Arrays = {"group": records.group}
    out |= {f"{name}|sure": array for name, array in records.confidence.items()}
    for name, field in records.fields.items():
        if isinstance(field, Tokens):
            out |= _flat_tokens(name, field)
        elif isinstance(field, Place):
            for part in _PARTS:
                values = getattr(field, part)
                out |= {} if values is None else _flat_values(f"{name}|{part}", values)
        else:
            out |= _flat_values(name, field)
    return out


def _flat_values(name: str, values: Values) -> Arrays:
    out: Arrays = {f"{name}|codes": values.codes, f"{name}|hashes": values.hashes}
    out |= {f"{name}|x {key}": array for key, array in values.extra.items()}
    return out | _flat_strings(name, values.strings)


def _flat_tokens(name: str, tokens: Tokens) -> Arrays:
    out: Arrays = {f"{name}|words": tokens.codes}
    if tokens.light is not None:
        out[f"{name}|light"] = tokens.light
    out |= {f"{name}|v {column}": getattr(tokens.vocabulary, column) for column in _WORD}
    out |= _flat_strings(f"{name}|v", tokens.vocabulary.strings)
    for i, known in enumerate(tokens.known):
        out |= _flat_values(f"{name}|known {i}", known)
    return out | _flat_values(f"{name}|whole", tokens.whole)


def _flat_strings(name: str, strings: Texts | NDArray[np.object_]) -> Arrays:
    if len(strings) > FEW or isinstance(strings, Texts):
        import pyarrow as pa

        made = strings.arrow if isinstance(strings, Texts) else pa.array(strings, pa.large_string())
        data, ends = parts_of(made)
        return {f"{name}|ends": ends, f"{name}|bytes": data}
    encoded = [str(s).encode() for s in strings]
    ends = np.zeros(len(encoded) + 1, dtype=np.int64)
    np.cumsum([len(e) for e in encoded], out=ends[1:])
    return {f"{name}|ends": ends, f"{name}|bytes": np.frombuffer(b"".join(encoded), np.uint8)}


class Shelf:
    """Prepared records by row, from `flat` arrays."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        self._texts: dict[str, Any] = {}
        self.size = len(arrays["group"])

    def take(self, rows: NDArray[np.int64], like: Records) -> Records:
        """Some rows, with vocabularies of their own words only.

        Fields that no record of `like` has are left missing: nothing of them can be compared.

        Args:
            rows: Row numbers.
            like: The prepared records that they are compared with, of the same plan.
        """
        fields: dict[str, Field] = {}
        for name, field in like.fields.items():
            if isinstance(field, Tokens):
                fields[name] = self._tokens(name, rows, field)
            elif isinstance(field, Place):
                parts = (getattr(field, part) for part in _PARTS)
                fields[name] = Place(
                    *(
                        None if v is None else self._values(f"{name}|{part}", rows, v)
                        for part, v in zip(_PARTS, parts, strict=True)
                    )
                )
            else:
                fields[name] = self._values(name, rows, field)
        sure = {
            name: np.asarray(self._arrays[f"{name}|sure"][rows])
            for name in like.fields
            if f"{name}|sure" in self._arrays
        }
        return Records(len(rows), self._arrays["group"][rows], fields, sure)

    def _strings(self, name: str, codes: NDArray[np.int64]) -> NDArray[np.object_]:
        if len(codes) > FEW:
            found: NDArray[np.object_] = self._text(name).take(codes).to_numpy(zero_copy_only=False)
            return found
        ends, data = self._arrays[f"{name}|ends"], self._arrays[f"{name}|bytes"]
        starts, stops = ends[codes].tolist(), ends[codes + 1].tolist()
        return _objects([bytes(data[a:b]).decode() for a, b in zip(starts, stops, strict=True)])

    def _text(self, name: str) -> Any:
        """All strings of a column as Arrow sees them, where they lie."""
        import pyarrow as pa

        if name not in self._texts:
            ends, data = self._arrays[f"{name}|ends"], self._arrays[f"{name}|bytes"]
            buffers = [None, pa.py_buffer(ends), pa.py_buffer(data)]
            self._texts[name] = pa.Array.from_buffers(pa.large_string(), len(ends) - 1, buffers)
        return self._texts[name]

    def _values(
        self, name: str, rows: NDArray[np.int64], like: Values, *, always: bool = False
    ) -> Values:
        if (like.codes < 0).all() and not always:
            return missing_values(len(rows), like)
        codes, used = _dense(self._arrays[f"{name}|codes"][rows])
        extra = {key: self._arrays[f"{name}|x {key}"][used] for key in like.extra}
        strings = self._strings(name, used)
        return Values(codes, strings, self._arrays[f"{name}|hashes"][used], extra)

    def _tokens(self, name: str, rows: NDArray[np.int64], like: Tokens) -> Tokens:
        if (like.codes < 0).all():
            return missing_tokens(len(rows), like)
        codes, used = _dense(self._arrays[f"{name}|words"][rows])
        columns = {column: self._arrays[f"{name}|v {column}"][used] for column in _WORD}
        vocabulary = Vocabulary(strings=self._strings(f"{name}|v", used), **columns)
        light = self._arrays.get(f"{name}|light")
        return Tokens(
            codes,
            vocabulary,
            self._values(f"{name}|whole", rows, like.whole),
            None if light is None else light[rows],
            # The name of one is compared with what the other is known by.
            tuple(
                self._values(f"{name}|known {i}", rows, known, always=True)
                for i, known in enumerate(like.known)
            ),
        )


def _dense(codes: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Codes into the few values that are used, and which those are."""
    there = codes >= 0
    # NumPy's own way to distinct numbers takes longer where there are few.
    some = codes[there]
    used = (
        np.array(sorted(set(some.tolist())), dtype=np.int64)
        if len(some) < 500
        else np.unique(some.astype(np.int64))
    )
    dense = np.full(codes.shape, -1, dtype=np.int32)
    dense[there] = np.searchsorted(used, codes[there])
    return dense, used


def _objects(strings: Sequence[str]) -> NDArray[np.object_]:
    return np.array([*strings, None], dtype=object)[:-1]


def missing_values(size: int, like: Values) -> Values:
    """Values that no record has."""
    extra = {key: array[:0] for key, array in like.extra.items()}
    codes = np.full(size, -1, dtype=np.int32)
    return Values(codes, like.strings[:0], like.hashes[:0], extra)


def missing_tokens(size: int, like: Tokens) -> Tokens:
    """Words that no record has."""
    words = {c: getattr(like.vocabulary, c)[:0] for c in ("strings", *_WORD)}
    codes = np.full((size, 1), -1, dtype=np.int32)
    known = tuple(missing_values(size, one) for one in like.known)
    return Tokens(codes, Vocabulary(**words), missing_values(size, like.whole), None, known)


def stacked(parts: Sequence[Records]) -> Records:
    """Several lots of prepared records as one; equal words get one code.

    Fields that the last lot lacks in all its records are left missing.
    """
    last = parts[-1]
    fields: dict[str, Field] = {}
    for name, field in last.fields.items():
        several = [part.fields[name] for part in parts]
        if isinstance(field, Place):
            fields[name] = Place(*(_stacked_part(several, part) for part in _PARTS))
        elif isinstance(field, Tokens):
            fields[name] = _stacked_tokens([f for f in several if isinstance(f, Tokens)])
        else:
            fields[name] = _stacked_values([f for f in several if isinstance(f, Values)])
    sure = {}
    for name in last.fields:
        if any(name in part.confidence for part in parts):
            ones = (np.ones(part.size, dtype=np.float32) for part in parts)
            known = zip(parts, ones, strict=True)
            sure[name] = np.concatenate([part.confidence.get(name, one) for part, one in known])
    group = np.concatenate([part.group for part in parts])
    return Records(sum(part.size for part in parts), group, fields, sure)


def _stacked_part(several: Sequence[Field], part: str) -> Values | None:
    values = [getattr(place, part) for place in several]
    return None if values[-1] is None else _stacked_values(values)


def _recoded(
    strings: Sequence[Texts | NDArray[np.object_]],
) -> Iterator[tuple[NDArray[np.int32], Any]]:
    """For each lot its codes in the common vocabulary, and which of its strings are new in it."""
    known: dict[str, int] = {}
    for lot in strings:
        before = len(known)
        codes = [known.setdefault(s, len(known)) for s in lot.tolist()]
        fresh = [i for i, code in enumerate(codes) if code >= before]
        # A last -1, so that the code -1 stays what it is.
        yield np.array([*codes, -1], dtype=np.int32), np.array(fresh, dtype=np.int64)


def _stacked_values(several: Sequence[Values], *, always: bool = False) -> Values:
    last = several[-1]
    if (last.codes < 0).all() and not always:
        return missing_values(sum(len(v.codes) for v in several), last)
    made = list(_recoded([v.strings for v in several]))
    lots = list(zip(several, made, strict=True))
    return Values(
        np.concatenate([new[v.codes] for v, (new, _) in lots]),
        np.concatenate([v.strings[fresh] for v, (_, fresh) in lots]),
        np.concatenate([v.hashes[fresh] for v, (_, fresh) in lots]),
        {k: np.concatenate([v.extra[k][fresh] for v, (_, fresh) in lots]) for k in last.extra},
    )


def _stacked_tokens(several: Sequence[Tokens]) -> Tokens:
    last = several[-1]
    if (last.codes < 0).all():
        return missing_tokens(sum(len(t.codes) for t in several), last)
    made = list(_recoded([t.vocabulary.strings for t in several]))
    lots = list(zip(several, made, strict=True))
    columns = {
        c: np.concatenate([getattr(t.vocabulary, c)[fresh] for t, (_, fresh) in lots])
        for c in ("strings", *_WORD)
    }
    width = max(t.codes.shape[1] for t in several)
    light = None
    if any(t.light is not None for t in several):
        dark = [np.zeros(t.codes.shape, dtype=np.bool_) if t.light is None else t.light
                for t in several]  # fmt: skip
        light = np.concatenate([_wide(one, width, fill=False) for one in dark])
    return Tokens(
        np.concatenate([_wide(new[t.codes], width, fill=-1) for t, (new, _) in lots]),
        Vocabulary(**columns),
        _stacked_values([t.whole for t in several]),
        light,
        tuple(
            _stacked_values(list(lots), always=True)
            for lots in zip(*(t.known for t in several), strict=True)
        ),
    )


def _wide(matrix: NDArray[Any], width: int, *, fill: int) -> NDArray[Any]:
    out = np.full((len(matrix), width), fill, dtype=matrix.dtype)
    out[:, : matrix.shape[1]] = matrix
    return out
