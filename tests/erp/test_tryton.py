# ruff: noqa: E501
"""The round trip with a running Tryton: in, matched with a CRM, back, changed there, in again."""

from __future__ import annotations

import json

import pytest

from idp_cdi.connectors import Connection, tryton
from idp_cdi.connectors._mapping import parse
from idp_cdi.connectors._tryton import Refused
from idp_cdi.sinks.tryton import Target
from idp_cdi.steps.collect import collect
from idp_cdi.steps.connect import run_source
from idp_cdi.steps.write_back import write_back
from idp_cdi.store import derived, log, open_store
from idp_cdi.store.schema import fact, fact_party

pytestmark = pytest.mark.erp

CRM = """id,company,vat,phone,email,street,zip,city,country,updated
A1,Acme Industrie GmbH,DE136695976,+49 228 5550101,sales@acme-industrie.example,Ringstraße 4,53111,Bonn,DE,2026-06-01
A2,Boulangerie du Parc,FR44732829320,+33 6 12 34 56 78,bonjour@parc.example,12 rue du Parc,69006,Lyon,FR,2026-06-01
A3,Harrow & Finch Ltd,,+44 117 496 0123,accounts@harrow.example,14 Quayside,BS1 4QA,Bristol,GB,2026-06-01
"""


@pytest.fixture
def store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.close()


@pytest.fixture
def crm(tmp_path):
    path = tmp_path / "crm.csv"
    path.write_text(CRM, encoding="utf-8")
    fields = {
        "name": "company", "vat_id": "vat", "phone": "phone", "email": "email", "street": "street",
        "postal_code": "zip", "city": "city", "country": "country",
    }  # fmt: skip
    stream = {"key": "id", "kind": "organisation", "fields": fields, "observed_at": "updated"}
    return parse({"source": "crm", "location": str(path), "trust": 0.97, "streams": {"*": stream}})


def source(erp, **rules):
    return parse({"source": "erp", "location": erp.location, "trust": 0.9, "write_back": rules})


def party(erp, key):
    with_parts = tryton.PARTY_FIELDS
    return erp.call("model.party.party.read", [int(key)], with_parts, {"active_test": False})[0]


def customer_of(store, name, key):
    with store.reading() as db:
        number = log.mention_ids(db, name, [key])[key]
        return derived.customers_of(db, [number])[number]


def test_parties_and_events_come_in_and_only_changes_come_again(erp, store, settings):
    first = {r.stream: r for r in run_source(source(erp), settings, store)}
    assert first["parties"].new == 4  # our own company's party is none of them
    assert first["invoices"].facts == 3
    assert first["payments"].facts == 1
    assert first["entries"].facts == 8
    assert not any(r.rejected or r.waiting for r in first.values())
    with store.reading() as db:
        total = {
            json.loads(f.payload)["invoice_number"]: f.payload
            for f in db.execute(fact.select().where(fact.c.kind == "invoice"))
        }
        buyers = db.execute(fact_party.select().where(fact_party.c.role == "buyer")).fetchall()
    assert '"total":"250.00"' in total["2"]
    assert len(buyers) >= 3
    again = {r.stream: r for r in run_source(source(erp), settings, store)}
    assert all(r.new == r.changed == r.facts == 0 for r in again.values())
    made = str(erp.made["bare"])
    mechanism = {"type": "email", "value": "new@harrow.example"}
    values = {"contact_mechanisms": [["create", [mechanism]]]}
    erp.call("model.party.party.write", [int(made)], values, {})
    changed = {r.stream: r for r in run_source(source(erp), settings, store)}
    assert (changed["parties"].new, changed["parties"].changed) == (0, 1)
    erp.call("model.party.party.write", [int(made)], {"active": False}, {})
    gone = {r.stream: r for r in run_source(source(erp), settings, store)}
    assert gone["parties"].deleted == 1


def test_every_address_identifier_and_contact_of_a_party_comes_in(erp, store, settings):
    number = erp.made["bare"]
    places = [
        {"street_unstructured": "Dock 3\nGate B", "postal_code": "L3 1AA", "city": "Liverpool"},
        {"city": "Leeds"},
        {"street_unstructured": "Old Mill 9", "city": "Hull", "active": False},
    ]
    mails = [f"desk{n}@harrow.example" for n in range(3)]
    values = {
        "addresses": [["create", places]],
        "contact_mechanisms": [["create", [{"type": "email", "value": m} for m in mails]]],
        "identifiers": [["create", [{"type": None, "code": f"X-{n}"} for n in range(2)]]],
    }
    erp.call("model.party.party.write", [number], values, {})
    run_source(source(erp), settings, store)
    with store.reading() as db:
        mention = log.mention_ids(db, "erp", [str(number)])[str(number)]
        ((_, record),) = log.current_records(db, [mention])
    assert [o.value for o in record.values("other_address")] == [
        "Dock 3, Gate B, L3 1AA Liverpool", "Leeds",
    ]  # fmt: skip
    assert set(mails) <= {o.value for o in record.values("email")}
    seq = customer_of(store, "erp", str(number))
    with store.reading() as db:
        golden = json.loads(derived.current_golden(db, [seq])[seq][1].payload)["values"]
    assert {v for name, v, *_ in golden if name == "other_address"} == {
        "Dock 3, Gate B, L3 1AA Liverpool", "Leeds",
    }  # fmt: skip


def test_an_erp_that_is_down_or_refuses_is_an_error_without_password(erp):
    wrong = erp.location.replace(":a-Pass", ":b-Pass")
    with pytest.raises(Exception, match="credentials") as error:
        tryton.streams(Connection(wrong))
    assert "Password" not in str(error.value)


def test_golden_values_and_ids_go_back_as_the_policies_say(erp, store, crm, settings):
    collect(crm, settings, store)
    rules = {"email": "fill_empty", "phone": "fill_empty", "name": "propose", "street": "fill_empty",
             "city": "fill_empty", "postal_code": "fill_empty", "vat_id": "never"}  # fmt: skip
    spec = source(erp, customer_id=True, prefix="CDI-", policies=rules)
    run_source(spec, settings, store)
    bare, lyon = str(erp.made["bare"]), str(erp.made["lyon"])
    assert customer_of(store, "crm", "A2") == customer_of(store, "erp", lyon)
    before = party(erp, lyon)
    planned = write_back(spec, settings, store, dry_run=True)
    assert party(erp, lyon) == before  # a dry run writes nothing
    done = write_back(spec, settings, store)
    assert [c.as_json() for c in done] == [c.as_json() for c in planned]
    after = tryton.party_cells(party(erp, lyon))
    assert after["email"] == "bonjour@parc.example"  # was empty
    assert after["name"] == "Boulangerie du Parc SARL"  # only proposed, or the same
    ids = [i["code"] for i in party(erp, lyon)["identifiers."]]
    assert f"CDI-{derived.customer_id(customer_of(store, 'erp', lyon))}" in ids
    if customer_of(store, "crm", "A3") == customer_of(store, "erp", bare):
        assert tryton.party_cells(party(erp, bare))["city"] == "Bristol"
    # What we wrote is no news when it comes back, and a second write finds nothing to do.
    back = {r.stream: r for r in run_source(spec, settings, store)}
    assert (back["parties"].new, back["parties"].changed) == (0, 0)
    assert not [c for c in write_back(spec, settings, store) if c.action == "write"]


def test_a_value_changed_on_both_sides_is_not_overwritten(erp, store, crm, settings):
    collect(crm, settings, store)
    spec = source(erp, policies={"email": "overwrite"})
    run_source(spec, settings, store)
    acme = str(erp.made["acme"])
    number = next(m["id"] for m in party(erp, acme)["contact_mechanisms."] if m["type"] == "email")
    erp.call(
        "model.party.contact_mechanism.write",
        [number],
        {"value": "boss@acme-industrie.example"},
        {},
    )
    done = [c for c in write_back(spec, settings, store) if c.key == acme and c.field == "email"]
    assert [c.action for c in done] == ["conflict"]
    assert tryton.party_cells(party(erp, acme))["email"] == "boss@acme-industrie.example"
    run_source(spec, settings, store)  # the change comes in first …
    done = [c for c in write_back(spec, settings, store) if c.key == acme and c.field == "email"]
    assert [c.action for c in done] == ["write"]  # … then the golden value may go out
    emails = [m["value"] for m in party(erp, acme)["contact_mechanisms."] if m["type"] == "email"]
    assert "boss@acme-industrie.example" in emails
    assert done[0].new in emails


def test_a_party_changed_between_reading_and_writing_is_left_alone(erp):
    lyon = str(erp.made["lyon"])
    target = Target(Connection(erp.location))
    target.current([lyon])
    erp.call("model.party.party.write", [int(lyon)], {"name": "Somebody else"}, {})
    with pytest.raises(Refused):
        target.write(lyon, {"name": "Ours"})
    target.close()
    assert party(erp, lyon)["name"] == "Somebody else"


def test_a_merge_never_touches_posted_accounting(erp, store, settings):
    spec = source(erp, customer_id=True, prefix="CDI-", merges="replace")
    run_source(spec, settings, store)
    acme, twin = str(erp.made["acme"]), str(erp.made["twin"])
    if customer_of(store, "erp", acme) != customer_of(store, "erp", twin):
        from idp_cdi.steps.customers import merge

        merge(store, settings, f"erp␟{acme}", f"erp␟{twin}", person="ann")
    ledger = ["party", "debit", "credit", "account", "move"]
    lines = erp.call(
        "model.account.move.line.search_read", [], 0, None, [["id", "ASC"]], ledger, {}
    )
    done = {(c.key, c.field): c for c in write_back(spec, settings, store)}
    assert done[twin, "merge"].action == "refused"
    assert "posted" in done[twin, "merge"].why
    ids = [{i["code"] for i in party(erp, key)["identifiers."]} for key in (acme, twin)]
    ours = f"CDI-{derived.customer_id(customer_of(store, 'erp', acme))}"
    assert ours in ids[0]
    assert ours in ids[1]  # the crosswalk: two parties, one customer
    after = erp.call(
        "model.account.move.line.search_read", [], 0, None, [["id", "ASC"]], ledger, {}
    )
    assert after == lines
    assert party(erp, twin)["active"]


def test_tryton_itself_refuses_to_replace_a_party_with_posted_moves(erp):
    twin, acme = erp.made["twin"], erp.made["acme"]
    target = Target(Connection(erp.location))
    with pytest.raises(Refused, match="different names"):  # a warning that a person must confirm
        target.unite(str(twin), str(acme))
    same = {"name": "Acme Industrie GmbH",
            "identifiers": [["create", [{"type": "eu_vat", "code": "DE136695976"}]]]}  # fmt: skip
    erp.call("model.party.party.write", [twin], same, {})
    with pytest.raises(Refused, match="posted move"):
        target.unite(str(twin), str(acme))
    target.close()
    assert party(erp, twin)["active"]
