"""Customer ids over time."""

from __future__ import annotations

from idp_cdi.identity import Issued, Link, Ruling, assign, heirs, resolve, standing

ISSUED = [Issued(1, 10), Issued(2, 11), Issued(3, 12)]


def test_the_oldest_id_survives_a_merge_and_the_other_redirects():
    named = assign([(10, 11), (12,)], ISSUED, fresh=4)
    assert named.bears == {(10, 11): 1, (12,): 3}
    assert named.redirects == {2: 1}
    assert named.minted == ()


def test_after_an_undo_each_part_has_its_old_id_back():
    together = assign([(10, 11)], ISSUED)
    apart = assign([(10,), (11,)], ISSUED)
    assert together.bears == {(10, 11): 1}
    assert apart.bears == {(10,): 1, (11,): 2}


def test_a_part_that_never_had_an_id_gets_a_new_one_for_ever():
    named = assign([(10,), (13,)], ISSUED, fresh=4)
    assert named.minted == (Issued(4, 13),)
    again = assign([(10, 13)], [*ISSUED, *named.minted], fresh=5)
    assert again.redirects == {4: 1}
    assert assign([(10,), (13,)], [*ISSUED, *named.minted], fresh=5).bears[(13,)] == 4


def test_new_ids_go_by_age():
    named = assign([(7, 9), (3, 8)], [], fresh=1)
    assert named.minted == (Issued(1, 3), Issued(2, 7))
    age = {3: "2026-02", 8: "2026-03", 7: "2025-01", 9: "2024-12"}
    named = assign([(7, 9), (3, 8)], [], fresh=1, age=age.__getitem__)
    assert named.minted == (Issued(1, 9), Issued(2, 3))


def test_a_customer_keeps_its_id_when_the_record_it_was_issued_for_is_deleted():
    left_to = heirs([10], [Link(10, 14, 9.0), Link(10, 15, 8.0)])
    named = assign([(14, 15)], ISSUED, fresh=4, heirs=left_to)
    assert named.bears == {(14, 15): 1}
    assert named.minted == ()


def test_an_id_never_goes_to_a_record_declared_different():
    decided = standing([Ruling(10, 14, "different", 1), Ruling(10, 16, "same", 2)])
    assert heirs([10], [Link(10, 14, 9.0), Link(10, 15, 8.0)], decided) == {10: 16}


def test_every_id_resolves():
    anchors = {i.number: i.anchor for i in ISSUED}
    bears = {10: 1, 11: 1}
    assert resolve(2, anchors, bears) == 1
    assert resolve(3, anchors, bears) == 3
    assert resolve(99, anchors, bears) is None
