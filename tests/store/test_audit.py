"""The audit trail: any change, deletion or change of order is found; values are never in it."""

from __future__ import annotations

import json
import random
from itertools import pairwise

import pytest
from sqlalchemy import delete, insert, select, text, update

from idp_cdi.store import audit, log, questions
from idp_cdi.store.schema import answer, decision, metadata
from idp_cdi.store.schema import audit as table

NOON = "2026-03-01T12:00:00.000000Z"
WHO = ("ann", "bob", "cyd")


@pytest.fixture
def told(database):
    """A store in which persons decided and answered."""
    with database.writing() as connection:
        rows = [
            log.RecordRow(f"k{i}", "unknown", "customer", NOON, '{"o":[]}', f"c{i}")
            for i in range(9)
        ]
        ids = log.append_records(connection, "crm", rows).new
        for i, (a, b) in enumerate(pairwise(ids)):
            log.append_decision(connection, a, b, "same", person=WHO[i % 3], why=f"Müller {i}")
        asked = {"kind": "value", "field": "buyer.name", "confidence": 0.5, "value": "Canary"}
        given = questions.Given(0, "q", "correct", "Canary", "ann", NOON, applied=True,
                                payload=json.dumps({"question": asked}))  # fmt: skip
        questions.append_answers(connection, [given] * 4)
    return database


def faults(database, heads=()):
    with database.reading() as connection:
        return audit.verify(connection, heads)[1]


def head(database):
    with database.reading() as connection:
        return audit.head(connection)


def everything(database):
    with database.reading() as connection:
        return [
            dict(r) for r in connection.execute(select(*table.c).order_by(table.c.seq)).mappings()
        ]


def test_an_untouched_trail_has_no_fault(told):
    assert faults(told, [head(told)]) == []
    assert head(told)[0] == 12


def test_values_of_customers_are_not_in_the_trail(told):
    written = json.dumps(everything(told), ensure_ascii=False)
    assert "Canary" not in written
    assert "Müller" not in written
    assert "buyer.name" in written


def mutate(row, rng):
    """One byte of one column changed."""
    name = rng.choice(list(row))
    value = row[name]
    if isinstance(value, int):
        return {name: value + rng.choice((-1000, 1000))}
    if not value:
        return {name: rng.choice("ab0 ")}
    at = rng.randrange(len(value))
    other = rng.choice([c for c in "0123456789abcdefxyz{}, " if c != value[at]])
    return {name: value[:at] + other + value[at + 1 :]}


def spoil(connection, rows, kind, rng):
    """Change a byte, delete an entry, or let two change places."""
    row = rng.choice(rows)
    if kind == "change":
        change = update(table).where(table.c.seq == row["seq"])
        connection.execute(change.values(**mutate(row, rng)))
    elif kind == "delete":
        connection.execute(delete(table).where(table.c.seq == row["seq"]))
    else:
        other = rng.choice([r for r in rows if r["seq"] != row["seq"]])
        both = (row["seq"], other["seq"])
        connection.execute(delete(table).where(table.c.seq.in_(both)))
        connection.execute(insert(table), [row | {"seq": both[1]}, other | {"seq": both[0]}])


def test_any_change_deletion_or_move_is_found(told):
    # scripts/spoil_audit.py does it a thousand times
    rng, last, rows = random.Random(7), head(told), everything(told)
    for number in range(90):
        kind = ("change", "delete", "move")[number % 3]
        with told.engine.connect().execution_options(writing=True) as connection:
            spoil(connection, rows, kind, rng)
            assert audit.verify(connection, [last])[1] != [], (number, kind)
            connection.rollback()
    assert faults(told, [last]) == []


def test_an_end_that_was_cut_off_and_written_anew_is_found_by_the_head(told, tmp_path):
    with told.reading() as connection:
        audit.seal(connection, tmp_path)
    with told.writing() as connection:
        connection.execute(delete(table).where(table.c.seq > 8))
        audit.append(connection, NOON, [audit.New("eve", "decide", {}, {}) for _ in range(4)])
    (fault,) = [
        f for f in faults(told, [audit.sealed(tmp_path)]) if f.seq == 0 and "noted" in f.what
    ]
    assert "entry 12" in fault.what


@pytest.mark.parametrize("of", [decision, answer], ids=lambda t: t.name)
def test_a_row_of_the_log_that_was_changed_or_removed_is_found(told, of):
    with told.writing() as connection:
        connection.execute(update(of).where(of.c.id == 2).values(person="eve"))
        connection.execute(delete(of).where(of.c.id == 3))
    said = " ".join(f.what for f in faults(told))
    assert f"{of.name} 2 was changed" in said
    assert f"{of.name} 3 is gone" in said


def test_a_row_that_came_in_past_the_trail_is_found(told):
    with told.writing() as connection:
        row = {
            "id": 99,
            "left_id": 1,
            "right_id": 2,
            "verdict": "same",
            "person": "eve",
            "at": NOON,
        }
        connection.execute(insert(decision).values(**row, why=""))
    assert "decision 99 is not in the trail" in [f.what for f in faults(told)]


def test_an_erased_row_is_no_fault_and_can_no_longer_be_guessed(told):
    with told.writing() as connection:
        connection.execute(delete(decision).where(decision.c.id == 3))
        assert audit.unsalt(connection, "decision", [3]) == 1
        audit.append(connection, NOON, [audit.New("ann", "erase", {"decisions": [3]}, {})])
    assert faults(told) == []


def test_the_tables_of_the_trail_are_in_both_databases(told):
    with told.reading() as connection:
        for name in ("audit", "audit_salt"):
            assert name in metadata.tables
            assert connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() == 12
