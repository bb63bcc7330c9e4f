"""Clusters against networkx, and the rules that part them."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp_cdi.identity import Cut, Link, Rules, Ruling, partition, standing
from idp_cdi.identity._forest import bridges

NODES = range(1, 13)
PAIRS = st.sampled_from([(a, b) for a in NODES for b in NODES if a < b])
LINKS = st.lists(st.builds(lambda p, w: Link(*p, w), PAIRS, st.integers(0, 20)), max_size=30)
FREE = Rules(link=5.0, side=0)


def graph_of(links, different=()):
    graph = nx.Graph()
    graph.add_nodes_from(NODES)
    graph.add_edges_from((a, b) for a, b, w, _ in links if w >= 5 and (a, b) not in different)
    return graph


@given(LINKS)
@settings(max_examples=300, deadline=None)
def test_without_disputes_clusters_are_connected_components(links):
    found = partition(NODES, links, rules=FREE)
    expected = sorted(tuple(sorted(c)) for c in nx.connected_components(graph_of(links)))
    assert list(found.groups) == expected
    assert found.cuts == ()


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
def test_no_two_clusters_could_be_joined_without_breaking_a_rule(links, different):
    decided = standing(Ruling(*p, "different", i) for i, p in enumerate(different))
    found = partition(NODES, links, decided, rules=FREE)
    label = found.labels
    groups = {g[0]: set(g) for g in found.groups}
    for a, b in graph_of(links, decided.different).edges:
        if label[a] != label[b]:
            one, other = groups[label[a]], groups[label[b]]
            assert any((x in one and y in other) or (y in one and x in other) for x, y in different)


@given(LINKS, st.lists(PAIRS, max_size=4), st.permutations(list(NODES)), st.integers(0, 3))
@settings(max_examples=300, deadline=None)
def test_order_and_numbering_do_not_matter(links, different, shuffled, side):
    rules = Rules(link=5.0, side=side)
    new = dict(zip(NODES, shuffled, strict=True))
    rank = {n: f"key{n:02d}" for n in NODES}
    first = partition(
        NODES,
        links,
        standing(Ruling(*p, "different", i) for i, p in enumerate(different)),
        rules=rules,
        rank=rank,
    )
    renamed = [Link(new[b], new[a], w) for a, b, w, _ in reversed(links)]
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
    shift = [Link(a + 100, b + 100, w) for a, b, w, _ in others]
    alone = partition(NODES, links, rules=Rules(link=5.0, side=2))
    beside = partition(
        [*NODES, *(n + 100 for n in NODES)], [*links, *shift], rules=Rules(5.0, side=2)
    )
    assert alone.groups == tuple(g for g in beside.groups if g[0] < 100)
    assert alone.cuts == tuple(c for c in beside.cuts if c.left < 100)


@given(st.lists(PAIRS, max_size=25, unique=True))
@settings(max_examples=300, deadline=None)
def test_bridges_are_those_of_networkx(pairs):
    graph = nx.Graph(pairs)
    expected = {tuple(sorted(p)) for p in nx.bridges(graph)}
    found = bridges(pairs)
    assert {p for p, _ in found} == expected
    for (a, b), smaller in found:
        whole = nx.node_connected_component(graph, a)
        cut = graph.subgraph(whole).copy()
        cut.remove_edge(a, b)
        assert smaller == min(len(c) for c in nx.connected_components(cut))


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


@pytest.mark.parametrize(
    "weight, parted", [(6.0, True), (10.9, True), (11.0, False), (30.0, False)]
)
def test_one_weak_link_does_not_hold_two_groups_together(weight, parted):
    groups = [Link(a, b, 20.0) for a, b in ((1, 2), (2, 3), (1, 3), (4, 5), (5, 6), (4, 6))]
    found = partition(range(1, 7), [*groups, Link(3, 4, weight)], rules=Rules(link=5.0))
    assert len(found.groups) == (2 if parted else 1)
    assert [c.why for c in found.cuts] == (["bridge"] if parted else [])


def test_a_weak_bridge_to_a_single_record_or_one_that_a_person_confirmed_stays():
    groups = [Link(a, b, 20.0) for a, b in ((1, 2), (2, 3), (1, 3), (4, 5), (5, 6), (4, 6))]
    assert len(partition(range(1, 5), [*groups[:3], Link(3, 4, 6.0)], rules=Rules(5.0)).groups) == 1
    decided = standing([Ruling(3, 4, "same", 1)])
    found = partition(range(1, 7), [*groups, Link(3, 4, 6.0)], decided, rules=Rules(5.0))
    assert len(found.groups) == 1


def test_a_chain_of_ten_thousand_records_is_no_problem():
    many = range(10_000)
    links = [Link(n, n + 1, 30.0) for n in range(9_999)]
    assert len(partition(many, links, rules=Rules(5.0)).groups) == 1
    found = partition(many, [*links[:5000], Link(5000, 5001, 6.0), *links[5001:]], rules=Rules(5.0))
    assert [len(g) for g in found.groups] == [5001, 4999]
