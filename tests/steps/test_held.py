# ruff: noqa: E501
"""A party that a rule sets aside is nobody's customer until it passes or a person lets it in."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from test_apply import BUYER, INVOICE, SELLER, names, rows, understood
from test_validate import open_items, rule_file

from idp_cdi.review.answers import Action, Answer
from idp_cdi.steps.apply import apply_documents
from idp_cdi.steps.review import import_answers, withdraw
from idp_cdi.steps.validate import validate
from idp_cdi.store import derived
from idp_cdi.store.schema import fact, fact_party, mention

RULE = '  - {id: postcode.de, what: format, field: postal_code, pattern: "[0-9]{5}", severity: set_aside, scope: [door], message: five digits}\n'
BOTH = ["Bäckerei Sonnenthal GmbH", "Nordwind Werkzeuge GmbH"]


def customers(database):
    with database.reading() as connection:
        return derived.count_customers(connection)


def newest_roles(database):
    newest = rows(database, fact)[-1].id
    with database.reading() as connection:
        found = select(fact_party.c.role).where(fact_party.c.fact_id == newest)
        return sorted(connection.execute(found).scalars())


@pytest.fixture
def held(database, settings, tmp_path):
    rule_file(settings, RULE)
    bad = BUYER | {"buyer.postal_code": "5O667"} | SELLER | INVOICE
    item = understood(tmp_path, "a.pdf", bad)
    apply_documents(database, settings, [item])
    return item


def test_it_is_no_mention_and_the_fact_has_no_such_party_until_a_person_lets_it_in(
    held, database, settings
):
    assert names(database) == ["Nordwind Werkzeuge GmbH"]
    assert (customers(database), newest_roles(database)) == (1, ["seller"])
    (asked,) = open_items(database)
    assert asked.document == held.sha256
    import_answers(
        database,
        settings,
        [Answer(asked.id, asked.data["state"], Action.ACCEPT)],
        person="ann",
    )
    assert names(database) == BOTH
    assert (customers(database), newest_roles(database)) == (2, ["buyer", "seller"])
    assert open_items(database) == []
    withdraw(database, settings, asked.id, person="ann")
    assert names(database) == ["Nordwind Werkzeuge GmbH"]
    assert newest_roles(database) == ["seller"]
    assert [i.id for i in open_items(database)] == [asked.id]


def test_what_is_read_rightly_or_a_rule_that_is_gone_lets_it_in(held, database, settings):
    validate(database, settings)
    assert len(open_items(database)) == 1, "running the rules leaves the question open"
    rule_file(settings, RULE.replace("set_aside", "note"))
    validate(database, settings)
    assert names(database) == BOTH
    assert open_items(database) == []


def test_the_same_reading_in_batches_holds_the_same(database, settings, tmp_path):
    rule_file(settings, RULE)
    bad = BUYER | {"buyer.postal_code": "x"}
    items = [
        understood(
            tmp_path, f"{n}.pdf", (bad if n % 2 else BUYER) | INVOICE | {"invoice_number": str(n)}
        )
        for n in range(4)
    ]
    apply_documents(database, settings, items)
    assert len(rows(database, mention)) == 2
    assert {i.document for i in open_items(database)} == {items[1].sha256, items[3].sha256}
