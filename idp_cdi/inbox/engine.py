"""The engine: takes what is ready, in the order of its paths, along the whole road.

    claimed ─ read ─┬─ applied ──── done
                    ├─ duplicate ── linked
                    ├─ failed ───── quarantined
                    └─ waiting ──── (again)

Each arrow is one transaction for a handful of files, and what a file says is applied in the very
transaction that marks it applied; so a kill anywhere loses nothing and applies nothing twice. Files
are applied in the order in which they were taken, whatever order the workers finish in: a killed
and resumed run gives the same store as an undisturbed one.
"""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from itertools import groupby
from typing import TYPE_CHECKING

from idp_cdi.inbox import claims, trouble
from idp_cdi.inbox.arrivals import Arrivals
from idp_cdi.inbox.arrivals import Options as Patience
from idp_cdi.inbox.commit import Committed, commit
from idp_cdi.inbox.feeds import take_feed
from idp_cdi.inbox.report import Report, reason
from idp_cdi.inbox.tenants import Tenants
from idp_cdi.inbox.trouble import LADDER, Patiently, Trouble
from idp_cdi.progress import SILENT
from idp_cdi.readers import DEFAULTS
from idp_cdi.store import intake
from idp_cdi.store.intake import printable
from idp_cdi.store.log import stamp
from idp_cdi.store.originals import Originals
from idp_cdi.store.suppression import NAME

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import TypeVar

    from idp_cdi.inbox.arrivals import Arrival
    from idp_cdi.inbox.folder import Run
    from idp_cdi.inbox.mapping import Mapping
    from idp_cdi.progress import Progress
    from idp_cdi.settings import Settings
    from idp_cdi.steps.understand import Understood
    from idp_cdi.store import Database
    from idp_cdi.store.intake import Entry

    _T = TypeVar("_T")

_log = logging.getLogger(__name__)

CHUNK = 16  # files claimed in one transaction
BATCH = 32  # files applied in one transaction
BATCH_S = 2.0  # … or what has come after so many seconds


class Engine:
    """Works off one drop folder into one store (and the stores of its tenants)."""

    def __init__(
        self,
        run: Run,
        database: Database,
        settings: Settings,
        mapping: Mapping,
        *,
        patience: Patience,
        stop: threading.Event,
        progress: Progress = SILENT,
        give_up_s: float | None = None,
    ) -> None:
        from idp_cdi.steps.understand import pipeline_version

        self.run = run
        self.database = database
        self.settings = settings
        self.mapping = mapping
        self.stop = stop
        self.progress = progress
        self.report = Report()
        self.arrivals = Arrivals(run.folder, patience)
        self._tenants = Tenants(database, settings, mapping)
        self._originals = Originals(settings.originals)
        self._pipeline = pipeline_version()
        self._patiently = Patiently(self.report, stop, give_up_s)
        self._late: list[Entry] = []
        self._adopted: set[str] = set()

    def close(self) -> None:
        """Leave the work folder tidy and the tenants' stores closed."""
        for name in self._adopted:
            self.run.tidy(name)
        self._tenants.close()

    def recover(self) -> None:
        """Adopt what dead runs left behind; it goes first, so that the order is kept."""
        found = self._patiently(lambda: claims.recover(self.database, self.run))
        self._late += found
        self._adopted |= {e.run for e in found}

    def adopt_the_dead(self) -> None:
        """Adopt runs that died since; their files come next."""
        self.recover()

    def may_get_ready(self) -> bool:
        """Whether waiting can help: someone is writing, or a file is tried again soon."""
        lasting = ("it is a link", "it is no regular", "it is incomplete; on this", "we may not")
        return any(not why.startswith(lasting) for why in self.report.waiting.values())

    def work_off(self) -> int:
        """Take everything that is ready now along the road; returns how many files ended."""
        before = self.report.files
        begin = time.monotonic()
        ready = [a for a in self._look() if not a.waiting]
        self.progress.start("files", len(ready) + len(self._late))
        try:
            for (kind, type_, tenant), group in groupby(
                self._stream(ready), key=lambda e: (e.kind, e.type, e.tenant)
            ):
                if kind == "feed":
                    for entry in group:
                        self._feed(entry, tenant)
                else:
                    self._documents(group, type_, tenant)
        finally:
            self.progress.finish()
            self.report.seconds += time.monotonic() - begin
        return self.report.files - before

    def next_look_s(self) -> float | None:
        """Seconds until something that waits may be ready; None where nothing waits."""
        soon: list[float] = []
        if any(w.startswith("it has just") for w in self.report.waiting.values()):
            soon.append(self.arrivals.options.settle_s / 2)
        elif self.report.waiting:
            soon.append(max(1.0, self.arrivals.options.settle_s))
        now = stamp()
        for entry in self._waiting():
            due = intake.seconds_between(now, entry.next_at or now)
            soon.append(max(0.0, due))
        return min(soon, default=None)

    def _look(self) -> list[Arrival]:
        found = self.arrivals.look()
        self.report.waiting = {str(a.path): a.waiting for a in found if a.waiting}
        for entry in self._waiting():
            self.report.waiting[entry.path] = f"{entry.reason}; tried again at {entry.next_at}"
        return found

    # ------------------------------------------------------------ taking

    def _stream(self, ready: Sequence[Arrival]) -> Iterator[Entry]:
        """Files whose bytes are kept, one by one: the late ones first, then what is ready."""
        late, self._late = self._late, []
        for chunk in _chunks([*late, *self._due()]):
            if self.stop.is_set():
                return
            yield from self._read(chunk)
        for arrivals in _chunks(ready):
            if self.stop.is_set():
                return
            yield from self._read(self._claim(arrivals))

    def _claim(self, arrivals: Sequence[Arrival]) -> list[Entry]:
        taken = self._patiently(
            lambda: claims.claim(self.database, self.run, self.mapping, self._still(arrivals))
        )
        for arrival in arrivals:
            self.arrivals.forget(arrival.path)
        return taken

    def _still(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """Those that are where and what they were when they were found ready."""
        same = []
        for arrival in arrivals:
            try:
                about = (self.run.folder / arrival.path).lstat()
            except OSError:
                continue
            if (about.st_ino, about.st_size, about.st_mtime_ns) == (
                arrival.inode,
                arrival.size,
                arrival.modified_ns,
            ):
                same.append(arrival)
        return same

    def _read(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        ended = [e for e in entries if e.state in intake.ENDED]
        if ended:
            self._put_away(ended)
        fresh = [e for e in entries if e.state not in intake.ENDED]
        for entry in [e for e in fresh if e.size > DEFAULTS.max_bytes and e.kind == "document"]:
            fresh.remove(entry)
            words = f"it is larger than {DEFAULTS.max_bytes >> 20} MB"
            self._fail(entry, "read", "input.too_large", words, "split it")
        try:
            kept = self._patiently(
                lambda: claims.keep(self.database, self.run, self._originals, fresh, self._pipeline)
            )
        except OSError:
            kept = [e for entry in fresh for e in self._keep_alone(entry)]
        known = [e for e in kept if e.state == intake.DUPLICATE]
        if known:
            self._put_away(known)
        yield from (e for e in kept if e.state == intake.READ)

    def _keep_alone(self, entry: Entry) -> list[Entry]:
        try:
            return self._patiently(
                lambda: claims.keep(
                    self.database, self.run, self._originals, [entry], self._pipeline
                )
            )
        except OSError as error:
            self._again_or_fail(entry, "read", "input.open", f"it can't be read: {error.strerror}")
            return []

    def _due(self) -> list[Entry]:
        """Files whose time to be tried again has come, and those that a person wants again."""
        now = stamp()
        due = [e for e in self._waiting() if (e.next_at or "") <= now]
        with self.database.reading() as connection:
            wanted = intake.wanted_again(connection, str(self.run.folder))
        for entry in wanted:
            again = self._patiently(lambda e=entry: claims.take_back(self.database, self.run, e))  # type: ignore[misc]
            due += [again] if again is not None else []
        return due

    def _waiting(self) -> list[Entry]:
        ours = {self.run.name, *self._adopted}
        with self.database.reading() as connection:
            found = intake.entries(connection, str(self.run.folder), states=[intake.WAITING])
        return [e for e in found if e.run in ours]

    # ------------------------------------------------------------ working

    def _documents(self, entries: Iterator[Entry], type_: str, tenant: str) -> None:
        from idp_cdi.steps.understand import understand_many

        settings = self._tenants.settings(tenant)
        given: deque[Entry] = deque()

        def paths() -> Iterator[Path]:
            for entry in entries:
                if self.stop.is_set():
                    return
                given.append(entry)
                file = self.run.file(entry.run, entry.id)
                yield file if file is not None else self._originals.path(entry.sha256)

        batch: list[tuple[Entry, Understood]] = []
        begin = time.monotonic()
        workers = settings.reading.workers or os.cpu_count() or 1
        for understood in understand_many(paths(), settings, document_type=type_, workers=workers):
            batch.append((given.popleft(), understood))
            if len(batch) >= BATCH or time.monotonic() - begin > BATCH_S:
                self._apply(batch, tenant)
                batch, begin = [], time.monotonic()
        self._apply(batch, tenant)

    def _apply(self, batch: Sequence[tuple[Entry, Understood]], tenant: str) -> None:
        """Apply a batch; where one item spoils it, each by itself, so that only that one fails."""
        good: list[tuple[Entry, Understood]] = []
        troubled: list[tuple[Entry, Understood]] = []
        for entry, understood in batch:
            (troubled if self._is_troubled(entry, understood) else good).append((entry, understood))
        try:
            done = [self._commit(good, tenant)] if good else []
        except Exception as error:
            if trouble.ends_the_run(error):
                raise
            done = [d for one in good if (d := self._commit_alone(*one, tenant)) is not None]
        for part in done:
            self._count(part)
            self._put_away(part.entries)
        for entry, understood in troubled:
            problem = understood.error
            words = problem.message if problem else "it changed while it was being read"
            code = problem.code if problem else "input.changed"
            self._again_or_fail(entry, "read", code, words)

    def _is_troubled(self, entry: Entry, understood: Understood) -> bool:
        """Whether to try a file again rather than believe what came of it."""
        if understood.error is not None:
            if not trouble.has_room(self._places()):
                return True
            return trouble.of_code(understood.error.code, entry.attempts) is Trouble.PASSING
        return bool(understood.sha256 and understood.sha256 != entry.sha256)

    def _commit(self, batch: Sequence[tuple[Entry, Understood]], tenant: str) -> Committed:
        store, settings = self._tenants.store(tenant), self._tenants.settings(tenant)
        return self._patiently(
            lambda: commit(self.database, store, settings, batch, self._pipeline)
        )

    def _commit_alone(self, entry: Entry, understood: Understood, tenant: str) -> Committed | None:
        try:
            return self._commit([(entry, understood)], tenant)
        except Exception as error:
            self._spoiled(entry, error)
            return None

    def _spoiled(self, entry: Entry, error: Exception) -> None:
        """One file that can't be applied must not stop the others."""
        if trouble.ends_the_run(error):
            raise error
        _log.error("file %d can't be applied", entry.id, exc_info=error)
        words = f"what it says can't be stored ({type(error).__name__})"
        self._fail(entry, "apply", "apply.failed", words, "report this; the log has details")

    def _feed(self, entry: Entry, tenant: str) -> None:
        if self.stop.is_set():
            self._late.append(entry)
            return
        store, settings = self._tenants.store(tenant), self._tenants.settings(tenant)
        try:
            done = self._patiently(
                lambda: take_feed(self.database, store, settings, self.run, entry)
            )
        except Exception as error:
            self._spoiled(entry, error)
            return
        self._count(done)
        self._put_away(done.entries)

    def _count(self, done: Committed) -> None:
        self.report.documents += done.documents
        self.report.accepted += done.accepted
        self.report.to_review += done.to_review
        self.report.feeds += done.feeds
        self.report.rows += done.rows
        self.report.rows_new += done.rows_new
        self.report.empty += done.empty

    # ------------------------------------------------------------ ending

    def _again_or_fail(self, entry: Entry, step: str, code: str, words: str) -> None:
        """Try a file again later, if it has not had its tries."""
        if entry.attempts >= len(LADDER):
            self._fail(entry, step, code, words, "see to it, then `idp-cdi inbox retry`")
            return
        due = intake.stamp_in(LADDER[entry.attempts])
        values = {
            "attempts": entry.attempts + 1,
            "next_at": due,
            "step": step,
            "code": code,
            "reason": words,
        }
        _log.warning("file %d waits: %s", entry.id, code)
        self._patiently(lambda: self._mark([entry.id], intake.WAITING, **values))
        self.report.waiting[entry.path] = f"{words}; tried again at {due}"

    def _fail(self, entry: Entry, step: str, code: str, words: str, action: str) -> None:
        failed = _failed(entry, step, code, words, action)
        self._patiently(
            lambda: self._mark(
                [entry.id],
                intake.FAILED,
                step=step,
                code=code,
                reason=words,
                action=action,
                attempts=entry.attempts + 1,
            )
        )
        self._put_away([failed])

    def _put_away(self, entries: Sequence[Entry]) -> None:
        """Move files whose fate is in the store to where people look for them."""
        for state in intake.ENDED:
            mine = [e for e in entries if e.state == state]
            if not mine:
                continue
            placed = [p for e in mine if (p := self._placed(e)) is not None]
            end = intake.ENDED[state]
            self._patiently(lambda p=placed, s=end: self._mark_placed(p, s))  # type: ignore[misc]
            for entry in placed:
                self._tell(entry)

    def _placed(self, entry: Entry) -> Entry | None:
        """The entry once its file is put away; None where that has to wait for the next start."""
        try:
            place = self._patiently(lambda: self._move(entry))
        except OSError as error:
            _log.error("file %d can't be put away: %s", entry.id, error.strerror)
            self._tell(entry)
            return None
        return entry._replace(place=place)

    def _move(self, entry: Entry) -> str:
        file = self.run.file(entry.run, entry.id)
        place = entry.place
        if file is not None and entry.first == NAME:
            file.unlink()  # it was erased on request: no copy of it stays
        elif file is not None:
            failed = entry.state == intake.FAILED
            kind = "quarantine" if failed else "done"
            put = self.run.put_away(file, kind, reason(entry) if failed else None)
            place = printable(str(put))
        self.run.leave(entry.run, entry.id)
        return place

    def _tell(self, entry: Entry) -> None:
        if entry.state == intake.FAILED:
            self.report.quarantined += 1
            self.report.failures.append(entry)
            _log.info("file %d is in quarantine: %s", entry.id, entry.code)
        elif entry.state == intake.DUPLICATE:
            self.report.linked += 1
            self.report.duplicates.append(entry)
        else:
            self.report.done += 1
        self.progress.advance()

    def _mark(self, ids: Sequence[int], state: str, **values: object) -> None:
        with self.database.writing() as connection:
            intake.mark(connection, ids, state, **values)

    def _mark_placed(self, entries: Sequence[Entry], state: str) -> None:
        with self.database.writing() as connection:
            intake.mark_each(
                connection, {e.id: {"state": state, "place": e.place} for e in entries}
            )

    def _places(self) -> list[Path]:
        return [self.settings.home, self.run.folder]


def _failed(entry: Entry, step: str, code: str, words: str, action: str) -> Entry:
    """`entry` as it is once it has failed."""
    return entry._replace(
        state=intake.FAILED,
        step=step,
        code=code,
        reason=words,
        action=action,
        attempts=entry.attempts + 1,
    )


def _chunks(many: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(many), CHUNK):
        yield many[start : start + CHUNK]
