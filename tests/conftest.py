"""What all tests share: settings in a folder of their own, and the store on both databases."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from needs import need

from idp_cdi.settings import Settings
from idp_cdi.store import open_store

_number = count()

# Machines are noisy: no test is judged by the clock. CI draws the same examples every time; new
# ones are found on laptops.
hypothesis_settings.register_profile(
    "idp", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile(
    "ci", hypothesis_settings.get_profile("idp"), derandomize=True, database=None
)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "idp")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server of our own on a socket in a temporary folder; yields a URL maker."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    need(programs, "PostgreSQL is not installed: apt-get install postgresql")
    root = Path(tempfile.mkdtemp(prefix="idp-pg-"))
    as_user = []
    if os.geteuid() == 0:
        shutil.chown(root, "postgres", "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    run = [*as_user, str(programs[-1] / "pg_ctl"), "-D", str(root / "data"), "-s", "-w"]
    make = [*as_user, str(programs[-1] / "initdb"), "-D", str(root / "data")]
    silent = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([*make, "-U", "test", "--auth=trust", "-E", "UTF8", "-N"], cwd="/", **silent)
    wishes = f"-k {root} -h '' -c fsync=off -c full_page_writes=off"
    subprocess.run([*run, "-o", wishes, "-l", str(root / "log"), "start"], cwd="/", **silent)
    yield lambda name: f"postgresql://test@/{name}?host={root}"
    subprocess.run([*run, "-m", "immediate", "stop"], cwd="/", **silent)
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres):
    """The URL of a new, empty PostgreSQL database."""
    import psycopg

    name = f"test_{os.getpid()}_{next(_number)}"
    with psycopg.connect(postgres("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return postgres(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request, tmp_path):
    """An empty store, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'store.db'}"
    else:
        url = request.getfixturevalue("postgres_url")
    opened = open_store(url)
    yield opened
    opened.close()
