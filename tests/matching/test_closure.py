"""Pairs among records that hang together: which are weighed, and what they are learned to say."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp_cdi.matching.closure import BANDS, FLOOR, heard, open_pairs, said
from idp_cdi.matching.clusters import Linkage, cluster
from idp_cdi.matching.columns import detect
from idp_cdi.matching.marks import marks
from idp_cdi.matching.model import blank
from idp_cdi.matching.records import plan, prepare
from idp_cdi.matching.training import closure_of

SIZE = 14
PAIR = st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)).filter(lambda p: p[0] < p[1])
PAIRS = st.dictionaries(PAIR, st.integers(-9, 9), max_size=30)


def columns(pairs):
    ends = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
    return ends[:, 0], ends[:, 1], np.array(list(pairs.values()), dtype=np.float64)


def hanging(pairs, most):
    """Slowly: the components of 3 to `most` records."""
    graph = nx.Graph([p for p, bits in pairs.items() if bits >= 2])
    return [c for c in nx.connected_components(graph) if len(c) <= most]


@given(PAIRS, st.integers(3, 8))
@settings(max_examples=150, deadline=None)
def test_open_pairs_are_those_of_small_components_that_nobody_gave(pairs, most):
    found = open_pairs(SIZE, *columns(pairs), 2.0, most)
    wanted = {p for c in hanging(pairs, most) for p in combinations(sorted(c), 2)} - pairs.keys()
    told = list(zip(*(c.tolist() for c in found), strict=True))
    assert told == sorted(wanted)


@given(PAIRS)
@settings(max_examples=150, deadline=None)
def test_below_the_floor_only_pairs_inside_a_component_are_heard(pairs):
    left, right, weight = columns(pairs)
    inside = {p for c in hanging(pairs, SIZE) for p in combinations(sorted(c), 2)}
    told = heard(SIZE, left, right, weight, 2.0).tolist()
    assert told == [bits >= FLOOR or p in inside for p, bits in pairs.items()]


def test_what_was_learned_softens_and_never_speaks_for_a_match():
    weight = np.array([-20.0, -9.0, -3.0, -0.5, 3.0])
    learned = (-2.0, -1.0, -5.0, -5.0, 1.5, 2.0)
    assert len(learned) == len(BANDS) + 1
    assert said(weight, learned).tolist() == [-2.0, -1.0, 0.0, 0.0, 3.0]
    assert said(weight, ()).tolist() == weight.tolist()


def groups(count, links, against):
    """Parties of four records: `links` (pairs within four) weigh 8 bits, the others `against`."""
    pairs = {}
    for start in range(0, 4 * count, 4):
        for a, b in combinations(range(4), 2):
            pairs[start + a, start + b] = 8.0 if (a, b) in links else against
    return 4 * count, *columns(pairs)


def test_misspelt_records_of_one_party_are_learned_to_say_little():
    # Five of six pairs match well: what the sixth says against it is a mistake of spelling.
    most = {(0, 1), (0, 2), (0, 3), (1, 2), (1, 3)}
    assert closure_of(*groups(60, most, -7.0))[2] > -0.5


def test_two_parties_that_one_link_joins_are_learned_to_speak_for_themselves():
    bridge = {(0, 1), (2, 3), (1, 2)}
    learned = closure_of(*groups(60, bridge, -7.0))
    assert learned[2] < -4.0
    size, left, right, weight = groups(2, bridge, -7.0)
    label = cluster(size, left, right, weight, linkage=Linkage(closure=learned))
    assert label.tolist() == [0, 0, 2, 2, 4, 4, 6, 6]


@pytest.mark.parametrize("against, parties", [(-8.0, 2), (-1.0, 1)])
def test_a_record_that_could_be_either_does_not_unite_two_that_contradict(against, parties):
    left, right = np.array([0, 1, 0]), np.array([1, 2, 2])
    weight = np.array([3.0, 2.5, against])
    assert len(set(cluster(3, left, right, weight).tolist())) == parties


def twins(numbers):
    """Four records that match in all but their tax numbers."""
    table = pa.table({"name": ["Quastenhof Ypsilanti"] * 4, "tax_number": numbers})
    fields = plan(detect(table), table)
    prepared = prepare(table, fields)
    left, right = np.triu_indices(4, 1)
    ends = left, right, np.full(6, 5.0)
    apart = marks(prepared, blank(fields, prepared), *ends, 0.0)
    return cluster(4, *ends, marks=apart).tolist()


def test_numbers_that_two_records_each_have_keep_two_parties_apart():
    assert twins(["100200301", "100200301", "777666555", "777666555"]) == [0, 0, 2, 2]


def test_one_number_that_differs_may_be_a_mistake():
    assert twins(["100200301", "100200301", "100200301", "100200310"]) == [0, 0, 0, 0]
    assert twins(["100200301", "100200301", None, "777666555"]) == [0, 0, 0, 0]
