"""Disjoint sets of records.

>>> forest = Forest([1, 2, 3])
>>> forest.join(1, 2)
>>> forest.find(1) == forest.find(2), forest.find(3)
(True, 3)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Forest:
    """Disjoint sets of records (union by size, path halving)."""

    def __init__(self, records: Iterable[int]) -> None:
        self._parent = {record: record for record in records}
        self._size: dict[int, int] = {}

    def find(self, record: int) -> int:
        """The record that stands for the set."""
        parent = self._parent
        while parent[record] != record:
            parent[record] = parent[parent[record]]
            record = parent[record]
        return record

    def join(self, left: int, right: int) -> None:
        """Make the sets of two records one."""
        a, b = self.find(left), self.find(right)
        if a == b:
            return
        if self._size.get(a, 1) < self._size.get(b, 1):
            a, b = b, a
        self._parent[b] = a
        self._size[a] = self._size.get(a, 1) + self._size.pop(b, 1)
