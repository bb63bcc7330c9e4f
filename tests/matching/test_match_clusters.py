"""Clusters: against an independent oracle, in any order, with verdicts of persons."""

from __future__ import annotations

import networkx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from idp_cdi.matching.clusters import Linkage, cluster, components

EDGES = st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=60)


def _arrays(edges):
    pairs = sorted({(min(e), max(e)) for e in edges if e[0] != e[1]})
    return np.array([p[0] for p in pairs], int), np.array([p[1] for p in pairs], int)


def _sets(labels):
    found = {}
    for node, label in enumerate(labels):
        found.setdefault(int(label), set()).add(node)
    return {frozenset(s) for s in found.values()}


@given(EDGES)
def test_components_are_those_of_networkx(edges):
    left, right = _arrays(edges)
    graph = networkx.Graph()
    graph.add_nodes_from(range(30))
    graph.add_edges_from(zip(left.tolist(), right.tolist(), strict=True))
    expected = {frozenset(c) for c in networkx.connected_components(graph)}
    assert _sets(components(30, left, right)) == expected


@given(EDGES)
def test_agreeing_pairs_give_components_when_unseen_pairs_say_nothing(edges):
    left, right = _arrays(edges)
    found = cluster(30, left, right, np.full(len(left), 5.0), linkage=Linkage(unseen=0.0))
    assert _sets(found) == _sets(components(30, left, right))


@given(EDGES, st.randoms(use_true_random=False), st.data())
def test_order_of_pairs_does_not_matter(edges, random, data):
    left, right = _arrays(edges)
    weight = np.array(
        data.draw(st.lists(st.integers(-9, 9), min_size=len(left), max_size=len(left))), float
    )
    order = list(range(len(left)))
    random.shuffle(order)
    shuffled = cluster(30, left[order], right[order], weight[order])
    assert np.array_equal(cluster(30, left, right, weight), shuffled)


@given(EDGES)
def test_unrelated_records_change_nothing(edges):
    left, right = _arrays(edges)
    weight = np.where((left + right) % 3 == 0, -4.0, 6.0)
    alone = cluster(30, left, right, weight)
    more_left, more_right = np.append(left, [30, 31]), np.append(right, [31, 32])
    together = cluster(33, more_left, more_right, np.append(weight, [9.0, 9.0]))
    assert np.array_equal(alone, together[:30])


def test_a_weak_bridge_does_not_join_two_groups():
    left = np.array([0, 0, 1, 3, 3, 4, 2])
    right = np.array([1, 2, 2, 4, 5, 5, 3])
    weight = np.array([9.0, 9, 9, 9, 9, 9, 1])
    assert _sets(cluster(6, left, right, weight)) == {frozenset({0, 1, 2}), frozenset({3, 4, 5})}


def test_weak_agreements_with_a_whole_group_join_it():
    left, right = np.array([0, 0, 1, 0, 1, 2]), np.array([1, 2, 2, 3, 3, 3])
    weight = np.array([9.0, 9, 9, 1, -1, 2])
    assert _sets(cluster(4, left, right, weight)) == {frozenset({0, 1, 2, 3})}


def test_a_persons_verdict_outweighs_the_machine():
    left, right = np.array([0, 1]), np.array([1, 2])
    weight = np.array([12.0, -30.0])
    found = cluster(3, left, right, weight, same=[(2, 1)], different=[(0, 1)])
    assert _sets(found) == {frozenset({0}), frozenset({1, 2})}


def test_two_records_called_different_are_parted_though_all_else_joins_them():
    left, right = np.array([0, 0, 1]), np.array([1, 2, 2])
    found = cluster(3, left, right, np.array([12.0, 12, 12]), different=[(0, 2)])
    assert found[0] != found[2]
