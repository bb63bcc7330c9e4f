"""Kin are not one party: sites of a group, households, namesakes; those who moved still are."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest

from idp_cdi.engines.local import Options, run
from idp_cdi.matching.explanation import waterfall
from idp_cdi.matching.levels import LEVELS
from idp_cdi.matching.model import Model
from idp_cdi.matching.records import plan, prepare
from idp_cdi.matching.scoring import compare_all
from idp_cdi.matching.training import NUMBERS, _stay
from idp_cdi.models_path import models_path
from idp_cdi.steps.columns import compared_fields
from idp_cdi.steps.compare import columns

STREETS = (
    "Mill Oak Elm Lake Park Hill Bridge Station Church Market Cedar Walnut River Spring".split()
)
GROUPS = "Tiny Steps,Blue Door,Happy Acorn,Little Lantern,Green Meadow,Silver Birch".split(",")
SITES = "North South East West Riverside Uptown Central Harbour".split()


def _site_list(seed: int) -> tuple[pa.Table, list[str]]:
    """Sites in one city by several lists: a group has one name and one switchboard."""
    chance = random.Random(seed)
    rows, truth = [], []
    for g, group in enumerate([*GROUPS, *(f"{a} {b}" for a in STREETS for b in SITES[:5])]):
        phone = f"{chance.randrange(2000000, 9999999)}"
        sites = chance.sample(SITES, 5 if g < len(GROUPS) else 1)
        for site in sites:
            street = (
                f"{chance.randrange(100, 9000)} {chance.choice('NSEW')} {chance.choice(STREETS)}"
            )
            code = f"606{chance.randrange(10, 60)}"
            for _ in range(chance.choice([1, 2, 2, 3])):
                name = f"{group} {site}" if chance.random() < 0.6 else group
                rows.append(
                    {
                        "name": name.upper() if chance.random() < 0.3 else name,
                        "address": street + chance.choice([" St", " Street", " St."]),
                        "zip": code if chance.random() < 0.7 else None,
                        "phone": phone if chance.random() < 0.9 else None,
                        "entity_type": "organization",
                    }
                )
                truth.append(f"{group} {site}")
    return pa.Table.from_pylist(rows), truth


def _pairs(labels, truth):
    both = [(labels[i] == labels[j], truth[i] == truth[j])
            for i in range(len(truth)) for j in range(i)]  # fmt: skip
    hits = sum(a and b for a, b in both)
    return hits / max(1, sum(a for a, _ in both)), hits / sum(b for _, b in both)


@pytest.mark.parametrize("seed", [1, 2])
def test_sites_of_a_group_stay_apart(seed):
    table, truth = _site_list(seed)
    precision, recall = _pairs(run(table).clusters.tolist(), truth)
    assert precision > 0.9
    assert recall > 0.95


@pytest.mark.parametrize(
    ("one", "other", "label"),
    [
        ("12 Mill Street", "12 Mill St", "same"),
        ("2140 W 79th St", "2141 W 79th Street", "same street, number near or misread"),
        ("7510 N Ashland Ave", "7610 N. Ashland", "same street, number near or misread"),
        ("4444 S Evans Ave", "4511 S Evans Ave", "same street, another number"),
        ("12 Mill Street", "77 Harbour Lane", "different"),
    ],
)
def test_levels_of_addresses(one, other, label):
    from idp_cdi.matching.columns import detect
    from idp_cdi.matching.levels import LEVELS
    from idp_cdi.matching.model import blank

    streets = [one, other, *(f"{n} {s} Road" for n, s in enumerate(STREETS, start=100))]
    table = pa.table({"name": [f"N{i}" for i in range(len(streets))], "address": streets})
    made = plan(detect(table), table)
    records = prepare(table, made)
    model = blank(made, records)
    import numpy as np

    pair = np.array([0]), np.array([1])
    scored = compare_all(model, records, model.worth(records), *pair)
    level = scored.levels[0, list(model.fields).index("address")]
    assert LEVELS["address"][level].label == label


def test_two_valid_vat_ids_of_one_country_are_never_one_party():
    rows = [
        {
            "name": "Acme Bau GmbH",
            "city": "Ulm",
            "street": "Mill 3",
            "phone": "0731 447711",
            "vat": v,
        }
        for v in ("DE136695976", "DE129273398", None, "DE136695976")
    ]
    noise = [
        {"name": f"{a} {b} GmbH", "city": "Ulm", "street": f"{a} {n}", "phone": f"0731 55{n}11",
         "vat": None}
        for n, (a, b) in enumerate(((a, b) for a in STREETS for b in SITES[:4]), start=10)
    ]  # fmt: skip
    labels = run(pa.Table.from_pylist([*rows, *noise])).clusters.tolist()
    assert labels[0] == labels[3]
    assert labels[0] != labels[1]
    assert len({labels[2], labels[0], labels[1]}) == 2


def test_records_of_a_kind_that_learning_never_met_are_weighed_like_the_others():
    table, _ = _site_list(seed=3)
    model = run(table).model
    row = table.to_pylist()[0] | {"entity_type": "organisation"}
    known = waterfall(model, row, row).weight
    unknown = waterfall(model, row | {"entity_type": None}, row | {"entity_type": None}).weight
    assert unknown == pytest.approx(known, abs=0.5)


def test_one_name_and_one_vat_id_at_two_addresses_link_by_the_shipped_model():
    model = Model.load(models_path() / "matching")
    firm = {"name": "Nordwind Werkzeuge GmbH", "country": "DE", "vat_id": "DE136695976"}
    here = {"street": "Hafenstraße 27", "postal_code": "24103", "city": "Kiel"}
    there = {"street": "Am Anger 7", "postal_code": "07743", "city": "Jena"}
    iban = {"iban": "DE02120300000000202051"}
    rows = [firm | here, firm | there, firm | there | iban | {"vat_id": None}]
    made = {f: pa.array([r.get(f) for r in rows], pa.string()) for f in compared_fields()}
    table = pa.table({"entity_type": ["organisation"] * 3, **made})
    found = run(table, Options(model=model, columns=columns(), threshold=0.95))
    assert found.clusters.tolist() == [0, 0, 0]


def test_that_matches_moved_along_the_street_is_not_learned_beyond_what_is_known():
    """A chain's places in one street look like one that moved, and would teach that they are."""
    known = np.array([[1.0, 0.1, 0.1, 0.01, 0.1, 0.1, 0.1, 0.1, 0.39]])
    learned = np.array([[0.0, 0.1, 0.1, 0.2, 0.1, 0.1, 0.1, 0.1, 0.2]])
    few = np.array([[0.0, 0.1, 0.1, 0.001, 0.1, 0.1, 0.1, 0.1, 0.399]])
    for shares in (learned, few):
        before = shares.copy()
        _stay(shares, known)
        assert shares.sum() == pytest.approx(1.0)
        assert shares[0, NUMBERS] == pytest.approx(min(before[0, NUMBERS], 0.01), rel=0.3)
        rest = np.delete(shares, NUMBERS) / np.delete(before, NUMBERS).clip(1e-9)
        assert rest[1:] == pytest.approx(rest[1])
    assert LEVELS["address"][NUMBERS].label == "same street, another number"
