"""Applying understood documents: all or nothing, once, and never a silent duplicate."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select

from idp_cdi.documents import Box, Problem
from idp_cdi.extractions import Extraction, Field
from idp_cdi.observations import PartyKind
from idp_cdi.settings import Organisation
from idp_cdi.steps.apply import apply_documents
from idp_cdi.steps.parties import parties
from idp_cdi.steps.understand import FAULT, Understood
from idp_cdi.store import derived, documents, log, questions
from idp_cdi.store.log import moment
from idp_cdi.store.schema import extraction, fact, sighting

NOON = moment("2026-03-01T12:00:00.000000Z")
BUYER = {
    "buyer.name": "Bäckerei Sonnenthal GmbH",
    "buyer.vat_id": "DE129273398",
    "buyer.street": "Mühlenweg 12",
    "buyer.postal_code": "50667",
    "buyer.city": "Köln",
}
SELLER = {"seller.name": "Nordwind Werkzeuge GmbH", "seller.vat_id": "DE136695976"}
INVOICE = {"invoice_number": "2026-77", "issue_date": "2026-02-03", "total": "119.00"}


def understood(tmp_path, name, values, *, sure=0.99, kind="invoice"):
    path = tmp_path / name
    path.write_bytes(name.encode())
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    fields = tuple(
        Field(f, v, v, sure, 1, Box(1, 2, 3, 4), "test", "made up") for f, v in values.items()
    )
    found = Extraction(str(path), sha256, kind, 1.0, "de", 1, "pdf", 0.1, fields)
    return Understood(str(path), sha256, "application/pdf", path.stat().st_size, found, path=path)


def rows(database, table):
    with database.reading() as connection:
        return connection.execute(select(table)).all()


def names(database):
    with database.reading() as connection:
        return sorted(
            r.values("name")[0].value
            for _, r in log.current_records(connection)
            if r.values("name")
        )


def test_both_parties_of_an_invoice_become_records_and_the_invoice_a_fact(
    database, settings, tmp_path
):
    item = understood(tmp_path, "a.pdf", BUYER | SELLER | INVOICE)
    applied = apply_documents(database, settings, [item])
    assert (applied.documents, applied.accepted, applied.to_review) == (1, 10, 0)
    assert names(database) == ["Bäckerei Sonnenthal GmbH", "Nordwind Werkzeuge GmbH"]
    (one,) = rows(database, fact)
    assert one.kind == "invoice"
    assert one.document == item.sha256


def test_the_same_bytes_again_are_linked_to_the_first_and_nothing_else(
    database, settings, tmp_path
):
    first = understood(tmp_path, "a.pdf", BUYER | INVOICE)
    apply_documents(database, settings, [first])
    again = Understood("b.pdf", first.sha256, extraction=first.extraction, path=first.path)
    applied = apply_documents(database, settings, [again])
    assert applied.documents == 0
    assert applied.known == {"b.pdf": first.name}
    assert len(rows(database, sighting)) == 2
    assert len(rows(database, fact)) == 1


def test_the_same_invoice_as_another_file_is_asked_about(database, settings, tmp_path):
    first = understood(tmp_path, "a.pdf", BUYER | SELLER | INVOICE)
    second = understood(tmp_path, "b.pdf", BUYER | SELLER | INVOICE | {"total": "120.00"})
    apply_documents(database, settings, [first])
    apply_documents(database, settings, [second])
    with database.reading() as connection:
        asked = questions.items(connection, kinds=["duplicate"])
    assert [q.document for q in asked] == [second.sha256]
    assert "120.00" in asked[0].payload


def test_the_same_number_in_another_year_is_another_invoice(database, settings, tmp_path):
    first = understood(tmp_path, "a.pdf", BUYER | SELLER | INVOICE)
    later = understood(tmp_path, "b.pdf", BUYER | SELLER | INVOICE | {"issue_date": "2027-02-03"})
    apply_documents(database, settings, [first, later])
    with database.reading() as connection:
        assert questions.items(connection, kinds=["duplicate"]) == []


def test_doubtful_values_are_asked_about_and_counted(database, settings, tmp_path):
    applied = apply_documents(
        database, settings, [understood(tmp_path, "a.pdf", BUYER | INVOICE, sure=0.5)]
    )
    assert (applied.accepted, applied.to_review) == (0, len(BUYER | INVOICE))


def test_an_unreadable_file_is_logged_and_asked_about(database, settings, tmp_path):
    path = tmp_path / "x.pdf"
    path.write_bytes(b"x")
    sha256 = hashlib.sha256(b"x").hexdigest()
    problem = Problem("pdf.broken", "the PDF is broken", "export it again")
    item = Understood(str(path), sha256, size=1, error=problem, path=path)
    assert apply_documents(database, settings, [item]).failed == 1
    assert [r.status for r in rows(database, extraction)] == ["failed"]
    with database.reading() as connection:
        assert [q.kind for q in questions.items(connection)] == ["unreadable"]
    assert apply_documents(database, settings, [item]).known == {str(path): str(path)}


def test_a_fault_of_ours_is_tried_again(database, settings, tmp_path):
    good = understood(tmp_path, "a.pdf", BUYER | INVOICE)
    bad = Understood(good.name, good.sha256, error=Problem(FAULT, "oops"), path=good.path)
    apply_documents(database, settings, [bad])
    assert apply_documents(database, settings, [good]).documents == 1


def test_when_a_store_fails_nothing_of_the_batch_is_kept(database, settings, tmp_path, monkeypatch):
    def fail(*_):
        raise RuntimeError

    monkeypatch.setattr("idp_cdi.steps.unify.unify", fail)
    with pytest.raises(RuntimeError):
        apply_documents(database, settings, [understood(tmp_path, "a.pdf", BUYER | INVOICE)])
    with database.reading() as connection:
        assert derived.count_customers(connection) == 0
    assert rows(database, extraction) == []
    assert rows(database, fact) == []


def test_one_file_that_cannot_be_applied_does_not_stop_the_others(
    database, settings, tmp_path, monkeypatch
):
    from idp_cdi.steps import apply, ingest

    good, bad = (understood(tmp_path, n, BUYER | INVOICE) for n in ("a.pdf", "b.pdf"))
    whole = apply.log_batch

    def fail(connection, settings, batch):
        if bad in batch:
            raise ValueError("no")
        return whole(connection, settings, batch)

    monkeypatch.setattr(apply, "log_batch", fail)
    summary = ingest.Summary()
    ingest._apply(database, settings, [good, bad], summary)
    assert summary.documents == 1
    assert [f.name for f in summary.failures] == [bad.name]
    assert len(rows(database, extraction)) == 1


def test_what_was_extracted_comes_back_as_it_was(database, settings, tmp_path):
    item = understood(tmp_path, "a.pdf", BUYER | INVOICE)
    apply_documents(database, settings, [item])
    with database.reading() as connection:
        assert documents.latest_extraction(connection, item.sha256) == item.extraction


US = Organisation(names=("Nordwind Werkzeuge GmbH",), vat_ids=("DE136695976",))


@pytest.mark.parametrize(
    ("values", "kind", "organisation", "expected"),
    [
        (BUYER | SELLER, "invoice", US, {"buyer": "customer"}),
        (BUYER | SELLER, "invoice", Organisation(), {"buyer": "customer", "seller": "supplier"}),
        (
            {"seller.name": "Papier AG", "buyer.name": "NORDWIND Werkzeuge GmbH"},
            "invoice",
            US,
            {"seller": "supplier"},
        ),
        ({"registrant.name": "Acme", "signer.name": "Jo"}, "form", US, {"registrant": "customer"}),
        ({"buyer.city": "Köln"}, "invoice", US, {}),
    ],
)
def test_who_the_customer_is(tmp_path, values, kind, organisation, expected):
    item = understood(tmp_path, "a.pdf", values, kind=kind)
    found = parties(item.extraction, organisation, NOON)
    roles = {role: records[0].role.value for role, records in found.records.items()}
    assert {r: v for r, v in roles.items() if v != "other"} == expected


def test_several_parties_of_a_contract_are_several_records(tmp_path):
    found = Extraction(
        "c.pdf", "c" * 64, "contract", 1.0, "en", 1, "pdf", 0.1,
        tuple(Field("party.name", n, n, 0.9, 1) for n in ("Tulip B.V.", "Orchard Inc.")),
    )  # fmt: skip
    records = parties(found, US, NOON).records["party"]
    assert [r.values("name")[0].value for r in records] == ["Tulip B.V.", "Orchard Inc."]
    assert len({r.key for r in records}) == 2


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"buyer.name": "Lorenzo Marsili", "buyer.vat_id": "IT42584800397"}, PartyKind.UNKNOWN),
        ({"buyer.name": "Marsili S.r.l.", "buyer.vat_id": "IT42584800397"}, PartyKind.ORGANISATION),
        ({"buyer.name": "Stadtwerke Hamm", "buyer.lei": "X"}, PartyKind.ORGANISATION),
        ({"buyer.name": "Eva Lind", "buyer.last_name": "Lind"}, PartyKind.PERSON),
    ],
)
def test_a_vat_id_alone_makes_no_organisation_of_a_trader(tmp_path, values, kind):
    found = parties(understood(tmp_path, "a.pdf", values).extraction, Organisation(), NOON)
    (record,) = found.records["buyer"]
    assert record.kind is kind
