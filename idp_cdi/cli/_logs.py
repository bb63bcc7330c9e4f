"""Logs for people who run the program: ids, counts, places in the code; no values of customers.

What an exception says may hold a value ("invalid literal …"), so of a fault the log has its kind
and where it happened. Our own errors carry no values and are logged as they are.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import TYPE_CHECKING

from idp_cdi.errors import IdpCdiError

if TYPE_CHECKING:
    from types import TracebackType


class Formatter(logging.Formatter):
    """One line a message; of exceptions the kind and the calls, never the words."""

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """The calls that led to an exception, and of its causes."""
        error, lines = ei[1], []
        while error is not None:
            lines += traceback.format_tb(error.__traceback__)
            said = f": {error.reason}" if isinstance(error, IdpCdiError) else ""
            lines.append(f"{type(error).__module__}.{type(error).__qualname__}{said}\n")
            error = error.__cause__
        return "".join(lines).rstrip("\n")


def start(*, verbose: bool) -> None:
    """Log to stderr from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, handlers=[handler])
