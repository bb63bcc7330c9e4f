#!/usr/bin/env python3
"""How long the marts take on a large star: 1 M customers, 1.25 M invoices, 5 M lines.

    python scripts/bench_marts.py                        # full size, two threads
    python scripts/bench_marts.py --customers 50000      # quicker

Makes a star in DuckDB by SQL (no store), builds the mart tables, then asks ageing on past dates.
Prints wall and CPU seconds and the peak of memory. Wall times count on a free machine only.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from idp_cdi.sinks import open_warehouse
from idp_cdi.steps import marts, star

#: Columns that the marts need, by table; everything else stays empty.
FILL = {
    "dim_customer": """SELECT n * 100000 + 1 AS customer_sk, n AS customer_key,
        printf('C-%07d', n) AS customer_id, 1 AS version, TIMESTAMP '1900-01-01' AS valid_from,
        TIMESTAMP '9999-12-31' AS valid_to, true AS is_current, 'current' AS status,
        'organisation' AS kind, 'customer' AS roles, 2 AS record_count, 2 AS source_count,
        'Customer ' || n AS name, 'DE' || n AS vat_id,
        printf('C-%07d', n // 20 * 20 + 1) AS ultimate_parent_id
        FROM range(1, {customers} + 1) t (n)""",
    "xref_customer": """SELECT n AS mention_key, 1 AS source_id, 'billing' AS source_name,
        'K' || n AS source_key, n AS customer_key, printf('C-%07d', n) AS customer_id,
        TIMESTAMP '1900-01-01' AS valid_from, TIMESTAMP '9999-12-31' AS valid_to,
        true AS is_current, 'alone' AS method FROM range(1, {customers} + 1) t (n)""",
    "bridge_customer_hierarchy": """SELECT n AS ancestor_key, n AS descendant_key,
        printf('C-%07d', n) AS ancestor_id, printf('C-%07d', n) AS descendant_id, 0 AS depth,
        true AS is_top, 'self' AS method FROM range(1, {customers} + 1) t (n)""",
    "dim_date": """SELECT CAST(d AS DATE) AS date_day, year(d) AS year,
        CAST(date_trunc('month', d) AS DATE) AS month_start, last_day(d) AS month_end
        FROM generate_series(DATE '2015-01-01', DATE '2030-12-31', INTERVAL 1 DAY) t (d)""",
    "fact_invoice": """SELECT n AS invoice_sk, printf('RE-%07d', n) AS invoice_number,
        printf('RE%07d', n) AS number_key, 'sale' AS direction, 'invoice' AS document_type,
        (hash(n) % {customers} + 1) * 100000 + 1 AS sold_to_sk,
        hash(n) % {customers} + 1 AS sold_to_mention, hash(n) % {customers} + 1 AS bill_to_mention,
        hash(n) % {customers} + 1 AS payer_mention,
        DATE '2023-01-01' + CAST(n * 1095 // {invoices} AS INTEGER) AS issue_date,
        DATE '2023-01-01' + CAST(n * 1095 // {invoices} AS INTEGER) + 30 AS due_date,
        'EUR' AS currency, CAST(hash(n * 7) % 200000 AS DECIMAL(18, 4)) / 100 + 1 AS net,
        0 AS tax, CAST(hash(n * 7) % 200000 AS DECIMAL(18, 4)) / 100 + 1 AS gross,
        1 AS source_id, 1 AS source_count FROM range(1, {invoices} + 1) t (n)""",
    "fact_invoice_source": """SELECT invoice_sk AS event_key, invoice_sk, 1 AS source_id,
        'system' AS channel, invoice_number, sold_to_mention AS customer_mention, issue_date,
        due_date, currency, net, tax, gross, 1 AS confidence FROM fact_invoice""",
    "fact_invoice_line": """SELECT i.invoice_sk, n AS line_number, i.sold_to_sk,
        i.sold_to_mention, i.issue_date, i.currency, 'Item' AS description, 1 AS quantity,
        i.net / 4 AS net FROM fact_invoice i, range(1, 5) t (n)""",
    "fact_instalment": """SELECT invoice_sk, 1 AS instalment, due_date, gross AS amount,
        'invoice' AS basis FROM fact_invoice""",
    "fact_payment": """SELECT 10000000 + invoice_sk AS payment_sk, 'in' AS direction,
        'payment' AS kind, payer_mention,
        due_date + CAST(hash(invoice_sk * 3) % 60 AS INTEGER) - 10 AS payment_date, currency,
        gross AS amount, 1 AS source_id, 1 AS source_count FROM fact_invoice
        WHERE invoice_sk % 50 <> 0""",
    "fact_payment_application": """SELECT 'p' || payment_sk AS application_key,
        'payment' AS kind, payment_sk, -1 AS credit_note_sk, payment_sk - 10000000 AS invoice_sk,
        payment_date AS application_date, currency, amount, 'key' AS method FROM fact_payment""",
    "fact_gl_entry": """SELECT invoice_sk * 2 + n AS gl_entry_sk, 2 AS source_id,
        'AR' || invoice_sk AS batch, issue_date AS posting_date, n AS account_sk,
        CASE n WHEN 0 THEN 'receivable' ELSE 'revenue' END AS account_class,
        sold_to_mention AS party_mention, CASE n WHEN 0 THEN gross ELSE -gross END AS amount,
        currency, invoice_sk, -1 AS payment_sk FROM fact_invoice, range(0, 2) t (n)""",
}


def make(path: Path, customers: int, invoices: int) -> None:
    """A star of that size, straight into a DuckDB file."""
    import duckdb

    duck = duckdb.connect(str(path))
    for table in star.tables():
        spec = ", ".join(f"{c.name} {c.type}" for c in table.columns)
        duck.execute(f"CREATE TABLE {table.name} ({spec}, row_hash BIGINT)")
        if table.name in FILL:
            query = FILL[table.name].format(customers=customers, invoices=invoices)
            duck.execute(f"INSERT INTO {table.name} BY NAME {query}")
    for view in star.views():
        duck.execute(view)
    duck.execute("CREATE TABLE publication (version TEXT, mark TEXT, published_at TEXT)")
    duck.execute("INSERT INTO publication VALUES ('bench', 'bench', '')")
    duck.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=1_000_000)
    args = parser.parse_args()
    invoices = args.customers * 5 // 4
    with tempfile.TemporaryDirectory(prefix="idp-marts-") as folder:
        path = Path(folder) / "star.duckdb"
        make(path, args.customers, invoices)
        print(f"{args.customers} customers, {invoices} invoices, {4 * invoices} lines")
        with open_warehouse(f"duckdb:{path}") as warehouse:
            _timed("mart build", lambda: marts.build(warehouse))
            names = ("ageing", "ageing-by-customer", "dso", "reconcile", "concentration")
            for name in names:
                for day in (date(2025, 11, 30), date(2024, 6, 30)):
                    _timed(f"{name} {day}", lambda n=name, d=day: marts.ask(warehouse, n, d))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB")


def _timed(what: str, work: object) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    rows = f", {len(found.rows)} rows" if hasattr(found, "rows") else ""
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{what}: {wall * 1000:.0f} ms wall, {cpu * 1000:.0f} ms CPU{rows}")


if __name__ == "__main__":
    main()
