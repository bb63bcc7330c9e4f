"""A store's first model builds on the one that ships: what is to come will match what is there."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa

from idp_cdi.engines.local import Options, run
from idp_cdi.matching.explanation import waterfall
from idp_cdi.matching.training import TO_COME
from idp_cdi.steps.columns import compared_fields
from idp_cdi.steps.compare import columns, shipped

WORDS = (
    "Falke Birke Amsel Turm Hafen Linde Kessel Anker Pfeil Mond Komet Distel Zeder Marder Luchs "
    "Kranich Segel Brunnen Pappel Wiesel Otter Dachs Rabe Eibe Ulme Espe Harz Quarz Achat Opal"
).split()
TOWNS = "Kiel Plön Eutin Husum Heide Itzehoe Rendsburg Preetz".split()


def master(size):
    """Firms of a system that has each of them once."""
    chance = random.Random(7)
    rows = []
    for n in range(size):
        name = f"{chance.choice(WORDS)}{chance.choice(WORDS).lower()} {chance.choice(WORDS)} GmbH"
        street = f"{chance.choice(WORDS)}weg {chance.randrange(1, 99)}"
        code = f"24{chance.randrange(100, 999)}"
        rows.append({
            "entity_type": "organisation", "name": name, "street": street, "postal_code": code,
            "city": chance.choice(TOWNS), "country": "DE", "customer_number": f"K{1000 + n}",
        })  # fmt: skip
    names = ("entity_type", *compared_fields())
    return pa.table({n: pa.array([r.get(n) for r in rows], pa.string()) for n in names}), rows


def test_a_system_that_has_each_customer_once_does_not_teach_that_nothing_ever_matches():
    table, rows = master(800)
    alone = run(table, Options(columns=columns(), pairs_only=True)).model
    built = run(table, Options(columns=columns(), pairs_only=True, before=shipped())).model
    least = TO_COME * 800 / (800 * 799 / 2)
    assert alone.prior[0, 2] < shipped().prior[0, 2]
    assert np.isclose(built.prior[0, 2], min(least, shipped().prior[0, 2]), rtol=0.01)
    assert (built.prior[:, 2] >= alone.prior[:, 2]).all()
    told = {n: rows[5][n] for n in ("name", "street", "city")}
    assert waterfall(built, told, rows[5]).probability > 0.95
    assert waterfall(built, told, rows[6]).probability < 0.01
