"""The life of every file of a drop folder, one row a file.

States and what is true in each:

- ``claimed``: about to be moved to, or in, the work folder of run `run`,
- ``read``: its bytes are kept by hash (`sha256`),
- ``waiting``: something passing went wrong; it is tried again at `next_at`,
- ``applied``: everything it says is in the store (same transaction); still to be put away,
- ``duplicate``: its bytes were known (and, of a feed, brought nothing); `first` names where they
  came first; still to be put away,
- ``failed``: it can't be used (`step`, `code`, `reason`, `action`), still to be put away,
- ``done``, ``linked``, ``quarantined``: put away (`place`) after applied, duplicate, failed.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, delete, func, insert, select, update

from idp_cdi.store.database import next_id
from idp_cdi.store.log import chunked, moment, stamp
from idp_cdi.store.schema import intake

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection


CLAIMED, READ, WAITING = "claimed", "read", "waiting"
APPLIED, DUPLICATE, FAILED = "applied", "duplicate", "failed"
DONE, LINKED, QUARANTINED = "done", "linked", "quarantined"

#: Once put away, a file that was … is …
ENDED = {APPLIED: DONE, DUPLICATE: LINKED, FAILED: QUARANTINED}
UNFINISHED = (CLAIMED, READ, WAITING, APPLIED, DUPLICATE, FAILED)


class Entry(NamedTuple):
    """One row; `path` is relative to `folder`, made printable; see the module for the states."""

    id: int
    folder: str
    path: str
    run: str
    state: str
    kind: str
    sha256: str = ""
    size: int = 0
    source: str = ""
    type: str = ""
    tenant: str = ""
    attempts: int = 0
    next_at: str | None = None
    step: str = ""
    code: str = ""
    reason: str = ""
    action: str = ""
    first: str = ""
    place: str = ""
    claimed_at: str = ""
    read_at: str | None = None
    ended_at: str | None = None


class New(NamedTuple):
    """A file about to be claimed."""

    path: str
    kind: str
    size: int
    source: str = ""
    type: str = ""
    tenant: str = ""


def claim(connection: Connection, folder: str, run: str, files: Sequence[New]) -> list[Entry]:
    """Note the intention to take `files` of `folder` into the work folder of `run`."""
    first = next_id(connection, intake.c.id)
    now = stamp()
    rows = [
        f._asdict()
        | {"id": first + i, "folder": folder, "run": run, "state": CLAIMED, "claimed_at": now}
        for i, f in enumerate(files)
    ]
    if rows:
        connection.execute(insert(intake), rows)
    return entries(connection, folder, ids=[first + i for i in range(len(rows))])


def entries(
    connection: Connection,
    folder: str,
    *,
    states: Sequence[str] = (),
    ids: Sequence[int] | None = None,
    run: str = "",
    limit: int | None = None,
) -> list[Entry]:
    """Rows of a folder, the oldest first."""
    statement = select(*(intake.c[name] for name in Entry._fields))
    statement = statement.where(intake.c.folder == folder).order_by(intake.c.id)
    if states:
        statement = statement.where(intake.c.state.in_(states))
    if run:
        statement = statement.where(intake.c.run == run)
    if limit is not None:
        statement = statement.limit(limit)
    if ids is None:
        return [Entry(*row) for row in connection.execute(statement)]
    found: list[Entry] = []
    for chunk in chunked(ids):
        found += [
            Entry(*row) for row in connection.execute(statement.where(intake.c.id.in_(chunk)))
        ]
    return found


def mark(connection: Connection, ids: Collection[int], state: str, **values: object) -> None:
    """Give the rows `ids` a state and further values."""
    if state in ENDED.values():
        values.setdefault("ended_at", stamp())
    for chunk in chunked(ids):
        statement = update(intake).where(intake.c.id.in_(chunk))
        connection.execute(statement.values(state=state, **values))


def mark_each(connection: Connection, changes: Mapping[int, Mapping[str, object]]) -> None:
    """Give rows, by id, values of their own, `state` among them; all name the same columns."""
    now = stamp()
    rows: list[dict[str, object]] = [
        {"own": number, "ended_at": now, **values}
        if values["state"] in ENDED.values()
        else {"own": number, **values}
        for number, values in changes.items()
    ]
    for columns, several in groupby(rows, key=lambda row: sorted(row)):
        statement = update(intake).where(intake.c.id == bindparam("own"))
        connection.execute(
            statement.values({c: bindparam(c) for c in columns if c != "own"}), list(several)
        )


def drop(connection: Connection, ids: Collection[int]) -> None:
    """Forget claims that came to nothing: the file was never taken."""
    for chunk in chunked(ids):
        connection.execute(delete(intake).where(intake.c.id.in_(chunk)))


def ask_again(connection: Connection, shas: Iterable[str]) -> int:
    """Ask that quarantined files with these hashes be tried again; returns how many."""
    count = 0
    for chunk in chunked(shas):
        count += connection.execute(
            update(intake)
            .where(intake.c.sha256.in_(chunk), intake.c.state == QUARANTINED)
            .values(next_at=stamp())
        ).rowcount
    return count


def troubled(connection: Connection, shas: Iterable[str]) -> set[str]:
    """Those of `shas` of which a file is in quarantine."""
    found: set[str] = set()
    for chunk in chunked(shas):
        statement = select(intake.c.sha256).where(
            intake.c.sha256.in_(chunk), intake.c.state.in_((FAILED, QUARANTINED))
        )
        found |= set(connection.execute(statement).scalars())
    return found


def first_with(connection: Connection, entry: Entry) -> str:
    """The path of an earlier file of the same bytes that was taken, "" where there is none."""
    statement = (
        select(intake.c.path)
        .where(
            intake.c.folder == entry.folder,
            intake.c.tenant == entry.tenant,
            intake.c.sha256 == entry.sha256,
            intake.c.id < entry.id,
            intake.c.state.in_((APPLIED, DUPLICATE, DONE, LINKED)),
        )
        .order_by(intake.c.id)
        .limit(1)
    )
    return connection.execute(statement).scalar() or ""


def erase(connection: Connection, shas: Iterable[str]) -> int:
    """Delete the rows of files with these hashes; only an erasure request may do that."""
    count = 0
    for chunk in chunked(shas):
        count += connection.execute(delete(intake).where(intake.c.sha256.in_(chunk))).rowcount
    return count


def wanted_again(connection: Connection, folder: str) -> list[Entry]:
    """Quarantined files that a person wants tried again."""
    found = entries(connection, folder, states=[QUARANTINED])
    return [e for e in found if e.next_at is not None]


def counts(connection: Connection, folder: str) -> dict[str, int]:
    """How many files of a folder are in which state."""
    statement = (
        select(intake.c.state, func.count())
        .where(intake.c.folder == folder)
        .group_by(intake.c.state)
    )
    return dict(sorted((state, n) for state, n in connection.execute(statement)))


def pace(connection: Connection, folder: str, *, minutes: int = 60) -> tuple[int, float]:
    """How many files ended in the last `minutes`, and how many a second while work went on."""
    since = stamp(datetime.now(UTC) - timedelta(minutes=minutes))
    statement = select(
        func.count(), func.min(intake.c.claimed_at), func.max(intake.c.ended_at)
    ).where(intake.c.folder == folder, intake.c.ended_at >= since)
    count, first, last = connection.execute(statement).one()
    if not count:
        return 0, 0.0
    return count, count / max(seconds_between(max(first, since), last), 0.001)


def seconds_between(earlier: str, later: str) -> float:
    """Seconds from one stored time to another; negative where `later` is the earlier one."""
    return (moment(later) - moment(earlier)).total_seconds()


def stamp_in(seconds: float) -> str:
    """The stored form of the time in so many seconds."""
    return stamp(datetime.now(UTC) + timedelta(seconds=seconds))


def printable(path: str) -> str:
    r"""A path that can be stored and shown: bytes that are no UTF-8 and line breaks spelled out.

    >>> printable("a\nb\udcff.pdf")
    'a\\x0ab\\xff.pdf'
    """
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() or c == " " else f"\\x{ord(c):02x}" for c in text)


def found(place: str) -> Path | None:
    """The file at a `printable` path, None where there is none."""
    path = Path(place)
    if not place or not path.parent.is_dir():
        return None
    if path.is_file():
        return path
    return next((p for p in path.parent.iterdir() if printable(p.name) == path.name), None)
