"""Rules are data: each kind finds what it is for, a wrong one is told, yours are laid over."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp_cdi.errors import SettingsError
from idp_cdi.rules.check import MOST_ASKED, Checker, rows
from idp_cdi.rules.spec import Rule, Severity, load


def row(number, source="crm", kind="organisation", codes=None, role="customer", **values):
    codes = codes or {}
    seen = [[f, v, None, 0.9, f, codes.get(f, "")] for f, v in values.items()]
    payload = json.dumps({"t": [source, "t", str(number)], "o": seen}, separators=(",", ":"))
    return (number, source, kind, role, "2026-01-01T00:00:00.000000Z", 1, payload)


def golden(number, role="customer", **values):
    told = {"values": [[f, v, 0.9, 1, "most_trusted"] for f, v in values.items()]}
    payload = json.dumps(told, separators=(",", ":"))
    return (number, "", "organisation", role, "2026-01-01T00:00:00.000000Z", 2, payload)


def found(rule, many, scope="door", **more):
    with Checker([rule], scope, **more) as checker:
        checker.add(rows(many))
        return {r.source: (r.checked, r.failed, r.examples) for r in checker.results()}


def rule(what, **more):
    return Rule(id="r", what=what, message="m", **more)


def test_completeness_wants_one_of_several_fields():
    many = [row(1, name="A"), row(2, email="a@b.de"), row(3, name="")]
    assert found(rule("completeness", fields=("name", "email")), many) == {"crm": (3, 1, (3,))}


def test_a_condition_leaves_rows_out():
    many = [row(1, country="DE"), row(2, country="DE", vat_id="x"), row(3, country="FR")]
    one = rule("completeness", fields=("vat_id",), when={"country": ("DE",)})
    assert found(one, many) == {"crm": (2, 1, (1,))}


def test_format_matches_the_whole_value():
    many = [row(1, postal_code="50667"), row(2, postal_code="x50667"), row(3)]
    assert found(rule("format", field="postal_code", pattern="[0-9]{5}"), many) == {
        "crm": (2, 1, (2,))
    }


def test_validity_is_what_the_standardiser_said_or_says():
    told = [row(1, iban="X"), row(2, iban="DE1", codes={"iban": "value.checksum"})]
    assert found(rule("valid", field="iban"), told) == {"crm": (2, 1, (2,))}
    many = [golden(1, iban="DE89370400440532013000"), golden(2, iban="DE88370400440532013000")]
    assert found(rule("valid", field="iban"), many, "golden") == {"": (2, 1, (2,))}


def test_reference_to_a_list_and_to_another_source(tmp_path):
    many = [row(1, country="DE"), row(2, country="XX"), row(3, customer_number="10")]
    assert found(rule("reference", field="country", list="countries"), many) == {
        "crm": (2, 1, (2,))
    }
    one = rule("reference", field="customer_number", source="erp")
    assert found(one, many, keys_of=lambda name: [f"{name}-1"]) == {"crm": (1, 1, (3,))}
    assert found(one, many, keys_of=lambda _: ["10"]) == {"crm": (1, 0, ())}
    listed = tmp_path / "list.csv"
    listed.write_text("DE,Germany\nXX,other\n")
    assert found(rule("reference", field="country", file=str(listed)), many)["crm"][1] == 0


def test_a_rule_across_fields_says_nothing_where_a_value_is_missing():
    many = [row(1, iban="DE1", country="DE"), row(2, iban="DE1", country="FR"), row(3, iban="DE1")]
    one = rule("cross_field", expect="iban[1:2] = country")
    assert found(one, many) == {"crm": (2, 1, (2,))}


def test_uniqueness_is_of_all_batches_and_within_a_source():
    one = rule("uniqueness", fields=("vat_id",), severity="review")
    with Checker([one], "door") as checker:
        checker.add(
            rows([row(1, vat_id="A"), row(2, vat_id="B"), row(3, source="erp", vat_id="A")])
        )
        checker.add(rows([row(4, vat_id="A")]))
        got = {r.source: (r.checked, r.failed, r.examples) for r in checker.results()}
        assert got == {"crm": (3, 2, (1, 4)), "erp": (1, 0, ())}
        assert checker.failing() == {"r": [1, 4]}
    assert found(one, [row(1, vat_id="A")] * 2, whole=False) == {}


def test_documents_may_name_one_customer_as_often_as_there_are_papers():
    one = rule("uniqueness", fields=("vat_id",), severity="review")
    many = [row(n, source="documents", vat_id="A") for n in (1, 2)]
    assert found(one, [*many, row(3, vat_id="A")]) == {"crm": (1, 0, ())}


def test_the_roles_of_a_golden_record_are_several():
    one = rule("completeness", fields=("name",), when={"role": ("supplier",)})
    many = [golden(1, role="customer,supplier"), golden(2, role="customer")]
    assert found(one, many, "golden") == {"": (1, 1, (1,))}


def test_of_a_rule_that_everything_fails_only_some_are_asked_about():
    one = rule("completeness", fields=("name",), severity="review")
    with Checker([one], "door") as checker:
        checker.add(rows([row(n) for n in range(1, MOST_ASKED + 50)]))
        assert checker.results()[0].failed == MOST_ASKED + 49
        assert len(checker.failing()["r"]) == MOST_ASKED


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=6)), max_size=20))
def test_any_text_is_counted_as_python_counts_it(values):
    many = [row(i, name=a, country=b) for i, (a, b) in enumerate(values, 1)]
    many = [m for m in many if m[6].isprintable()]
    one = rule("cross_field", expect="length(name) <= 5 OR country = 'DE'", scope=("door",))
    cells = [dict((f, v) for f, v, *_ in json.loads(m[6])["o"]) for m in many]
    kept = [c for c in cells if c["name"] and (len(c["name"]) <= 5 or c["country"])]
    bad = [c for c in kept if not (len(c["name"]) <= 5 or c["country"] == "DE")]
    got = found(one, many).get("crm", (0, 0, ()))
    assert got[:2] == (len(kept), len(bad))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: [{id: a, what: format, field: name, message: m}]", "needs 'pattern'"),
        ("rules: [{id: a, what: completeness, fields: [nam], message: m}]", "no field 'nam'"),
        ("rules: [{id: A b, what: valid, field: iban, message: m}]", "id"),
        ("rules: [{id: a, what: format, field: name, pattern: '(', message: m}]", "expression"),
        ("rules: {a: 1}", "a list under the key 'rules'"),
        ("rules: [", "not valid YAML"),
    ],
)
def test_a_wrong_rule_is_told_with_its_file(tmp_path, text, said):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "mine.yaml").write_text(text)
    with pytest.raises(SettingsError) as error:
        load(tmp_path)
    assert said in str(error.value)
    assert "mine.yaml" in error.value.file


@pytest.mark.parametrize(
    "expect",
    ["nonsense(", "no_such_column = 1", "TRUE); DROP TABLE wide; SELECT (TRUE", "name = 1 AND"],
)
def test_an_expression_that_makes_no_sense_is_told_before_any_row(expect):
    with pytest.raises(SettingsError, match="'r'"):
        Checker([rule("cross_field", expect=expect)], "door")


def test_an_expression_reads_no_file(tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    with pytest.raises(SettingsError, match="disabled"):
        Checker([rule("cross_field", expect=f"EXISTS (FROM '{secret}')")], "door")


def test_rules_of_the_home_folder_are_laid_over_the_shipped_ones(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "mine.yaml").write_text(
        "rules:\n"
        "  - {id: iban.valid, severity: set_aside}\n"
        "  - {id: email.valid, active: false}\n"
        "  - {id: mine, what: completeness, fields: [phone], message: a phone, owner: me}\n"
    )
    before = {r.id: r for r in load()}
    after = {r.id: r for r in load(tmp_path)}
    assert after["iban.valid"].severity is Severity.SET_ASIDE
    assert after["iban.valid"].message == before["iban.valid"].message
    assert after.keys() == (before.keys() - {"email.valid"}) | {"mine"}


def test_the_shipped_rules_can_be_checked_and_say_who_owns_them():
    many = load()
    for scope in ("door", "golden"):
        with Checker(many, scope) as checker:
            checker.add(rows([row(1, name="Acme GmbH")] if scope == "door" else [golden(1)]))
            assert checker.results()
    assert all(r.owner and r.message and r.action for r in many)
