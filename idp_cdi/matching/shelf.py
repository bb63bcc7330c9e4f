"""Prepared records in one file that is mapped into memory: opened at no cost, read row by row.

The file is a line of JSON (name, type, shape and place of each array) and the arrays behind it.
Strings are their UTF-8 bytes, one after the other, and where each begins.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.matching.raw import Texts, parts_of
from idp_cdi.matching.strings import FEW
from idp_cdi.matching.tokens import Place, Tokens, Values

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from idp_cdi.matching.records import Records
    from idp_cdi.matching.tokens import Strings

Arrays = dict[str, "NDArray[Any]"]
_ALIGN = 64
WORD = ("hashes", "skeletons", "letters", "lengths", "prefixes", "nicks", "numeric")
PARTS = ("postcode", "city", "region", "country")
#: How the name of an array of Python strings ends, where there are no bytes.
TEXT = "|text"


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


def flat(records: Records, *, few: bool = False) -> Arrays:
    """Prepared records as named arrays.

    Args:
        records: What to lay out.
        few: They stay in memory: strings stay Python's, and fields that nobody has are left out.
    """
    out: Arrays = {"group": records.group}
    out |= {f"{name}|sure": array for name, array in records.confidence.items()}
    for name, field in records.fields.items():
        if few and field.empty:
            continue
        if isinstance(field, Tokens):
            _lay_tokens(out, name, field, few=few)
        elif isinstance(field, Place):
            for part in PARTS:
                values = getattr(field, part)
                if values is not None:
                    _lay_values(out, f"{name}|{part}", values, few=few)
        else:
            _lay_values(out, name, field, few=few)
    return out


def _lay_values(out: Arrays, name: str, values: Values, *, few: bool) -> None:
    out[f"{name}|codes"], out[f"{name}|hashes"] = values.codes, values.hashes
    for key, array in values.extra.items():
        out[f"{name}|x {key}"] = array
    _lay_strings(out, name, values.strings, few=few)


def _lay_tokens(out: Arrays, name: str, tokens: Tokens, *, few: bool) -> None:
    out[f"{name}|words"] = tokens.codes
    if tokens.light is not None:
        out[f"{name}|light"] = tokens.light
    for column in WORD:
        out[f"{name}|v {column}"] = getattr(tokens.vocabulary, column)
    _lay_strings(out, f"{name}|v", tokens.vocabulary.strings, few=few)
    for i, known in enumerate(tokens.known):
        _lay_values(out, f"{name}|known {i}", known, few=few)
    _lay_values(out, f"{name}|whole", tokens.whole, few=few)


def _lay_strings(out: Arrays, name: str, strings: Strings, *, few: bool) -> None:
    if few and isinstance(strings, np.ndarray):
        out[f"{name}{TEXT}"] = strings
        return
    if len(strings) > FEW or isinstance(strings, Texts):
        import pyarrow as pa

        made = strings.arrow if isinstance(strings, Texts) else pa.array(strings, pa.large_string())
        data, ends = parts_of(made)
    else:
        encoded = [str(s).encode() for s in strings]
        ends = np.zeros(len(encoded) + 1, dtype=np.int64)
        np.cumsum([len(e) for e in encoded], out=ends[1:])
        data = np.frombuffer(b"".join(encoded), np.uint8)
    out[f"{name}|ends"], out[f"{name}|bytes"] = ends, data
