"""Customers that have something to do with each other and stay two."""

from __future__ import annotations

from idp_cdi.identity.relations import MOST, Party, relations

HOME = (("street", "Hauptstr. 5"), ("postal_code", "50667"))


def firm(number, name="", *values):
    return Party(number, "organisation", (("name", name), *values))


def kinds(found):
    return [(r.left, r.right, r.kind) for r in found]


def test_firms_with_one_domain_are_one_group_and_a_person_works_for_the_only_firm():
    one = firm(1, "Acme GmbH", ("website", "www.acme-tools.de"))
    two = firm(2, "Acme Ltd", ("email", "info@acme-tools.de"))
    anna = Party(3, "person", (("email", "anna@acme-tools.de"),))
    assert kinds(relations([one, anna])) == [(3, 1, "works_for")]
    assert kinds(relations([one, two])) == [(1, 2, "same_group")]
    assert kinds(relations([one, two, anna])) == [(1, 2, "same_group")]


def test_a_free_mail_domain_relates_nobody():
    one = Party(1, "person", (("email", "a@gmail.com"),))
    two = Party(2, "person", (("email", "b@gmail.com"),))
    assert relations([one, two, firm(3, "G", ("email", "g@gmail.com"))]) == ()


def test_one_address_in_two_spellings_is_one():
    one = firm(1, "Acme GmbH", *HOME)
    two = firm(2, "Zeta AG", ("street", "Hauptstraße 5"), ("postal_code", "50667"))
    assert kinds(relations([two, one])) == [(1, 2, "same_address")]
    nowhere = firm(4, "Beta AG", ("street", "Industriegebiet"), ("postal_code", "50667"))
    other = firm(5, "Eta AG", ("street", "Industriegebiet"), ("postal_code", "50667"))
    assert relations([nowhere, other]) == ()


def test_a_holding_at_the_same_address_is_of_the_same_group():
    found = relations([firm(1, "Acme GmbH", *HOME), firm(2, "Acme Holding AG", *HOME)])
    assert kinds(found) == [(1, 2, "same_address"), (1, 2, "same_group")]
    assert found[1].value == "holding"


def test_an_office_block_relates_nobody():
    many = [firm(n, f"Firm {n}", *HOME) for n in range(MOST["same_address"] + 1)]
    assert relations(many) == ()


def test_one_account_is_told():
    account = ("iban", "DE89370400440532013000")
    found = relations([firm(1, "A", account), firm(2, "B", account)])
    assert kinds(found) == [(1, 2, "same_account")]


def test_the_order_does_not_count():
    parties = [firm(n, f"Acme {n}", *HOME, ("website", "acme-tools.de")) for n in range(4)]
    assert relations(parties) == relations(reversed(parties))
