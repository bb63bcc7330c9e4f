"""Records that say the same: few are compared, the others follow the first."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from idp_cdi.engines.local import Options, run
from idp_cdi.matching import copies, records
from idp_cdi.matching.columns import Column, Kind
from idp_cdi.matching.labels import Labels

PLAN = records.plan(
    [Column("name", Kind.NAME), Column("city", Kind.CITY), Column("number", Kind.ACCOUNT)]
)
SAID = [
    {"name": "Nordlicht Papier GmbH", "city": "Kiel"},
    {"name": "Nordlicht Papier GmbH", "city": "Ulm"},
    {"name": "NORDLICHT PAPIER GMBH", "city": "Kiel", "number": "4711"},
    {"name": "Nordlicht Papier GmbH", "city": "Kiel", "name__confidence": 0.6},
    {},
]


def table(size, others=400):
    """So many rows of one firm among others of which each is one row."""
    rng = np.random.default_rng(3)
    letters = np.array(list("bcdfghklmnprstvwaeiou"))
    words = ["".join(rng.choice(letters, 9)).title() for _ in range(2 * others)]
    rows = [("Nordlicht Papierhandel GmbH", "Hafenstrasse 12", "24103", "Kiel")] * size
    rows += [
        (f"{a} {b} AG", f"{b}weg {n}", f"{n + 10000}", "Ulm")
        for n, (a, b) in enumerate(pairwise(words))
    ]
    names = ("name", "street", "postal_code", "city")
    return pa.table({n: [row[i] for row in rows] for i, n in enumerate(names)})


def test_many_equal_rows_are_one_cluster_for_few_pairs():
    """Keys that more than 400 records share find nobody; equal rows were apart because of that."""
    found = run(table(1200))
    assert set(found.clusters[:1200].tolist()) == {0}
    assert len(set(found.clusters[1200:].tolist())) == len(found.clusters) - 1200
    mine = found.pairs.left < 1200
    assert mine.sum() < 1300
    assert found.pairs.copy.sum() == 1200 - copies.KEPT


def test_a_copy_weighs_what_the_first_two_weigh():
    pairs = run(table(20)).pairs
    first = np.flatnonzero((pairs.left == 0) & (pairs.right == 1))
    assert set(pairs.weight[pairs.copy].round(6)) == set(pairs.weight[first].round(6))


def test_a_row_with_an_answer_follows_nobody():
    answers = Labels(np.array([0, 5]), np.array([7, 9]), np.array([True, False]))
    copy = run(table(20), Options(labels=answers)).pairs
    assert not {0, 5, 7, 9} & set(copy.right[copy.copy].tolist())
    assert set(copy.left[copy.copy].tolist()) == {1}


@given(st.lists(st.integers(0, len(SAID) - 1), max_size=40), st.sets(st.integers(0, 39)))
def test_a_question_tells_the_copies_of_a_run(picks, alone):
    """Whoever is asked about among all others is told the same as a run over all tells."""
    rows = [SAID[i] for i in picks]
    prepared = records.prepare_rows(rows, PLAN)
    apart = np.isin(np.arange(len(rows)), list(alone))
    found = copies.copies(prepared, apart)
    wanted = dict(zip(found.rows.tolist(), found.first.tolist(), strict=True))
    forms = copies.forms(prepared)
    one, other = (ends.ravel() for ends in np.indices((len(rows), len(rows))))
    one, other = one[one != other], other[one != other]
    ids = np.arange(len(rows))
    told = copies.asked(one, other, forms[other], ids, forms, np.flatnonzero(apart))
    assert {i: int(told.first[i]) for i in ids[told.follows].tolist()} == wanted
    assert set(other[told.copy].tolist()) == (set(wanted) if len(rows) > 1 else set())


@given(st.lists(st.integers(0, len(SAID) - 1), min_size=1, max_size=9))
def test_the_form_is_that_of_the_row_alone(picks):
    together = copies.forms(records.prepare_rows([SAID[i] for i in picks], PLAN))
    alone = [int(copies.forms(records.prepare_rows([SAID[i]], PLAN))[0]) for i in picks]
    assert together.tolist() == alone


def test_what_says_something_else_or_less_surely_has_another_form():
    forms = copies.forms(records.prepare_rows(SAID, PLAN))
    kinds = (forms >> np.uint64(1)).tolist()
    assert kinds[0] == kinds[2] not in (kinds[1], kinds[3])
    assert forms[0] != forms[2]  # a number of its own is told by the last bit
    assert forms[4] == 0
