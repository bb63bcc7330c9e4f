"""What is told of whole columns is what is told of each text."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp_cdi.standardisers import name, standardise
from idp_cdi.standardisers._clean import has_legal_form, is_clean

WORDS = st.sampled_from(
    "Acme GmbH Co. KG S.r.l. & + and The Ltd a b n/a NULL nan unknown cedex Paris 08 75008 "
    "O'Neil Société Müller Ærø ﬁn ŉ e\u0301 \u00a0 \u200b (x) - / , , ; | . : * \" ' s r l "
    "SARL Stichting Group plc tbd k.a ann@b.de @ .a@b.de a@B.de a@b..de a@-b.de x@y.z".split(" ")
)
TEXTS = st.one_of(
    st.lists(WORDS, max_size=6).map(" ".join),
    st.lists(WORDS, max_size=4).map("".join),
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.text("aZ9é .,'&()/+-@_%", max_size=12),
)


@pytest.mark.parametrize("kind", ["name", "street", "city", "email"])
@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_what_is_called_clean_is_what_the_standardiser_makes_of_it(kind, texts):
    for text, clean in zip(texts, is_clean(kind, pa.array(texts)).tolist(), strict=True):
        if clean:
            assert standardise(kind, text) == (text, True, "")
            assert standardise(kind, text, country="FR") == (text, True, "")
            assert not set(text) & set('"\\')
            assert text.isprintable()
            assert text == text.strip()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("name", "Kenneth Clifingham"),
        ("name", "Müller & Söhne GmbH"),
        ("street", "28 Cliftonfield Avenue"),
        ("street", "Schöndorfstraße 8"),
        ("city", "Bad Schönau"),
        ("email", "frank.hofmann@syfhandels.de"),
    ],
)
def test_what_is_usual_is_told_at_once(kind, text):
    assert is_clean(kind, pa.array([text])).tolist() == [True]


CODES = st.one_of(TEXTS, st.from_regex(r"[D-]{0,2}[0-9]{3,7}", fullmatch=True))


@given(st.lists(st.tuples(CODES, st.integers(0, 4)), min_size=1, max_size=8))
def test_a_postal_code_is_called_clean_by_its_country(drawn):
    names = ("", "DE", "GB", "CH", "IS")
    where = np.array([place for _, place in drawn])
    clean = is_clean("postal_code", pa.array([text for text, _ in drawn]), where, names)
    for (text, place), good in zip(drawn, clean.tolist(), strict=True):
        if good:
            found = standardise("postal_code", text, country=names[place] or None)
            assert found == (text, True, "")
    usual = is_clean("postal_code", pa.array(["50667", "8001"]), np.array([1, 3]), names)
    assert usual.tolist() == [True, True]


@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_a_legal_form_is_told_as_the_names_own_way_does(texts):
    form, sure = has_legal_form(pa.array(texts))
    for text, found, known in zip(texts, form.tolist(), sure.tolist(), strict=True):
        if known:
            assert found == bool(name.split(text).form)
    assert not (form & ~sure).any()
    usual = has_legal_form(pa.array(["Müller & Söhne GmbH", "Kenneth Clifingham", "Die AG"]))
    assert [told.tolist() for told in usual] == [[True, False, False], [True, True, False]]
