"""Pairs that may be one customer: a person is asked.

They lie between the two match thresholds, or are links that clustering left out although they are
strong enough, because they would join what must stay apart or one weak link would hold two groups.

One question for two customers, about their best pair. A question whose pair was decided meanwhile,
by the machine or because the customers became one, goes away by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from idp_cdi.review.questions import Pair, Question, possible_match
from idp_cdi.store import derived, log, questions
from idp_cdi.store.schema import edge, membership
from idp_cdi.survivorship import reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from idp_cdi.observations import Record
    from idp_cdi.settings import Settings
    from idp_cdi.store.derived import Edge

_SHOWN = ("name", "street", "postal_code", "city", "country", "vat_id", "phone", "email")


def ask(connection: Connection, settings: Settings, region: Sequence[int] | None) -> int:
    """Ask about the doubtful pairs of `region` (None: of the whole store).

    Returns:
        How many questions are new or open again.
    """
    doubtful = _doubtful(connection, settings, region)
    ends = {m for e in doubtful for m in (e.left, e.right)}
    owner = derived.customers_of(connection, ends)
    judged = {(d.left, d.right): d.verdict for d in derived.decisions_of(connection, ends)}
    records = dict(log.current_records(connection, ends))
    best: dict[tuple[int, int], Edge] = {}
    settled: list[Edge] = []
    for item in doubtful:
        left, right = owner.get(item.left), owner.get(item.right)
        if not _whole(item, records):
            continue
        decided = judged.get((item.left, item.right), "withdrawn") != "withdrawn"
        if left is None or right is None or left == right or decided:
            settled.append(item)
            continue
        pair = (min(left, right), max(left, right))
        if pair not in best or best[pair].probability < item.probability:
            best[pair] = item
    chosen = list(best.values())
    chosen_set = set(chosen)
    settled += [e for e in doubtful if e not in chosen_set]
    questions.forget_matches(
        connection, [_question(e, records).id for e in settled if _whole(e, records)]
    )
    items = [_question(e, records).item()._replace(mention_id=e.left) for e in chosen]
    return questions.put(connection, items)


def _doubtful(
    connection: Connection, settings: Settings, region: Sequence[int] | None
) -> list[Edge]:
    low, high = settings.matching.review, settings.matching.link
    statement = select(*edge.c).where(edge.c.probability >= low)
    if region is None:
        # A link that is strong enough and yet left out (a cut) is a question as well.
        one, other = membership.alias(), membership.alias()
        apart = one.c.customer_seq != other.c.customer_seq
        statement = (
            statement.outerjoin(one, one.c.mention_id == edge.c.left_id)
            .outerjoin(other, other.c.mention_id == edge.c.right_id)
            .where(or_(edge.c.probability < high, apart))
        )
        return [derived.Edge(*row) for row in connection.execute(statement)]
    found: set[Edge] = set()
    for chunk in log.chunked(region):
        touching = or_(edge.c.left_id.in_(chunk), edge.c.right_id.in_(chunk))
        found |= {derived.Edge(*row) for row in connection.execute(statement.where(touching))}
    return sorted(found)


def _whole(item: Edge, records: dict[int, Record]) -> bool:
    return item.left in records and item.right in records


def _question(item: Edge, records: dict[int, Record]) -> Question:
    left, right = records[item.left], records[item.right]
    pairs = []
    for name in _SHOWN:
        values = [next((o.value for o in r.values(name)), "") for r in (left, right)]
        if any(values):
            says = "same" if values[0] == values[1] else "different" if all(values) else "unknown"
            pairs.append(Pair(name, values[0], values[1], says))
    refs = [reference(r) for r in (left, right)]
    return possible_match(refs[0], refs[1], pairs, probability=item.probability)
