"""The NER way: tokens keep their places, entities point at the words that they are."""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

import pytest

from idp_cdi.documents import Box, Document, Page, Word
from idp_cdi.extractors import entities as way
from idp_cdi.extractors._view import View
from idp_cdi.models_path import models_path

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))


def page(*rows: str, number: int = 1, size: float = 10.0) -> Page:
    words = []
    for at, row in enumerate(rows):
        x, y = 50.0, 60.0 + at * 1.25 * size
        for text in row.split(" "):
            if text:
                wide = 0.5 * size * len(text)
                words.append(Word(text, Box(x, y, x + wide, y + size), 1.0, size))
                x += wide
            x += 0.3 * size
    return Page(number, 595, 842, tuple(words))


def document(*pages: Page) -> Document:
    return Document("a.pdf", "0" * 64, "application/pdf", "pdf", pages)


LETTER = page(
    "Kestrel Systems GmbH", "Bahnhofstraße 12", "80331 München", "", "Rechnungsdatum: 05.03.2024"
)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["05.03.2018"], ["05.03.2018"]),
        (["1.234,50"], ["1.234,50"]),
        (["GmbH."], ["GmbH."]),
        (["Agreement."], ["Agreement", "."]),
        (["(“Vocus”)"], ["(", "“", "Vocus", "”", ")"]),
        (["info@x-y.de"], ["info@x-y.de"]),
        (["Müller-Lüdenscheidt,"], ["Müller-Lüdenscheidt", ","]),
        (["____"], ["____"]),
        ([""], []),
    ],
)  # fmt: skip
def test_words_fall_into_tokens(words: list[str], wanted: list[str]) -> None:
    assert [t.text for t in way.tokens_of(words)] == wanted


def test_tokens_say_where_in_their_word_they_are() -> None:
    for token in way.tokens_of(["Nr.:4711,", "(Acme)"]):
        assert ["Nr.:4711,", "(Acme)"][token.word][token.start : token.end] == token.text


def test_tokens_come_block_by_block_with_their_places() -> None:
    left, right = ["Anna", "Berlin"], ["Total", "12"]
    words = [Word(t, Box(50, 60 + 12 * n, 90, 70 + 12 * n), 1.0, 10) for n, t in enumerate(left)]
    words += [
        Word(t, Box(300, 60 + 12 * n, 330, 70 + 12 * n), 1.0, 10) for n, t in enumerate(right)
    ]
    view = View.of(document(Page(1, 595, 842, tuple(words))))
    ((number, placed),) = way.pages_of(view)
    assert number == 1
    assert [p.token.text for p in placed] == ["Anna", "Berlin", "Total", "12"]
    assert [p.place[:2] for p in placed] == ["BE", "LE", "BE", "LE"]


def test_a_letterhead_is_understood() -> None:
    found = {(e.label, e.text) for e in way.entities(document(LETTER))}
    assert ("ORG", "Kestrel Systems GmbH") in found
    assert ("STREET", "Bahnhofstraße 12") in found
    assert ("POSTCODE", "80331") in found
    assert ("CITY", "München") in found
    assert ("DATE", "05.03.2024") in found


def test_entities_point_at_their_words() -> None:
    made = document(LETTER, page("Anna Brandt", "Ring 4", number=2))
    for found in way.entities(made):
        words = [made.pages[found.page - 1].words[w].text for w in found.words]
        words[-1] = words[-1][: found.end]
        words[0] = words[0][found.start :]
        assert re.sub(r"\s", "", "".join(words)) == re.sub(r"\s", "", found.text)


def test_candidates_have_boxes_and_the_label_as_hint() -> None:
    made = document(LETTER)
    found = way.candidates(made, View.of(made))
    (name,) = [c for c in found if c.kind == "name"]
    assert name.value == "Kestrel Systems GmbH" and name.way == "entities"
    assert name.hints["entity_ORG"] == 1.0
    assert name.box == Box(50, 60, made.pages[0].words[2].box.x1, 70)
    assert {c.kind for c in found} <= set(way.KINDS)


def test_pages_without_words_have_no_entities() -> None:
    assert way.entities(document(Page(1, 595, 842))) == []
    assert way.entities(document()) == []


def test_the_process_does_not_keep_the_names_it_read() -> None:
    way.entities(document(page("Xyzzyqua Plughmore Limited")))
    strings = way._pipeline().vocab.strings
    assert "Xyzzyqua" not in strings and "Plughmore" not in strings


def test_the_model_is_small_has_a_card_and_no_names_in_it() -> None:
    folder = models_path() / "entities"
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != "MODEL_CARD.md"]
    assert sum(p.stat().st_size for p in files) < 8_000_000
    assert not any(p.name == "strings.json" for p in files)
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    assert digest.hexdigest() in (folder / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_entities_of_unseen_layouts_are_mostly_right() -> None:
    from generator import documents

    right = wanted = 0
    for made in documents(40, 77, which="held back", scan=0.0):
        found = {(e.label, e.page, e.words) for e in way.entities(made.document)}
        gold = {
            (s.kind, s.page, s.words)
            for s in made.spans
            if s.kind in ("ORG", "STREET", "CITY", "DATE")
        }
        right += len(found & gold)
        wanted += len(gold)
    assert right / wanted > 0.8
