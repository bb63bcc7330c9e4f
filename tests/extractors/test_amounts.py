from decimal import Decimal

import pytest
from helpers_pages import document
from hypothesis import given
from hypothesis import strategies as st

from idp_cdi.extractors import find
from idp_cdi.extractors.amounts import read

CASES = [
    ("1.234,56", "", "1234.56"),
    ("1,234.56", "", "1234.56"),
    ("1 234,56", "", "1234.56"),
    ("1'234.50", "", "1234.50"),
    ("1’234.50", "", "1234.50"),
    ("12,34,567.00", "", "1234567.00"),
    ("0.125", ",", "0.125"),
    ("1.234", ",", "1234"),
    ("1.234", ".", "1.234"),
    ("12,-", "", "12.00"),
    (".50", "", "0.50"),
    ("7", "", "7"),
]


@pytest.mark.parametrize(("text", "mark", "expected"), CASES)
def test_reads_every_national_notation(text, mark, expected):
    assert read(text, decimal=mark) == expected


@given(st.integers(0, 10**9))
def test_a_written_amount_reads_back(cents):
    value = Decimal(cents) / 100
    english = f"{value:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert Decimal(read(english, decimal=".")) == value
    assert Decimal(read(german, decimal=",")) == value


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("Total 12,50 EUR", ["12.50"]),
        ("Total EUR -12,50", ["-12.50"]),
        ("Total (12.50)", ["-12.50"]),
        ("Total 12.50-", ["-12.50"]),
        ("Total RM 9.00", ["9.00"]),
        ("Tel 030 12345678", []),
        ("am 12.05.2020 um", []),
    ],
)
def test_finds_amounts_with_sign_and_currency(line, values):
    found = [c for c in find(document(line), kinds={"amount"}) if c.kind == "amount"]
    assert [c.value for c in found] == values
