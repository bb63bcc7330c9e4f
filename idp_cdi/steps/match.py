"""Match plain tables: their records in, clusters out, without a store and without configuration.

>>> import pyarrow as pa
>>> people = pa.table({
...     "id": ["a", "b", "c"],
...     "name": ["Ada Lovelace", "Lovelace, Ada", "Alan Turing"],
...     "email": ["ada@analytical.example", "ada@analytical.example", None],
... })
>>> match([people]).clusters().to_pydict()
{'record_id': ['a', 'b', 'c'], 'cluster_id': ['a', 'a', 'c']}
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import UsageError
from idp_cdi.progress import SILENT
from idp_cdi.steps._plain_tables import Table, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from idp_cdi.engines.local import Result
    from idp_cdi.matching.columns import Column
    from idp_cdi.matching.row_numbers import Parts
    from idp_cdi.progress import Progress


@dataclass(frozen=True, slots=True)
class Matched:
    """What matching found: `ids` of the rows in order, and the engine's result by row number.

    `table` is what was matched, `threshold` the match probability from which records link;
    `renamed` has the columns of further tables that are columns of the first by another name,
    `notices` say what was odd about the files.
    """

    ids: Any
    result: Result
    table: Any
    threshold: float
    renamed: Mapping[str, str]
    notices: tuple[str, ...] = ()

    def clusters(self) -> Any:
        """An Arrow table of record_id and cluster_id (the id of a record of the cluster)."""
        import pyarrow as pa

        labels = self.ids.take(pa.array(self.result.clusters))
        return pa.table({"record_id": self.ids, "cluster_id": labels})

    def report(self) -> str:
        """An HTML page: columns, match weights, precision and recall over the threshold."""
        from idp_cdi.steps._match_page import page

        return page(self.table, self.result, self.threshold, self.renamed)

    def pairs(self, least: float = 0.01) -> Any:
        """An Arrow table of the compared pairs from probability `least`, the surest first."""
        import numpy as np
        import pyarrow as pa

        found = self.result.pairs
        keep = np.flatnonzero(found.probability >= least)
        keep = keep[np.argsort(-found.weight[keep], kind="stable")]
        return pa.table(
            {
                "left": self.ids.take(pa.array(found.left[keep])),
                "right": self.ids.take(pa.array(found.right[keep])),
                "weight": found.weight[keep].round(3),
                "probability": found.probability[keep].round(6),
                "related": found.related[:, keep].sum(axis=0).round(6),
                "pattern": found.pattern[keep],
            }
        )


def match(
    tables: Iterable[str | Path | Any],
    *,
    threshold: float = 0.5,
    config: str | Path | None = None,
    labels: str | Path | None = None,
    progress: Progress = SILENT,
) -> Matched:
    """Link the records of plain tables.

    Args:
        tables: Arrow tables, or paths of files that the connectors read (CSV in any encoding and
            with any delimiter, Excel, JSON Lines, Parquet …); columns of one name are one field,
            others are paired by what they hold.
        threshold: The match probability from which records belong together.
        config: A YAML file that says what columns are: ``columns: {COLUMN: KIND}``, and
            optionally ``threshold`` and ``model`` (a folder with a model learned before).
        labels: A CSV file of answers (left, right, verdict: same or different): the model learns
            from them and the threshold is set where they say.
        progress: Told of the stretches of work.

    Returns:
        Ids and clusters of all rows. Without a column of ids, rows are numbered from 1; where two
        tables use the same ids, each has its table's name before it (``crm:1``).

    Raises:
        UnreadableInput: A table can't be read.
        UsageError: There is no table, or no connector reads a file.
        SettingsError: The configuration is wrong.
    """
    from idp_cdi.engines import local
    from idp_cdi.matching import columns as kinds
    from idp_cdi.matching.column_pairs import aligned
    from idp_cdi.matching.configuration import read as read_config
    from idp_cdi.matching.labels import read as read_labels
    from idp_cdi.matching.row_numbers import Parts

    given = [t for source in tables for t in _tables(source)]
    if not given:
        raise UsageError("there is no table to match", action="name at least one file with a table")
    table, renamed = aligned([t.data for t in given])
    parts = Parts.of([t.data.num_rows for t in given])
    settings = read_config(Path(config)) if config is not None else None
    found = kinds.detect(table, parts)
    if settings is not None:
        found = settings.applied_to(found, renamed)
        threshold = settings.threshold if settings.threshold is not None else threshold
    ids = _ids(table, found, _names(given), parts)
    answers = None
    if labels is not None:
        answers = read_labels(Path(labels), {i: n for n, i in enumerate(ids.to_pylist())})
    options = local.Options(
        labels=answers,
        model=settings.model() if settings is not None else None,
        columns=tuple(found),
        threshold=threshold,
        rank=_ranks(ids),
    )
    result = local.run(table, options, progress=progress)
    notices = tuple(n for t in given for n in t.notices)
    return Matched(ids, result, table, threshold, renamed, notices)


def _tables(source: str | Path | Any) -> list[Table]:
    return read(source) if isinstance(source, str | Path) else [Table("table", source)]


def _ranks(ids: Any) -> Any:
    """The place of each row in the order of ids, which breaks ties whatever the order of rows."""
    import numpy as np
    import pyarrow.compute as pc

    ranks = np.empty(len(ids), dtype=np.int64)
    ranks[pc.sort_indices(ids).to_numpy()] = np.arange(len(ids), dtype=np.int64)
    return ranks


def _ids(table: Any, found: list[Column], names: list[str], parts: Parts) -> Any:
    """The ids of the rows as strings: what a column of ids says, else numbers from 1.

    Where several tables use the same id, all have the table's name before them.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    numbered = [table.column(c.name) for c in found if c.kind.value == "record_id"]
    ids = []
    for at, size in parts.spans:
        own = (column.slice(at, size) for column in numbered)
        given = next((c for c in own if c.null_count == 0 and size), None)
        ids.append(
            pa.array([str(i) for i in range(1, size + 1)], pa.string())
            if given is None
            else pa.concat_arrays(given.cast(pa.string()).chunks)
        )
    whole = pa.concat_arrays(ids)
    if len(ids) == 1 or pc.count_distinct(whole).as_py() == len(whole):
        return whole
    return pa.concat_arrays(
        [pc.binary_join_element_wise(n, i, ":") for n, i in zip(names, ids, strict=True)]
    )


def _names(tables: list[Table]) -> list[str]:
    """What to call the tables, each another; a name that returns gets a number."""
    used: Counter[str] = Counter()
    out = []
    for table in tables:
        used[table.name] += 1
        out.append(table.name if used[table.name] == 1 else f"{table.name}-{used[table.name]}")
    return out
