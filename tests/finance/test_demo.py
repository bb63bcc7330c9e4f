"""The made-up company at a small size: right to the cent, faults found, a useful forecast."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    import finance_demo

    folder = tmp_path_factory.mktemp("company")
    return finance_demo.run(folder, customers=40, months=14, documents=6, faults=2, seed=3)


def test_ageing_is_right_to_the_cent_on_any_day(found):
    assert found.ageing_cells == 56 and found.wrong_cells == []


def test_subledger_and_ledger_tie_out_with_nothing_unexplained(found):
    assert found.unexplained == "0.00"
    subledger, aged = found.control_account.split(" = ")
    assert subledger == aged


def test_every_fault_is_found_without_false_alarms(found):
    assert found.faults >= 22 and found.missed == [] and found.false_alarms == []


def test_the_forecast_beats_due_dates(found):
    score = found.forecast["EUR"]
    assert score["wape"] < score["naive_wape"]
    assert score["pinball"] < score["naive_pinball"]
    assert 0.6 <= score["coverage"] <= 0.97
