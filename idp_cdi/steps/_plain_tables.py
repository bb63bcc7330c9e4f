"""Plain tables for matching: a file of any format that the connectors read, as columns of text.

A CSV file that Arrow can read in one go is read by Arrow, in the dialect (encoding, delimiter,
header line) that the connectors find in it; whatever Arrow refuses (rows too long or short, other
formats) goes the connectors' way, row by row, with what was odd as notices.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import UnreadableInput

if TYPE_CHECKING:
    from idp_cdi.connectors import Chunk, Connection, Stream, Way

_TOLD = 5  # rows that were set aside are named one by one up to so many


@dataclass(frozen=True, slots=True)
class Table:
    """An Arrow table of strings, what to call it, and what was odd about reading it."""

    name: str
    data: Any
    notices: tuple[str, ...] = ()


def read(source: str | Path) -> list[Table]:
    """The tables of a file: one, or one a sheet of a workbook.

    Raises:
        UnreadableInput: There is no such file, or no table is in it.
        UsageError: No connector reads this kind of file.
    """
    path = Path(source)
    if not path.is_file():
        raise UnreadableInput("there is no such file", code="table.missing", file=str(source))
    name = path.name.split(".")[0] or path.name
    if path.suffix == ".parquet":
        return [Table(name, _parquet(path))]
    if path.name.endswith(".csv.gz"):
        return [Table(name, _packed(path))]
    from idp_cdi.connectors import Connection, find

    way, connection = find(str(path)), Connection(str(path))
    if way.NAME == "csv":
        quick = _by_arrow(path, connection)
        if quick is not None:
            return [Table(name, *quick)]
    streams = way.streams(connection)
    return [
        _by_rows(way, connection, s, name if len(streams) == 1 else f"{name}/{s.name}")
        for s in streams
    ]


def _parquet(path: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except pa.ArrowInvalid as error:
        raise _broken(path) from error
    columns = [c if pa.types.is_string(c.type) else c.cast(pa.string()) for c in table.columns]
    return pa.table(dict(zip(table.column_names, columns, strict=True)))


def _packed(path: Path) -> Any:
    """A compressed CSV file, which must be plain: UTF-8, commas, a header."""
    import pyarrow as pa
    import pyarrow.csv as csv

    try:
        with csv.open_csv(path) as stream:
            names = stream.schema.names
        return csv.read_csv(
            path, convert_options=_as_text(names), parse_options=_parsing(",", '"', escape=None)
        )
    except (pa.ArrowInvalid, OSError) as error:
        raise _broken(path) from error


def _by_arrow(path: Path, connection: Connection) -> tuple[Any, tuple[str, ...]] | None:
    """The table and what was odd about its header; None where Arrow can't read it as it is."""
    import pyarrow as pa
    import pyarrow.csv as csv

    from idp_cdi.connectors._delimited import dialect_of
    from idp_cdi.connectors._text import Lines

    lines = Lines(path)
    if lines.newline != "\n":
        return None
    dialect = dialect_of(lines, connection)
    encoding = codecs.lookup(lines.encoding.removesuffix("-sig")).name
    if encoding != "utf-8" and lines.odd:
        return None
    try:
        table = csv.read_csv(
            path,
            read_options=csv.ReadOptions(
                column_names=list(dialect.columns),
                skip_rows=dialect.header,
                encoding="utf8" if encoding == "utf-8" else encoding,
            ),
            convert_options=_as_text(dialect.columns),
            parse_options=_parsing(dialect.delimiter, dialect.quote, dialect.escape),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return None
    return table, tuple(f"{path}: {n}" for n in dialect.notices)


def _parsing(delimiter: str, quote: str, escape: str | None) -> Any:
    import pyarrow.csv as csv

    return csv.ParseOptions(
        delimiter=delimiter, quote_char=quote, escape_char=escape or False, newlines_in_values=True
    )


def _as_text(names: Any) -> Any:
    """All columns as text: a leading zero is a leading zero; an empty cell is none."""
    import pyarrow as pa
    import pyarrow.csv as csv

    return csv.ConvertOptions(
        column_types={name: pa.string() for name in names},
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
        null_values=[""],
    )


def _by_rows(way: Way, connection: Connection, stream: Stream, name: str) -> Table:
    """A stream of a connector as one table, with its notices and the rows it set aside."""
    import pyarrow as pa
    import pyarrow.compute as pc

    chunks: list[Chunk] = list(way.read(connection, stream, {}))
    columns = {}
    for at, column in enumerate(stream.columns):
        text = pa.chunked_array([pa.array(c.values[at], pa.string()) for c in chunks], pa.string())
        columns[column] = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    notices = [
        f"row {n.row}: {n.message}" if n.row else n.message for c in chunks for n in c.notices
    ]
    rejects = [f"row {r.row} was set aside: {r.reason}" for c in chunks for r in c.rejects]
    told = [*_few(rejects, "rows were set aside"), *_few(notices, "rows were odd")]
    return Table(name, pa.table(columns), tuple(f"{connection.location}: {t}" for t in told))


def _few(all_of_them: list[str], what: str) -> list[str]:
    """The first ones, and how many there are beside."""
    rest = len(all_of_them) - _TOLD
    return all_of_them[:_TOLD] + ([f"{rest} more {what}"] if rest > 0 else [])


def _broken(path: Path) -> UnreadableInput:
    return UnreadableInput(
        "the table can't be read", code="table.format", file=str(path),
        action="save it as CSV in UTF-8 or as Parquet",
    )  # fmt: skip
