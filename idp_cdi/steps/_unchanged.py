"""Rows of a feed that came before just as they are: known by a hash, never mapped again.

A full export brings a million rows to tell of a thousand changes. For every row that became a
record, a file in the cache has the hash of its key, the hash of its cells and the number of the
record. A row is left out where both hashes are the same and that record is still the newest of its
key; so it is looked at again when anything else changed, deleted or erased what it had brought.
The file is worth nothing under another mapping, other settings of trust, another version of what
maps and cleans, or for another store. What a report says of doubtful values is of the rows that
were looked at.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sqlalchemy import select

import idp_cdi
from idp_cdi.matching.shelf import read_arrays, write_arrays
from idp_cdi.matching.text import hash_one, hash_strings, mix
from idp_cdi.observations import content_id
from idp_cdi.steps._columns import arrow
from idp_cdi.store import whole
from idp_cdi.store.database import batches, greatest
from idp_cdi.store.schema import mention, record, source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from idp_cdi.connectors import Chunk
    from idp_cdi.settings import Settings
    from idp_cdi.steps.map import Mapped, Mapper

_STEP = np.uint64(0x9E3779B97F4A7C15)
#: What decides how a cell is cleaned, beside the mapping.
_CODE = ("standardisers", "steps", "connectors", "data/fields.yaml")


class _Rows(NamedTuple):
    """Rows by the hash of their key, the hash of their cells, and the record that they became."""

    keys: NDArray[np.uint64]
    cells: NDArray[np.uint64]
    records: NDArray[np.int64]

    def where(self, wanted: NDArray[Any]) -> _Rows:
        """Some of them."""
        return _Rows(self.keys[wanted], self.cells[wanted], self.records[wanted])


_NONE = _Rows(*(np.zeros(0, dtype=np.uint64),) * 2, np.zeros(0, dtype=np.int64))


class Unchanged:
    """The rows of one stream that need no mapping.

    Args:
        connection: Sees the store as it is before the run.
        settings: Where the cache is.
        mapper: The stream's; files of one table (may, june) remember their rows together.
        made_by: What else decides what a row becomes, as text.
        use: Whether to leave rows out at all; if not, what comes is remembered only.
    """

    def __init__(
        self,
        connection: Connection,
        settings: Settings,
        mapper: Mapper,
        made_by: str,
        *,
        use: bool,
    ) -> None:
        self._path = _folder(settings) / f"{content_id(mapper.source, mapper.table)}.rows"
        self._source, self._mapper = mapper.source, mapper
        self._made = content_id(made_by, _code())
        self._last = greatest(connection, record.c.id)
        self._known = self._read(connection) if use else _NONE
        self._there = np.ones(len(self._known.keys), dtype=np.bool_)
        self._waiting: deque[tuple[NDArray[np.uint64], NDArray[np.uint64]]] = deque()
        self._new: list[tuple[NDArray[np.uint64], NDArray[np.uint64]]] = []

    def _read(self, connection: Connection) -> _Rows:
        """The remembered rows whose record is still the newest of its key."""
        try:
            found = read_arrays(self._path)
            if int(found["made"][0]) != hash_one(self._made + _trace(connection, found["records"])):
                return _NONE
        except (OSError, ValueError, KeyError):
            return _NONE
        owner = select(source.c.id).where(source.c.name == self._source).scalar_subquery()
        statement = select(mention.c.record_id).where(mention.c.source_id == owner)
        (current,) = whole.columns_of(connection, statement, 1)
        rows = _Rows(found["keys"], found["cells"], found["records"])
        return rows.where(np.isin(rows.records, current.astype(np.int64)))

    def fresh(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """The chunks without the rows that came before; each says how many those are."""
        for chunk in chunks:
            keys, cells = self._hashes(chunk)
            wanted = self._wanted(chunk, keys, cells)
            self._waiting.append((keys[wanted], cells[wanted]))
            yield chunk if wanted.all() else _part(chunk, wanted)

    def _hashes(self, chunk: Chunk) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        cells = np.zeros(len(chunk), dtype=np.uint64)
        for name, column in zip(chunk.columns, chunk.values, strict=True):
            cells = mix(cells * _STEP + np.uint64(hash_one(name))) + hash_strings(arrow(column))
        names = self._mapper.keys(chunk)
        keys = hash_strings(arrow(names))
        keys[[not name for name in names]] = 0
        return keys, cells

    def _wanted(
        self, chunk: Chunk, keys: NDArray[np.uint64], cells: NDArray[np.uint64]
    ) -> NDArray[np.bool_]:
        """Which rows are to be mapped: no row of a key is left out where another one is not."""
        known = self._known
        if not len(known.keys) or not len(keys):
            return np.ones(len(keys), dtype=np.bool_)
        at = np.minimum(np.searchsorted(known.keys, keys), len(known.keys) - 1)
        same = (known.keys[at] == keys) & (known.cells[at] == cells) & self._there[at]
        if chunk.deleted:
            same &= ~np.isin(np.asarray(chunk.numbers), list(chunk.deleted))
        same &= ~np.isin(keys, keys[~same])
        self._there[at[~same & (known.keys[at] == keys)]] = False
        wanted: NDArray[np.bool_] = ~same
        return wanted

    def taken(self, chunk: Chunk, mapped: Mapped) -> None:
        """Remember the rows of the next of `fresh` that became records."""
        keys, cells = self._waiting.popleft()
        living = [r.key for r in mapped.records if not r.deleted]
        good = np.isin(keys, hash_strings(arrow(living)))
        if mapped.rejects:
            refused = [r.row for r in mapped.rejects]
            good &= ~np.isin(keys, keys[np.isin(np.asarray(chunk.numbers), refused)])
        self._new.append((keys[good], cells[good]))

    def keep(self, connection: Connection) -> None:
        """Write the file anew where anything came; everything is committed."""
        if not any(len(keys) for keys, _ in self._new):
            return
        since = self._last if len(self._known.keys) else 0
        keys, records = _newest(connection, self._source, since)
        order = np.argsort(keys, kind="stable")
        keys, records = keys[order], records[order]
        told, cells = (np.concatenate(part) for part in zip(*self._new, strict=True))
        # Of several rows with one key the last one counts.
        told, first = np.unique(told[::-1], return_index=True)
        cells = cells[::-1][first]
        at = np.minimum(np.searchsorted(keys, told), max(len(keys) - 1, 0))
        there = keys[at] == told if len(keys) else np.zeros(len(told), dtype=np.bool_)
        old = self._known.where(self._there)
        new = _Rows(told[there], cells[there], records[at[there]])
        rows = _Rows(*(np.concatenate(pair) for pair in zip(old, new, strict=True)))
        rows = rows.where(np.argsort(rows.keys, kind="stable"))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        made = hash_one(self._made + _trace(connection, rows.records))
        write_arrays(self._path, rows._asdict() | {"made": np.array([made], dtype=np.uint64)})


def forget(settings: Settings) -> None:
    """Erase what is remembered of all rows; a later full export is mapped as if it were new."""
    import shutil

    shutil.rmtree(_folder(settings), ignore_errors=True)


def _folder(settings: Settings) -> Path:
    return settings.cache / "feeds"


def _code() -> str:
    """Changes when the code does that maps and cleans."""
    from pathlib import Path

    root = Path(idp_cdi.__file__).parent
    files = [f for name in _CODE for f in sorted((root / name).glob("*.py")) or [root / name]]
    told = [(f.name, f.stat().st_size, f.stat().st_mtime_ns) for f in files]
    return content_id(idp_cdi.__version__, told)


def _trace(connection: Connection, records: NDArray[np.int64]) -> str:
    """What tells one store's records from another's."""
    if not len(records):
        return ""
    told = select(record.c.mention_id, record.c.content, record.c.observed_at)
    return str(connection.execute(told.where(record.c.id == int(records.max()))).first())


def _newest(
    connection: Connection, name: str, since: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Hash of the key and newest record of the mentions of a source with one after `since`."""
    statement = (
        select(mention.c.key, mention.c.record_id)
        .join(source, source.c.id == mention.c.source_id)
        .where(source.c.name == name, mention.c.record_id > since)
    )
    keys, records = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.int64)]
    for rows in batches(connection, statement):
        names, numbers = zip(*rows, strict=True)
        keys.append(hash_strings(arrow(names)))
        records.append(np.array(numbers, dtype=np.int64))
    return np.concatenate(keys), np.concatenate(records)


def _part(chunk: Chunk, wanted: NDArray[np.bool_]) -> Chunk:
    rows = np.flatnonzero(wanted).tolist()
    return replace(
        chunk,
        values=tuple([column[i] for i in rows] for column in chunk.values),
        numbers=[chunk.numbers[i] for i in rows],
        unchanged=len(wanted) - len(rows),
    )
