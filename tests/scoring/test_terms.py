"""Terms of payment with and without a label; instalments that add up."""

from __future__ import annotations

import pytest

from idp_cdi.documents import Box, Document, Page, Word
from idp_cdi.extractors import Candidate
from idp_cdi.scoring import terms
from idp_cdi.scoring.context import Context
from idp_cdi.scoring.joint import Choice


def document(*lines: str) -> Document:
    """A page with one line of words after the other; two blanks are a gap between columns."""
    words = []
    for row, line in enumerate(lines):
        x = 40.0
        for cell in line.split("  "):
            for text in cell.split():
                wide = 5.0 * len(text)
                words.append(Word(text, Box(x, 100 + 14 * row, x + wide, 110 + 14 * row), 1.0, 10))
                x += wide + 3
            x += 60
    return Document("a.pdf", "0" * 64, "application/pdf", "pdf", (Page(1, 595, 842, tuple(words)),))


def due(value: str) -> dict[str, Choice]:
    box = Box(0, 0, 1, 1)
    found = Candidate("amount", value, value, 1, (0,), box, "amounts", {"segment": 0})
    return {"amount_due": Choice("amount_due", found, 3.0)}


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("Zahlungsbedingungen: 30 Tage netto", "30 Tage netto"),
        ("2% 10 days, net 30", "2% 10 days, net 30"),
        ("30 jours fin de mois", "30 jours fin de mois"),
        ("Payment terms: due upon receipt", "due upon receipt"),
        ("Die Ware wurde netto geliefert", None),
        ("Delivered within 30 days", None),
    ],
)
def test_terms_are_found_by_label_or_by_their_words(line: str, wanted: str | None) -> None:
    found = terms.payment_terms(Context.of(document("Rechnung 4711", line)))
    assert (found.value if found else None) == wanted


def test_instalments_are_rows_of_date_and_amount_that_add_up() -> None:
    pages = document(
        "Payable in instalments, due date and amount:", "01.03.2024  500.00", "01.04.2024  250.50"
    )
    found = terms.instalments(Context.of(pages), due("750.50"))
    assert [f.value for f in found] == ["2024-03-01 500.00", "2024-04-01 250.50"]
    assert all(f.box is not None and f.page == 1 for f in found)
    assert not terms.instalments(Context.of(pages), due("750.51"))


def test_rows_of_services_are_no_instalments() -> None:
    pages = document("Date  Amount", "01.03.2024  500.00", "01.04.2024  250.50")
    assert not terms.instalments(Context.of(pages), due("750.50"))
