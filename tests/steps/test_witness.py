"""Explanations read from a store."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from idp_cdi.engines.local import Options, run
from idp_cdi.errors import UsageError
from idp_cdi.observations import Observation, Origin, PartyKind, PartyRole, Record
from idp_cdi.settings import Settings
from idp_cdi.steps import identify
from idp_cdi.steps.columns import current_columns
from idp_cdi.steps.compare import columns, model_of
from idp_cdi.steps.evidence import InWords
from idp_cdi.steps.explain import compare_lines, lines
from idp_cdi.steps.witness import explain_customer, explain_pair
from idp_cdi.store import derived, log, open_store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def mention(source, key, **values):
    place = {"system": source, "table": "t", "row": key}
    seen = tuple(Observation(f, v, v, 0.95, Origin(**place, column=f)) for f, v in values.items())
    return Record(source, key, PartyKind.ORGANISATION, PartyRole.CUSTOMER, NOON, seen)


@pytest.fixture
def world(tmp_path):
    """Three records of one customer, one that is nearly so, and a stranger."""
    settings = Settings(home=tmp_path / "home")
    database = open_store(settings.store_url)
    with database.writing() as db:
        rows = [
            mention("crm", "1", name="Acme GmbH", city="Bonn"),
            mention("crm", "2", name="Acme", city="Bonn"),
            mention("erp", "7", name="ACME GmbH", city="Berlin"),
            mention("erp", "8", name="Acme Handel GmbH"),
            mention("erp", "9", name="Zeta plc"),
        ]
        ids = []
        for row in rows:
            ids += log.append_records(db, row.source, [log.row_of(row)]).new
        derived.add_edges(
            db,
            [
                derived.Edge(ids[0], ids[1], 9.0, 0.998),
                derived.Edge(ids[1], ids[2], 7.5, 0.9945),
                derived.Edge(ids[0], ids[3], 1.0, 0.67),
            ],
        )
        identify.identify(db, settings, None)
    return database, settings


def test_a_customer_is_explained_from_its_edges(world):
    database, settings = world
    with database.reading() as db:
        told = lines(explain_customer(db, settings, "C-0000001"))
    assert told[0] == "C-0000001: 3 records"
    assert "  crm:1 – crm:2: +9.0 bits, probability 0.9980" in told
    assert any("name: same" in t for t in told)
    assert any("place: another town  'Bonn' – 'Berlin'" in t for t in told)


def test_the_evidence_of_the_model_adds_up_to_the_match_weight(world):
    database, settings = world
    with database.reading() as db:
        found = explain_pair(db, settings, "crm:1", "erp:8")
        model = model_of(settings)
        ids, table = current_columns(db)
    run_pairs = run(table, Options(model=model, columns=columns())).pairs
    place = {int(number): row for row, number in enumerate(ids)}
    pair = {
        (int(a), int(b)): w
        for a, b, w in zip(run_pairs.left, run_pairs.right, run_pairs.weight, strict=True)
    }
    expected = pair[place[1], place[4]]
    assert sum(item.bits for item in found.direct) == pytest.approx(expected, abs=0.01)


def test_without_a_model_the_fields_are_compared_in_words(world):
    database, _ = world
    with database.reading() as db:
        records = dict(log.current_records(db))
    told = {e.field: e.level for e in InWords(records)(1, 3)}
    assert told == {"name": "same", "city": "different"}
    assert {e.field: e.level for e in InWords(records)(1, 4)}["city"] == "missing on one side"


def test_two_customers_or_records_are_compared(world):
    database, settings = world
    with database.reading() as db:
        near = explain_pair(db, settings, "C-0000001", "erp:8")
        assert (near.left.reference, near.right.reference) == ("crm␟1", "erp␟8")
        assert near.weight == 1.0
        assert "bits short" in near.reason
        far = explain_pair(db, settings, "crm:1", "erp:9")
        assert "too little in common" in far.reason
        same = explain_pair(db, settings, "crm:1", "erp:7")
        assert same.together
        assert len(same.way) == 2
        assert any("the way between them" in text for text in compare_lines(same))


def test_a_decision_is_told_with_its_author(world):
    database, settings = world
    with database.writing() as db:
        number = {key: m for m, (_, key) in derived.mention_names(db, range(1, 6)).items()}
        log.append_decision(db, number["1"], number["7"], "different", person="kim", why="phone")
        identify.identify(db, settings, None)
    with database.reading() as db:
        found = explain_pair(db, settings, "crm:1", "erp:7")
        assert found.reason == "kim declared them different, which outranks every match"
        told = "\n".join(lines(explain_customer(db, settings, "C-0000001")))
    assert "declared different\n  crm:1 – erp:7: by kim (phone)" in told
    assert "it would join records that a person declared different" in told


def test_what_is_unknown_is_a_usage_error(world):
    database, settings = world
    with database.reading() as db:
        for wrong in ("C-0000099", "crm:99"):
            with pytest.raises(UsageError):
                explain_pair(db, settings, wrong, "crm:1")
        with pytest.raises(UsageError):
            explain_customer(db, settings, "C-0000099")
        with pytest.raises(UsageError):
            explain_pair(db, settings, "crm:1", "crm:1")
