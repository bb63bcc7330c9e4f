"""The table of wordings that ships is what the languages' files say."""

from __future__ import annotations

from idp_cdi.extractors import _wordings
from idp_cdi.extractors._lexicon import hits
from idp_cdi.extractors._wordings import as_json, languages, lexicon, made_of


def test_the_table_that_ships_is_made_of_the_files_as_they_are():
    path = _wordings.files("idp_cdi") / "data" / _wordings.MADE
    assert path.read_text(encoding="utf-8") == as_json(languages()), "run scripts/make_wordings.py"


def test_the_table_gives_what_the_files_give():
    made = made_of(languages())
    assert lexicon() == made
    assert list(lexicon().concepts) == list(made.concepts)  # fuzzy hits take the first of equals


def test_a_changed_file_is_read_itself(monkeypatch):
    changed = {c: t.replace(b"invoice date", b"quux date") for c, t in languages().items()}
    assert changed != languages()
    monkeypatch.setattr(_wordings, "languages", lambda: changed)
    lexicon.cache_clear()
    try:
        assert "quuxdate" in lexicon().concepts
    finally:
        lexicon.cache_clear()


def test_a_label_in_two_languages_says_what_both_mean():
    assert {h.concept for h in hits(["Klant/Client:", "40217"])} & {"customer_number", "buyer"}
    assert hits(["und/oder"]) == []
