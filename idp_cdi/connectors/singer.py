"""Singer taps on standard input, or their saved output: ``tap-x | idp-cdi connect run x.yaml``.

Source: https://github.com/singer-io/getting-started/blob/master/docs/SPEC.md. SCHEMA messages give
columns, key and cursor; RECORD messages rows; STATE messages are kept as they are and handed back
with ``idp-cdi connect status --json`` for the tap's ``--state``. ACTIVATE_VERSION begins a full
table anew; a row with ``_sdc_deleted_at`` is gone. Streams may be interleaved.

Location: ``-`` for standard input, or a file ending in ``.singer``.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from idp_cdi.connectors import CHUNK_ROWS, Chunk, Connection, Reject, State, Stream
from idp_cdi.connectors._objects import Objects
from idp_cdi.connectors._text import head
from idp_cdi.errors import UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

NAME = "singer"


def score(location: str) -> float:
    """1 for standard input and saved output of taps."""
    return float(location == "-" or location.lower().endswith(".singer"))


def streams(connection: Connection) -> list[Stream]:
    """The streams that the SCHEMA messages describe."""
    found: dict[str, Stream] = {}
    for _, message in _messages(connection):
        if isinstance(message, dict) and message.get("type") == "SCHEMA":
            found[message["stream"]] = _described(message)
    if not found:
        raise UnreadableInput(
            "no SCHEMA message in it", code="singer.schema", file=connection.location
        )
    return list(found.values())


def _described(message: dict[str, Any]) -> Stream:
    properties = message.get("schema", {}).get("properties", {})
    columns: list[str] = []
    for name, spec in properties.items():
        inner = spec.get("properties") if isinstance(spec, dict) else None
        columns += [f"{name}.{part}" for part in inner] if inner else [name]
    cursors = message.get("bookmark_properties") or [""]
    return Stream(
        message["stream"],
        tuple(columns),
        tuple(message.get("key_properties") or ()),
        cursors[0] if isinstance(cursors, list) else str(cursors),
    )


def read(connection: Connection, stream: Stream, state: State) -> Iterator[Chunk]:
    """The RECORD messages of one stream; a line that is no JSON counts to the stream before it."""
    objects = Objects(stream.columns)
    kept: State = {}
    last = stream.name
    for number, message in _messages(connection):
        if not isinstance(message, dict):
            if last != stream.name:
                continue
            objects.rejects.append(
                Reject(number, "json.syntax", "not JSON", (("line", str(message)),))
            )
            continue
        kind, last = message.get("type"), message.get("stream", last)
        if kind == "STATE":
            kept = {"tap": json.dumps(message.get("value"), ensure_ascii=False)}
        elif kind == "RECORD" and message.get("stream") == stream.name:
            record = message.get("record") or {}
            gone = bool(record.pop("_sdc_deleted_at", None))
            objects.add(number, record, deleted=gone)
            if len(objects) >= CHUNK_ROWS:
                yield objects.chunk(kept)
    if objects or kept:
        yield objects.chunk(kept)


def _messages(connection: Connection) -> Iterator[tuple[int, Any]]:
    if connection.location == "-":
        file = _standard_input()
        file.seek(0)
        yield from _parsed(file)
        return
    head(Path(connection.location), 1)
    with Path(connection.location).open("rb") as file:
        yield from _parsed(file)


def _parsed(file: IO[bytes]) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(file, 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError:
                yield number, line.decode("utf-8", "replace").rstrip()


@cache
def _standard_input() -> IO[bytes]:
    """Standard input in a temporary file: several streams are read from it in turn."""
    kept: IO[bytes] = TemporaryFile()  # noqa: SIM115 -- lives as long as the process
    while block := sys.stdin.buffer.read(1 << 20):
        kept.write(block)
    return kept
