"""Which lines of a block are its address: learned, so asked of the shipped model."""

from __future__ import annotations

import pytest

from idp_cdi.documents import Box, Document, Page, Word
from idp_cdi.extractors._address import address
from idp_cdi.scoring import models, party_lines
from idp_cdi.scoring.context import Context


def letter(*block: str) -> Context:
    """A letter with one address block, a title and a table below it."""
    lines = [*block, "", "", "INVOICE 2024-17", "Date: 5 March 2024", "", "Total 120.00"]
    words = []
    for row, line in enumerate(lines):
        x = 60.0
        for text in line.split():
            wide = 5.0 * len(text)
            words.append(Word(text, Box(x, 80 + 13 * row, x + wide, 90 + 13 * row), 1.0, 10))
            x += wide + 3
    page = Page(1, 595, 842, tuple(words))
    return Context.of(Document("a.pdf", "0" * 64, "application/pdf", "pdf", (page,)))


@pytest.mark.parametrize(
    ("block", "wanted"),
    [
        (("Meadow Trading Ltd", "Unit 7, Harbour House", "12 Mill Lane", "Leeds LS1 4AB"),
         "Unit 7, Harbour House, 12 Mill Lane, Leeds LS1 4AB"),
        (("Orlano 48 GmbH", "Lindenweg 5", "12345 Neustadt"), "Lindenweg 5, 12345 Neustadt"),
        (("KEDAI ALAM SDN BHD", "(001307026-W)", "NO. 47, JALAN MERANTI 1A,",
          "BANDAR BARU UTAMA,", "44300 BATANG KALI, SELANGOR."),
         "NO. 47, JALAN MERANTI 1A, BANDAR BARU UTAMA, 44300 BATANG KALI, SELANGOR."),
        (("Oakfield Inc.", "PO Box 66477", "Arlington, MT 00587"),
         "PO Box 66477, Arlington, MT 00587"),
    ],
)  # fmt: skip
def test_the_lines_of_an_address(block: tuple[str, ...], wanted: str) -> None:
    context = letter(*block)
    party_lines.choose(context, models.load()["line"])
    (found,) = context.blocks
    assert address(found).value.strip(" .") == wanted.strip(" .")
    assert 0.5 <= found.certainty <= 1.0


def test_rows_fit_their_names() -> None:
    context = letter("Meadow Trading Ltd", "12 Mill Lane", "Leeds LS1 4AB")
    (block,) = context.blocks
    rows = party_lines.line_rows(context, block)
    assert len(rows) == len(block.above) == 2
    assert all(len(row) == len(party_lines.LINE) for row in rows)
    assert models.load()["line"].features == tuple(party_lines.LINE)
