"""CSV and its relatives: any encoding, any delimiter, and every odd row reported by its line.

Source: https://www.rfc-editor.org/rfc/rfc4180, and what programs really write: a first line
``sep=;``, titles above the header, a stray quote that would swallow the rest of the file, rows
that are too long or short, NUL characters, two encodings in one file, cells of many megabytes.

Options: ``encoding``, ``delimiter``, ``quote``, ``header`` (line of the column names, 0 for none),
``primary_key`` and ``cursor`` (names of columns).
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from idp_cdi.connectors import CHUNK_ROWS, Chunk, Connection, Notice, State, Stream
from idp_cdi.connectors._delimited import Rows, dialect_of
from idp_cdi.connectors._files import file_mark, keys_of, option
from idp_cdi.connectors._table import Gather
from idp_cdi.connectors._text import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "csv"
_SUFFIXES = {".csv": 1.0, ".tsv": 1.0, ".tab": 1.0, ".psv": 1.0, ".txt": 0.4, ".asc": 0.4}
_CHUNK_TEXT = 16 << 20  # characters in a chunk, so that large cells don't fill the memory


def score(location: str) -> float:
    """1 for the usual endings, less for text that may be a table."""
    return 0.0 if "://" in location else _SUFFIXES.get(Path(location).suffix.lower(), 0.0)


def streams(connection: Connection) -> list[Stream]:
    """The one table of the file, called after it."""
    path = Path(connection.location)
    dialect = dialect_of(Lines(path, option(connection, "encoding")), connection)
    key, cursor = keys_of(connection, dialect.columns)
    return [Stream(path.stem, dialect.columns, key, cursor)]


def read(connection: Connection, stream: Stream, state: State) -> Iterator[Chunk]:
    """The rows after line ``state["line"]``, while the file is the one the state is about."""
    path = Path(connection.location)
    encoding = option(connection, "encoding")
    dialect = dialect_of(Lines(path, encoding), connection)
    lines, mark = Lines(path, encoding), file_mark(path)
    done = int(state.get("line", 0)) if state.get("file") == mark else 0
    gather = Gather(dialect.columns)
    if not done:
        gather.notices += [Notice(0, "header", text) for text in dialect.notices]
    skip = max(done, dialect.header)
    rows = Rows(islice(lines, skip, None), dialect, gather, skip)
    for number, row in rows:
        gather.add(number, row)
        if len(gather.cells) >= CHUNK_ROWS or rows.characters > _CHUNK_TEXT:
            _odd_lines(lines, gather, skip)
            yield gather.chunk({"file": mark, "line": rows.number})
            rows.characters = 0
    _odd_lines(lines, gather, skip)
    if gather or rows.number > done:
        yield gather.chunk({"file": mark, "line": rows.number})


def _odd_lines(lines: Lines, gather: Gather, skip: int) -> None:
    told = (
        (lines.odd, "text.encoding", f"not in {lines.encoding}; read in another encoding"),
        (lines.nuls, "text.nul", "NUL characters were left out"),
    )
    for numbers, code, message in told:
        gather.notices += [Notice(n, code, message) for n in numbers if n > skip]
        numbers.clear()
