"""One contract over every way of the folder: same rows, going on after any chunk, dirty input."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from idp_cdi.connectors import Connection, find
from idp_cdi.errors import IdpCdiError, UsageError
from idp_cdi.plugins import ways

ROWS = [
    {
        "id": str(i),
        "name": f"Müller {i} GmbH",
        "zip": f"0{1000 + i}",
        "born": f"2001-02-{i % 28 + 1:02}",
    }
    for i in range(1, 61)
]


def make_csv(folder):
    path = folder / "t.csv"
    lines = [";".join(ROWS[0]), *(";".join(r.values()) for r in ROWS)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def make_excel(folder):
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "t"
    sheet.append(list(ROWS[0]))
    for r in ROWS:
        sheet.append([int(r["id"]), r["name"], r["zip"], datetime.fromisoformat(r["born"])])
    book.save(folder / "t.xlsx")
    return folder / "t.xlsx"


def make_jsonl(folder):
    path = folder / "t.jsonl"
    path.write_text("\n".join(json.dumps(r) for r in ROWS), encoding="utf-8")
    return path


def make_json(folder):
    path = folder / "t.json"
    path.write_text(json.dumps({"count": 60, "items": ROWS}, indent=1), encoding="utf-8")
    return path


def make_parquet(folder):
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [
        r | {"id": int(r["id"]), "born": datetime.fromisoformat(r["born"]).date()} for r in ROWS
    ]
    pq.write_table(pa.Table.from_pylist(rows), folder / "t.parquet")
    return folder / "t.parquet"


def make_singer(folder):
    lines = [
        {"type": "SCHEMA", "stream": "t", "key_properties": ["id"],
         "schema": {"properties": {n: {"type": "string"} for n in ROWS[0]}}},
        *({"type": "RECORD", "stream": "t", "record": r} for r in ROWS),
        {"type": "STATE", "value": {"bookmarks": {"t": 60}}},
    ]  # fmt: skip
    path = folder / "t.singer"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


MAKERS = [make_csv, make_excel, make_jsonl, make_json, make_parquet, make_singer]


@pytest.mark.parametrize("make", MAKERS, ids=lambda m: m.__name__[5:])
def test_every_way_gives_the_same_rows(make, tmp_path):
    connection = Connection(str(make(tmp_path)))
    way = find(connection.location)
    stream = way.streams(connection)[0]
    assert stream.name == "t"
    assert stream.columns == tuple(ROWS[0])
    chunks = list(way.read(connection, stream, {}))
    assert [row for chunk in chunks for row in chunk.rows()] == ROWS
    assert not [r for chunk in chunks for r in chunk.rejects]


@pytest.mark.parametrize(
    "make", [m for m in MAKERS if m is not make_singer], ids=lambda m: m.__name__[5:]
)
def test_every_file_goes_on_after_any_chunk(make, tmp_path, monkeypatch):
    connection = Connection(str(make(tmp_path)))
    way = find(connection.location)
    monkeypatch.setattr(way, "CHUNK_ROWS", 7)
    stream = way.streams(connection)[0]
    chunks = list(way.read(connection, stream, {}))
    assert len(chunks) >= 8
    for cut, chunk in enumerate(chunks):
        before = [row for c in chunks[: cut + 1] for row in c.rows()]
        after = [row for c in way.read(connection, stream, chunk.state) for row in c.rows()]
        assert before + after == ROWS


@pytest.mark.parametrize(
    "suffix", [".csv", ".xlsx", ".jsonl", ".json", ".parquet", ".sta", ".singer"]
)
@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 64, b"\xff\xfe", b"{", b"PK\x03\x04junk", b"\n\n"]
)
def test_rubbish_is_one_of_our_errors_or_rows(suffix, content, tmp_path):
    path = tmp_path / f"x{suffix}"
    path.write_bytes(content)
    connection = Connection(str(path))
    way = find(connection.location)
    try:
        for stream in way.streams(connection):
            list(way.read(connection, stream, {}))
    except IdpCdiError as error:
        assert error.exit_code in (2, 3)


def test_every_way_says_what_it_is():
    names = [w.NAME for w in ways("connectors")]
    assert len(names) == len(set(names)) >= 10
    for way in ways("connectors"):
        assert 0 <= way.score("x.csv") <= 1
        assert way.__doc__


def test_what_nobody_reads_is_refused():
    with pytest.raises(UsageError, match="no connector"):
        find("picture.png")
    with pytest.raises(UsageError, match="there is no connector"):
        find("x.csv", "carrier-pigeon")
