"""Documents find their customer: by our number for it, and whether or not they say what it is."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from test_unify import BAKERY, NOON, arrive, delete, groups, mention

from idp_cdi.extractions import Extraction, Field
from idp_cdi.identity.claims import claimed
from idp_cdi.matching.values import TOLD, account
from idp_cdi.observations import DOCUMENTS, Observation, Origin, PartyKind, PartyRole, Record
from idp_cdi.settings import Organisation
from idp_cdi.steps import compare
from idp_cdi.steps.claims import speaking
from idp_cdi.steps.parties import parties
from idp_cdi.steps.unify import unify
from idp_cdi.steps.witness import explain_customer
from idp_cdi.store import derived, log, open_store, questions
from idp_cdi.survivorship import REFERENCE

ANNA = {"name": "Anna Zaborowski", "street": "Lindenweg 4", "postal_code": "24103", "city": "Kiel"}
LAKE = {"name": "Lakeside Interiors GmbH", "city": "Kiel", "country": "DE"}


def paper(sha, values, *, sure=0.95, kind=PartyKind.UNKNOWN):
    """The buyer of a document."""
    seen = tuple(
        Observation(f, v, v, sure, Origin(document=sha, page=1)) for f, v in values.items()
    )
    return Record(DOCUMENTS, f"{sha}#buyer", kind, PartyRole.CUSTOMER, NOON, seen)


def party(key, values, kind, source="crm"):
    one = mention(key, values, source)
    return Record(source, key, kind, PartyRole.CUSTOMER, NOON, one.observations)


@pytest.fixture(params=["index", "all at once"])
def way(request, monkeypatch):
    """Both ways to compare must find the same."""
    monkeypatch.setattr(compare, "_ONE_COSTS", 0 if request.param == "index" else 1_000_000)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("printed", ["7001", "0007001", "70 01"])
def test_our_number_on_a_document_tells_the_customer_from_its_namesake(database, settings, printed):
    arrive(database, settings, mention("7001", LAKE), mention("7002", LAKE | {"city": "Köln"}))
    arrive(database, settings, paper("d1", {"name": LAKE["name"], "customer_number": printed}))
    assert {"crm:7001", "documents:d1#buyer"} in groups(database).values()


@pytest.mark.usefixtures("way")
def test_a_number_that_a_row_names_counts_before_its_key(database, settings):
    arrive(database, settings, mention("7001", LAKE | {"customer_number": "K-55"}))
    arrive(database, settings, paper("d1", {"name": LAKE["name"], "customer_number": "k55"}))
    assert {"crm:7001", "documents:d1#buyer"} in groups(database).values()


@pytest.mark.usefixtures("way")
def test_a_number_links_nobody_of_another_name_and_no_two_systems(database, settings):
    arrive(database, settings, mention("7001", LAKE), mention("7001", BAKERY, "erp"))
    arrive(
        database, settings, paper("d1", {"name": "Tulip Logistics BV", "customer_number": "7001"})
    )
    assert sorted(map(len, groups(database).values())) == [1, 1, 1]


def test_a_number_read_with_doubt_says_less(database, settings):
    told = {"name": LAKE["name"], "customer_number": "7001"}
    weights = []
    arrive(database, settings, mention("7001", LAKE))
    for sure in (0.99, 0.5, 0.01):
        arrive(database, settings, paper("d1", told, sure=sure))
        with database.reading() as connection:
            weights += [edge.weight for edge in derived.all_edges(connection)]
    assert weights == sorted(weights, reverse=True)
    assert len(set(weights)) == len(weights) > 1


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("kind", [PartyKind.PERSON, PartyKind.ORGANISATION])
def test_a_document_that_does_not_say_what_it_names_finds_either(database, settings, kind):
    arrive(database, settings, party("1", ANNA, kind))
    arrive(database, settings, paper("d1", ANNA))
    assert {"crm:1", "documents:d1#buyer"} in groups(database).values()


def test_what_may_be_either_does_not_make_a_person_and_a_firm_one(settings, tmp_path):
    records = [
        party("1", ANNA, PartyKind.PERSON),
        party("2", ANNA, PartyKind.ORGANISATION, "erp"),
        paper("d1", ANNA),
    ]
    found = []
    for number, order in enumerate(itertools.permutations(records)):
        store = open_store(f"sqlite:///{tmp_path / str(number)}.db")
        for one in order:
            arrive(store, settings, one)
        found.append({frozenset(g) for g in groups(store).values()})
        with store.writing() as connection:
            touched = [m for m, _ in log.current_records(connection)]
            unify(connection, settings, touched)
        assert {frozenset(g) for g in groups(store).values()} == found[-1]
        store.close()
    assert all(found[0] == other for other in found)
    assert not any({"crm:1", "erp:2"} <= group for group in found[0])


def test_a_party_without_a_name_is_known_by_our_number_and_its_street():
    def read(sure=0.9, **values):
        fields = tuple(Field(f"buyer.{n}", v, v, sure, method="t") for n, v in values.items())
        found = Extraction("d1.pdf", "d1", "invoice", 0.9, "de", 1, "pdf", 0.1, fields)
        return parties(found, Organisation(), NOON).records

    assert "buyer" in read(customer_number="7001", street="Lindenweg 4")
    assert "buyer" in read(0.5, customer_number="7001", street="Lindenweg 4")
    assert "buyer" in read(customer_number="7001")
    assert "buyer" not in read(0.5, customer_number="7001")
    assert "buyer" not in read(street="Lindenweg 4", city="Kiel")


def test_a_number_beside_a_party_in_the_same_role_makes_no_second_party():
    told = [("name", "Lakeside GmbH", ""), ("customer_number", "7001", "buyer")]
    fields = tuple(Field(f"buyer.{n}", v, v, 0.95, group=g, method="t") for n, v, g in told)
    read = Extraction("d1.pdf", "d1", "invoice", 0.9, "de", 1, "pdf", 0.1, fields)
    found = parties(read, Organisation(), NOON).records["buyer"]
    told = [[o.field for o in record.observations] for record in found]
    assert told == [["name", "customer_number"]]


NORD = Organisation(names=("Nordwind Werkzeuge GmbH",), vat_ids=("DE136695976",))


def read_parties(organisation=NORD, **values):
    """The parties of an invoice of which so much was read: role__field=(value, confidence)."""
    told = [(n.replace("__", "."), *v) for n, v in values.items()]
    fields = tuple(Field(n, v, v, sure, method="t") for n, v, sure in told)
    found = Extraction("d1.pdf", "d1", "invoice", 0.9, "de", 1, "pdf", 0.1, fields)
    return parties(found, organisation, NOON).records


def test_what_structured_data_and_the_page_say_of_a_party_is_one_record():
    told = Field("buyer.name", "Tulip Logistics B.V.", "Tulip Logistics B.V.", 0.99)
    printed = Field("buyer.customer_number", "10044", "10044", 0.99, group="buyer")
    found = Extraction("d1.pdf", "d1", "invoice", 0.9, "nl", 1, "pdf", 0.1, (told, printed))
    (record,) = parties(found, Organisation(), NOON).records["buyer"]
    assert {o.field for o in record.observations} == {"name", "customer_number"}


def test_our_vat_id_read_as_the_customers_does_not_make_the_customer_us():
    found = read_parties(
        seller__name=("Nordwind Werkzeuge GmbH", 0.9),
        buyer__name=(LAKE["name"], 0.8),
        buyer__vat_id=("DE 136695976", 0.95),
    )
    assert [o.field for o in found["buyer"][0].observations] == ["name"]
    assert "seller" not in found


def test_who_has_our_vat_id_and_no_better_name_is_us():
    other = {"buyer__name": (LAKE["name"], 0.8)}
    sure = read_parties(seller__vat_id=("DE136695976", 0.9), **other)
    assert set(sure) == {"buyer"}
    short = ("Nordwind", 0.7)
    sure = read_parties(seller__name=short, seller__vat_id=("DE136695976", 0.9), **other)
    assert set(sure) == {"buyer"}
    doubtful = read_parties(seller__name=short, seller__vat_id=("DE136695976", 0.3), **other)
    assert set(doubtful) == {"buyer", "seller"}


def test_numbers_are_told_apart_by_letters_and_digits_alone():
    found = account(["007-1", TOLD + "71", TOLD + "0071", "A71", None])
    number, told = found.extra["number"][found.codes], found.extra["told"][found.codes]
    assert found.codes[-1] == -1
    assert len(set(number[:3].tolist())) == 1
    assert number[3] != number[0]
    assert told[:4].tolist() == [False, True, True, False]


def test_many_numbers_are_read_as_few_are():
    numbers = [f"{TOLD if n % 3 else ''}00{n}-{n % 7}" for n in range(200)]
    many, few = account(pa.array(numbers)), [account([n]) for n in numbers]
    assert many.extra["number"][many.codes].tolist() == [int(f.extra["number"][0]) for f in few]
    assert many.extra["told"][many.codes].tolist() == [bool(f.extra["told"][0]) for f in few]
    assert many.hashes[many.codes].tolist() == [int(f.hashes[0]) for f in few]


def asked(database):
    """The pairs of records that open questions are about."""
    with database.reading() as connection:
        items = [json.loads(i.payload) for i in questions.items(connection, kinds=("match",))]
        return {frozenset((i["left"], i["right"])) for i in items}


@pytest.mark.usefixtures("way")
def test_a_document_is_asked_about_sooner_and_once_before_it_makes_a_customer(database, settings):
    rules = replace(settings.matching, link=0.9999, review=0.999)
    settings = replace(settings, matching=rules)
    near = LAKE | {"street": "Seestr. 4"}
    first = [mention("1", LAKE | {"street": "Seestr. 4"}), mention("2", LAKE)]
    arrive(database, settings, first[0])
    arrive(database, settings, first[1])
    assert asked(database) == set()
    arrive(database, settings, paper("d1", near))
    best = {frozenset((f"crm{REFERENCE}1", f"documents{REFERENCE}d1#buyer"))}
    assert asked(database) == best
    arrive(database, settings, mention("2", LAKE | {"country": "AT"}))
    assert asked(database) == best
    with database.writing() as connection:
        unify(connection, settings, [m for m, _ in log.current_records(connection)])
    assert asked(database) == best


QUAY = {
    "name": "Quaymark Zillertal GmbH", "street": "Seestr. 4", "postal_code": "24103",
    "city": "Kiel", "country": "DE",
}  # fmt: skip
ELSEWHERE = {"street": "Am Markt 90", "postal_code": "80331", "city": "München"}
ALONE = {"crm:1", "documents:d1#buyer"}


def orders_of(tmp_path, settings, records):
    """The clusters after each order in which records can come, and after a rebuild of each."""
    for number, order in enumerate(itertools.permutations(records)):
        store = open_store(f"sqlite:///{tmp_path / str(number)}.db")
        for one in order:
            arrive(store, settings, one)
        yield {frozenset(g) for g in groups(store).values()}
        with store.writing() as connection:
            unify(connection, settings, [m for m, _ in log.current_records(connection)])
        yield {frozenset(g) for g in groups(store).values()}
        store.close()


@pytest.mark.parametrize("many", [50, 1])
def test_a_name_alone_finds_its_only_bearer_and_of_two_nobody(
    settings, tmp_path, monkeypatch, many
):
    monkeypatch.setattr("idp_cdi.steps.unify.MANY", many)
    firm = party("1", QUAY, PartyKind.ORGANISATION)
    twin = party("2", QUAY | ELSEWHERE, PartyKind.ORGANISATION, "erp")
    told = paper("d1", {"name": QUAY["name"]}, kind=PartyKind.ORGANISATION)
    (tmp_path / "one").mkdir()
    assert list(orders_of(tmp_path / "one", settings, [firm, told])) == [{frozenset(ALONE)}] * 4
    found = list(orders_of(tmp_path, settings, [firm, twin, told]))
    assert found == [{frozenset([r]) for r in (*ALONE, "erp:2")}] * 12


@pytest.mark.parametrize("many", [50, 1])
def test_a_rival_parts_a_document_from_its_customer_until_it_goes(
    database, settings, monkeypatch, many
):
    monkeypatch.setattr("idp_cdi.steps.unify.MANY", many)
    arrive(database, settings, party("1", QUAY, PartyKind.ORGANISATION))
    arrive(database, settings, paper("d1", {"name": QUAY["name"]}, kind=PartyKind.ORGANISATION))
    assert ALONE in groups(database).values()
    with database.reading() as connection:
        customer = next(c for c, group in groups(database).items() if group == ALONE)
        story = explain_customer(connection, settings, customer)
    assert "fits no other customer" in story.steps[0].why
    arrive(database, settings, party("2", QUAY | ELSEWHERE, PartyKind.ORGANISATION, "erp"))
    assert ALONE not in groups(database).values()
    delete(database, settings, "2", source="erp")
    assert ALONE in groups(database).values()


@pytest.mark.parametrize("many", [50, 1])
def test_a_document_with_a_number_of_its_own_does_not_go_to_the_only_one_that_fits(
    settings, tmp_path, monkeypatch, many
):
    monkeypatch.setattr("idp_cdi.steps.unify.MANY", many)
    firm = party("1", QUAY | {"customer_number": "K-17"}, PartyKind.ORGANISATION)
    for number, together in (("K-17", True), ("k 17", True), ("K-18", False), ("", True)):
        told = {"name": QUAY["name"]} | ({"customer_number": number} if number else {})
        read = paper("d1", told, kind=PartyKind.ORGANISATION)
        (folder := tmp_path / (number or "none")).mkdir()
        found = list(orders_of(folder, settings, [firm, read]))
        assert found == [{frozenset(ALONE)} if together else {frozenset([r]) for r in ALONE}] * 4


def test_the_number_of_one_of_its_records_is_enough_for_a_customer():
    left, right = np.array([1, 1, 8]), np.array([8, 9, 9])
    weight, papers = np.array([3.0, 2.5, 9.0]), np.array([1])
    for numbers, more in (([-1, 0, 0], 0.0), ([-1, 1, 0], 2.5), ([0, 0, 0], 2.5)):
        told = np.array(numbers, dtype=np.int8)
        found = claimed(left, right, weight, papers, link=4.2, numbers=told)
        assert found.tolist() == [3.0 + more, 2.5 + more, 9.0]


def test_who_has_wholly_another_name_is_not_claimed_but_by_our_number():
    def row(name, number=None, sure=None):
        row = {"name": name, "name__confidence": sure, "customer_number": number}
        return row | {"customer_number__confidence": sure}

    told = [
        (row("Müller & Rust GmbH", f"{TOLD}7"), row("Roderich Werner", "7"), 1),
        (row("Müller & Rust GmbH", f"{TOLD}7"), row("Mueller und Rust", "8"), -1),
        (row("Müller & Rust GmbH"), row("Roderich Werner"), -1),
        (row("Müller & Rust GmbH", sure=0.3), row("Roderich Werner"), 0),
        (row("Müller & Rust GmbH", f"{TOLD}7", sure=0.3), row("Mueller und Rust", "8"), 0),
        (row("Elenore Hoffmann"), row("Hofmann, Elenrore"), 0),
        (row("Sartortec BVBA"), row("Sartortec International BVBA"), 0),
        (row(None), row("Roderich Werner"), 0),
    ]
    ours, theirs, said = zip(*told, strict=True)
    assert speaking(ours, theirs).tolist() == list(said)
    assert speaking([], []).tolist() == []


def test_another_number_says_little_of_one_name_at_one_address():
    def row(name, number, street, vat_id=None):
        return {"name": name, "customer_number": number, "street": street, "vat_id": vat_id}

    told = [
        (
            ("Van Looy & Put CommV", "Gentstraat 15 bus 2"),
            ("van looy & put", "Gentstr. 15 bus 2"),
            0,
        ),
        (("Van Looy & Put CommV", "Gentstraat 15 bus 2"), ("Van Looy & Put", "Gentstraat 15"), -1),
        (("Van Looy & Put CommV", "Gentstraat 15"), ("Looy Beheer", "Gentstraat 15"), -1),
        (("Van Looy & Put CommV", "Gentstraat 15"), ("Van Looy & Put NV", "Gentstraat 15"), -1),
        (("Van Looy & Put CommV", None), ("Van Looy & Put", None), -1),
        (("Visoriella GbR", None, "DE842900410"), ("Yormonera gGmbH", None, "DE842900410"), 1),
    ]
    ours = [row(one[0], f"{TOLD}7", *one[1:]) for one, _, _ in told]
    theirs = [row(other[0], "801732", *other[1:]) for _, other, _ in told]
    assert speaking(ours, theirs).tolist() == [said for *_, said in told]


@pytest.mark.usefixtures("way")
def test_a_tenant_is_not_taken_for_who_is_known_at_an_address(database, settings):
    place = {"street": "Elenore-Knappe-Straße 62", "postal_code": "31707", "city": "Münden"}
    arrive(database, settings, mention("7001", {"name": "Roderich Werner"} | place))
    arrive(database, settings, paper("d1", {"name": "Müller & Rust GmbH"} | place))
    assert sorted(map(len, groups(database).values())) == [1, 1]
