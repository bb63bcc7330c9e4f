"""A drop folder with a road whose steps are quick and can be made to fail."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from idp_cdi.documents import Problem
from idp_cdi.extractions import Extraction, Field
from idp_cdi.inbox import Pace, run
from idp_cdi.steps.understand import Understood
from idp_cdi.store import intake, open_store

if TYPE_CHECKING:
    from pathlib import Path

QUICK = Pace(settle_s=0.05, patience_s=0.2, poll_s=0.2, reconcile_s=0.5, give_up_s=5.0)


@dataclass
class Road:
    """Stands for reading and matching; `bad` names fail, `parts` of a file are its children."""

    folder: Path
    settings: object
    database: object
    read: list[str] = field(default_factory=list)
    bad: dict[str, str] = field(default_factory=dict)
    parts: dict[str, list[str]] = field(default_factory=dict)
    unified: int = 0

    def drop(self, name: str, content: str | bytes = "", age: float = 60.0) -> Path:
        """Put a file into the folder as if it had lain there for a while."""
        import os

        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        body = content.encode() if isinstance(content, str) else content
        path.write_bytes(body or f"text of {name}\n".encode())
        then = time.time() - age
        os.utime(path, (then, then))
        return path

    def run(self, **more):
        return run(self.folder, self.settings, self.database, pace=QUICK, **more)

    def understand(self, paths, settings, *, document_type="", **_):
        for path in paths:
            self.read.append(path.name)
            content = path.read_bytes()
            yield self._one(path, content, document_type)

    def _one(self, path, content, document_type):
        sha256 = hashlib.sha256(content).hexdigest()
        code = self.bad.get(path.name)
        if code:
            problem = Problem(code, "it is bad", "mend it")
            return Understood(str(path), sha256, "", len(content), None, problem, (), path)
        children = tuple(
            self._part(f"{path}!{name}", name) for name in self.parts.get(path.name, ())
        )
        fields = (Field("invoice_number", "1", "1", 0.99, 1),)
        made = Extraction(str(path), sha256, document_type or "form", 1, "en", 1, "x", 0, fields)
        return Understood(str(path), sha256, "", len(content), made, None, children, path)

    def _part(self, full, name):
        sha256 = hashlib.sha256(name.encode()).hexdigest()
        if name in self.bad:
            return Understood(full, sha256, error=Problem(self.bad[name], "it is bad", "mend it"))
        made = Extraction(full, sha256, "form", 1, "en", 1, "x", 0)
        return Understood(full, sha256, "", 1, made)

    def states(self) -> dict[str, str]:
        with self.database.reading() as connection:
            found = intake.entries(connection, str(self.folder.resolve()))
        return {e.path: e.state for e in found}

    def left(self) -> set[str]:
        """Names of files that lie in the folder but not in ours."""
        top = {p for p in self.folder.rglob("*") if p.is_file() or p.is_symlink()}
        ours = [self.folder / n for n in (".idp-cdi", "done", "quarantine")]
        return {
            str(p.relative_to(self.folder)) for p in top if not any(o in p.parents for o in ours)
        }

    def put_away(self, kind: str) -> set[str]:
        return {p.name for p in (self.folder / kind).rglob("*") if p.is_file()}


@pytest.fixture
def road(tmp_path, settings, monkeypatch):
    folder = tmp_path / "in"
    folder.mkdir()
    database = open_store(settings.store_url, patience_s=0.3)
    made = Road(folder, settings, database)

    def unify(connection, settings, touched):
        made.unified += 1

    monkeypatch.setattr("idp_cdi.steps.understand.understand_many", made.understand)
    monkeypatch.setattr("idp_cdi.steps.unify.unify", unify)
    yield made
    database.close()
