"""Our ageing is Tryton's own aged balance, on a database with instalments and payments."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest

from idp_cdi.connectors._mapping import parse
from idp_cdi.sinks import open_warehouse
from idp_cdi.steps import marts
from idp_cdi.steps.connect import run_source
from idp_cdi.steps.publish import publish
from idp_cdi.store import open_store

pytestmark = pytest.mark.erp

OURS = """
SELECT x.source_key AS party, :as_of - m.due_date AS late, sum(m.amount) AS amount
FROM mart_receivable_movement m
LEFT JOIN fact_invoice i ON i.invoice_sk = m.invoice_sk
LEFT JOIN fact_payment p ON p.payment_sk = m.payment_sk
JOIN xref_customer x ON x.is_current AND x.source_name = 'erp'
    AND x.mention_key = coalesce(i.bill_to_mention, p.payer_mention)
WHERE m.moved_on <= :as_of GROUP BY 1, 2
"""


def test_ageing_equals_trytons_aged_balance(erp, settings, tmp_path):
    told = erp.keep_books()
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    reports = run_source(parse({"source": "erp", "location": erp.location}), settings, store)
    assert {r.stream: r.facts for r in reports}["instalments"] > 12
    location = f"duckdb:{tmp_path / 'star.duckdb'}"
    publish(store, settings, location)
    store.close()
    company = erp.call("model.company.company.search", [], 0, None, None, {})[0]
    for text in told["days"]:
        day = date.fromisoformat(text)
        with open_warehouse(location) as warehouse:
            marts.build(warehouse)
            rows = warehouse.query(marts.render(OURS, day))[1]
            total = marts.ask(warehouse, "ageing", day).as_dicts()
            reconciled = marts.ask(warehouse, "reconcile-items", day).as_dicts()
        assert reconciled == [], "Tryton's sub-ledger and its ledger are one"
        ours = defaultdict(lambda: defaultdict(Decimal))
        for party, late, amount in rows:
            ours[int(party)]["balance"] += amount
            # Tryton begins a term on its very day, we on the day after.
            terms = ("term0", 0, 30), ("term1", 30, 60), ("term2", 60, 90), ("term3", 90, 99999)
            for name, low, high in terms:
                if low <= late < high:
                    ours[int(party)][name] += amount
        theirs = aged_balance(erp, company, day)
        assert theirs, "there is something to compare"
        for party, row in theirs.items():
            names = ["balance"] if party in told["in_part"] else list(row)
            assert {n: ours[party][n] for n in names} == {n: row[n] for n in names}, (party, day)
        assert {p for p in ours if ours[p]["balance"]} <= theirs.keys()
        whole = sum(Decimal(r["total"]) for r in total)
        assert whole == sum(r["balance"] for r in theirs.values())


def aged_balance(erp, company, day):
    context = {
        "type": "customer", "company": company, "posted": True, "unit": "day",
        "term1": 30, "term2": 60, "term3": 90,
        "date": {"__class__": "date", "year": day.year, "month": day.month, "day": day.day},
    }  # fmt: skip
    names = ["balance", "term0", "term1", "term2", "term3"]
    found = erp.call(
        "model.account.aged_balance.search_read", [], 0, None, None, ["party", *names], context
    )
    return {r["party"]: {n: Decimal(r[n] or 0) for n in names} for r in found}
