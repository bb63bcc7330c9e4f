"""Results of validation rules and the data quality scorecard, by run; they are never changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from idp_cdi.store.database import bulk_insert, next_id
from idp_cdi.store.schema import quality, rule_result, run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from idp_cdi.rules.check import Result

_RESULT = (
    "id",
    "run_id",
    "rule",
    "version",
    "what",
    "scope",
    "source",
    "severity",
    "owner",
    "checked",
    "failed",
    "examples",
)


class Checked(NamedTuple):
    """What a rule found in a run; `examples` are numbers of mentions (door) or customers."""

    run_id: int
    at: str
    rule: str
    what: str
    scope: str
    source: str
    severity: str
    owner: str
    checked: int
    failed: int
    examples: tuple[int, ...]


class Measure(NamedTuple):
    """One share (0-1) of the scorecard over `checked` rows; `source` is "" for golden records."""

    source: str
    field: str
    dimension: str
    share: float
    checked: int


def append_results(connection: Connection, run_id: int, results: Iterable[Result]) -> int:
    """Keep what a run of the rules found; returns how many rows that are."""
    first = next_id(connection, rule_result.c.id)
    rows = [
        (
            first + i,
            run_id,
            r.rule.id,
            r.rule.version,
            r.rule.what,
            r.scope,
            r.source,
            r.rule.severity.value,
            r.rule.owner,
            r.checked,
            r.failed,
            json.dumps(r.examples),
        )
        for i, r in enumerate(results)
    ]
    return bulk_insert(connection, rule_result, _RESULT, rows)


def latest(connection: Connection, *, whole: bool) -> int | None:
    """The latest run of the rules; `whole` leaves out those that checked only what was new."""
    found = select(func.max(run.c.id)).where(run.c.kind == "rules")
    if whole:
        found = found.where(run.c.status == "done")
    return connection.execute(found).scalar()


def results(connection: Connection, run_id: int | None) -> list[Checked]:
    """What the rules found in a run; nothing where there was none."""
    if run_id is None:
        return []
    statement = (
        select(
            rule_result.c.run_id,
            run.c.started_at,
            *(rule_result.c[n] for n in Checked._fields[2:]),
        )
        .join(run, run.c.id == rule_result.c.run_id)
        .where(rule_result.c.run_id == run_id)
        .order_by(rule_result.c.rule, rule_result.c.source)
    )
    return [
        Checked._make((*row[:-1], tuple(json.loads(row[-1]))))
        for row in connection.execute(statement)
    ]


def append_quality(connection: Connection, run_id: int, measures: Iterable[Measure]) -> int:
    """Keep a scorecard; returns how many measures it has."""
    rows = ((run_id, *m) for m in measures)
    return bulk_insert(connection, quality, ("run_id", *Measure._fields), rows)


def scorecards(connection: Connection, *, limit: int = 60) -> list[tuple[str, list[Measure]]]:
    """The latest scorecards with their times, the oldest of them first."""
    chosen = (
        select(run.c.id, run.c.started_at)
        .where(run.c.id.in_(select(quality.c.run_id).distinct()))
        .order_by(run.c.id.desc())
        .limit(limit)
    )
    found = []
    for number, at in reversed(connection.execute(chosen).all()):
        rows = select(*(quality.c[n] for n in Measure._fields)).where(quality.c.run_id == number)
        ordered = rows.order_by(quality.c.source, quality.c.field, quality.c.dimension)
        found.append((at, [Measure(*row) for row in connection.execute(ordered)]))
    return found
