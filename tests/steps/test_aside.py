"""Mapping in processes beside: the same rows in the same order, whatever becomes of a process."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from idp_cdi.connectors import Chunk, Reject
from idp_cdi.connectors._mapping import StreamMapping
from idp_cdi.steps import _aside
from idp_cdi.steps.map import Mapper

INVOICE = {"kind": "invoice", "key": "no", "parties": {"buyer": "id"}, "fields": {"total": "sum"}}


def mapper(**more):
    fields = {"name": "name", "email": "mail", "phone": "tel", "country": "land"}
    spec = StreamMapping.model_validate({"key": "id", "fields": fields, **more})
    now = datetime(2026, 5, 1, tzinfo=UTC)
    return Mapper("crm", "t", spec, trust=lambda _: 0.9, observed_at=now)


def chunks(count, rows=4):
    names = ("id", "name", "mail", "tel", "land", "no", "sum")
    for c in range(count):
        numbers = range(c * rows, (c + 1) * rows)
        cells = [
            [str(n) if n % 7 else "" for n in numbers],
            [f"Müller {n} GmbH" if n % 5 else "n/a" for n in numbers],
            [f"a{n}@b.example" if n % 3 else "nothing" for n in numbers],
            ["030 123456"] * rows,
            ["DE", "", "Italien", "XX"][:rows],
            [f"R{n}" for n in numbers],
            [f"{n},50" if n % 4 else "x" for n in numbers],
        ]
        rejects = [Reject(c, "row.long", "too long", (("id", "1"),))]
        yield Chunk(names, tuple(cells), numbers, {"line": c}, rejects)


@pytest.mark.parametrize("more", [{}, {"facts": [INVOICE]}, {"facts": [{**INVOICE, "key": ()}]}])
def test_what_processes_make_of_chunks_is_what_one_makes(monkeypatch, more):
    monkeypatch.setattr(_aside, "CHUNK_ROWS", 4)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    alone = mapper(**more)
    wanted = [(c.state, alone.map(c)) for c in chunks(7)]
    found = [(c.state, m) for c, m in _aside.mapped(chunks(7), mapper(**more))]
    assert found == wanted
    assert sum(len(m.records) for _, m in found) > 20


def test_a_process_that_dies_costs_no_row(monkeypatch):
    monkeypatch.setattr(_aside, "CHUNK_ROWS", 4)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    made = []

    class Popen(_aside.subprocess.Popen):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            made.append(self)

    monkeypatch.setattr(_aside.subprocess, "Popen", Popen)
    found = []
    for number, (chunk, result) in enumerate(_aside.mapped(chunks(9), mapper())):
        found.append((chunk.state, result))
        if number == 3:
            made[0].kill()
            made[0].wait()
    alone = mapper()
    assert found == [(c.state, alone.map(c)) for c in chunks(9)]
    assert all(p.returncode is not None for p in made)
