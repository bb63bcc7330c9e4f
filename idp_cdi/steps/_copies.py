"""Which pairs are kept where many mentions say the same (see `idp_cdi.matching.copies`).

A copy has one pair only, that with the first of its form. Which mentions are copies follows from
what they say, so a change of one may be a change of others: where the first one of a form goes,
the others follow another one, and where a place among the compared becomes free, a copy is
compared from then on. Here a few mentions are looked at, with all that share a key with them, or
all mentions in one run; the pairs are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from idp_cdi.identity import Ruling, standing
from idp_cdi.matching import copies
from idp_cdi.matching.closure import FLOOR
from idp_cdi.store import derived, log
from idp_cdi.store.whole import Edges, edges_from

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from idp_cdi.engines.local import Pairs
    from idp_cdi.matching.online import Matches


class Compared(NamedTuple):
    """The edges of some mentions; `more` are others whose edges change with them."""

    edges: Edges
    mentions: set[int]
    more: set[int]


def alone(connection: Connection, mentions: Collection[int] | None = None) -> NDArray[np.int64]:
    """The mentions that are no copies, sorted: a person decided about them, or they are deleted.

    Args:
        connection: Sees records and decisions.
        mentions: Those that are asked about; None for all.
    """
    gone = log.deleted_mentions(connection, mentions)
    judged = derived.decisions_of(connection, mentions)
    now = standing(Ruling(j.left, j.right, j.verdict, j.id) for j in judged)
    pairs = {*now.same, *now.different, *now.unsure}
    return np.array(sorted({m for pair in pairs for m in pair} | gone), dtype=np.int64)


def left_behind(connection: Connection, touched: Iterable[int], near: Iterable[int]) -> set[int]:
    """Copies to look at again: the least of each form of which a mention of `near` is the first.

    Those of `touched` themselves left out.
    """
    several = (copies - set(touched) for copies in derived.copies_of(connection, near).values())
    return {min(rest) for rest in several if rest}


def of_question(connection: Connection, own: NDArray[np.int64], found: Matches) -> Compared:
    """The edges of mentions that were compared with all that share a key with them.

    Args:
        connection: Sees decisions, and the edges as they were.
        own: The mentions.
        found: Their pairs with all others, by row of `own`.
    """
    form = np.zeros(len(own), dtype=np.uint64)
    form[found.row] = found.asked
    question = found.row, found.id, found.form, own, form
    told = copies.asked(*question, np.zeros(0, dtype=np.int64))
    if told.copy.any() or told.follows.any():
        told = copies.asked(*question, alone(connection, {*own.tolist(), *found.id.tolist()}))
    asked, first, follows = own[found.row], told.first[found.row], told.follows[found.row]
    plain = ~follows & ~told.copy
    copy = told.same & np.where(follows, found.id == first, told.copy & (asked == first))
    keep = copy | (plain & (found.weight.round(3) >= FLOOR))
    # Whoever comes before others of its form may have changed which of them follow, and whom.
    later = np.unique(found.id[plain & told.same & (found.id > asked)])
    more = set(derived.firsts_of(connection, later.tolist()))
    more |= set(first[~follows & told.same & told.copy].tolist())
    columns = asked, found.id, found.weight, found.probability, copy
    return Compared(
        edges_from(*(column[keep] for column in columns)),
        {*own.tolist(), *found.id[copy & ~follows].tolist()},
        more - set(own.tolist()),
    )


def of_run(
    connection: Connection, ids: NDArray[np.int64], pairs: Pairs, touched: Sequence[int]
) -> Compared:
    """The edges of `touched`, and of all copies that changed with them, from a run over all.

    Args:
        connection: Sees the edges as they were.
        ids: The mention of each row of the run.
        pairs: What the run found.
        touched: Mentions that are new, changed, deleted or were decided about.
    """
    mentions = set(touched)
    if len(mentions) < len(ids):
        before = derived.firsts_of(connection)
        first, follower = ids[pairs.left[pairs.copy]], ids[pairs.right[pairs.copy]]
        now = dict(zip(follower.tolist(), first.tolist(), strict=True))
        mentions |= {m for m in before.keys() | now.keys() if before.get(m) != now.get(m)}
    return Compared(kept(ids, pairs, mentions), mentions, set())


def kept(ids: NDArray[np.int64], pairs: Pairs, mentions: Collection[int] | None = None) -> Edges:
    """The pairs of a run that are kept, between mentions; only with an end in `mentions`."""
    keep = pairs.copy | (pairs.weight.round(3) >= FLOOR)
    if mentions is not None and len(mentions) < len(ids):
        wanted = np.isin(ids, np.fromiter(mentions, dtype=np.int64, count=len(mentions)))
        keep &= wanted[pairs.left] | wanted[pairs.right]
    ends = ids[pairs.left[keep]], ids[pairs.right[keep]]
    return edges_from(*ends, pairs.weight[keep], pairs.probability[keep], pairs.copy[keep])


def merged(several: Sequence[Edges]) -> Edges:
    """All edges, each once: of two that were compared each finds the other."""
    columns = [np.concatenate(many) for many in zip(*several, strict=True)]
    order = np.lexsort((columns[1], columns[0]))
    found = Edges(*(column[order] for column in columns))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (np.diff(found.left) != 0) | (np.diff(found.right) != 0)
    return found.where(first)
