"""Progress of long work: a protocol with a silent version. The command line brings the loud one."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told by steps how far they are. Calls are cheap; implementations throttle."""

    def start(self, what: str, total: int | None) -> None:
        """A new stretch of work begins: `what` in plain words, `total` items if known."""

    def advance(self, count: int = 1) -> None:
        """`count` more items are done."""

    def finish(self) -> None:
        """The stretch is over."""


class Silent:
    """Says nothing: the default of every library function."""

    def start(self, what: str, total: int | None) -> None:
        """Say nothing."""

    def advance(self, count: int = 1) -> None:
        """Say nothing."""

    def finish(self) -> None:
        """Say nothing."""


SILENT = Silent()
