"""What a test needs from outside: skipped where it is missing, failed where it is promised."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[1] / "samples"


def need(condition: object, reason: str) -> None:
    """Skip on a laptop where something outside is missing; fail where it is promised (CI)."""
    if condition:
        return
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
