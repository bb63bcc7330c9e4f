"""What is derived: ids that resolve for ever, versions of golden records, edges by mention."""

from __future__ import annotations

from sqlalchemy import select

from idp_cdi.store import derived, log
from idp_cdi.store.derived import Edge, GoldenRow
from idp_cdi.store.schema import former_membership

ROW = GoldenRow("organisation", "customer", 1, "a" * 32, "{}")


def mentions(connection, count):
    rows = [
        log.RecordRow(str(n), "organisation", "customer", log.stamp(), '{"o":[]}', f"{n:032d}")
        for n in range(count)
    ]
    return log.append_records(connection, "crm", rows).new


def test_an_id_means_the_customer_that_holds_its_anchor(database):
    with database.writing() as connection:
        a, b = mentions(connection, 2)
        seqs = derived.mint(connection, [a, b])
        derived.set_members(connection, {a: seqs[a], b: seqs[b]})
        second = derived.customer_id(seqs[b])
        assert derived.resolve(connection, second) == seqs[b]
        derived.set_members(connection, {b: seqs[a]})
        assert derived.resolve(connection, second) == seqs[a]
        assert derived.redirects(connection) == {second: derived.customer_id(seqs[a])}
        derived.set_members(connection, {b: seqs[b]})
        assert derived.redirects(connection) == {}
        assert derived.resolve(connection, "C-9999999") is None


def test_where_a_mention_was_before_is_kept(database):
    with database.writing() as connection:
        a, b = mentions(connection, 2)
        seqs = derived.mint(connection, [a, b])
        derived.set_members(connection, {a: seqs[a], b: seqs[b]})
        assert former(connection) == []
        derived.set_members(connection, {a: seqs[a], b: seqs[a]})
        derived.set_members(connection, {b: seqs[b]})
        derived.set_members(connection, {b: None})
        assert former(connection) == [(b, seqs[b]), (b, seqs[a]), (b, seqs[b])]


def former(connection):
    moves = select(former_membership).order_by(former_membership.c.id)
    return [(m.mention_id, m.customer_seq) for m in connection.execute(moves)]


def test_an_id_without_members_resolves_to_itself(database):
    with database.writing() as connection:
        (a,) = mentions(connection, 1)
        seqs = derived.mint(connection, [a])
        derived.set_members(connection, {a: seqs[a]})
        derived.set_members(connection, {a: None})
        assert derived.resolve(connection, derived.customer_id(seqs[a])) == seqs[a]


def test_a_golden_record_gets_a_version_only_when_it_changes(database):
    with database.writing() as connection:
        (a,) = mentions(connection, 1)
        seq = derived.mint(connection, [a])[a]
        assert derived.put_golden(connection, {seq: ROW}) == 1
        assert derived.put_golden(connection, {seq: ROW}) == 0
        assert derived.put_golden(connection, {seq: ROW._replace(content="b" * 32)}) == 1
        assert derived.current_golden(connection, [seq])[seq][0] == 2
        assert derived.put_golden(connection, {seq: None}) == 1
        assert derived.count_customers(connection) == 0
        assert derived.put_golden(connection, {seq: ROW}) == 1
        assert derived.current_golden(connection, [seq])[seq][0] == 3


def test_edges_are_replaced_by_the_mentions_they_touch(database):
    with database.writing() as connection:
        a, b, c = mentions(connection, 3)
        derived.add_edges(connection, [Edge(a, b, 5.0, 0.9), Edge(b, c, 7.0, 0.99)])
        assert len(derived.edges_of(connection, [a])) == 1
        derived.replace_edges(connection, [a], [Edge(a, c, 1.0, 0.5)])
        assert [(e.left, e.right) for e in derived.all_edges(connection)] == [(a, c), (b, c)]
