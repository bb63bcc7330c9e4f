"""Work of arrays beside work of the interpreter: the next item is made while one is used.

>>> list(ahead(n * n for n in range(4)))
[0, 1, 4, 9]
>>> seen: list[int] = []
>>> behind(seen.append, (n * n for n in range(4)))
>>> seen
[0, 1, 4, 9]
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_Item = TypeVar("_Item")


def ahead(items: Iterable[_Item]) -> Iterator[_Item]:
    """The same items; each is made in a thread while the one before it is used."""
    rest = iter(items)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(_taken, rest)
        while found := waiting.result():
            waiting = pool.submit(_taken, rest)
            yield found[0]


def behind(work: Callable[[_Item], object], items: Iterable[_Item]) -> None:
    """Do `work` on each of the items, in order, in a thread while the next one is made here.

    For items that come from a database: its connection stays in the thread that opened it.
    """
    with ThreadPoolExecutor(1) as pool:
        waiting = None
        for item in items:
            if waiting is not None:
                waiting.result()
            waiting = pool.submit(work, item)
        if waiting is not None:
            waiting.result()


def _taken(rest: Iterator[_Item]) -> tuple[_Item] | tuple[()]:
    """The next item, nothing at the end."""
    for item in rest:
        return (item,)
    return ()
