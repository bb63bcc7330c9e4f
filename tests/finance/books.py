"""A small made-up company in a store: parties and business events, said in a few words."""

from __future__ import annotations

from datetime import UTC, datetime

from idp_cdi.observations import Observation, Origin, PartyKind, PartyRole, Record
from idp_cdi.sinks import open_warehouse
from idp_cdi.steps.unify import unify
from idp_cdi.store import log

SEEN = datetime(2026, 1, 1, tzinfo=UTC)


class Books:
    """Writes parties and facts of systems into a store."""

    def __init__(self, database, settings):
        self.database, self.settings = database, settings

    def parties(self, source, **names):
        """key=name or key=(name, vat id): customers of a system; unified at once."""
        rows = []
        for key, told in names.items():
            name, vat = (told, "") if isinstance(told, str) else told
            values = [("name", name), *([("vat_id", vat)] if vat else [])]
            seen = [
                Observation(f, v, v, 0.95, Origin(system=source, table="t", row=key, column=f))
                for f, v in values
            ]
            kind, role = PartyKind.ORGANISATION, PartyRole.CUSTOMER
            rows.append(log.row_of(Record(source, key, kind, role, SEEN, tuple(seen))))
        with self.database.writing() as connection:
            done = log.append_records(connection, source, rows)
            unify(connection, self.settings, done.touched)

    def facts(self, source, kind, rows, *, role="buyer"):
        """rows: dicts with `key`, `party` (key of the source, optional) and values."""
        with self.database.writing() as connection:
            keys = {r["party"] for r in rows if r.get("party")}
            ids = log.mention_ids(connection, source, keys)
            facts = []
            for row in rows:
                values = {k: v for k, v in row.items() if k not in ("key", "party", "deleted")}
                parties = {role: (ids[row["party"]],)} if row.get("party") else {}
                facts.append(
                    log.Fact(
                        kind, row["key"], SEEN, values, parties, deleted=row.get("deleted", False)
                    )
                )
            log.append_facts(connection, source, facts)

    def document(self, sha, **values):
        """An invoice that a document shows, as its fact stands in the log."""
        from idp_cdi.store import documents

        party = values.pop("party", "")
        with self.database.writing() as connection:
            documents.append_documents(
                connection, [documents.Seen(sha, f"{sha}.pdf", "application/pdf", 1)]
            )
        if party:
            self.parties("documents", **{f"{sha}#buyer": party})
        sure = {n: 0.9 for n in ("invoice_number", "issue_date", "total")}
        values = {"type": "invoice", "confidence": sure, **values}
        with self.database.writing() as connection:
            ids = log.mention_ids(connection, "documents", [f"{sha}#buyer"])
            roles = {"buyer": tuple(ids.values())} if ids else {}
            log.append_facts(
                connection, "documents", [log.Fact("invoice", sha, SEEN, values, roles, sha)]
            )


def ask(location, text):
    """The rows of a question to a warehouse, as dicts."""
    with open_warehouse(location) as warehouse:
        columns, rows = warehouse.query(text)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def books_of_two_customers(store, settings):
    """Two customers, three invoices of which one is seen twice, two transfers."""
    made = Books(store, settings)
    made.parties("crm", a=("Acme Tools GmbH", "DE136695976"), b="Berta Backwaren KG")
    made.parties("billing", k1=("ACME Tools", "DE136695976"), k2="Harrow & Finch Ltd")
    made.facts(
        "billing",
        "invoice",
        [
            {"key": "4711", "party": "k1", "invoice_number": "RE-2025-0001", "currency": "EUR",
             "issue_date": "2025-03-01", "due_date": "2025-03-31", "net_total": "100.00",
             "tax_total": "19.00", "total": "119.00"},
            {"key": "4712", "party": "k2", "invoice_number": "RE-2025-0002", "currency": "EUR",
             "issue_date": "2025-03-05", "due_date": "2025-04-04", "net_total": "50.00",
             "tax_total": "9.50", "total": "59.50"},
            {"key": "4713", "party": "k1", "invoice_number": "GS-2025-0001", "currency": "EUR",
             "type": "credit_note", "preceding_invoice": "RE-2025-0001",
             "issue_date": "2025-03-10", "net_total": "10.00", "tax_total": "1.90",
             "total": "11.90"},
        ],
    )  # fmt: skip
    made.facts(
        "bank",
        "payment",
        [
            {"key": "b1", "amount": "107.10", "currency": "EUR", "payment_date": "2025-04-02",
             "remittance": "Rechnung RE 2025 0001 abzgl. GS-2025-0001"},
            {"key": "b2", "amount": "80.00", "currency": "EUR", "payment_date": "2025-04-10",
             "remittance": "RE-2025-0002 danke"},
        ],
    )  # fmt: skip
    made.document(
        "d" * 64, party=("Acme Tools GmbH", "DE136695976"), invoice_number="RE 2025/0001",
        issue_date="2025-03-01", currency="EUR", net_total="100.00", tax_total="19.00",
        total="119.00", lines=[{"description": "Drill", "quantity": "2", "unit_price": "50.00",
                                "net_amount": "100.00", "tax_rate": "19"}],
    )  # fmt: skip
    return made
