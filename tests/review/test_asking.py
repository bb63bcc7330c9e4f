"""What a person is asked, and the extraction as it is after the answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp_cdi.documents import Box, Problem
from idp_cdi.errors import BadFormat
from idp_cdi.extractions import Alternative, Extraction, Field
from idp_cdi.review.answers import Action, Answer, checked, overlay
from idp_cdi.review.questions import (
    Kind,
    Pair,
    conflict,
    duplicate,
    from_json,
    possible_match,
    questions,
    to_json,
    unreadable,
)
from idp_cdi.settings import Settings
from idp_cdi.store.questions import Given

SHA = "ab" * 32
BOX = Box(10.0, 20.0, 90.0, 32.0)


def seen(name, value, sure=0.99, **more):
    return Field(name, value, more.pop("raw", value), sure, 1, BOX, **more)


def extraction(*fields, **more):
    return Extraction("in/a.pdf", SHA, "invoice", 1.0, "en", 1, "pdf", 0.1, tuple(fields), **more)


def asked(*fields, thresholds=None, **more):
    settings = Settings(home=Path("/nowhere"), thresholds=thresholds or {})
    return questions(extraction(*fields, **more), settings)


def answer_to(question, action, value="", person="ann", number=1):
    body = json.dumps({"question": to_json(question)})
    at = "2026-01-31T09:30:00.000000Z"
    return Given(number, question.id, action, value, person, at, applied=True, payload=body)


def test_only_values_below_their_threshold_are_asked_for():
    found = asked(seen("buyer.name", "Acme", 0.84), seen("currency", "EUR", 0.95))
    assert [(q.kind, q.field) for q in found] == [(Kind.VALUE, "buyer.name")]


def test_a_threshold_in_the_settings_goes_before_that_of_the_field():
    field = seen("buyer.name", "Acme", 0.84)
    assert not asked(field, thresholds={"name": 0.5})
    assert not asked(field, thresholds={"buyer.name": 0.5, "name": 0.99})
    assert asked(seen("shoe_size", "44", 0.6))[0].threshold == 0.85


def test_a_required_field_is_missed_unless_it_is_surely_absent():
    assert asked(absent={"invoice_number": 0.3})[0].kind is Kind.MISSING
    assert not asked(absent={"invoice_number": 0.97})


def test_a_sum_that_does_not_add_up_is_asked_about_at_its_least_certain_part():
    parts = [
        seen("net_total", "100.00"),
        seen("tax_total", "19.00", 0.97),
        seen("total", "120.00", 0.95),
    ]
    (question,) = asked(*parts)
    assert (question.kind, question.field) == (Kind.CONTRADICTION, "total")
    assert "119.00, not 120.00" in question.why


def test_a_credit_note_may_print_its_sum_without_a_minus():
    assert not asked(
        seen("net_total", "-100.00"), seen("tax_total", "-19.00"), seen("total", "119.00")
    )


def test_a_wrong_check_digit_and_a_date_before_another_are_asked_about():
    found = asked(
        seen("seller.iban", "DE89370400440532013001"),
        seen("issue_date", "2026-03-01"),
        seen("due_date", "2026-02-01", 0.98),
    )
    assert {(q.kind, q.field) for q in found} == {
        (Kind.CONTRADICTION, "seller.iban"),
        (Kind.CONTRADICTION, "due_date"),
    }


def test_the_page_against_the_embedded_data_is_asked_about():
    problem = Problem("embedded.disagrees", "the page and the structured data disagree about total")
    (question,) = asked(seen("total", "10.00", method="embedded"), problems=(problem,))
    assert question.kind is Kind.CONTRADICTION


def test_several_parties_are_asked_about_one_by_one():
    found = asked(seen("party.name", "Acme", 0.5), seen("party.name", "Beta", 0.6))
    assert len({q.id for q in found}) == 2


def test_of_several_readings_of_one_field_only_the_best_is_asked_about():
    assert len(asked(seen("total", "1.00", 0.5), seen("total", "7.00", 0.3))) == 1


def test_an_identity_is_worth_more_than_a_remark():
    found = asked(seen("payment_terms", "30 days", 0.5), seen("buyer.vat_id", "DE1", 0.5))
    assert found[0].field == "buyer.vat_id"


@given(
    st.builds(
        Alternative,
        st.text(),
        st.floats(0, 1),
        st.integers(0, 9),
        st.one_of(st.none(), st.just(BOX)),
    ),
    st.text(),
)
def test_a_question_survives_storing(other, value):
    other = Alternative(other.value, round(other.confidence, 4), other.page, other.box)
    kinds = [
        *asked(seen("buyer.name", value, 0.3, alternatives=(other,))),
        possible_match("a␟1", "b␟2", [Pair("name", value, "x")], probability=0.7),
        conflict("b␟2", "a␟1", [Pair("vat", value, "y", "differs")], why=value),
        duplicate(SHA, "a.pdf", "cd" * 32, value, [], why="same number"),
        unreadable(SHA, value, code="pdf.broken", reason="broken"),
    ]
    for question in kinds:
        again = from_json(json.loads(question.item().payload))
        assert (again.id, again.state) == (question.id, question.state)
        assert to_json(again) == to_json(question)


def test_a_pair_is_one_question_whichever_way_round_it_is_asked():
    there = possible_match("a␟1", "b␟2", [Pair("name", "l", "r")], probability=0.7)
    back = possible_match("b␟2", "a␟1", [Pair("name", "r", "l")], probability=0.7)
    assert there == back


class TestOverlay:
    doubtful = seen(
        "buyer.name", "Acne GmbH", 0.6, alternatives=(Alternative("Acme GmbH", 0.3, 1, BOX),)
    )

    def told(self, action, value="", base=None):
        base = base if base is not None else extraction(self.doubtful, seen("currency", "EUR"))
        (question,) = questions(base, Settings(home=Path("/nowhere")))[:1]
        return overlay(base, [answer_to(question, action, value)])

    def test_accepting_makes_it_certain_and_is_not_asked_again(self):
        told = self.told("accept", "Acne GmbH")
        field = told.best("buyer.name")
        assert (field.value, field.confidence, field.method) == ("Acne GmbH", 1.0, "person:ann")
        assert (field.page, field.box) == (1, BOX)
        assert not questions(told, Settings(home=Path("/nowhere")))

    def test_a_correction_replaces_and_keeps_what_the_machine_had(self):
        field = self.told("correct", "Acme GmbH").best("buyer.name")
        assert field.value == "Acme GmbH"
        assert [a.value for a in field.alternatives] == ["Acne GmbH"]

    def test_absent_removes_the_field(self):
        assert self.told("absent").best("buyer.name") is None

    def test_unsure_changes_nothing(self):
        base = extraction(self.doubtful)
        assert self.told("unsure", base=base) == base

    def test_an_answer_holds_whatever_a_later_version_reads(self):
        (question,) = questions(extraction(self.doubtful), Settings(home=Path("/nowhere")))
        given_ = [answer_to(question, "correct", "Acme GmbH")]
        later = extraction(seen("buyer.name", "Axme", 0.99))
        assert overlay(later, given_).best("buyer.name").value == "Acme GmbH"
        assert overlay(extraction(), given_).best("buyer.name").value == "Acme GmbH"

    def test_the_last_answer_to_a_question_holds(self):
        (question,) = questions(extraction(self.doubtful), Settings(home=Path("/nowhere")))
        first = answer_to(question, "correct", "A", number=1)
        second = answer_to(question, "correct", "B", "bob", number=2)
        for order in ([first, second], [second, first]):
            order.sort()
            assert overlay(extraction(self.doubtful), order).best("buyer.name").value == "B"

    def test_one_of_several_parties_is_corrected_by_itself(self):
        base = extraction(seen("party.name", "Acme", 0.5), seen("party.name", "Beta", 0.6))
        asked_ = {q.value: q for q in questions(base, Settings(home=Path("/nowhere")))}
        told = overlay(base, [answer_to(asked_["Beta"], "correct", "Beta Ltd")])
        assert [f.value for f in told.fields] == ["Acme", "Beta Ltd"]

    def test_confirming_all_parts_of_a_wrong_sum_ends_the_questions(self):
        base = extraction(
            seen("net_total", "100.00"), seen("tax_total", "19.00"), seen("total", "120.00", 0.95)
        )
        given_ = []
        for number in range(1, 4):
            told = overlay(base, given_)
            (question,) = questions(told, Settings(home=Path("/nowhere")))
            given_.append(answer_to(question, "accept", question.value, number=number))
        assert not questions(overlay(base, given_), Settings(home=Path("/nowhere")))

    @given(st.lists(st.sampled_from(["accept", "correct", "absent", "unsure"]), max_size=5))
    def test_laying_over_twice_is_laying_over_once(self, actions):
        base = extraction(self.doubtful)
        (question,) = questions(base, Settings(home=Path("/nowhere")))
        given_ = [
            answer_to(question, a, "X" if a == "correct" else question.value, number=i)
            for i, a in enumerate(actions)
        ]
        once = overlay(base, given_)
        again = overlay(once, given_)
        assert [(f.name, f.value) for f in again.fields] == [(f.name, f.value) for f in once.fields]


class TestChecked:
    (value,) = asked(seen("issue_date", "2026-01-31", 0.5))

    def test_a_typed_date_is_normalised_and_an_ambiguous_one_refused(self):
        typed = Answer("x", "y", Action.CORRECT, "1. Februar 2026")
        assert checked(typed, self.value).value == "2026-02-01"
        with pytest.raises(BadFormat):
            checked(Answer("x", "y", Action.CORRECT, "02/03/2026"), self.value)

    def test_correcting_to_what_stands_there_is_accepting(self):
        typed = Answer("x", "y", Action.CORRECT, "31.01.2026")
        assert checked(typed, self.value).action is Action.ACCEPT

    @pytest.mark.parametrize(
        ("action", "value"),
        [(Action.CORRECT, " "), (Action.ABSENT, "1"), (Action.SAME, ""), (Action.RETRY, "")],
    )
    def test_what_does_not_answer_the_question_is_refused(self, action, value):
        with pytest.raises(BadFormat):
            checked(Answer("x", "y", action, value), self.value)
