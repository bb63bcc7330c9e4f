"""Recall of a layout from made pages: periods in one word, orders of dates, several places."""

from __future__ import annotations

from dataclasses import replace

import pytest

from idp_cdi.documents import Box, Document, Page, Word
from idp_cdi.extractions import Extraction, Field
from idp_cdi.review.memory import Memory, from_json, remember, to_json
from idp_cdi.review.recall import recall

LABELS = (
    ("Station", 50, 50), ("Contract", 50, 70), ("Advertiser", 50, 90), ("Agency", 50, 110),
    ("Flight", 50, 130), ("Schedule", 50, 400), ("Monday", 50, 420), ("Totals", 50, 440),
    ("Signature", 50, 700), ("Conditions", 50, 720),
)  # fmt: skip


def page(*values: tuple[str, float, float]) -> Document:
    """A page of one layout with `values` as (text, x, y)."""
    words = tuple(Word(t, Box(x, y, x + 5 * len(t), y + 10)) for t, x, y in (*LABELS, *values))
    name = "|".join(t for t, *_ in values)
    return Document(name, name, name, "pdf", (Page(1, 595, 842, words),))


def machine(document: Document, **values: str) -> Extraction:
    fields = tuple(Field(name, v, v, 0.7) for name, v in values.items())
    return Extraction("x", document.sha256, "order", 1.0, "en", 1, "pdf", 0, fields)


def taught(document: Document, guess: Extraction, **values: str):
    said = tuple(Field(name, v, v, 1.0, method="person:ann") for name, v in values.items())
    return remember(document, replace(guess, fields=said), guess)


def learned(document: Document, **values: str):
    return taught(document, machine(document), **values)


def test_both_ends_of_a_period_in_one_word_are_learned():
    old = page(("04/26/20-05/10/20", 150, 130))
    known = learned(old, period_start="2020-04-26", period_end="2020-05-10")
    new = page(("06/23/20-06/26/20", 150, 130))
    found = recall(new, machine(new), Memory((known,)))
    assert found.best("period_start").value == "2020-06-23"
    assert found.best("period_end").value == "2020-06-26"


@pytest.mark.parametrize(
    ("printed", "value", "expected"),
    [("10/25/20", "2020-10-25", "2020-05-11"), ("25/10/20", "2020-10-25", "2020-11-05")],
)
def test_a_date_is_read_in_the_order_in_which_the_person_read_theirs(printed, value, expected):
    known = learned(page((printed, 150, 130)), issue_date=value)
    new = page(("05/11/20", 150, 130))
    assert recall(new, machine(new), Memory((known,))).best("issue_date").value == expected


def test_of_several_places_the_one_that_other_documents_confirm_is_meant():
    # In the first document the total stands twice; only the place in the row of totals is it.
    first = page(("120.00", 150, 420), ("120.00", 150, 440))
    second = page(("55.00", 150, 420), ("165.00", 150, 440))
    taught_first = taught(first, machine(first, total="9.00"), total="120.00")
    assert len(taught_first.known[0].places) == 2
    memory = Memory((taught_first, learned(second, total="165.00")))
    new = page(("30.00", 150, 420), ("90.00", 150, 440))
    assert recall(new, machine(new), memory).best("total").value == "90.00"


def test_a_machine_that_was_always_right_on_the_layout_keeps_its_word():
    documents = [page((f"{n}.00", 150, 440)) for n in (11, 12)]
    known = [taught(d, machine(d, total=v), total=v) for d, v in zip(documents, ("11.00", "12.00"),
             strict=True)]  # fmt: skip
    new = page(("70.00", 150, 440), ("71.00", 300, 440))
    found = recall(new, machine(new, total="71.00"), Memory(tuple(known)))
    assert found.best("total").value == "71.00"
    assert found.best("total").alternatives[0].value == "70.00"


def test_storing_keeps_every_place():
    first = page(("120.00", 150, 420), ("120.00", 150, 440))
    memory = Memory((learned(first, total="120.00"),), {"": 0.9})
    again = from_json(to_json(memory))
    assert again.documents[0].known == memory.documents[0].known
