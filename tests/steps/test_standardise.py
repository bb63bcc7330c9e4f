"""Records of documents and persons, cleaned one at a time."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from idp_cdi.documents import Box
from idp_cdi.fields import fields
from idp_cdi.observations import Observation, Origin, PartyKind, PartyRole, Record
from idp_cdi.steps.standardise import standardise

HERE = Origin(document="ab" * 32, page=2, box=Box(1, 2, 3, 4))
AT = datetime(2026, 1, 1, tzinfo=UTC)


def record(kind=PartyKind.ORGANISATION, confidence=0.9, **seen):
    values = tuple(Observation(f, v, v, confidence, HERE, "labels") for f, v in seen.items())
    return Record("documents", "1", kind, PartyRole.CUSTOMER, AT, values)


def values(found):
    return {o.field: o.value for o in found.observations}


def test_values_are_cleaned_and_the_raw_text_is_kept():
    found = standardise(record(phone="030 / 1234-567", country="Germany", vat_id="DE 136 695 976"))
    assert values(found) == {
        "phone": "+49301234567",
        "country": "DE",
        "vat_id": "DE136695976",
    }
    assert [o.raw for o in found.observations] == ["030 / 1234-567", "Germany", "DE 136 695 976"]


def test_the_country_comes_from_the_vat_number_or_the_address_where_nothing_else_says_it():
    assert (
        values(standardise(record(phone="030 1234567", vat_id="DE136695976")))["phone"]
        == "+49301234567"
    )
    found = standardise(record(phone="044 668 18 00", address="Bahnhofstrasse 1, CH-8001 Zürich"))
    assert values(found)["phone"] == "+41446681800"
    assert values(standardise(record(phone="030 1234567"), country="DE"))["phone"] == "+49301234567"
    assert values(standardise(record(phone="030 1234567")))["phone"] == "030 1234567"


def test_what_is_no_good_value_stays_as_printed():
    found = standardise(record(vat_id="DE136695978", iban="not an iban", postal_code="??"))
    assert values(found) == {"vat_id": "DE136695978", "iban": "not an iban", "postal_code": "??"}


def test_what_follows_has_the_place_and_at_most_the_certainty_of_its_source():
    found = standardise(record(vat_id="FR40303265045", confidence=0.8))
    siren = next(o for o in found.observations if o.field == "registration_number")
    assert (siren.value, siren.confidence, siren.origin) == ("303265045", 0.8, HERE)
    assert siren.method == "derived:vat_id"


def test_what_the_record_says_itself_is_not_derived_again():
    found = standardise(
        record(vat_id="FR40303265045", registration_number="552081317", country="FR")
    )
    assert [o.value for o in found.observations if o.field == "registration_number"] == [
        "552081317"
    ]


def test_nothing_follows_from_a_number_with_a_wrong_check_digit():
    assert list(values(standardise(record(vat_id="DE136695978")))) == ["vat_id"]


def test_a_persons_name_gives_given_and_family_name_and_a_firms_name_a_trading_name():
    person = standardise(record(PartyKind.PERSON, name="Dr. Anna van der Berg"))
    assert values(person)["last_name"] == "van der Berg"
    assert values(person)["first_name"] == "Anna"
    firm = standardise(record(name="Acme Ltd t/a Happy Feet"))
    assert values(firm) == {"name": "Acme Ltd t/a Happy Feet", "trading_name": "Happy Feet"}
    assert list(values(standardise(record(name="Anna van der Berg")))) == ["name"]


def test_an_answer_that_there_is_no_value_is_kept():
    answer = Observation("phone", "", "", 1.0, Origin(person="kim"))
    one = Record("review", "1", PartyKind.UNKNOWN, PartyRole.CUSTOMER, AT, (answer,))
    assert standardise(one).observations == (answer,)


TEXTS = st.text(max_size=25) | st.sampled_from(
    [
        "DE136695976",
        "FR 40303265045",
        "Hauptstr. 5, 10115 Berlin",
        "+49 30 123",
        "Germany",
        "A t/a B",
        "n/a",
    ]
)


@given(
    st.dictionaries(st.sampled_from(sorted(fields().party)), TEXTS, max_size=6),
    st.sampled_from(list(PartyKind)),
    st.sampled_from([None, "DE", "US"]),
)
@settings(max_examples=400, deadline=None)
def test_doing_it_again_changes_nothing(seen, kind, country):
    once = standardise(record(kind, **seen), country=country)
    assert standardise(once, country=country) == once
