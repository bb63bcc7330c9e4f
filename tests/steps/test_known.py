"""The index on disk: in step with the log through starts, rollbacks, erasure and other models."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from made_up_people import people
from test_unify import NAMES, arrive, groups, mention

from idp_cdi.errors import StoreBusy
from idp_cdi.steps import compare, known
from idp_cdi.steps._copies import alone, kept
from idp_cdi.steps.collect import collect_file
from idp_cdi.store import derived, log
from idp_cdi.store.current import read_current
from idp_cdi.store.whole import as_rows


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Sizes at which segments come and merge within a small test."""
    monkeypatch.setattr(known, "TAIL", 6)
    monkeypatch.setattr(known, "MANY", 4)
    monkeypatch.setattr(known, "_TIER", 3)
    monkeypatch.setattr(compare, "_ONE_COSTS", 0)
    known._KNOWN.clear()


@pytest.fixture(scope="module")
def many():
    return [
        mention(f"{n:04d}", {NAMES.get(f, f): v for f, v in row.items() if v})
        for n, row in enumerate(people(60, seed=9)[0].to_pylist())
    ]


def files(settings):
    return sorted(p.name for p in (settings.cache / "matching").glob("*.rows"))


def pairs(database):
    with database.reading() as connection:
        return list(derived.all_edges(connection))


def whole(database, settings):
    """The pairs of a run over all records."""
    with database.reading() as connection:
        model = compare.model_of(settings)
        current = read_current(connection)
        touched, apart = current.mentions.tolist(), alone(connection)
        found = compare.matched(settings, current, touched, model, apart)
        return as_rows(kept(current.mentions, found.pairs))


def test_pairs_through_the_files_are_those_of_one_run(database, settings, many):
    for start in range(0, len(many), 5):
        arrive(database, settings, *many[start : start + 5])
        if start % 15 == 0:
            known._KNOWN.clear()  # another process
    told = json.loads((settings.cache / "matching" / "index.json").read_text())
    assert told["segments"] and sorted(told["segments"]) == files(settings)
    assert len(told["segments"]) <= 6
    assert pairs(database) == whole(database, settings)


def test_a_change_and_a_return_are_seen_through_the_files(database, settings, many):
    arrive(database, settings, *many[:30])
    arrive(database, settings, many[30])
    changed = replace(many[0], observations=many[31].observations)
    for record in (changed, many[0], changed):
        arrive(database, settings, record)
        known._KNOWN.clear()
        arrive(database, settings, *many[32:40])
    assert pairs(database) == whole(database, settings)


def test_a_rollback_takes_its_records_out_of_the_index(database, settings, many):
    arrive(database, settings, *many[:20])
    arrive(database, settings, many[20])
    with pytest.raises(RuntimeError, match="stop"), database.writing() as connection:
        rows = [log.row_of(r) for r in many[21:40]]
        touched = log.append_records(connection, "crm", rows).touched
        assert compare.edges(connection, settings, touched, ()).mentions == set(touched)
        raise RuntimeError("stop")
    arrive(database, settings, *many[40:45])
    assert pairs(database) == whole(database, settings)


def test_files_of_another_store_or_model_are_made_again(database, settings, many):
    arrive(database, settings, *many[:20])
    arrive(database, settings, many[20])
    before = files(settings)
    assert before
    index = settings.cache / "matching" / "index.json"
    told = json.loads(index.read_text())
    wrongs = ({"model": "other"}, {"trace": "1 x y"}, {"segments": ["gone.rows"]})
    for number, wrong in enumerate(wrongs, 21):
        index.write_text(json.dumps(told | wrong))
        known._KNOWN.clear()
        arrive(database, settings, many[number])
        assert files(settings) != before
        told, before = json.loads(index.read_text()), files(settings)
    index.write_text("{")
    known._KNOWN.clear()
    arrive(database, settings, many[40])
    assert pairs(database) == whole(database, settings)


def test_forgetting_leaves_no_file(database, settings, many):
    arrive(database, settings, *many[:20])
    arrive(database, settings, many[20])
    assert files(settings)
    known.forget(settings)
    assert not (settings.cache / "matching").exists()
    arrive(database, settings, many[21])
    assert len({m for g in groups(database).values() for m in g}) == 22


@pytest.mark.parametrize("learn_from", [30, 5_000], ids=["learned", "shipped"])
def test_a_load_leaves_the_index_behind(
    tmp_path, database, settings, many, monkeypatch, learn_from
):
    monkeypatch.setattr("idp_cdi.steps.unify.MANY", 10)
    monkeypatch.setattr(compare, "_LEARN_FROM", learn_from)
    feed = tmp_path / "crm.csv"
    rows = [{o.field: o.value for o in r.observations} | {"id": r.key} for r in many]
    names = sorted({name for row in rows for name in row})
    lines = [";".join(row.get(n, "") for n in names) for row in rows]
    feed.write_text("\n".join([";".join(names), *lines]), encoding="utf-8")
    collect_file(feed, settings, database)
    told = json.loads((settings.cache / "matching" / "index.json").read_text())
    with database.reading() as connection:
        assert told["last"] == known._last(connection)
    before = files(settings)
    assert len(before) == 1
    known.refresh(database, settings)
    assert files(settings) == before
    known._KNOWN.clear()  # another process
    arrive(database, settings, *many[:3])
    assert files(settings) == before
    assert pairs(database) == whole(database, settings)
    feed.write_text("\n".join([";".join(names), *(f"{line} Nord" for line in lines[:7])]))
    collect_file(feed, settings, database)
    told = json.loads((settings.cache / "matching" / "index.json").read_text())
    with database.reading() as connection:
        assert told["last"] == known._last(connection)
    assert len(told["segments"]) == 2


def test_a_load_is_done_where_another_writer_keeps_the_index_waiting(
    tmp_path, database, settings, many, monkeypatch
):
    def busy(*_):
        raise StoreBusy("another run is writing")

    monkeypatch.setattr(known, "refresh", busy)
    feed = tmp_path / "crm.csv"
    feed.write_text("id;name\n" + "\n".join(f"{i};Firma {i} GmbH" for i in range(9)))
    assert collect_file(feed, settings, database).new == 9
    assert len(groups(database)) == 9
