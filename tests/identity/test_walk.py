"""The short form of scripts/identity_walk.py."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "identity_walk.py"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_random_life_of_customers_keeps_every_promise(seed):
    spec = importlib.util.spec_from_file_location("identity_walk", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["identity_walk"] = module
    spec.loader.exec_module(module)
    done = module.walk(150, seed, most=25)
    assert done["add"] and done["delete"] and done["withdraw"]
