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

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import UnreadableInput, UsageError
from idp_cdi.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idp_cdi.engines.local import Result
    from idp_cdi.matching.columns import Column
    from idp_cdi.progress import Progress


@dataclass(frozen=True, slots=True)
class Matched:
    """What matching found: `ids` of the rows in order, and the engine's result by row number.

    `table` is what was matched, `threshold` the match probability from which records link.
    """

    ids: Any
    result: Result
    table: Any
    threshold: float

    def clusters(self) -> Any:
        """An Arrow table of record_id and cluster_id (the id of a record of the cluster)."""
        import pyarrow as pa

        labels = self.ids.take(pa.array(self.result.clusters))
        return pa.table({"record_id": self.ids, "cluster_id": labels})

    def report(self) -> str:
        """An HTML page: columns, match weights, precision and recall over the threshold."""
        from idp_cdi.steps._match_page import page

        return page(self.table, self.result, self.threshold)

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
        tables: Arrow tables, or paths of CSV or Parquet files; columns of one name are one field.
        threshold: The match probability from which records belong together.
        config: A YAML file that says what columns are: ``columns: {COLUMN: KIND}``, and
            optionally ``threshold`` and ``model`` (a folder with a model learned before).
        labels: A CSV file of answers (left, right, verdict: same or different): the model learns
            from them and the threshold is set where they say.
        progress: Told of the stretches of work.

    Returns:
        Ids and clusters of all rows. Without a column of ids, rows are numbered from 1.

    Raises:
        UnreadableInput: A table can't be read, or there is none.
        SettingsError: The configuration is wrong.
    """
    import pyarrow as pa

    from idp_cdi.engines import local
    from idp_cdi.matching import columns as kinds
    from idp_cdi.matching.configuration import read as read_config
    from idp_cdi.matching.labels import read as read_labels

    read_ones = [_read(t) if isinstance(t, str | Path) else t for t in tables]
    if not read_ones:
        raise UsageError(
            "there is no table to match", action="name at least one CSV or Parquet file"
        )
    table = pa.concat_tables(read_ones, promote_options="default")
    settings = read_config(Path(config)) if config is not None else None
    found = kinds.detect(table)
    if settings is not None:
        found = settings.applied_to(found)
        threshold = settings.threshold if settings.threshold is not None else threshold
    ids = _ids(table, found)
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
    return Matched(ids, result, table, threshold)


def _ranks(ids: Any) -> Any:
    """The place of each row in the order of ids, which breaks ties whatever the order of rows."""
    import numpy as np
    import pyarrow.compute as pc

    ranks = np.empty(len(ids), dtype=np.int64)
    ranks[pc.sort_indices(ids).to_numpy()] = np.arange(len(ids), dtype=np.int64)
    return ranks


def _ids(table: Any, found: list[Column]) -> Any:
    """The ids of the rows as strings; numbers from 1 where no column has them."""
    import pyarrow as pa

    name = next((c.name for c in found if c.kind.value == "record_id"), None)
    if name is None:
        return pa.array([str(i) for i in range(1, table.num_rows + 1)])
    column = table.column(name).cast(pa.string())
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _read(source: str | Path) -> Any:
    """A table of strings from a CSV (also .gz) or Parquet file.

    Raises:
        UnreadableInput: There is no such file, or it is neither.
    """
    import pyarrow as pa

    path = Path(source)
    if not path.is_file():
        raise UnreadableInput("there is no such file", code="table.missing", file=str(source))
    try:
        if path.suffix == ".parquet":
            import pyarrow.parquet as pq

            return _as_text(pq.read_table(path))
        return _read_csv(path)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise UnreadableInput(
            "the table can't be read", code="table.format", file=str(source),
            action="save it as CSV in UTF-8 or as Parquet",
        ) from error  # fmt: skip


def _read_csv(path: Path) -> Any:
    """All columns as text: a leading zero is a leading zero."""
    import pyarrow as pa
    import pyarrow.csv as csv

    with csv.open_csv(path) as stream:
        names = stream.schema.names
    convert = csv.ConvertOptions(
        column_types={name: pa.string() for name in names},
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
        null_values=[""],
    )
    return csv.read_csv(
        path, convert_options=convert, parse_options=csv.ParseOptions(newlines_in_values=True)
    )


def _as_text(table: Any) -> Any:
    import pyarrow as pa

    columns = [c if pa.types.is_string(c.type) else c.cast(pa.string()) for c in table.columns]
    return pa.table(dict(zip(table.column_names, columns, strict=True)))
