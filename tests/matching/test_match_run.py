"""The engine as a whole: good on records it never saw, pure, the same on-line as in a batch."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from made_up_people import people, quality

from idp_cdi.engines.local import Options, run
from idp_cdi.matching.explanation import waterfall
from idp_cdi.matching.model import Model
from idp_cdi.matching.online import Index


@pytest.fixture(scope="module")
def matched():
    table, truth = people(150, seed=5)
    return table, truth, run(table)


def _weights(result, ids):
    found = result.pairs
    return {
        frozenset((ids[a], ids[b])): w
        for a, b, w in zip(
            found.left.tolist(), found.right.tolist(), found.weight.tolist(), strict=True
        )
    }


def test_duplicates_are_found_without_configuration(matched):
    _, truth, result = matched
    precision, recall = quality(result.clusters.tolist(), truth)
    assert precision > 0.98
    assert recall > 0.95


def test_the_same_input_gives_the_same_result(matched):
    table, _, result = matched
    again = run(table)
    assert np.array_equal(again.clusters, result.clusters)
    assert np.array_equal(again.pairs.weight, result.pairs.weight)


def test_rows_in_another_order_weigh_the_same(matched):
    table, _, result = matched
    order = np.random.default_rng(3).permutation(table.num_rows)
    ids = table.column("record_id").to_pylist()
    other = table.take(pa.array(order))
    shuffled = run(other, Options(model=result.model))
    a, b = (
        _weights(run(table, Options(model=result.model)), ids),
        _weights(shuffled, other.column("record_id").to_pylist()),
    )
    assert a.keys() == b.keys()
    assert max(abs(a[k] - b[k]) for k in a) < 1e-4


def test_unrelated_records_change_no_weight(matched):
    table, _, result = matched
    more, _ = people(60, seed=99)
    renamed = more.set_column(0, "record_id", pa.array([f"x{i}" for i in range(more.num_rows)]))
    both = pa.concat_tables([table, renamed])
    ids = both.column("record_id").to_pylist()
    alone = _weights(run(table, Options(model=result.model)), ids)
    together = _weights(run(both, Options(model=result.model)), ids)
    assert all(abs(together[k] - w) < 1e-4 for k, w in alone.items())


def test_a_saved_model_weighs_the_same(matched, tmp_path):
    table, _, result = matched
    result.model.save(tmp_path)
    loaded = run(table, Options(model=Model.load(tmp_path)))
    direct = run(table, Options(model=result.model))
    assert np.allclose(loaded.pairs.weight, direct.pairs.weight, atol=1e-6)
    assert np.array_equal(loaded.pairs.left, direct.pairs.left)


def test_one_record_against_the_index_gives_the_pairs_of_the_batch(matched, tmp_path):
    table, _, result = matched
    ids = table.column("record_id").to_pylist()
    batch = _weights(run(table, Options(model=result.model)), ids)
    Index.build(table, ids, result.model).save(tmp_path / "index")
    index = Index.open(tmp_path / "index")
    for i, row in list(enumerate(table.to_pylist()))[:60]:
        online = {frozenset((ids[i], m.id)): m.weight for m in index.score(row, leave_out=ids[i])}
        expected = {k: w for k, w in batch.items() if ids[i] in k}
        assert online.keys() == expected.keys()
        assert all(abs(online[k] - expected[k]) < 1e-4 for k in expected)


def test_records_added_one_by_one_weigh_as_in_a_rebuild(matched, tmp_path):
    table, _, result = matched
    ids = table.column("record_id").to_pylist()
    rows = table.to_pylist()
    half = table.num_rows // 2
    index = Index.build(table.slice(0, half), ids[:half], result.model)
    index.save(tmp_path / "i")
    index = Index.open(tmp_path / "i")
    grown = {}
    for i in range(half, len(rows)):
        for m in index.score(rows[i]):
            grown[frozenset((ids[i], m.id))] = m.weight
        index.add(ids[i], rows[i])
    batch = _weights(run(table, Options(model=result.model)), ids)
    new = set(ids[half:])
    expected = {k: w for k, w in batch.items() if k & new}
    assert grown.keys() == expected.keys()
    reopened = Index.open(tmp_path / "i")
    assert len(reopened) == len(rows)
    index.save(tmp_path / "i")
    assert len(Index.open(tmp_path / "i")) == len(rows)


def test_a_removed_record_is_found_no_more(matched):
    table, _, result = matched
    ids = table.column("record_id").to_pylist()
    index = Index.build(table, ids, result.model)
    row = table.to_pylist()[0]
    index.remove(ids[0])
    assert ids[0] not in {m.id for m in index.score(row)}


def test_a_waterfall_adds_up_to_the_weight(matched):
    table, _, result = matched
    rows = table.to_pylist()
    for i in np.argsort(-result.pairs.weight)[[0, 40, 120]]:
        shown = waterfall(result.model, rows[result.pairs.left[i]], rows[result.pairs.right[i]])
        assert sum(s.bits for s in shown.steps) == pytest.approx(result.pairs.weight[i], abs=1e-3)
        assert all(s.sentence for s in shown.steps)


def test_a_doubtful_value_says_less_for_and_less_against(matched):
    table, _, result = matched
    row = table.to_pylist()[0]
    other = row | {"email": "someone.else@post.example"}
    doubtful = other | {"email__confidence": "0.3"}

    def weight(a, b):
        return waterfall(result.model, a, b).weight

    assert weight(row, other) < weight(row, doubtful) < weight(row, row)
    assert weight(row, row | {"email__confidence": "0.3"}) < weight(row, row)


def test_persons_and_organisations_never_meet():
    table = pa.table(
        {
            "entity_type": ["person", "organization", "person"],
            "name": ["Hanno Farnholm"] * 3,
            "phone": ["030 1234567"] * 3,
        }
    )
    found = run(table)
    assert {(0, 2)} == set(zip(found.pairs.left.tolist(), found.pairs.right.tolist(), strict=True))


@pytest.mark.parametrize("rows", [0, 1])
def test_tables_without_pairs_are_no_error(rows):
    table = pa.table(
        {
            "name": pa.array(["Ada Holm"][:rows], pa.string()),
            "city": pa.array(["Ostau"][:rows], pa.string()),
        }
    )
    assert run(table).clusters.tolist() == list(range(rows))
