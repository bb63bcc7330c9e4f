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


def test_a_document_without_customer_is_unknown_or_in_review(books, store, settings, location):
    from idp_cdi.store import questions

    for sha in ("e" * 64, "f" * 64):
        books.document(sha, invoice_number=f"X-{sha[:8]}", issue_date="2025-05-01", total="5.00")
    item = questions.Item("q1", "missing", "f" * 64, "buyer.name", 1.0, '{"state": ""}')
    with store.writing() as connection:
        questions.put(connection, [item])
    publish(store, settings, location)
    rows = ask(
        location,
        "SELECT f.document_sha256 AS sha, d.status FROM fact_invoice f"
        " JOIN dim_customer d ON d.customer_sk = f.sold_to_sk WHERE sold_to_sk < 0 ORDER BY 1",
    )
    assert [(r["sha"][0], r["status"]) for r in rows] == [("e", "unknown"), ("f", "review")]
    assert ask(location, "SELECT count(*) AS n FROM invoice_as_is")[0]["n"] == 5


def test_the_same_money_told_by_bank_and_billing_is_one_payment(books, store, settings, location):
    rows = [
        {"key": "z1", "party": "k1", "invoice_key": "4711", "amount": "107.10", "currency": "EUR",
         "payment_date": "2025-04-03"},
        {"key": "z2", "party": "k2", "invoice_key": "4712", "amount": "30.00", "currency": "EUR",
         "payment_date": "2025-04-11"},
    ]  # fmt: skip
    books.facts("billing", "payment", rows)
    publish(store, settings, location)
    found = ask(location, "SELECT * FROM fact_payment ORDER BY payment_date")
    assert [(p["source_key"], str(p["amount"]), p["source_count"]) for p in found] == [
        ("z1", "107.1000", 2), ("b2", "80.0000", 1), ("z2", "30.0000", 1),
    ]  # fmt: skip
    assert found[0]["remittance"].startswith("Rechnung"), "what the bank says is kept"


def test_the_command_prints_what_was_written_and_answers(books, store, settings, tmp_path):
    import json

    from click.testing import CliRunner

    from idp_cdi.cli.main import cli

    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    (home / "idp-cdi.toml").write_text(f'database_url = "{store.url}"\n')
    run = CliRunner().invoke
    first = run(cli, ["--home", str(home), "publish", "--json"], catch_exceptions=False)
    assert json.loads(first.output)["tables"]["fact_invoice"]["written"] == 3
    assert "nothing new" in run(cli, ["--home", str(home), "publish"]).output
    command = ["--home", str(home), "finance", "ageing", "--as-of", "2025-03-31"]
    table = run(cli, command, catch_exceptions=False).output.splitlines()
    assert table[0].split()[:2] == ["currency", "not_due"] and "166.60" in table[1]
    assert json.loads(run(cli, [*command, "--json"]).output)[0]["total"] == "166.60"
    assert run(cli, [*command, "--csv"]).output.startswith("currency,not_due,")
    assert run(cli, ["--home", str(home), "finance", "nothing"]).exit_code == 2
