"""Everything that is known of one customer, with where it was seen: a subject access request.

The same view of whose data it is as in an erasure (`idp_cdi.steps._subject`): what `access` shows
is what `forget` erases. Of documents that mention others it shows the subject's own fields only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from idp_cdi.pii import class_of
from idp_cdi.steps import _subject
from idp_cdi.steps.customers import history
from idp_cdi.store import audit, documents
from idp_cdi.store.log import chunked
from idp_cdi.store.payload import decode
from idp_cdi.store.schema import (
    answer,
    decision,
    extraction,
    fact,
    fact_party,
    record,
    review_item,
    sighting,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from idp_cdi.observations import Origin
    from idp_cdi.settings import Settings
    from idp_cdi.steps._subject import Subject


def access(connection: Connection, settings: Settings, customer: str) -> dict[str, Any]:
    """Everything known of `customer` as JSON data.

    Args:
        connection: A reading one.
        settings: Who we are, owners of the sources.
        customer: Its id.

    Raises:
        UsageError: There is no such customer, or nothing is left of it.
    """
    found = _subject.subject(connection, customer)
    names = documents.names(connection, found.documents)
    return {
        "customer": customer,
        "ids": list(found.ids),
        "controller": list(settings.organisation.names),
        "golden_record": _golden(connection, customer),
        "seen_in": list(_records(connection, settings, found, names)),
        "documents": list(_documents(connection, found, names)),
        "events": list(_facts(connection, found)),
        "decisions": list(_decisions(connection, found)),
        "questions": list(_questions(connection, found)),
        "audit_entries": _trail(connection, found),
    }


def _golden(connection: Connection, customer: str) -> list[dict[str, Any]]:
    """All versions: what held from when to when."""
    return [
        {
            "version": v.version,
            "valid_from": v.valid_from,
            "valid_to": v.valid_to,
            "changes": [{"field": f, "from": old, "to": new} for f, old, new in v.changes],
        }
        for v in history(connection, customer)
    ]


def _records(
    connection: Connection, settings: Settings, found: Subject, names: dict[str, str]
) -> Iterator[dict[str, Any]]:
    """Every version of every mention, each value with its place, trust and class."""
    for place in found.places:
        statement = select(record).where(record.c.mention_id == place.id).order_by(record.c.id)
        owner = settings.sources[place.source].owner if place.source in settings.sources else ""
        for row in connection.execute(statement):
            yield {
                "source": place.source,
                "key": place.key,
                "owner": owner,
                "observed_at": row.observed_at,
                "deleted_at_source": row.deleted,
                "values": [
                    {
                        "field": o.field,
                        "value": o.value,
                        "as_seen": o.raw,
                        "confidence": o.confidence,
                        "where": _where(o.origin, names),
                        "personal_data": class_of(o.field),
                    }
                    for o in decode(row.payload)
                ],
            }


def _where(origin: Origin, names: dict[str, str]) -> dict[str, Any]:
    if origin.document:
        box = [round(n, 1) for n in origin.box] if origin.box else None
        name = names.get(origin.document, origin.document)
        return {"document": name, "page": origin.page, "box": box}
    if origin.person:
        return {"person": origin.person}
    return {"table": origin.table, "row": origin.row, "column": origin.column}


def _documents(
    connection: Connection, found: Subject, names: dict[str, str]
) -> Iterator[dict[str, Any]]:
    roles = _subject.roles_of(found)
    for sha256 in found.documents:
        seen = select(sighting.c.path, sighting.c.at).where(sighting.c.sha256 == sha256)
        bodies = select(extraction.c.payload).where(extraction.c.sha256 == sha256)
        fields = [
            {"field": f["name"], "value": f["value"], "as_printed": f["raw"], "page": f["page"]}
            for body in connection.execute(bodies).scalars()
            for f in json.loads(body).get("fields", ())
            if _subject.is_of(f, roles.get(sha256, ()))
        ]
        yield {
            "name": names.get(sha256, ""),
            "sha256": sha256,
            "mentions_others": sha256 in found.shared,
            "seen": [{"path": path, "at": at} for path, at in connection.execute(seen)],
            "roles": sorted({role for role, _ in roles.get(sha256, ())}),
            "fields": fields,
        }


def _facts(connection: Connection, found: Subject) -> Iterator[dict[str, Any]]:
    for chunk in chunked(found.mentions):
        statement = (
            select(fact, fact_party.c.role)
            .join(fact_party, fact_party.c.fact_id == fact.c.id)
            .where(fact_party.c.mention_id.in_(chunk))
            .order_by(fact.c.id)
        )
        for row in connection.execute(statement):
            yield {
                "kind": row.kind,
                "key": row.key,
                "role": row.role,
                "observed_at": row.observed_at,
                "values": json.loads(row.payload),
            }


def _decisions(connection: Connection, found: Subject) -> Iterator[dict[str, Any]]:
    own = {p.id: f"{p.source}:{p.key}" for p in found.places}
    for chunk in chunked(found.mentions):
        touching = or_(decision.c.left_id.in_(chunk), decision.c.right_id.in_(chunk))
        for row in connection.execute(select(decision).where(touching).order_by(decision.c.id)):
            ends = (row.left_id, row.right_id)
            yield {
                "verdict": row.verdict,
                "about": [own.get(m, "another customer's") for m in ends],
                "by": row.person,
                "at": row.at,
                "why": row.why,
            }


def _questions(connection: Connection, found: Subject) -> Iterator[dict[str, Any]]:
    """What persons were asked about its values, and what they answered."""
    roles = _subject.roles_of(found)
    items: dict[str, dict[str, Any]] = {}
    for chunk in chunked(roles):
        statement = select(review_item.c.id, review_item.c.document, review_item.c.payload).where(
            review_item.c.document.in_(chunk)
        )
        for name, sha256, body in connection.execute(statement):
            data = json.loads(body)
            told = {"name": data.get("field", ""), "group": data.get("group", "")}
            if _subject.is_of(told, roles[sha256]):
                items[name] = {"field": data["field"], "value": data.get("value", "")}
    for chunk in chunked(items):
        statement = select(answer).where(answer.c.item_id.in_(chunk)).order_by(answer.c.id)
        for row in connection.execute(statement):
            items[row.item_id].setdefault("answers", []).append(
                {"said": row.action, "value": row.value, "by": row.person, "at": row.at}
            )
    yield from items.values()


def _trail(connection: Connection, found: Subject) -> list[int]:
    own = set(found.mentions)
    return [e.seq for e in audit.entries(connection) if own & set(e.about.get("mentions", ()))]
