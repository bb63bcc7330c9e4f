import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp_cdi.scoring import calibration as cal

cases = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=400)


@settings(max_examples=60, deadline=None)
@given(cases, st.floats(0, 1), st.floats(0, 1))
def test_a_curve_is_monotone_and_a_probability(points, a, b):
    curve = cal.fit([s for s, _ in points], [r for _, r in points])
    low, high = sorted((a, b))
    assert 0.0 <= curve(low) <= curve(high) + 1e-9 <= 1.0 + 1e-9


@pytest.mark.parametrize("count", [100, 4000])
def test_overconfident_scores_become_honest(count):
    rng = random.Random(7)
    scores = [rng.random() for _ in range(count)]
    right = [rng.random() < 0.3 + 0.4 * s for s in scores]
    curve = cal.fit(scores, right)
    fresh = [rng.random() for _ in range(4000)]
    points = [(curve(s), rng.random() < 0.3 + 0.4 * s) for s in fresh]
    assert cal.ece(points) < (0.12 if count == 100 else 0.05)
    assert cal.ece([(s, r) for s, (_, r) in zip(fresh, points, strict=True)]) > 0.12


def test_a_small_sample_of_sure_scores_does_not_run_away():
    scores = [0.9 + 0.001 * n for n in range(100)]
    right = [n % 2 == 0 for n in range(100)]
    curve = cal.fit_platt(scores, right)
    assert 0.3 < curve(0.95) < 0.7


def test_cases_with_one_score_are_judged_together():
    scores = [0.7] * 10 + [0.8] * 100 + [0.9] * 100
    right = [False] * 10 + [False] * 15 + [True] * 85 + [True] * 100
    assert cal.fit_isotonic(scores, right)(0.8) == pytest.approx(0.85, abs=0.02)


def test_curves_come_back_from_their_file(tmp_path):
    curve = cal.fit([0.1, 0.9] * 200, [False, True] * 200)
    cal.save(tmp_path / "c.json", {"date/text": curve}, {"made by": "a test"})
    assert cal.load(tmp_path / "c.json") == {"date/text": curve}


def test_auroc_counts_pairs_and_halves_ties():
    assert cal.auroc([(0.9, True), (0.1, False)]) == 1.0
    assert cal.auroc([(0.5, True), (0.5, False)]) == 0.5
    assert cal.auroc([(0.5, True)]) is None


def test_the_least_certain_tenth_catches_what_it_holds():
    points = [(i / 100, i >= 5) for i in range(100)]
    assert cal.caught(points) == 1.0
    assert cal.caught([(0.5, True)]) is None


def test_wilson_is_within_bounds_and_narrows():
    assert cal.wilson(0, 0) == (0.0, 1.0)
    low, high = cal.wilson(980, 1000)
    assert 0.96 < low < 0.98 < high < 0.99
