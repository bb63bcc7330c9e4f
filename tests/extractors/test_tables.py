from helpers_pages import page

from idp_cdi.documents import Document
from idp_cdi.extractors._view import View
from idp_cdi.extractors.tables import line_items


def items(*pages):
    view = View.of(Document("a", "", "", "", pages))
    return [(i.description, i.quantity, i.unit_price, i.net_amount) for i in line_items(view)]


HEAD = "Description | Qty | Unit price | Amount"


def test_rows_stand_under_their_headings():
    found = items(page(HEAD, "Copper pipe | 3 | 12.94 | 38.82", "Photography | 8 | 70.90 | 567.20"))
    assert found == [
        ("Copper pipe", "3", "12.94", "38.82"),
        ("Photography", "8", "70.90", "567.20"),
    ]


def test_sums_end_the_table():
    found = items(
        page(HEAD, "Pipe | 1 | 5.00 | 5.00", "Subtotal |  |  | 5.00", "Fee | 1 | 2.00 | 2.00")
    )
    assert found == [("Pipe", "1", "5.00", "5.00")]


def test_a_description_goes_on_in_the_next_line():
    found = items(page(HEAD, "Copper pipe | 3 | 12.94 | 38.82", "15 mm, hard"))
    assert found[0][0] == "Copper pipe 15 mm, hard"


def test_a_table_goes_on_over_pages():
    found = items(
        page(HEAD, "Pipe | 1 | 5.00 | 5.00"),
        page(HEAD, "Tap | 2 | 4.00 | 8.00", number=2),
    )
    assert [f[0] for f in found] == ["Pipe", "Tap"]


def test_two_columns_are_a_table_too():
    found = items(page("Bezeichnung | Betrag", "Beratung | 1.250,00", "Reise | 80,50"))
    assert [(f[0], f[3]) for f in found] == [("Beratung", "1250.00"), ("Reise", "80.50")]


def test_credits_keep_their_sign():
    found = items(page(HEAD, "Pipe | -1 | 5.00 | EUR -5.00"))
    assert found == [("Pipe", "-1", "5.00", "-5.00")]


def test_no_table_no_items():
    assert items(page("Dear customer", "thank you for 12.50")) == []


def test_goods_whose_name_is_a_word_of_sums_are_goods():
    head = "Descrizione | Quantità | Prezzo | Importo"
    found = items(page(head, "Carta A4 | 1 | 5.99 | 5.99", "Viti | 2 | 1.00 | 2.00"))
    assert [f[0] for f in found] == ["Carta A4", "Viti"]


def test_the_printed_amount_counts_not_quantity_times_price():
    found = items(
        page(
            "Description | Qty | Unit price | VAT | Amount",
            "Paint | 12 | 127.50 | 289.17 | 1377.00",  # ten per cent less, as the page says nowhere
            "Oil | 24 | 21.67 | 109.22 | 520.08",
        )
    )
    assert [f[3] for f in found] == ["1377.00", "520.08"]


def test_an_amount_without_a_heading_of_its_own_is_the_last_figure():
    found = items(
        page("Description | Qty | Unit price | VAT rate", "Paint | 12 | 10.00 | 20% | 108.00")
    )
    assert found == [("Paint", "12", "10.00", "108.00")]


def test_a_quantity_may_stand_before_its_unit_or_before_what_is_sold():
    head = "Description | Unit | Unit price | Amount"
    assert items(page(head, "Keyboard | 6 day | 733.95 | 4403.70"))[0][1:] == (
        "6",
        "733.95",
        "4403.70",
    )
    assert items(page(head, "100 pak Bronwater |  | 17.61 | 1761.00"))[0] == (
        "pak Bronwater",
        "100",
        "17.61",
        "1761.00",
    )
