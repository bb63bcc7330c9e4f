"""The engine as a whole: good on records it never saw, pure, the same on-line as in a batch."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from made_up_people import people, quality

from idp_cdi.engines.local import Options, run
from idp_cdi.errors import UsageError
from idp_cdi.matching.explanation import waterfall
from idp_cdi.matching.model import Model
from idp_cdi.matching.online import Index, Segment


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


def _batch(matched):
    """Pairs of row numbers with their weights, and the rows, of a batch run with the same model."""
    table, _, result = matched
    batch = _weights(run(table, Options(model=result.model)), range(table.num_rows))
    return table, table.to_pylist(), result.model, batch


def _same(found, expected):
    assert found.keys() == expected.keys()
    assert all(abs(found[k] - expected[k]) < 1e-4 for k in expected)


def test_one_record_against_the_index_gives_the_pairs_of_the_batch(matched, tmp_path):
    table, rows, model, batch = _batch(matched)
    Segment.of(table, np.arange(len(rows)), model).save(tmp_path / "whole")
    index = Index(model, [Segment.open(tmp_path / "whole")])
    for i, row in list(enumerate(rows))[:60]:
        online = {frozenset((i, m.id)): m.weight for m in index.score(row, leave_out=i)}
        _same(online, {k: w for k, w in batch.items() if i in k})
    many = index.score_many(rows, range(len(rows)))
    pairs = zip(many.row.tolist(), many.id.tolist(), many.weight.tolist(), strict=True)
    _same({frozenset((a, b)): w for a, b, w in pairs}, batch)


def test_records_added_in_segments_and_one_by_one_weigh_as_in_a_rebuild(matched, tmp_path):
    table, rows, model, batch = _batch(matched)
    third = len(rows) // 3
    index = Index(model)
    for start in (0, third):
        numbers = np.arange(start, start + third)
        Segment.of(table.slice(start, third), numbers, model).save(tmp_path / f"{start}")
        index.append(Segment.open(tmp_path / f"{start}"))
    grown = {}
    for i in range(2 * third, len(rows)):
        for m in index.score(rows[i]):
            grown[frozenset((i, m.id))] = m.weight
        index.add(i, rows[i])
    _same(grown, {k: w for k, w in batch.items() if max(k) >= 2 * third})
    assert len(index) == len(rows)


def test_the_newest_row_of_a_record_counts(matched):
    table, rows, model, batch = _batch(matched)
    wrong = table.take(np.roll(np.arange(len(rows)), 1))
    index = Index(model, [Segment.of(wrong, np.arange(len(rows)), model)])
    index.add(0, rows[0])
    index.append(Segment.of(table, np.arange(len(rows)), model))
    assert len(index) == len(rows) and not index.tail
    index.add(1, rows[1])
    assert len(index) == len(rows) and index.tail == 1
    for i in (0, 1, 2):
        online = {frozenset((i, m.id)): m.weight for m in index.score(rows[i], leave_out=i)}
        _same(online, {k: w for k, w in batch.items() if i in k})


def test_a_removed_record_is_found_no_more(matched):
    table, rows, model, _ = _batch(matched)
    index = Index(model, [Segment.of(table, np.arange(len(rows)), model)])
    index.add(1, rows[1])
    for gone in (0, 1):
        index.remove(gone)
        assert gone not in {m.id for m in index.score(rows[gone])}
    assert len(index) == len(rows) - 2


def test_there_is_no_index_where_no_file_is(tmp_path):
    with pytest.raises(UsageError, match="no matching index"):
        Segment.open(tmp_path / "nothing")
    (tmp_path / "half").write_bytes(b'{"ids": ["<i8", [3], 0]}')
    with pytest.raises(UsageError, match="no matching index"):
        Segment.open(tmp_path / "half")


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
