"""Taking files: noted in the store first, then moved in one rename, then kept by hash.

A kill between any two of these steps is repaired at the next start: a note without a moved file
is forgotten (the file lies where it was), a moved file with a note goes on where it stopped, and
a moved file without a note (another store's) is put back.
"""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

from idp_cdi.steps.ingest import is_feed
from idp_cdi.store import documents as log_documents
from idp_cdi.store import intake
from idp_cdi.store.intake import found, printable
from idp_cdi.store.log import stamp
from idp_cdi.store.suppression import NAME, erased_documents

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from idp_cdi.inbox.arrivals import Arrival
    from idp_cdi.inbox.folder import Run
    from idp_cdi.inbox.mapping import Mapping
    from idp_cdi.store import Database
    from idp_cdi.store.intake import Entry
    from idp_cdi.store.originals import Originals

_log = logging.getLogger(__name__)


def claim(
    database: Database, run: Run, mapping: Mapping, arrivals: Sequence[Arrival]
) -> list[Entry]:
    """Take `arrivals` into the work folder; those that are ours now, in the same order.

    Raises:
        OSError: The work folder can't be written; what was not taken still lies there.
        StoreError: The store can't be written; nothing was taken.
    """
    new = []
    for arrival in arrivals:
        meaning = mapping.of(arrival.path)
        kind = "feed" if is_feed(run.folder / arrival.path) else "document"
        path = printable(str(arrival.path))
        said = (meaning.source, meaning.type, meaning.tenant)
        new.append(intake.New(path, kind, arrival.size, *said))
    with database.writing() as connection:
        noted = intake.claim(connection, str(run.folder), run.name, new)
    taken: list[Entry] = []
    try:
        for entry, arrival in zip(noted, arrivals, strict=True):
            try:
                run.take(run.folder / arrival.path, entry.id)
            except FileNotFoundError:
                continue  # another run was faster, or its owner took it back
            taken.append(entry)
    finally:
        missed = {e.id for e in noted} - {e.id for e in taken}
        if missed:
            with database.writing() as connection:
                intake.drop(connection, missed)
    return taken


def keep(
    database: Database, run: Run, originals: Originals, entries: Sequence[Entry], pipeline: str
) -> list[Entry]:
    """Keep the bytes of claimed files by hash and find out which are known.

    Returns:
        The entries as they are now: ``read``, or ``duplicate`` of bytes that this pipeline knows.
    """
    shas: dict[int, str] = {}
    files = {e.id: f for e in entries if (f := run.file(e.run, e.id)) is not None}
    hashes = {e.id: _hash(files[e.id]) for e in entries if e.id in files}
    with database.reading() as connection:
        erased = erased_documents(connection, originals.folder.parent, hashes.values())
    for entry in entries:
        file = files.get(entry.id)
        if file is None:
            continue
        keeps = entry.kind == "document" and hashes[entry.id] not in erased
        shas[entry.id] = originals.keep(file.read_bytes()) if keeps else hashes[entry.id]
    with database.writing() as connection:
        done = log_documents.extracted_by(connection, shas.values(), pipeline)
        # A mail that lacks an attachment is extracted, but it is not done.
        done -= intake.troubled(connection, shas.values())
        done -= {shas[e.id] for e in entries if e.place and e.id in shas}
        names = log_documents.names(connection, done) | dict.fromkeys(erased, NAME)
        gone = [e.id for e in entries if e.id not in shas]
        intake.drop(connection, gone)
        changes: dict[int, dict[str, object]] = {}
        again: list[log_documents.Seen] = []
        for entry in entries:
            if entry.id not in shas:
                continue
            sha256 = shas[entry.id]
            known = names.get(sha256) if entry.kind == "document" else None
            state = intake.READ if known is None else intake.DUPLICATE
            changes[entry.id] = {"sha256": sha256, "first": known or "", "read_at": stamp()}
            changes[entry.id]["state"] = state
            if known is not None and known != NAME:
                again.append(log_documents.Seen(sha256, name_of(entry), "", entry.size))
        intake.mark_each(connection, changes)
        log_documents.append_documents(connection, again)
        folder = str(run.folder)
        return intake.entries(connection, folder, ids=list(shas))


def recover(database: Database, run: Run) -> list[Entry]:
    """What dead runs left behind, the oldest first, as far as this store knows it."""
    folder = str(run.folder)
    late: list[Entry] = []
    for name in run.adopt():
        with database.reading() as connection:
            noted = intake.entries(connection, folder, states=intake.UNFINISHED, run=name)
        lost = [e for e in noted if e.state == intake.CLAIMED and run.file(name, e.id) is None]
        if lost:
            with database.writing() as connection:
                back = [e.id for e in lost if e.place]  # was to be taken from quarantine
                intake.mark(connection, back, intake.QUARANTINED)
                intake.drop(connection, [e.id for e in lost if not e.place])
        kept = {e.id for e in noted} - {e.id for e in lost}
        late += [e for e in noted if e.id in kept]
        _put_back(run, name, kept)
        if not kept:
            run.tidy(name)
    if late:
        _log.info("%d files of an interrupted run go on", len(late))
    return sorted(late, key=lambda e: e.id)


def take_back(database: Database, run: Run, entry: Entry) -> Entry | None:
    """Take a quarantined file into work again; None where it is gone from quarantine."""
    file = found(entry.place)
    values = {"run": run.name, "attempts": 0, "next_at": None}
    blank = {"step": "", "code": "", "reason": "", "action": "", "ended_at": None}
    with database.writing() as connection:
        if file is None:
            intake.mark(connection, [entry.id], intake.QUARANTINED, next_at=None)
            return None
        intake.mark(connection, [entry.id], intake.CLAIMED, **values, **blank)
    run.take(file, entry.id)
    file.with_name(f"{file.name}.reason.json").unlink(missing_ok=True)
    return entry._replace(state=intake.CLAIMED, run=run.name, attempts=0, next_at=None)


def name_of(entry: Entry) -> str:
    """The path under which the file's owner knows it."""
    return f"{entry.folder}/{entry.path}"


def _put_back(run: Run, name: str, known: set[int]) -> None:
    """Files of a dead run that this store never heard of go back to where they are seen."""
    place = run.root / name
    if not place.is_dir():
        return
    for child in sorted(place.iterdir()):
        if not child.is_dir() or (child.name.isdigit() and int(child.name) in known):
            continue
        for file in sorted(child.iterdir()):
            back = run.give_back(file)
            _log.warning("a file without a note was put back: %s", printable(back.name))
        run.leave(name, int(child.name) if child.name.isdigit() else -1)


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
