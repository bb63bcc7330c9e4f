"""JSON Lines and JSON arrays of objects; nested objects become dotted columns.

Source: https://jsonlines.org. Options: ``records`` (dotted path to the array inside a JSON
document), ``primary_key``, ``cursor``. A column that appears later in the file is taken from there
on and noted: JSON has no header.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from idp_cdi.connectors import CHUNK_ROWS, Chunk, Connection, Reject, State, Stream
from idp_cdi.connectors._files import file_mark, keys_of, option
from idp_cdi.connectors._objects import Objects, dig
from idp_cdi.connectors._text import Lines
from idp_cdi.errors import LimitExceeded, UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "jsonl"
_SUFFIXES = {".jsonl": 1.0, ".ndjson": 1.0, ".ldjson": 1.0, ".json": 0.8}
_SAMPLE_ROWS = 1000
_WHOLE = 512 << 20  # bytes of a JSON document that is read at once
_CHUNK_TEXT = 16 << 20


def score(location: str) -> float:
    """1 for the endings of JSON Lines, a little less for ``.json``."""
    return 0.0 if "://" in location else _SUFFIXES.get(Path(location).suffix.lower(), 0.0)


def streams(connection: Connection) -> list[Stream]:
    """The one stream of the file, called after it; columns are those of its first 1,000 rows."""
    path = Path(connection.location)
    columns: dict[str, None] = {}
    for count, (_, item, _) in enumerate(_items(connection, 0)):
        if isinstance(item, dict):
            columns.update(dict.fromkeys(Objects.flat(item)))
        if count >= _SAMPLE_ROWS:
            break
    if not columns:
        raise UnreadableInput("no JSON objects in it", code="feed.empty", file=str(path))
    key, cursor = keys_of(connection, tuple(columns))
    return [Stream(path.stem, tuple(columns), key, cursor)]


def read(connection: Connection, stream: Stream, state: State) -> Iterator[Chunk]:
    """The objects after line ``state["line"]``, while the file is the one the state is about."""
    mark = file_mark(Path(connection.location))
    done = int(state.get("line", 0)) if state.get("file") == mark else 0
    objects, size, last = Objects(stream.columns), 0, done
    for number, item, length in _items(connection, done):
        last = number
        if isinstance(item, dict):
            objects.add(number, item)
        elif isinstance(item, _Bad):
            cells = (("line", item.line),)
            objects.rejects.append(Reject(number, "json.syntax", item.reason, cells))
        else:
            reason = "a row must be a JSON object"
            objects.rejects.append(Reject(number, "json.row", reason, (("line", str(item)),)))
        size += length
        if len(objects) >= CHUNK_ROWS or size > _CHUNK_TEXT:
            yield objects.chunk({"file": mark, "line": last})
            size = 0
    if objects or last > done:
        yield objects.chunk({"file": mark, "line": last})


class _Bad:
    """A line that is no JSON."""

    __slots__ = ("line", "reason")

    def __init__(self, line: str, reason: str) -> None:
        self.line, self.reason = line, reason


def _items(connection: Connection, done: int) -> Iterator[tuple[int, object, int]]:
    """Line or element number, the value, and how many characters it took."""
    path = Path(connection.location)
    lines = Lines(path, option(connection, "encoding"))
    first = next((line for line in lines if line.strip()), "").strip()
    if path.suffix.lower() == ".json" and not _is_object(first):
        yield from _document(connection, path, done)
        return
    for number, line in enumerate(Lines(path, lines.encoding), 1):
        if number <= done or not line.strip():
            continue
        try:
            yield number, json.loads(line), len(line)
        except (ValueError, RecursionError) as error:
            yield number, _Bad(line.rstrip("\n"), f"not JSON: {_reason(error)}"), len(line)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _document(connection: Connection, path: Path, done: int) -> Iterator[tuple[int, object, int]]:
    if path.stat().st_size > _WHOLE:
        raise LimitExceeded(
            f"a JSON document of more than {_WHOLE >> 20} MB",
            code="feed.size",
            file=str(path),
            action="export it as JSON Lines, one object a line",
        )
    try:
        whole = json.loads("".join(Lines(path, option(connection, "encoding"))))
    except (ValueError, RecursionError) as error:
        raise UnreadableInput(
            f"not JSON: {_reason(error)}", code="json.syntax", file=str(path)
        ) from error
    wanted = option(connection, "records")
    found = dig(whole, wanted) if wanted else _largest_array(whole)
    if not isinstance(found, list):
        raise UnreadableInput("no array of objects in it", code="feed.empty", file=str(path))
    for number, item in enumerate(found, 1):
        if number > done:
            yield number, item, 256


def _largest_array(whole: object) -> object:
    if isinstance(whole, dict):
        arrays = [v for v in whole.values() if isinstance(v, list) and v]
        return max(arrays, key=len) if arrays else [whole]
    return whole


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos + 1}"
    return "nested too deeply" if isinstance(error, RecursionError) else "unreadable"
