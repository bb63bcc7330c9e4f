"""One record against all that are known: the same keys, comparisons and weights as in a batch.

The index keeps the rows as they came, and one sorted array of keys with their rows, both in files
that are mapped into memory, so that opening it costs nothing. A new record's keys find the rows
that share one; those few rows and the record are then prepared and compared by the batch code
itself, so that the pairs are those of a batch run with the same model, by construction.

Additions and removals go to a journal beside the files and are in effect at once; `save` takes
them into the files.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.errors import UsageError
from idp_cdi.matching import blocking, records, scoring

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from idp_cdi.matching.model import Model

Row = dict[str, "str | None"]


@dataclass(frozen=True, slots=True)
class Match:
    """A known record that may be the same party as the one asked about."""

    id: str
    weight: float
    probability: float
    household: float
    namesake: float


class Index:
    """Records that can be asked "who is this?" one at a time.

    Build it from a table (`build`), or open what was saved (`open`).
    """

    def __init__(self, model: Model, table: Any, ids: Any, keys: NDArray[np.uint64]) -> None:
        self.model = model
        self._table, self._ids, self._keys = table, ids, keys
        self._columns = records.columns_of(model.plan, confidences=True)
        self._added: list[tuple[str, Row]] = []
        self._by_key: dict[int, list[int]] = {}
        self._gone: set[int] = set()
        self._row_of: dict[str, int] | None = None
        self._journal: Path | None = None

    def __len__(self) -> int:
        return len(self._ids) + len(self._added) - len(self._gone)

    @classmethod
    def build(cls, table: Any, ids: Sequence[str], model: Model) -> Index:
        """Index the rows of an Arrow table of strings.

        Args:
            table: Has the columns of the model's plan; others are left out.
            ids: An id for each row, all different.
            model: Decides keys and weights.
        """
        import pyarrow as pa

        table = _strings(table, records.columns_of(model.plan, confidences=True))
        prepared = records.prepare(table, model.plan)
        keys = blocking.entries(prepared, model)
        return cls(model, table, pa.array(ids, type=pa.string()), keys)

    @classmethod
    def open(cls, folder: Path) -> Index:
        """Open a saved index; the files are mapped, not read.

        Raises:
            UsageError: There is no index in `folder`.
        """
        import pyarrow as pa

        from idp_cdi.matching.model import Model

        if not (folder / "rows.arrow").exists():
            raise UsageError(
                "there is no matching index", file=str(folder), action="build it again"
            )
        with pa.memory_map(str(folder / "rows.arrow")) as source:
            table = pa.ipc.open_file(source).read_all()
        keys = np.load(folder / "keys.npy", mmap_mode="r")
        ids = table.column("__id__").combine_chunks()
        index = cls(Model.load(folder / "model"), table.drop_columns(["__id__"]), ids, keys)
        index._journal = folder / "journal.jsonl"
        if index._journal.exists():
            index._replay(index._journal.read_text(encoding="utf-8").splitlines())
        return index

    def save(self, folder: Path) -> None:
        """Write everything, additions and removals taken in; a journal starts anew."""
        import pyarrow as pa

        table, ids = self._table, self._ids
        if self._added or self._gone:
            table, ids = self._all_rows()
            fresh = Index.build(table, ids.to_pylist(), self.model)
            self.__init__(self.model, fresh._table, fresh._ids, fresh._keys)  # type: ignore[misc]
            table, ids = self._table, self._ids
        folder.mkdir(parents=True, exist_ok=True)
        named = table.append_column("__id__", ids)
        with (
            pa.OSFile(str(folder / "rows.arrow.new"), "wb") as sink,
            pa.ipc.new_file(sink, named.schema) as writer,
        ):
            writer.write_table(named.combine_chunks())
        np.save(folder / "keys.new.npy", self._keys)
        self.model.save(folder / "model")
        (folder / "rows.arrow.new").replace(folder / "rows.arrow")
        (folder / "keys.new.npy").replace(folder / "keys.npy")
        self._journal = folder / "journal.jsonl"
        self._journal.unlink(missing_ok=True)

    def add(self, id: str, row: Mapping[str, str | None]) -> None:
        """Take in a record; one of the same id is replaced."""
        self._say({"id": id, "row": dict(row)})
        self._take_in(id, dict(row))

    def remove(self, id: str) -> None:
        """Forget a record; unknown ids are passed over."""
        self._say({"id": id})
        self._forget(id)

    def score(
        self, row: Mapping[str, str | None], *, least: float = 0.0, leave_out: str | None = None
    ) -> list[Match]:
        """The known records that share a key with `row`, the surest first.

        Args:
            row: Values by column name; columns that are not there are missing values.
            least: Leave out pairs below this probability.
            leave_out: An id not to compare with: the record's own.
        """
        alone = self._small_table([dict(row)])
        prepared = records.prepare(alone, self.model.plan)
        rows = self._sharing(blocking.entries(prepared, self.model) >> blocking.ROW_BITS)
        rows = [r for r in rows if r not in self._gone and self._id(r) != leave_out]
        if not rows:
            return []
        return self._weigh(rows, alone, least)

    def _weigh(self, rows: list[int], alone: Any, least: float) -> list[Match]:
        import pyarrow as pa

        base = len(self._ids)
        old = [r for r in rows if r < base]
        parts = [self._table.take(pa.array(old))] if old else []
        new = [r for r in rows if r >= base]
        if new:
            parts.append(self._small_table([self._added[r - base][1] for r in new]))
        prepared = records.prepare(pa.concat_tables([*parts, alone]), self.model.plan)
        worth = self.model.worth(prepared)
        left = np.arange(len(rows), dtype=np.int64)
        right = np.full(len(rows), len(rows), dtype=np.int64)
        scored = scoring.compare_all(self.model, prepared, worth, left, right)
        found = scoring.weigh(self.model, scored)
        order = np.argsort(-found.weight, kind="stable")
        ordered = [*old, *new]
        return [
            Match(
                self._id(ordered[i]), float(found.weight[i]), float(found.probability[i]),
                float(found.related[0, i]), float(found.related[1, i]),
            )
            for i in order
            if found.probability[i] >= least
        ]  # fmt: skip

    def _sharing(self, hashes: NDArray[np.uint64]) -> list[int]:
        """The rows that share one of the keys."""
        low = np.searchsorted(self._keys, hashes << blocking.ROW_BITS)
        high = np.searchsorted(self._keys, (hashes + np.uint64(1)) << blocking.ROW_BITS)
        found: set[int] = set()
        for a, b, value in zip(low.tolist(), high.tolist(), hashes.tolist(), strict=True):
            if b > a:
                found.update((self._keys[a:b] & blocking.ROW_MASK).tolist())
            found.update(self._by_key.get(value, ()))
        return sorted(found)

    def _small_table(self, rows: list[Row]) -> Any:
        import pyarrow as pa

        return pa.table(
            {
                c: pa.array([_text(r.get(c)) for r in rows], type=pa.string())
                for c in self._columns
                if not c.endswith(records.CONFIDENCE) or c in self._table.column_names
            }
        )

    def _id(self, row: int) -> str:
        base = len(self._ids)
        return str(self._ids[row].as_py()) if row < base else self._added[row - base][0]

    def _rows(self) -> dict[str, int]:
        """Rows by id; made when first asked for."""
        if self._row_of is None:
            self._row_of = {i: n for n, i in enumerate(self._ids.to_pylist())}
        return self._row_of

    def _take_in(self, id: str, row: Row) -> None:
        self._forget(id)
        number = len(self._ids) + len(self._added)
        self._added.append((id, row))
        self._rows()[id] = number
        prepared = records.prepare(self._small_table([row]), self.model.plan)
        for value in (blocking.entries(prepared, self.model) >> blocking.ROW_BITS).tolist():
            self._by_key.setdefault(value, []).append(number)

    def _forget(self, id: str) -> None:
        known = self._rows().pop(id, None)
        if known is not None:
            self._gone.add(known)

    def _say(self, entry: dict[str, Any]) -> None:
        if self._journal is not None:
            with self._journal.open("a", encoding="utf-8") as out:
                out.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def _replay(self, lines: Iterable[str]) -> None:
        """Take in the journal; a last line that was cut off by a crash is passed over."""
        for line in lines:
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:
                continue
            if "row" in entry:
                self._take_in(entry["id"], entry["row"])
            else:
                self._forget(entry["id"])

    def _all_rows(self) -> tuple[Any, Any]:
        """The living rows as one table, and their ids."""
        import pyarrow as pa

        base = len(self._ids)
        keep = [r for r in range(base) if r not in self._gone]
        new = [(i, r) for n, (i, r) in enumerate(self._added, start=base) if n not in self._gone]
        table = pa.concat_tables(
            [self._table.take(pa.array(keep, pa.int64())), self._small_table([r for _, r in new])]
        )
        ids = self._ids.take(pa.array(keep, pa.int64())).to_pylist() + [i for i, _ in new]
        return table, pa.array(ids, type=pa.string())


def _strings(table: Any, names: Sequence[str]) -> Any:
    """The named columns as strings; those that the table lacks are empty."""
    import pyarrow as pa

    empty = pa.nulls(table.num_rows, pa.string())
    known = set(table.column_names)
    return pa.table(
        {
            n: table.column(n).cast(pa.string()) if n in known else empty
            for n in names
            if n in known or not n.endswith(records.CONFIDENCE)
        }
    ).combine_chunks()


def _text(value: object) -> str | None:
    return None if value is None else str(value)
