"""Disjoint sets that know what must not come together, and the bridges of a graph.

>>> forest = Forest([1, 2, 3])
>>> forest.forbid({1: [3], 3: [1]})
>>> forest.join_unless(1, 2), forest.join_unless(2, 3)
('', 'person')
>>> sorted(bridges([(1, 2), (2, 3), (3, 1), (3, 4)]))
[((3, 4), 1)]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Forest:
    """Disjoint sets of records (union by size, path halving)."""

    def __init__(self, records: Iterable[int]) -> None:
        self._parent = {record: record for record in records}
        self._size: dict[int, int] = {}
        self._enemies: dict[int, set[int]] = {}
        self._marks: dict[int, dict[str, set[str]]] = {}

    def __contains__(self, record: int) -> bool:
        return record in self._parent

    def find(self, record: int) -> int:
        """The record that stands for the set."""
        parent = self._parent
        while parent[record] != record:
            parent[record] = parent[parent[record]]
            record = parent[record]
        return record

    def size(self, root: int) -> int:
        """How many records the set of a root has."""
        return self._size.get(root, 1)

    def forbid(self, enemies: Mapping[int, Iterable[int]]) -> None:
        """Records that must not share a set; given both ways."""
        self._enemies = {a: {b for b in bs if b in self._parent} for a, bs in enemies.items()}

    def mark(self, marks: Mapping[int, Sequence[tuple[str, str]]]) -> None:
        """Marks of records; a set has one value of each kind."""
        for record, own in marks.items():
            kinds = self._marks.setdefault(record, {})
            for kind, value in own:
                kinds.setdefault(kind, set()).add(value)

    def join(self, left: int, right: int, *, even_marked: bool = False) -> bool:
        """Join two sets unless that is forbidden; returns whether they are one now."""
        return not self.join_unless(left, right, even_marked=even_marked)

    def join_unless(self, left: int, right: int, *, even_marked: bool = False) -> str:
        """Join two sets; "" when they are one now, else what forbids it."""
        a, b = self.find(left), self.find(right)
        if a == b:
            return ""
        if self.size(a) < self.size(b):
            a, b = b, a
        if self._enemies and self._hostile(a, b):
            return "person"
        if self._marks and not even_marked and self._conflict(a, b):
            return "marks"
        self._parent[b] = a
        self._size[a] = self.size(a) + self._size.pop(b, 1)
        if self._enemies and b in self._enemies:
            self._enemies.setdefault(a, set()).update(self._enemies.pop(b))
        if self._marks and b in self._marks:
            own = self._marks.setdefault(a, {})
            for kind, values in self._marks.pop(b).items():
                own.setdefault(kind, set()).update(values)
        return ""

    def _hostile(self, a: int, b: int) -> bool:
        few, other = self._enemies.get(a), b
        if few is None or len(few) > len(self._enemies.get(b, ())):
            few, other = self._enemies.get(b, set()), a
        # Enemies are kept as records; what counts is the set that each belongs to now.
        return any(self.find(record) == other for record in few)

    def _conflict(self, a: int, b: int) -> bool:
        left, right = self._marks.get(a), self._marks.get(b)
        if not left or not right:
            return False
        return any(
            kind in right and values.isdisjoint(right[kind]) for kind, values in left.items()
        )

    def members(self, root: int) -> list[int]:
        """The records of one set."""
        return self.groups()[root]

    def groups(self) -> dict[int, list[int]]:
        """Root → records."""
        found: dict[int, list[int]] = {}
        for record in self._parent:
            found.setdefault(self.find(record), []).append(record)
        return found


def bridges(edges: Iterable[tuple[int, int]]) -> list[tuple[tuple[int, int], int]]:
    """The edges that alone hold two parts of their component together.

    Args:
        edges: An undirected graph; an edge given twice is no bridge.

    Returns:
        Each bridge as given, with the number of nodes on its smaller side.
    """
    pairs = list(edges)
    near: dict[int, list[tuple[int, int]]] = {}
    for number, (a, b) in enumerate(pairs):
        near.setdefault(a, []).append((b, number))
        near.setdefault(b, []).append((a, number))
    seen: dict[int, int] = {}
    found: list[tuple[tuple[int, int], int]] = []
    for start in near:
        if start not in seen:
            found += _bridges_from(start, near, seen, pairs)
    return found


def _bridges_from(
    start: int,
    near: Mapping[int, list[tuple[int, int]]],
    seen: dict[int, int],
    pairs: Sequence[tuple[int, int]],
) -> list[tuple[tuple[int, int], int]]:
    """Depth-first search without recursion: clusters can be thousands of records long."""
    low: dict[int, int] = {start: len(seen)}
    size: dict[int, int] = {start: 1}
    seen[start] = len(seen)
    cut: list[tuple[int, int]] = []
    stack = [(start, -1, iter(near[start]))]
    while stack:
        node, came, others = stack[-1]
        for other, number in others:
            if number == came:
                continue
            if other in seen:
                low[node] = min(low[node], seen[other])
            else:
                low[other] = seen[other] = len(seen)
                size[other] = 1
                stack.append((other, number, iter(near[other])))
                break
        else:
            stack.pop()
            if stack:
                above = stack[-1][0]
                low[above] = min(low[above], low[node])
                size[above] += size[node]
                if low[node] > seen[above]:
                    cut.append((came, size[node]))
    total = size[start]
    return [(pairs[number], min(below, total - below)) for number, below in cut]
