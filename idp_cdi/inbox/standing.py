"""How an inbox stands: what is where and why, how fast, what is left; and trying again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import UsageError
from idp_cdi.inbox.arrivals import Arrivals
from idp_cdi.inbox.arrivals import Options as Patience
from idp_cdi.inbox.report import reason
from idp_cdi.store import intake
from idp_cdi.store.intake import found
from idp_cdi.store.log import stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.store import Database
    from idp_cdi.store.intake import Entry


@dataclass(frozen=True, slots=True)
class Standing:
    """One drop folder as it is now.

    `ready` and `waiting` are files still in the folder, the latter with why; `working` are taken
    and not yet at an end; `counts` are all files ever, by state.
    """

    folder: str
    running: int
    ready: tuple[str, ...]
    waiting: dict[str, str]
    working: tuple[Entry, ...]
    quarantined: tuple[Entry, ...]
    counts: dict[str, int]
    last_hour: int
    per_second: float

    @property
    def left(self) -> int:
        """How many files are not at an end."""
        return len(self.ready) + len(self.waiting) + len(self.working)

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "folder": self.folder,
            "running": self.running,
            "ready": list(self.ready),
            "waiting": self.waiting,
            "working": [
                {
                    "path": e.path,
                    "state": e.state,
                    "attempts": e.attempts,
                    "next_at": e.next_at,
                    "reason": e.reason,
                }
                for e in self.working
            ],
            "quarantined": [reason(e) for e in self.quarantined],
            "counts": self.counts,
            "last_hour": self.last_hour,
            "per_second": round(self.per_second, 3),
            "left": self.left,
        }


def status(folder: Path, database: Database) -> Standing:
    """How the drop folder `folder` stands. Changes nothing.

    Raises:
        UsageError: There is no such folder.
    """
    if not folder.is_dir():
        raise UsageError("there is no such folder", file=str(folder))
    real = folder.resolve()
    arrivals = Arrivals(real, Patience()).look()
    with database.reading() as connection:
        working = intake.entries(connection, str(real), states=intake.UNFINISHED)
        bad = intake.entries(connection, str(real), states=[intake.QUARANTINED])
        counts = intake.counts(connection, str(real))
        last_hour, per_second = intake.pace(connection, str(real))
    return Standing(
        folder=str(real),
        running=_living(real),
        ready=tuple(str(a.path) for a in arrivals if not a.waiting),
        waiting={str(a.path): a.waiting for a in arrivals if a.waiting},
        working=tuple(working),
        quarantined=tuple(e for e in bad if not e.place or found(e.place)),
        counts=counts,
        last_hour=last_hour,
        per_second=per_second,
    )


def retry(folder: Path, database: Database, *, names: Sequence[str] = ()) -> list[str]:
    """Ask that quarantined files be tried again by the next round.

    Args:
        folder: The drop folder.
        database: The store.
        names: Paths, file names or codes of reasons to try again; none means all.

    Returns:
        The paths of the files that will be tried.

    Raises:
        UsageError: One of `names` fits nothing in quarantine.
    """
    real = folder.resolve()
    with database.writing() as connection:
        bad = intake.entries(connection, str(real), states=[intake.QUARANTINED])
        here = [e for e in bad if found(e.place)]
        for name in names:
            if not any(_fits(e, name) for e in here):
                raise UsageError(
                    f"nothing in quarantine is called {name!r}", action="see `idp-cdi inbox status`"
                )
        chosen = [e for e in here if not names or any(_fits(e, n) for n in names)]
        intake.mark(connection, [e.id for e in chosen], intake.QUARANTINED, next_at=stamp())
        waiting = intake.entries(connection, str(real), states=[intake.WAITING])
        due = [e for e in waiting if not names or any(_fits(e, n) for n in names)]
        intake.mark(connection, [e.id for e in due], intake.WAITING, next_at=stamp())
    return [e.path for e in (*chosen, *due)]


def _fits(entry: Entry, name: str) -> bool:
    return name in (entry.path, Path(entry.path).name, Path(entry.place).name, entry.code)


def _living(folder: Path) -> int:
    """How many runs work on the folder now."""
    import fcntl
    import os

    count = 0
    for lock in (folder / ".idp-cdi" / "work").glob("*.lock"):
        try:
            handle = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            count += 1
        finally:
            os.close(handle)
    return count
