"""Every warehouse holds the same rows, takes only what changed, and survives a kill."""

from __future__ import annotations

import pytest
from books import ask, books_of_two_customers

from idp_cdi.errors import StoreError, UsageError
from idp_cdi.sinks import find, parquet
from idp_cdi.steps import star
from idp_cdi.steps.publish import publish
from idp_cdi.store import open_store


def everything(location):
    return {
        t.name: [
            tuple(r.values())
            for r in ask(location, f"SELECT * FROM {t.name} ORDER BY {', '.join(t.key)}")
        ]
        for t in star.tables()
    }


def test_all_warehouses_hold_the_same(books, store, settings, anywhere, tmp_path):
    first = f"duckdb:{tmp_path / 'first.duckdb'}"
    publish(store, settings, first)
    publish(store, settings, anywhere)
    assert everything(anywhere) == everything(first)
    assert publish(store, settings, anywhere).current
    assert publish(store, settings, anywhere, full=True).written == 0
    books.facts("billing", "invoice", [{"key": "4712", "deleted": True}])
    books.facts(
        "billing", "invoice",
        [{"key": "4799", "party": "k2", "invoice_number": 'odd ,"\\N\n', "total": "1.00",
          "issue_date": "2025-05-05", "status": "", "currency": "EUR"}],
    )  # fmt: skip
    changed = publish(store, settings, anywhere)
    assert (changed.tables["fact_invoice"].written, changed.tables["fact_invoice"].removed) == (
        1,
        1,
    )
    publish(store, settings, first)
    assert everything(anywhere) == everything(first)
    assert ask(anywhere, "SELECT customer_name FROM invoice_as_is WHERE number_key = 'ODDN'") == [
        {"customer_name": "Harrow & Finch Ltd"}
    ]


def times(table):
    return [*(c.name for c in table.columns if c.type == "TIMESTAMP"), "row_hash"]


@pytest.mark.postgres
def test_a_store_on_postgresql_gives_the_same_star(books, store, settings, postgres_url, tmp_path):
    other = open_store(postgres_url)
    books_of_two_customers(other, settings)
    places = [f"duckdb:{tmp_path / name}.duckdb" for name in ("sqlite", "postgresql")]
    for database, place in zip((store, other), places, strict=True):
        publish(database, settings, place)
    other.close()
    # When a version began is when the store was written; all the rest is the same.
    found = [
        {t.name: ask(p, f"SELECT * EXCLUDE ({', '.join(times(t))}) FROM {t.name} ORDER BY 1, 2")
         for t in star.tables()}
        for p in places
    ]  # fmt: skip
    assert found[0] == found[1]


def test_a_run_killed_while_it_renames_is_completed_by_the_next_one(
    books, store, settings, tmp_path, monkeypatch
):
    location = f"parquet:{tmp_path / 'lake'}"
    publish(store, settings, location)
    before = everything(location)
    books.facts("billing", "invoice", [{"key": "4712", "deleted": True}])
    monkeypatch.setattr(parquet.Warehouse, "_complete", lambda self: None)
    publish(store, settings, location)  # killed after the journal was written
    monkeypatch.undo()
    assert len(everything(location)["fact_invoice"]) == len(before["fact_invoice"]) - 1
    assert publish(store, settings, location).current


def test_a_run_killed_before_its_journal_changed_nothing(books, store, settings, tmp_path):
    location = f"parquet:{tmp_path / 'lake'}"
    publish(store, settings, location)
    half = tmp_path / "lake/.publishing/fact_invoice"
    half.mkdir(parents=True)
    (half / "part-000000.parquet").write_bytes(b"half a file")
    assert publish(store, settings, location).current
    assert not half.exists()


def test_a_star_that_contradicts_itself_is_not_published(
    books, store, settings, anywhere, monkeypatch
):
    monkeypatch.setitem(star._AUDITS, "no star is good enough", "SELECT 7")
    with pytest.raises(StoreError, match="no star is good enough"):
        publish(store, settings, anywhere)
    monkeypatch.undo()
    assert not publish(store, settings, anywhere).current


def test_places_that_are_no_warehouse_are_named():
    with pytest.raises(UsageError, match="no warehouse"):
        find("mysql://host/db")


@pytest.mark.slow
def test_publishing_that_is_killed_anywhere_can_be_run_again(books, store, settings, tmp_path):
    import os
    import random
    import signal
    import subprocess
    import sys
    import time

    location = f"duckdb:{tmp_path / 'star.duckdb'}"
    publish(store, settings, location)
    before = everything(location)
    rows = [
        {"key": f"n{n}", "party": "k1", "invoice_number": f"N-{n:05d}", "total": f"{n}.10",
         "issue_date": "2025-06-01", "currency": "EUR"}
        for n in range(500)
    ]  # fmt: skip
    books.facts("billing", "invoice", rows)
    code = (
        "import sys; from idp_cdi.settings import load; from idp_cdi.store import open_store;"
        "from idp_cdi.steps.publish import publish; s = load(home=sys.argv[1], environment={});"
        "print('go', flush=True); publish(open_store(sys.argv[2]), s, sys.argv[3])"
    )
    url = str(store.url)
    chance = random.Random(7)
    for _ in range(3):
        arguments = [sys.executable, "-c", code, str(settings.home), url, location]
        run = subprocess.Popen(arguments, stdout=subprocess.PIPE, env={**os.environ})
        run.stdout.readline()
        time.sleep(chance.random() * 1.5)
        run.send_signal(signal.SIGKILL)
        run.wait()
        run.stdout.close()
        found = everything(location)
        assert len(found["fact_invoice"]) in (3, 503), "the old state or the new one"
        if len(found["fact_invoice"]) == 3:
            assert found == before
    publish(store, settings, location)
    fresh = f"duckdb:{tmp_path / 'fresh.duckdb'}"
    publish(store, settings, fresh)
    assert everything(location) == everything(fresh)
