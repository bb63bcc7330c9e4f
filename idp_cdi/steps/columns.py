"""Current records as columns, as matching wants them: one row a mention, no object a value.

Of several values of a field the most confident one stands in the column of the field, and its
confidence beside it in ``<field>__confidence``.

A customer number that a document prints is the number that its issuer knows the party by. So the
column `customer_number` of a feed's row has that number too: the one the row names, else its key.
"""

from __future__ import annotations

import json
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import bindparam, func, select

from idp_cdi.fields import fields
from idp_cdi.matching.values import TOLD
from idp_cdi.store.compiled import Compiled
from idp_cdi.store.current import read_current
from idp_cdi.store.log import chunked
from idp_cdi.store.schema import mention, record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from idp_cdi.store.current import Current

#: Kinds of party as matching calls them; what is unknown may be either.
_ENTITY = {"organisation": "organisation", "person": "person"}
#: The field that holds it.
ACCOUNT = "customer_number"
_CURRENT = Compiled(
    select(mention.c.id, record.c.kind, record.c.payload, mention.c.key)
    .join(record, record.c.id == mention.c.record_id)
    .where(record.c.deleted.is_(False), mention.c.id.in_(bindparam("mentions", expanding=True)))
    .order_by(mention.c.id)
)


def compared_fields() -> list[str]:
    """The party fields that are evidence in matching, in a fixed order."""
    known = fields().party.items()
    # The address in one line repeats what street, city and postal code say.
    return [name for name, spec in known if spec.compare not in ("none", "address")]


def current_columns(
    connection: Connection, mentions: Sequence[int] | None = None
) -> tuple[NDArray[np.int64], Any]:
    """The current records of all mentions, or of those given.

    A mention whose record was deleted is there with what it said last: it joins nothing any more,
    but a customer id that is anchored in it has to find its heir.

    Returns:
        The mention ids, sorted, and a `pyarrow.Table` with a row for each of them.
    """
    if mentions is None:
        current = read_current(connection)
        return current.mentions, table_of(current)
    columns = _Columns()
    for said in _said(connection, mentions):
        columns.add(*said)
    return np.array(columns.ids, dtype=np.int64), columns.table()


def current_rows(
    connection: Connection, mentions: Sequence[int]
) -> Iterator[tuple[int, dict[str, str | float | None]]]:
    """The same as `current_columns` for a few mentions, a row at a time."""
    names = compared_fields()
    for number, kind, payload, key in _said(connection, mentions):
        best = compared(payload, key)
        row: dict[str, str | float | None] = {"entity_type": _ENTITY.get(kind, "")}
        for name in names:
            row[name], row[f"{name}__confidence"] = best.get(name, (None, None))
        yield number, row


def _said(connection: Connection, mentions: Sequence[int]) -> Iterator[tuple[int, str, str, str]]:
    """Id, kind, stored observations and key of some mentions, by id."""
    for chunk in chunked(mentions):
        found = _CURRENT.rows(connection, mentions=chunk)
        if len(found) < len(chunk):
            found += _last_words().rows(connection, mentions=chunk)
        for one in sorted(found, key=itemgetter(0)):
            yield one[0], one[1], one[2], one[3]


def compared(payload: str, key: str) -> dict[str, tuple[str, float | None]]:
    """The best values of a stored record; a full address stands in for a missing street.

    Args:
        payload: What is stored of it.
        key: Its key in its source.
    """
    said = json.loads(payload)
    best: dict[str, tuple[str, float | None]] = dict(_best(said["o"]))
    if "street" not in best and "address" in best:
        best["street"] = best["address"]
    if "t" in said:
        best.setdefault(ACCOUNT, (key.rpartition(":")[2], None))
    elif ACCOUNT in best:
        number, sure = best[ACCOUNT]
        best[ACCOUNT] = (TOLD + number, sure)
    return best


def table_of(current: Current) -> Any:
    """The columns of matching for all current records, a row for each."""
    import pyarrow as pa
    import pyarrow.compute as pc

    size, pieces = len(current.mentions), current.pieces
    filled = pc.not_equal(pieces.value, "").to_numpy(zero_copy_only=False)
    owners = current.owners()
    kinds = pa.array([_ENTITY.get(kind, "") for kind in current.kinds], pa.string())
    made: dict[str, Any] = {"entity_type": kinds.take(pa.array(current.kind))}
    sure = pa.array(pieces.sure.astype(np.float32))
    field = np.where(filled, pieces.field, -1)[current.codes]
    for name in compared_fields():
        best = np.full(size, -1, dtype=np.int64)
        for source in ("address", "street") if name == "street" else (name,):
            if source in pieces.names:
                places = np.flatnonzero(field == pieces.names.index(source))
                rows, codes = _surest(owners[places], current.codes[places], pieces.sure)
                best[rows] = codes
        where = pa.array(best, mask=best < 0)
        values = pieces.value.take(where)
        made[name] = _accounts(current, values) if name == ACCOUNT else values
        made[f"{name}__confidence"] = sure.take(where)
    return pa.table(made)


def _accounts(current: Current, named: Any) -> Any:
    """The numbers of parties in the books: see the head of the module."""
    import pyarrow as pa
    import pyarrow.compute as pc

    told = pc.binary_join_element_wise(TOLD, named, "")
    keys = pc.replace_substring_regex(current.keys, r"^.*:", "")
    return pc.if_else(pa.array(current.odd), told, pc.coalesce(named, keys))


def _surest(
    rows: NDArray[np.int64], codes: NDArray[np.int32], sure: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Of the values of a row the most confident, of equals the first."""
    first = np.ones(len(rows), dtype=bool)
    first[1:] = rows[1:] != rows[:-1]
    if not first.all():
        order = np.lexsort((-sure[codes], rows))
        rows, codes = rows[order], codes[order]
    return rows[first], codes[first]


@cache
def _last_words() -> Compiled:
    """What the mentions whose record is deleted said last."""
    before = record.alias()
    newest = (
        select(func.max(before.c.id))
        .where(before.c.mention_id == mention.c.id, before.c.deleted.is_(False))
        .scalar_subquery()
    )
    now, said = record.alias(), record.alias()
    return Compiled(
        select(mention.c.id, said.c.kind, said.c.payload, mention.c.key)
        .join(now, now.c.id == mention.c.record_id)
        .join(said, said.c.id == newest)
        .where(now.c.deleted.is_(True), mention.c.id.in_(bindparam("mentions", expanding=True)))
        .order_by(mention.c.id)
    )


class _Columns:
    """Columns that grow row by row."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.kinds: list[str] = []
        self.names = compared_fields()
        self.values: dict[str, list[str | None]] = {n: [] for n in self.names}
        self.sure: dict[str, list[float | None]] = {n: [] for n in self.names}

    def add(self, number: int, kind: str, payload: str, key: str) -> None:
        """Add a mention: id, kind, stored observations, key."""
        self.ids.append(number)
        self.kinds.append(_ENTITY.get(kind, ""))
        best = compared(payload, key)
        for name in self.names:
            value, confidence = best.get(name, (None, None))
            self.values[name].append(value)
            self.sure[name].append(confidence)

    def table(self) -> Any:
        """All columns as a `pyarrow.Table`."""
        import pyarrow as pa

        made: dict[str, Any] = {"entity_type": pa.array(self.kinds, pa.string())}
        for name in self.names:
            column = pa.array(self.values[name], pa.string())
            made[name] = column
            made[f"{name}__confidence"] = pa.array(self.sure[name], pa.float32())
        return pa.table(made)


def best_values(payload: str) -> dict[str, tuple[str, float]]:
    """Field → its most confident value and the confidence, from a stored record."""
    return _best(json.loads(payload)["o"])


def _best(observations: Iterable[Sequence[Any]]) -> dict[str, tuple[str, float]]:
    best: dict[str, tuple[str, float]] = {}
    for name, value, _, confidence, *_ in observations:
        if value and (name not in best or best[name][1] < confidence):
            best[name] = (value, confidence)
    return best
