"""Answers follow through: to records, facts and customers; stale and contradictory ones do not."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from idp_cdi.documents import Box
from idp_cdi.errors import UsageError
from idp_cdi.extractions import Alternative, Extraction, Field
from idp_cdi.review.answers import Action, Answer
from idp_cdi.review.questions import Kind, possible_match
from idp_cdi.steps import review
from idp_cdi.steps.apply import apply_documents
from idp_cdi.steps.review import asked, import_answers, withdraw
from idp_cdi.steps.understand import Understood
from idp_cdi.store import log, open_store, questions

BOX = Box(10, 20, 90, 32)


@pytest.fixture
def database(settings):
    opened = open_store(settings.store_url)
    yield opened
    opened.close()


def understood(name="a.pdf", **values):
    """A file that was read: field → (value, confidence)."""
    fields = {
        "buyer.name": ("Acne GmbH", 0.6),
        "buyer.vat_id": ("DE136695976", 0.99),
        "buyer.street": ("Hauptstrasse 5", 0.99),
        "buyer.postal_code": ("10115", 0.99),
        "buyer.city": ("Berlin", 0.99),
        "seller.name": ("Seller Ltd", 0.99),
        "invoice_number": ("2026-1", 0.99),
        "issue_date": ("2026-01-31", 0.99),
        "total": ("100.00", 0.99),
    } | {k.replace("__", "."): v for k, v in values.items()}
    sha256 = hashlib.sha256(f"{name}{fields}".encode()).hexdigest()
    found = tuple(
        Field(k, v, v, c, 1, BOX, alternatives=(Alternative("Acme GmbH", 0.3, 1, BOX),))
        for k, (v, c) in fields.items()
    )
    extraction = Extraction(name, sha256, "invoice", 1.0, "de", 1, "pdf", 0.1, found)
    return Understood(name, sha256, "application/pdf", 9, extraction)


def open_questions(database, kinds=()):
    with database.reading() as connection:
        return asked(connection, kinds=kinds)


def answer(question, action, value="", person="ann"):
    return Answer(question.id, question.state, action, value, person)


def buyer(database):
    with database.reading() as connection:
        for _, record in log.current_records(connection):
            if record.key.endswith("#buyer"):
                return record
    return None


def statuses(done):
    return [o.status for o in done.outcomes]


def test_a_correction_replaces_the_value_and_outranks_the_machine(database, settings):
    apply_documents(database, settings, [understood()])
    (question,) = open_questions(database)
    done = import_answers(database, settings, [answer(question, Action.CORRECT, "Acme GmbH")])
    assert statuses(done) == ["applied"]
    (name,) = buyer(database).values("name")
    assert (name.value, name.confidence, name.origin.person) == ("Acme GmbH", 1.0, "ann")
    assert name.origin.page == 1
    assert not open_questions(database)


def test_the_same_file_twice_changes_nothing_the_second_time(database, settings):
    apply_documents(database, settings, [understood()])
    answers = [answer(q, Action.ACCEPT) for q in open_questions(database)]
    import_answers(database, settings, answers)
    before = buyer(database)
    assert statuses(import_answers(database, settings, answers)) == ["known"]
    assert buyer(database) == before
    with database.reading() as connection:
        assert len(questions.answers(connection, applied=False)) == 1


def test_two_persons_who_differ_are_listed_and_asked_again(database, settings):
    apply_documents(database, settings, [understood()])
    (question,) = open_questions(database)
    first = answer(question, Action.CORRECT, "Acme GmbH")
    second = answer(question, Action.CORRECT, "Akme GmbH", "bob")
    done = import_answers(database, settings, [first, second])
    assert statuses(done) == ["applied", "contradictory"]
    assert buyer(database).values("name")[0].value == "Acme GmbH"
    (again,) = open_questions(database)
    assert again.state != question.state
    assert "ann said “Acme GmbH”, bob said “Akme GmbH”" in again.why
    assert {"Acme GmbH", "Akme GmbH"} <= {a.value for a in again.alternatives}
    old = import_answers(database, settings, [answer(question, Action.ABSENT, person="eve")])
    assert statuses(old) == ["stale"]
    done = import_answers(database, settings, [answer(again, Action.CORRECT, "Akme GmbH", "eve")])
    assert statuses(done) == ["applied"]
    assert buyer(database).values("name")[0].value == "Akme GmbH"
    assert not open_questions(database)


def test_one_person_may_think_again(database, settings):
    apply_documents(database, settings, [understood()])
    (question,) = open_questions(database)
    import_answers(database, settings, [answer(question, Action.CORRECT, "Acme GmbH")])
    done = import_answers(database, settings, [answer(question, Action.CORRECT, "Akme GmbH")])
    assert statuses(done) == ["applied"]
    assert buyer(database).values("name")[0].value == "Akme GmbH"


def test_an_answer_to_what_was_asked_before_is_stale(database, settings):
    apply_documents(database, settings, [understood()])
    (question,) = open_questions(database)
    moved = replace(question, value="Axme GmbH")
    with database.writing() as connection:
        questions.put(connection, [moved.item()])
    late = answer(question, Action.ACCEPT)
    assert statuses(import_answers(database, settings, [late])) == ["stale"]
    assert buyer(database).values("name")[0].origin.person == ""
    taken = import_answers(database, settings, [late], take_stale=True)
    assert statuses(taken) == ["applied"]


def test_an_answer_holds_when_a_later_version_reads_the_document_again(
    database, settings, monkeypatch
):
    item = understood()
    apply_documents(database, settings, [item])
    (question,) = open_questions(database)
    import_answers(database, settings, [answer(question, Action.CORRECT, "Acme GmbH")])
    monkeypatch.setattr("idp_cdi.steps.understand.pipeline_version", lambda: "next")
    other = replace(item.extraction.fields[0], value="Axme GmbH")
    read_again = replace(item.extraction, fields=(other, *item.extraction.fields[1:]))
    apply_documents(database, settings, [replace(item, extraction=read_again)])
    assert buyer(database).values("name")[0].value == "Acme GmbH"
    assert not open_questions(database)


def test_what_is_no_answer_is_listed(database, settings):
    apply_documents(database, settings, [understood(issue_date=("2026-01-31", 0.5))])
    by_field = {q.field: q for q in open_questions(database)}
    done = import_answers(
        database,
        settings,
        [
            Answer("nothing", "", Action.ACCEPT, person="ann"),
            answer(by_field["issue_date"], Action.CORRECT, "soon"),
            answer(by_field["buyer.name"], Action.SAME),
        ],
    )
    assert statuses(done) == ["unknown", "unclear", "unclear"]
    assert len(open_questions(database)) == 2


def test_nobody_can_answer_without_a_name(database, settings):
    apply_documents(database, settings, [understood()])
    (question,) = open_questions(database)
    with pytest.raises(UsageError):
        import_answers(database, settings, [answer(question, Action.ACCEPT, person="")])


def test_unsure_leaves_the_question_open_for_the_next_person(database, settings):
    apply_documents(database, settings, [understood()])
    (question,) = open_questions(database)
    assert statuses(import_answers(database, settings, [answer(question, Action.UNSURE)])) == [
        "applied"
    ]
    (again,) = open_questions(database)
    done = import_answers(database, settings, [answer(again, Action.ACCEPT, person="bob")])
    assert statuses(done) == ["applied"]


def test_taking_an_answer_back_restores_what_the_machine_had(database, settings):
    apply_documents(database, settings, [understood()])
    before = buyer(database)
    (question,) = open_questions(database)
    import_answers(database, settings, [answer(question, Action.CORRECT, "Acme GmbH")])
    withdraw(database, settings, question.id, person="ann")
    assert buyer(database).observations == before.observations
    assert open_questions(database) == [question]


def test_an_absent_value_leaves_the_record(database, settings):
    apply_documents(database, settings, [understood()])
    (question,) = open_questions(database)
    import_answers(database, settings, [answer(question, Action.ABSENT)])
    assert not buyer(database).values("name")


def test_a_match_answer_is_a_decision(database, settings):
    apply_documents(
        database,
        settings,
        [
            understood(buyer__name=("Acme GmbH", 0.99)),
            understood(
                "b.pdf",
                buyer__name=("Beta Ltd", 0.99),
                buyer__vat_id=("DE129273398", 0.99),
                invoice_number=("2026-2", 0.99),
            ),
        ],
    )
    with database.writing() as connection:
        keys = [r.key for _, r in log.current_records(connection) if r.key.endswith("#buyer")]
        left, right = (f"documents\u241f{key}" for key in keys)
        question = possible_match(left, right, [], probability=0.7)
        questions.put(connection, [question.item()])
    done = import_answers(database, settings, [answer(question, Action.SAME)])
    assert statuses(done) == ["applied"]
    from idp_cdi.store import derived

    with database.reading() as connection:
        ids = [log.mention_ids(connection, "documents", [k])[k] for k in keys]
        owners = derived.customers_of(connection, ids)
        assert len(set(owners.values())) == 1
    withdraw(database, settings, question.id, person="ann")
    with database.reading() as connection:
        owners = derived.customers_of(connection, ids)
        assert len(set(owners.values())) == 2


def test_a_confirmed_duplicate_counts_once_and_a_refused_one_twice(database, settings):
    from idp_cdi.store.questions import fact_of

    first, second = (
        understood(buyer__name=("Acme GmbH", 0.99)),
        understood("scan.pdf", buyer__name=("Acme GmbH", 0.98)),
    )
    apply_documents(database, settings, [first, second])
    (question,) = open_questions(database, [Kind.DUPLICATE])

    def fact():
        with database.reading() as connection:
            return fact_of(connection, second.sha256)

    assert fact().payload["duplicate_of"] == first.sha256
    import_answers(database, settings, [answer(question, Action.SAME)])
    assert fact().deleted
    import_answers(database, settings, [answer(question, Action.DIFFERENT)])
    assert not fact().deleted
    assert "duplicate_of" not in fact().payload


def test_the_first_of_two_is_no_duplicate_when_it_is_laid_out_again(database, settings):
    first = understood()
    second = understood("scan.pdf", buyer__name=("Acme GmbH", 0.98))
    apply_documents(database, settings, [first])
    apply_documents(database, settings, [second])
    (name,) = open_questions(database, [Kind.VALUE])
    import_answers(database, settings, [answer(name, Action.CORRECT, "Acme GmbH")])
    (question,) = open_questions(database, [Kind.DUPLICATE])
    assert (question.left, question.right) == (first.sha256, second.sha256)


def test_the_largest_open_amount_is_asked_about_first(database, settings):
    small = understood(total=("10.00", 0.99))
    large = understood("b.pdf", total=("90000.00", 0.99), invoice_number=("2026-2", 0.99))
    apply_documents(database, settings, [small, large])
    assert [q.name for q in open_questions(database, [Kind.VALUE])] == ["b.pdf", "a.pdf"]


@pytest.mark.parametrize("form", ["csv", "html", "jsonl", "labelstudio", "xlsx"])
def test_an_export_is_whole_or_not_there(form, database, settings, tmp_path, monkeypatch):
    apply_documents(database, settings, [understood()])
    path = tmp_path / "out" / f"q.{form}"
    assert review.export_questions(database, settings, path, form=form) == 1
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "no room")

    monkeypatch.setattr(review.exports.way(form), "write", full)
    with pytest.raises(OSError, match="no room"):
        review.export_questions(database, settings, path, form=form)
    assert path.read_bytes() == before
    assert not [p for p in path.parent.iterdir() if p.name.startswith(".")]
