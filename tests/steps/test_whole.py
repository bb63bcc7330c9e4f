"""The whole store at once gives what one change after the other gives, whatever came before."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from sqlalchemy import select
from test_unify import BAKERY, DINER, TOOLS, TWIN, arrive, delete, groups, mention, state

from idp_cdi.errors import UsageError
from idp_cdi.matching import copies
from idp_cdi.settings import Settings
from idp_cdi.steps import customers, unify
from idp_cdi.store import derived, open_store, questions
from idp_cdi.store.schema import mention as mentions

VARIANTS = [
    BAKERY,
    TWIN,
    TOOLS,
    TOOLS | {"name": "NORDWIND WERKZEUGE"},
    BAKERY | {"name": 'Bäckerei "Sonnenthal"\\Köln', "phone": "+4922155501"},
    BAKERY | {"vat_id": "DE136695976"},
    BAKERY | {"name": "Sonnenthal Backwaren", "street": "Ring 7", "vat_id": ""},
    DINER,
    DINER | {"name": "Luigi's Diner", "street": "Dock Rd 1"},
    {"name": "Luigi Rossi", "phone": "+441174960123"},
]


def operations(seed, count, variants=VARIANTS):
    """What happens to a store: rows come, change and go, persons decide and take it back."""
    rng = random.Random(seed)
    for _ in range(count):
        kind = rng.choices(("rows", "delete", "merge", "split", "undo"), (6, 1, 1, 1, 1))[0]
        keys = [str(rng.randint(1, 9)) for _ in range(rng.randint(1, 4))]
        yield kind, [(k, rng.choice(variants), rng.choice(("crm", "erp"))) for k in keys], rng


def apply(database, settings, kind, rows, rng):
    if kind == "rows":
        for source in sorted({s for *_, s in rows}):
            arrive(database, settings, *(mention(k, v, s) for k, v, s in rows if s == source))
        return
    if kind == "delete":
        delete(database, settings, rows[0][0], source=rows[0][2])
        return
    ids = sorted(groups(database))
    first, second = rng.sample(ids, 2) if len(ids) > 1 else ("", "")
    with database.reading() as connection:
        made = [d.id for d in customers.decisions(connection)]
        members = customers.show(connection, ids[0]).mentions if ids else ()
    if kind == "merge" and first:
        customers.merge(database, settings, first, second, person="ann")
    elif kind == "split" and len(members) > 1:
        place = f"{members[0].source}:{members[0].key}"
        customers.split(database, settings, ids[0], [place], person="bo")
    elif kind == "undo" and made:
        with suppress(UsageError):  # it is undone already
            customers.undo(database, settings, made[0], person="ann")


def everything(database):
    with database.reading() as connection:
        open_items = questions.items(connection, kinds=("match",))
        asked = sorted((i.id, i.payload, i.status, i.mention_id) for i in open_items)
        edges = list(derived.all_edges(connection))
    return *state(database), asked, edges


@pytest.mark.parametrize("seed", range(4))
def test_bit_by_bit_is_all_at_once(tmp_path, monkeypatch, seed):
    found = walk(tmp_path, monkeypatch, operations(seed, 14))
    assert found[0]


def test_rows_that_follow_others_are_the_same_in_every_way(tmp_path, monkeypatch):
    monkeypatch.setattr(copies, "KEPT_OWN", 2)
    found = walk(tmp_path, monkeypatch, operations(0, 20, [BAKERY, BAKERY, TWIN, TOOLS]))
    assert any(e.found_by == derived.COPY for e in found[-1])


def walk(tmp_path, monkeypatch, steps):
    """Do the same in every way of working, and then once more all at once; what is found."""
    steps = [(kind, rows, rng.getstate()) for kind, rows, rng in steps]
    stores = []
    ways = (("bits", 10**9, 0, 10**9), ("whole", 1, 10**9, 0), ("region", 1, 0, 0))
    for name, many, costs, one in (*ways, ("index", 10**9, 0, 0)):
        monkeypatch.setattr("idp_cdi.steps.compare._ONE_COSTS", one)
        monkeypatch.setattr(unify, "MANY", many)
        monkeypatch.setattr(unify, "ONE_COSTS", costs)
        settings = Settings(home=tmp_path / name)
        stores.append(open_store(settings.store_url))
        for kind, rows, dice in steps:
            rng = random.Random()
            rng.setstate(dice)
            apply(stores[-1], settings, kind, rows, rng)
    found = [everything(store) for store in stores]
    monkeypatch.setattr(unify, "MANY", 1)
    for store, before in zip(stores, found, strict=True):
        with store.writing() as connection:
            all_of_them = [row[0] for row in connection.execute(select(mentions.c.id))]
            unify.unify(connection, Settings(home=tmp_path / "bits"), all_of_them)
        assert everything(store) == before
        store.close()
    for bits, *others in zip(*found, strict=True):
        assert all(bits == other for other in others)
    return found[0]


def test_the_whole_store_at_once_on_both_databases(database, settings, monkeypatch):
    monkeypatch.setattr(unify, "MANY", 1)
    arrive(database, settings, mention("1", BAKERY), mention("2", DINER), mention("3", TOOLS))
    arrive(database, settings, mention("9", TWIN, "erp"), mention("8", VARIANTS[8], "erp"))
    united = {"C-0000001": {"crm:1", "erp:9"}, "C-0000002": {"crm:2", "erp:8"}}
    assert groups(database) == united | {"C-0000003": {"crm:3"}}
    before = state(database)
    delete(database, settings, "1")
    assert groups(database)["C-0000001"] == {"crm:1", "erp:9"}
    arrive(database, settings, mention("1", BAKERY))
    assert state(database)[1:] == before[1:]


def test_the_first_large_load_is_learned_from_and_weighs_what_came_before(tmp_path, monkeypatch):
    monkeypatch.setattr(unify, "MANY", 4)
    monkeypatch.setattr("idp_cdi.steps.compare._LEARN_FROM", 8)
    rows = [mention(str(i), VARIANTS[i % len(VARIANTS)]) for i in range(30)]
    found = []
    for name, parts in (("once", [rows]), ("a few before", [rows[:3], rows[3:]])):
        settings = Settings(home=tmp_path / name)
        database = open_store(settings.store_url)
        for part in parts:
            arrive(database, settings, *part)
        assert (settings.home / "models" / "matching" / "model.json").is_file()
        found.append(everything(database))
        database.close()
    assert found[0][-1] == found[1][-1]
    assert found[0][1] == found[1][1]
