"""Clusters and the ids that they carry, brought up to date in the store.

The rules are those of `idp_cdi.identity`, pure functions; here their input is fetched for a region
of the store (or all of it) and their result is written back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, bindparam, or_, select

from idp_cdi.identity import Issued, Link, Rules, Ruling, assign, heirs, marks, partition, standing
from idp_cdi.identity.marks import KINDS
from idp_cdi.steps import compare
from idp_cdi.steps.claims import as_counted
from idp_cdi.steps.hanging import settle
from idp_cdi.store import derived, log
from idp_cdi.store.compiled import Compiled
from idp_cdi.store.log import chunked
from idp_cdi.store.schema import customer, membership, mention, record, source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from idp_cdi.matching.model import Model
    from idp_cdi.settings import Settings
    from idp_cdi.steps._region import Region


_SOME: BindParameter[int] = bindparam("some", expanding=True)
_RANKED = (
    select(mention.c.id, record.c.deleted, source.c.name, mention.c.key, record.c.kind)
    .join(record, record.c.id == mention.c.record_id)
    .join(source, source.c.id == mention.c.source_id)
    .order_by(mention.c.id)
)
_BEARER = (
    select(mention.c.id)
    .join(record, record.c.id == mention.c.record_id)
    .where(or_(record.c.payload.like('%"vat_id"%'), record.c.payload.like('%"lei"%')))
)
_RANKS, _SOME_RANKS = Compiled(_RANKED), Compiled(_RANKED.where(mention.c.id.in_(_SOME)))
_BEARING, _SOME_BEAR = Compiled(_BEARER), Compiled(_BEARER.where(mention.c.id.in_(_SOME)))


@dataclass(frozen=True, slots=True)
class Identified:
    """Mentions whose customer is another one now, how many ids were minted, and all pairs."""

    moved: set[int] = field(default_factory=set)
    minted: int = 0
    edges: list[derived.Edge] = field(default_factory=list)


def identify(
    connection: Connection,
    settings: Settings,
    region: Region | None,
    rules: Rules | None = None,
) -> Identified:
    """Cluster the mentions of `region` (None: all) and give each cluster its id.

    Args:
        connection: A writing one; edges are up to date.
        settings: The match probability from which mentions link.
        region: Mentions closed under edges, decisions and present customers.
        rules: Those of `rules_of`, where they are at hand.
    """
    some = None if region is None else region.mentions
    ranks, gone, kinds = _mentions(connection, some)
    decided = standing(rulings(connection, None) if region is None else map(_ruling, region.judged))
    rules = rules or rules_of(settings)
    edges = list(derived.all_edges(connection)) if region is None else region.edges
    edges = settle(connection, settings, edges, ranks.keys(), rules.link)
    links = [Link(*e[:4], e.found_by == derived.COPY) for e in edges]
    links = as_counted(connection, links, rules, decided)
    found = partition(
        ranks,
        links,
        decided,
        rules=rules,
        marks=_marks(connection, some, kinds),
        rank=ranks,
    )
    issued = list(_issued(connection, some))
    fresh = derived.next_customer(connection)
    joining = (k for k in links if k.copy or k.weight >= rules.link) if gone else ()
    left_to = heirs(gone, joining, decided, ranks) if gone else {}
    assigned = assign(found.groups, issued, fresh=fresh, heirs=left_to)
    derived.mint(connection, [i.anchor for i in assigned.minted])
    wanted: dict[int, int | None] = {
        m: number for group, number in assigned.bears.items() for m in group
    }
    # The anchor of an id stays with its heir's customer, so that the id resolves to it.
    anchors = {i.anchor for i in issued}
    wanted |= {g: wanted.get(left_to.get(g, g)) if g in anchors else None for g in gone}
    before = _owners(connection) if region is None else region.owners
    return Identified(_move(connection, before, wanted), len(assigned.minted), edges)


def rules_of(settings: Settings, model: Model | None = None) -> Rules:
    """The rules of clustering that the settings ask for, and a model: the one in force."""
    p = min(max(settings.matching.link, 1e-9), 1 - 1e-9)
    model = model or compare.model_of(settings)
    learned = () if model is None else model.closure
    return Rules(link=math.log2(p / (1 - p)), closure=learned)


def _move(
    connection: Connection, before: Mapping[int, int], wanted: dict[int, int | None]
) -> set[int]:
    """Write memberships; returns the mentions of all customers that won or lost a member."""
    moved = {m for m, seq in wanted.items() if before.get(m) != seq}
    derived.set_members(connection, {m: wanted[m] for m in moved}, before)
    losers = {before[m] for m in moved if m in before}
    emptied = losers - set(wanted.values())
    derived.put_golden(connection, dict.fromkeys(emptied))
    return moved | {m for m, seq in wanted.items() if seq in losers}


def _mentions(
    connection: Connection, region: Sequence[int] | None
) -> tuple[dict[int, tuple[str, str]], list[int], dict[int, str]]:
    """Source and key of the mentions that are there, those that are deleted, and persons and firms.

    Of the third are those that say what they are.
    """
    ranks: dict[int, tuple[str, str]] = {}
    gone: list[int] = []
    kinds: dict[int, str] = {}
    for part in _parts(region):
        rows = _RANKS.rows(connection) if part is None else _SOME_RANKS.rows(connection, some=part)
        for number, deleted, name, key, kind in rows:
            if deleted:
                gone.append(number)
            else:
                ranks[number] = (name, key)
                if kind in KINDS:
                    kinds[number] = kind
    return ranks, gone, kinds


def rulings(connection: Connection, region: Sequence[int] | None) -> Iterator[Ruling]:
    """What persons decided about mentions of `region` (None: about any)."""
    for judged in derived.decisions_of(connection, region):
        yield _ruling(judged)


def _ruling(judged: derived.Judged) -> Ruling:
    return Ruling(judged.left, judged.right, judged.verdict, judged.id)


def _marks(
    connection: Connection, region: Sequence[int] | None, kinds: Mapping[int, str]
) -> dict[int, tuple[tuple[str, str], ...]]:
    """The marks of the mentions that have some; records without numbers are never decoded."""
    if region is not None and len(region) < 2:
        return {}
    bearers: list[int] = []
    for part in _parts(region):
        rows = _BEARING.rows(connection) if part is None else _SOME_BEAR.rows(connection, some=part)
        bearers += [row[0] for row in rows]
    # Where all are of one kind it keeps nobody apart.
    mixed = len(set(kinds.values())) > 1
    found: dict[int, tuple[tuple[str, str], ...]] = {}
    if mixed:
        found |= {m: (("kind", kind),) for m, kind in kinds.items()}
    found |= {m: marks(r) for m, r in log.current_records(connection, bearers)}
    return {m: several for m, several in found.items() if several}


def _issued(connection: Connection, region: Sequence[int] | None) -> Iterable[Issued]:
    if region is None:
        rows = connection.execute(select(customer.c.seq, customer.c.anchor_id))
        return [Issued(seq, anchor) for seq, anchor in rows]
    anchored = derived.minted_at(connection, region)
    return [Issued(seq, anchor) for anchor, seq in anchored.items()]


def _owners(connection: Connection) -> dict[int, int]:
    return {m: seq for m, seq in connection.execute(select(*membership.c))}


def _parts(region: Sequence[int] | None) -> Iterator[list[int] | None]:
    """The region in parts for ``IN (…)``; None, once, for everything."""
    if region is None:
        yield None
    else:
        yield from chunked(region)
