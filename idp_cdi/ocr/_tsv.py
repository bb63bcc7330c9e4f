r"""Tesseract's table of words, the same from the program and from inside the process.

>>> row = "5\t1\t1\t1\t1\t1\t10\t20\t30\t12\t96.5\tHello"
>>> parse("level\t...\n" + row)[0].confidence
0.965
"""

from __future__ import annotations

from idp_cdi.documents import Box, Word


def parse(table: str) -> tuple[Word, ...]:
    """The words of a table with one head line; rows that are no words are skipped."""
    words = []
    for row in table.split("\n")[1:]:
        cells = row.split("\t")
        if len(cells) < 12 or cells[0] != "5":
            continue
        text = cells[11].strip()
        if not text:
            continue
        left, top, width, height = (int(cell) for cell in cells[6:10])
        confidence = min(1.0, max(0.0, float(cells[10]) / 100))
        words.append(Word(text, Box(left, top, left + width, top + height), confidence))
    return tuple(words)
