"""Erasure: nothing is left of one person anywhere, everything of the others is."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from forget_house import NEIGHBOUR, House, word
from sqlalchemy import select

from idp_cdi.cli.main import cli
from idp_cdi.errors import StoreError, UsageError
from idp_cdi.settings import Settings
from idp_cdi.steps import _scrub, customers
from idp_cdi.steps.access import access
from idp_cdi.steps.apply import apply_documents
from idp_cdi.steps.collect import collect
from idp_cdi.steps.forget import forget, plan
from idp_cdi.store import audit, derived, documents, log, open_store
from idp_cdi.store.originals import Originals
from idp_cdi.store.schema import fact, fact_party, golden, mention

PERSONS = range(3)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def each(request, tmp_path):
    """A furnished installation on either database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("house")
        return
    store = open_store(request.getfixturevalue("postgres_url"))
    made = House(store, Settings(home=tmp_path / "home"), tmp_path)
    made.furnish(PERSONS)
    yield made
    store.close()


def rows(house, table):
    with house.database.reading() as connection:
        return connection.execute(select(table)).all()


def goldens(house):
    with house.database.reading() as connection:
        return {r.id: r.values for r in customers.customers(connection)}


def test_nothing_is_left_of_a_person_and_everything_of_the_others(each):
    before = goldens(each)
    customer = each.customer(1)
    assert each.found(1)
    others = {n: set(each.found(n)) for n in (0, 2)}
    done = forget(each.database, each.settings, customer, person="ann", why="request 7")
    assert each.found(1) == {}
    assert done.left == ()
    assert done.tell == ("crm:A-1",)
    assert done.originals == 2
    for n, places in others.items():
        kept = {p for p in places if "home" in p and "report" not in p and "cache" in p}
        assert kept <= set(each.found(n))
    assert goldens(each) == {c: v for c, v in before.items() if c != customer}
    with each.database.reading() as connection:
        assert audit.verify(connection, [audit.head(connection)])[1] == []


def test_an_access_request_shows_what_an_erasure_would_erase(house):
    with house.database.reading() as connection:
        found = access(connection, house.settings, house.customer(1))
    told = json.dumps(found, ensure_ascii=False).casefold()
    assert [c for c in house.canaries[1] if c.casefold() not in told and "runner" not in c] == [
        word("1 runner"),
        word("1 runner"),
    ]
    others = [c for n in (0, 2) for c in house.canaries[n]]
    assert not [c for c in others if c.casefold() in told]
    assert NEIGHBOUR["name"].casefold() not in told
    assert {r["source"] for r in found["seen_in"]} == {"crm", "documents"}
    (crm,) = [r for r in found["seen_in"] if r["source"] == "crm"]
    assert crm["values"][0]["where"]["column"] == "name"
    assert [d["mentions_others"] for d in found["documents"]].count(True) == 1
    assert {e["values"]["total"] for e in found["events"]} == {"101.00"}
    assert found["decisions"][0]["by"] == "ann"
    assert found["questions"][0]["answers"][0]["said"] == "accept"
    forget(house.database, house.settings, house.customer(1), person="ann")


def test_a_plan_changes_nothing_and_names_no_value(house):
    before = {
        p: p.read_bytes() for p in house.folder.rglob("*") if p.is_file() and ".db" not in p.name
    }
    found = plan(house.database, house.settings, house.customer(1))
    said = json.dumps([found.fields, found.common, found.short])
    assert not any(c in said for c in house.canaries[1])
    assert len(found.documents) == 1
    assert len(found.shared) == 1
    assert {t.kind for t in found.files} >= {"put away", "cache", "export", "original"}
    after = {
        p: p.read_bytes() for p in house.folder.rglob("*") if p.is_file() and ".db" not in p.name
    }
    assert before == after


def test_neighbours_keep_what_shared_documents_say_of_them(house):
    forget(house.database, house.settings, house.customer(1), person="ann")
    with house.database.reading() as connection:
        sellers = [(m, r) for m, r in log.current_records(connection) if "#seller" in r.key]
        assert len(sellers) == len(PERSONS)
        names = documents.names(connection, {r.key.partition("#")[0] for _, r in sellers})
        assert len(names) == len(PERSONS)
        seq = derived.customers_of(connection, [m for m, _ in sellers]).values()
        shown = customers.show(connection, derived.customer_id(min(seq)))
    assert {v.value for v in shown.values} >= {NEIGHBOUR["name"], NEIGHBOUR["city"]}
    missing = [s for s in names if not _kept(house, s)]
    assert len(missing) == 1


def _kept(house, sha256):
    try:
        return bool(Originals(house.settings.originals).path(sha256))
    except StoreError:
        return False


def test_the_books_still_add_up(house):
    def total():
        return sum(float(json.loads(r.payload)["total"]) for r in rows(house, fact))

    before = total()
    forget(house.database, house.settings, house.customer(1), person="ann")
    assert total() == before
    kept = [json.loads(r.payload) for r in rows(house, fact) if r.document is None]
    assert [k["total"] for k in kept] == ["101.00"]
    assert "description" not in kept[0]["lines"][0]
    assert len(rows(house, fact_party)) == 3 * 2 - 2 + 3


def test_what_was_erased_does_not_come_in_again(each):
    forget(each.database, each.settings, each.customer(1), person="ann")
    spec = each.feed(PERSONS)
    (report,) = collect(spec, each.settings, each.database, full=True)
    assert (report.erased, report.new, report.rejected) == (1, 0, 0)
    again = [each.document(1, seller=s) for s in (False, True)]
    applied = apply_documents(each.database, each.settings, again)
    assert applied.documents == 0
    assert set(applied.known.values()) == {"(erased on request)"}
    each.database.compact()
    assert each.found(1) == {}


def test_an_import_without_the_key_of_erasures_stops(house):
    forget(house.database, house.settings, house.customer(1), person="ann")
    key = house.settings.home / "keys" / "erasure"
    assert key.stat().st_mode & 0o777 == 0o600
    kept = key.read_text()
    for spoiled in ("", "ab" * 32):
        key.write_text(spoiled)
        with pytest.raises(StoreError, match="key of erasures"):
            collect(house.feed(PERSONS), house.settings, house.database, full=True)
    key.write_text(kept)


def test_an_erased_id_is_never_issued_again_and_says_what_became_of_it(house):
    customer = house.customer(1)
    forget(house.database, house.settings, customer, person="ann", why="request 7")
    with house.database.reading() as connection:
        with pytest.raises(UsageError, match="erased on request"):
            customers.show(connection, customer)
        with pytest.raises(UsageError, match="nothing is left"):
            plan(house.database, house.settings, customer)
        (entry,) = [e for e in audit.entries(connection) if e.action == "erase"]
        assert customer in entry.about["customers"]
        assert entry.actor == "ann"
        assert "A-1" not in entry.detail
        assert "request 7" in entry.detail
    assert all(r.key.startswith("erased:") or "A-1" not in r.key for r in rows(house, mention))


def test_an_old_version_of_another_customer_loses_the_values_too(each):
    """Two were merged by mistake and parted again: the history of the one shows the other."""
    one, other = each.customer(0), each.customer(1)
    customers.merge(each.database, each.settings, one, other, person="bob", why="mistake")
    with each.database.reading() as connection:
        number = customers.decisions(connection)[-1].id
    customers.undo(each.database, each.settings, number, person="bob")
    mixed = [r for r in rows(each, golden) if each.canaries[1][4] in r.payload]
    assert len({r.customer_seq for r in mixed}) > 1
    forget(each.database, each.settings, each.customer(1), person="ann")
    assert each.found(1) == {}
    with each.database.reading() as connection:
        assert len(customers.history(connection, each.customer(0))) > 1


def test_a_run_that_was_killed_can_be_run_again(house, monkeypatch):
    from idp_cdi.steps import forget as module

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "erase", killed)
    with pytest.raises(KeyboardInterrupt):
        forget(house.database, house.settings, house.customer(1), person="ann")
    monkeypatch.undo()
    assert forget(house.database, house.settings, house.customer(1), person="ann").left == ()
    assert house.found(1) == {}


def test_a_file_that_is_somebodys_work_is_named_and_left(house):
    rules = house.settings.home / "rules"
    rules.mkdir()
    mine = rules / "mine.yaml"
    mine.write_text(f"rules: []\n# ask {house.person(1)['name']}\n")
    done = forget(house.database, house.settings, house.customer(1), person="ann")
    assert [str(mine) in place for place in done.left] == [True]
    assert mine.exists()


def test_a_warehouse_is_published_anew_and_keeps_what_others_made_in_it(house):
    import duckdb

    from idp_cdi.steps.publish import publish

    file, folder = house.folder / "out" / "star.duckdb", house.folder / "out" / "star"
    for place in (f"duckdb:{file}", f"parquet:{folder}"):
        publish(house.database, house.settings, place)
    with duckdb.connect(str(file)) as duck:
        duck.execute("CREATE TABLE mine AS SELECT 1 AS a")
    name = house.person(1)["name"]

    def persons():
        with duckdb.connect(str(file)) as duck:
            held = duck.execute("SELECT name FROM dim_customer").fetchall()
        held += duckdb.sql(f"SELECT name FROM '{folder}/dim_customer/*.parquet'").fetchall()
        return {n for (n,) in held if n}

    assert name in persons()
    done = forget(house.database, house.settings, house.customer(1), person="ann")
    assert done.left == ()
    assert name not in persons()
    assert house.person(2)["name"] in persons()
    with duckdb.connect(str(file)) as duck:
        assert duck.execute("SELECT a FROM mine").fetchall() == [(1,)]


def test_the_command_asks_first_and_proves_it(house):
    customer = house.customer(1)

    def run(*arguments, **more):
        return CliRunner().invoke(cli, ["--home", str(house.settings.home), *arguments], **more)

    assert run("customers", "forget", customer, input="n\n").exit_code == 1
    shown = run("customers", "forget", customer, "--dry-run").output
    assert "what it says of others stays" in shown
    # A file is named by its own name, which a person chose.
    assert not any(c in shown.replace(word("1 mail"), "") for c in house.canaries[1])
    done = run("customers", "forget", customer, "--yes", "--person", "ann")
    assert done.exit_code == 0, done.output
    assert "nothing is left" in done.output
    assert house.found(1) == {}


@pytest.mark.parametrize(
    ("value", "telling"),
    [("Ann Lee", True), ("Anna", False), ("50667", False), ("+4922155", True), ("12.50", False)],
)
def test_what_can_be_searched_for(value, telling):
    assert _scrub.is_telling(value) is telling
