"""Rows that came before are not mapped again, and the store is as if they were."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from test_collect import HEADER, ROWS, counts, crm, living

from idp_cdi.settings import Settings, Source
from idp_cdi.steps import _unchanged
from idp_cdi.steps import collect as collecting
from idp_cdi.steps.collect import collect
from idp_cdi.store import log, open_store
from idp_cdi.store.schema import record


@pytest.fixture
def mapped(monkeypatch):
    """How many rows each run has mapped."""
    seen = []
    real = collecting.Mapper.map

    def counting(self, chunk):
        seen.append(len(chunk))
        return real(self, chunk)

    monkeypatch.setattr(collecting.Mapper, "map", counting)
    return seen


def test_only_what_changed_is_mapped_and_all_is_counted(database, settings, tmp_path, mapped):
    collect(crm(tmp_path / "crm_5.csv", ROWS), settings, database)
    changed = [*ROWS[:4], ROWS[4].replace("Bonn", "Ulm"), "A9,New AG,,Ulm,,"]
    (report,) = collect(crm(tmp_path / "crm_6.csv", changed), settings, database)
    assert (counts(report), report.rows) == ((1, 1, 4, 0, 0), 6)
    (again,) = collect(crm(tmp_path / "crm_7.csv", changed), settings, database)
    assert (counts(again), again.rows) == ((0, 0, 6, 0, 0), 6)
    assert mapped == [5, 2, 0]


def test_what_else_decides_what_a_row_becomes_has_all_rows_mapped(
    database, settings, tmp_path, mapped
):
    path = tmp_path / "crm.csv"
    collect(crm(path, ROWS), settings, database)
    trusting = replace(settings, sources={"crm": Source(trust=0.5)})
    (report,) = collect(crm(path, ROWS), trusting, database, full=False)
    assert counts(report) == (0, 5, 0, 0, 0)
    collect(crm(path, ROWS, role="supplier"), trusting, database)
    _unchanged.forget(settings)
    path.write_text(HEADER + "\n".join([*ROWS, "A9,New AG,,Ulm,,"]), encoding="utf-8")
    (report,) = collect(crm(path, [*ROWS, "A9,New AG,,Ulm,,"], role="supplier"), trusting, database)
    assert counts(report) == (1, 0, 5, 0, 0)
    assert mapped == [5, 5, 5, 6]


def test_a_row_comes_in_again_when_something_else_changed_what_it_brought(
    database, settings, tmp_path
):
    path = tmp_path / "crm.csv"
    collect(crm(path, ROWS), settings, database)
    with database.writing() as connection:
        gone = log.RecordRow("A1", "unknown", "other", log.stamp(), '{"o":[]}', "", deleted=True)
        log.append_records(connection, "crm", [gone])
    assert "A1" not in living(database)
    (report,) = collect(crm(path, [*ROWS, "A9,New AG,,Ulm,,"]), settings, database)
    assert counts(report) == (1, 1, 4, 0, 0)
    assert "A1" in living(database)


def export(rng):
    """A file: some rows, some of one key, some without a name, in any order."""
    rows = []
    for number in range(12):
        if rng.random() < 0.8:
            key = f" A{number}" if rng.random() < 0.1 else f"A{number}"
            name = rng.choice(("Alder AG", "Alder AG", "Brandt KG", ""))
            rows += [f"{key},{name},,{rng.choice(('Bonn', 'Ulm'))},,"] * rng.choice((1, 1, 1, 2))
            if rng.random() < 0.15:
                rows.append(f"A{number},Other GmbH,,Bonn,,")
    rng.shuffle(rows)
    return rows


@pytest.mark.parametrize("seed", range(3))
def test_the_log_is_that_of_a_store_that_maps_everything(tmp_path, monkeypatch, seed):
    monkeypatch.setattr("idp_cdi.steps.unify.unify", lambda *_: None)
    monkeypatch.setattr("idp_cdi.connectors.csv.CHUNK_ROWS", 5)
    homes = [Settings(home=tmp_path / name) for name in ("remembers", "forgets")]
    stores = [open_store(home.store_url) for home in homes]
    rng = random.Random(seed)
    for _ in range(8):
        rows, told = export(rng), []
        for home, store in zip(homes, stores, strict=True):
            if home.home.name == "forgets":
                _unchanged.forget(home)
            reports = collect(crm(tmp_path / "crm.csv", rows), home, store)
            with store.reading() as connection:
                logged = connection.execute(select(func.count()).select_from(record)).scalar_one()
            values = {key: r.observations for key, r in living(store).items()}
            told.append((values, logged, [counts(r) for r in reports]))
        assert told[0] == told[1]
    for store in stores:
        store.close()
