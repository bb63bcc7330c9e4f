"""The report's part on money: the marts' own numbers, in charts and tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

from idp_cdi.steps import _figures_finance
from idp_cdi.steps._figures_finance import finance
from idp_cdi.steps.publish import publish
from idp_cdi.steps.report import write_report
from idp_cdi.store.schema import exported


def as_of(monkeypatch, day):
    monkeypatch.setattr(_figures_finance, "_as_of", lambda _: day)


def test_money_is_that_of_the_marts(books, store, settings, monkeypatch):
    as_of(monkeypatch, date(2025, 4, 5))
    made = finance(store, settings)
    tables = {t.name: t for t in made.tables}
    ageing = dict(zip(tables["ageing"].columns, tables["ageing"].rows[0], strict=True))
    assert (ageing["days_1_30"], ageing["total"]) == (D("59.50"), D("59.50"))
    assert "owe 60 EUR, of which 60 are overdue" in made.lead
    assert [r[2] for r in tables["revenue_by_month"].rows] == [D("140.00")]
    assert {caption.partition(",")[0] for caption, _ in made.charts} >= {
        "Receivables by days overdue",
        "Net revenue by month",
        "Cash of the next 13 weeks from open invoices",
    }
    weeks = tables["forecast"].rows
    assert len(weeks) == 13
    assert all(low <= middle <= high for *_, low, middle, high, _ in weeks)


def test_a_warehouse_made_for_the_report_leaves_nothing_behind(books, store, settings, tmp_path):
    finance(store, settings)
    assert not list(settings.home.glob("*.duckdb"))
    with store.reading() as connection:
        assert connection.execute(exported.select()).all() == []
    publish(store, settings)
    finance(store, settings)
    with store.reading() as connection:
        (row,) = connection.execute(exported.select()).all()
    assert row.kind == "warehouse:duckdb"


def test_the_page_has_it_and_names_nobody_without_pii(books, store, settings, tmp_path):
    write_report(store, settings, tmp_path / "r.html")
    assert "Receivables by days overdue" in (tmp_path / "r.html").read_text()
    assert "Berta Backwaren" in (tmp_path / "r.html").read_text()
    write_report(store, settings, tmp_path / "r.html", pii=False)
    assert "Berta Backwaren" not in (tmp_path / "r.html").read_text()
