"""Stored records taken apart column-wise: every distinct value of a store once, and codes to it.

A feed row's payload is text of one shape (see `idp_cdi.store.payload`), so Arrow cuts it apart
without a Python object a value. Inside a JSON string a quotation mark never stands without its
backslash, so the marks between the values can't be part of one. Payloads of documents and persons
have other shapes and are few; those are parsed one by one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import blake2b
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_HEAD, _BETWEEN, _TAIL = '],"o":[["', '],["', "]]}"
_ONE = (
    r'^(?P<field>(?:[^"\\]|\\.)*)","(?P<text>(?:[^"\\]|\\.)*)",'
    r'(?:null|"(?:[^"\\]|\\.)*"),(?P<sure>[-+0-9.eE]+),'
)


@dataclass(frozen=True, slots=True)
class Pieces:
    """The distinct values of some records.

    `field` indexes `names`; `text` is the value as it stands in JSON, `value` the value itself
    (Arrow strings); `sure` its confidence, `how_sure` the same as it was written.
    """

    names: tuple[str, ...]
    field: NDArray[np.int32]
    text: Any
    value: Any
    sure: NDArray[np.float64]
    how_sure: Any


@dataclass(frozen=True, slots=True)
class Cut:
    """Some payloads taken apart.

    `codes` are dictionary-encoded texts of all values, one after the other; `counts` says how many
    belong to each payload; `odd` marks payloads that are not of a feed row or need a closer look.
    """

    codes: Any
    counts: NDArray[np.int64]
    odd: NDArray[np.bool_]


def cut(payloads: Sequence[str]) -> Cut:
    """Take payloads apart, in their order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pa.array(payloads, pa.large_string())
    odd = ~pc.starts_with(texts, '{"t":[').to_numpy(zero_copy_only=False)
    if odd.any():
        texts = pc.if_else(pa.array(odd), pa.scalar("", pa.large_string()), texts)
    halves = pc.split_pattern(texts, _HEAD, max_splits=1)
    filled = pc.equal(pc.list_value_length(halves), 2).to_numpy(zero_copy_only=False)
    bodies = halves.flatten().take(pa.array(_ends(halves)[filled]))
    bodies = pc.binary_slice(bodies.cast(pa.large_binary()), 0, -len(_TAIL)).cast(pa.large_string())
    parts = pc.split_pattern(bodies, _BETWEEN)
    counts = np.zeros(len(payloads), dtype=np.int64)
    counts[filled] = pc.list_value_length(parts).to_numpy(zero_copy_only=False)
    codes = parts.flatten().cast(pa.string())
    if odd.any():
        codes, counts = _with_odd(payloads, odd, codes, counts)
    return Cut(codes.dictionary_encode(), counts, odd)


def _ends(lists: Any) -> NDArray[np.int64]:
    """Where the last item of each list stands among all items."""
    ends: NDArray[np.int64] = lists.offsets.to_numpy()[1:] - lists.offsets[0].as_py() - 1
    return ends


def _with_odd(
    payloads: Sequence[str], odd: NDArray[np.bool_], codes: Any, counts: NDArray[np.int64]
) -> tuple[Any, NDArray[np.int64]]:
    """The values of other payloads, put in their places in the shape of a feed's."""
    import pyarrow as pa

    starts = np.cumsum(counts) - counts
    texts: list[str] = []
    places: list[NDArray[np.int64]] = []
    last = 0
    base = len(codes)
    for row in np.flatnonzero(odd).tolist():
        own = [_as_of_a_feed(*seen[:4]) for seen in json.loads(payloads[row])["o"]]
        places.append(np.arange(last, starts[row]))
        places.append(np.arange(base + len(texts), base + len(texts) + len(own)))
        last = int(starts[row])
        texts += own
        counts[row] = len(own)
    places.append(np.arange(last, base))
    every = pa.concat_arrays([codes, pa.array(texts, pa.string())])
    return every.take(pa.array(np.concatenate(places))), counts


def _as_of_a_feed(field: str, value: str, _: object, sure: float) -> str:
    return f'{encode_basestring(field)[1:]},{encode_basestring(value)},null,{sure!r},"",""'


def pieces(texts: Any) -> Pieces:
    """What distinct texts of values say."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.extract_regex(texts, _ONE)
    named = pc.struct_field(found, "field").dictionary_encode()
    names = tuple(json.loads(f'"{name}"') for name in named.dictionary.to_pylist())
    text = pc.struct_field(found, "text")
    value = text
    escaped = pc.match_substring(text, "\\").to_numpy(zero_copy_only=False)
    if escaped.any():
        plain = [json.loads(f'"{t}"') for t in text.filter(pa.array(escaped)).to_pylist()]
        value = pc.replace_with_mask(text, pa.array(escaped), pa.array(plain, pa.string()))
    how_sure = pc.struct_field(found, "sure").dictionary_encode()
    numbers = np.array([float(n) for n in how_sure.dictionary.to_pylist()], dtype=np.float64)
    sure = numbers[how_sure.indices.to_numpy(zero_copy_only=False)]
    field = named.indices.to_numpy(zero_copy_only=False)
    return Pieces(names, field, text, value, sure, how_sure)


def escaped(texts: Any) -> Any:
    """JSON texts as they stand inside a JSON string; JSON has no bare control characters."""
    import pyarrow.compute as pc

    return pc.replace_substring(pc.replace_substring(texts, "\\", "\\\\"), '"', '\\"')


def hashed(texts: Any) -> list[str]:
    """The content ids of JSON texts, as `content_id` makes them."""
    import pyarrow as pa

    return [
        blake2b(text, digest_size=16).hexdigest() for text in texts.cast(pa.binary()).to_pylist()
    ]
