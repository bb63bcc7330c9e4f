"""Rows that come as objects (JSON, REST, Singer): nested ones flattened, columns as they appear.

>>> rows = Objects(("id",))
>>> rows.add(1, {"id": 7, "mail": {"home": "x"}})
>>> chunk = rows.chunk({})
>>> list(chunk.rows()), chunk.notices[0].message
([{'id': '7', 'mail.home': 'x'}], 'a new column "mail.home"')
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp_cdi.connectors import Chunk, Notice, Reject, State
from idp_cdi.connectors._values import flatten

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(slots=True)
class Objects:
    """Collects objects into chunks; a column is kept for ever once it was seen."""

    columns: tuple[str, ...]
    rows: list[dict[str, str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    deleted: set[int] = field(default_factory=set)
    _known: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._known.update(self.columns)

    def __len__(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        return bool(self.rows or self.rejects or self.notices)

    @staticmethod
    def flat(item: Mapping[str, object]) -> dict[str, str]:
        """One object as flat text cells."""
        return flatten(dict(item))

    def add(self, number: int, item: Mapping[str, object], *, deleted: bool = False) -> None:
        """Take one object; `deleted` when the source says that it is gone."""
        row = self.flat(item)
        if not row.keys() <= self._known:
            for name in row:
                if name not in self._known:
                    self._known.add(name)
                    self.columns += (name,)
                    self.notices.append(Notice(number, "drift.new", f'a new column "{name}"'))
        self.rows.append(row)
        self.numbers.append(number)
        if deleted:
            self.deleted.add(number)

    def chunk(self, state: State) -> Chunk:
        """What was gathered, as a chunk; begins anew."""
        values = tuple([row.get(name, "") for row in self.rows] for name in self.columns)
        made = Chunk(
            self.columns, values, self.numbers, state, self.rejects, self.notices,
            frozenset(self.deleted),
        )  # fmt: skip
        self.rows, self.numbers, self.rejects, self.notices = [], [], [], []
        self.deleted = set()
        return made


def dig(value: object, path: str) -> object:
    """What lies at a dotted path of nested objects and lists, None where nothing does.

    >>> dig({"data": {"items": [{"id": 1}]}}, "data.items.0.id")
    1
    """
    for part in path.split(".") if path else ():
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value
