"""Reading many files in guarded worker processes, results in the order of the input.

Each worker is a fresh interpreter in its own process group with an address-space and a CPU limit;
the parent watches the clock and ends the whole group when a file takes too long. A worker is
replaced after `RECYCLE_AFTER` files, when it has grown beyond `RECYCLE_BYTES`, and when it died.
One file can therefore neither stop nor slow nor fatten the run.

Where files are quick a worker is given a few at once, so that it goes on while the parent is busy
with what came back; where they are slow it is given one at a time, so that none waits in vain.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import pickle
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sized
from dataclasses import dataclass, field
from enum import Enum
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import IdpCdiError, LimitExceeded, UnreadableInput
from idp_cdi.progress import SILENT, Progress
from idp_cdi.readers._worker import HEADER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from idp_cdi.documents import Document
    from idp_cdi.readers._options import ReadOptions

RECYCLE_AFTER = 200  # files
RECYCLE_BYTES = 700 * 1024 * 1024
AHEAD = 32  # files a worker that may be read before an earlier one is done
AT_HAND_S = 1.0  # work that a worker has waiting
AT_HAND = 16  # … but no more files
_PIPE_BYTES = 1024 * 1024  # results that a worker may leave before the parent takes them
LARGEST_RESULT = 1024 * 1024 * 1024
_GRACE_S = 2.0  # the worker's own limits come first
_ALLOWED = (
    "idp_cdi.documents",
    "idp_cdi.errors",
    "idp_cdi.extractions",
    "idp_cdi.ocr._types",
    "idp_cdi.steps.understand",
)


def read_many(
    paths: Iterable[Path | str],
    workers: int,
    options: ReadOptions,
    progress: Progress = SILENT,
    then: Callable[[Document], Any] | None = None,
) -> Iterator[Any]:
    """See `idp_cdi.readers.read_many`."""
    if isinstance(paths, Sized):
        workers = min(workers, len(paths))
    with contextlib.ExitStack() as stack:
        pool = _Pool(max(1, workers), options, then)
        stack.callback(pool.close)
        for result in pool.run(str(path) for path in paths):
            progress.advance()
            if isinstance(result, IdpCdiError) and not isinstance(result, UnreadableInput):
                raise result
            yield result


@dataclass(slots=True)
class _Task:
    number: int
    name: str
    options: ReadOptions
    tries: int = 0


@dataclass(slots=True, eq=False)
class _Worker:
    """A process and the tasks it was given: the first is what it is doing."""

    process: subprocess.Popen[bytes]
    tasks: deque[_Task] = field(default_factory=deque)
    deadline: float = 0.0
    done: int = 0
    buffer: bytearray = field(default_factory=bytearray)

    def begins(self) -> None:
        """Its first task has just begun."""
        if self.tasks:
            self.deadline = time.monotonic() + self.tasks[0].options.deadline_s + _GRACE_S


class _Pool:
    """Workers, what each is doing, and what is finished but not yet handed out."""

    def __init__(
        self, workers: int, options: ReadOptions, then: Callable[[Document], Any] | None
    ) -> None:
        threads = options.threads or max(1, (os.cpu_count() or 1) // workers)
        self.options = options.within(threads=threads)  # processors divided among the workers
        self.then = then
        self.size = workers
        self.workers: list[_Worker] = []
        self.selector = selectors.DefaultSelector()
        self.finished: dict[int, Any] = {}
        self.again: deque[_Task] = deque()
        self.file_s = AT_HAND_S  # what a file takes, of late

    def run(self, names: Iterator[str]) -> Iterator[Any]:
        """Results in order; names are taken as workers get free, not all at once."""
        numbers = count()
        following = 0
        exhausted = False
        while True:
            while not exhausted or self.again:
                if not self._has_room():
                    break
                task = self.again.popleft() if self.again else None
                if task is None:
                    ahead = sum(len(w.tasks) for w in self.workers) + len(self.finished)
                    if ahead >= AHEAD * self.size:
                        break
                    name = next(names, None)
                    if name is None:
                        exhausted = True
                        break
                    task = _Task(next(numbers), name, self.options)
                self._give(task)
            while following in self.finished:
                yield self.finished.pop(following)
                following += 1
            if exhausted and not self.again and not any(w.tasks for w in self.workers):
                if not self.finished:
                    return
                continue
            self._wait()

    def _has_room(self) -> bool:
        """Whether a worker may have another file."""
        if len(self.workers) < self.size:
            return True
        several = max(1, min(AT_HAND, int(AT_HAND_S / self.file_s)))
        return any(len(w.tasks) < min(several, RECYCLE_AFTER - w.done) for w in self.workers)

    def _give(self, task: _Task) -> None:
        """Give a task to the worker with the least to do."""
        if len(self.workers) < self.size and all(w.tasks for w in self.workers):
            worker = _Worker(_spawn())
            assert worker.process.stdout is not None
            self.selector.register(worker.process.stdout, selectors.EVENT_READ, worker)
            self.workers.append(worker)
        fresh = [w for w in self.workers if w.done + len(w.tasks) < RECYCLE_AFTER]
        worker = min(fresh, key=lambda w: len(w.tasks))
        worker.tasks.append(task)
        if len(worker.tasks) == 1:
            worker.begins()
        data = pickle.dumps((task.name, task.options, self.then), protocol=5)
        assert worker.process.stdin is not None
        # One that has died says so where its results are read, after the last of them.
        with contextlib.suppress(OSError):
            worker.process.stdin.write(HEADER.pack(len(data)) + data)
            worker.process.stdin.flush()

    def _wait(self) -> None:
        """Wait until a worker says something, dies or is late."""
        now = time.monotonic()
        busy = [w for w in self.workers if w.tasks]
        first = min((w.deadline for w in busy), default=now + 1)
        for key, _ in self.selector.select(max(0.0, min(first - now, 5.0))):
            self._read(key.data)
        now = time.monotonic()
        for worker in [w for w in self.workers if w.tasks and w.deadline < now]:
            task = worker.tasks.popleft()
            self._drop(worker)
            self.finished[task.number] = LimitExceeded(
                f"reading took longer than {task.options.deadline_s:.0f} s",
                code="input.deadline",
                file=task.name,
                action="split it or raise deadline_s",
            )

    def _read(self, worker: _Worker) -> None:
        assert worker.process.stdout is not None
        try:
            data = os.read(worker.process.stdout.fileno(), 1 << 20)
        except BlockingIOError:
            return
        if not data:
            self._lost(worker)
            return
        worker.buffer += data
        while worker.tasks and len(worker.buffer) >= HEADER.size:
            (size,) = HEADER.unpack_from(worker.buffer)
            if size > LARGEST_RESULT:
                self._lost(worker)
                return
            end = HEADER.size + size
            if len(worker.buffer) < end:
                return
            if not self._finish(worker, bytes(worker.buffer[HEADER.size : end])):
                return
            del worker.buffer[:end]

    def _finish(self, worker: _Worker, result: bytes) -> bool:
        """Take the result of a worker's first task; False where the worker is gone after it."""
        try:
            outcome, peak, seconds = _unpickle(result)
        except (pickle.UnpicklingError, ValueError, TypeError, EOFError, AttributeError):
            self._lost(worker)
            return False
        self.finished[worker.tasks.popleft().number] = outcome
        self.file_s += (max(seconds, 0.001) - self.file_s) / 4
        worker.done += 1
        worker.begins()
        if peak > RECYCLE_BYTES or (worker.done >= RECYCLE_AFTER and not worker.tasks):
            self._drop(worker)
            return False
        return True

    def _lost(self, worker: _Worker) -> None:
        """The worker died: try again with the safest engine, or say why it can't be read."""
        task = worker.tasks.popleft() if worker.tasks else None
        self._drop(worker)
        if task is None:
            return
        status = worker.process.returncode
        if status == -signal.SIGXCPU:
            self.finished[task.number] = LimitExceeded(
                f"reading needed more than {task.options.deadline_s:.0f} s of processor time",
                code="input.cpu",
                file=task.name,
                action="split it or raise deadline_s",
            )
            return
        if task.tries == 0 and task.options.ocr == "auto":
            task.tries += 1
            task.options = task.options.within(ocr="tesseract")  # a process of its own
            self.again.append(task)
            return
        self.finished[task.number] = UnreadableInput(
            "reading it ended the worker process; it ran out of memory or hit a parser's bug",
            code="input.crash",
            file=task.name,
            action="export it again, or raise memory_bytes",
        )

    def _drop(self, worker: _Worker) -> None:
        """End a worker and everything it started; what it has not begun another one will do."""
        self.again.extendleft(reversed(worker.tasks))
        worker.tasks.clear()
        process = worker.process
        assert process.stdout is not None and process.stdin is not None
        self.selector.unregister(process.stdout)
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        # A tesseract that outlives its killed parent is still in the group.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            process.stdin.close()
        process.stdout.close()
        self.workers.remove(worker)

    def close(self) -> None:
        """End all workers."""
        for worker in list(self.workers):
            self._drop(worker)
        self.selector.close()


def _spawn() -> subprocess.Popen[bytes]:
    """A fresh interpreter that finds this very package and nothing from the current folder."""
    home = str(Path(__file__).resolve().parents[2])
    code = (
        f"import sys; sys.path.insert(0, {home!r}); "
        "from idp_cdi.readers._worker import main; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    if sys.platform == "linux":
        # A user who has many pipes is refused a larger one; the small one will do.
        with contextlib.suppress(OSError):
            fcntl.fcntl(process.stdout.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return process


class _Careful(pickle.Unpickler):
    """Builds documents and errors, and refuses everything else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("builtins", "getattr"):
            return _member  # so Python 3.11.0 to 3.11.3 (Debian 12) pickle enumerations
        if module not in _ALLOWED or "." in name:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed")
        found = super().find_class(module, name)
        # Classes only (and what rebuilds our errors): a function could be called with any argument.
        known = isinstance(found, type) or (module, name) == ("idp_cdi.errors", "_rebuild")
        if not known or getattr(found, "__module__", module) != module:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed")
        return found


def _member(kind: Any, name: str) -> Enum:
    """The member of an enumeration; nothing else has its attributes looked up."""
    if not (isinstance(kind, type) and issubclass(kind, Enum)):
        raise pickle.UnpicklingError("getattr is not allowed")
    return kind[name]


def _unpickle(data: bytes) -> tuple[Any, int, float]:
    outcome, peak, seconds = _Careful(io.BytesIO(data)).load()
    return outcome, int(peak), float(seconds)
