"""All current records as columns, read from the log in one go: for work on the whole store.

Memory is a few dozen bytes a value. A mention whose record was deleted is there with what it said
last.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import bindparam, func, select

from idp_cdi.store.compiled import Compiled
from idp_cdi.store.database import batches
from idp_cdi.store.log import chunked, moment
from idp_cdi.store.pieces import Cut, Pieces, cut, pieces
from idp_cdi.store.schema import mention, record, source
from idp_cdi.survivorship import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from numpy.typing import NDArray
    from sqlalchemy import Connection

_DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Current:
    """One row a mention, sorted by its id; its values are `codes[starts[i]:starts[i + 1]]`.

    `codes` index `pieces`. `kind` and `role` index `kinds` and `roles`, `source` the names in
    `sources`; `days` is when the record was seen, in days since 1970. `odd` marks records of
    documents and persons, whose values have an origin of another kind.
    """

    mentions: NDArray[np.int64]
    records: NDArray[np.int64]
    source: NDArray[np.int32]
    sources: dict[int, str]
    keys: Any
    kind: NDArray[np.int8]
    kinds: tuple[str, ...]
    role: NDArray[np.int8]
    roles: tuple[str, ...]
    days: NDArray[np.float64]
    deleted: NDArray[np.bool_]
    odd: NDArray[np.bool_]
    starts: NDArray[np.int64]
    codes: NDArray[np.int32]
    pieces: Pieces

    def rows_of(self, mentions: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows of mentions that are all there."""
        return np.searchsorted(self.mentions, mentions)

    def references(self, rows: NDArray[np.int64]) -> list[str]:
        """The references (source and key) of some rows."""
        names = [self.sources[i] for i in self.source[rows].tolist()]
        keys = self.keys.take(rows).to_pylist()
        return [f"{name}{REFERENCE}{key}" for name, key in zip(names, keys, strict=True)]

    def surest(self, name: str, rows: NDArray[np.int64]) -> list[str]:
        """The most confident value of a field in each of some rows, "" where there is none."""
        if name not in self.pieces.names:
            return [""] * len(rows)
        mine = self.pieces.field[self.codes] == self.pieces.names.index(name)
        places = np.flatnonzero(mine)
        owners = np.searchsorted(self.starts, places, side="right") - 1
        sure = self.pieces.sure[self.codes[places]]
        order = np.lexsort((-sure, owners))
        first = np.ones(len(order), dtype=bool)
        first[1:] = np.diff(owners[order]) != 0
        best = np.full(len(self.mentions), -1, dtype=np.int64)
        best[owners[order[first]]] = self.codes[places[order[first]]]
        codes = best[rows]
        values = self.pieces.value.take(np.maximum(codes, 0)).to_pylist()
        return [v if c >= 0 else "" for v, c in zip(values, codes.tolist(), strict=True)]

    def owners(self) -> NDArray[np.int64]:
        """The row that each value belongs to."""
        return np.repeat(np.arange(len(self.mentions)), np.diff(self.starts))


_CURRENT = (
    select(
        mention.c.id, record.c.id, mention.c.source_id, mention.c.key, record.c.kind,
        record.c.role, record.c.observed_at, record.c.deleted, record.c.payload,
    )
    .join(record, record.c.id == mention.c.record_id)
    .order_by(mention.c.id)
)  # fmt: skip
_SOME_CURRENT = Compiled(_CURRENT.where(mention.c.id.in_(bindparam("some", expanding=True))))
_AT_ONCE = 25_000
_BEHIND = 3


def read_current(connection: Connection, mentions: NDArray[np.int64] | None = None) -> Current:
    """The current record of every mention, or of some (sorted, all of them there)."""
    found = Batches()
    if mentions is None:
        for rows in batches(connection, _CURRENT, _AT_ONCE):
            found.add(connection, list(zip(*rows, strict=True)))
    else:
        for start in range(0, len(mentions), _AT_ONCE):
            part = mentions[start : start + _AT_ONCE].tolist()
            rows = list(_SOME_CURRENT.of_keys(connection, part))
            found.add(connection, list(zip(*rows, strict=True)))
    names = {i: n for i, n in connection.execute(select(source.c.id, source.c.name))}
    return found.all(names)


class Batches:
    """Batches of rows as columns, joined at the end."""

    def __init__(self) -> None:
        self._numbers: list[list[NDArray[np.int64]]] = [[], [], []]
        self._keys: list[Any] = []
        self._texts: list[list[Any]] = [[], [], []]
        self._deleted: list[NDArray[np.bool_]] = []
        self._cuts: list[Future[Cut]] = []
        self._pool = ThreadPoolExecutor(1)

    def add(self, connection: Connection, columns: list[tuple[Any, ...]]) -> None:
        """Take in rows of `read_current`'s statement, a tuple a column."""
        import pyarrow as pa

        ids, records, sources, keys, kinds, roles, seen, deleted, payloads = columns
        for kept, new in zip(self._numbers, (ids, records, sources), strict=True):
            kept.append(np.array(new, dtype=np.int64))
        self._keys.append(pa.array(keys, pa.string()))
        for into, told in zip(self._texts, (kinds, roles, seen), strict=True):
            into.append(pa.array(told, pa.string()).dictionary_encode())
        gone = np.array(deleted, dtype=bool)
        self._deleted.append(gone)
        if gone.any():
            said = dict(_last_words(connection, self._numbers[0][-1][gone].tolist()))
            payloads = tuple(said.get(i, p) for i, p in zip(ids, payloads, strict=True))
        # Arrow cuts them in a thread of its own, a few batches behind at the most.
        self._cuts.append(self._pool.submit(cut, payloads))
        if len(self._cuts) > _BEHIND:
            self._cuts[-_BEHIND].result()

    def all(self, sources: dict[int, str]) -> Current:
        """Everything that was taken in; `sources` has the name of each source."""
        import pyarrow as pa

        mentions, records, source_ids = map(_joined, self._numbers)
        kind, kinds = _coded(self._texts[0])
        role, roles = _coded(self._texts[1])
        stamp, stamps = _coded(self._texts[2])
        days = np.array([moment(s).timestamp() / _DAY for s in stamps], dtype=np.float64)
        cuts = [waiting.result() for waiting in self._cuts]
        self._pool.shutdown()
        counts = _joined([c.counts for c in cuts])
        codes, texts = _unified([c.codes for c in cuts])
        found = pieces(texts)
        odd = np.concatenate([c.odd for c in cuts] or [np.zeros(0, dtype=bool)])
        starts = np.concatenate(([0], np.cumsum(counts)))
        return Current(
            mentions, records, source_ids.astype(np.int32), sources,
            pa.concat_arrays(self._keys) if self._keys else pa.array([], pa.string()),
            kind.astype(np.int8), kinds, role.astype(np.int8), roles,
            days[stamp] if len(days) else np.zeros(0),
            np.concatenate(self._deleted or [np.zeros(0, dtype=bool)]),
            odd, starts, codes, found,
        )  # fmt: skip


def _joined(parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def _coded(parts: list[Any]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    codes, names = _unified(parts)
    return codes, tuple(names.to_pylist())


def _unified(parts: list[Any]) -> tuple[NDArray[np.int32], Any]:
    """Dictionary-encoded arrays as one: the codes, and what they mean."""
    import pyarrow as pa

    if not parts:
        return np.zeros(0, dtype=np.int32), pa.array([], pa.string())
    whole = pa.chunked_array(parts).unify_dictionaries()
    codes = [c.indices.to_numpy(zero_copy_only=False) for c in whole.chunks]
    return np.concatenate(codes).astype(np.int32), whole.chunk(0).dictionary


def _last_words(connection: Connection, mentions: Iterable[int]) -> Iterator[tuple[int, str]]:
    """What mentions whose record is deleted said last."""
    for part in chunked(mentions):
        newest = (
            select(func.max(record.c.id))
            .where(record.c.mention_id.in_(part), record.c.deleted.is_(False))
            .group_by(record.c.mention_id)
        )
        statement = select(record.c.mention_id, record.c.payload).where(record.c.id.in_(newest))
        for number, payload in connection.execute(statement):
            yield int(number), str(payload)
