"""As it was and as it is: the totals agree whatever is merged, split or undone."""

from __future__ import annotations

import tempfile
from pathlib import Path

from books import Books, ask
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from idp_cdi.connectors._mapping import parse
from idp_cdi.errors import IdpCdiError
from idp_cdi.settings import Settings
from idp_cdi.steps import customers
from idp_cdi.steps.collect import collect
from idp_cdi.steps.publish import publish
from idp_cdi.store import open_store

NAMES = [
    "Acme Tools",
    "Borealis Fish",
    "Cumulus Soft",
    "Dahlia Print",
    "Ember Heating",
    "Fjord Oil",
]
TOTALS = "SELECT customer_id, sum(gross) AS gross FROM {} GROUP BY customer_id ORDER BY customer_id"


def company(home):
    settings = Settings(home=Path(home))
    store = open_store(settings.store_url)
    made = Books(store, settings)
    made.parties("billing", **{f"k{n}": name for n, name in enumerate(NAMES)})
    made.facts(
        "billing",
        "invoice",
        [
            {"key": f"R{n}", "party": f"k{n % 6}", "invoice_number": f"R-{n:04d}",
             "currency": "EUR", "issue_date": f"2025-{n % 12 + 1:02d}-10", "total": f"{n}.37"}
            for n in range(1, 25)
        ],
    )  # fmt: skip
    return settings, store


def act(store, settings, step):
    what, left, right = step
    with store.reading() as connection:
        living = [c.id for c in customers.customers(connection)]
        decided = customers.decisions(connection)
    if what == "merge" and len(living) > 1:
        one, other = living[left % len(living)], living[right % len(living)]
        if one != other:
            customers.merge(store, settings, one, other, person="eva", why="test")
    elif what == "split":
        with store.reading() as connection:
            view = customers.show(connection, living[left % len(living)])
        place = view.mentions[right % len(view.mentions)]
        if len(view.mentions) > 1:
            keys = (f"{place.source}:{place.key}",)
            customers.split(store, settings, view.id, keys, person="eva", why="test")
    elif what == "undo" and decided:
        customers.undo(store, settings, decided[left % len(decided)].id, person="eva")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["merge", "merge", "split", "undo"]), st.integers(0, 9), st.integers(0, 9)
    ),
    min_size=1, max_size=5,
)  # fmt: skip


@examples(max_examples=4)
@given(STEPS)
def test_totals_agree_after_any_merge_and_steps_equal_one_run(steps):
    with tempfile.TemporaryDirectory() as home:
        settings, store = company(home)
        here, there = f"duckdb:{home}/a.duckdb", f"duckdb:{home}/b.duckdb"
        publish(store, settings, here)
        first = ask(here, TOTALS.format("invoice_as_was"))
        for step in steps:
            try:
                act(store, settings, step)
            except IdpCdiError:
                continue  # a decision that contradicts an earlier one is refused
        changed = publish(store, settings, here)
        facts = {n: c.written for n, c in changed.tables.items() if n.startswith("fact")}
        assert not any(facts.values()), "a merge rewrites no fact"
        was, now = (ask(here, TOTALS.format(f"invoice_as_{t}")) for t in ("was", "is"))
        assert was == first, "what was booked is told as it was then"
        assert sum(r["gross"] for r in now) == sum(r["gross"] for r in was)
        with store.reading() as connection:
            living = {c.id for c in customers.customers(connection)}
        assert {r["customer_id"] for r in now} <= living
        publish(store, settings, there)
        for table in ("dim_customer", "xref_customer", "fact_invoice", "customer_redirect"):
            query = f"SELECT * FROM {table} ORDER BY ALL"
            assert ask(here, query) == ask(there, query)
        store.close()


def test_a_merge_is_told_by_redirect_and_new_version(tmp_path):
    settings, store = company(tmp_path)
    here = f"duckdb:{tmp_path}/a.duckdb"
    publish(store, settings, here)
    customers.merge(store, settings, "C-0000001", "C-0000002", person="eva", why="one firm")
    publish(store, settings, here)
    assert [
        (r["old_customer_id"], r["customer_id"]) for r in ask(here, "FROM customer_redirect")
    ] == [("C-0000002", "C-0000001")]
    rows = ask(here, "SELECT * FROM dim_customer WHERE customer_key IN (1, 2) ORDER BY customer_sk")
    assert [(r["customer_sk"], r["status"], r["record_count"]) for r in rows] == [
        (100001, "former", 1), (100002, "current", 2), (200001, "merged", 1),
    ]  # fmt: skip
    mine = "SELECT count(*) AS n FROM {} WHERE customer_id = 'C-0000002'"
    assert ask(here, mine.format("invoice_as_was"))[0]["n"] == 4
    assert ask(here, mine.format("invoice_as_is"))[0]["n"] == 0
    store.close()


def test_ownership_makes_a_hierarchy_and_a_ring_ends(tmp_path):
    settings, store = company(tmp_path)
    here = f"duckdb:{tmp_path}/a.duckdb"
    owned = [("k0", "k1", "0.6"), ("k1", "k2", "0.5"), ("k3", "k4", "1"), ("k4", "k3", "1")]
    from idp_cdi.store import log

    with store.writing() as connection:
        ids = log.mention_ids(connection, "billing", [f"k{n}" for n in range(6)])
        facts = [
            log.Fact("ownership", child, log.moment(log.stamp()), {"ownership_share": share},
                     {"parent": (ids[parent],), "subsidiary": (ids[child],)})
            for parent, child, share in owned
        ]  # fmt: skip
        log.append_facts(connection, "billing", facts)
    publish(store, settings, here)
    rows = ask(
        here,
        "SELECT ancestor_key, descendant_key, depth, ownership_share FROM bridge_customer_hierarchy"
        " WHERE depth > 0 AND descendant_key <= 3 ORDER BY ALL",
    )
    assert [tuple(map(str, r.values())) for r in rows] == [
        ("1", "2", "1", "0.600000"), ("1", "3", "2", "0.300000"), ("2", "3", "1", "0.500000"),
    ]  # fmt: skip
    tops = ask(
        here,
        "SELECT descendant_key, count(*) AS n FROM bridge_customer_hierarchy"
        " WHERE is_top GROUP BY 1",
    )
    assert {t["n"] for t in tops} == {1}, "everybody has one top: no group is counted twice"
    store.close()


def test_parent_accounts_of_a_crm_make_the_hierarchy_until_they_are_taken_back(tmp_path):
    settings = Settings(home=tmp_path / "home")
    store = open_store(f"sqlite:///{tmp_path / 's.db'}")
    path = tmp_path / "crm.csv"
    owns = {"kind": "ownership", "key": "Id", "parties": {"parent": "ParentId", "subsidiary": "Id"}}
    stream = {"key": "Id", "kind": "organisation", "fields": {"name": "Name"}, "facts": [owns]}
    spec = parse({"source": "crm", "location": str(path), "streams": {"*": stream}})
    rows = ["Id,Name,ParentId", "1,Ostermann Holding AG,", "2,Corlab Optik GmbH,1", "3,Tulip BV,2"]
    found = []
    for written in (rows, [*rows[:3], "3,Tulip BV,"]):
        path.write_text("\n".join(written) + "\n", encoding="utf-8")
        (done,) = collect(spec, settings, store)
        assert (done.rejected, done.waiting) == (0, 0)
        publish(store, settings, f"duckdb:{tmp_path}/p.duckdb")
        query = "SELECT ancestor_key, descendant_key, depth FROM bridge_customer_hierarchy"
        told = ask(f"duckdb:{tmp_path}/p.duckdb", f"{query} WHERE depth > 0 ORDER BY ALL")
        found.append([tuple(map(int, row.values())) for row in told])
    store.close()
    assert found == [[(1, 2, 1), (1, 3, 2), (2, 3, 1)], [(1, 2, 1)]]
