"""Golden values from several records of one customer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp_cdi.errors import UsageError
from idp_cdi.fields import FieldSpec, fields
from idp_cdi.observations import Observation, Origin, PartyKind, PartyRole, Record
from idp_cdi.survivorship import rule, survive

START = datetime(2024, 1, 1, tzinfo=UTC)


def record(key, *seen, day=0, source="crm", person=""):
    place = (
        Origin(person=person) if person else Origin(system=source, table="t", row=key, column="c")
    )
    values = tuple(Observation(f, v, v, c, place) for f, v, c in seen)
    at = START + timedelta(days=day)
    return Record(source, key, PartyKind.ORGANISATION, PartyRole.CUSTOMER, at, values)


def values(golden, field):
    return [v.value for v in golden if v.field == field]


def test_every_rule_of_the_field_definitions_exists():
    for spec in fields().party.values():
        assert spec.survive == rule(spec.survive).NAME
    with pytest.raises(UsageError):
        rule("no_such_rule")
    with pytest.raises(UsageError):
        rule("_survive")


def test_each_golden_value_names_its_observation_and_its_rule():
    golden = survive([record("1", ("name", "Acme", 0.8)), record("2", ("name", "Acme Ltd", 0.9))])
    assert len(golden) == 1
    best = golden[0]
    assert (best.value, best.confidence, best.record, best.rule) == (
        "Acme Ltd",
        0.9,
        "crm␟2",
        "most_trusted",
    )
    assert best.origin.row == "2"


def test_an_old_value_loses_to_a_newer_one_that_was_a_little_less_sure():
    old = record("1", ("name", "Acme Alt", 0.95))
    new = record("2", ("name", "Acme Neu", 0.8), day=1825)
    assert values(survive([old, new]), "name") == ["Acme Neu"]
    soon = record("2", ("name", "Acme Neu", 0.8), day=30)
    assert values(survive([old, soon]), "name") == ["Acme Alt"]


def test_time_that_passes_changes_no_golden_value():
    one = [record("1", ("name", "A", 0.9)), record("2", ("name", "B", 0.7), day=400)]
    later = [record("1", ("name", "A", 0.9), day=5000), record("2", ("name", "B", 0.7), day=5400)]
    assert values(survive(one), "name") == values(survive(later), "name")


def test_a_preferred_source_wins():
    records = [
        record("1", ("name", "From CRM", 0.9)),
        record("2", ("name", "From ERP", 0.85), source="erp"),
    ]
    golden = survive(records, trust=lambda source, field: 0.5 if source == "crm" else 1.0)
    assert values(golden, "name") == ["From ERP"]
    assert golden[0].confidence == 0.85


def test_a_persons_answer_outranks_everything_for_ever():
    answer = record("a", ("name", "Acme SE", 1.0), source="review", person="kim")
    newer = record("2", ("name", "Acme AG", 1.0), day=4000)
    golden = survive([newer, answer])
    assert (golden[0].value, golden[0].rule, golden[0].origin.person) == (
        "Acme SE",
        "pinned",
        "kim",
    )


def test_the_latest_answer_holds_and_an_empty_one_says_that_there_is_none():
    first = record("a", ("name", "Acme SE", 1.0), source="review", person="kim")
    second = record("b", ("name", "Acme plc", 1.0), source="review", person="lee", day=1)
    nothing = record("c", ("name", "", 1.0), source="review", person="lee", day=2)
    machine = record("1", ("name", "Acme", 0.9))
    assert values(survive([first, second, machine]), "name") == ["Acme plc"]
    assert values(survive([first, second, nothing, machine]), "name") == []


def test_of_many_telephone_numbers_all_survive_once_the_best_first():
    golden = survive(
        [
            record("1", ("phone", "+4930123456", 0.6), ("phone", "+49301111", 0.9)),
            record("2", ("phone", "+4930123456", 0.95)),
            record("3", ("phone", "+49302222", 1.0), source="review", person="kim"),
        ]
    )
    assert values(golden, "phone") == ["+49302222", "+4930123456", "+49301111"]
    assert [v.record for v in golden][1] == "crm␟2"


def test_a_vat_number_with_a_wrong_check_digit_loses_to_a_right_one():
    golden = survive(
        [
            record("1", ("vat_id", "DE136695978", 0.99)),
            record("2", ("vat_id", "DE136695976", 0.6)),
        ]
    )
    assert values(golden, "vat_id") == ["DE136695976"]


def test_an_address_comes_from_one_record():
    golden = survive(
        [
            record(
                "1",
                ("street", "Markt 1", 0.8),
                ("city", "Bonn", 0.8),
                ("postal_code", "53111", 0.8),
            ),
            record("2", ("street", "Allee 9", 0.9), ("city", "Berlin", 0.7)),
        ]
    )
    assert [(v.field, v.value) for v in golden] == [
        ("street", "Markt 1"),
        ("city", "Bonn"),
        ("postal_code", "53111"),
    ]
    assert {v.record for v in golden} == {"crm␟1"}


def test_a_missing_part_comes_only_from_a_record_that_means_the_same_place():
    whole = record(
        "1", ("street", "Markt 1", 0.9), ("postal_code", "53111", 0.9), ("city", "Bonn", 0.9)
    )
    same = record("2", ("postal_code", "53111", 0.5), ("city", "Bonn", 0.5), ("country", "DE", 0.5))
    other = record("3", ("city", "Bonn", 0.9), ("country", "US", 0.9))
    assert values(survive([whole, same, other]), "country") == ["DE"]
    assert values(survive([whole, other]), "country") == []


def test_a_persons_correction_of_the_city_keeps_the_street():
    whole = record("1", ("street", "Markt 1", 0.9), ("city", "Bon", 0.9))
    answer = record("a", ("city", "Bonn", 1.0), source="review", person="kim")
    golden = survive([whole, answer])
    assert [(v.field, v.value, v.rule) for v in golden] == [
        ("street", "Markt 1", "with_address"),
        ("city", "Bonn", "pinned"),
    ]


def test_a_field_that_only_a_connector_knows_survives_too():
    golden = survive(
        [record("1", ("loyalty_tier", "gold", 0.9)), record("2", ("loyalty_tier", "silver", 0.8))]
    )
    assert values(golden, "loyalty_tier") == ["gold"]


def test_rules_are_data():
    specs = {"name": FieldSpec("name", "", "name", survive="most_complete")}
    records = [record("1", ("name", "Acme", 0.9)), record("2", ("name", "Acme Trading Ltd", 0.8))]
    assert values(survive(records, specs=specs), "name") == ["Acme Trading Ltd"]


def test_nothing_survives_of_nothing():
    assert survive([]) == ()
    assert survive([record("1")]) == ()


FIELDS = st.sampled_from(
    ["name", "phone", "vat_id", "city", "street", "postal_code", "country", "email"]
)
SEEN = st.tuples(
    FIELDS, st.sampled_from(["a", "A", "b", "c1", "DE136695976"]), st.sampled_from([0.5, 0.7, 0.9])
)


@st.composite
def several(draw):
    many = draw(st.lists(st.lists(SEEN, max_size=6), min_size=1, max_size=5))
    days = draw(st.lists(st.integers(0, 3), min_size=len(many), max_size=len(many)))
    who = draw(
        st.lists(st.sampled_from(["", "", "", "kim"]), min_size=len(many), max_size=len(many))
    )
    return [
        record(str(i), *seen, day=100 * d, person=w)
        for i, (seen, d, w) in enumerate(zip(many, days, who, strict=True))
    ]


@given(several(), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_the_order_of_records_never_counts(records, rng):
    shuffled = records[:]
    rng.shuffle(shuffled)
    assert survive(records) == survive(shuffled)


@given(several())
@settings(max_examples=300, deadline=None)
def test_every_golden_value_was_observed_and_single_fields_have_one(records):
    seen = {(f"{r.source}␟{r.key}", o.field, o.value) for r in records for o in r.observations}
    golden = survive(records)
    assert all((v.record, v.field, v.value) in seen for v in golden)
    table = fields().party
    for name in {v.field for v in golden}:
        assert table[name].multi or len(values(golden, name)) == 1


@given(st.lists(SEEN, max_size=8))
@settings(max_examples=300, deadline=None)
def test_a_customer_of_one_record_is_the_same_on_the_fast_path(seen):
    golden = survive([record("1", *seen)])
    assert golden == survive([record("1", *seen), record("2")])
