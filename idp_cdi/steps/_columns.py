"""Columns of a chunk: raw texts in, cleaned cells out, each distinct text cleaned once."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as each
from itertools import zip_longest
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from idp_cdi.standardisers import standardise
from idp_cdi.standardisers._clean import is_clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from idp_cdi.connectors import Chunk
    from idp_cdi.connectors._mapping import Choice, Rule

#: A value that could not be standardised has this share of its source's trust.
DOUBTFUL = 0.5
#: Distinct texts that a column remembers; beyond it forgets and begins anew (flat memory).
CACHED = 40_000

#: Values that one cell gives at most; what stands behind them stays together as the last one.
MOST_PARTS = 50

#: Kinds of value that mean the same in every country.
ANYWHERE = frozenset({"bic", "email", "iban", "lei", "name", "text", "website"})

#: One JSON string; ten times as fast as an encoder, and this runs for every distinct text.
quoted = encode_basestring


class Cell(NamedTuple):
    """A cleaned value: its stored piece ("" for no value), clean text, and what was wrong."""

    piece: str
    value: str
    code: str = ""


NOTHING = Cell("", "")


class Cells(NamedTuple):
    """A cleaned column: where each row is among its distinct cells.

    `pieces` are their stored pieces with a comma behind ("" for no value), `values` their clean
    texts (both Arrow strings), `codes` what was wrong with each, None where nothing was.
    """

    at: NDArray[np.int32]
    pieces: Any
    values: Any
    codes: NDArray[np.object_] | None

    def filled(self) -> NDArray[np.bool_]:
        """Which rows have a value."""
        import pyarrow.compute as pc

        filled = pc.not_equal(self.pieces, "").to_numpy(zero_copy_only=False)
        found: NDArray[np.bool_] = filled[self.at]
        return found

    def texts(self) -> list[str]:
        """The clean text of each row."""
        import pyarrow as pa

        found: list[str] = self.values.take(pa.array(self.at)).to_pylist()
        return found


class Places(NamedTuple):
    """The country of each row: codes into `names`."""

    codes: NDArray[np.int64]
    names: tuple[str, ...]


def arrow(texts: Sequence[str]) -> Any:
    """Texts as an Arrow array; halves of characters, which no database takes, become "?"."""
    import pyarrow as pa

    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:
        return pa.array([t.encode("utf-8", "replace").decode() for t in texts], pa.string())


@dataclass(slots=True)
class Column:
    """One mapped value: cleans a list of raw texts through a cache.

    `doubted` is True once any text was no good value; until then nobody needs to look for them.
    """

    field: str
    kind: str
    rule: Rule
    confidence: float
    label: str = ""
    doubted: bool = False
    _known: int = 0
    _caches: dict[str, dict[str, Cell]] = each(default_factory=dict)
    _hints: dict[str, Any] = each(default_factory=dict)
    _ends: dict[str, str] = each(default_factory=dict)

    def __post_init__(self) -> None:
        self.label = (self.rule.join or "+").join(self.rule.columns)
        if self.rule.day_first is not None and self.kind == "date":
            self._hints["day_first"] = self.rule.day_first
        if self.rule.decimal is not None and self.kind in ("amount", "number"):
            self._hints["decimal"] = self.rule.decimal

    def encode(self, raws: Sequence[str], places: Places) -> Cells:
        """The cleaned cells of a whole column; each distinct text is cleaned once a country.

        Texts that are clean as they stand need no look at each; see `standardisers._clean`.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._known > CACHED:
            self._caches.clear()
            self._known = 0
        encoded = arrow(raws).dictionary_encode()
        texts, index = encoded.dictionary, encoded.indices.to_numpy(zero_copy_only=False)
        where = np.zeros(len(texts), dtype=np.int64)
        if self.kind not in ANYWHERE and len(places.names) > 1:
            both = pa.array(index.astype(np.int64) * len(places.names) + places.codes)
            pairs = both.dictionary_encode()
            index = pairs.indices.to_numpy(zero_copy_only=False)
            text, where = np.divmod(pairs.dictionary.to_numpy(), len(places.names))
            texts = texts.take(pa.array(text))
        names = ("",) if self.kind in ANYWHERE else places.names
        clean = is_clean(self.kind, texts, where, names)
        piece = f'["{self.field}","', f'",null,{self._end("")},'
        pieces = pc.binary_join_element_wise(piece[0], texts, piece[1], "")
        if clean.all():
            return Cells(index, pieces, texts, None)
        rest = ~clean
        cells = self._ones(texts.filter(pa.array(rest)).to_pylist(), where[rest].tolist(), names)
        mask = pa.array(rest)
        told = [f"{c.piece}," if c.piece else "" for c in cells]
        pieces = pc.replace_with_mask(pieces, mask, pa.array(told, pa.string()))
        values = pc.replace_with_mask(texts, mask, pa.array([c.value for c in cells], pa.string()))
        codes = None
        if any(c.code for c in cells):
            codes = np.full(len(texts), "", dtype=object)
            codes[rest] = [c.code for c in cells]
        return Cells(index, pieces, values, codes)

    def _ones(
        self, texts: Sequence[str], where: Sequence[int], names: tuple[str, ...]
    ) -> list[Cell]:
        """Texts cleaned one by one, through the cache."""
        caches = [self._caches.setdefault(name, {}) for name in names]
        cells = []
        for text, place in zip(texts, where, strict=True):
            cell = caches[place].get(text)
            if cell is None:
                cell = caches[place][text] = self._one(text, names[place])
                self._known += 1
            cells.append(cell)
        return cells

    def raws(self, table: Table) -> list[str]:
        columns = [table.column(name) for name in self.rule.columns]
        if len(columns) == 1:
            found = columns[0]
        else:
            join = self.rule.join
            found = [
                join.join(filter(None, map(str.strip, cells)))
                for cells in zip(*columns, strict=True)
            ]
        if self.rule.values:
            known = self.rule.values
            found = [known.get(v, v) for v in found]
        if self.rule.default:
            default = self.rule.default
            found = [v or default for v in found]
        return found

    def parts(self, table: Table) -> list[list[str]]:
        """The raw texts, one list for each of the values that a cell may hold."""
        raws, mark = self.raws(table), self.rule.split
        if not mark:
            return [raws]
        several = [raw.split(mark, MOST_PARTS - 1) if mark in raw else [raw] for raw in raws]
        return [list(part) for part in zip_longest(*several, fillvalue="")] or [raws]

    def clean(self, raws: Sequence[str], countries: Sequence[str]) -> list[Cell]:
        """The cells of `raws`; each distinct text is cleaned once for each country."""
        if self._known > CACHED:
            self._caches.clear()
            self._known = 0
        places = set(countries) if self.kind not in ANYWHERE else {""}
        if len(places) == 1:
            cache = self._cache(raws, places.pop())
            return list(map(cache.__getitem__, raws))
        by_place: dict[str, set[str]] = {place: set() for place in places}
        for raw, place in zip(raws, countries, strict=True):
            by_place[place].add(raw)
        caches = {place: self._cache(texts, place) for place, texts in by_place.items()}
        return [caches[place][raw] for raw, place in zip(raws, countries, strict=True)]

    def _cache(self, raws: Iterable[str], country: str) -> dict[str, Cell]:
        cache = self._caches.setdefault(country, {})
        for raw in set(raws) - cache.keys():
            cell = cache[raw] = self._one(raw, country)
            self._known += 1
            self.doubted = self.doubted or bool(cell.code)
        return cache

    def _one(self, raw: str, country: str) -> Cell:
        text = raw.strip()
        if not text:
            return NOTHING
        value, ok, code = standardise(self.kind, text, country=country or None, **self._hints)
        if code in ("value.empty", "value.placeholder"):
            return Cell("", "", "" if code == "value.empty" else code)
        seen = "null" if raw == value else quoted(raw)
        end = self._end("" if ok else code)
        return Cell(f'["{self.field}",{quoted(value)},{seen},{end}', value, code)

    def _end(self, code: str) -> str:
        """How the pieces of values with such a fault end."""
        end = self._ends.get(code)
        if end is None:
            sure = round(self.confidence * DOUBTFUL if code else self.confidence, 6)
            end = self._ends[code] = f"{sure!r},{quoted(self.label)},{quoted(code)}]"
        return end


class Table:
    """A chunk with its columns by name; a column that the source lost is empty."""

    def __init__(self, chunk: Chunk) -> None:
        self.chunk = chunk
        self._by_name = dict(zip(chunk.columns, chunk.values, strict=True))
        self._empty: list[str] = [""] * len(chunk)

    def column(self, name: str) -> list[str]:
        return self._by_name.get(name, self._empty)

    def joined(self, names: Sequence[str]) -> list[str]:
        if not names:
            return self._empty
        if len(names) == 1:
            return [v.strip() for v in self.column(names[0])]
        columns = [self.column(n) for n in names]
        return [
            "|".join(map(str.strip, cells)) if all(cells) else ""
            for cells in zip(*columns, strict=True)
        ]

    def chosen(self, choice: Choice) -> list[str]:
        folded = {k.casefold(): v for k, v in choice.values.items()}
        return [
            folded.get(v.strip().casefold(), choice.default) for v in self.column(choice.column)
        ]

    def cells(self, index: int) -> tuple[tuple[str, str], ...]:
        return tuple(
            (n, v[index]) for n, v in zip(self.chunk.columns, self.chunk.values, strict=True)
        )


def where_of(table: Table, wanted: dict[str, tuple[str, ...]]) -> list[bool]:
    keep = [True] * len(table.chunk)
    for name, values in wanted.items():
        allowed = set(values)
        keep = [k and v.strip() in allowed for k, v in zip(keep, table.column(name), strict=True)]
    return keep
