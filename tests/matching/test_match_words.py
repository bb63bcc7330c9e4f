"""Words, names, addresses and values: tables of cases."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp_cdi.engines.local import run
from idp_cdi.matching import addresses, names, values
from idp_cdi.matching.columns import Kind, detect
from idp_cdi.matching.strings import is_plain
from idp_cdi.matching.text import fold, hash_list, hash_strings, sound


def _name(text, group=names.ORGANISATION):
    parts = names.build(pa.array([text]), np.array([group], np.int8))
    words = [parts.tokens.vocabulary.strings[c] for c in parts.tokens.codes[0] if c >= 0]
    legal = parts.legal.strings[parts.legal.codes[0]] if parts.legal.codes[0] >= 0 else ""
    return " ".join(words), legal


@pytest.mark.parametrize(
    ("text", "words", "legal"),
    [
        ("Holm Logistik GmbH", "holm logistik", "2HBR"),
        ("Holm Logistik G.m.b.H.", "holm logistik", "2HBR"),
        ("Holm Gesellschaft mit beschränkter Haftung", "holm", "2HBR"),
        ("Holm Bau GmbH & Co. KG", "holm bau", "gmbh-co-kg"),
        ("Farn & Söhne GmbH&Co.KG", "farn sohne", "gmbh-co-kg"),
        ("AKME B. V., AMSTERDAM, NL", "akme", "bv"),
        ("Zakład Farn Sp. z o.o.", "zaklad farn", "zoo"),
        ("Elmwick Trading Ltd.", "elmwick trading", "H0PO"),
        ("Ahrenbach", "ahrenbach", ""),
        ("Co", "co", ""),
    ],
)
def test_legal_forms_are_taken_apart_from_the_name(text, words, legal):
    assert _name(text) == (words, legal)


def test_titles_of_persons_are_left_out_but_never_the_whole_name():
    assert _name("Dr. Edda Holm", names.PERSON)[0] == "edda holm"
    assert _name("Prof", names.PERSON)[0] == "prof"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bahnhofstraße 5", "Bahnhofstr. 5"),
        ("12 Elm Avenue", "12 ELM AVE."),
        ("2nd Street 7", "Second St 7"),
    ],
)
def test_streets_in_two_spellings_are_one(one, other):
    built = addresses.build(pa.array([one, other]), [])
    assert set(built.codes[0]) == set(built.codes[1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1999-12-10", "19991210"), ("19770325", "19770325"), ("20/8/1991", "19910820"),
        ("10/28/76", "19761028"), ("24-May-11", "20110524"), ("Mar 1 1970", "19700301"),
        ("17 Mai 1990", "19900517"), ("soon", None),
    ],
)  # fmt: skip
def test_dates_are_read_in_many_notations(text, expected):
    found = values.date(pa.array([text]), day_first=False)
    assert (found.strings[found.codes[0]] if found.codes[0] >= 0 else None) == expected


def test_the_column_tells_whether_the_day_comes_first():
    assert values.day_comes_first(pa.array(["25/12/2020", "3/4/2020"]))
    assert not values.day_comes_first(pa.array(["12/25/2020", "3/4/2020"]))


@given(st.text(max_size=20))
def test_folding_twice_is_folding_once(text):
    once = fold(text)
    assert once == "" or once.isascii()


@given(st.lists(st.text(max_size=12), max_size=8))
def test_a_hash_depends_on_the_string_alone(strings):
    strings = [s.encode("utf-8", "ignore").decode() for s in strings]
    together = hash_list(strings)
    alone = [int(hash_strings(pa.array([s]))[0]) for s in strings]
    assert together.tolist() == alone


@pytest.mark.parametrize(
    ("header", "sample", "kind"),
    [
        ("Geburtsdatum", ["1.2.1990", "3.4.1991"], Kind.DATE),
        ("BillingPostalCode", ["10115", "80331"], Kind.POSTCODE),
        ("USt-IdNr", ["DE1", "DE2"], Kind.IDENTIFIER),
        ("Mobile Phone", ["0170 1", "0171 2"], Kind.PHONE),
        ("suburb", ["Ostau", "Neueck"], Kind.CITY),
        ("company", ["Holm AG", "Farn KG"], Kind.NAME),
        ("last_modified", ["2020-01-01", "2021-01-01"], Kind.IGNORED),
    ],
)  # fmt: skip
def test_column_names_tell_what_a_column_is(header, sample, kind):
    assert detect(pa.table({header: sample}))[0].kind is kind


def test_contents_tell_where_the_name_does_not():
    table = pa.table({"a": ["x@post.example", "y@post.example"], "b": ["1990-01-01", "1991-02-02"]})
    assert [c.kind for c in detect(table)] == [Kind.EMAIL, Kind.DATE]


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        ("王伟", {"wang", "wei"}),
        ("张秀英", {"zhang", "xiu", "ying"}),
        ("김민수", {"gim", "min", "su"}),
        ("अमित कुमार", {"amit", "kumar"}),
        ("გიორგი", {"giorgi"}),
        ("ВАСИЛЬЕВ, Александр", {"vasilev", "aleksandr"}),
        ("Ελένη", {"eleni"}),
        # Letters without vowels are no words of another spelling.
        ("فيصل صديقي", set()),
    ],
)
def test_names_in_other_scripts_are_words_of_their_usual_spelling(seen, words):
    assert set(_name(seen, names.PERSON)[0].split()) == words
    if is_plain([seen]):
        few = names.build([seen], np.array([names.PERSON], np.int8)).tokens
        assert {few.vocabulary.strings[c] for c in few.codes[0] if c >= 0} == words


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("mooney", "moonie", True),
        ("alexander", "aleksander", True),
        ("schmidt", "schmitt", True),
        ("philipp", "filip", True),
        ("mayer", "mauer", False),
        ("anna", "anni", False),
    ],
)
def test_words_that_sound_the_same_have_one_sound(one, other, alike):
    assert (sound(one) == sound(other)) is alike


def test_a_word_replaced_on_both_sides_is_not_one_name_within_the_other():
    rows = ["Quastenhof Dorint Cafe Ypsilanti", "Quastenhof Dorint Restaurant Ypsilanti"]
    rows += ["Quastenhof Dorint Ypsilanti"]
    table = pa.table({"name": rows + [f"Firma Nummer{n} Cafe" for n in range(40)]})
    found = run(table)
    level = {
        (a, b): p
        for a, b, p in zip(
            found.pairs.left.tolist(), found.pairs.right.tolist(), found.pairs.pattern, strict=True
        )
    }
    first = {pair: int(str(p)[0]) for pair, p in level.items() if max(pair) < 3}
    assert first[0, 1] < first[1, 2]
