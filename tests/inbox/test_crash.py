"""The short form of ``scripts/crash_test.py``: killed again and again, nothing lost or doubled."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_a_killed_and_resumed_batch_gives_the_same_store():
    command = [
        sys.executable,
        "scripts/crash_test.py",
        "--short",
        "--documents",
        "12",
        "--kills",
        "9",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all is well" in done.stdout
