"""What sharing a value is worth does not depend on how many values are asked about at once."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from idp_cdi.matching.model import MANY, RARITY, count


@given(seed=st.integers(0, 2**32 - 1))
def test_many_values_are_worth_what_each_is(seed: int) -> None:
    some = np.random.default_rng(seed)
    seen = some.integers(0, 400, size=1000).astype(np.uint64)
    known = count(seen, np.ones(len(seen)))
    asked = some.integers(1, 900, size=MANY).astype(np.uint64)
    rarity = RARITY["name"]
    at_once = known.bits(asked, rarity)
    parts = [known.bits(part, rarity) for part in np.array_split(asked, 7)]
    assert at_once.tolist() == np.concatenate(parts).tolist()
    assert len(set(at_once.tolist())) > 1
