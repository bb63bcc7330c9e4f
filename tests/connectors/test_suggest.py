"""The suggested mapping: real header sets, contents that decide, reasons given."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import yaml

from idp_cdi.connectors._contents import shares
from idp_cdi.connectors._suggest import suggest

ROOT = Path(__file__).parents[2]
SETS = yaml.safe_load((ROOT / "tests/connectors/data/headers.yaml").read_text(encoding="utf-8"))


def bench():
    spec = importlib.util.spec_from_file_location(
        "bench_mapping", ROOT / "scripts/bench_mapping.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("part", "least"), [("build", 0.97), ("held_out", 0.95)])
@pytest.mark.parametrize("contents", [False, True])
def test_most_columns_of_real_tables_are_mapped_right(part, least, contents, capsys):
    right, total = bench().measure(SETS[part], contents=contents, errors=False)
    assert total > 400
    assert right / total >= least


def targets(header, *rows):
    return {g.column: g.target for g in suggest(header, rows).guesses}


def test_contents_decide_where_names_do_not():
    header = ["f1", "f2", "f3", "f4"]
    rows = [
        (f"{i}", f"a{i}@b.example", f"Firm {i} GmbH", "DE89 3704 0044 0532 0130 00")
        for i in range(20)
    ]
    assert targets(header, *rows) == {"f1": "", "f2": "email", "f3": "name", "f4": "iban"}


def test_a_name_is_not_believed_against_its_contents():
    rows = [(f"{i}", "x@y.example", "yes") for i in range(20)]
    found = targets(["id", "phone", "customer"], *rows)
    assert found["phone"] != "phone"
    assert found["customer"] != "name"


def test_one_address_is_taken_whole_and_the_other_left():
    header = ["Shipping Street", "Shipping City", "Billing Street", "Billing City", "Billing Zip"]
    assert targets(header) == {
        "Shipping Street": "@other", "Shipping City": "@other", "Billing Street": "street",
        "Billing City": "city", "Billing Zip": "postal_code",
    }  # fmt: skip


def test_suppliers_persons_and_events_are_told_apart():
    assert suggest(["Lieferantennummer", "Name", "Ort"]).mapping.role == "supplier"
    assert suggest(["id", "first name", "last name", "email"]).mapping.kind == "person"
    invoices = suggest(
        ["Invoice Number", "Customer Number", "Customer Name", "Invoice Date", "Due Date", "Total"]
    )
    fact = invoices.mapping.facts[0]
    assert (fact.kind, fact.key, fact.parties) == (
        "invoice",
        ("Invoice Number",),
        {"buyer": ("Customer Number",)},
    )
    assert invoices.mapping.key == ("Customer Number",)
    other = suggest(["id", "customer_id", "invoice_no", "total", "issued_on"]).mapping
    assert (other.facts[0].key, other.facts[0].parties) == (
        ("invoice_no",),
        {"buyer": ("customer_id",)},
    )
    lines = suggest(["Invoice No", "Item", "Quantity", "Unit Price"]).mapping
    assert (lines.facts[0].kind, lines.facts[0].key) == ("invoice_line", ())
    ledger = suggest(
        ["Journal", "Entry No", "Line No", "Posting Date", "GL Account", "Debit", "Credit"]
    )
    assert ledger.mapping.facts[0].kind == "gl_entry"
    header = [
        "Buchungsdatum",
        "Konto",
        "Kontobezeichnung",
        "Soll",
        "Haben",
        "Buchungstext",
        "Belegnummer",
    ]
    for plain in (
        header,
        ["posting_date", "account", "account_name", "debit", "credit", "description", "reference"],
    ):
        (fact,) = suggest(plain).mapping.facts
        names = (
            "posting_date",
            "account",
            "account_name",
            "debit",
            "credit",
            "description",
            "reference",
        )
        assert fact.kind == "gl_entry"
        assert {n: r.columns[0] for n, r in fact.fields.items()} == dict(
            zip(names, plain, strict=True)
        )
    assert suggest(plain).mapping.fields == {}, "an account of the ledger is no customer"


def test_a_table_without_parties_or_events_has_no_mapping():
    assert suggest(["colour", "weight"], [("red", "7")]).mapping is None


def test_every_guess_has_a_reason():
    assert all(g.why for g in suggest(["id", "Firma", "Zeug"]).guesses)


def test_shapes_of_contents():
    assert shares([]) == {}
    assert shares(["2026-01-02", "03.04.2026"])["date"] == 1
    assert shares(["1.234,50 €", "-7.00"])["amount"] == 1
    assert shares(["DE89370400440532013001"])["iban"] == 0
