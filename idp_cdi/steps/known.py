"""The index of all known records, kept in step with the log.

It is a cache in this process: built from the store when first needed, and brought up to date by
the records that the log got since, whoever wrote them. A transaction that is rolled back takes the
index with it, for its records are not to be found again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import event, func, select

from idp_cdi.steps.columns import current_columns
from idp_cdi.store.schema import mention, record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from idp_cdi.matching.model import Model
    from idp_cdi.matching.online import Index
    from idp_cdi.settings import Settings


@dataclass(frozen=True, slots=True)
class _Known:
    index: Index
    version: str
    last: int


_KNOWN: dict[str, _Known] = {}


def count(connection: Connection) -> int:
    """How many mentions there are, deleted ones included."""
    return int(connection.execute(select(func.count()).select_from(mention)).scalar_one())


def index(connection: Connection, settings: Settings, model: Model) -> Index:
    """The index of all current records, up to date with what `connection` sees."""
    from idp_cdi.matching.online import Index

    place = str(connection.engine.url)
    event.listen(connection, "rollback", lambda _: _KNOWN.pop(place, None), once=True)
    last = int(connection.execute(select(func.coalesce(func.max(record.c.id), 0))).scalar_one())
    have = _KNOWN.get(place)
    if have is None or have.version != model.version or have.last > last:
        ids, table = current_columns(connection)
        have = _Known(
            Index.build(table, [str(i) for i in ids.tolist()], model), model.version, last
        )
    elif have.last < last:
        _catch_up(connection, have)
        have = replace(have, last=last)
    _KNOWN[place] = have
    return have.index


def rows(
    connection: Connection, mentions: Sequence[int]
) -> Iterator[tuple[int, dict[str, str | None]]]:
    """Mention and its current record as columns, for those of `mentions` that are there."""
    ids, table = current_columns(connection, mentions)
    names = table.column_names
    columns = [table.column(n).to_pylist() for n in names]
    for mention_id, *values in zip(ids.tolist(), *columns, strict=True):
        known = (None if v is None else str(v) for v in values)
        yield mention_id, dict(zip(names, known, strict=True))


def _catch_up(connection: Connection, have: _Known) -> None:
    statement = select(record.c.mention_id).where(record.c.id > have.last).distinct()
    changed = set(connection.execute(statement).scalars())
    there = dict(rows(connection, sorted(changed)))
    for mention_id in sorted(changed):
        if mention_id in there:
            have.index.add(str(mention_id), there[mention_id])
        else:
            have.index.remove(str(mention_id))
