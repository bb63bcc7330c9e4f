"""Explanations from the store: what it knows around one or two customers, put before `explain`.

The evidence is the match model's own, field by field (`matching.explanation`); where no model is at
hand the fields are compared in words alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from idp_cdi.errors import UsageError
from idp_cdi.identity import Link, Ruling, marks, neighbourhood, partition, standing
from idp_cdi.identity.rulings import pair
from idp_cdi.steps.claims import as_counted, reaching
from idp_cdi.steps.evidence import ByModel, InWords
from idp_cdi.steps.explain import Comparison, Face, Said, Scene, Story, compare, explain
from idp_cdi.steps.identify import rules_of
from idp_cdi.store import derived, log, schema
from idp_cdi.survivorship import reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from idp_cdi.observations import Record
    from idp_cdi.settings import Settings
    from idp_cdi.steps.explain import Witness


def explain_customer(
    connection: Connection, settings: Settings, text: str, *, witness: Witness | None = None
) -> Story:
    """How a customer came to be.

    Args:
        connection: A reading one.
        settings: The match threshold.
        text: The customer's id, an old one too.
        witness: Who gives the evidence; the match model where left out.

    Raises:
        UsageError: No such id was ever issued, or nothing is left of the customer.
    """
    seq, group = _members(connection, text)
    scene = scene_of(connection, settings, group, witness)
    # A deleted record may still hold an id of the customer; there is nothing to show of it.
    living = [record for record in group if record in scene.faces]
    return explain(scene, derived.customer_id(seq), living)


def explain_pair(
    connection: Connection,
    settings: Settings,
    first: str,
    second: str,
    *,
    witness: Witness | None = None,
) -> Comparison:
    """Why two customers or records are one, or why not and what would be needed.

    Args:
        connection: A reading one.
        settings: The match threshold.
        first: A customer's id, or a record as ``source:key``.
        second: Another one.
        witness: Who gives the evidence; the match model where left out.

    Raises:
        UsageError: One of them is unknown, or both are the same record.
    """
    groups = [_records(connection, text) for text in (first, second)]
    both = sorted({*groups[0], *groups[1]})
    if len(both) < 2:
        raise UsageError("both are the same record", action="name two customers or records")
    scene = scene_of(connection, settings, both, witness)
    return compare(scene, *_closest(scene.links, *groups))


def _closest(links: Iterable[Link], left: Sequence[int], right: Sequence[int]) -> tuple[int, int]:
    """Of two groups of records the two that match best; the first ones if none were compared."""
    across = [
        (-k.weight, *((k.left, k.right) if k.left in left else (k.right, k.left)))
        for k in links
        if (k.left in left and k.right in right) or (k.right in left and k.left in right)
    ]
    if across:
        _, one, other = min(across)
        if one != other:
            return one, other
    return left[0], next(r for r in reversed(right) if r != left[0])


def scene_of(
    connection: Connection,
    settings: Settings,
    records: Sequence[int],
    witness: Witness | None = None,
) -> Scene:
    """What the store knows around some records: all that their clusters depend on.

    Args:
        connection: A reading one.
        settings: The match threshold.
        records: Mention ids.
        witness: Who gives the evidence; the match model where left out.
    """
    judged = derived.decisions_of(connection)
    decided = standing(Ruling(j.left, j.right, j.verdict, j.id) for j in judged)
    rules = rules_of(settings)
    compared: dict[tuple[int, int], Link] = {}

    def links_of(many: set[int]) -> list[Link]:
        edges = derived.edges_of(connection, many)
        found = [Link(*edge[:4], edge.found_by == derived.COPY) for edge in edges]
        compared.update({pair(k.left, k.right): k for k in found})
        reached = reaching(connection, [k[:3] for k in found], rules.link)
        return [
            k._replace(weight=max(k.weight, rules.link)) if reached.issuperset(k[:2]) else k
            for k in found
        ]

    reached = neighbourhood(records, links_of, decided, rules=rules).records
    ends = {record for link in compared.values() for record in link[:2]}
    ends |= {r for place in decided.different if reached & set(place) for r in place}
    known = dict(log.current_records(connection, reached | ends))
    living = reached & known.keys()
    raw = list(compared.values())
    links = as_counted(connection, raw, rules, decided)
    claims = {pair(*k[:2]) for k, own in zip(links, raw, strict=True) if k.weight != own.weight}
    ranks = {number: (r.source, r.key) for number, r in known.items()}
    found = partition(
        living,
        links,
        decided,
        rules=rules,
        marks={number: own for number in living if (own := marks(known[number]))},
        rank=ranks,
    )
    return Scene(
        {number: face(r) for number, r in known.items()},
        [k for k in links if k.left in known and k.right in known],
        decided,
        {pair(j.left, j.right): Said(j.person, j.at, j.why) for j in judged},
        found.cuts,
        {number: number for number in known} | found.labels,
        rules,
        witness or _default(connection, settings, known),
        frozenset(claims),
    )


def face(record: Record) -> Face:
    """How a record is shown: its name, or whatever else it says of itself."""
    for field in ("name", "trading_name", "last_name", "vat_id", "email", "phone"):
        for seen in record.values(field):
            return Face(reference(record), seen.value, record.source)
    return Face(reference(record), record.key, record.source)


def _default(connection: Connection, settings: Settings, records: Mapping[int, Record]) -> Witness:
    """The match model in force where there is one, else the records in words."""
    from idp_cdi.steps.compare import model_of

    model = model_of(settings)
    return InWords(records) if model is None else ByModel(connection, model, sorted(records))


def _members(connection: Connection, text: str) -> tuple[int, list[int]]:
    seq = derived.resolve(connection, text)
    if seq is None:
        raise UsageError(f"no customer {text!r} was ever issued", action="see `customers list`")
    group = derived.members_of(connection, [seq]).get(seq)
    if not group:
        raise UsageError(f"nothing is left of customer {text}", action="see its history")
    return seq, group


def _records(connection: Connection, text: str) -> list[int]:
    """The records of a customer id, or the one that ``source:key`` names."""
    source, colon, key = text.partition(":")
    if colon:
        statement = (
            select(schema.mention.c.id)
            .join(schema.source, schema.source.c.id == schema.mention.c.source_id)
            .where(schema.source.c.name == source, schema.mention.c.key == key)
        )
        number = connection.execute(statement).scalar()
        if number is not None:
            return [int(number)]
        raise UsageError(f"there is no record {text!r}", action="write it as source:key")
    return [record for record, _ in log.current_records(connection, _members(connection, text)[1])]
