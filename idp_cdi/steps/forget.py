"""Erasing a customer on request: everywhere, once and for all, and proving it.

What is erased and what is kept stands in docs/governance.md. In short: every record, reading,
question, answer, original, cache and export of the customer goes; neighbours keep their own data; a
fact keeps the sums that the books need; the audit trail keeps that it was done, by whom and when,
with a keyed hash of what; the same rows and documents are not taken in again.

Files go first, then the rows in one transaction, then the room they took in the database. A run
that is killed anywhere can be run again.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, Text, cast, or_, select

from idp_cdi.errors import UsageError
from idp_cdi.observations import DOCUMENTS
from idp_cdi.steps import _installation, _subject
from idp_cdi.steps._erase import Rows, erase
from idp_cdi.steps._warehouses import publish_again
from idp_cdi.store import audit, documents, schema, suppression
from idp_cdi.store.log import stamp
from idp_cdi.store.originals import Originals

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from idp_cdi.settings import Settings
    from idp_cdi.steps._installation import Trace
    from idp_cdi.steps._subject import Subject
    from idp_cdi.store import Database


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure would do; it names fields, never values."""

    customer: str
    ids: tuple[str, ...]
    mentions: tuple[str, ...]
    records: int
    documents: tuple[str, ...]
    shared: tuple[str, ...]
    files: tuple[Trace, ...]
    fields: dict[str, int]
    common: dict[str, int]
    short: dict[str, int]


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did, and what was still found afterwards (empty: the proof).

    `tell` are the rows of other systems that the customer came from: whoever keeps those has to
    erase them there. `by_hand` are warehouses that can't be reached from here. `left` are files
    and tables in which values are still found.
    """

    customer: str
    rows: dict[str, int] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    originals: int = 0
    tell: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()
    searched: int = 0
    values: int = 0
    unsearched: int = 0
    left: tuple[str, ...] = ()
    seconds: float = 0.0


def plan(database: Database, settings: Settings, customer: str) -> Plan:
    """What erasing `customer` would do; changes nothing.

    Raises:
        UsageError: There is no such customer, or nothing is left of it.
    """
    with database.reading() as connection:
        found = _subject.subject(connection, customer)
        files = _installation.files(connection, settings, _subject.folders(connection))
        names = documents.names(connection, found.documents)
    traces = _installation.search(files, found.needles, found.values)
    return Plan(
        customer=customer,
        ids=found.ids,
        mentions=tuple(f"{p.source}:{p.key}" for p in found.places),
        records=len(found.records),
        documents=tuple(names.get(s, s) for s in (*found.alone, *found.around)),
        shared=tuple(names.get(s, s) for s in found.shared),
        files=tuple(t for t in traces if t.kind != "database"),
        fields=found.fields(),
        common=dict(Counter(found.common.values())),
        short=dict(Counter(found.short.values())),
    )


def forget(
    database: Database, settings: Settings, customer: str, *, person: str, why: str = ""
) -> Erased:
    """Erase `customer` everywhere and search for what is left.

    Args:
        database: The store.
        settings: Where everything lies.
        customer: Its id.
        person: Who erases; kept in the audit trail.
        why: The reason (a request's number, never a name); kept in the audit trail.

    Returns:
        What went, whom to tell, and what is still found.

    Raises:
        UsageError: There is no such customer, or nobody says who erases.
        StoreError: The store can't be written.
    """
    from idp_cdi.steps._region import linked_with
    from idp_cdi.steps.learn import forget as unlearn
    from idp_cdi.steps.unify import unify

    if not person.strip():
        raise UsageError("who erases?", action="say --person NAME")
    begin = time.perf_counter()
    with database.reading() as connection:
        found = _subject.subject(connection, customer)
    unlearn(database, settings, found.documents, [p.reference for p in found.places])
    originals = _forget_bytes(settings, found)
    with database.writing() as connection:
        found = _subject.subject(connection, customer)
        drops = _subject.folders(connection)
        put_away = _put_away(connection, found)
        files = _installation.files(connection, settings, drops)
        traces = _installation.search(files, found.needles, found.values)
        gone = _installation.erase([*put_away, *traces])
        neighbours = linked_with(connection, found.mentions) - set(found.mentions)
        done = erase(connection, found)
        _suppress(connection, settings, found)
        _note(connection, settings, found, done, person.strip(), why)
        unify(connection, settings, sorted(neighbours))
    by_hand = publish_again(database, settings)
    database.compact()
    left, searched = _prove(database, settings, found)
    return Erased(
        customer=customer,
        rows={k: n for k, n in sorted(done.counts.items()) if n},
        files=tuple(gone),
        originals=originals,
        tell=tuple(f"{p.source}:{p.key}" for p in found.places if p.source != DOCUMENTS),
        by_hand=tuple(by_hand),
        searched=searched,
        values=len(found.values),
        unsearched=len(found.common) + len(found.short),
        left=left,
        seconds=time.perf_counter() - begin,
    )


def _forget_bytes(settings: Settings, found: Subject) -> int:
    from idp_cdi.readers._cache import erase as forget_pages
    from idp_cdi.steps import _unchanged, known

    known.forget(settings)
    _unchanged.forget(settings)
    originals = Originals(settings.originals)
    count = 0
    for sha256 in found.documents:
        count += originals.forget(sha256)
        forget_pages(settings.cache / "ocr", sha256)
    return count


def _put_away(connection: Connection, found: Subject) -> list[Trace]:
    """The documents' files in drop folders."""
    from idp_cdi.store.intake import found as find

    traces = []
    for sha256 in found.documents:
        statement = select(schema.intake.c.place).where(schema.intake.c.sha256 == sha256)
        for place in connection.execute(statement).scalars():
            path = find(place)
            if path is not None:
                traces.append(_installation.Trace(path, "put away", ("document",)))
    return traces


def _suppress(connection: Connection, settings: Settings, found: Subject) -> None:
    guard = suppression.Suppression(connection, settings.home)
    for place in found.places:
        guard.add(suppression.MENTION, place.source, [place.key], source_id=place.source_id)
    guard.add(suppression.DOCUMENT, "", found.documents, source_id=None)


def _note(
    connection: Connection,
    settings: Settings,
    found: Subject,
    done: Rows,
    person: str,
    why: str,
) -> None:
    keyed = suppression.Suppression(connection, settings.home).keyed
    about: dict[str, Any] = {
        "customers": list(found.ids),
        "answers": sorted(done.answers),
        "decisions": sorted(done.decisions),
    }
    detail: dict[str, Any] = {"what": sorted(keyed(p.reference) for p in found.places), "why": why}
    detail["rows"] = sum(done.counts.values())
    audit.append(connection, stamp(), [audit.New(person, "erase", about, detail)])


def _prove(database: Database, settings: Settings, found: Subject) -> tuple[tuple[str, ...], int]:
    """Where any value is still found: files by their bytes, tables by their texts."""
    needles = found.needles
    with database.reading() as connection:
        many = _installation.files(connection, settings, _subject.folders(connection))
        left = [f"table {name}" for name in _tables_with(connection, found)]
    traces = _installation.search(many, needles, found.values)
    left += [f"{t.path} ({', '.join(t.fields)})" for t in traces]
    return tuple(left), len(many)


def _tables_with(connection: Connection, found: Subject) -> list[str]:
    hits = []
    needles = found.needles
    for table in schema.metadata.sorted_tables if needles else ():
        columns = [c for c in table.columns if isinstance(c.type, (String, Text))]
        marks = [cast(c, Text).ilike(p, escape="\\") for c in columns for p in needles.likes]
        for start in range(0, len(marks), 200):
            wanted = select(*columns).where(or_(*marks[start : start + 200]))
            rows = connection.execute(wanted)
            if any(needles.inside(str(v)) for row in rows for v in row if v):
                hits.append(table.name)
                break
    return hits
