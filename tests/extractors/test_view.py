"""Words to lines and segments: small lines beside a tall word, columns that stand close."""

from __future__ import annotations

from idp_cdi.documents import Box, Document, Page, Word
from idp_cdi.extractors._view import View


def texts(*words: tuple[str, float, float, float]) -> list[str]:
    """The segments of a page of words, each with left edge, top and height; 5 points a letter."""
    made = tuple(Word(t, Box(x, y, x + 0.5 * h * len(t), y + h), 1.0, h) for t, x, y, h in words)
    page = Page(1, 595.0, 842.0, made)
    view = View.of(Document("a.pdf", "0" * 64, "application/pdf", "pdf", (page,)))
    return [s.text for s in view.segments]


def test_two_small_lines_beside_a_tall_word_stay_two():
    found = texts(
        ("Reuter", 48, 69, 18), ("72793", 349, 68, 9), ("Pfullingen", 376, 68, 9),
        ("Fon", 349, 77.5, 9), ("07121", 367, 77.5, 9),
    )  # fmt: skip
    assert sorted(found) == ["72793 Pfullingen", "Fon 07121", "Reuter"]


def test_columns_that_stand_close_are_told_by_where_other_lines_begin():
    left, right = 48.0, 218.0
    rows = [("Sold", "Consignee"), ("x", "Coldstore"), ("y", "Ramsgate")]
    words = [
        (text, x, 71.0 + 12 * n, 10.0)
        for n, row in enumerate(rows) for text, x in zip(row, (left, right), strict=True)
    ]  # fmt: skip
    y = 71.0 + 12 * 3
    words += [("Harbour", left, y, 10.0), ("Street", 86.0, y, 10.0), ("12", 119.0, y, 10.0)]
    words += [("Restaurant", 160.0, y, 10.0), ("Fishmongers", right, y, 10.0)]
    words += [("Hall", 276.0, y, 10.0), ("Ltd", 299.0, y, 10.0)]
    y += 12
    words += [(t, float(x), y, 10.0) for t, x in zip("abcdefghij", range(48, 148, 8), strict=False)]
    found = texts(*words)
    assert "Fishmongers Hall Ltd" in found
    assert not any("Restaurant Fishmongers" in t for t in found)
