import numpy as np
import pytest

from idp_cdi.scoring import trees


def test_gives_what_lightgbm_gives():
    lightgbm = pytest.importorskip("lightgbm")
    rng = np.random.default_rng(3)
    x = rng.normal(size=(600, 7)).astype(np.float32)
    y = (x[:, 0] * x[:, 1] + x[:, 2] > 0).astype(float)
    boosters = {}
    for name, leaves in (("small", 4), ("large", 31)):
        settings = {"objective": "binary", "num_leaves": leaves, "verbose": -1, "num_threads": 1}
        boosters[name] = lightgbm.train(settings, lightgbm.Dataset(x, y), num_boost_round=25)
    forest = trees.Forest.join(
        {n: trees.from_lightgbm(b) for n, b in boosters.items()}, [f"f{i}" for i in range(7)]
    )
    for column, booster in enumerate(boosters.values()):
        expected = booster.predict(x, raw_score=True)
        # Thresholds are kept with 32 bits: a value on a threshold may fall on the other side.
        close = np.isclose(forest.raw(x)[:, column], expected, atol=1e-4)
        assert close.mean() > 0.995


def test_a_saved_forest_comes_back(tmp_path):
    forest = trees.Forest.join({"a": [trees.tree(1, 0.5, -1.0, 3.0)]}, ["x", "y"])
    trees.save(tmp_path / "f.npz", {"kind": forest}, {"version": 1})
    forests, note = trees.load(tmp_path / "f.npz")
    rows = np.array([[9.0, 0.0], [0.0, 1.0]], dtype=np.float32)
    assert forests["kind"].raw(rows)[:, 0].tolist() == [-1.0, 3.0]
    assert note == {"version": 1}


def test_no_rows_give_no_scores():
    forest = trees.Forest.join({"a": [trees.tree(0, 0.5, -1.0, 3.0)]}, ["x"])
    assert forest.raw(np.zeros((0, 1), dtype=np.float32)).shape == (0, 1)


def test_a_tree_with_too_many_leaves_is_refused():
    wide = trees.Tree((0,) * 64, (0.0,) * 64, (0,) * 64, (1,) * 64, (0.0,) * 65)
    with pytest.raises(ValueError, match="64 leaves"):
        trees.Forest.join({"a": [wide]}, ["x"])
