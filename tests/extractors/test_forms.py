"""Forms: labels found, answers beside and below them, values of a kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp_cdi.documents import Box, Document, Page, PageSource, Word
from idp_cdi.extractors import forms, forms_values
from idp_cdi.extractors._view import View
from idp_cdi.extractors.forms_labels import Wording, find, letters, rows


def sheet(*placed: tuple[str, float, float], source: PageSource = PageSource.TEXT) -> View:
    """A page with words at x and y; several words of one text stand close together."""
    words = []
    for text, x, y in placed:
        for word in text.split():
            words.append(Word(word, Box(x, y, x + 5.0 * len(word), y + 10.0)))
            x += 5.0 * len(word) + 3.0
    page = Page(1, 595, 842, tuple(words), source)
    return View.of(Document("a.pdf", "0", "application/pdf", "pdf", (page,)))


def found(view: View, *labels: str) -> list[tuple[str, tuple[str, ...]]]:
    wordings = [Wording.of(text, "field") for text in labels]
    lines = rows(view)
    hits = find(view, wordings, lines)
    return [(a.relation, a.texts) for h in hits for a in forms.answers(h, lines, hits)]


def test_number_signs_and_abbreviations_are_one_label() -> None:
    assert letters("Order #") == letters("order number") == letters("Order No.:")


def test_a_value_behind_the_label_in_one_cell_is_the_same_cell() -> None:
    assert found(sheet(("Order No.: A17", 50, 50)), "order no")[0] == ("same", ("A17",))


def test_a_value_to_the_right_and_one_below_are_both_offered() -> None:
    view = sheet(("Order No.", 50, 50), ("A17", 200, 50), ("A18", 50, 64))
    assert found(view, "order no") == [("right", ("A17",)), ("below", ("A18",))]


def test_an_answer_ends_before_the_next_label_of_the_line() -> None:
    view = sheet(("Name: Ann Lee", 50, 50), ("Date: 1 May 2020", 160, 50))
    assert ("same", ("Ann", "Lee")) in found(view, "name", "date")


def test_an_answer_below_stops_at_the_next_numbered_item() -> None:
    view = sheet(("8. Registrant", 50, 50), ("9. Other item here", 50, 64), ("Value", 50, 78))
    assert found(view, "registrant") == []


def test_a_label_may_be_misread_by_a_letter_on_a_scan_only() -> None:
    scan = sheet(("Registratlon number: 77", 50, 50), source=PageSource.OCR)
    text = sheet(("Registratlon number: 77", 50, 50))
    assert found(scan, "registration number")
    assert not found(text, "registration number")


def test_a_context_decides_between_labels_that_read_the_same() -> None:
    view = sheet(
        ("Agency", 50, 50),
        ("Name: First Media", 60, 64),
        ("Advertiser", 50, 90),
        ("Name: Acme", 60, 104),
    )
    lines = rows(view)
    hits = find(view, [Wording.of("Advertiser > Name", "buyer.name")], lines)
    best = max(hits, key=lambda h: h.context)
    assert forms.answers(best, lines, hits)[0].texts == ("Acme",)


@pytest.mark.parametrize(
    ("kind", "text", "values"),
    [
        ("date", "05/26/20 - 06/01/20", ["2020-05-26", "2020-06-01"]),
        ("amount", "Gross $1,505.00", ["1505.00"]),
        ("amount", "1.505,00 EUR", ["1505.00"]),
        ("identifier", "1928347-1", ["1928347-1"]),
        ("identifier", "4:38:15 PM", []),
        ("identifier", "Washington, DC 20530", []),
        ("name", "/s/ Ann Lee", ["Ann Lee"]),
        ("name", "1- First Trade Office", ["First Trade Office"]),
        ("name", "12345", []),
        ("person_name", "eSigned", []),
    ],
)
def test_values_of_a_kind(kind: str, text: str, values: list[str]) -> None:
    assert [v.value for v in forms_values.find(kind, text.split(), day_first=False)] == values


def test_pairs_nobody_asked_for_are_read() -> None:
    view = sheet(("Occupation: Baker", 50, 50), ("7. Colour", 50, 80), ("Green", 52, 94))
    pairs = [(p.label, p.value) for p in forms.pairs(view, rows(view))]
    assert pairs == [("Occupation", "Baker"), ("Colour", "Green")]


@given(
    st.lists(st.text(min_size=1, max_size=12), max_size=8),
    st.sampled_from(["date", "amount", "name", "identifier", "address", "email", "iban"]),
)
def test_no_kind_raises_on_any_words(words: list[str], kind: str) -> None:
    for value in forms_values.find(kind, words):
        assert 0 <= value.first < value.last <= len(words)
        assert value.value


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("identifier", "No.5874", "5874"),
        ("identifier", "6OO5", "6005"),
        ("identifier", "S64Z", "5642"),
        ("date", "l6 JUN 2O16", "2016-06-16"),
        ("date", "10/3072017", "2017-10-30"),
    ],
)
def test_figures_that_ocr_took_for_letters_are_repaired_on_scans(
    kind: str, text: str, value: str
) -> None:
    found = forms_values.find(kind, text.split(), day_first=False, scanned=True)
    assert [v.value for v in found] == [value]


def test_a_text_layer_is_believed() -> None:
    assert [v.value for v in forms_values.find("identifier", ["6OO5"])] != ["6005"]


def test_a_number_stamped_higher_than_its_line_is_below_its_label() -> None:
    words = (
        Word("Name", Box(59, 282, 80, 289)),
        Word("Registration", Box(349, 281, 392, 290)),
        Word("No.", Box(395, 282, 407, 288)),
        Word("Ann", Box(51, 291, 75, 298)),
        Word("Lee", Box(78, 291, 99, 298)),
        Word("5932", Box(448, 277, 544, 320)),
    )
    view = View.of(Document("a", "0", "", "pdf", (Page(1, 612, 792, words),)))
    lines = rows(view)
    hits = find(view, [Wording.of("registration no", "number"), Wording.of("name", "name")], lines)
    found = {h.wording.field: [a.texts for a in forms.answers(h, lines, hits)] for h in hits}
    assert ("5932",) in found["number"]
    assert ("Ann", "Lee") in found["name"]


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("Roger A. Pines, President", "Roger A. Pines"),
        ("ROGER PINES MANAGING DIRECTOR", "ROGER PINES"),
        ("Hans Meier, Geschäftsführer", "Hans Meier"),
        ("Ann Lee, Jr.", "Ann Lee, Jr"),
        ("Maria General", "Maria General"),
    ],
)
def test_a_person_is_named_without_the_job(printed: str, name: str) -> None:
    value = forms_values.find("person_name", printed.split())[0]
    assert value.value.rstrip(".") == name
    assert value.last == len(name.split())


@pytest.mark.parametrize("text", ["Same as above", "see attached list", "N/A", "not applicable"])
def test_a_reference_is_no_name(text: str) -> None:
    assert forms_values.find("name", text.split()) == []


def test_a_remark_of_the_label_is_no_part_of_a_name() -> None:
    assert forms_values.find("name", "(or agent) EXAMPLE BOARD".split())[0].value == "EXAMPLE BOARD"
