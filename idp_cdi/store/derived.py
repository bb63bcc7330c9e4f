"""What follows from the log: pair edges, memberships, golden versions, and the minted ids.

All but the minted ids can be thrown away and rebuilt. An id is minted once for an anchor mention
and resolves for ever: to the customer whose cluster holds its anchor now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import BindParameter, bindparam, delete, func, or_, select, update

from idp_cdi.store.compiled import Compiled
from idp_cdi.store.database import bulk_insert, next_id
from idp_cdi.store.log import chunked, stamp
from idp_cdi.store.schema import (
    customer,
    decision,
    edge,
    former_membership,
    golden,
    membership,
    mention,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

GOLDEN = (
    "customer_seq",
    "version",
    "valid_from",
    "valid_to",
    "kind",
    "roles",
    "records",
    "content",
    "payload",
)


_SOME: BindParameter[int] = bindparam("some", expanding=True)
_EDGES = Compiled(select(*edge.c).where(or_(edge.c.left_id.in_(_SOME), edge.c.right_id.in_(_SOME))))
_FOLLOW = edge.c.found_by == "copy"
_ALL_FIRSTS = Compiled(select(edge.c.right_id, edge.c.left_id).where(_FOLLOW))
_FIRSTS = Compiled(
    select(edge.c.right_id, edge.c.left_id).where(edge.c.right_id.in_(_SOME), _FOLLOW)
)
_COPIES = Compiled(
    select(edge.c.left_id, edge.c.right_id).where(edge.c.left_id.in_(_SOME), _FOLLOW)
)
_DECISIONS = Compiled(
    select(*decision.c).where(or_(decision.c.left_id.in_(_SOME), decision.c.right_id.in_(_SOME)))
)
_ALL_DECISIONS = Compiled(select(*decision.c).order_by(decision.c.id))
_DROP = Compiled(delete(edge).where(or_(edge.c.left_id.in_(_SOME), edge.c.right_id.in_(_SOME))))
_END = Compiled(
    update(golden)
    .where(golden.c.customer_seq.in_(_SOME), golden.c.valid_to.is_(None))
    .values(valid_to=bindparam("now"))
)
_OWNERS = Compiled(select(*membership.c).where(membership.c.mention_id.in_(_SOME)))
_MEMBERS = Compiled(
    select(*membership.c)
    .where(membership.c.customer_seq.in_(_SOME))
    .order_by(membership.c.mention_id)
)
_ANCHORED = Compiled(
    select(customer.c.anchor_id, customer.c.seq).where(customer.c.anchor_id.in_(_SOME))
)
_CURRENT = Compiled(
    select(
        golden.c.customer_seq,
        golden.c.version,
        golden.c.kind,
        golden.c.roles,
        golden.c.records,
        golden.c.content,
        golden.c.payload,
    ).where(golden.c.customer_seq.in_(_SOME), golden.c.valid_to.is_(None))
)
_VERSIONS = Compiled(
    select(golden.c.customer_seq, func.max(golden.c.version))
    .where(golden.c.customer_seq.in_(_SOME))
    .group_by(golden.c.customer_seq)
)


#: How an edge was found where the two have no key in common: others hold them together.
OTHERS = "others"
#: … and where the right one says the same as the left one and follows it.
COPY = "copy"


class Edge(NamedTuple):
    """Two mentions that were compared: weight in bits, probability that they are one party.

    `found_by` is "" where a key that both have led to it, else `OTHERS` or `COPY`.
    """

    left: int
    right: int
    weight: float
    probability: float
    found_by: str = ""


class Judged(NamedTuple):
    """What a person decided about two mentions."""

    id: int
    left: int
    right: int
    verdict: str
    person: str
    at: str
    why: str


class GoldenRow(NamedTuple):
    """A golden record as stored; `content` is a hash of all but the times."""

    kind: str
    roles: str
    records: int
    content: str
    payload: str


def customer_id(seq: int) -> str:
    """The text of the customer id with number `seq`.

    >>> customer_id(42)
    'C-0000042'
    """
    return f"C-{seq:07d}"


# ---------------------------------------------------------------- edges and decisions


def edges_of(connection: Connection, mentions: Iterable[int]) -> list[Edge]:
    """All edges with at least one end in `mentions`."""
    found: set[Edge] = set()
    for chunk in chunked(mentions):
        found |= {Edge(*row) for row in _EDGES.rows(connection, some=chunk)}
    return sorted(found)


def replace_edges(connection: Connection, mentions: Iterable[int], edges: Iterable[Edge]) -> None:
    """Make `edges` all the edges that touch `mentions`."""
    for chunk in chunked(mentions):
        _DROP.run(connection, some=chunk)
    add_edges(connection, edges)


def add_edges(connection: Connection, edges: Iterable[Edge]) -> int:
    """Insert edges between mentions that have none yet; returns how many."""
    columns = ("left_id", "right_id", "weight", "probability", "found_by")
    return bulk_insert(connection, edge, columns, edges)


def firsts_of(connection: Connection, mentions: Iterable[int] | None = None) -> dict[int, int]:
    """Copies among `mentions` (None: all) with the mention that each follows."""
    found: dict[int, int] = {}
    if mentions is None:
        found.update(_ALL_FIRSTS.rows(connection))
        return found
    for chunk in chunked(mentions):
        found.update(_FIRSTS.rows(connection, some=chunk))
    return found


def copies_of(connection: Connection, mentions: Iterable[int]) -> dict[int, set[int]]:
    """Those of `mentions` that others follow, with who follows them."""
    found: dict[int, set[int]] = {}
    for chunk in chunked(mentions):
        for first, copy in _COPIES.rows(connection, some=chunk):
            found.setdefault(first, set()).add(copy)
    return found


def drop_edges(connection: Connection, pairs: Sequence[tuple[int, int]]) -> None:
    """Delete the edges of some pairs of mentions, `left` < `right`."""
    if pairs:
        own = (edge.c.left_id == bindparam("one"), edge.c.right_id == bindparam("other"))
        ends = [{"one": left, "other": right} for left, right in pairs]
        connection.execute(delete(edge).where(*own), ends)


def all_edges(connection: Connection) -> Iterator[Edge]:
    """Every edge, in order."""
    statement = select(*edge.c).order_by(edge.c.left_id, edge.c.right_id)
    streamed = connection.execute(statement, execution_options={"yield_per": 10_000})
    return (Edge(*row) for row in streamed)


def decisions_of(connection: Connection, mentions: Iterable[int] | None = None) -> list[Judged]:
    """What persons decided, oldest first: about any mention, or with one end in `mentions`."""
    if mentions is None:
        return [Judged(*row) for row in _ALL_DECISIONS.rows(connection)]
    found: set[Judged] = set()
    for chunk in chunked(mentions):
        found |= {Judged(*row) for row in _DECISIONS.rows(connection, some=chunk)}
    return sorted(found)


# ---------------------------------------------------------------- memberships and ids


def customers_of(connection: Connection, mentions: Iterable[int]) -> dict[int, int]:
    """Mention → number of its customer, for those that have one."""
    found: dict[int, int] = {}
    for chunk in chunked(mentions):
        found.update((m, seq) for m, seq in _OWNERS.rows(connection, some=chunk))
    return found


def members_of(connection: Connection, seqs: Iterable[int]) -> dict[int, list[int]]:
    """Customer number → its mentions, sorted."""
    found: dict[int, list[int]] = {}
    for chunk in chunked(seqs):
        for m, seq in _MEMBERS.rows(connection, some=chunk):
            found.setdefault(seq, []).append(m)
    return found


def set_members(
    connection: Connection,
    members: Mapping[int, int | None],
    before: Mapping[int, int] | None = None,
) -> None:
    """Give each mention its customer number; None takes it out of all customers.

    Where a mention was before is kept with the time: what was booked then is told as it was then.
    `before` says so where it has been read already.
    """
    known = customers_of(connection, members) if before is None else before
    moved = {m: seq for m, seq in members.items() if known.get(m) != seq}
    _remember_moves(connection, {m: known[m] for m in moved if m in known})
    gone = sorted(m for m, seq in moved.items() if seq is None)
    for chunk in chunked(gone):
        connection.execute(delete(membership).where(membership.c.mention_id.in_(chunk)))
    changed = [{"m": m, "s": seq} for m, seq in sorted(moved.items()) if m in known and seq]
    if changed:
        statement = update(membership).where(membership.c.mention_id == bindparam("m"))
        connection.execute(statement.values(customer_seq=bindparam("s")), changed)
    fresh = ((m, seq) for m, seq in sorted(moved.items()) if m not in known and seq)
    bulk_insert(connection, membership, ("mention_id", "customer_seq"), fresh)


def _remember_moves(connection: Connection, left: Mapping[int, int]) -> None:
    if not left:
        return
    number, now = next_id(connection, former_membership.c.id), stamp()
    rows = [(number + i, m, seq, now) for i, (m, seq) in enumerate(sorted(left.items()))]
    bulk_insert(connection, former_membership, ("id", "mention_id", "customer_seq", "until"), rows)


def minted_at(connection: Connection, anchors: Iterable[int]) -> dict[int, int]:
    """Anchor mention → number of the id minted for it, for those that anchor one."""
    found: dict[int, int] = {}
    for chunk in chunked(anchors):
        found.update((anchor, seq) for anchor, seq in _ANCHORED.rows(connection, some=chunk))
    return found


def mint(connection: Connection, anchors: Iterable[int]) -> dict[int, int]:
    """Issue a new id for each anchor mention, in the order given; anchor → number."""
    anchors = list(anchors)
    if not anchors:
        return {}
    seq, now = next_id(connection, customer.c.seq), stamp()
    rows = [(seq + i, customer_id(seq + i), anchor, now) for i, anchor in enumerate(anchors)]
    bulk_insert(connection, customer, ("seq", "id", "anchor_id", "minted_at"), rows)
    return {anchor: number for number, _, anchor, _ in rows}


def next_customer(connection: Connection) -> int:
    """The first customer number that was never issued."""
    return next_id(connection, customer.c.seq)


def resolve(connection: Connection, text: str) -> int | None:
    """The number of the customer that the id `text` means today; None if it was never issued.

    An id whose anchor is in no cluster any more (its record was deleted) resolves to itself.
    """
    statement = (
        select(customer.c.seq, membership.c.customer_seq)
        .outerjoin(membership, membership.c.mention_id == customer.c.anchor_id)
        .where(customer.c.id == text)
    )
    row = connection.execute(statement).first()
    return None if row is None else int(row[1] if row[1] is not None else row[0])


def redirects(connection: Connection) -> dict[str, str]:
    """Every id that was issued and now means another customer → that customer's id."""
    statement = (
        select(customer.c.id, membership.c.customer_seq)
        .join(membership, membership.c.mention_id == customer.c.anchor_id)
        .where(membership.c.customer_seq != customer.c.seq)
        .order_by(customer.c.seq)
    )
    return {old: customer_id(seq) for old, seq in connection.execute(statement)}


# ---------------------------------------------------------------- golden records


def current_golden(connection: Connection, seqs: Iterable[int]) -> dict[int, tuple[int, GoldenRow]]:
    """Customer number → (version, golden record) as it is now."""
    found: dict[int, tuple[int, GoldenRow]] = {}
    for chunk in chunked(seqs):
        for seq, version, *row in _CURRENT.rows(connection, some=chunk):
            found[seq] = (version, GoldenRow(*row))
    return found


def put_golden(connection: Connection, rows: Mapping[int, GoldenRow | None]) -> int:
    """Begin a new version where a golden record changed; None ends it. Returns how many changed."""
    if not rows:
        return 0
    known = current_golden(connection, rows)
    last = _last_versions(connection, [seq for seq in rows if seq not in known])
    now = stamp()
    ended = [s for s, row in rows.items() if s in known and _changed(known[s][1], row)]
    for chunk in chunked(ended):
        _END.run(connection, some=chunk, now=now)
    begun = [
        (seq, (known[seq][0] if seq in known else last.get(seq, 0)) + 1, now, None, *row)
        for seq, row in sorted(rows.items())
        if row is not None and (seq not in known or _changed(known[seq][1], row))
    ]
    bulk_insert(connection, golden, GOLDEN, begun)
    return len(set(ended) | {row[0] for row in begun})


def _changed(old: GoldenRow, new: GoldenRow | None) -> bool:
    return new is None or old.content != new.content


def _last_versions(connection: Connection, seqs: list[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for chunk in chunked(seqs):
        found.update((seq, version) for seq, version in _VERSIONS.rows(connection, some=chunk))
    return found


# ---------------------------------------------------------------- counts


def count_customers(connection: Connection) -> int:
    """How many customers there are now."""
    statement = select(func.count()).select_from(golden).where(golden.c.valid_to.is_(None))
    return int(connection.execute(statement).scalar_one())


def count_members(connection: Connection) -> int:
    """How many mentions belong to a customer."""
    return int(connection.execute(select(func.count()).select_from(membership)).scalar_one())


def count_merged(connection: Connection) -> int:
    """How many customers unite mentions of more than one place."""
    several = (
        select(membership.c.customer_seq)
        .group_by(membership.c.customer_seq)
        .having(func.count() > 1)
        .subquery()
    )
    return int(connection.execute(select(func.count()).select_from(several)).scalar_one())


def mention_names(connection: Connection, mentions: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Mention → (source, key)."""
    from idp_cdi.store.schema import source

    found: dict[int, tuple[str, str]] = {}
    for chunk in chunked(mentions):
        statement = (
            select(mention.c.id, source.c.name, mention.c.key)
            .join(source, source.c.id == mention.c.source_id)
            .where(mention.c.id.in_(chunk))
        )
        found.update((m, (name, key)) for m, name, key in connection.execute(statement))
    return found
