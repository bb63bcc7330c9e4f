"""Learning from answers: measured on what it has not seen, switched on if no worse, undoable."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest

from idp_cdi.errors import UsageError
from idp_cdi.extractions import Extraction, Field
from idp_cdi.readers import read
from idp_cdi.review import learned
from idp_cdi.review.answers import Action, Answer
from idp_cdi.review.learned import in_force
from idp_cdi.review.memory import Memory, remember
from idp_cdi.review.recall import recall
from idp_cdi.steps import learn as learning
from idp_cdi.steps.learn import learn, undo
from idp_cdi.steps.review import asked, import_answers
from idp_cdi.steps.understand import Understood
from idp_cdi.store import models, open_store
from idp_cdi.store import questions as store_questions
from idp_cdi.store.originals import Originals


@pytest.fixture
def database(settings):
    opened = open_store(settings.store_url)
    yield opened
    opened.close()


def make_pdf(customer: str, number: str, total: str, shift: float = 0.0) -> bytes:
    """One issuer's invoice: always the same places, other values, a varying number of lines."""
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    spots = [
        (60, 800, "Falken Werke Aktiengesellschaft"), (60, 786, "Am Hafen"),
        (60, 700, "Herrn Frau Firma"), (60, 686, customer),
        (350, 700, "Beleg Kennung"), (450, 700, number),
        (350, 684, "Sachbearbeitung"), (60, 620, "Leistung Beschreibung"),
        (60, 600 - shift, "Zwischensumme netto"), (60, 580 - shift, "Zahlbetrag gesamt"),
        (400, 580 - shift, total), (60, 540 - shift, "Bitte zahlen Sie ohne Abzug"),
    ]  # fmt: skip
    for x, y, words in spots:
        canvas.drawString(x, y, words)
    canvas.save()
    return out.getvalue()


def seen(tmp_path, name, customer, number, total, shift=0.0):
    """The document as read, and what a machine says that takes the wrong places."""
    path = tmp_path / name
    path.write_bytes(make_pdf(customer, number, total, shift))
    document = read(path)
    words = {w.text: w.box for w in document.pages[0].words}
    wrong = Field("buyer.name", "Am Hafen", "Am Hafen", 0.6, 1, words["Hafen"])
    machine = Extraction(name, document.sha256, "invoice", 1.0, "de", 1, "pdf", 0, (wrong,))
    return path, document, machine


def told(machine, **values):
    fields = tuple(
        Field(k.replace("__", "."), v, v, 1.0, method="person:ann") for k, v in values.items()
    )
    return replace(machine, fields=fields)


ANSWERS = {"buyer__name": "Nord GmbH", "invoice_number": "K-100", "total": "12.50"}


class TestMemory:
    def remembered(self, tmp_path):
        _, document, machine = seen(tmp_path, "a.pdf", "Nord GmbH", "K-100", "12,50")
        return remember(document, told(machine, **ANSWERS), machine)

    def test_one_corrected_document_mends_the_next_of_its_layout(self, tmp_path):
        memory = Memory((self.remembered(tmp_path),))
        _, document, machine = seen(tmp_path, "b.pdf", "Ostsee Handel KG", "K-2077", "1.234,00", 36)
        found = recall(document, machine, memory)
        assert found.best("buyer.name").value == "Ostsee Handel KG"
        assert found.best("invoice_number").value == "K-2077"
        assert found.best("total").value == "1234.00"
        assert found.best("buyer.name").alternatives[0].value == "Am Hafen"

    def test_another_layout_is_left_alone(self, tmp_path):
        memory = Memory((self.remembered(tmp_path),))
        from reportlab.pdfgen.canvas import Canvas

        path = tmp_path / "c.pdf"
        canvas = Canvas(str(path))
        for i, words in enumerate(
            ["Quite another letter", "with other words", "in one column"] * 4
        ):
            canvas.drawString(100, 700 - 20 * i, words)
        canvas.save()
        document = read(path)
        machine = Extraction("c", document.sha256, "invoice", 1.0, "en", 1, "pdf", 0)
        assert recall(document, machine, memory) == machine

    def test_embedded_data_is_never_overruled(self, tmp_path):
        memory = Memory((self.remembered(tmp_path),))
        _, document, machine = seen(tmp_path, "b.pdf", "Ostsee Handel KG", "K-2077", "1.234,00")
        sure = Field("total", "9.00", "9.00", 0.99, method="embedded")
        found = recall(document, replace(machine, fields=(sure,)), memory)
        assert found.best("total") == sure

    def test_it_survives_storing(self, tmp_path, settings):
        memory = Memory((self.remembered(tmp_path),), {"": 0.9})
        curves = {"date": learned.Correction(((0.1, 0.2), (0.5, 0.9)))}
        learned.publish(settings.home, learned.Learned(memory, curves))
        again = in_force(settings.home)
        assert again.corrections == curves
        assert again.memory.trust == {"": 0.9}
        _, document, machine = seen(tmp_path, "b.pdf", "Ostsee Handel KG", "K-2077", "1.234,00")
        assert recall(document, machine, again.memory) == recall(document, machine, memory)


def ingest_and_answer(database, settings, tmp_path, monkeypatch, count=3):
    from idp_cdi.steps.apply import apply_documents

    monkeypatch.setattr("idp_cdi.steps.unify.unify", lambda *_: None)
    for i in range(count):
        path, document, machine = seen(
            tmp_path, f"{i}.pdf", f"Kunde {'ABC'[i]} Handel GmbH", f"K-{i}00", "12,50"
        )
        Originals(settings.originals).keep(path.read_bytes())
        item = Understood(str(path), document.sha256, "", 1, machine, None, (), path)
        apply_documents(database, settings, [item])
        with database.reading() as connection:
            (question,) = [q for q in asked(connection) if q.document == document.sha256]
        given = Answer(
            question.id, question.state, Action.CORRECT, f"Kunde {'ABC'[i]} Handel GmbH", "ann"
        )
        import_answers(database, settings, [given])


def test_layouts_are_measured_on_held_back_answers_and_switched_on(
    database, settings, tmp_path, monkeypatch
):
    ingest_and_answer(database, settings, tmp_path, monkeypatch)
    (lesson,) = learn(database, settings, kinds=["layout"])
    assert (lesson.active, lesson.version, lesson.held_back) == (True, 1, 3)
    assert (lesson.before, lesson.after) == (1.0, 0.0)
    _, document, machine = seen(tmp_path, "n.pdf", "Neuer Kunde AG", "K-9", "7,00")
    found = learned.apply(document, machine, in_force(settings.home))
    assert found.best("buyer.name").value == "Neuer Kunde AG"
    (again,) = learn(database, settings, kinds=["layout"])
    assert again.why == "nothing new"
    assert undo(database, settings, "layout") == 0
    assert learned.apply(document, machine, in_force(settings.home)) == machine
    with pytest.raises(UsageError):
        undo(database, settings, "layout")


def test_what_is_worse_on_held_back_answers_is_not_switched_on(
    database, settings, tmp_path, monkeypatch
):
    ingest_and_answer(database, settings, tmp_path, monkeypatch)

    def spoil(document, machine, memory):
        return replace(machine, fields=())

    monkeypatch.setattr(learning, "recall", spoil)
    monkeypatch.setattr(
        learning, "_cases", lambda *_: [replace_machine(c) for c in real(database, settings)]
    )
    (lesson,) = learn(database, settings, kinds=["layout"])
    assert not lesson.active
    with database.reading() as connection:
        assert models.active(connection, "layout") is None


def real(database, settings):
    with database.reading() as connection:
        given = store_questions.answers(connection)
    return REAL_CASES(database, settings, given)


REAL_CASES = learning._cases


def replace_machine(case):
    """A machine that was right, so that memory can only spoil it."""
    return replace(case, machine=case.answered)


def test_spans_are_labelled_text(database, settings, tmp_path, monkeypatch):
    ingest_and_answer(database, settings, tmp_path, monkeypatch, count=1)
    (lesson,) = learn(database, settings, kinds=["spans"])
    assert lesson.answers == 1
    line = json.loads((settings.home / "learned" / "spans.jsonl").read_text())
    ((begin, end, label),) = line["spans"]
    assert (line["text"][begin:end], label) == ("Kunde A Handel GmbH", "buyer.name")


def test_what_was_learned_from_a_document_can_be_erased(database, settings, tmp_path, monkeypatch):
    ingest_and_answer(database, settings, tmp_path, monkeypatch, count=2)
    learn(database, settings, kinds=["layout", "spans"])
    with database.reading() as connection:
        sha256 = next(
            q.data["question"]["document"]
            for q in store_questions.answers(connection)
            if q.value.startswith("Kunde B")
        )
    assert learning.forget(database, settings, [sha256]) == 2
    left = "".join(p.read_text() for p in (settings.home / "learned").iterdir())
    with database.reading() as connection:
        left += "".join(v.payload for v in models.versions(connection))
    assert "Kunde A" in left and "Kunde B" not in left


class TestConfidence:
    def points(self, share, count=200):
        from idp_cdi.review.questions import Kind, Question, to_json
        from idp_cdi.store.questions import Given

        for i in range(count):
            document = f"{i % 20:064}"
            question = Question(
                Kind.VALUE, ("field", document, "due_date", str(i)), document,
                field="due_date", value="x", confidence=0.3 + 0.5 * (i % 10) / 10,
            )  # fmt: skip
            action = "accept" if (i * 7) % 100 < share * 100 else "correct"
            body = json.dumps({"question": to_json(question)})
            yield Given(i, question.id, action, "", "ann", "", applied=True, payload=body)

    def test_an_overcareful_machine_is_corrected_upwards(self):
        lesson, payload = learning._confidence(list(self.points(0.97)))
        assert lesson.active and lesson.after < lesson.before
        knots = json.loads(payload)["corrections"]["date"]
        assert knots[0][1] > 0.8

    def test_few_answers_teach_nothing(self):
        lesson, payload = learning._confidence(list(self.points(0.97, 10)))
        assert payload is None and "30 are needed" in lesson.why

    def test_nothing_is_said_where_nobody_was_asked(self):
        curve = learned.Correction(((0.3, 0.9), (0.8, 0.95)))
        assert (curve(0.2), curve(0.9)) == (0.2, 0.9)
