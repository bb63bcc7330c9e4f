"""Map the chunks of a large feed in processes beside this one, while this one reads and writes.

A worker is ``python -m idp_cdi.steps._aside``: it gets the mapper, then chunks on its standard
input, and answers each with what it became; it ends with the pipe. Results come in the order of
the chunks. A worker that dies costs nothing but time: its chunk is mapped here.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from contextlib import closing, suppress
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from idp_cdi.connectors import CHUNK_ROWS
from idp_cdi.steps.map import Mapped, Mapper
from idp_cdi.store.log import RecordRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from idp_cdi.connectors import Chunk

#: More processes than that would wait for the one that writes.
_MOST = 2


def mapped(chunks: Iterable[Chunk], mapper: Mapper) -> Iterator[tuple[Chunk, Mapped]]:
    """Each chunk with what `mapper` makes of it, in order.

    Until a chunk is full all are mapped here: a process costs a second to start, in which that one
    is mapped here too. So is a feed whose facts are counted over all rows (those without a key), on
    one processor, and what a worker that died leaves behind.
    """
    rest = iter(chunks)
    processors = len(os.sched_getaffinity(0))
    for chunk in rest:
        if len(chunk) >= CHUNK_ROWS and not mapper.is_counting and processors > 1:
            with closing(_Workers(min(_MOST, processors), mapper)) as workers:
                yield from workers.run(chunk, rest)
            return
        yield chunk, mapper.map(chunk)


class _Workers:
    """Some processes, each with at most one chunk in hand, so that no pipe fills at both ends."""

    def __init__(self, count: int, mapper: Mapper) -> None:
        self._mapper = mapper
        command = [sys.executable, "-m", "idp_cdi.steps._aside"]
        self._idle = deque(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            for _ in range(count)
        )
        self._busy: deque[tuple[subprocess.Popen[bytes] | None, Chunk]] = deque()
        self._all = list(self._idle)
        for process in self._all:
            with suppress(OSError):
                _send(process.stdin, mapper)

    def run(self, first: Chunk, chunks: Iterator[Chunk]) -> Iterator[tuple[Chunk, Mapped]]:
        """The chunks with what they became; `first` is mapped here while the processes start."""
        found = self._mapper.map(first)
        for chunk in islice(chunks, len(self._idle)):
            self._give(chunk)
        yield first, found
        for chunk in chunks:  # no process is idle any more
            yield self._next(chunk)
        while self._busy:
            yield self._next(None)

    def _next(self, then: Chunk | None) -> tuple[Chunk, Mapped]:
        """What the oldest chunk became; its worker gets the chunk `then` before it is used."""
        process, chunk = self._busy.popleft()
        found = None if process is None else _receive(process.stdout)
        self._idle.append(process if found is not None else None)  # type: ignore[arg-type]
        if then is not None:
            self._give(then)
        if isinstance(found, BaseException):
            raise found
        return chunk, self._mapper.map(chunk) if found is None else _unpacked(found)

    def _give(self, chunk: Chunk) -> None:
        process: subprocess.Popen[bytes] | None = self._idle.popleft()
        if process is not None:
            try:
                _send(process.stdin, chunk)
            except OSError:
                process = None
        self._busy.append((process, chunk))

    def close(self) -> None:
        """End the processes."""
        for process in self._all:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
            process.kill()
            process.wait()


def _send(pipe: IO[bytes] | None, value: object) -> None:
    assert pipe is not None
    pickle.dump(value, pipe, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.flush()


def _receive(pipe: IO[bytes] | None) -> Any:
    """What a worker answers; None where it is gone."""
    assert pipe is not None
    try:
        return pickle.load(pipe)
    except (EOFError, OSError, pickle.UnpicklingError):
        return None


def _packed(found: Mapped) -> tuple[Any, ...]:
    """Rows as columns: an object a row takes longer to send than to make."""
    columns = tuple(map(list, zip(*found.records, strict=True)))
    rest = found.facts, found.rejects, found.notices, found.problems, found.examples
    return (columns, *rest)


def _unpacked(told: tuple[Any, ...]) -> Mapped:
    columns, *rest = told
    return Mapped(list(map(RecordRow._make, zip(*columns, strict=True))), *rest)


def _work() -> None:
    """Map what comes in until nothing does; who interrupts the run ends the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    mapper = _receive(sys.stdin.buffer)
    while isinstance(mapper, Mapper) and (chunk := _receive(sys.stdin.buffer)) is not None:
        try:
            answer: object = _packed(mapper.map(chunk))
        except Exception as error:
            answer = error
        _send(sys.stdout.buffer, answer)


if __name__ == "__main__":
    _work()
