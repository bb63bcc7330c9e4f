"""The report's figures about customers, sources, documents and matching, as tables and charts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select

from idp_cdi.steps._tables import Table
from idp_cdi.store.schema import (
    customer,
    decision,
    edge,
    extraction,
    golden,
    membership,
    mention,
    record,
    source,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from idp_cdi.settings import Settings
    from idp_cdi.store.checks import Measure

_LARGEST = 20
#: Judged pairs below which a course of precision and recall says more about chance.
_ENOUGH = 10


@dataclass(slots=True)
class Section:
    """A part of the report: a title, what it says, charts with captions, tables, or a hint."""

    id: str
    title: str
    lead: str = ""
    charts: list[tuple[str, str]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    hint: str = ""
    bars: str = ""


def sources(connection: Connection) -> Section:
    """Where customers come from, which of them others know too, and duplicates within a source."""
    from idp_cdi import charts

    places = (
        select(membership.c.customer_seq, mention.c.source_id, func.count().label("n"))
        .join(mention, mention.c.id == membership.c.mention_id)
        .group_by(membership.c.customer_seq, mention.c.source_id)
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
            func.sum(places.c.n),
            func.count(places.c.customer_seq),
            func.count(several.c.customer_seq),
        )
        .join(places, places.c.source_id == source.c.id)
        .outerjoin(several, several.c.customer_seq == places.c.customer_seq)
        .group_by(source.c.name)
        .order_by(source.c.name)
    )
    rows = tuple(
        (name, int(n), who, shared, int(n) - who)
        for name, n, who, shared in connection.execute(statement)
    )
    columns = ("source", "mentions", "customers", "shared", "duplicates")
    found = Section("sources", "Sources and duplicates", bars="customers")
    found.tables.append(Table("sources", "Sources", columns, rows))
    sizes = _sizes(connection)
    united = sum(n for label, n in sizes if label != "1")
    total = sum(n for _, n in sizes)
    doubled = sum(r[4] for r in rows)
    found.lead = (
        f"{united:,} of {total:,} customers were united from several mentions; "
        f"{doubled:,} mentions were duplicates inside one source."
    )
    found.charts.append(
        (
            "Customers by number of mentions",
            charts.columns(sizes, title="Customers by number of mentions", below="mentions"),
        )
    )
    found.tables.append(
        Table("sizes", "Customers by number of mentions", ("mentions", "customers"), tuple(sizes))
    )
    return found


def _sizes(connection: Connection) -> list[tuple[str, int]]:
    statement = (
        select(golden.c.records, func.count())
        .where(golden.c.valid_to.is_(None))
        .group_by(golden.c.records)
    )
    counts: dict[str, int] = {}
    for size, n in sorted((s, n) for s, n in connection.execute(statement)):
        label = (
            str(size)
            if size <= 5
            else "6–10"
            if size <= 10
            else "11–20"
            if size <= 20
            else "over 20"
        )
        counts[label] = counts.get(label, 0) + n
    return list(counts.items())


def coverage(measures: Sequence[Measure]) -> Section:
    """How complete each field is, in golden records and in each source; how sure it is."""
    named = sorted({m.source for m in measures if m.source})
    share = {(m.source, m.field): m.share for m in measures if m.dimension == "completeness"}
    sure = {m.field: m.share for m in measures if m.dimension == "confidence" and not m.source}
    order = sorted({m.field for m in measures}, key=lambda f: (-share.get(("", f), 0.0), f))
    rows: tuple[tuple[Any, ...], ...] = tuple(
        (f, share.get(("", f), 0.0), sure.get(f), *(share.get((s, f)) for s in named))
        for f in order
    )
    columns = ("field", "golden records", "mean confidence", *named)
    found = Section("coverage", "Completeness by field and source")
    found.tables.append(
        Table(
            "coverage",
            "Share of records that have the field",
            columns,
            rows,
            frozenset(columns[1:]),
        )
    )
    full = sum(1 for r in rows if r[1] >= 0.9)
    found.lead = f"{full} of {len(rows)} fields are filled in at least nine of ten customers."
    return found


def documents(connection: Connection) -> Section:
    """What was read, how fast, and how sure the values of documents are."""
    from idp_cdi import charts

    statement = (
        select(
            extraction.c.type,
            func.count(),
            func.sum(extraction.c.pages),
            func.sum(extraction.c.seconds),
            func.sum(case((extraction.c.status == "ok", 0), else_=1)),
        )
        .group_by(extraction.c.type)
        .order_by(extraction.c.type)
    )
    rows = tuple(
        (
            kind or "unreadable",
            n,
            int(pages or 0),
            round((seconds or 0.0) / max(1, pages or 1), 3),
            int(bad),
        )
        for kind, n, pages, seconds, bad in connection.execute(statement)
    )
    found = Section("documents", "Documents")
    if not rows:
        found.hint = "No document was read yet: idp-cdi ingest FOLDER"
        return found
    columns = ("type", "documents", "pages", "seconds a page", "unreadable")
    found.tables.append(Table("documents", "Documents by type", columns, rows))
    found.lead = (
        f"{sum(r[1] for r in rows):,} documents with {sum(r[2] for r in rows):,} pages were read."
    )
    values = _confidences(connection)
    if values:
        found.charts.append(
            (
                "Values by confidence",
                charts.columns(
                    values, title="Values of documents by confidence", below="confidence, %"
                ),
            )
        )
        found.tables.append(
            Table("confidence", "Values by confidence", ("confidence", "values"), tuple(values))
        )
    return found


def _confidences(connection: Connection) -> list[tuple[str, int]]:
    """How many values of documents have which confidence, in steps of five per cent."""
    import duckdb
    import pyarrow as pa

    statement = select(extraction.c.payload).where(extraction.c.status == "ok")
    counts = [0] * 20
    result = connection.execute(statement, execution_options={"yield_per": 500}).scalars()
    shape = '{"fields":[{"confidence":"DOUBLE"}]}'
    with duckdb.connect() as duck:
        while bodies := result.fetchmany(2_000):
            duck.register("batch", pa.table({"payload": pa.array(bodies, pa.string())}))
            query = (
                "SELECT CAST(least(19, floor(f.confidence * 20)) AS INTEGER), count(*) FROM "
                f"(SELECT unnest(from_json(payload, '{shape}').fields) AS f FROM batch) GROUP BY 1"
            )
            for slot, n in duck.execute(query).fetchall():
                counts[slot] += n
            duck.unregister("batch")
    if not any(counts):
        return []
    return [(f"{5 * i}–{5 * i + 5}", n) for i, n in enumerate(counts)]


def matching(connection: Connection, settings: Settings) -> Section:
    """How much evidence pairs have, and what another threshold would do."""
    from idp_cdi import charts

    found = Section("matching", "Matching")
    bits = func.cast(func.round(edge.c.weight / 2.0), golden.c.version.type)
    counts = {int(b): n for b, n in connection.execute(select(bits, func.count()).group_by(bits))}
    if not counts:
        found.hint = "No two mentions were alike enough to be compared."
        return found
    low, high = max(min(counts), -10), min(max(counts), 25)
    slots: dict[int, int] = {}
    for b, n in counts.items():
        place = min(max(b, low), high)
        slots[place] = slots.get(place, 0) + n
    items = [(str(2 * b), slots.get(b, 0)) for b in range(low, high + 1)]
    marks = []
    for name, least in (("link", settings.matching.link), ("ask", settings.matching.review)):
        first = connection.execute(
            select(func.min(edge.c.weight)).where(edge.c.probability >= least)
        ).scalar()
        if first is not None:
            marks.append((first / 2.0 - low + 0.5, f"{name} ≥ {least:g}"))
    title = "Pairs by match weight"
    found.charts.append(
        (title, charts.columns(items, title=title, below="match weight in bits", marks=marks))
    )
    found.tables.append(Table("match_weights", title, ("bits", "pairs"), tuple(items)))
    _thresholds(connection, settings, found)
    return found


def _thresholds(connection: Connection, settings: Settings, found: Section) -> None:
    from idp_cdi import charts

    steps = [i / 20 for i in range(1, 20)] + [0.99]
    parts = [func.sum(case((edge.c.probability >= s, 1), else_=0)) for s in steps]
    above = [int(n or 0) for n in connection.execute(select(*parts)).one()]
    judged = _judged(connection)
    enough = len(judged) >= _ENOUGH and any(same for _, same in judged)
    rows = []
    for step, n in zip(steps, above, strict=True):
        right = sum(same for p, same in judged if p >= step)
        taken = sum(1 for p, _ in judged if p >= step)
        all_same = sum(same for _, same in judged)
        precision = right / taken if enough and taken else None
        rows.append((step, n, precision, right / all_same if enough else None))
    columns = ("threshold", "pairs at or above", "precision of judged", "recall of judged")
    shares = frozenset(columns[2:])
    found.tables.append(Table("thresholds", "What a threshold does", columns, tuple(rows), shares))
    labels = [f"{s:g}" for s in steps]
    if enough:
        courses = [
            charts.Line("precision", tuple(r[2] for r in rows)),
            charts.Line("recall", tuple(r[3] for r in rows)),
        ]
        title = f"Precision and recall on {len(judged)} pairs that persons judged"
        marks = [(_place(settings.matching.link, steps), "link")]
        chart = charts.lines(labels, courses, title=title, below="threshold", unit="%", marks=marks)
        found.charts.append((title, chart))
        found.lead = "Persons judge doubtful pairs, so both are lower here than over all pairs."
    else:
        title = "Pairs that would link at each threshold"
        chart = charts.lines(labels, [charts.Line("pairs", tuple(map(float, above)))], title=title,
                             below="match probability")  # fmt: skip
        found.charts.append((title, chart))
        found.lead = (
            f"Precision and recall over the threshold need {_ENOUGH} pairs that persons judged "
            f"(idp-cdi review); there are {len(judged)}."
        )


def _place(value: float, steps: Sequence[float]) -> float:
    below = [i for i, s in enumerate(steps) if s <= value]
    return float(below[-1]) if below else 0.0


def _judged(connection: Connection) -> list[tuple[float, bool]]:
    """Probability of each pair that a person judged, and whether it is one party."""
    statement = (
        select(decision.c.left_id, decision.c.right_id, decision.c.verdict, edge.c.probability)
        .join(
            edge,
            (edge.c.left_id == decision.c.left_id) & (edge.c.right_id == decision.c.right_id),
        )
        .order_by(decision.c.id)
    )
    last: dict[tuple[int, int], tuple[float, str]] = {}
    for left, right, verdict, probability in connection.execute(statement):
        last[left, right] = (probability, verdict)
    return [(p, v == "same") for p, v in last.values() if v in ("same", "different")]


def largest(connection: Connection, *, pii: bool) -> Section:
    """The customers united from most places."""
    statement = (
        select(customer.c.id, golden.c.records, golden.c.payload)
        .join(customer, customer.c.seq == golden.c.customer_seq)
        .where(golden.c.valid_to.is_(None))
        .order_by(golden.c.records.desc(), golden.c.customer_seq)
        .limit(_LARGEST)
    )
    rows = []
    for text, records, payload in connection.execute(statement):
        values: dict[str, str] = {}
        for name, value, *_ in json.loads(payload)["values"]:
            values.setdefault(name, value)
        shown = (values.get("name", ""), values.get("city", "")) if pii else ("", "")
        rows.append((text, *shown, records))
    found = Section("largest", "Customers united from most places")
    columns = ("customer", "name", "city", "mentions")
    found.tables.append(Table("largest", found.title, columns, tuple(rows)))
    return found


def totals(connection: Connection) -> dict[str, int]:
    """Customers, mentions, documents."""

    def count(table: Any, *where: Any) -> int:
        return int(
            connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one()
        )

    return {
        "customers": count(golden, golden.c.valid_to.is_(None)),
        "mentions": count(membership),
        "records": count(record),
        "documents": count(extraction),
    }
