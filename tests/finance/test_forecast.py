"""The forecast where nothing can be learned: said, not shown as no cash."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from idp_cdi.steps.forecast import Week, unlearned

DAY = date(2026, 1, 1)


def test_a_currency_without_payments_says_that_its_forecast_says_nothing():
    due = Week("EUR", 1, DAY, DAY, 100.0, 0.0, 0.0, 0.0, 0.0)
    paid = Week("USD", 1, DAY, DAY, 100.0, 40.0, 0.0, 30.0, 90.0)
    later = replace(paid, week=2, p90=0.0)
    nothing_due = Week("CHF", 1, DAY, DAY, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert unlearned([due, paid, later, nothing_due]) == ["EUR"]
