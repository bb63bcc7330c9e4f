"""What to do about an error: wait for the machine, try the file again, or set it aside.

A full disk and a busy database concern every file, so the work pauses and goes on by itself. What
concerns one file is tried again a few times, each time later, if it may pass; else it is lasting.
"""

from __future__ import annotations

import errno
import logging
import shutil
import time
from enum import StrEnum
from typing import TYPE_CHECKING

from idp_cdi.errors import IdpCdiError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import TypeVar

    from idp_cdi.inbox.report import Report

    _T = TypeVar("_T")

_log = logging.getLogger(__name__)

#: Seconds until a file is tried again: the first retry, the second …; then it is lasting.
LADDER = (2.0, 10.0, 60.0, 300.0, 1800.0, 7200.0)

#: Below this much room a write that failed is taken to have failed for want of room.
RESERVE = 8 << 20

_FULL = frozenset((errno.ENOSPC, errno.EDQUOT))
_PASSING = frozenset(
    getattr(errno, name)
    for name in (
        "EBUSY EAGAIN EINTR ETXTBSY EACCES EPERM EIO ESTALE ETIMEDOUT ENETDOWN ENETUNREACH "
        "EHOSTDOWN EHOSTUNREACH EREMOTEIO ENOMEM EMFILE ENFILE ECONNRESET ENOTCONN"
    ).split()
)
#: Codes of reading that can come from a busy machine as well as from the file: tried twice.
_PERHAPS = frozenset(("input.crash", "input.memory", "input.deadline", "input.cpu"))


class Trouble(StrEnum):
    """How an error is to be met."""

    FULL = "the disk is full"
    BUSY = "the database is busy"
    PASSING = "passing"
    LASTING = "lasting"


def of(error: BaseException) -> Trouble:
    """How to meet `error`.

    >>> of(OSError(errno.ENOSPC, "no room")), of(OSError(errno.EBUSY, "busy")), of(ValueError())
    (<Trouble.FULL: 'the disk is full'>, <Trouble.PASSING: 'passing'>, <Trouble.LASTING: 'lasting'>)
    """
    if isinstance(error, OSError):
        if error.errno in _FULL:
            return Trouble.FULL
        return Trouble.PASSING if error.errno in _PASSING else Trouble.LASTING
    if isinstance(error, IdpCdiError):
        return Trouble.BUSY if error.retryable else Trouble.LASTING
    words = str(error).casefold()
    if type(error).__name__ in ("OperationalError", "InterfaceError", "InternalError"):
        if "disk is full" in words or "no space left" in words or "disk i/o error" in words:
            return Trouble.FULL
        if any(w in words for w in ("locked", "busy", "connect", "terminat", "closed", "timeout")):
            return Trouble.BUSY
    return Trouble.LASTING


def ends_the_run(error: BaseException) -> bool:
    """Whether `error` is about the program, its settings or its store, not about one file."""
    from idp_cdi.errors import MissingDependency, StoreError, UsageError

    if of(error) is not Trouble.LASTING:
        return True
    if isinstance(error, Stopped | ImportError):
        return True
    return isinstance(error, (MissingDependency, StoreError, UsageError))


def of_code(code: str, attempts: int) -> Trouble:
    """How to meet a file that reading gave back with `code`, after `attempts` tries."""
    return Trouble.PASSING if code in _PERHAPS and attempts < 1 else Trouble.LASTING


def has_room(folders: Iterable[Path], reserve: int = RESERVE) -> bool:
    """Whether there is room again in all `folders` (or where they will be made)."""
    for folder in folders:
        place = folder
        while not place.exists() and place != place.parent:
            place = place.parent
        if shutil.disk_usage(place).free < reserve:
            return False
    return True


class Stopped(Exception):
    """Asked to stop while waiting for the machine; everything is as it was."""


class Patiently:
    """Does something, and while the disk is full or the database busy, pauses and tries again.

    Raises:
        Stopped: `stop` was set while waiting.
        Exception: Any other trouble, or that of the machine after `give_up_s` seconds of it.
    """

    def __init__(self, report: Report, stop: threading.Event, give_up_s: float | None) -> None:
        self._report = report
        self._stop = stop
        self._give_up_s = give_up_s

    def __call__(self, action: Callable[[], _T]) -> _T:
        """What `action` returns, in the end."""
        delay, begin = 0.5, time.monotonic()
        while True:
            try:
                result = action()
            except Exception as error:
                kind = of(error)
                waited = time.monotonic() - begin
                late = self._give_up_s is not None and waited > self._give_up_s
                if late or kind not in (Trouble.FULL, Trouble.BUSY):
                    raise
                if not self._report.paused:
                    _log.warning("paused: %s", kind.value)
                self._report.paused = kind.value
                if self._stop.wait(delay):
                    raise Stopped(kind.value) from error
                delay = min(delay * 2, 15.0)
            else:
                if self._report.paused:
                    _log.warning("going on after %.0f s", time.monotonic() - begin)
                    self._report.paused = ""
                return result
