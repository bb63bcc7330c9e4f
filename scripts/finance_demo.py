#!/usr/bin/env python3
"""A company of 2,000 customers whose books hold known faults: does finance get the right answers?

    python scripts/finance_demo.py                      # 2,000 customers, 24 months, 100 documents
    python scripts/finance_demo.py --customers 60 --months 8 --documents 6
    python scripts/finance_demo.py --compare postgresql://me@/empty_database

Prints how far ageing agrees with the truth (to the cent), how many faults are found and how many
false alarms there are, and how good the forecast is against the naive one; see docs/finance.md.
With ``--compare`` the same store is published there, too, and every table of the star and every
mart is compared row for row.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

import finance_company

from idp_cdi import ingest
from idp_cdi.connectors._mapping import load
from idp_cdi.settings import Organisation, Settings
from idp_cdi.sinks import open_warehouse
from idp_cdi.steps import marts, star
from idp_cdi.steps.collect import collect
from idp_cdi.steps.publish import publish
from idp_cdi.store import open_store

BUCKETS = (
    "not_due",
    "days_1_30",
    "days_31_60",
    "days_61_90",
    "days_91_120",
    "over_120",
    "unapplied",
)


@dataclass(slots=True)
class Result:
    """What was found; `wrong_cells` are ageing figures that differ from the truth."""

    customers: int = 0
    golden: int = 0
    invoices: int = 0
    payments: int = 0
    entries: int = 0
    documents: int = 0
    ageing_cells: int = 0
    wrong_cells: list[str] = field(default_factory=list)
    control_account: str = ""
    faults: int = 0
    found: int = 0
    missed: list[str] = field(default_factory=list)
    clean: int = 0
    false_alarms: list[str] = field(default_factory=list)
    unexplained: str = ""
    forecast: dict[str, object] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    compared: dict[str, int] = field(default_factory=dict)
    different: list[str] = field(default_factory=list)


def run(
    folder: Path,
    customers: int,
    months: int,
    documents: int,
    faults: int,
    seed: int,
    compare: str = "",
) -> Result:
    """Make the company, take it along the whole road, compare with the truth."""
    clock = time.process_time()
    result = Result(documents=documents)
    settings = Settings(
        home=folder / "home",
        organisation=Organisation(
            names=(finance_company.OUR_NAME,), vat_ids=(finance_company.OUR_VAT,)
        ),
    )
    company = finance_company.make(
        folder / "feeds", customers, months, seed=seed, faults=faults, documents=documents
    )
    result.seconds["make"] = time.process_time() - clock
    database = open_store(settings.store_url)
    try:
        clock = time.process_time()
        for path in sorted((folder / "feeds/sources").glob("*.yaml")):
            for report in collect(load(path), settings, database):
                if report.rejected or report.waiting:
                    raise SystemExit(f"{path.name}: {report.as_json()}")
        if documents:
            ingest([folder / "feeds/documents"], settings, database)
        result.seconds["road"] = time.process_time() - clock
        clock = time.process_time()
        done = publish(database, settings)
        result.seconds["publish"] = time.process_time() - clock
        if compare:
            publish(database, settings, compare)
            _compare(done.location, compare, company, result)
    finally:
        database.close()
    rows = {name: change.rows for name, change in done.tables.items()}
    result.customers, result.golden = customers, rows["dim_customer"]
    result.invoices, result.payments = rows["fact_invoice"], rows["fact_payment"]
    result.entries = rows["fact_gl_entry"]
    with open_warehouse(done.location) as warehouse:
        count = "SELECT count(*) FROM dim_customer WHERE is_current AND customer_sk > 0"
        result.golden = warehouse.query(count)[1][0][0]
        _check_ageing(warehouse, company, result)
        _check_faults(warehouse, company, result)
        _check_forecast(warehouse, company, result)
    return result


def _check_ageing(warehouse, company, result: Result) -> None:
    days = [company.end, date(2025, 11, 15), date(2025, 9, 30), date(2025, 7, 1)]
    for day in days:
        told = {r["currency"]: r for r in marts.ask(warehouse, "ageing", day).as_dicts()}
        for currency in sorted({c.currency for c in company.customers}):
            truth = company.ageing(day, currency)
            for name in BUCKETS:
                result.ageing_cells += 1
                got = Decimal(told.get(currency, {}).get(name, "0"))
                if got != truth[name]:
                    result.wrong_cells.append(f"{day} {currency} {name}: {got}, not {truth[name]}")
    reconciled = marts.ask(warehouse, "reconcile", company.end).as_dicts()
    result.unexplained = str(sum(Decimal(r["unexplained"]) for r in reconciled))
    sub = sum(Decimal(r["subledger"]) for r in reconciled)
    aged = sum(Decimal(r["total"]) for r in marts.ask(warehouse, "ageing", company.end).as_dicts())
    result.control_account = f"{sub} = {aged}"


def _check_faults(warehouse, company, result: Result) -> None:
    flagged: set[str] = set()
    start = date(2000, 1, 1)
    for row in marts.ask(warehouse, "billing-differences", company.end, start).as_dicts():
        flagged.add(row["invoice_number"])
    for row in marts.ask(warehouse, "reconcile-items", company.end).as_dicts():
        flagged.update(str(row["label"]).split(", "))
    for row in marts.ask(warehouse, "duplicate-invoices", company.end).as_dicts():
        flagged.add(row["first_number"])
    items = {i.number for i in company.invoices} | {m.reference for m in company.money}
    result.faults = len(company.faults)
    result.missed = sorted(f"{n}: {k}" for n, k in company.faults.items() if n not in flagged)
    result.found = result.faults - len(result.missed)
    result.clean = len(items - company.faults.keys())
    result.false_alarms = sorted(flagged - company.faults.keys())


def _compare(one: str, other: str, company, result: Result) -> None:
    """Every table and every mart in two warehouses."""
    with open_warehouse(one) as left, open_warehouse(other) as right:
        for table in star.tables():
            query = f"SELECT * FROM {table.name} ORDER BY {', '.join(table.key)}"
            _same(table.name, left.query(query)[1], right.query(query)[1], result)
        for name in marts.marts():
            rows = [marts.ask(w, name, company.end).as_dicts() for w in (left, right)]
            _same(f"finance {name}", *rows, result)


def _same(name: str, left, right, result: Result) -> None:
    result.compared[name] = len(left)
    if left != right:
        result.different.append(name)


def _check_forecast(warehouse, company, result: Result) -> None:
    from idp_cdi.steps import forecast

    scores = forecast.back_test(warehouse, company.end)
    result.forecast = {s.currency: asdict(s) for s in scores}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--documents", type=int, default=100)
    parser.add_argument("--faults", type=int, default=25, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compare", default="", help="another warehouse to publish to")
    parser.add_argument("--keep", type=Path, help="folder that stays, for looking at")
    args = parser.parse_args()
    folder = args.keep or Path(tempfile.mkdtemp(prefix="idp-finance-"))
    try:
        asked = (args.customers, args.months, args.documents, args.faults, args.seed)
        found = run(folder, *asked, args.compare)
        print(json.dumps(asdict(found), indent=2, default=str, ensure_ascii=False))
    finally:
        if args.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
