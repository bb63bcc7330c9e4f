"""What every engine promises: the same pairs and clusters for the same table and model."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from idp_cdi.plugins import ways

ENGINES = [e for e in ways("engines") if e.is_available()]


@pytest.mark.parametrize("engine", ENGINES, ids=lambda e: e.NAME)
def test_an_engine_finds_the_clear_duplicate(engine):
    table = pa.table(
        {
            "name": ["Edda Holm", "Holm, Edda", "Lasse Farn", "Oda Elm"],
            "email": ["edda@post.example", "edda@post.example", None, "oda@post.example"],
        }
    )
    found = engine.run(table)
    assert found.clusters.tolist() == [0, 0, 2, 3]
    assert found.pairs.left.dtype == np.int64
    assert ((found.pairs.probability >= 0) & (found.pairs.probability <= 1)).all()
