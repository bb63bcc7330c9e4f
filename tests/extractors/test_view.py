"""Words to lines and segments: small lines beside a tall word, columns that stand close, stamps."""

from __future__ import annotations

from idp_cdi.documents import Box, Document, Page, PageSource, Word
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


def _lines(rows, x0=42.0, blank=3.0):
    """Words of lines of (left part ending at 272, part at 280) or of one of the two."""
    words = []
    for n, (left, right) in enumerate(rows):
        x = 272.0 - sum(5.0 * len(t) + blank for t in left.split()) + blank if left else 0.0
        for text, start in ((left, x), (right, 280.0)):
            for word in text.split():
                words.append((word, start, 71.0 + 12 * n, 10.0))
                start += 5.0 * len(word) + blank
    return words


def test_values_set_flush_right_against_an_address_are_no_part_of_it():
    rows = [
        ("GT8085", "Groothandel 20 V.O.F."), ("15-06-2007", "Wout Jekel"),
        ("14-08-2007", "Eikenweg 9"), ("", "8230 RX De Rijp"), ("", "T 0575 - 757628"),
    ]  # fmt: skip
    found = texts(*_lines(rows))
    assert [right for _, right in rows] == [t for t in found if t in {r for _, r in rows}]


def test_the_lines_of_a_paragraph_stay_whole_wherever_words_meet():
    rows = [("we pay what is due", "within the term"), ("that both have set", "or later if so"),
            ("told before it ends", "in a letter that")]  # fmt: skip
    close = [(t, x - 5.0 * (x >= 280.0), y, h) for t, x, y, h in _lines(rows)]
    assert texts(*close) == [f"{left} {right}" for left, right in rows]


LINES = [("Name of Registrant", 100.0), ("Example Office Inc.", 114.0), ("Occupation", 128.0)]


def printed() -> list[Word]:
    out = []
    for line, y in LINES:
        x = 60.0
        for text in line.split():
            out.append(Word(text, Box(x, y, x + 5 * len(text), y + 10)))
            x += 5 * len(text) + 3
    return out


def scan(*stamp: Word) -> View:
    page = Page(1, 595, 842, (*printed(), *stamp), PageSource.OCR)
    return View.of(Document("a.pdf", "0", "application/pdf", "pdf", (page,)))


def test_a_stamp_is_a_line_and_a_block_of_its_own() -> None:
    stamp = [
        Word(t, Box(150, y, 160, y + 25), turned=90)
        for t, y in (("2010", 90.0), ("AUG", 118.0), ("-3", 146.0))
    ]
    found = scan(*stamp)
    assert [s.text for s in found.segments] == [*(line for line, _ in LINES), "2010 AUG -3"]
    last = found.segments[-1]
    assert last.turned == 90 and last.size == 10 and last.box == Box(150, 90, 160, 171)
    assert found.blocks[last.block] == [last.index]
    assert len(found.blocks) == 2


def test_stamps_side_by_side_and_of_other_directions_are_several_lines() -> None:
    stamp = [
        Word("UNIT", Box(150, 90, 160, 120), turned=90),
        Word("2010", Box(170, 90, 180, 120), turned=90),
        Word("AUG", Box(170, 125, 180, 150), turned=90),
        Word("paid", Box(30, 300, 40, 330), turned=270),
        Word("cash", Box(30, 265, 40, 295), turned=270),
        Word("late", Box(30, 60, 40, 90), turned=270),
    ]
    assert [s.text for s in scan(*stamp).segments if s.turned] == [
        "UNIT", "2010 AUG", "paid cash", "late",
    ]  # fmt: skip
