from dataclasses import replace

import pytest

from idp_cdi.documents import Box, Document, Embedded, EmbeddedValue, LineItem, Page, Word
from idp_cdi.extractors._lexicon import language
from idp_cdi.scoring import Options
from idp_cdi.steps.classify import TYPES, classify
from idp_cdi.steps.extract import FEED, extract

LINES = [
    (40, "Muster Werkzeuge GmbH • Lindenweg 5 • 12345 Neustadt", 7),
    (55, "Beispiel Handels AG", 10),
    (69, "Frau Eva Beispiel", 10),
    (83, "Kastanienallee 17", 10),
    (97, "54321 Altdorf", 10),
    (140, "Rechnung", 18),
    (170, "Rechnungsnummer: RE-2024-117", 10),
    (184, "Rechnungsdatum: 05.03.2024", 10),
    (198, "Fällig am: 04.04.2024", 10),
    (212, "Kundennummer: 88231", 10),
    (250, "Pos | Bezeichnung | Menge | Einzelpreis | Gesamtpreis", 10),
    (266, "1 | Bohrmaschine | 2 | 100,00 € | 200,00 €", 10),
    (280, "2 | Akkuschrauber | 3 | 50,00 € | 150,00 €", 10),
    (310, " |  |  | Nettobetrag | 350,00 €", 10),
    (324, " |  |  | MwSt 19 % | 66,50 €", 10),
    (338, " |  |  | Gesamtbetrag | 416,50 €", 10),
    (760, "Muster Werkzeuge GmbH | Tel. 030 1234567 | USt-IdNr. DE136695976", 7),
    (770, "Lindenweg 5 | info@muster-werkzeuge.de | IBAN DE89 3704 0044 0532 0130 00", 7),
    (780, "12345 Neustadt | www.muster-werkzeuge.de | BIC COBADEFFXXX", 7),
]
COLUMNS = (50, 100, 260, 340, 450)


def page():
    words = []
    for y, line, size in LINES:
        parts = line.split(" | ")
        starts = COLUMNS if len(parts) == 5 else (50, 220, 390)
        for start, part in zip(starts, parts, strict=False):
            x = float(start)
            for text in part.split():
                width = 0.5 * size * len(text)
                words.append(Word(text, Box(x, y, x + width, y + size), 1.0, float(size)))
                x += width + 0.28 * size
    return Page(1, 595.0, 842.0, tuple(words))


@pytest.fixture(scope="module")
def invoice():
    return Document("a.pdf", "0" * 64, "application/pdf", "pdf", (page(),))


@pytest.fixture(scope="module")
def extraction(invoice):
    return extract(invoice)


EXPECTED = {
    "invoice_number": "RE-2024-117",
    "issue_date": "2024-03-05",
    "due_date": "2024-04-04",
    "buyer.customer_number": "88231",
    "net_total": "350.00",
    "tax_total": "66.50",
    "total": "416.50",
    "amount_due": "416.50",
    "currency": "EUR",
    "seller.name": "Muster Werkzeuge GmbH",
    "seller.postal_code": "12345",
    "seller.vat_id": "DE136695976",
    "seller.iban": "DE89 3704 0044 0532 0130 00",
    "buyer.name": "Beispiel Handels AG",
    "buyer.street": "Kastanienallee 17",
    "buyer.city": "Altdorf",
}


@pytest.mark.parametrize(("field", "value"), EXPECTED.items())
def test_a_plain_invoice_is_understood(extraction, field, value):
    found = extraction.best(field)
    assert found is not None, field
    assert found.value == value


def test_every_field_says_where_and_why(extraction):
    assert extraction.type == "invoice"
    assert extraction.language == "de"
    for field in extraction.fields:
        assert field.page == 1, field.name
        assert field.box is not None
        assert field.why
        assert field.method
        assert 0.0 < field.confidence < 1.0
        assert all(a.confidence <= field.confidence for a in field.alternatives)


def test_line_items_are_read_and_checked(extraction):
    items = [(i.description, i.quantity, i.unit_price, i.net_amount) for i in extraction.line_items]
    assert items == [
        ("Bohrmaschine", "2", "100.00", "200.00"),
        ("Akkuschrauber", "3", "50.00", "150.00"),
    ]
    assert all(i.confidence > 0.95 for i in extraction.line_items)


def test_the_structured_data_wins_and_a_contradiction_is_reported(invoice):
    values = (EmbeddedValue("total", "416.50", "x"), EmbeddedValue("issue_date", "2024-03-06", "y"))
    item = LineItem("Bohrmaschine")
    hybrid = replace(invoice, embedded=Embedded("cii", "EN 16931", values, (item,)))
    found = extract(hybrid)
    total, date = found.best("total"), found.best("issue_date")
    assert total.confidence > FEED
    assert total.box is not None
    assert (date.value, date.confidence, date.method) == ("2024-03-06", FEED, "embedded")
    assert date.alternatives[0].value == "2024-03-05"
    assert "embedded.disagrees" in [p.code for p in found.problems]
    assert found.line_items == (item,)
    assert extract(hybrid, Options(embedded=False)).best("issue_date").value == "2024-03-05"


def test_sums_that_do_not_add_up_are_a_problem(invoice):
    words = tuple(
        w._replace(text="417,50") if w.text == "416,50" else w for w in invoice.pages[0].words
    )
    wrong = replace(invoice, pages=(replace(invoice.pages[0], words=words),))
    assert "sum.total" in [p.code for p in extract(wrong).problems]


def test_structured_values_settle_what_the_page_alone_contradicts(invoice):
    words = tuple(
        w._replace(text="417,50") if w.text == "416,50" else w for w in invoice.pages[0].words
    )
    told = tuple(
        EmbeddedValue(n, v)
        for n, v in (("net_total", "350.00"), ("tax_total", "66.50"), ("total", "416.50"))
    )
    page = replace(invoice.pages[0], words=words)
    hybrid = replace(invoice, pages=(page,), embedded=Embedded("cii", "EN 16931", told))
    assert "sum.total" not in [p.code for p in extract(hybrid).problems]


def test_a_document_without_words_has_no_fields_and_no_error():
    empty = Document("b.pdf", "1" * 64, "application/pdf", "pdf", (Page(1, 595.0, 842.0),))
    found = extract(empty)
    assert found.fields == ()
    assert found.type == "other"


def test_the_type_can_be_given(invoice):
    found = extract(invoice, Options(type="credit_note"))
    assert (found.type, found.type_confidence) == ("credit_note", 1.0)


@pytest.mark.parametrize("title", ["Mahnung", "Zahlungserinnerung", "Lieferschein"])
def test_what_is_nothing_to_book_names_its_parties(invoice, title):
    words = [
        w._replace(text=title) if w.text == "Rechnung" else w
        for w in invoice.pages[0].words
        if w.text not in {"Rechnungsnummer:", "Rechnungsdatum:", "Fällig", "am:"}
    ]
    letter = replace(invoice, pages=(replace(invoice.pages[0], words=tuple(words)),))
    found = extract(letter)
    told = {f.name: f.value for f in found.fields}
    assert found.type == "other"
    assert told["buyer.name"] == "Beispiel Handels AG"
    assert told["buyer.customer_number"] == "88231"
    assert told["seller.name"] == "Muster Werkzeuge GmbH"
    assert "total" not in told
    assert found.absent == {}


def test_type_probabilities_sum_to_one(invoice):
    from idp_cdi.extractors._view import View

    found = classify(View.of(invoice))
    assert set(found) == set(TYPES)
    assert sum(found.values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Wir danken für Ihren Auftrag und bitten um Zahlung", "de"),
        ("Nous vous remercions de votre commande et de votre paiement", "fr"),
        ("Le agradecemos su pedido y el pago de la factura", "es"),
        ("Vi ringraziamo per il vostro ordine e per il pagamento", "it"),
        ("Wij danken u voor uw bestelling en de betaling van het bedrag", "nl"),
        ("4711 0815", ""),
    ],
)
def test_the_language_is_told_by_frequent_words(text, code):
    assert language(text) == code
