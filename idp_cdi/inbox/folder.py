"""The drop folder on disk: what is ours in it, what it must not be, and moving files for good.

    FOLDER/                 files are dropped here, in sub-folders if you like
    FOLDER/inbox.yaml       what sub-folders mean (optional)
    FOLDER/done/DATE/       files that are in the store
    FOLDER/quarantine/DATE/ files that could not be used, each with NAME.reason.json
    FOLDER/.idp-cdi/work/   files being worked on: RUN/NUMBER/NAME, and RUN.lock of a living run

Ours lie inside the drop folder so that taking and putting away are renames on one file system:
whole or not at all. They are never walked, so nothing loops.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from idp_cdi.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORK = Path(".idp-cdi") / "work"


def check(folder: Path, home: Path) -> Path:
    """The real path of a drop folder that is fit to be one.

    Raises:
        UsageError: It does not exist, or it overlaps what must not be eaten: our own data, the
            Python installation, this program, the folder we stand in, the user's home.
    """
    if not folder.is_dir():
        raise UsageError("there is no such folder", file=str(folder), action="make it first")
    real = folder.resolve()
    apart = "choose a folder of its own for incoming files"
    for name, other in _precious(home):
        if other == real or real in other.parents:
            raise UsageError(f"the drop folder holds {name}", file=str(real), action=apart)
        if name != "the folder you are in" and real in _below(other, real):
            raise UsageError(f"the drop folder lies inside {name}", file=str(real), action=apart)
    return real


def _precious(home: Path) -> list[tuple[str, Path]]:
    package = Path(__file__).resolve().parents[1]
    found = [
        ("our own data", home.resolve()),
        ("the Python installation", Path(sys.prefix).resolve()),
        ("this program", package),
        ("the folder you are in", Path.cwd().resolve()),
    ]
    with suppress(RuntimeError):
        found.append(("your home folder", Path.home().resolve()))
    return found


def _below(other: Path, real: Path) -> tuple[Path, ...]:
    """`real` itself where it lies inside `other` in a way that is refused."""
    if other in (Path("/"), Path("/usr")) or other == Path.home().resolve():
        return ()  # everything lies inside these
    return (real,) if other in real.parents else ()


class Run:
    """The work folder of one living run. Its lock says that it lives; the kernel frees it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / _WORK
        for ours in (self.root.parent, self.root, folder / "done", folder / "quarantine"):
            if ours.is_symlink():
                raise UsageError("a folder of ours is a link", file=str(ours), action="remove it")
            ours.mkdir(exist_ok=True)
        self.name, self._lock = self._begin()
        self._adopted: list[int] = []
        (self.root / self.name).mkdir()

    def _begin(self) -> tuple[str, int]:
        begun = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        while True:
            name = f"{begun}-{os.getpid()}-{secrets.token_hex(3)}"
            try:
                return name, _lock(self.root / f"{name}.lock")
            except BlockingIOError:
                continue  # another run took it for a dead one's in the very moment it was made

    def place(self, run: str, number: int) -> Path:
        """The folder of one claimed file."""
        return self.root / run / str(number)

    def file(self, run: str, number: int) -> Path | None:
        """The claimed file itself, None where it is not there."""
        try:
            with os.scandir(self.place(run, number)) as entries:
                return next((Path(e.path) for e in entries), None)
        except FileNotFoundError:
            return None

    def take(self, source: Path, number: int) -> Path:
        """Move a dropped file into our work folder: whole, or an OSError and nothing has happened.

        Raises:
            FileNotFoundError: Someone else was faster.
            OSError: The file system refused.
        """
        place = self.place(self.name, number)
        place.mkdir(parents=True)
        target = place / source.name
        try:
            source.rename(target)
        except OSError:
            place.rmdir()
            raise
        return target

    def adopt(self) -> list[str]:
        """The names of runs that died; they are ours from now on."""
        dead: list[str] = []
        for lock in sorted(self.root.glob("*.lock")):
            if lock.stem == self.name:
                continue
            try:
                handle = _lock(lock)
            except BlockingIOError:
                continue  # it lives
            except FileNotFoundError:
                continue
            self._adopted.append(handle)
            dead.append(lock.stem)
        known = {*dead, self.name}
        living = {p.stem for p in self.root.glob("*.lock")}
        dead += [
            p.name
            for p in sorted(self.root.iterdir())
            if p.is_dir() and p.name not in known and p.name not in living
        ]
        return dead

    def tidy(self, run: str) -> None:
        """Remove the traces of a run in whose folder nothing is left."""
        try:
            (self.root / run).rmdir()
        except FileNotFoundError:
            pass  # killed before it was made
        except OSError:
            return
        (self.root / f"{run}.lock").unlink(missing_ok=True)

    def leave(self, run: str, number: int) -> None:
        """Remove the empty folder of a file that has been put away."""
        with suppress(OSError):
            self.place(run, number).rmdir()

    def give_back(self, file: Path) -> Path:
        """Put a file that nobody knows anything about back into the drop folder."""
        return _move(file, self.folder)

    def put_away(self, file: Path, kind: str, reason: Mapping[str, object] | None = None) -> Path:
        """Move a file to ``done`` or ``quarantine`` under today's date.

        The reason file is written first, so that no file lies in quarantine without one.
        """
        target = self.folder / kind / datetime.now(UTC).strftime("%Y-%m-%d")
        target.mkdir(parents=True, exist_ok=True)
        if reason is None:
            return _move(file, target)
        name = _free(target, file, ".reason.json", reason)
        text = json.dumps(dict(reason), ensure_ascii=False, indent=2)
        beside = target / f"{name}.reason.json"
        part = target / f".{secrets.token_hex(4)}.part"
        part.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
        part.replace(beside)
        file.rename(target / name)
        return target / name

    def close(self) -> None:
        """End the run: its lock is freed, its folder goes when it is empty."""
        self.tidy(self.name)
        for handle in (self._lock, *self._adopted):
            os.close(handle)


def _lock(path: Path) -> int:
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


def _move(file: Path, folder: Path) -> Path:
    """Rename `file` into `folder` without ever overwriting another."""
    while True:
        target = folder / _free(folder, file, "")
        if target.exists():  # a link of ours that a kill left behind
            file.unlink()
            return target
        try:
            os.link(file, target, follow_symlinks=False)
        except FileExistsError:
            continue
        except OSError:
            # No hard links here (FAT, some mounts): one run at a time owns the names it makes.
            file.rename(target)
            return target
        file.unlink()
        return target


def _free(folder: Path, file: Path, beside: str, reason: Mapping[str, object] | None = None) -> str:
    """The file's name, or the first of ``stem (2).ext`` … that is free or is this very file's.

    A kill between two steps leaves a second link to the file, or its reason without the file.
    """
    name = file.name
    raw, dot, suffix = name.rpartition(".")
    stem = raw if dot and raw else name
    ending = f".{suffix}" if dot and raw else ""
    number = 1
    while True:
        tried = name if number == 1 else f"{_cut(stem, 200)} ({number}){ending}"
        side = f"{tried}{beside}"
        if len(os.fsencode(side)) > 255:
            stem, number = _cut(stem, 200 - len(os.fsencode(ending))), max(2, number)
            name = f"{stem}{ending}"
            continue
        there = folder / tried
        if there.exists() and not reason and there.samefile(file):
            return tried
        if not os.path.lexists(there) and _is_free(folder / side, beside, reason):
            return tried
        number += 1


def _is_free(side: Path, beside: str, reason: Mapping[str, object] | None) -> bool:
    if not beside or not os.path.lexists(side):
        return True
    try:
        said = json.loads(side.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(reason and isinstance(said, dict) and said.get("intake") == reason.get("intake"))


def _cut(text: str, size: int) -> str:
    return os.fsdecode(os.fsencode(text)[:size])
