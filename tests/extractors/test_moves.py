"""Reading all tokens side by side finds what spaCy finds one token after the other."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from idp_cdi.extractors import _moves, entities
from idp_cdi.extractors._view import View
from idp_cdi.extractors.entities import Placed, Token

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))


def both(placed: list[Placed]) -> tuple[list[_moves.Span], list[_moves.Span]]:
    nlp = entities._pipeline()
    theirs = nlp(entities.to_doc(nlp, placed)).ents
    ours = _moves.entities(nlp, entities.to_doc(nlp, placed))
    return ours, [_moves.Span(s.label_, s.start, s.end) for s in theirs]


def test_pages_have_the_entities_that_spacy_finds() -> None:
    from generator import documents

    count = 0
    for made in documents(25, 5, which="held back"):
        for _, placed in entities.pages_of(View.of(made.document)):
            ours, theirs = both(placed)
            assert ours == theirs
            count += len(ours)
    assert count > 500


def test_texts_of_any_words_and_lengths_do_too() -> None:
    choose = random.Random(3)
    words = ["Acme", "GmbH", "12", "Berlin", ",", "Total", "of", "John", "Smith", "80331", "Inc."]
    for length in [0, 1, 2, 3, *range(4, 60)]:
        texts = choose.choices(words, k=length)
        places = choose.choices(["BErm", "B.rm", "...m", ".Erm", "L.bl"], k=length)
        placed = [
            Placed(Token(t, n, 0), p) for n, (t, p) in enumerate(zip(texts, places, strict=True))
        ]
        ours, theirs = both(placed)
        assert ours == theirs
