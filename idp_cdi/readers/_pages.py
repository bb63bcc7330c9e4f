"""The pages of one file in their order, scans several at once.

The file itself is opened, drawn and asked by one thread only, for its library may be no friend of
several; OCR of the pictures runs in as many threads as `ReadOptions.threads` allows, since the
engines work outside Python's lock. What a page is read as does not depend on how many there are:
the language that a page takes over is that of a page at least `AHEAD` before it, or of the first.
"""

from __future__ import annotations

import os
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from idp_cdi.documents import Page, Problem
from idp_cdi.errors import IdpCdiError, LimitExceeded

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from PIL.Image import Image

    from idp_cdi.readers._options import ReadOptions
    from idp_cdi.readers._source import Source

AHEAD = 4  # pages that may be under way; so many pictures are held at most
LARGE = 30_000_000  # pixels from which a picture is read alone, so that memory stays within bounds

Outcome = tuple[Page, list[Problem]]


@dataclass(frozen=True, slots=True)
class Scan:
    """A page that OCR has to read: its picture at `dpi`, and the page as it is without OCR."""

    picture: Image
    dpi: float
    otherwise: Page


def read_pages(
    source: Source,
    count: int,
    options: ReadOptions,
    prepare: Callable[[int], Outcome | Scan],
) -> tuple[tuple[Page, ...], tuple[Problem, ...]]:
    """All pages of `source` and what did not stop the reading.

    Args:
        source: The file.
        count: How many pages it has.
        options: Wishes and limits.
        prepare: Opens page n (from 1) and either reads it or hands over its picture.

    Raises:
        LimitExceeded: It took too long.
    """
    with ExitStack() as stack:
        queue = _Queue(source, options, stack)
        late = time.monotonic() + options.deadline_s
        for number in range(1, count + 1):
            if time.monotonic() > late:
                raise LimitExceeded(
                    f"reading took longer than {options.deadline_s:.0f} s",
                    code="input.deadline",
                    file=source.name,
                    action="split it or raise deadline_s",
                )
            queue.settle(number)
            queue.add(number, prepare(number))
        queue.settle(count + 1 + AHEAD)
    return tuple(page for page, _ in queue.done), tuple(p for _, many in queue.done for p in many)


class _Queue:
    """Pages under way and pages done, both in their order."""

    def __init__(self, source: Source, options: ReadOptions, stack: ExitStack) -> None:
        self.sha256 = source.sha256
        self.options = options
        self.stack = stack
        self.threads = min(AHEAD, options.threads or os.cpu_count() or 1)
        self.pool: ThreadPoolExecutor | None = None
        self.waiting: deque[Outcome | Future[Outcome]] = deque()
        self.done: list[Outcome] = []

    def settle(self, number: int) -> None:
        """Wait for the pages whose language page `number` may take over."""
        while self.waiting and len(self.done) < max(1, number - AHEAD):
            found = self.waiting.popleft()
            self.done.append(found if isinstance(found, tuple) else found.result())

    def add(self, number: int, page: Outcome | Scan) -> None:
        """Put page `number`, the next, on its way."""
        if not isinstance(page, Scan):
            self.waiting.append(page)
            return
        settled = (p for p, _ in reversed(self.done[: max(1, number - AHEAD)]))
        hint = next((p.language for p in settled if p.language), "")
        alone = page.picture.width * page.picture.height > LARGE
        if self.threads == 1 or number == 1 or alone:
            if alone:
                self.settle(number + AHEAD)
            self.waiting.append(self._read(page, number, hint))
            return
        if self.pool is None:
            self.pool = ThreadPoolExecutor(self.threads, "ocr")
            self.stack.callback(self.pool.shutdown, cancel_futures=True)
        self.waiting.append(self.pool.submit(self._read, page, number, hint))

    def _read(self, scan: Scan, number: int, hint: str) -> Outcome:
        from idp_cdi.readers._picture import read_picture

        try:
            return read_picture(scan.picture, self.sha256, number, scan.dpi, self.options, hint)
        except IdpCdiError as error:
            page = scan.otherwise
            if not page.words:
                page = replace(page, problem=error.reason)
            return page, [Problem(error.code, error.reason, error.action, number)]
