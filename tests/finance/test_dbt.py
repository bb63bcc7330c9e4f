"""The dbt package: made from the same SQL, and green on a published star."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from idp_cdi.steps.publish import publish

ROOT = Path(__file__).parents[2]


def test_the_dbt_package_is_not_stale():
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/make_dbt.py", "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, f"run scripts/make_dbt.py\n{done.stderr}"


@pytest.mark.dbt
def test_dbt_build_is_green(books, store, settings, tmp_path):
    program = Path(os.environ.get("IDP_CDI_DBT_VENV", ROOT / ".venv-dbt")) / "bin/dbt"
    if not program.exists():
        pytest.skip("dbt is not installed: run scripts/setup-dbt")
    star = tmp_path / "star.duckdb"
    publish(store, settings, f"duckdb:{star}")
    where = {
        "IDP_CDI_WAREHOUSE": str(star),
        "IDP_CDI_MARTS": str(tmp_path / "marts.duckdb"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    done = subprocess.run(
        [program, "build", "--profiles-dir", ".", "--target-path", tmp_path / "target",
         "--log-path", tmp_path / "logs", "--vars", '{as_of: "2025-12-31"}'],
        cwd=ROOT / "dbt/idp_cdi", env={**os.environ, **where}, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    results = json.loads((tmp_path / "target/run_results.json").read_text())["results"]
    assert len(results) > 70
    assert {r["status"] for r in results} <= {"success", "pass"}
