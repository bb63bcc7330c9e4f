"""Derived tables read and written as columns: for work on the whole store or much of it.

The same as the functions of `idp_cdi.store.derived`, without an object or a statement a row.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Table,
    bindparam,
    delete,
    exists,
    func,
    select,
    text,
    update,
)

from idp_cdi.store import derived
from idp_cdi.store.compiled import Compiled
from idp_cdi.store.database import batches, bulk_insert, next_id
from idp_cdi.store.log import stamp
from idp_cdi.store.schema import customer, edge, golden, membership

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import ColumnElement, Connection, Select

_VERSION = select(golden.c.customer_seq, golden.c.version, golden.c.content, golden.c.valid_to)
_VERSIONS = Compiled(
    _VERSION.where(golden.c.customer_seq.in_(bindparam("some", expanding=True))),
)
#: Numbers are asked for one by one where so many others lie between them.
_SPARSE = 10
_EDGE = ("left_id", "right_id", "weight", "probability", "found_by")


class Edges(NamedTuple):
    """Compared pairs of mentions, a column each; sorted by `left` and `right`.

    `copy` marks those where the right one follows the left one (see `derived.COPY`).
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    weight: NDArray[np.float64]
    probability: NDArray[np.float64]
    copy: NDArray[np.bool_]

    def where(self, wanted: NDArray[np.bool_]) -> Edges:
        """Some of the edges."""
        return Edges(
            self.left[wanted],
            self.right[wanted],
            self.weight[wanted],
            self.probability[wanted],
            self.copy[wanted],
        )


_NONE = np.zeros(0, dtype=np.int64)
NO_EDGES = Edges(_NONE, _NONE, np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.bool_))


def edges_from(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    weight: NDArray[np.float64],
    probability: NDArray[np.float64],
    copy: NDArray[np.bool_] | None = None,
) -> Edges:
    """Weighed pairs of mentions as they are kept: the lesser first, in order, rounded."""
    copy = np.zeros(len(left), dtype=np.bool_) if copy is None else copy
    low, high = np.minimum(left, right), np.maximum(left, right)
    order = np.lexsort((high, low))
    # Rounded, so that an index of another machine says the same to the last digit.
    said = weight[order].round(3), probability[order].round(6)
    return Edges(low[order], high[order], *said, copy[order])


def joined(one: Edges, other: Edges) -> Edges:
    """The edges of both, sorted."""
    columns = [np.concatenate(pair) for pair in zip(one, other, strict=True)]
    order = np.lexsort((columns[1], columns[0]))
    return Edges(*(column[order] for column in columns))


class Rows(NamedTuple):
    """Golden records by customer number, a list a column."""

    seqs: list[int]
    kinds: list[str]
    roles: list[str]
    records: list[int]
    contents: list[str]
    payloads: list[str]


def replace_edges(connection: Connection, mentions: Sequence[int], edges: Edges) -> None:
    """Make `edges` all the edges that touch `mentions`."""
    if connection.execute(select(exists(select(edge.c.left_id)))).scalar():
        with _numbers(connection, mentions) as wanted:
            for end in (edge.c.left_id, edge.c.right_id):
                connection.execute(delete(edge).where(end.in_(select(wanted.c.n))))
    add_edges(connection, edges)


def add_edges(connection: Connection, edges: Edges, found_by: str = "") -> None:
    """Insert edges between mentions that have none yet; but for copies all found in one way."""
    columns = (edges.left, edges.right, edges.weight, edges.probability)
    ways = [derived.COPY if copy else found_by for copy in edges.copy.tolist()]
    rows = zip(*(column.tolist() for column in columns), ways, strict=True)
    bulk_insert(connection, edge, _EDGE, rows)


@contextmanager
def _numbers(connection: Connection, numbers: Sequence[int]) -> Iterator[Table]:
    """A temporary table of numbers, in its column ``n``."""
    connection.execute(text("CREATE TEMPORARY TABLE wanted_number (n INTEGER PRIMARY KEY)"))
    table = Table("wanted_number", MetaData(), Column("n", Integer, primary_key=True))
    try:
        bulk_insert(connection, table, ("n",), ((n,) for n in numbers))
        yield table
    finally:
        connection.execute(text("DROP TABLE wanted_number"))


def edges_where(connection: Connection, *wanted: ColumnElement[bool]) -> Edges:
    """The edges for which all of `wanted` is true."""
    order = (edge.c.left_id, edge.c.right_id)
    told = (edge.c.weight, edge.c.probability, edge.c.found_by == derived.COPY)
    statement = select(*order, *told).where(*wanted).order_by(*order)
    left, right, weight, probability, copy = columns_of(connection, statement, 5)
    ends = left.astype(np.int64), right.astype(np.int64)
    return Edges(*ends, weight.astype(np.float64), probability, copy.astype(np.bool_))


def edges_of(connection: Connection, mentions: NDArray[np.int64]) -> tuple[Edges, Edges]:
    """The edges with an end in `mentions`, sorted: those with a key in common, and the others."""
    found = derived.edges_of(connection, mentions.tolist())
    keyed = [e for e in found if e.found_by != derived.OTHERS]
    return as_columns(keyed), as_columns([e for e in found if e.found_by == derived.OTHERS])


def as_columns(found: Sequence[derived.Edge]) -> Edges:
    """Edges as columns, in the order given."""
    return Edges(
        np.array([e.left for e in found], dtype=np.int64),
        np.array([e.right for e in found], dtype=np.int64),
        np.array([e.weight for e in found], dtype=np.float64),
        np.array([e.probability for e in found], dtype=np.float64),
        np.array([e.found_by == derived.COPY for e in found], dtype=np.bool_),
    )


def as_rows(edges: Edges) -> list[derived.Edge]:
    """Edges that share a key, as rows: `as_columns` the other way round."""
    columns = [column.tolist() for column in edges]
    ways = [derived.COPY if copy else "" for copy in columns.pop()]
    return [derived.Edge(*row) for row in zip(*columns, ways, strict=True)]


def owners(
    connection: Connection, mentions: NDArray[np.int64], *, some: bool = False
) -> NDArray[np.int64]:
    """The customer number of each of `mentions` (sorted), -1 where it has none.

    `some` says that they are not all there are.
    """
    found = np.full(len(mentions), -1, dtype=np.int64)
    if some:
        known = derived.customers_of(connection, mentions.tolist())
        found[np.searchsorted(mentions, list(known))] = list(known.values())
        return found
    statement = select(membership.c.mention_id, membership.c.customer_seq)
    numbers, seqs = columns_of(connection, statement, 2)
    found[np.searchsorted(mentions, numbers)] = seqs
    return found


def issued(
    connection: Connection, mentions: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number and anchor of every id that was ever issued, or of those anchored in `mentions`."""
    if mentions is not None:
        found = derived.minted_at(connection, mentions.tolist())
        numbers = np.array(list(found.values()), dtype=np.int64)
        return numbers, np.array(list(found), dtype=np.int64)
    seqs, anchors = columns_of(connection, select(customer.c.seq, customer.c.anchor_id), 2)
    return seqs.astype(np.int64), anchors.astype(np.int64)


def columns_of(
    connection: Connection, statement: Select[*tuple[object, ...]], width: int
) -> list[NDArray[Any]]:
    """The rows of a statement over numbers as `width` arrays."""
    parts: list[list[NDArray[Any]]] = [[np.zeros(0)] for _ in range(width)]
    for rows in batches(connection, statement):
        for into, column in zip(parts, zip(*rows, strict=True), strict=True):
            into.append(np.array(column))
    return [np.concatenate(p[1:] or p) for p in parts]


def move(
    connection: Connection,
    mentions: NDArray[np.int64],
    before: NDArray[np.int64],
    now: NDArray[np.int64],
) -> None:
    """Give mentions their customer numbers; -1 takes one out of all customers."""
    fresh = (before < 0) & (now >= 0)
    others = (before >= 0) & (before != now)
    derived.set_members(
        connection,
        {
            m: None if seq < 0 else seq
            for m, seq in zip(mentions[others].tolist(), now[others].tolist(), strict=True)
        },
    )
    rows = zip(mentions[fresh].tolist(), now[fresh].tolist(), strict=True)
    bulk_insert(connection, membership, ("mention_id", "customer_seq"), rows)


def mint(connection: Connection, anchors: NDArray[np.int64]) -> int:
    """Issue an id for each anchor in the order given; returns the number of the first."""
    first, now = next_id(connection, customer.c.seq), stamp()
    rows = (
        (seq, derived.customer_id(seq), anchor, now)
        for seq, anchor in enumerate(anchors.tolist(), first)
    )
    bulk_insert(connection, customer, ("seq", "id", "anchor_id", "minted_at"), rows)
    return first


def put_golden(connection: Connection, rows: Rows) -> int:
    """Begin a new version where a golden record changed; returns how many changed."""
    if not rows.seqs:
        return 0
    known = _known(connection, rows.seqs)
    now = stamp()
    states = [known.get(seq, (0, "")) for seq in rows.seqs]
    changed = [s[1] != content for s, content in zip(states, rows.contents, strict=True)]
    ended = [seq for seq, s, new in zip(rows.seqs, states, changed, strict=True) if new and s[1]]
    if ended:
        with _numbers(connection, ended) as wanted:
            current = golden.c.customer_seq.in_(select(wanted.c.n))
            statement = update(golden).where(current, golden.c.valid_to.is_(None))
            connection.execute(statement.values(valid_to=now))
    begun = (
        (seq, version + 1, now, None, *row)
        for seq, (version, _), new, *row in zip(rows.seqs, states, changed, *rows[1:], strict=True)
        if new
    )
    return bulk_insert(connection, golden, derived.GOLDEN, begun)


def _known(connection: Connection, seqs: list[int]) -> dict[int, tuple[int, str]]:
    """Customer number → last version, and its content where it still holds ("" where not)."""
    last = connection.execute(select(func.max(golden.c.customer_seq))).scalar_one_or_none()
    if last is None or seqs[0] > last:
        return {}
    known: dict[int, tuple[int, str]] = {}
    if seqs[-1] - seqs[0] > _SPARSE * len(seqs):
        rows = _VERSIONS.of_keys(connection, seqs)
    else:
        close = golden.c.customer_seq.between(seqs[0], seqs[-1])
        rows = map(tuple, connection.execute(_VERSION.where(close)))
    for seq, version, content, ended in rows:
        if version > known.get(seq, (0, ""))[0]:
            known[seq] = (version, content if ended is None else "")
    return known
