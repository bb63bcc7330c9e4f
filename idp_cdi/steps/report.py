"""One self-contained HTML page of what is in the store; no server, no network."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from idp_cdi.store import derived, exported, questions
from idp_cdi.store.schema import customer, extraction, golden, membership, mention, source

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from idp_cdi.settings import Settings
    from idp_cdi.store import Database

_LARGEST = 20


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source: how many mentions, of how many customers, how many of them others know too."""

    name: str
    mentions: int
    customers: int
    shared: int


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """A field: in how many golden records it is filled, and how sure they are on average."""

    field: str
    count: int
    share: float
    confidence: float


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document type: documents, pages, seconds a page."""

    type: str
    count: int
    pages: int
    per_page: float


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer in a list."""

    id: str
    name: str
    city: str
    records: int


def write_report(database: Database, settings: Settings, path: Path) -> None:
    """Write the report to `path`.

    Args:
        database: The store.
        settings: For the name of the store.
        path: An HTML file; replaced as a whole.
    """
    from jinja2 import Environment

    template = (files("idp_cdi") / "data" / "report.html.j2").read_text(encoding="utf-8")
    page = Environment(autoescape=True).from_string(template)
    with database.reading() as connection:
        coverage, largest, customers = _golden(connection)
        sources = _sources(connection)
        documents = _documents(connection)
        open_items = [
            (kind, n)
            for (kind, s), n in sorted(questions.counts(connection).items())
            if s == "open"
        ]
        cards = [
            ("customers", customers),
            ("mentions", derived.count_members(connection)),
            ("united from several places", derived.count_merged(connection)),
            ("documents", sum(d.count for d in documents)),
            ("open questions", sum(n for _, n in open_items)),
        ]
    text = page.render(
        store=settings.store_url.rpartition("@")[2].removeprefix("sqlite:///"),
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        cards=cards,
        sources=sources,
        coverage=coverage,
        documents=documents,
        questions=open_items,
        largest=largest,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
    exported.note(database, path, "report")


def _golden(connection: Connection) -> tuple[list[CoverageRow], list[CustomerRow], int]:
    statement = (
        select(customer.c.id, golden.c.records, golden.c.payload)
        .join(customer, customer.c.seq == golden.c.customer_seq)
        .where(golden.c.valid_to.is_(None))
        .order_by(golden.c.records.desc(), golden.c.customer_seq)
    )
    count: dict[str, int] = defaultdict(int)
    sure: dict[str, float] = defaultdict(float)
    largest: list[CustomerRow] = []
    total = 0
    for text, records, payload in connection.execute(
        statement, execution_options={"yield_per": 10_000}
    ):
        total += 1
        values: dict[str, tuple[str, float]] = {}
        for field, value, confidence, *_ in json.loads(payload)["values"]:
            values.setdefault(field, (value, confidence))
        for field, (_, confidence) in values.items():
            count[field] += 1
            sure[field] += confidence
        if len(largest) < _LARGEST:
            name, city = (values.get(f, ("", 0.0))[0] for f in ("name", "city"))
            largest.append(CustomerRow(text, name, city, records))
    coverage = [
        CoverageRow(field, n, n / total, sure[field] / n)
        for field, n in sorted(count.items(), key=lambda item: (-item[1], item[0]))
    ]
    return coverage, largest, total


def _sources(connection: Connection) -> list[SourceRow]:
    places = (
        select(membership.c.customer_seq, mention.c.source_id)
        .join(mention, mention.c.id == membership.c.mention_id)
        .distinct()
        .subquery()
    )
    several = (
        select(places.c.customer_seq)
        .group_by(places.c.customer_seq)
        .having(func.count() > 1)
        .subquery()
    )
    statement = (
        select(
            source.c.name,
            func.count(places.c.customer_seq),
            func.count(several.c.customer_seq),
        )
        .join(places, places.c.source_id == source.c.id)
        .outerjoin(several, several.c.customer_seq == places.c.customer_seq)
        .group_by(source.c.name)
        .order_by(source.c.name)
    )
    counts = (
        select(source.c.name, func.count())
        .join(mention, mention.c.source_id == source.c.id)
        .join(membership, membership.c.mention_id == mention.c.id)
        .group_by(source.c.name)
    )
    mentions = {name: n for name, n in connection.execute(counts)}
    return [
        SourceRow(name, mentions.get(name, 0), customers, shared)
        for name, customers, shared in connection.execute(statement)
    ]


def _documents(connection: Connection) -> list[DocumentRow]:
    statement = (
        select(
            extraction.c.type,
            func.count(),
            func.sum(extraction.c.pages),
            func.sum(extraction.c.seconds),
        )
        .group_by(extraction.c.type)
        .order_by(extraction.c.type)
    )
    return [
        DocumentRow(kind or "unreadable", n, int(pages or 0), (seconds or 0.0) / max(1, pages or 1))
        for kind, n, pages, seconds in connection.execute(statement)
    ]
