"""Which column numbers the rows, also where several tables were put together.

Two tables that both count their rows from 1 agree in a number without saying the same; two that
share the numbers of one master do. What else the rows say that bear one number tells which it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_PAIRS = 500
_WORD = re.compile(r"\w{3,}")


@dataclass(frozen=True, slots=True)
class Parts:
    """A table made of several, one after the other: where each begins, and its number of rows.

    >>> Parts.of([3, 2]).spans
    ((0, 3), (3, 2))
    """

    spans: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, sizes: Sequence[int]) -> Parts:
        """The parts of these numbers of rows."""
        spans, start = [], 0
        for size in sizes:
            spans.append((start, size))
            start += size
        return cls(tuple(spans))

    def filled(self, values: Any) -> tuple[int, ...]:
        """The numbers of the parts in which a column says anything."""
        return tuple(
            n for n, (at, size) in enumerate(self.spans) if values.slice(at, size).null_count < size
        )


def numbers_rows(table: Any, name: str, parts: Parts) -> bool:
    """Whether a column has another value in every row of each part that it is a column of."""
    import pyarrow.compute as pc

    values = table.column(name)
    filled = parts.filled(values)
    if not filled:
        return bool(table.num_rows == 0)
    slices = [values.slice(*parts.spans[n]) for n in filled]
    if any(s.null_count or pc.count_distinct(s).as_py() < len(s) for s in slices):
        return False
    if len(slices) == 1 or pc.count_distinct(values).as_py() == sum(map(len, slices)):
        return True
    return not _is_shared(table, name)


def _is_shared(table: Any, name: str) -> bool:
    """Whether rows with one number say more of the same than others of them do."""
    import numpy as np
    import pyarrow.compute as pc

    codes = pc.fill_null(pc.index_in(table.column(name), pc.unique(table.column(name))), -1)
    _, first, which = np.unique(codes.to_numpy(), return_index=True, return_inverse=True)
    again = np.flatnonzero(first[which] != np.arange(len(which)))
    again = again[table.column(name).take(again).is_valid().to_numpy()]
    again = again[:: max(1, len(again) // _PAIRS)]
    others = [c for c in table.column_names if c != name]
    left, right = (_words(table, others, rows) for rows in (first[which[again]], again))
    same = sum(len(a & b) for a, b in zip(left, right, strict=True))
    far = len(again) // 2  # neighbours in a sorted table are alike
    by_chance = sum(len(a & b) for a, b in zip(left, right[far:] + right[:far], strict=True))
    return same > 1.25 * by_chance + 0.5 * len(again)


def _words(table: Any, names: list[str], rows: Any) -> list[set[str]]:
    """The words of each of these rows in these columns."""
    taken = table.select(names).take(rows).to_pylist()
    return [{w for v in row.values() if v for w in _WORD.findall(str(v).lower())} for row in taken]
