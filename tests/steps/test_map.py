# ruff: noqa: E501
"""Rows to records: what is stored equals what the objects say, whatever path made it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp_cdi.connectors import Chunk
from idp_cdi.connectors._mapping import StreamMapping, dump, load, parse
from idp_cdi.errors import SettingsError
from idp_cdi.observations import PartyKind
from idp_cdi.steps.map import Mapper, check_columns, record_batches, records
from idp_cdi.store import log

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def chunk(header, *rows):
    columns = tuple([row[i] for row in rows] for i in range(len(header)))
    return Chunk(tuple(header), columns, range(1, len(rows) + 1), {})


def mapper(trust=0.9, **mapping):
    spec = StreamMapping.model_validate(mapping)
    return Mapper("crm", "t", spec, trust=lambda field: trust, observed_at=NOW)


def only(header, row, **mapping):
    return next(iter(records([chunk(header, row)], mapper(**mapping))))


@given(
    st.lists(
        st.lists(
            st.sampled_from(["a@x.example", "b@y.example", "c@z.example"]), max_size=4, unique=True
        ),
        max_size=4,
    )
)
def test_several_values_of_one_cell_are_several_values(cells):
    rows = [[str(n), f"Firm {n}", " ; ".join(values)] for n, values in enumerate(cells)]
    fields = {"name": "firm", "email": {"column": "mails", "split": ";"}}
    made = records(
        [chunk(["id", "firm", "mails"], *rows)] if rows else [], mapper(key="id", fields=fields)
    )
    assert [[o.value for o in r.values("email")] for r in made] == cells


def test_more_values_than_a_cell_may_hold_are_kept_together():
    fields = {"name": "firm", "trading_name": {"column": "names", "split": ","}}
    many = ",".join(f"Shop {n}" for n in range(60))
    record = only(["id", "firm", "names"], ["1", "Firm", many], key="id", fields=fields)
    found = [o.value for o in record.values("trading_name")]
    assert len(found) == 50
    assert found[0] == "Shop 0"
    assert "Shop 59" in found[-1]


def test_a_column_called_no_is_a_column_and_no_truth_value(tmp_path):
    file = tmp_path / "crm.yaml"
    file.write_text(
        "source: crm\nstreams: {t: {key: no, fields: {name: on, country: {column: y, values: {no: NO}},"
        " date_of_birth: {column: born, day_first: true}}}}\n"
    )
    stream = load(file).streams["t"]
    assert stream.key == ("no",)
    assert stream.fields["name"][0].columns == ("on",)
    assert stream.fields["country"][0].values == {"no": "NO"}
    assert stream.fields["date_of_birth"][0].day_first is True


def test_a_row_is_a_record_with_lineage_and_trust():
    record = only(
        ["id", "firm", "mail"], ["7", " Acme  GmbH ", "mailto:Info@ACME.example"],
        key="id", kind="organisation", fields={"name": "firm", "email": {"column": "mail", "trust": 0.5}},
    )  # fmt: skip
    name, email = record.values("name")[0], record.values("email")[0]
    assert (name.value, name.raw, name.confidence) == ("Acme GmbH", " Acme  GmbH ", 0.9)
    assert (email.value, email.confidence) == ("Info@acme.example", 0.5)
    assert name.origin.where == "crm:t, row 7, column firm"
    assert record.kind is PartyKind.ORGANISATION


def test_a_value_that_is_no_good_is_kept_with_less_trust_and_reported():
    made = mapper(key="id", fields={"name": "name", "email": "mail"}).map(
        chunk(["id", "name", "mail"], ["1", "A", "not an address"], ["2", "B", "b@c.example"])
    )
    bad = log.payloads.decode(made.records[0].payload)[1]
    assert (bad.value, bad.confidence, bad.method) == ("not an address", 0.45, "value.format")
    assert made.problems == {("mail", "value.format"): 1}
    assert made.examples == {("mail", "value.format"): [1]}


def test_rows_without_key_or_identity_are_rejected_with_all_their_cells():
    made = mapper(key="id", fields={"name": "name", "city": "town"}).map(
        chunk(
            ["id", "name", "town", "x"],
            ["", "A", "Bonn", "1"],
            ["2", "", "Bonn", "2"],
            ["3", "C", "", ""],
        )
    )
    assert [r.key for r in made.records] == ["3"]
    assert [(r.row, r.code) for r in made.rejects] == [(1, "row.key"), (2, "row.empty")]
    assert dict(made.rejects[0].cells) == {"id": "", "name": "A", "town": "Bonn", "x": "1"}


def test_a_table_without_key_names_rows_by_what_they_say():
    header = ["name", "town"]
    fields = {"name": "name", "city": "town"}
    one = mapper(fields=fields).map(chunk(header, ["A", "Bonn"], ["B", "Köln"]))
    two = mapper(fields=fields).map(chunk(header, ["B", "Köln"], ["A", "Bonn"]))
    assert {r.key for r in one.records} == {r.key for r in two.records}
    assert {r.content for r in one.records} == {r.content for r in two.records}


def test_columns_are_joined_defaulted_translated_and_hinted():
    record = only(
        ["id", "n", "str", "no", "land", "born", "tel"], ["1", "Bo", "Ring", "4", "Austria-code", "03/04/1980", "01 5321234"],
        key="id", kind="person",
        fields={
            "last_name": "n", "street": {"columns": ["str", "no"]},
            "country": {"column": "land", "values": {"Austria-code": "AT"}, "default": "DE"},
            "date_of_birth": {"column": "born", "day_first": True}, "phone": "tel",
        },
    )  # fmt: skip
    found = {o.field: o.value for o in record.observations}
    assert found["street"].startswith("Ring 4")
    assert (found["country"], found["date_of_birth"], found["phone"]) == (
        "AT",
        "1980-04-03",
        "+4315321234",
    )


@pytest.mark.parametrize(
    ("row", "kind", "contact"),
    [
        (["1", "Acme GmbH", "", ""], "organisation", ""),
        (["1", "Acme GmbH", "Ann", "Lee"], "organisation", "Ann Lee"),
        (["1", "", "Ann", "Lee"], "person", ""),
        (["1", "Ann Lee", "Ann", "Lee"], "person", ""),
        (["1", "Acme", "", ""], "unknown", ""),
    ],
)
def test_auto_tells_persons_from_organisations_with_a_contact(row, kind, contact):
    fields = {"name": "firm", "first_name": "first", "last_name": "last"}
    record = only(["id", "firm", "first", "last"], row, key="id", kind="auto", fields=fields)
    assert record.kind == kind
    names = [o.value for o in record.values("contact_name")]
    assert names == ([contact] if contact else [])
    if contact:
        assert not record.values("last_name")


def test_kind_role_time_and_deletion_come_from_columns():
    made = mapper(
        key="id", kind={"column": "k", "values": {"P": "person"}, "default": "organisation"},
        role={"column": "r", "values": {"V": "supplier"}, "default": "customer"},
        observed_at="at", deletes={"column": "gone", "values": {"true": "gone"}}, fields={"name": "n"},
    ).map(
        chunk(
            ["id", "k", "r", "at", "gone", "n"],
            ["1", "p", "V", "2026-01-02T03:04:05Z", "false", "A"],
            ["2", "", "", "02.01.2026", "TRUE", ""],
        )
    )  # fmt: skip
    one, two = made.records
    assert (one.kind, one.role, one.observed_at) == (
        "person",
        "supplier",
        "2026-01-02T03:04:05.000000Z",
    )
    assert (two.kind, two.deleted, two.observed_at) == (
        "organisation",
        True,
        "2026-01-02T00:00:00.000000Z",
    )


def test_facts_carry_their_parties_and_refuse_sums_that_cannot_be_read():
    made = mapper(
        facts=[{"kind": "invoice", "key": "no", "parties": {"buyer": "cust"}, "values": {"currency": "EUR"},
                "fields": {"invoice_number": "no", "total": {"column": "sum", "decimal": ","}, "issue_date": "on"}}]
    ).map(
        chunk(["no", "cust", "sum", "on"], ["R1", "7", "1.234,50", "2026-01-02"], ["R2", "7", "much", "2026-01-02"],
              ["", "7", "1,00", "2026-01-02"])
    )  # fmt: skip
    assert made.facts[0].payload == {
        "invoice_number": "R1", "total": "1234.50", "issue_date": "2026-01-02", "currency": "EUR",
    }  # fmt: skip
    assert made.facts[0].parties == {"buyer": ("7",)}
    assert [(r.row, r.code) for r in made.rejects] == [(2, "fact.value"), (3, "fact.key")]


def test_events_without_a_key_are_named_by_what_they_say_and_repetitions_count():
    rule = {"kind": "gl_entry", "fields": {"account": "a", "debit": "d"}}
    rows = (["1200", "5.00"], ["1200", "5.00"], ["8400", "7.00"], ["", ""])
    one = mapper(facts=[rule]).map(chunk(["a", "d"], *rows))
    two = mapper(facts=[rule]).map(chunk(["a", "d"], *reversed(rows)))
    assert len({f.key for f in one.facts}) == 3
    assert {f.key for f in one.facts} == {f.key for f in two.facts}
    assert [r.code for r in one.rejects] == ["fact.key"]


def test_a_row_that_names_no_country_is_read_in_that_of_its_vat_number():
    fields = {"name": "n", "phone": "p", "vat_id": "v", "country": "c"}
    rows = [
        ["1", "Holm", "0711/123456", "DE136695976", ""],
        ["2", "Farn", "0711/123456", "", ""],
        ["3", "Quell", "01 5331234", "DE136695976", "AT"],
    ]
    made = mapper(key="id", fields=fields)
    found = list(records([chunk(["id", "n", "p", "v", "c"], *rows)], made))
    assert [r.values("phone")[0].value for r in found] == [
        "+49711123456",
        "0711/123456",
        "+4315331234",
    ]


texts = st.text(max_size=20)


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(st.tuples(texts, texts, texts, texts), max_size=6))
def test_the_fast_path_stores_what_the_objects_would(rows):
    made = mapper(key="id", kind="auto", fields={"name": "n", "phone": "p", "country": "c"}).map(
        chunk(["id", "n", "p", "c"], *[list(r) for r in rows])
    )
    assert len(made.records) + len(made.rejects) == len(rows)
    for row in made.records:
        seen = log.payloads.decode(row.payload)
        assert log.payloads.encode(seen) == row.payload
        if seen:
            record = log.Record(
                "crm", row.key, PartyKind(row.kind), log.PartyRole(row.role), NOW, seen
            )
            assert log.row_of(record).content == row.content


def test_arrow_batches_say_the_same_as_records():
    made = mapper(key="id", fields={"name": "n", "phone": ["p", "q"]})
    rows = chunk(
        ["id", "n", "p", "q"], ["1", "Acme", "", "+49 30 1234567"], ["2", "Brandt", "", ""]
    )
    batch = next(record_batches([rows], made))
    assert batch["key"].to_pylist() == ["1", "2"]
    assert batch["phone"].to_pylist() == ["+49301234567", ""]
    assert batch["payload"].to_pylist() == [r.payload for r in made.map(rows).records]


def test_drift_of_the_key_stops_and_of_others_is_told():
    spec = StreamMapping.model_validate({"key": "id", "fields": {"name": "n", "city": "c"}})
    assert [n.message for n in check_columns(spec, ["id", "n"])] == ['the column "c" is gone']
    with pytest.raises(SettingsError, match="key column 'id'"):
        check_columns(spec, ["n", "c"])


def test_source_files_come_back_as_they_were_written():
    spec = parse(
        {"source": "erp", "owner": "x@y.example", "trust": 0.9, "location": "a.csv",
         "streams": {"a": {"key": ["x", "y"], "kind": "person", "cursor": "t",
                           "fields": {"name": ["n", "m"], "street": {"columns": ["s", "h"]}, "country": {"column": "c", "default": "DE"}},
                           "facts": [{"kind": "payment", "key": "p", "parties": {"buyer": "x"}, "fields": {"amount": "a"}}]}}}
    )  # fmt: skip
    import yaml

    assert parse(yaml.safe_load(dump(spec))) == spec


@pytest.mark.parametrize(
    "broken",
    [
        {"streams": {"a": {"fields": {"colour": "x"}}}},
        {"streams": {"a": {"key": "id"}}},
        {"streams": {"a": {"fields": {"name": {"column": "x", "trust": 2}}}}},
        {"streams": {"a": {"fields": {"name": "x"}}, "b": {"fields": {"name": "x"}}}},
        {"streams": {"a": {"fields": {"name": "x"}, "typo": 1}}},
        {"streams": {"a": {"facts": [{"kind": "invoice", "key": "x", "fields": {"weight": "w"}}]}}},
    ],
)
def test_an_impossible_source_file_says_where(broken):
    with pytest.raises(SettingsError, match=r"docs/connectors"):
        parse({"source": "s", **broken})
