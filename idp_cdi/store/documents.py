"""Documents in the log: their bytes' hash, where they were seen, what was extracted by what."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import insert, select

from idp_cdi.documents import Box, LineItem, Problem
from idp_cdi.extractions import Alternative, Extraction, Field
from idp_cdi.store.database import next_id
from idp_cdi.store.log import chunked, stamp
from idp_cdi.store.schema import document, extraction, fact, sighting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


class Seen(NamedTuple):
    """A document as it came: `name` is the path as given."""

    sha256: str
    name: str
    media_type: str
    size: int


def append_documents(connection: Connection, seen: Iterable[Seen]) -> dict[str, str]:
    """Log documents and where they were seen.

    Returns:
        SHA-256 → the name under which it was first seen, for those that were known before.
    """
    batch = list(seen)
    known = _names(connection, {s.sha256 for s in batch})
    places = _places(connection, set(known))
    now, number = stamp(), next_id(connection, sighting.c.id)
    fresh: dict[str, dict[str, object]] = {}
    sightings = []
    for item in batch:
        if item.sha256 not in known:
            fresh.setdefault(item.sha256, {**item._asdict(), "seen_at": now})
        if (item.sha256, item.name) not in places:
            places.add((item.sha256, item.name))
            row = {"id": number, "sha256": item.sha256, "path": item.name, "at": now}
            sightings.append(row)
            number += 1
    if fresh:
        connection.execute(insert(document), list(fresh.values()))
    if sightings:
        connection.execute(insert(sighting), sightings)
    return known


def extracted_by(connection: Connection, shas: Iterable[str], pipeline: str) -> set[str]:
    """Those of `shas` that this version of the pipeline has already extracted."""
    found: set[str] = set()
    for chunk in chunked(shas):
        statement = select(extraction.c.sha256).where(
            extraction.c.sha256.in_(chunk), extraction.c.pipeline == pipeline
        )
        found |= set(connection.execute(statement).scalars())
    return found


def append_extractions(
    connection: Connection,
    pipeline: str,
    found: Iterable[tuple[str, Extraction | None, Problem | None]],
) -> None:
    """Log what was extracted from documents, or why nothing could be.

    Args:
        connection: A writing one.
        pipeline: The version of what extracted.
        found: Of each its SHA-256, what was extracted, and the problem where nothing was.
    """
    good: list[dict[str, object]] = []
    failed: list[dict[str, object]] = []
    for sha256, result, problem in found:
        own: dict[str, object] = {"sha256": sha256, "pipeline": pipeline, "at": stamp()}
        if result is None:
            body = json.dumps({"problem": asdict(problem)} if problem else {}, ensure_ascii=False)
            failed.append(own | {"status": "failed", "payload": body})
            continue
        payload = json.dumps(_plain(result), ensure_ascii=False, separators=(",", ":"))
        own |= {n: getattr(result, n) for n in ("type", "language", "pages", "seconds")}
        good.append(own | {"status": "ok", "payload": payload})
    for rows in (good, failed):
        if rows:
            connection.execute(insert(extraction), rows)


def _plain(result: Extraction) -> dict[str, object]:
    """`result` as plain JSON; `asdict` copies every leaf and takes six times as long."""
    data = _slots(result)
    alternatives = [[_slots(a) for a in f.alternatives] for f in result.fields]
    data["fields"] = [
        _slots(f) | {"alternatives": others}
        for f, others in zip(result.fields, alternatives, strict=True)
    ]
    data["line_items"] = [_slots(x) for x in result.line_items]
    data["problems"] = [_slots(x) for x in result.problems]
    return data


def _slots(item: Extraction | Field | Alternative | LineItem | Problem) -> dict[str, object]:
    return {name: getattr(item, name) for name in item.__slots__}


def latest_extraction(connection: Connection, sha256: str) -> Extraction | None:
    """The newest extraction of a document, None where there is none that worked."""
    statement = (
        select(extraction.c.payload)
        .where(extraction.c.sha256 == sha256, extraction.c.status == "ok")
        .order_by(extraction.c.at.desc(), extraction.c.pipeline.desc())
        .limit(1)
    )
    body = connection.execute(statement).scalar()
    return None if body is None else load_extraction(body)


def load_extraction(body: str) -> Extraction:
    """The inverse of the stored JSON."""
    data = json.loads(body)
    parts: dict[str, object] = {
        "fields": tuple(
            Field(
                **f
                | {
                    "box": _box(f["box"]),
                    "alternatives": tuple(
                        Alternative(**a | {"box": _box(a["box"])}) for a in f["alternatives"]
                    ),
                }
            )
            for f in data["fields"]
        ),
        "line_items": tuple(LineItem(**x | {"box": _box(x["box"])}) for x in data["line_items"]),
        "problems": tuple(Problem(**p) for p in data["problems"]),
    }
    return Extraction(**data | parts)


def same_event(connection: Connection, identities: Iterable[str]) -> dict[str, list[str]]:
    """Identity of a fact → the documents that told of it before, the oldest first."""
    found: dict[str, list[str]] = {}
    for chunk in chunked(identities):
        statement = (
            select(fact.c.identity, fact.c.document)
            .where(fact.c.identity.in_(chunk), fact.c.document.is_not(None))
            .order_by(fact.c.id)
        )
        for identity, sha256 in connection.execute(statement):
            if sha256 not in found.setdefault(identity, []):
                found[identity].append(sha256)
    return found


def names(connection: Connection, shas: Iterable[str]) -> dict[str, str]:
    """SHA-256 → the name under which the document was first seen."""
    return _names(connection, set(shas))


def _names(connection: Connection, shas: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for chunk in chunked(shas):
        statement = select(document.c.sha256, document.c.name).where(document.c.sha256.in_(chunk))
        found.update((sha256, name) for sha256, name in connection.execute(statement))
    return found


def _places(connection: Connection, shas: set[str]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for chunk in chunked(shas):
        statement = select(sighting.c.sha256, sighting.c.path).where(sighting.c.sha256.in_(chunk))
        found |= {(sha256, path) for sha256, path in connection.execute(statement)}
    return found


def _box(corners: list[float] | None) -> Box | None:
    return None if corners is None else Box(*corners)
