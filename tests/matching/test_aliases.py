"""A firm is found by what else it is known by: its web domain, another name."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from idp_cdi.matching.aliases import domain
from idp_cdi.matching.columns import Column, Kind
from idp_cdi.matching.explanation import waterfall
from idp_cdi.matching.model import Model
from idp_cdi.matching.online import Index, Segment
from idp_cdi.matching.records import columns_of, plan, prepare, prepare_rows
from idp_cdi.matching.scoring import weigh_pairs
from idp_cdi.models_path import models_path

HOME = {
    "entity_type": "organisation", "street": "147 boulevard Rossi", "postal_code": "47763",
    "city": "Pau", "country": "FR",
}  # fmt: skip
OLD, NEW = "Petite Tilleul Plomberie SARL", "EURL Aquitaine Chauffage"


@pytest.fixture(scope="module")
def model():
    return Model.load(models_path() / "matching")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b@petite-tilleul-plomberie.com", "petitetilleulplomberie"),
        ("https://www.van-salm.co.uk/en?x=1", "vansalm"),
        ("Anna <anna@mail.kinity.es>", "kinity"),
        ("WWW.MÜLLER.DE", "müller"),
        ("nothing", "nothing"),
        ("", None),
        (None, None),
    ],
)
def test_a_domain_is_the_name_in_an_address_however_many_there_are(text, expected):
    assert domain([text]) == [expected]
    many = domain(pa.array([text] * 40, pa.string())).to_pylist()
    assert {one or None for one in many} == {expected}


def weight(model, left, right):
    found = waterfall(model, HOME | left, HOME | right)
    back = waterfall(model, HOME | right, HOME | left)
    assert found.weight == pytest.approx(back.weight)
    return found


def test_a_renamed_firm_is_found_by_its_old_domain_and_a_tenant_is_not(model):
    renamed = weight(model, {"name": OLD}, {"name": NEW, "email": "b@petite-tilleul-plomberie.com"})
    tenant = weight(model, {"name": OLD}, {"name": NEW, "email": "b@aquitaine-chauffage.fr"})
    assert tenant.probability < 0.5 < 0.9 < renamed.probability
    partly = weight(model, {"name": OLD}, {"name": NEW, "email": "b@petite-tilleul.com"})
    assert tenant.weight < partly.weight < renamed.weight
    said = [{s.field: s.level for s in one.steps}["name"] for one in (renamed, partly)]
    assert said == ["same words, misspelt or short", "one name within the other"]


def test_that_a_renamed_firm_has_another_legal_form_says_nothing_more(model):
    vat = {"vat_id": "FR40303265045"}
    steps = [
        {s.field: s for s in weight(model, {"name": OLD} | vat, {"name": new} | vat).steps}
        for new in ("Aquitaine Chauffage SAS", "Lebon SNC", "Petite Tilleul Plomberie SNC")
    ]
    assert [s["legal form"].level for s in steps] == ["different"] * 3
    assert [s["legal form"].bits for s in steps[:2]] == [0.0, 0.0]
    assert steps[2]["legal form"].bits < -1.0
    renamed = weight(model, {"name": OLD} | vat, {"name": "Lebon SNC"} | vat)
    assert renamed.probability > 0.9


def test_little_known_of_a_place_is_not_held_against_it(model):
    far = {"name": OLD, "street": "", "city": "", "postal_code": ""}
    told = {n: {s.field: s.bits for s in weight(model, far | {"country": n}, {"name": OLD}).steps}
            for n in ("FR", "DE")}  # fmt: skip
    assert told["FR"]["place"] > -0.1 > -1.0 > told["DE"]["place"]


def test_a_person_is_not_called_like_her_mail_provider(model):
    one = {"entity_type": "person", "name": "Webermann Anna"}
    other = {"entity_type": "person", "name": "Ida Kohl", "email": "ida@webermannanna.de"}
    levels = {s.field: s.level for s in weight(model, one, other).steps}
    assert levels["name"] == "different"


def test_a_trading_name_is_a_name():
    columns = [Column("name", Kind.NAME), Column("dba", Kind.OTHER_NAME)]
    rows = [{"name": OLD, "dba": None}, {"name": NEW, "dba": "Petite Tilleul Plomberie"}]
    one = prepare_rows(rows, plan(columns))
    many = prepare(pa.Table.from_pylist(rows * 40), plan(columns))
    for found in (one, many):
        known = found.fields["name"].known[0]
        assert known.strings[known.codes[1]] == "petitetilleulplomberie"


def test_many_rows_are_compared_as_few_are(model):
    rows = [HOME | {"name": OLD}, HOME | {"name": NEW, "email": "b@petite-tilleul-plomberie.com"}]
    names = columns_of(model.plan)
    one = pa.table({n: pa.array([r.get(n) for r in rows], pa.string()) for n in names})
    many = prepare(pa.concat_tables([one] * 2_000).combine_chunks(), model.plan)
    left, right = np.array([0, 2]), np.array([1, 3])
    found, _ = weigh_pairs(model, many, left, right)
    assert found == pytest.approx(weight(model, *rows).weight)


def test_columns_of_other_names_and_addresses_may_be_empty():
    columns = [
        Column("name", Kind.NAME),
        Column("dba", Kind.OTHER_NAME),
        Column("mail", Kind.EMAIL),
    ]
    for size in (2, 3_000):
        names = pa.array([OLD] * size, pa.string())
        nothing = pa.nulls(size, pa.string())
        found = prepare(pa.table({"name": names, "dba": nothing, "mail": nothing}), plan(columns))
        assert all((known.codes < 0).all() for known in found.fields["name"].known)


def test_the_index_knows_by_what_else_those_are_known_that_have_no_such_thing_themselves(model):
    known = HOME | {"name": NEW, "website": "www.petite-tilleul-plomberie.com"}
    rows = [known, HOME | {"name": "Rossi Boulangerie"}]
    table = pa.table(
        {n: pa.array([r.get(n) for r in rows], pa.string()) for n in columns_of(model.plan)}
    )
    index = Index(model, [Segment.of(table, np.arange(2), model)])
    found = index.score(HOME | {"name": OLD})[0]
    batch = weight(model, {"name": OLD}, known)
    assert (found.id, found.weight) == (0, pytest.approx(batch.weight))
