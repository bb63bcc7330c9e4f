"""The marts: right to the cent by hand, and the same on DuckDB, Parquet and PostgreSQL."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest

from idp_cdi.sinks import open_warehouse
from idp_cdi.steps import marts
from idp_cdi.steps.publish import publish


def rows(location, name, as_of, **more):
    return marts.answer(location, name, as_of, **more).as_dicts()


def test_ageing_at_any_date(books, store, settings, location):
    publish(store, settings, location)
    assert rows(location, "ageing", date(2025, 2, 1)) == []
    (march,) = rows(location, "ageing", date(2025, 3, 31))
    assert march == {
        "currency": "EUR", "not_due": "166.60", "days_1_30": "0.00", "days_31_60": "0.00",
        "days_61_90": "0.00", "days_91_120": "0.00", "over_120": "0.00", "unapplied": "0.00",
        "total": "166.60",
    }  # fmt: skip
    (april,) = rows(location, "ageing", date(2025, 4, 5))
    assert (april["days_1_30"], april["total"]) == ("59.50", "59.50")
    (later,) = rows(location, "ageing", date(2025, 12, 31))
    assert (later["unapplied"], later["total"]) == ("-20.50", "-20.50")


def test_every_mart_answers_the_same_everywhere(books, store, settings, anywhere, tmp_path):
    here = f"duckdb:{tmp_path / 'here.duckdb'}"
    publish(store, settings, here)
    publish(store, settings, anywhere)
    for name in marts.marts():
        for day in (date(2025, 4, 5), date(2025, 12, 31)):
            assert rows(anywhere, name, day) == rows(here, name, day), name
    assert [r["net"] for r in rows(here, "revenue-by-month", date(2025, 12, 31))] == ["140.00"]


def test_marts_follow_the_star(books, store, settings, location):
    publish(store, settings, location)
    with open_warehouse(location) as warehouse:
        assert not marts.build(warehouse), "publishing has built them"
    for outdated in ("mart_note SET version = 'older'", "publication SET version = 'newer'"):
        with open_warehouse(location) as warehouse:
            warehouse.run([f"UPDATE {outdated}"])
        with open_warehouse(location) as warehouse:
            assert marts.build(warehouse)
    books.facts("billing", "invoice", [{"key": "4712", "deleted": True}])
    publish(store, settings, location)
    (ageing,) = rows(location, "ageing", date(2025, 3, 31))
    assert ageing["total"] == "107.10"


def test_instalments_are_paid_in_the_order_they_fall_due(books, store, settings, location):
    books.facts(
        "billing", "invoice",
        [{"key": "9", "party": "k2", "invoice_number": "R-9", "currency": "EUR",
          "issue_date": "2025-06-01", "total": "100.00"}],
    )  # fmt: skip
    books.facts(
        "billing", "instalment",
        [{"key": f"9-{n}", "invoice_key": "9", "due_date": f"2025-0{6 + n}-01", "amount": a}
         for n, a in ((1, "30.00"), (2, "30.00"), (3, "40.00"))],
    )  # fmt: skip
    books.facts(
        "billing", "payment",
        [{"key": "p9", "party": "k2", "invoice_key": "9", "amount": "45.00", "currency": "EUR",
          "payment_date": "2025-07-15"}],
    )  # fmt: skip
    publish(store, settings, location)
    found = [r for r in rows(location, "open-items", date(2025, 8, 10)) if r["reference"] == "R-9"]
    assert [(r["instalment"], r["days_late"], r["open_amount"]) for r in found] == [
        (2, 9, "15.00"), (3, -22, "40.00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [(D("100.0000"), "EUR", "100.00"), (D("1.2345"), "KWD", "1.2345"), (D("7.0000"), "JPY", "7")],
)
def test_money_is_shown_as_its_currency_is_written(value, currency, text):
    found = marts.Answer("x", ("currency", "v"), ((currency, value),))
    assert found.as_dicts()[0]["v"] == text
