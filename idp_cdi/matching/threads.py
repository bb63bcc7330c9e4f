"""Work on large columns side by side: NumPy, Arrow and rapidfuzz let go of the interpreter.

>>> side_by_side(len, ["a", "bb"], size=2)
[1, 2]
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")

#: From so many records on, columns are worked on side by side, on so many threads.
MANY, _THREADS = 20_000, 2


def side_by_side(
    work: Callable[[_Given], _Made], parts: Iterable[_Given], size: int
) -> list[_Made]:
    """What `work` makes of each part, in order; of `size` records many are done on threads."""
    if size < MANY:
        return list(map(work, parts))
    with ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1)) as pool:
        return list(pool.map(work, parts))
