"""Confidence: its cues are numbers of the document, and it follows what speaks for a value."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from idp_cdi.documents import Box, Document, Page, PageSource, Word
from idp_cdi.scoring import Options, confidence, invoice, models
from idp_cdi.scoring.confidence_cues import CUES, FALLING, RISING, cues, document_cues
from idp_cdi.scoring.context import Context

LINES = ("Meadow Trading Ltd", "12 Mill Lane", "Leeds LS1 4AB", "", "INVOICE", "",
         "Invoice number: 2024-17", "Invoice date: 5 March 2024", "", "Net total 100.00",
         "VAT 20% 20.00", "Total due 120.00")  # fmt: skip


def page(sure: float = 1.0) -> Document:
    return written(LINES, sure)


def written(lines: tuple[str, ...], sure: float = 1.0) -> Document:
    words = []
    for row, line in enumerate(lines):
        x = 60.0
        for text in line.split():
            wide = 5.0 * len(text)
            words.append(Word(text, Box(x, 80 + 13 * row, x + wide, 90 + 13 * row), sure, 10))
            x += wide + 3
    source = PageSource.OCR if sure < 1.0 else PageSource.TEXT
    pages = (Page(1, 595, 842, tuple(words), source=source),)
    return Document("a.pdf", "0" * 64, "application/pdf", "pdf", pages)


def rated(document: Document) -> tuple[Context, dict, confidence.Rater]:
    context = Context.of(document)
    parties, scored = models.score(context)
    options = Options(type="invoice")
    chosen = invoice.choices(context, parties, scored, options)
    return context, chosen, confidence.Rater(context, chosen, options)


def test_every_cue_is_a_finite_number() -> None:
    context, chosen, _ = rated(page())
    document = document_cues(context, chosen, "invoice")
    for choice in chosen.values():
        row = cues(context, choice, document)
        assert len(row) == len(CUES)
        assert all(math.isfinite(x) for x in row)
    assert set(CUES) >= RISING | FALLING


def test_a_plain_invoice_is_sure_and_nothing_is_certain() -> None:
    _, chosen, rate = rated(page())
    for name in ("issue_date", "total"):
        assert rate(name) > 0.9
    assert all(0.002 <= rate(name) <= 0.998 for name in chosen)


def test_doubtful_letters_make_a_doubtful_value() -> None:
    clear, poor = (rated(page(sure))[2] for sure in (0.99, 0.3))
    assert poor("invoice_number") < clear("invoice_number")


@pytest.mark.parametrize("cue", ["odds", "margin"])
def test_more_of_what_speaks_for_a_value_never_lowers_it(cue: str) -> None:
    context, chosen, _ = rated(page())
    options = Options(type="invoice")
    last = 0.0
    for more in (-4.0, -1.0, 0.0, 2.0, 6.0):
        changed = replace(chosen["total"], **{cue: more})
        # The document's own cues move as well: with `odds` they may only rise.
        now = confidence.Rater(context, chosen | {"total": changed}, options)("total")
        assert now >= last - 1e-9
        last = now


def test_absence_is_a_probability_too() -> None:
    _, _, rate = rated(page())
    assert all(0.002 <= rate.absent(n) <= 0.998 for n in ("order_number", "total"))
    assert rate.absent("no.such.field") > rate.absent("total")


def test_what_was_paid_less_the_change_settles_a_total() -> None:
    slip = ("Corner Shop", "", "Total 64.15", "Cash 100.00", "Change 35.85")
    for lines, settled in ((slip, 1.0), (("Corner Shop", "", "Total 64.75", *slip[3:]), -1.0),
                           (slip[:3], 0.0)):  # fmt: skip
        context, chosen, _ = rated(written(lines))
        found = next(c for c in context.candidates["amount"] if c.value.startswith("64."))
        choice = replace(chosen["total"], candidate=found)
        row = cues(context, choice, document_cues(context, chosen, "receipt"))
        assert row[CUES.index("settled")] == settled


def test_a_company_near_a_name_that_is_none_is_a_rival() -> None:
    lines = ("Mutiara Cahaya", "VELKIN (M) SDN. BHD.", "Jalan Dahlia 1", "41999 Klang")
    context, chosen, _ = rated(written(lines))
    for name, rival in (("Mutiara Cahaya", 1.0), ("VELKIN (M) SDN. BHD.", 0.0)):
        found = next(c for c in context.candidates["name"] if c.value == name)
        choice = replace(chosen["seller.name"], candidate=found)
        row = cues(context, choice, document_cues(context, chosen, "receipt"))
        assert row[CUES.index("legal_rival")] == rival
