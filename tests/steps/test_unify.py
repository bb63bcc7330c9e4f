"""Customers follow from the log: in any order, after any undo, on both databases."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from made_up_people import people
from sqlalchemy import select

from idp_cdi.errors import UsageError
from idp_cdi.observations import Observation, Origin, PartyKind, PartyRole, Record
from idp_cdi.settings import Matching, Settings
from idp_cdi.steps import customers, identify
from idp_cdi.steps._region import region_of
from idp_cdi.steps.unify import unify
from idp_cdi.store import derived, log, open_store, questions
from idp_cdi.store.schema import golden, membership

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BAKERY = {"name": "Bäckerei Sonnenthal GmbH", "street": "Mühlenweg 12", "postal_code": "50667"}
BAKERY |= {"city": "Köln", "country": "DE", "vat_id": "DE129273398"}
TWIN = BAKERY | {"name": "Baeckerei Sonnenthal", "street": "Muehlenweg 12"}
TOOLS = {"name": "Nordwind Werkzeuge GmbH", "street": "Hafenstraße 27", "postal_code": "24103"}
TOOLS |= {"city": "Kiel", "country": "DE", "vat_id": "DE136695976"}
DINER = {"name": "Luigis Diner", "street": "Dock Road 1", "postal_code": "BS1 4QA"}
DINER |= {"city": "Bristol", "country": "GB", "phone": "+441174960123"}


def mention(key, values, source="crm", at=NOON):
    seen = tuple(
        Observation(f, v, v, 0.95, Origin(system=source, table="t", row=key, column=f))
        for f, v in values.items()
    )
    return Record(source, key, PartyKind.ORGANISATION, PartyRole.CUSTOMER, at, seen)


def arrive(database, settings, *records):
    with database.writing() as connection:
        touched = set()
        for one in records:
            appended = log.append_records(connection, one.source, [log.row_of(one)])
            touched |= set(appended.touched)
        return unify(connection, settings, sorted(touched))


def groups(database):
    """Customer id → source and key of its mentions."""
    with database.reading() as connection:
        rows = connection.execute(select(*membership.c)).all()
        places = derived.mention_names(connection, [m for m, _ in rows])
        found = {}
        for m, seq in rows:
            found.setdefault(derived.customer_id(seq), set()).add(":".join(places[m]))
        return found


def state(database):
    """Everything derived, without times."""
    with database.reading() as connection:
        current = select(golden.c.customer_seq, golden.c.content, golden.c.payload)
        rows = connection.execute(
            current.where(golden.c.valid_to.is_(None)).order_by(golden.c.customer_seq)
        )
        return [tuple(r) for r in rows], groups(database), derived.redirects(connection)


def test_two_spellings_of_one_customer_become_one(database, settings):
    arrive(database, settings, mention("1", BAKERY), mention("2", TOOLS), mention("3", DINER))
    arrive(database, settings, mention("9", TWIN, "erp"))
    assert {frozenset(g) for g in groups(database).values()} == {
        frozenset({"crm:1", "erp:9"}),
        frozenset({"crm:2"}),
        frozenset({"crm:3"}),
    }
    assert "C-0000001" in groups(database)


def test_the_same_again_changes_nothing(database, settings):
    arrive(database, settings, mention("1", BAKERY), mention("2", TWIN, "erp"))
    before = state(database)
    unified = arrive(database, settings, mention("1", BAKERY))
    assert (unified.changed, unified.minted) == (0, 0)
    assert state(database) == before


def test_after_a_merge_both_ids_resolve_and_after_the_undo_all_is_as_before(database, settings):
    arrive(database, settings, mention("1", BAKERY), mention("2", DINER))
    before = state(database)
    survivor = customers.merge(database, settings, "C-0000002", "C-0000001", person="ann")
    assert survivor == "C-0000001"
    with database.reading() as connection:
        assert customers.show(connection, "C-0000002").id == "C-0000001"
        (decision,) = customers.decisions(connection)
    customers.undo(database, settings, decision.id, person="ann")
    assert state(database) == before
    with pytest.raises(UsageError, match="no decision"):
        customers.undo(database, settings, 99, person="ann")


def test_a_region_holds_what_the_store_says_of_its_mentions(database, settings):
    arrive(database, settings, mention("1", BAKERY), mention("2", TOOLS), mention("3", DINER))
    arrive(database, settings, mention("9", TWIN, "erp"))
    customers.merge(database, settings, "C-0000003", "C-0000001", person="ann")
    with database.reading() as connection:
        (diner,) = log.mention_ids(connection, "crm", ["3"]).values()
        found = region_of(connection, [diner], identify.rules_of(settings))
        assert len(found.mentions) == 3
        assert found.edges
        assert found.edges == derived.edges_of(connection, found.mentions)
        assert found.judged
        assert found.judged == derived.decisions_of(connection, found.mentions)
        assert found.owners == derived.customers_of(connection, found.mentions)
        assert set(found.owners) == set(found.mentions)


def test_a_split_holds_against_the_machine_until_it_is_undone(database, settings):
    arrive(database, settings, mention("1", BAKERY), mention("2", TWIN, "erp"))
    before = state(database)
    new = customers.split(database, settings, "C-0000001", ["erp:2"], person="ann")
    assert groups(database) == {"C-0000001": {"crm:1"}, new: {"erp:2"}}
    arrive(database, settings, mention("2", TWIN | {"phone": "+492215550144"}, "erp"))
    assert len(groups(database)) == 2
    arrive(database, settings, mention("2", TWIN, "erp"))
    with database.reading() as connection:
        decision = customers.decisions(connection)[0]
    customers.undo(database, settings, decision.id, person="bob")
    after = state(database)
    assert after[0] == before[0]
    assert after[1] == before[1]
    assert after[2] == {new: "C-0000001"}


def test_a_correction_can_part_what_was_joined(database, settings):
    arrive(database, settings, mention("1", BAKERY), mention("2", TWIN, "erp"))
    assert len(groups(database)) == 1
    arrive(database, settings, mention("2", DINER, "erp"))
    assert len(groups(database)) == 2


def test_a_deleted_mention_takes_its_values_with_it(database, settings):
    arrive(database, settings, mention("1", BAKERY), mention("2", DINER))
    with database.writing() as connection:
        gone = log.row_of(mention("2", DINER))._replace(deleted=True)
        touched = log.append_records(connection, "crm", [gone]).touched
        unify(connection, settings, touched)
        assert derived.count_customers(connection) == 1
        assert derived.resolve(connection, "C-0000002") == 2
    arrive(database, settings, mention("2", DINER))
    assert groups(database)["C-0000002"] == {"crm:2"}


def test_every_golden_value_leads_to_its_row(database, settings):
    arrive(database, settings, mention("1", BAKERY), mention("2", TWIN, "erp"))
    with database.reading() as connection:
        view = customers.show(connection, "C-0000001")
    assert {v.field for v in view.values} >= {"name", "vat_id", "street", "city"}
    assert all(v.where and v.source in ("crm", "erp") for v in view.values)


def edges_of(database):
    with database.reading() as connection:
        places = {}
        found = []
        for e in derived.all_edges(connection):
            places |= derived.mention_names(connection, [e.left, e.right])
            found.append((*sorted((places[e.left], places[e.right])), e.weight, e.probability))
        return sorted(found)


@pytest.mark.parametrize("cost", [0, 10**9], ids=["through the index", "over all"])
def test_one_by_one_finds_the_pairs_of_all_at_once(tmp_path, monkeypatch, cost):
    records = [mention(key, values, source) for source, key, values in PEOPLE]
    stores = []
    for name, parts in (("whole", [records]), ("parts", [[r] for r in records])):
        settings = Settings(home=tmp_path / name)
        stores.append(open_store(settings.store_url))
        if name == "parts":
            monkeypatch.setattr("idp_cdi.steps.compare._ONE_COSTS", cost)
        for part in parts:
            arrive(stores[-1], settings, *part)
    whole, parts = map(edges_of, stores)
    for store in stores:
        store.close()
    assert parts == whole
    assert len(whole) >= 2


def test_an_index_forgets_what_was_rolled_back(tmp_path, monkeypatch):
    monkeypatch.setattr("idp_cdi.steps.compare._ONE_COSTS", 0)
    settings = Settings(home=tmp_path)
    database = open_store(settings.store_url)
    arrive(database, settings, mention("1", BAKERY), mention("2", DINER))
    arrive(database, settings, mention("3", TOOLS))
    with pytest.raises(RuntimeError), database.writing() as connection:
        appended = log.append_records(connection, "erp", [log.row_of(mention("9", TWIN, "erp"))])
        unify(connection, settings, appended.touched)
        raise RuntimeError
    arrive(database, settings, mention("4", DINER | {"name": "Luigi's Diner"}, "erp"))
    found = groups(database)
    database.close()
    assert sorted(map(sorted, found.values())) == [["crm:1"], ["crm:2", "erp:4"], ["crm:3"]]


PEOPLE = [
    ("crm", "1", BAKERY),
    ("erp", "1", TWIN),
    ("crm", "2", TOOLS),
    ("erp", "2", TOOLS | {"name": "NORDWIND WERKZEUGE"}),
    ("crm", "3", DINER),
]


@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(range(len(PEOPLE))), batches=st.integers(1, 5))
def test_the_order_and_the_batches_of_arrival_do_not_matter(tmp_path_factory, order, batches):
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    database = open_store(settings.store_url)
    for start in range(0, len(order), batches):
        part = [PEOPLE[i] for i in order[start : start + batches]]
        arrive(database, settings, *(mention(key, values, source) for source, key, values in part))
    found = {frozenset(g) for g in groups(database).values()}
    database.close()
    assert found == {
        frozenset({"crm:1", "erp:1"}),
        frozenset({"crm:2", "erp:2"}),
        frozenset({"crm:3"}),
    }


def delete(database, settings, key, source="crm"):
    with database.writing() as connection:
        row = log.RecordRow(key, "unknown", "other", log.stamp(NOON), '{"o":[]}', "", deleted=True)
        gone = log.append_records(connection, source, [row]).touched
        unify(connection, settings, gone)


def test_a_customer_keeps_its_id_when_the_row_it_was_issued_for_is_deleted(database, settings):
    arrive(database, settings, mention("1", BAKERY), mention("2", TWIN, "erp"))
    before = state(database)
    delete(database, settings, "1")
    with database.reading() as connection:
        view = customers.show(connection, "C-0000001")
        assert (view.id, [m.key for m in view.mentions]) == ("C-0000001", ["2"])
        assert derived.count_customers(connection) == 1
        assert derived.next_customer(connection) == 2
    arrive(database, settings, mention("3", TOOLS))
    arrive(database, settings, mention("1", BAKERY))
    with database.reading() as connection:
        assert customers.show(connection, "C-0000001").values
    assert groups(database)["C-0000001"] == before[1]["C-0000001"]


def test_an_id_whose_row_is_gone_still_redirects_and_comes_back_with_it(database, settings):
    arrive(database, settings, mention("1", BAKERY))
    arrive(database, settings, mention("2", DINER))
    survivor = customers.merge(database, settings, "C-0000001", "C-0000002", person="ann")
    assert survivor == "C-0000001"
    delete(database, settings, "2")
    with database.reading() as connection:
        assert customers.show(connection, "C-0000002").id == "C-0000001"
        (decision,) = customers.decisions(connection)
    customers.undo(database, settings, decision.id, person="ann")
    arrive(database, settings, mention("2", DINER))
    with database.reading() as connection:
        assert customers.show(connection, "C-0000002").id == "C-0000002"


NAMES = {"birth_date": "date_of_birth", "zip": "postal_code"}


def test_customers_are_the_clusters_that_match_finds_for_the_same_records(database, settings):
    from idp_cdi.engines.local import Options, run
    from idp_cdi.steps.columns import current_columns
    from idp_cdi.steps.compare import columns, model_of

    many = [
        mention(f"{n:04d}", {NAMES.get(f, f): v for f, v in row.items() if v})
        for n, row in enumerate(people(120, seed=4)[0].to_pylist())
    ]
    bounds = [0, 200, 210, 212, len(many)]
    for start, end in itertools.pairwise(bounds):
        arrive(database, settings, *many[start:end])
    with database.reading() as connection:
        ids, table = current_columns(connection)
        stored = derived.customers_of(connection, ids.tolist())
    options = Options(model=model_of(settings), columns=columns(), threshold=settings.matching.link)
    found = {}
    for number, label in zip(ids.tolist(), run(table, options).clusters.tolist(), strict=True):
        found.setdefault(label, set()).add(number)
    held = {}
    for number, seq in stored.items():
        held.setdefault(seq, set()).add(number)
    assert {frozenset(g) for g in held.values()} == {frozenset(g) for g in found.values()}
    assert any(len(g) > 2 for g in held.values())


def hangs_together(number):
    """A chain: the middle one has something of both ends, which have nothing in common."""
    name = f"Zweirad Quastenhof {number} GmbH"
    head = {"name": name, "phone": "+49221990015", "email": "rad@quastenhof.example"}
    tail = {"name": "Immobilien Ypsilanti", "street": "Am Anger 7", "postal_code": "07743"}
    tail |= {"city": "Jena", "country": "DE", "phone": "+493641555012"}
    middle = head | tail | {"name": name, "phone": "+49221990015"}
    return [mention("head", head), mention("middle", middle, "erp"), mention("tail", tail, "bill")]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_pairs_that_hang_together_are_weighed_in_any_order_of_arrival(tmp_path, monkeypatch, order):
    records = [*hangs_together(1), mention("2", DINER)]
    settings = Settings(home=tmp_path, matching=Matching(link=0.01, review=0.005))
    seen = []
    for name, lots, many in (
        ("parts", [[records[3]], *([records[i]] for i in order)], 20_000),
        ("columns", [[records[3]], *([records[i]] for i in order)], 1),
        ("whole", [records], 1),
    ):
        monkeypatch.setattr("idp_cdi.steps.unify.MANY", many)
        home = replace(settings, home=tmp_path / name)
        database = open_store(home.store_url)
        for lot in lots:
            arrive(database, home, *lot)
        seen.append((edges_of(database), sorted(map(sorted, groups(database).values()))))
        database.close()
    assert seen[0] == seen[1] == seen[2]
    assert min(bits for _, _, bits, _ in seen[0][0]) < -4.248  # head against tail


@pytest.mark.parametrize("many", [20_000, 1])
def test_pairs_go_with_the_record_that_held_them_together(tmp_path, monkeypatch, many):
    monkeypatch.setattr("idp_cdi.steps.unify.MANY", many)
    settings = Settings(home=tmp_path, matching=Matching(link=0.01, review=0.005))
    seen = []
    for name, records in (("grown", hangs_together(1)), ("never", hangs_together(1)[::2])):
        home = replace(settings, home=tmp_path / name)
        database = open_store(home.store_url)
        arrive(database, home, mention("2", DINER))
        for one in records:
            arrive(database, home, one)
        if name == "grown":
            assert edges_of(database)
            delete(database, home, "middle", source="erp")
        # A deleted record's own pairs stay: they say where its id goes.
        seen.append([e for e in edges_of(database) if ("erp", "middle") not in e[:2]])
        database.close()
    assert seen == [[], []]


@pytest.mark.parametrize("many", [20_000, 1])
def test_a_question_goes_when_its_pair_is_no_longer_alike(database, settings, monkeypatch, many):
    monkeypatch.setattr("idp_cdi.steps.unify.MANY", many)
    settings = replace(settings, matching=Matching(link=0.999999, review=0.01))
    arrive(database, settings, mention("1", TOOLS), mention("2", BAKERY))
    arrive(database, settings, mention("9", TWIN | {"vat_id": ""}, "erp"))
    assert len(asked(database)) == 1
    arrive(database, settings, mention("9", DINER, "erp"))
    assert not asked(database)


def asked(database):
    with database.reading() as connection:
        return [item.id for item in questions.items(connection, kinds=("match",))]
