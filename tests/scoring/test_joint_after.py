"""What follows from a decided document: legal forms below names, accounts of payees, periods."""

from __future__ import annotations

import numpy as np
import pytest

from idp_cdi.documents import Box, Document, Page, Word
from idp_cdi.extractors import Candidate
from idp_cdi.extractors._view import View
from idp_cdi.scoring import Options, joint_after
from idp_cdi.scoring.invoice import decide
from idp_cdi.scoring.joint import Choice
from idp_cdi.scoring.models import FIELDS, Scored

BOX = Box(0, 0, 1, 1)


def number(value: str, *words: int) -> Candidate:
    return Candidate("identifier", value, value, 1, words, BOX, "t", {"segment": 0})


def page_of(*lines: str) -> Document:
    """A page of lines; " | " starts a new column."""
    words = []
    for row, line in enumerate(lines):
        for column, part in enumerate(line.split(" | ")):
            x = 40.0 + 280.0 * column
            for text in part.split():
                y = 40.0 + 14.0 * row
                words.append(Word(text, Box(x, y, x + 5.0 * len(text), y + 10.0), 1.0, 10.0))
                x += 5.0 * len(text) + 3.0
    page = Page(1, 595.0, 842.0, tuple(words))
    return Document("a.pdf", "0" * 64, "application/pdf", "pdf", (page,), language="de")


def fields(*lines: str) -> dict[str, str]:
    document = page_of(*lines)
    found = decide(document, View.of(document), Options(type="invoice")).fields
    return {f.name: f.value for f in found}


def whys(*lines: str) -> str:
    document = page_of(*lines)
    return " ".join(f.why for f in decide(document, View.of(document), Options()).fields)


TOP = (
    "Krause Fördertechnik GmbH", "Industriestr. 102, 44147 Dortmund", "", "Rechnung an",
    "Westfalen Getränke Logistik", "GmbH & Co. KG", "Hafenstraße 55", "59067 Hamm", "",
    "Rechnung Nr. 90045127 | Rechnungsdatum: 05.03.2026", "",
)  # fmt: skip
SUMS = ("Netto | 100,00 EUR", "19 % MwSt. | 19,00 EUR", "Gesamtbetrag | 119,00 EUR", "")


def test_a_legal_form_alone_in_the_next_line_belongs_to_the_name() -> None:
    found = fields(*TOP, *SUMS)
    assert found["buyer.name"] == "Westfalen Getränke Logistik GmbH & Co. KG"


@pytest.mark.parametrize("between", ["-", "–", "bis"])
def test_two_dates_from_one_to_the_other_are_the_period(between: str) -> None:
    found = fields(*TOP, f"Cloud Server 01.01.2026 {between} 31.01.2026", *SUMS)
    assert (found["period_start"], found["period_end"]) == ("2026-01-01", "2026-01-31")


def test_of_several_periods_none_is_that_of_the_bill() -> None:
    lines = ("A 01.01.2026 - 31.01.2026", "B 01.02.2026 - 28.02.2026")
    assert "written from one date" not in whys(*TOP, *lines, *SUMS)
    assert "written from one date" in whys(*TOP, lines[0], *SUMS)


def test_an_account_payable_to_the_seller_is_the_sellers() -> None:
    slip = ("Konto / Zahlbar an", "CH93 0076 2011 6238 5295 7", "Krause Fördertechnik GmbH")
    found = fields(*TOP, *SUMS, *slip)
    assert found["seller.iban"] == "CH93 0076 2011 6238 5295 7"


def test_a_name_has_its_legal_form_where_the_page_gives_it() -> None:
    names = [
        Candidate("name", n, n, 1, (i,), BOX, "t", {"segment": 0, "first": 0, "last": 1})
        for i, n in enumerate(
            ("Hotel Seeblick", "Hotel Seeblick Betriebs GmbH", "Hotel Seeberg AG")
        )
    ]
    odds = np.full((3, len(FIELDS["name"])), -2.0)
    chosen = {"seller.name": Choice("seller.name", names[0], 3.0)}
    joint_after.whole_name(Scored(names, FIELDS["name"], odds), chosen)
    assert chosen["seller.name"].candidate.value == "Hotel Seeblick Betriebs GmbH"
    joint_after.whole_name(Scored(names, FIELDS["name"], odds - 5.0), chosen)
    assert chosen["seller.name"].candidate.value == "Hotel Seeblick Betriebs GmbH"


def test_an_end_of_the_period_is_not_the_day_to_pay() -> None:
    found = fields(*TOP, "Fällig am 18.03.2026", "Team plan 04.03. – 04.04.2026", *SUMS)
    assert (found["period_start"], found["period_end"]) == ("2026-03-04", "2026-04-04")
    assert found["due_date"] == "2026-03-18"


def test_a_number_in_groups_is_one_number() -> None:
    candidates = [
        number("4", 1), number("005", 2), number("671", 3), number("4 005 671", 1, 2, 3),
        number("RE-4 005", 0, 1, 2),
    ]  # fmt: skip
    odds = np.full((len(candidates), len(FIELDS["identifier"])), -8.0)
    scored = Scored(candidates, FIELDS["identifier"], odds)
    chosen = {"buyer.customer_number": Choice("buyer.customer_number", candidates[0], 2.0)}
    joint_after.whole_numbers(scored, chosen)
    assert chosen["buyer.customer_number"].candidate.value == "4 005 671"


@pytest.mark.parametrize(
    ("seller", "buyer", "whose"), [(-0.1, 0.4, "seller.iban"), (-6.0, 3.0, "buyer.iban")]
)
def test_the_only_account_is_the_sellers_unless_much_speaks_for_the_buyer(
    seller: float, buyer: float, whose: str
) -> None:
    account = Candidate("iban", "NL91ABNA0417164300", "", 1, (5,), BOX, "t", {"segment": 0})
    scored = Scored([account], FIELDS["iban"], np.array([[seller, buyer, -8.0]]))
    chosen = {"buyer.iban": Choice("buyer.iban", account, buyer)}
    joint_after.account(scored, chosen)
    assert list(chosen) == [whose]


def test_a_desk_is_no_person() -> None:
    lines = [line if line != "GmbH & Co. KG" else "z.Hd. Kreditorenbuchhaltung" for line in TOP]
    assert "buyer.contact_name" not in fields(*lines, *SUMS)
