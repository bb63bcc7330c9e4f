"""A real Tryton server on SQLite, in an environment of its own, spoken to over HTTP only."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
import pytest

from idp_cdi.connectors import Connection
from idp_cdi.connectors._tryton import Tryton

collect_ignore = ["tryton_data.py", "tryton_books.py"]  # programs of the Tryton environment
ROOT = Path(__file__).parents[2]
_number = count()
_DATABASES = 10  # as many as there are tests
PASSWORD = "a-Password-for-tests-0"


@dataclass
class Erp:
    """The running server: where it is, and the ids of what is in it by short name."""

    location: str
    made: dict
    settings: Path
    programs: Path

    def call(self, method, *params):
        with Tryton(Connection(self.location), writes=True) as erp:
            return erp.call(method, *params)

    def keep_books(self):
        """Invoices of a year with instalments, credit notes and payments, in this database."""
        name = self.location.rpartition("/")[2]
        script = [self.programs / "python", Path(__file__).parent / "tryton_books.py"]
        run = [*script, self.settings, f"sqlite:///{name}"]
        done = subprocess.run(run, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout.splitlines()[-1])


def environment() -> Path:
    """The Tryton environment, made on first use where that is possible."""
    path = Path(os.environ.get("IDP_CDI_TRYTON_VENV", ROOT / ".venv-tryton"))
    if not (path / "bin/trytond").exists():
        setup = subprocess.run([ROOT / "scripts/setup-tryton"], capture_output=True, timeout=600)
        if setup.returncode and os.environ.get("CI"):
            pytest.fail(f"Tryton can't be installed: {setup.stderr.decode()[-500:]}")
        if setup.returncode:
            pytest.skip("Tryton is not installed: run scripts/setup-tryton")
    return path / "bin"


@pytest.fixture(scope="session")
def _template(tmp_path_factory):
    """A database with parties, invoices and a payment, made once."""
    programs = environment()
    root = tmp_path_factory.mktemp("tryton")
    (root / "db").mkdir()
    (root / "db/erp.sqlite").touch()
    (root / "trytond.conf").write_text(f"[database]\nuri = sqlite://\npath = {root}/db\n")
    (root / "password").write_text(PASSWORD)
    env = {**os.environ, "TRYTONPASSFILE": str(root / "password"), "TZ": "UTC"}
    run = {"env": env, "check": True, "capture_output": True, "cwd": root, "timeout": 300}
    base = ["-c", root / "trytond.conf", "-d", "erp"]
    modules = ["-u", "party", "account_invoice", "--activate-dependencies"]
    subprocess.run([programs / "trytond-admin", *base, "--email", "t@example.com", *modules], **run)
    script = [programs / "python", Path(__file__).parent / "tryton_data.py"]
    done = subprocess.run([*script, root / "trytond.conf", "sqlite:///erp"], **run)
    return programs, root, json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def _server(_template, tmp_path_factory):
    """One server for all tests; each test has a database of its own on it."""
    programs, root, made = _template
    home = tmp_path_factory.mktemp("server")
    (home / "db").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = home / "trytond.conf"
    config.write_text(
        f"[database]\nuri = sqlite://\npath = {home}/db\n[web]\nlisten = 127.0.0.1:{port}\n"
    )
    names = [f"erp{n}" for n in range(_DATABASES)]  # it serves only what it knows at the start
    for name in names:
        shutil.copy(root / "db/erp.sqlite", home / f"db/{name}.sqlite")
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "trytond", "-c", config, "-d", *names], stdout=log, stderr=log, cwd=home
        )
        try:
            _wait(f"http://127.0.0.1:{port}/", server)
            yield port, made, config, programs
        finally:
            server.terminate()
            server.wait(20)


@pytest.fixture
def erp(_server):
    """A database that no other test has touched, on the running server."""
    port, made, config, programs = _server
    location = f"tryton://admin:{PASSWORD}@127.0.0.1:{port}/erp{next(_number)}"
    return Erp(location, made, config, programs)


def _wait(url, server):
    deadline = time.monotonic() + 300  # on a busy machine it takes a while
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(url, timeout=5)
            return
        time.sleep(0.2)
    pytest.fail("Tryton did not start")
