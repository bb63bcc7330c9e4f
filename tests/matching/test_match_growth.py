"""A table that has outgrown its model costs pairs within bounds, and loses no strong ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from made_up_people import people

from idp_cdi.engines.local import Options, run
from idp_cdi.matching import blocking
from idp_cdi.matching.online import Index, Segment

BUDGET = 60


@pytest.fixture
def grown(monkeypatch):
    """A model of few records, and a table fourteen times as large with the same names and towns."""
    monkeypatch.setattr(blocking, "BUDGET", BUDGET)
    few, _ = people(40, seed=3)
    model = run(few).model
    lots = [people(40, seed=3 + 7 * n)[0] for n in range(14)]
    table = pa.concat_tables(
        lot.set_column(0, "record_id", pa.array([f"{n}-{i}" for i in range(lot.num_rows)]))
        for n, lot in enumerate(lots)
    )
    for name in ("street", "city", "town", "postcode"):
        if name in table.column_names:
            one = pa.array(["Ring 7" if name == "street" else "Köln"] * table.num_rows)
            table = table.set_column(table.column_names.index(name), name, one)
    return model, table


def pairs(found):
    return set(zip(found.pairs.left.tolist(), found.pairs.right.tolist(), strict=True))


def test_pairs_stay_within_their_budget_and_the_strong_ones_are_found(grown, monkeypatch):
    model, table = grown
    found = run(table, Options(model=model))
    kinds = 2 * len(found.model.heavy) + 20
    most = kinds * blocking.GROWN * max(BUDGET, table.num_rows // 4)
    monkeypatch.setattr(blocking, "GROWN", 10**6)
    monkeypatch.setattr(blocking, "MAX_BLOCK", 10**6)
    every = run(table, Options(model=model))
    assert len(found.pairs.left) < min(most, len(every.pairs.left) / 2)
    weight = dict(zip(sorted(pairs(every)), range(len(every.pairs.left)), strict=True))
    assert pairs(found) <= weight.keys()
    strong = every.pairs.weight > 12
    lost = pairs(replace_pairs(every, strong)) - pairs(found)
    assert len(lost) <= 0.03 * strong.sum()


def replace_pairs(result, keep):
    some = replace(result.pairs, left=result.pairs.left[keep], right=result.pairs.right[keep])
    return replace(result, pairs=some)


def test_the_index_finds_the_same_pairs_as_the_run(grown):
    model, table = grown
    found = run(table, Options(model=model))
    assert sum(map(len, found.model.heavy.values())) > sum(map(len, model.heavy.values()))
    index = Index(model, [Segment.of(table, np.arange(table.num_rows), model, first=True)])
    assert {k: v.tolist() for k, v in index.model.heavy.items()} == {
        k: v.tolist() for k, v in found.model.heavy.items()
    }
    rows = table.slice(0, 30).to_pylist()
    many = index.score_many(rows, range(len(rows)))
    online = {(min(p), max(p)) for p in zip(many.row.tolist(), many.id.tolist(), strict=True)}
    assert online == {p for p in pairs(found) if p[0] < len(rows)}
