"""Small regressions: what they learn, what they keep, and the figures contracts feed them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from idp_cdi.scoring import contract_sure, logistic
from idp_cdi.scoring.calibration import ece
from idp_cdi.scoring.calibration import logistic as probability
from idp_cdi.scoring.contract_groups import Group

if TYPE_CHECKING:
    from pathlib import Path


def cases(count: int, seed: int) -> tuple[list[list[float]], list[bool]]:
    """Cases whose chance to be right is known: 1 + 2 a - b, and a figure that says nothing."""
    rng = random.Random(seed)
    rows = [[rng.gauss(0, 1), rng.gauss(3, 2), 7.0] for _ in range(count)]
    return rows, [rng.random() < probability(1 + 2 * a - b) for a, b, _ in rows]


def test_the_weights_of_known_cases_are_found() -> None:
    rows, right = cases(4000, 1)
    found = logistic.fit(rows, right, ridge=1.0)
    assert found.weights[0] == pytest.approx(2.0, abs=0.25)
    assert found.weights[1] == pytest.approx(-1.0, abs=0.15)
    assert found.weights[2] == 0.0
    others, truth = cases(4000, 2)
    assert ece(zip(map(found, others), truth, strict=True)) < 0.02


def test_few_cases_of_one_kind_do_not_run_away() -> None:
    found = logistic.fit([[0.1], [0.2], [0.3]], [True, True, True])
    assert 0.5 < found([0.2]) < 1.0


def test_what_is_kept_is_what_was_fitted(tmp_path: Path) -> None:
    rows, right = cases(200, 3)
    made = {"one": logistic.fit(rows, right), "two": logistic.Logistic(0.5, (1.0,), 3)}
    logistic.save(tmp_path / "sure.json", made, "a test")
    assert logistic.load(tmp_path / "sure.json") == made
    assert logistic.load(tmp_path / "missing.json") == {}


@pytest.mark.parametrize("name", ["party.name", "effective_date"])
def test_rows_of_all_values_of_a_field_have_one_length(name: str) -> None:
    groups = [Group(v, []) for v in ("Example Widgets", "Example Widgets, Inc.", "Sample LLC")]
    rows = {
        len(contract_sure.figures(name, groups, [0.4, 0.9, 0.7], chosen, at))
        for chosen in ([1, 2], [1])
        for at in chosen
    }
    assert len(rows) == 1


def test_a_near_rival_reading_shows_in_the_figures() -> None:
    groups = [Group(v, []) for v in ("Example Widgets", "Example Widgets, Inc.", "Sample LLC")]
    clear = contract_sure.figures("party.name", groups, [0.01, 0.9, 0.7], [1, 2], 1)
    doubtful = contract_sure.figures("party.name", groups, [0.89, 0.9, 0.7], [1, 2], 1)
    assert doubtful[1] > clear[1]
    assert doubtful[4] > clear[4]
