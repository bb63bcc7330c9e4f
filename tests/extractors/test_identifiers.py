import pytest
from helpers_pages import document
from hypothesis import given, settings
from hypothesis import strategies as st

from idp_cdi.extractors import find


def values(line, kind):
    return [(c.value, c.hints.get("valid")) for c in find(document(line)) if c.kind == kind]


def test_check_digits_tell_vat_ids_apart():
    assert values("USt-IdNr. DE 136 695 976", "vat_id")[0] == ("DE 136 695 976", 1.0)
    assert ("DE136695970", 0.0) in values("USt-IdNr. DE136695970", "vat_id")


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("RCS Lyon – TVA FR03 552081317", "FR03 552081317"),
        ("BTW/TVA BE 0417.497.106", "BE 0417.497.106"),
        ("DE VAT DE811907980", "DE811907980"),
        ("BANK: SPARKASSE DORTMUND UST-ID DE 811 907 980", "DE 811 907 980"),
    ],
)
def test_a_label_in_capitals_hides_no_number(line, number):
    assert (number, 1.0) in values(line, "vat_id")


def test_an_iban_ends_where_its_check_digits_end():
    line = "IBAN DE89 3704 0044 0532 0130 00 BIC COBADEFFXXX"
    assert values(line, "iban") == [("DE89 3704 0044 0532 0130 00", 1.0)]
    assert values(line, "bic") == [("COBADEFFXXX", 1.0)]


def test_an_account_may_go_on_in_the_next_line():
    lines = ("Bitte überweisen Sie auf IBAN DE27 1007 7777 0209", "2997 00 bis 23.02.2026.")
    found = [c for c in find(document(*lines)) if c.kind == "iban"]
    assert [(c.value, c.hints["valid"], len(c.words)) for c in found] == [
        ("DE27 1007 7777 0209 2997 00", 1.0, 6)
    ]
    other = [c.hints["valid"] for c in find(document(lines[0], "2998 00")) if c.kind == "iban"]
    assert 1.0 not in other


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Rechnung # RE-20140519/499 vom 19.05.2014", "RE-20140519/499"),
        ("Kundennummer:82", "82"),
        ("Facture n°562044387", "562044387"),
        ("Steuernummer : 201/113/40209", "201/113/40209"),
        ("Referenz : 05 158 004 - 11023 - 45", "05 158 004 - 11023 - 45"),
    ],
)
def test_a_number_is_found_without_its_label(line, expected):
    assert expected in [v for v, _ in values(line, "identifier")]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=8))
def test_no_text_breaks_the_extractors(lines):
    for c in find(document(*lines)):
        assert c.value.strip() or c.kind == "name"
        assert c.words and c.box.x1 >= c.box.x0
