# ruff: noqa: E501
"""Singer messages: interleaved streams, deletes, the tap's own state, lines that are no JSON."""

from __future__ import annotations

import io
import json
import sys
from types import SimpleNamespace

import pytest

from idp_cdi.connectors import Connection, singer
from idp_cdi.errors import UnreadableInput

LINES = [
    {"type": "SCHEMA", "stream": "a", "key_properties": ["id"], "bookmark_properties": ["at"],
     "schema": {"properties": {"id": {}, "name": {}, "address": {"properties": {"city": {}}}}}},
    {"type": "SCHEMA", "stream": "b", "key_properties": ["id"], "schema": {"properties": {"id": {}}}},
    {"type": "RECORD", "stream": "a", "record": {"id": 1, "name": "A", "address": {"city": "Bonn"}}},
    {"type": "RECORD", "stream": "b", "record": {"id": 7}},
    {"type": "RECORD", "stream": "a", "record": {"id": 2, "name": "B", "_sdc_deleted_at": "2026-01-01"}},
    {"type": "STATE", "value": {"bookmarks": {"a": {"at": "2026-01-02"}}}},
]  # fmt: skip


def as_bytes(*extra):
    return "\n".join([*map(json.dumps, LINES), *extra]).encode()


def test_streams_keys_and_cursor_come_from_the_schema_messages(tmp_path):
    path = tmp_path / "x.singer"
    path.write_bytes(as_bytes())
    first, second = singer.streams(Connection(str(path)))
    assert (first.name, first.primary_key, first.cursor) == ("a", ("id",), "at")
    assert first.columns == ("id", "name", "address.city")
    assert second.name == "b"


def test_rows_deletes_and_state_of_interleaved_streams(tmp_path):
    path = tmp_path / "x.singer"
    path.write_bytes(as_bytes("this is no JSON"))
    connection = Connection(str(path))
    first, second = singer.streams(connection)
    chunk = next(singer.read(connection, first, {}))
    assert [r["address.city"] for r in chunk.rows()] == ["Bonn", ""]
    assert chunk.deleted == {5}
    assert [r.code for r in chunk.rejects] == ["json.syntax"]
    assert json.loads(chunk.state["tap"]) == {"bookmarks": {"a": {"at": "2026-01-02"}}}
    other = next(singer.read(connection, second, {}))
    assert [r["id"] for r in other.rows()] == ["7"]
    assert not other.rejects


def test_standard_input_serves_every_stream(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(as_bytes())))
    singer._standard_input.cache_clear()
    connection = Connection("-")
    found = {
        s.name: sum(len(c) for c in singer.read(connection, s, {}))
        for s in singer.streams(connection)
    }
    assert found == {"a": 2, "b": 1}
    singer._standard_input().close()
    singer._standard_input.cache_clear()


def test_output_without_schema_is_refused(tmp_path):
    path = tmp_path / "x.singer"
    path.write_text('{"type": "STATE", "value": {}}')
    with pytest.raises(UnreadableInput, match="no SCHEMA"):
        singer.streams(Connection(str(path)))
