"""Databases as sources: streamed, incremental by a cursor, nothing lost at equal times."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from idp_cdi.connectors import Connection, sql
from idp_cdi.errors import IdpCdiError, SettingsError


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def crm(request, tmp_path):
    """A CRM database; yields its URL and a function that runs statements on it."""
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))

    def run(*statements):
        with engine.begin() as db:
            for statement in statements:
                db.execute(text(statement))

    run(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, vat TEXT, changed TIMESTAMP)",
        *(
            f"INSERT INTO customers VALUES ({i}, 'Firm {i}', NULL, '2026-01-01 10:00:{i:02}')"
            for i in range(10)
        ),
    )
    yield url, run
    engine.dispose()


def ids(chunks):
    return [row["id"] for chunk in chunks for row in chunk.rows()]


def test_a_table_tells_its_columns_key_and_types(crm):
    url, _ = crm
    stream = sql.streams(Connection(url, {"tables": "customers", "cursor": "changed"}))[0]
    assert stream.columns == ("id", "name", "vat", "changed")
    assert stream.primary_key == ("id",)
    assert stream.cursor == "changed"


def test_an_incremental_run_sees_what_is_new_and_the_last_instant_again(crm):
    url, run = crm
    connection = Connection(url, {"tables": ["customers"], "cursor": "changed"})
    stream = sql.streams(connection)[0]
    chunks = list(sql.read(connection, stream, {}))
    assert ids(chunks) == [str(i) for i in range(10)]
    state = chunks[-1].state
    run(
        "INSERT INTO customers VALUES (10, 'Late', NULL, '2026-01-01 10:00:09')",  # same instant
        "UPDATE customers SET name = 'New', changed = '2026-02-01 00:00:00' WHERE id = 3",
        "INSERT INTO customers VALUES (11, 'No time', NULL, NULL)",
    )
    again = list(sql.read(connection, stream, state))
    assert sorted(ids(again), key=int) == ["3", "9", "10", "11"]
    assert list(sql.read(connection, stream, again[-1].state))[-1].state == again[-1].state


def test_rows_without_a_cursor_value_do_not_spoil_the_state(crm):
    url, run = crm
    run("INSERT INTO customers VALUES (12, 'No time', NULL, NULL)")
    connection = Connection(url, {"tables": ["customers"], "cursor": "changed"})
    chunks = list(sql.read(connection, sql.streams(connection)[0], {}))
    assert str(chunks[-1].state["cursor"]).startswith("2026-01-01 10:00:09")


def test_goes_on_after_any_chunk(crm, monkeypatch):
    url, _ = crm
    monkeypatch.setattr(sql, "CHUNK_ROWS", 3)
    connection = Connection(url, {"tables": ["customers"], "cursor": "changed"})
    stream = sql.streams(connection)[0]
    chunks = list(sql.read(connection, stream, {}))
    assert len(chunks) == 4
    for cut, chunk in enumerate(chunks):
        rest = ids(sql.read(connection, stream, chunk.state))
        assert set(ids(chunks[: cut + 1])) | set(rest) == {str(i) for i in range(10)}


def test_a_query_is_a_stream(crm):
    url, _ = crm
    query = "SELECT id, name AS company FROM customers WHERE id < 3"
    connection = Connection(url, {"query": query, "name": "few", "primary_key": "id"})
    stream = sql.streams(connection)[0]
    assert (stream.name, stream.columns) == ("few", ("id", "company"))
    assert ids(sql.read(connection, stream, {})) == ["0", "1", "2"]


def test_errors_name_the_source_and_never_its_password(crm):
    url, _ = crm
    with pytest.raises(SettingsError, match="no column 'nope'"):
        sql.streams(Connection(url, {"tables": ["customers"], "cursor": "nope"}))
    with pytest.raises(IdpCdiError) as error:
        sql.streams(Connection("postgresql://u:hunter2@127.0.0.1:1/x"))
    assert "hunter2" not in str(error.value)


def test_secrets_come_from_the_environment(tmp_path, monkeypatch):
    with pytest.raises(SettingsError, match="IDP_TEST_MISSING is not set"):
        sql.streams(Connection("sqlite:///${IDP_TEST_MISSING}"))
