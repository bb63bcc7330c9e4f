"""The star schema in a warehouse: one invoice from many places, history, only what changed."""

from __future__ import annotations

from books import ask

from idp_cdi.steps.publish import publish


def test_an_invoice_seen_in_two_places_is_one_with_lineage_to_both(
    books, store, settings, location
):
    publish(store, settings, location)
    invoices = ask(location, "SELECT * FROM fact_invoice ORDER BY invoice_number")
    assert [i["invoice_number"] for i in invoices] == [
        "GS-2025-0001",
        "RE-2025-0001",
        "RE-2025-0002",
    ]
    assert invoices[1]["source_count"] == 2 and invoices[1]["document_sha256"] == "d" * 64
    assert str(invoices[0]["gross"]) == "-11.9000"
    told = ask(location, "SELECT channel FROM fact_invoice_source ORDER BY channel")
    assert [t["channel"] for t in told] == ["document", "system", "system", "system"]
    lines = ask(location, "SELECT description, line_number, net FROM fact_invoice_line")
    assert [(x["description"], x["line_number"], str(x["net"])) for x in lines] == [
        ("Drill", 1, "100.0000")
    ]


def test_payments_settle_what_they_name_and_nothing_beyond(books, store, settings, location):
    publish(store, settings, location)
    found = ask(
        location,
        "SELECT i.invoice_number, a.kind, a.method, a.amount FROM fact_payment_application a"
        " JOIN fact_invoice i USING (invoice_sk) ORDER BY 1, 2",
    )
    assert [(f["invoice_number"], f["kind"], str(f["amount"])) for f in found] == [
        ("RE-2025-0001", "credit_note", "11.9000"),
        ("RE-2025-0001", "payment", "107.1000"),
        ("RE-2025-0002", "payment", "59.5000"),  # 20.50 too much stay unapplied
    ]


def test_a_second_run_writes_nothing_and_a_changed_invoice_only_itself(
    books, store, settings, location
):
    assert publish(store, settings, location).written > 0
    assert publish(store, settings, location).current
    again = publish(store, settings, location, full=True)
    assert again.written == 0
    books.facts(
        "billing", "invoice",
        [{"key": "4712", "party": "k2", "invoice_number": "RE-2025-0002", "currency": "EUR",
          "issue_date": "2025-03-05", "due_date": "2025-05-04", "net_total": "50.00",
          "tax_total": "9.50", "total": "59.50"}],
    )  # fmt: skip
    changed = publish(store, settings, location)
    assert {n: c.written for n, c in changed.tables.items() if c.written} == {
        "fact_invoice": 1, "fact_invoice_source": 1, "fact_instalment": 1,
    }  # fmt: skip
