"""The report's figures about money, from the finance marts over the published star."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from idp_cdi.steps._figures import Section
from idp_cdi.steps._tables import Table
from idp_cdi.store.schema import fact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp_cdi.settings import Settings
    from idp_cdi.sinks import Warehouse
    from idp_cdi.steps.marts import Answer
    from idp_cdi.store import Database

_BUCKETS = {
    "not_due": "not due",
    "days_1_30": "1–30",
    "days_31_60": "31–60",
    "days_61_90": "61–90",
    "days_91_120": "91–120",
    "over_120": "over 120",
    "unapplied": "unapplied",
}
_COLOURS = (3, 1, 1, 2, 2, 2, 4)
#: More business events than this are published first, not for the report.
_MANY = 200_000
#: Books in which nothing was invoiced for so long are looked at as of their last invoice.
_QUIET = timedelta(days=180)
_TOP = 15


def finance(database: Database, settings: Settings, *, pii: bool = True) -> Section:
    """Receivables by age, days sales outstanding, revenue, concentration.

    Args:
        database: The store; its star is published where it always is, or for this once.
        settings: Where the warehouse is.
        pii: False leaves out what names a customer.
    """
    found = Section("finance", "Finance")
    count = _invoices(database)
    if not count:
        found.hint = (
            "There are no invoices yet. Map those of billing or ERP as facts (docs/connectors.md) "
            "or ingest them as documents."
        )
        return found
    if count > _MANY and not _published(settings):
        found.hint = f"{count:,} invoices: publish the star first (idp-cdi publish), then report."
        return found
    with _warehouse(database, settings) as warehouse:
        as_of = _as_of(warehouse)
        if as_of is None:
            found.hint = "No sales invoice with a date and an amount is known yet."
            return found
        _fill(found, warehouse, as_of, pii=pii)
    return found


def _invoices(database: Database) -> int:
    with database.reading() as connection:
        wanted = select(func.count()).select_from(fact).where(fact.c.kind == "invoice")
        return int(connection.execute(wanted).scalar_one())


def _published(settings: Settings) -> bool:
    return bool(settings.finance.warehouse) or (settings.home / "warehouse.duckdb").exists()


@contextmanager
def _warehouse(database: Database, settings: Settings) -> Iterator[Warehouse]:
    """The star as it is now: the warehouse in use, or one for this once."""
    from idp_cdi.sinks import open_warehouse
    from idp_cdi.steps import marts
    from idp_cdi.steps.publish import default_location, publish

    with tempfile.TemporaryDirectory(prefix="idp-cdi-report-") as folder:
        once = f"duckdb:{Path(folder) / 'star.duckdb'}"
        lasting = _published(settings)
        location = default_location(settings) if lasting else once
        publish(database, settings, location, remember=lasting)
        with open_warehouse(location) as warehouse:
            marts.build(warehouse)
            yield warehouse


def _as_of(warehouse: Warehouse) -> date | None:
    """Today; the day of the last invoice where the books have been quiet for long."""
    query = "SELECT max(issue_date) FROM fact_invoice WHERE direction = 'sale'"
    last = warehouse.query(query)[1][0][0]
    if last is None:
        return None
    day = date.fromisoformat(str(last)[:10])
    today = date.today()
    return today if day > today - _QUIET else day


def _fill(found: Section, warehouse: Warehouse, as_of: date, *, pii: bool) -> None:
    from idp_cdi.steps import marts

    names = ("ageing", "dso", "revenue-by-month", "concentration", "revenue-by-customer")
    answers = {name: marts.ask(warehouse, name, as_of) for name in names}
    currency = _main(answers["revenue-by-month"], answers["ageing"])
    _ageing(found, answers["ageing"], currency)
    _dso(found, answers["dso"], currency)
    _revenue(found, answers["revenue-by-month"], currency)
    _concentration(
        found, answers["concentration"], answers["revenue-by-customer"], currency, pii=pii
    )
    _forecast(found, warehouse, as_of, currency)
    said = _row(answers["ageing"], currency)
    owed = float(said.get("total") or 0)
    late = owed - float(said.get("not_due") or 0) - float(said.get("unapplied") or 0)
    found.lead = (
        f"As of {as_of}, customers owe {owed:,.0f} {currency}, of which {late:,.0f} are overdue. "
        "Charts are in the currency with most revenue; the tables have all."
    )


def _main(revenue: Answer, ageing: Answer) -> str:
    sums: dict[str, float] = {}
    for answer, column in ((revenue, "net"), (ageing, "total")):
        place, value = answer.columns.index("currency"), answer.columns.index(column)
        for row in answer.rows:
            sums[row[place]] = sums.get(row[place], 0.0) + abs(float(row[value] or 0))
    return max(sums, key=lambda c: (sums[c], c), default="EUR")


def _row(answer: Answer, currency: str) -> dict[str, Any]:
    rows = [dict(zip(answer.columns, r, strict=True)) for r in answer.rows]
    return next((r for r in rows if r["currency"] == currency), {})


def _of(answer: Answer, currency: str) -> list[dict[str, Any]]:
    rows = [dict(zip(answer.columns, r, strict=True)) for r in answer.rows]
    return [r for r in rows if r["currency"] == currency]


def _table(answer: Answer, name: str, title: str, shares: tuple[str, ...] = ()) -> Table:
    rows = tuple(tuple(map(_plain, row)) for row in answer.rows)
    return Table(name, title, answer.columns, rows, frozenset(shares))


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _ageing(found: Section, answer: Answer, currency: str) -> None:
    from idp_cdi import charts

    found.tables.append(_table(answer, "ageing", "Receivables by days overdue"))
    row = _row(answer, currency)
    if row:
        items = [(label, float(row[name] or 0)) for name, label in _BUCKETS.items()]
        title = f"Receivables by days overdue, {currency}"
        chart = charts.columns(items, title=title, below="days past the due date", colours=_COLOURS)
        found.charts.append((title, chart))


def _dso(found: Section, answer: Answer, currency: str) -> None:
    from idp_cdi import charts

    found.tables.append(_table(answer, "dso", "Days sales outstanding and collection"))
    rows = _of(answer, currency)
    if len(rows) < 2:
        return
    labels = [f"{r['closing_day']:%b %y}" for r in rows]
    courses = [
        charts.Line(label, tuple(None if r[n] is None else float(r[n]) for r in rows))
        for n, label in (
            ("dso_rolling", "DSO, three months"),
            ("dso_countback", "DSO, countback"),
            ("best_possible_dso", "best possible"),
        )
    ]
    title = f"Days sales outstanding, {currency}"
    found.charts.append((title, charts.lines(labels, courses, title=title, below="closing day")))


def _forecast(found: Section, warehouse: Warehouse, as_of: date, currency: str) -> None:
    """Cash of the next weeks, as a band around what is most likely."""
    from idp_cdi import charts
    from idp_cdi.steps.forecast import forecast

    weeks = forecast(warehouse, as_of)
    columns = ("currency", "week", "begin", "end", "p10", "p50", "p90", "by due date")
    rows = tuple(
        (w.currency, w.week, w.begin.isoformat(), w.end.isoformat(),
         *(round(v, 2) for v in (w.p10, w.p50, w.p90, w.naive)))
        for w in weeks
    )  # fmt: skip
    title = f"Cash of the next {len({w.week for w in weeks})} weeks from open invoices"
    found.tables.append(Table("forecast", title, columns, rows))
    mine = [w for w in weeks if w.currency == currency]
    if any(w.p90 for w in mine):
        band = charts.Line(
            "likely (P10 to P90)",
            tuple(w.p50 for w in mine),
            tuple(w.p10 for w in mine),
            tuple(w.p90 for w in mine),
        )
        naive = charts.Line("if all paid when due", tuple(w.naive for w in mine))
        labels = [f"{w.begin:%d %b}" for w in mine]
        chart = charts.lines(labels, [band, naive], title=title, below="week that begins on")
        found.charts.append((f"{title}, {currency}", chart))


def _revenue(found: Section, answer: Answer, currency: str) -> None:
    from idp_cdi import charts

    found.tables.append(_table(answer, "revenue_by_month", "Revenue by month"))
    rows = _of(answer, currency)
    if rows:
        items = [(f"{r['month_start']:%b %y}", float(r["net"] or 0)) for r in rows]
        title = f"Net revenue by month, {currency}"
        found.charts.append((title, charts.columns(items, title=title)))


def _concentration(
    found: Section, answer: Answer, customers: Answer, currency: str, *, pii: bool
) -> None:
    from idp_cdi import charts

    shares = ("top_1", "top_5", "top_10", "top_20")
    found.tables.append(
        _table(answer, "concentration", "How much hangs on how few (twelve months)", shares)
    )
    row = _row(answer, currency)
    if row:
        steps = [("none", 0.0), *((n.replace("top_", "top "), float(row[n] or 0)) for n in shares)]
        title = f"Share of revenue of the largest of {row['customers']:,} customers"
        labels = [label for label, _ in steps]
        course = charts.Line("share", tuple(v for _, v in steps))
        found.charts.append((title, charts.lines(labels, [course], title=title, unit="%")))
    largest = tuple(
        (
            r["customer_id"],
            r["name"] if pii else "",
            r["currency"],
            r["net"],
            r["invoices"],
            r["share"],
        )
        for r in _of(customers, currency)[:_TOP]
    )
    columns = ("customer", "name", "currency", "net", "invoices", "share")
    title = "Customers with most revenue (twelve months)"
    found.tables.append(
        Table("revenue_by_customer", title, columns, largest, frozenset(("share",)))
    )
