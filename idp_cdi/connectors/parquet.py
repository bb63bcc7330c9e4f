"""Apache Parquet and Arrow files, read a batch of rows at a time.

Source: https://arrow.apache.org/docs/python/parquet.html. Only the columns that the mapping reads
need to be decoded. Options: ``primary_key``, ``cursor``, ``columns``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from idp_cdi.connectors import CHUNK_ROWS, Chunk, Connection, State, Stream
from idp_cdi.connectors._files import file_mark, keys_of
from idp_cdi.connectors._text import head
from idp_cdi.connectors._values import text
from idp_cdi.errors import UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "parquet"
_SUFFIXES = frozenset({".parquet", ".pq"})


def score(location: str) -> float:
    """1 for the endings of Parquet files."""
    return float("://" not in location and Path(location).suffix.lower() in _SUFFIXES)


def streams(connection: Connection) -> list[Stream]:
    """The one table of the file, with the types that it declares."""
    schema = _open(connection).schema_arrow
    key, cursor = keys_of(connection, tuple(schema.names))
    types = tuple(str(t) for t in schema.types)
    return [Stream(Path(connection.location).stem, tuple(schema.names), key, cursor, types)]


def read(connection: Connection, stream: Stream, state: State) -> Iterator[Chunk]:
    """The rows after ``state["row"]``, while the file is the one the state is about."""
    mark = file_mark(Path(connection.location))
    done = int(state.get("row", 0)) if state.get("file") == mark else 0
    number = 0
    for batch in _open(connection).iter_batches(batch_size=CHUNK_ROWS):
        rows = batch.num_rows
        if number + rows > done:
            skip = max(0, done - number)
            columns = tuple(_texts(c.slice(skip)) for c in batch.columns)
            numbers = range(number + skip + 1, number + rows + 1)
            yield Chunk(
                tuple(batch.schema.names), columns, numbers, {"file": mark, "row": number + rows}
            )
        number += rows


def _texts(column: Any) -> list[str]:
    import pyarrow as pa

    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column.fill_null("").to_pylist()  # type: ignore[no-any-return]
    if pa.types.is_integer(column.type):
        return column.cast(pa.string()).fill_null("").to_pylist()  # type: ignore[no-any-return]
    return [text(v) for v in column.to_pylist()]


def _open(connection: Connection) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = Path(connection.location)
    head(path, 1)
    try:
        return pq.ParquetFile(path, memory_map=False)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableInput(
            "not a readable Parquet file", code="parquet.unreadable", file=str(path)
        ) from error
