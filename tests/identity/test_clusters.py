"""Clusters against networkx, and the rules that part them."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp_cdi.identity import Cut, Link, Rules, Ruling, partition, standing

NODES = range(1, 13)
PAIRS = st.sampled_from([(a, b) for a in NODES for b in NODES if a < b])
LINKS = st.lists(st.builds(lambda p, w: Link(*p, w), PAIRS, st.integers(-9, 20)), max_size=30)
FREE = Rules(link=5.0)


def graph_of(links, different=()):
    graph = nx.Graph()
    graph.add_nodes_from(NODES)
    graph.add_edges_from((a, b) for a, b, w, *_ in links if w >= 5 and (a, b) not in different)
    return graph


def says(weight, link):
    """What a pair counts: above the threshold by how far, between it and even odds nothing."""
    if weight >= link:
        return Fraction(min(weight - link, 12)) or Fraction(1, 1000)
    return Fraction(max(min(weight, 0), -4))


def oracle(links, different=(), link=5.0):
    """Average linkage the slow way: whole sums anew in every round, sets in place of arrays."""
    weight = {}
    for a, b, w, *_ in links:
        weight[a, b] = max(w, weight.get((a, b), w))
    parts = [frozenset([n]) for n in NODES]
    while True:
        mean = {}
        for one, other in combinations(sorted(parts, key=min), 2):
            pairs = [(min(p), max(p)) for p in product(one, other)]
            if not any(p in different for p in pairs):
                said = [says(weight[p], link) if p in weight else Fraction(-1, 2) for p in pairs]
                if (m := sum(said) / len(said)) > 0:
                    mean[one, other] = m
        order = sorted(mean, key=lambda p: (-mean[p], min(p[0]), min(p[1])))
        first = {}
        for edge in order:
            for end in edge:
                first.setdefault(end, edge)
        joins = [e for e in order if first[e[0]] == e == first[e[1]]]
        if not joins:
            return sorted(tuple(sorted(p)) for p in parts)
        gone = {end for e in joins for end in e}
        parts = [p for p in parts if p not in gone] + [a | b for a, b in joins]


@given(LINKS, st.lists(PAIRS, max_size=4))
@settings(max_examples=300, deadline=None)
def test_clusters_are_those_of_average_linkage(links, different):
    decided = standing(Ruling(*p, "different", i) for i, p in enumerate(different))
    found = partition(NODES, links, decided, rules=FREE)
    assert list(found.groups) == oracle(links, decided.different)


@given(LINKS)
@settings(max_examples=200, deadline=None)
def test_clusters_never_reach_beyond_a_connected_component(links):
    found = partition(NODES, links, rules=FREE)
    graph = graph_of(links)
    assert all(nx.is_connected(graph.subgraph(group)) for group in found.groups)
    pairs = {frozenset(c) for c in nx.connected_components(graph) if len(c) == 2}
    assert pairs <= {frozenset(g) for g in found.groups}


@given(LINKS, st.lists(PAIRS, max_size=6), st.lists(PAIRS, max_size=4))
@settings(max_examples=300, deadline=None)
def test_what_a_person_decided_holds(links, different, same):
    rulings = [Ruling(*p, "same", i) for i, p in enumerate(same)]
    rulings += [Ruling(*p, "different", 100 + i) for i, p in enumerate(different)]
    decided = standing(rulings)
    found = partition(NODES, links, decided, rules=FREE)
    label = found.labels
    assert all(label[a] != label[b] for a, b in decided.different)
    refused = {(c.left, c.right) for c in found.cuts if c.why == "contradiction"}
    apart = {p for p in decided.same if label[p[0]] != label[p[1]]}
    if not different:
        assert not apart
    assert not apart or refused
    graph = graph_of(links, decided.different)
    graph.add_edges_from(decided.same)
    for group in found.groups:
        assert nx.is_connected(graph.subgraph(group))


@given(LINKS, st.lists(PAIRS, max_size=5))
@settings(max_examples=200, deadline=None)
def test_every_link_left_out_is_told_with_its_reason(links, different):
    decided = standing(Ruling(*p, "different", i) for i, p in enumerate(different))
    found = partition(NODES, links, decided, rules=FREE)
    label = found.labels
    told = {frozenset((label[c.left], label[c.right])): c.why for c in found.cuts}
    for a, b, w, *_ in links:
        ends = frozenset((label[a], label[b]))
        if w >= 5 and len(ends) == 2:
            apart = any(frozenset((label[x], label[y])) == ends for x, y in decided.different)
            assert told[ends] == ("person" if apart else "others")


@given(LINKS, st.lists(PAIRS, max_size=4), st.permutations(list(NODES)))
@settings(max_examples=300, deadline=None)
def test_order_and_numbering_do_not_matter(links, different, shuffled):
    rules = FREE
    new = dict(zip(NODES, shuffled, strict=True))
    rank = {n: f"key{n:02d}" for n in NODES}
    first = partition(
        NODES,
        links,
        standing(Ruling(*p, "different", i) for i, p in enumerate(different)),
        rules=rules,
        rank=rank,
    )
    renamed = [Link(new[b], new[a], w) for a, b, w, *_ in reversed(links)]
    apart = [Ruling(new[a], new[b], "different", i) for i, (a, b) in enumerate(different)]
    second = partition(
        shuffled,
        renamed,
        standing(apart),
        rules=rules,
        rank={new[n]: r for n, r in rank.items()},
    )
    expected = sorted(tuple(sorted(new[n] for n in g)) for g in first.groups)
    assert list(second.groups) == expected


@given(LINKS, LINKS)
@settings(max_examples=150, deadline=None)
def test_unrelated_records_change_nothing(links, others):
    shift = [Link(a + 100, b + 100, w) for a, b, w, *_ in others]
    alone = partition(NODES, links, rules=FREE)
    beside = partition([*NODES, *(n + 100 for n in NODES)], [*links, *shift], rules=FREE)
    assert alone.groups == tuple(g for g in beside.groups if g[0] < 100)
    assert alone.cuts == tuple(c for c in beside.cuts if c.left < 100)


def test_the_weakest_link_of_the_path_is_cut():
    links = [Link(1, 2, 20), Link(2, 3, 8), Link(3, 4, 20)]
    apart = standing([Ruling(1, 4, "different", 1)])
    found = partition([1, 2, 3, 4], links, apart, rules=FREE)
    assert found.groups == ((1, 2), (3, 4))
    assert found.cuts == (Cut(2, 3, 8, "person"),)


def test_two_valid_vat_numbers_of_one_country_stay_apart_though_a_third_record_links_both():
    marks = {1: (("vat_id:DE", "DE1"),), 3: (("vat_id:DE", "DE3"),)}
    links = [Link(1, 2, 12), Link(2, 3, 9)]
    found = partition([1, 2, 3], links, rules=FREE, marks=marks)
    assert found.groups == ((1, 2), (3,))
    assert found.cuts == (Cut(2, 3, 9, "marks"),)


def test_numbers_of_two_countries_may_belong_to_one_customer():
    marks = {1: (("vat_id:DE", "DE1"),), 2: (("vat_id:AT", "ATU3"),)}
    assert partition([1, 2], [Link(1, 2, 12)], rules=FREE, marks=marks).groups == ((1, 2),)


def test_a_person_joins_what_marks_keep_apart():
    marks = {1: (("vat_id:DE", "DE1"),), 2: (("vat_id:DE", "DE3"),)}
    decided = standing([Ruling(1, 2, "same", 1)])
    assert partition([1, 2], [], decided, rules=FREE, marks=marks).groups == ((1, 2),)


def test_of_contradicting_decisions_the_later_one_holds():
    decided = standing(
        [Ruling(1, 2, "same", 1), Ruling(2, 3, "same", 2), Ruling(1, 3, "different", 3)]
    )
    found = partition([1, 2, 3], [], decided, rules=FREE)
    assert found.groups == ((1,), (2, 3))
    assert found.cuts == (Cut(1, 2, 0.0, "contradiction"),)


@pytest.mark.parametrize("weight, parted", [(6.0, True), (9.0, True), (30.0, False)])
def test_one_weak_link_does_not_hold_two_groups_together(weight, parted):
    groups = [Link(a, b, 20.0) for a, b in ((1, 2), (2, 3), (1, 3), (4, 5), (5, 6), (4, 6))]
    found = partition(range(1, 7), [*groups, Link(3, 4, weight)], rules=FREE)
    assert len(found.groups) == (2 if parted else 1)
    assert [c.why for c in found.cuts] == (["others"] if parted else [])


def test_a_person_joins_two_groups_for_good():
    groups = [Link(a, b, 20.0) for a, b in ((1, 2), (2, 3), (1, 3), (4, 5), (5, 6), (4, 6))]
    decided = standing([Ruling(3, 4, "same", 1)])
    found = partition(range(1, 7), [*groups, Link(3, 4, 6.0)], decided, rules=FREE)
    assert len(found.groups) == 1


def test_a_long_chain_is_cut_and_takes_no_time():
    many = range(10_000)
    found = partition(many, [Link(n, n + 1, 30.0) for n in range(9_999)], rules=FREE)
    assert 2 <= max(len(g) for g in found.groups) < 100
