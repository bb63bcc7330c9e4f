"""Running an inbox: once, or for ever."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp_cdi.inbox import mapping as mappings
from idp_cdi.inbox.arrivals import Options as Patience
from idp_cdi.inbox.busy import polled
from idp_cdi.inbox.engine import Engine
from idp_cdi.inbox.folder import Run, check
from idp_cdi.inbox.trouble import Stopped
from idp_cdi.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from idp_cdi.inbox.report import Report
    from idp_cdi.progress import Progress
    from idp_cdi.settings import Settings
    from idp_cdi.store import Database

_log = logging.getLogger(__name__)

#: `run` tries a file again this soon; what has to wait longer is left for the next run.
_SOON_S = 15.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to look, in seconds.

    Attributes:
        settle_s: A file must not have changed for so long.
        patience_s: An incomplete file that nobody writes is taken after so long.
        poll_s: How often folders are looked at whose changes nobody reports.
        reconcile_s: How often everything is looked at, whatever was reported.
        give_up_s: How long `run` waits for a full disk or a busy database; `watch` waits for ever.
    """

    settle_s: float = 2.0
    patience_s: float = 60.0
    poll_s: float = 5.0
    reconcile_s: float = 180.0
    give_up_s: float = 600.0


def run(
    folder: Path,
    settings: Settings,
    database: Database,
    *,
    pace: Pace | None = None,
    progress: Progress = SILENT,
    stop: threading.Event | None = None,
) -> Report:
    """Work off what is in `folder` and end.

    Files that are still being written are waited for; what has to be tried again much later is left
    to the next run.

    Args:
        folder: The drop folder.
        settings: Who we are, thresholds, where originals are kept.
        database: The store.
        pace: How patient to be; the default takes an incomplete file after five seconds of rest.
        progress: Told of each finished file.
        stop: Set it to end early; what is being worked on is finished first.

    Returns:
        What was done, what failed and what waits; `exit_code` sums it up.

    Raises:
        UsageError: The folder is not fit to be a drop folder.
        SettingsError: ``inbox.yaml`` is wrong.
        StoreError: The store can't be written, or the disk stayed full.
    """
    pace = pace if pace is not None else Pace(patience_s=5.0)
    stop = stop if stop is not None else threading.Event()
    with _engine(folder, settings, database, pace, progress, stop, pace.give_up_s) as engine:
        try:
            engine.recover()
            while not stop.is_set():
                engine.work_off()
                pause = engine.next_look_s()
                if pause is None or pause > _SOON_S or not engine.may_get_ready():
                    break
                stop.wait(max(pause, 0.05))
        except Stopped:
            _log.info("stopped while waiting")
    return engine.report


def watch(
    folder: Path,
    settings: Settings,
    database: Database,
    *,
    pace: Pace | None = None,
    progress: Progress = SILENT,
    stop: threading.Event | None = None,
    told: Callable[[Report], None] | None = None,
) -> Report:
    """Work off `folder` for ever, or until `stop` is set.

    Events of the file system are hints to look at once. Folders on file systems that report nothing
    are looked at every `poll_s`, and everything every `reconcile_s`, so that nothing is missed.

    Args:
        folder: The drop folder.
        settings: Who we are, thresholds, where originals are kept.
        database: The store.
        pace: How often to look.
        progress: Told of each finished file.
        stop: Set it to end; what is being worked on is finished first.
        told: Called after each round that ended some file.

    Returns:
        What was done since the start.

    Raises:
        UsageError: The folder is not fit to be a drop folder.
        SettingsError: ``inbox.yaml`` is wrong.
    """
    pace = pace if pace is not None else Pace()
    stop = stop if stop is not None else threading.Event()
    with (
        _engine(folder, settings, database, pace, progress, stop, None) as engine,
        _woken(engine.run.folder, stop) as wake,
    ):
        try:
            engine.recover()
            while not stop.is_set():
                wake.clear()
                if engine.work_off() and told is not None:
                    told(engine.report)
                pauses = [pace.reconcile_s]
                soon = engine.next_look_s()
                if soon is not None:
                    pauses.append(max(soon, 0.05))
                if polled(engine.run.folder) or not wake.reports:
                    pauses.append(pace.poll_s)
                wake.wait(min(pauses))
                engine.adopt_the_dead()
        except Stopped:
            _log.info("stopped while waiting")
    return engine.report


@contextmanager
def _engine(
    folder: Path,
    settings: Settings,
    database: Database,
    pace: Pace,
    progress: Progress,
    stop: threading.Event,
    give_up_s: float | None,
) -> Iterator[Engine]:
    real = check(folder, settings.home)
    mapping = mappings.load(real)
    run = Run(real)
    try:
        engine = Engine(
            run,
            database,
            settings,
            mapping,
            patience=Patience(pace.settle_s, pace.patience_s),
            stop=stop,
            progress=progress,
            give_up_s=give_up_s,
        )
        try:
            yield engine
        finally:
            engine.close()
    finally:
        run.close()


class _Wake(threading.Event):
    """Set when something may have changed; `reports` says whether anybody watches."""

    reports = True


@contextmanager
def _woken(folder: Path, stop: threading.Event) -> Iterator[_Wake]:
    """An event that is set when something happens in `folder`, or when `stop` is set."""
    wake, end = _Wake(), threading.Event()

    def listen() -> None:
        from watchfiles import watch as changes

        try:
            for _ in changes(
                folder,
                watch_filter=lambda _, path: "/.idp-cdi/" not in path,
                stop_event=end,
                debounce=200,
                rust_timeout=1000,
                yield_on_timeout=True,
                raise_interrupt=False,
            ):
                if _ or stop.is_set():
                    wake.set()
        except Exception as error:  # no more watches on this machine, or no events at all here
            _log.warning("changes are not reported (%s); looking regularly", type(error).__name__)
            wake.reports = False
            wake.set()

    thread = threading.Thread(target=listen, name="inbox-events", daemon=True)
    thread.start()
    begin = time.monotonic()
    try:
        yield wake
    finally:
        end.set()
        thread.join(timeout=5)
        _log.info("watched for %.0f s", time.monotonic() - begin)
