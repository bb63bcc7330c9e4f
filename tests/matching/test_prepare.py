"""One record is prepared as it would be in a batch: lists and Arrow columns give the same."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from idp_cdi.matching import records, strings
from idp_cdi.matching.blocking import ROW_BITS, ROW_MASK, make_keys
from idp_cdi.matching.columns import Column, Kind
from idp_cdi.matching.copies import forms
from idp_cdi.matching.keyring import entries
from idp_cdi.matching.model import blank
from idp_cdi.matching.scoring import compare_all
from idp_cdi.matching.text import hash_list, hash_one
from idp_cdi.matching.tokens import Place, Tokens

KINDS = {
    "kind": Kind.ENTITY_TYPE, "name": Kind.NAME, "given": Kind.GIVEN, "family": Kind.FAMILY,
    "street": Kind.STREET, "city": Kind.CITY, "zip": Kind.POSTCODE, "country": Kind.COUNTRY,
    "born": Kind.DATE, "phone": Kind.PHONE, "email": Kind.EMAIL, "web": Kind.WEBSITE,
    "vat": Kind.IDENTIFIER, "gender": Kind.CATEGORY, "note": Kind.WORDS, "tags": Kind.LIST,
}  # fmt: skip
PLAN = records.plan([Column(n, k) for n, k in KINDS.items()])
LATIN = st.text(st.characters(max_codepoint=0x17F, exclude_categories=["Cc", "Cs"]), max_size=24)
WORDS = st.sampled_from(
    "Müller GmbH & Co. KG|Dr. Anna van den Berg jr.|Acme Holding Ltd|Bahnhofstr. 12a|5 High St"
    "|(0)30 / 123 45-67|Info@Example.DE|https://www.x.de/a?b|1970-03-04|3/4/1970|DE 136 695 976"
    "|a | b; c|O’Hara|STRAßE|person|organisation|王伟|Łódź|10115| |  x  ".split("|")
)
ROW = st.fixed_dictionaries({n: st.none() | WORDS | LATIN for n in KINDS})


def plain(values):
    """What is known of each record's value, free of codes."""
    if values is None:
        return None
    known = {"": values.strings, "hash": values.hashes, **values.extra}
    at = values.codes
    return [
        None if c < 0 else {k: (int(v[c]) if k else str(v[c])) for k, v in known.items()}
        for c in at
    ]


def told(field):
    """A prepared field, free of codes."""
    if isinstance(field, Place):
        return [plain(v) for v in (field.postcode, field.city, field.region, field.country)]
    if not isinstance(field, Tokens):
        return plain(field)
    vocab = field.vocabulary
    columns = (vocab.hashes, vocab.skeletons, vocab.letters, vocab.lengths, vocab.numeric)
    rows = []
    for row, line in enumerate(field.codes):
        cells = [
            (
                str(vocab.strings[c]), *(int(x[c]) for x in columns), vocab.prefixes[c].tolist(),
                vocab.nicks[c].tolist(), field.light is not None and bool(field.light[row, i]),
            )
            for i, c in enumerate(line)
            if c >= 0
        ]  # fmt: skip
        rows.append(cells)
    return rows, plain(field.whole)


@given(st.lists(ROW, min_size=1, max_size=3))
@example([dict.fromkeys(KINDS) | {"vat": "ŉ1ǰ"}])
@example([dict.fromkeys(KINDS) | {"web": "a\xa0b.de", "email": "a\xa0b@c.de"}])
@settings(max_examples=150, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_a_few_rows_are_prepared_as_in_a_batch(rows):
    table = pa.table({n: pa.array([r[n] for r in rows], pa.string()) for n in KINDS})
    # Long enough for the ways of the batch.
    padded = pa.concat_tables([table, pa.table({n: pa.nulls(100, pa.string()) for n in KINDS})])
    many, few = records.prepare(padded, PLAN), records.prepare_rows(rows, PLAN)
    assert few.group.tolist() == many.group[: len(rows)].tolist()
    assert few.fields.keys() == many.fields.keys()
    for name, field in few.fields.items():
        wanted = told(many.fields[name])
        cut = (
            [part and part[: len(rows)] for part in wanted]
            if isinstance(field, Place)
            else (wanted[0][: len(rows)], wanted[1][: len(rows)])
            if isinstance(field, Tokens)
            else wanted[: len(rows)]
        )
        assert told(field) == cut, name


def test_confidences_come_with_their_rows_in_steps():
    rows = [{"name": "Acme", "name__confidence": 0.51}, {"name": "Acme", "zip__confidence": "0.2"}]
    found = records.prepare_rows(rows, PLAN).confidence
    assert found["name"].tolist() == [0.5, 1.0] == found["legal form"].tolist()
    assert found["place"].tolist() == pytest.approx([1.0, 0.2])


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5))
def test_one_hash_is_that_of_many(values):
    many = hash_list(values + ["x"] * 100)
    assert [hash_one(v) for v in values] == many[: len(values)].tolist()


@pytest.mark.parametrize("letters, same", [("Müller", True), ("İzmir", False), ("Ван", False)])
def test_letters_that_python_and_arrow_see_differently_go_to_arrow(letters, same):
    assert strings.is_plain([None, letters]) is same


def test_the_types_of_both_ways_are_the_same():
    few = records.prepare_rows([{n: "a b" for n in KINDS}], PLAN)
    many = records.prepare(pa.table({n: ["a b"] * 100 for n in KINDS}), PLAN)
    for name, field in few.fields.items():
        if isinstance(field, Tokens):
            for column in ("hashes", "skeletons", "letters", "lengths", "prefixes", "nicks"):
                mine = getattr(field.vocabulary, column)
                assert mine.dtype == getattr(many.fields[name].vocabulary, column).dtype, column
            assert np.array_equal(field.vocabulary.hashes, many.fields[name].vocabulary.hashes)


@given(st.lists(ROW, min_size=2, max_size=3))
@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_whatever_is_missing_can_be_compared(rows):
    few = records.prepare_rows(rows, PLAN)
    many = records.prepare(
        pa.table({n: pa.array([*(r[n] for r in rows), *[None] * 99], pa.string()) for n in KINDS}),
        PLAN,
    )
    model = blank(PLAN, many)
    left, right = np.zeros(len(rows) - 1, np.int64), np.arange(1, len(rows))
    one, other = (compare_all(model, r, model.worth(r), left, right) for r in (few, many))
    assert np.array_equal(one.levels, other.levels)
    assert np.allclose(one.bits, other.bits)


@given(st.lists(ROW, min_size=2, max_size=4))
@settings(max_examples=100, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_one_record_has_the_keys_and_the_form_that_it_has_in_a_batch(rows):
    known = {"vat": "12", "phone__confidence": 0.7}
    many = records.prepare_rows([*rows, known], PLAN)
    model = blank(PLAN, many)
    # Some keys are heavy, and some of those that refine them.
    every = {key.name: np.concatenate(key.values) >> ROW_BITS for key in _keys(many, model)}
    model.heavy = {name: np.unique(values[values != 0][::2]) for name, values in every.items()}
    together = entries(many, model)
    for row, one in enumerate([*rows, known]):
        alone = records.prepare_rows([one], PLAN)
        own = together[(together & ROW_MASK) == row] & ~ROW_MASK
        assert entries(alone, model).tolist() == own.tolist()
        assert forms(alone).tolist() == forms(many)[row : row + 1].tolist()


def _keys(prepared, model):
    return make_keys(prepared, PLAN, model.worth_of_words(prepared))
