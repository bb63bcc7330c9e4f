"""Pairs that may be one customer: a person is asked.

They lie between the two match thresholds, or are links that clustering left out although they are
strong enough, because they would join what must stay apart or one weak link would hold two groups.

One question for two customers, about their best pair. A question whose pair was decided meanwhile,
by the machine or because the customers became one, or is no longer doubtful, goes away by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from idp_cdi.observations import content_id
from idp_cdi.review.questions import Pair, Question, possible_match
from idp_cdi.steps.doubtful import chosen_of, of_region, worth_asking
from idp_cdi.store import derived, log, questions
from idp_cdi.survivorship import reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from idp_cdi.observations import Record
    from idp_cdi.settings import Settings
    from idp_cdi.store.current import Current
    from idp_cdi.store.derived import Edge
    from idp_cdi.store.whole import Edges

_SHOWN = ("name", "street", "postal_code", "city", "country", "vat_id", "phone", "email")


def ask(
    connection: Connection, settings: Settings, region: Sequence[int], edges: Sequence[Edge]
) -> int:
    """Ask about the doubtful ones of `edges`, all pairs with an end in `region`.

    Returns:
        How many questions are new or open again.
    """
    doubtful = of_region(connection, settings, edges)
    ends = {m for e in doubtful for m in (e.left, e.right)}
    owner = derived.customers_of(connection, ends)
    judged = {(d.left, d.right): d.verdict for d in derived.decisions_of(connection, ends)}
    records = dict(log.current_records(connection, ends))
    best: dict[tuple[int, int], Edge] = {}
    there = [e for e in doubtful if e.left in records and e.right in records]
    for item in there:
        left, right = owner.get(item.left), owner.get(item.right)
        decided = judged.get((item.left, item.right), "withdrawn") != "withdrawn"
        if left is None or right is None or left == right or decided:
            continue
        pair = (min(left, right), max(left, right))
        if pair not in best or best[pair].probability < item.probability:
            best[pair] = item
    told = {e: (e.left, e.right, e.probability) for e in best.values()}
    asked = worth_asking(connection, settings, told, owner)
    chosen = [e for e in best.values() if e in asked]
    items = [_question(e, records).item()._replace(mention_id=e.left) for e in chosen]
    settled = set(there) - set(chosen)
    gone = {_id(reference(records[e.left]), reference(records[e.right])) for e in settled}
    gone |= questions.waiting_matches(connection, region)
    questions.forget_matches(connection, gone - {item.id for item in items})
    return questions.put(connection, items)


def ask_all(
    connection: Connection,
    settings: Settings,
    found: Edges,
    current: Current,
    owner: NDArray[np.int64],
    region: NDArray[np.int64] | None = None,
) -> int:
    """Ask about many doubtful pairs.

    Args:
        connection: A writing one.
        settings: From which probability on a person is asked.
        found: The pairs (see `steps.doubtful`).
        current: All current records, or those of the pairs.
        owner: The customer number of each of them, -1 where it has none.
        region: The mentions all of whose doubtful pairs are given; None where all pairs are.

    Returns:
        How many questions are new or open again.
    """
    left, right = current.rows_of(found.left), current.rows_of(found.right)
    one, other = owner[left], owner[right]
    apart = (one >= 0) & (other >= 0) & (one != other)
    there = ~(current.deleted[left] | current.deleted[right])
    known = np.flatnonzero(there)
    about = None if region is None else current.mentions.tolist()
    judged = {(d.left, d.right): d.verdict for d in derived.decisions_of(connection, about)}
    said = {pair for pair, verdict in judged.items() if verdict != "withdrawn"}
    pairs = known[apart[known]]
    if said:
        ends = zip(found.left[pairs].tolist(), found.right[pairs].tolist(), strict=True)
        pairs = pairs[np.array([end not in said for end in ends], dtype=bool)]
    first, second = np.minimum(one, other)[pairs], np.maximum(one, other)[pairs]
    order = np.lexsort((-found.probability[pairs], second, first))
    best = np.ones(len(order), dtype=bool)
    best[1:] = (np.diff(first[order]) != 0) | (np.diff(second[order]) != 0)
    chosen = chosen_of(connection, settings, found, pairs[order[best]], (one, other))
    columns = (
        _sides(current, left[chosen]),
        _sides(current, right[chosen]),
        found.probability[chosen].tolist(),
        found.left[chosen].tolist(),
    )
    items = [
        _asked(one_side, other_side, sure).item()._replace(mention_id=mention)
        for one_side, other_side, sure, mention in zip(*columns, strict=True)
    ]
    gone = questions.waiting_matches(connection, None if region is None else region.tolist())
    if region is not None:
        settled = known[~np.isin(known, chosen)]
        both = current.references(left[settled]), current.references(right[settled])
        gone |= {_id(*pair) for pair in zip(*both, strict=True)}
    questions.forget_matches(connection, gone - {item.id for item in items})
    return questions.put(connection, items)


class _Side(NamedTuple):
    """One end of a pair: its reference and its most confident value of each field shown."""

    reference: str
    values: tuple[str, ...]


def _id(one: str, other: str) -> str:
    """The id of the question about two records, by their references."""
    return content_id(("match", *sorted((one, other))))


def _sides(current: Current, rows: NDArray[np.int64]) -> list[_Side]:
    shown = [current.surest(name, rows) for name in _SHOWN]
    return [
        _Side(reference, values)
        for reference, values in zip(
            current.references(rows), zip(*shown, strict=True), strict=True
        )
    ]


def _question(item: Edge, records: dict[int, Record]) -> Question:
    return _asked(_side(records[item.left]), _side(records[item.right]), item.probability)


def _side(record: Record) -> _Side:
    values = tuple(next((o.value for o in record.values(name)), "") for name in _SHOWN)
    return _Side(reference(record), values)


def _asked(left: _Side, right: _Side, probability: float) -> Question:
    pairs = []
    for name, one, other in zip(_SHOWN, left.values, right.values, strict=True):
        if one or other:
            says = "same" if one == other else "different" if one and other else "unknown"
            pairs.append(Pair(name, one, other, says))
    return possible_match(left.reference, right.reference, pairs, probability=probability)
