"""The report's figures about review, confidence, data quality and rules."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from idp_cdi.steps import quality
from idp_cdi.steps._figures import Section
from idp_cdi.steps._tables import Table
from idp_cdi.steps.validate import examples
from idp_cdi.store import checks, questions
from idp_cdi.store.schema import answer, review_item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from idp_cdi.store.checks import Measure

_DAYS = 30


def review(connection: Connection) -> Section:
    """What persons are asked, how old it is, and whether they keep pace."""
    from idp_cdi import charts

    counts = questions.counts(connection)
    kinds = sorted({kind for kind, _ in counts})
    order = ("open", "disputed", "answered", "closed")
    rows: tuple[tuple[Any, ...], ...] = tuple(
        (k, *(counts.get((k, s), 0) for s in order)) for k in kinds
    )
    found = Section("review", "Review load", bars="open")
    if not rows:
        found.hint = "Nothing was ever doubtful enough to be asked."
        return found
    found.tables.append(Table("review", "Questions by kind", ("question", *order), rows))
    waiting = sum(r[1] + r[2] for r in rows)
    done = sum(r[3] for r in rows)
    found.lead = f"{waiting:,} questions wait for a person; {done:,} were answered."
    days, opened, closed, backlog = _course(connection)
    title = f"Questions of the last {_DAYS} days"
    courses = [
        charts.Line("waiting", backlog),
        charts.Line("new", opened),
        charts.Line("settled", closed),
    ]
    found.charts.append((title, charts.lines(days, courses, title=title)))
    daily = tuple(zip(days, opened, closed, backlog, strict=True))
    found.tables.append(Table("review_daily", title, ("day", "new", "settled", "waiting"), daily))
    return found


def _course(
    connection: Connection,
) -> tuple[list[str], tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """New, settled and waiting questions a day."""
    last = datetime.now(UTC).date()
    days = [(last - timedelta(days=n)).isoformat() for n in reversed(range(_DAYS))]

    def by_day(column: object) -> dict[str, int]:
        day = func.substr(column, 1, 10)
        grouped = select(day, func.count()).where(day != "").group_by(day)
        return {d: n for d, n in connection.execute(grouped) if d}

    new, gone = by_day(review_item.c.created_at), by_day(review_item.c.closed_at)
    waiting = sum(n for d, n in new.items() if d < days[0])
    waiting -= sum(n for d, n in gone.items() if d < days[0])
    backlog = []
    for day in days:
        waiting += new.get(day, 0) - gone.get(day, 0)
        backlog.append(float(waiting))
    shown = [date.fromisoformat(d).strftime("%d %b") for d in days]
    opened = tuple(float(new.get(d, 0)) for d in days)
    return shown, opened, tuple(float(gone.get(d, 0)) for d in days), tuple(backlog)


def confidence(connection: Connection) -> Section:
    """Whether confidence is honest, by what persons answered."""
    from idp_cdi import charts
    from idp_cdi.scoring.calibration import ece

    points = _answered(connection)
    found = Section("confidence", "Is confidence honest?")
    if not points:
        found.hint = (
            "Nobody has answered a question about a value yet. Answers in review "
            "(idp-cdi review export) show how often the machine was right at each confidence."
        )
        return found
    right = sum(ok for _, ok in points)
    found.lead = (
        f"Persons found {right:,} of {len(points):,} doubtful values right (expected calibration "
        f"error {ece(points):.3f}). Only values below their threshold are asked about."
    )
    found.charts.append(("Right answers by confidence", charts.reliability(points)))
    rows = []
    for slot in range(10):
        mine = [ok for c, ok in points if min(9, int(c * 10)) == slot]
        if mine:
            rows.append((f"{10 * slot}–{10 * slot + 10} %", len(mine), sum(mine) / len(mine)))
    columns = ("confidence", "answers", "right")
    found.tables.append(
        Table(
            "reliability",
            "Right answers by confidence",
            columns,
            tuple(rows),
            frozenset(("right",)),
        )
    )
    return found


def _answered(connection: Connection) -> list[tuple[float, bool]]:
    statement = select(answer.c.action, answer.c.payload).where(
        answer.c.applied.is_(True), answer.c.action.in_(("accept", "correct", "absent"))
    )
    found = []
    for action, body in connection.execute(statement):
        question = json.loads(body).get("question", {})
        if question.get("kind") == "value":
            found.append((float(question.get("confidence", 0.0)), action == "accept"))
    return found


def scorecard(connection: Connection, measures: Sequence[Measure]) -> Section:
    """Data quality by dimension, source and field, with its trend over runs."""
    from idp_cdi import charts

    found = Section("quality", "Data quality scorecard")
    if not measures:
        found.hint = "There is nothing to measure yet."
        return found
    now = quality.means(measures, by_source=True)
    named = sorted({m.source for m in measures if m.source})
    rows = tuple((s, *(now.get((s, d)) for d in quality.DIMENSIONS)) for s in named)
    columns = ("source", *quality.DIMENSIONS)
    shares = frozenset(columns)
    found.tables.append(Table("quality", "By source", columns, rows, shares))
    past = checks.scorecards(connection)
    if len(past) > 1:
        labels = [at[:10] for at, _ in past]
        trend = [quality.means(many) for _, many in past]
        courses = [
            charts.Line(d, tuple(t.get(("", d)) for t in trend))
            for d in quality.DIMENSIONS
            if any(("", d) in t for t in trend)
        ][:4]
        title = f"Trend over {len(past)} runs"
        chart = charts.lines(labels, courses, title=title, unit="%", floor=None)
        found.charts.append((title, chart))
        body = tuple(
            (label, *(t.get(("", d)) for d in quality.DIMENSIONS))
            for label, t in zip(labels, trend, strict=True)
        )
        found.tables.append(
            Table("quality_trend", title, ("run", *quality.DIMENSIONS), body, shares)
        )
    else:
        found.lead = "The trend shows from the second run on (idp-cdi rules run, idp-cdi report)."
    detail = {(m.source, m.field, m.dimension): m.share for m in measures}
    pairs = sorted({(m.source, m.field) for m in measures if m.source})
    body = tuple((s, f, *(detail.get((s, f, d)) for d in quality.DIMENSIONS)) for s, f in pairs)
    found.tables.append(
        Table(
            "quality_fields",
            "By source and field",
            ("source", "field", *quality.DIMENSIONS),
            body,
            shares,
        )
    )
    return found


def rules(connection: Connection) -> Section:
    """What the validation rules found, over everything or else over what came in last."""
    found = Section("rules", "Validation rules")
    results = checks.results(connection, checks.latest(connection, whole=True))
    over = "run of"
    if not results:
        found.hint = "The rules were never run over everything: idp-cdi rules run"
        results = checks.results(connection, checks.latest(connection, whole=False))
        over = "by what came in with the run of"
    if not results:
        return found
    failed = [r for r in results if r.failed]
    named = examples(connection, failed)
    rows: list[tuple[Any, ...]] = []
    for r, names in zip(failed, named, strict=True):
        about = (r.rule, r.source or "golden", r.severity, r.owner, r.checked, r.failed)
        rows.append((*about, r.failed / r.checked, ", ".join(map(_shortened, names[:3]))))
    columns = ("rule", "where", "severity", "owner", "checked", "failed", "share", "for example")
    rows.sort(key=lambda r: (-r[6], r[0]))
    found.tables.append(
        Table("rules", "Rules that something fails", columns, tuple(rows), frozenset(("share",)))
    )
    at = results[0].at[:16].replace("T", " ")
    checked = len({r.rule for r in results})
    bad = len({r.rule for r in failed})
    found.lead = f"{bad} of {checked} rules are failed by something ({over} {at} UTC)."
    return found


def _shortened(name: str) -> str:
    """A document's hash is too long to be read."""
    return re.sub(r"([0-9a-f]{8})[0-9a-f]{56}", r"\1…", name)
