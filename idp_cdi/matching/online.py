"""One record against all that are known: the same keys, comparisons and weights as in a batch.

The index keeps the *prepared* rows and one sorted array of keys with their rows, in files that are
mapped into memory, so that opening it costs nothing. A new record's keys find the rows that share
one; those few rows are taken as they lie there and compared by the batch code itself, so that the
pairs are those of a batch run with the same model, by construction.

It is made of segments, a large one and those that were added since; of several rows of one record
the newest segment's counts. Records that came after the last segment are a short tail in memory.
What is in which segment is for the caller to know (`idp_cdi.steps.known`): the log is the journal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.errors import UsageError
from idp_cdi.matching import blocking, keyring, records, scoring, shelf
from idp_cdi.matching.copies import copies, forms
from idp_cdi.matching.gathering import Lot, gathered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from idp_cdi.matching.model import Model
    from idp_cdi.matching.records import Records

Row = dict[str, Any]
_HEAVY = "heavy "


@dataclass(frozen=True, slots=True)
class Match:
    """A known record that may be the same party as the one asked about.

    `weight` in bits and `probability` are those of a batch run.
    """

    id: int
    weight: float
    probability: float


@dataclass(frozen=True, slots=True)
class Matches:
    """Pairs of rows that were asked about (`row`) and known records (`id`), a column each.

    `asked` and `form` are their forms (see `matching.copies`).
    """

    row: NDArray[np.int64]
    id: NDArray[np.int64]
    weight: NDArray[np.float64]
    probability: NDArray[np.float64]
    asked: NDArray[np.uint64]
    form: NDArray[np.uint64]

    def where(self, wanted: NDArray[np.bool_]) -> Matches:
        """Some of the pairs."""
        return Matches(
            self.row[wanted],
            self.id[wanted],
            self.weight[wanted],
            self.probability[wanted],
            self.asked[wanted],
            self.form[wanted],
        )


_NONE = np.zeros(0, dtype=np.int64)
_NO_FORM = np.zeros(0, dtype=np.uint64)
NO_MATCHES = Matches(_NONE, _NONE, np.zeros(0), np.zeros(0), _NO_FORM, _NO_FORM)


class Segment:
    """Prepared rows with their keys; `ids` are sorted, `alive` says which rows still count."""

    def __init__(self, arrays: shelf.Arrays, *, made: bool = False) -> None:
        self._arrays, self._made = arrays, made
        self.ids: NDArray[np.int64] = arrays["ids"]
        self.alive = np.ones(len(self.ids), dtype=np.bool_)
        self.forms: NDArray[np.uint64] = arrays["forms"]
        self._keys: NDArray[np.uint64] = arrays["keys"]

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(
        cls, table: Any, ids: NDArray[np.int64], model: Model, *, first: bool = False
    ) -> Segment:
        """Prepare the rows of an Arrow table of strings; `ids` are their numbers, all different.

        `first` says that these are all records, so that keys that are too many become heavy.
        """
        order = np.argsort(ids, kind="stable")
        if (np.diff(ids) < 0).any():
            table, ids = table.take(order), ids[order]
        prepared = records.prepare(table, model.plan)
        if first:
            compared = prepared.take(copies(prepared).rest(prepared.size))
            model = replace(model, heavy=keyring.outgrown(compared, model))
        return cls.made(prepared, ids, model)

    @classmethod
    def made(cls, prepared: Records, ids: NDArray[np.int64], model: Model) -> Segment:
        """The same of rows that are prepared, by rising numbers."""
        keys = keyring.entries(prepared, model)
        own: shelf.Arrays = {"ids": np.asarray(ids, dtype=np.int64), "keys": keys}
        own["forms"] = forms(prepared)
        own |= {f"{_HEAVY}{name}": hashes for name, hashes in model.heavy.items()}
        return cls(own | shelf.flat(prepared), made=True)

    @property
    def heavy(self) -> dict[str, NDArray[np.uint64]]:
        """The keys that were too heavy to find anybody by when the rows were prepared."""
        named = self._arrays.items()
        return {n.removeprefix(_HEAVY): array for n, array in named if n.startswith(_HEAVY)}

    @classmethod
    def open(cls, path: Path) -> Segment:
        """Map a saved segment.

        Raises:
            UsageError: There is none.
        """
        try:
            return cls(shelf.read_arrays(path))
        except (OSError, ValueError, KeyError) as error:
            text = "there is no matching index"
            raise UsageError(text, file=str(path), action="delete the folder") from error

    def save(self, path: Path) -> None:
        """Write it to a file."""
        shelf.write_arrays(path, self._arrays)

    def forget(self, ids: NDArray[np.int64]) -> None:
        """Rows of these records count no more."""
        if len(self.ids):
            at = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
            self.alive[at[self.ids[at] == ids]] = False

    def sharing(self, entries: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The living rows that share a key with others.

        Args:
            entries: Keys with the numbers of their records, from `keyring.entries`.

        Returns:
            Numbers of records and rows, each pair once, sorted.
        """
        first = entries & ~blocking.ROW_MASK
        low = np.searchsorted(self._keys, first)
        length = np.searchsorted(self._keys, entries | blocking.ROW_MASK, side="right") - low
        total = int(length.sum())
        if not total:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        ramp = np.arange(total) - np.repeat(np.cumsum(length) - length, length)
        rows = self._keys[np.repeat(low, length) + ramp] & blocking.ROW_MASK
        asked = np.repeat(entries & blocking.ROW_MASK, length)
        both = np.sort((asked << blocking.ROW_BITS) | rows)
        both = both[np.concatenate(([True], both[1:] != both[:-1]))]
        rows = (both & blocking.ROW_MASK).astype(np.int64)
        alive = self.alive[rows]
        return (both[alive] >> blocking.ROW_BITS).astype(np.int64), rows[alive]

    def lot(self, rows: NDArray[np.int64]) -> Lot:
        """Some prepared rows."""
        return Lot(self._arrays, rows)

    def asked(self, ids: NDArray[np.int64]) -> _Question | None:
        """Records of a segment that was just made, prepared, with their keys and forms.

        None where some are not in it. `ids` are sorted.
        """
        if not self._made or not np.isin(ids, self.ids).all():
            return None
        rows = np.searchsorted(self.ids, ids)
        number = np.full(len(self.ids), -1, dtype=np.int64)
        number[rows] = np.arange(len(rows))
        own = number[(self._keys & blocking.ROW_MASK).astype(np.int64)]
        mine = own >= 0
        keys = (self._keys[mine] & ~blocking.ROW_MASK) | own[mine].astype(np.uint64)
        return _Question(self.lot(rows), np.sort(keys), self.forms[rows])


@dataclass(frozen=True, slots=True)
class _Question:
    """Records to be compared: prepared, with their keys and forms."""

    lot: Lot
    entries: NDArray[np.uint64]
    forms: NDArray[np.uint64]

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], model: Model) -> _Question:
        prepared = records.prepare_rows(rows, model.plan)
        lot = Lot(shelf.flat(prepared, few=True), np.arange(prepared.size))
        return cls(lot, keyring.entries(prepared, model), forms(prepared))


@dataclass(frozen=True, slots=True)
class _Late:
    """A record in memory only: as it came, and as it is compared."""

    row: Row
    own: _Question

    @property
    def keys(self) -> list[int]:
        """The keys by which it is found."""
        found: list[int] = (self.own.entries >> blocking.ROW_BITS).tolist()
        return found


class Index:
    """Records that can be asked "who is this?" one at a time."""

    def __init__(self, model: Model, segments: Sequence[Segment] = ()) -> None:
        self.model = model
        self._tables = scoring.tables(model)
        self.segments: list[Segment] = []
        self._tail: dict[int, _Late] = {}
        self._by_key: dict[int, set[int]] = {}
        for segment in segments:
            self.append(segment)

    def __len__(self) -> int:
        return sum(int(s.alive.sum()) for s in self.segments) + len(self._tail)

    @property
    def tail(self) -> int:
        """How many records are in memory only."""
        return len(self._tail)

    def append(self, segment: Segment) -> None:
        """Take in a newer segment: what it has of known records counts from now on."""
        if not self.segments:
            # What had outgrown the model then is heavy for whatever comes later.
            self.model = replace(self.model, heavy=segment.heavy)
        for older in self.segments:
            older.forget(segment.ids)
        for number in self._tail.keys() & set(segment.ids.tolist()):
            self._drop(number)
        self.segments.append(segment)

    def add(self, id: int, row: Mapping[str, Any]) -> None:
        """Take in a record; one of the same number is replaced."""
        self.remove(id)
        late = _Late(dict(row), _Question.of([row], self.model))
        self._tail[id] = late
        for key in late.keys:
            self._by_key.setdefault(key, set()).add(id)

    def is_late(self, id: int) -> bool:
        """Whether a record is in memory only."""
        return id in self._tail

    def row(self, id: int) -> Row:
        """What was said of a record that is in memory only."""
        return self._tail[id].row

    def remove(self, id: int) -> None:
        """Forget a record; unknown numbers are passed over."""
        gone = np.array([id], dtype=np.int64)
        for segment in self.segments:
            segment.forget(gone)
        self._drop(id)

    def _drop(self, number: int) -> None:
        late = self._tail.pop(number, None)
        for key in late.keys if late is not None else ():
            self._by_key[key].discard(number)

    def score(self, row: Mapping[str, Any], *, leave_out: int | None = None) -> list[Match]:
        """The known records that share a key with `row`, the surest first.

        Args:
            row: Values by column name; columns that are not there are missing values.
            leave_out: A record not to compare with: the row's own.
        """
        found = self.score_many([row], [-1 if leave_out is None else leave_out])
        order = np.lexsort((found.id, -found.weight))
        columns = (found.id[order], found.weight[order], found.probability[order])
        return [Match(*one) for one in zip(*(c.tolist() for c in columns), strict=True)]

    def score_many(self, rows: Sequence[Mapping[str, Any]], own: Sequence[int]) -> Matches:
        """The known records that share a key with any of `rows`.

        Args:
            rows: Values by column name.
            own: The number of each row's own record, which it is not compared with; -1 for none.

        Returns:
            All pairs, in the order of rows.
        """
        return self._scored(self._asked(rows, own), np.asarray(own, dtype=np.int64))

    def score_new(self, ids: NDArray[np.int64]) -> Matches | None:
        """The known records that share a key with some (sorted) of the newest segment.

        None where some are not in it.
        """
        asked = self.segments[-1].asked(ids) if self.segments else None
        return None if asked is None else self._scored(asked, ids)

    def _scored(self, asked: _Question, mine: NDArray[np.int64]) -> Matches:
        lots: list[Lot] = []
        form_of: list[NDArray[np.uint64]] = []
        row_of: list[NDArray[np.int64]] = []
        id_of: list[NDArray[np.int64]] = []
        at: list[NDArray[np.int64]] = []
        base = 0
        for segment in self.segments:
            query, found = segment.sharing(asked.entries)
            keep = segment.ids[found] != mine[query]
            query, found = query[keep], found[keep]
            if len(found):
                used = np.unique(found)
                lots.append(segment.lot(used))
                form_of.append(segment.forms[found])
                row_of.append(query)
                id_of.append(segment.ids[found])
                at.append(base + np.searchsorted(used, found))
                base += len(used)
        late = self._late(asked.entries, mine)
        if late:
            numbers = sorted({number for _, number in late})
            place = {number: base + i for i, number in enumerate(numbers)}
            lots += [self._tail[n].own.lot for n in numbers]
            form_of.append(np.array([self._tail[n].own.forms[0] for _, n in late], dtype=np.uint64))
            row_of.append(np.array([query for query, _ in late], dtype=np.int64))
            id_of.append(np.array([number for _, number in late], dtype=np.int64))
            at.append(np.array([place[number] for _, number in late], dtype=np.int64))
            base += len(numbers)
        if not lots:
            return NO_MATCHES
        query, ids, left = (np.concatenate(many) for many in (row_of, id_of, at))
        prepared = gathered([*lots, asked.lot], self.model.fields)
        worth = self.model.worth(prepared)
        scored = scoring.compare_all(self.model, prepared, worth, left, base + query)
        weighed = scoring.weigh(self.model, scored, self._tables)
        own, form = asked.forms[query], np.concatenate(form_of)
        return Matches(query, ids, weighed.weight, weighed.probability, own, form)

    def _asked(self, rows: Sequence[Mapping[str, Any]], own: Sequence[int]) -> _Question:
        """Rows prepared; a single one may be known already."""
        late = self._tail.get(own[0]) if len(rows) == 1 else None
        if late is not None and late.row == rows[0]:
            return late.own
        return _Question.of(rows, self.model)

    def _late(self, entries: NDArray[np.uint64], own: NDArray[np.int64]) -> list[tuple[int, int]]:
        """Rows of the question with the records of the tail that share a key with them."""
        if not self._tail:
            return []
        keys = (entries >> blocking.ROW_BITS).tolist()
        asked = (entries & blocking.ROW_MASK).astype(np.int64).tolist()
        found = {
            (query, number)
            for key, query in zip(keys, asked, strict=True)
            for number in self._by_key.get(key, ())
            if number != own[query]
        }
        return sorted(found)
