"""Refused rows once more: after a mapping was put right, a party came, or a person corrected them.

A row that comes in is resolved; one that is refused again keeps waiting with its first reason.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp_cdi.connectors import Chunk, Stream, find
from idp_cdi.steps._gate import Gate
from idp_cdi.steps.collect import keep_facts, mapper_of, mapping_of
from idp_cdi.store import feeds, log

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp_cdi.connectors._mapping import SourceSpec
    from idp_cdi.settings import Settings
    from idp_cdi.store import Database
    from idp_cdi.store.feeds import Rejection


@dataclass(slots=True)
class Retried:
    """What a retry brought in, and how many rows still wait."""

    resolved: int = 0
    records: int = 0
    facts: int = 0
    waiting: int = 0


def retry(
    spec: SourceSpec,
    settings: Settings,
    database: Database,
    *,
    code: str = "",
    corrections: Mapping[int, Mapping[str, str]] | None = None,
) -> Retried:
    """Try the refused rows of a source again.

    Args:
        spec: The source with its mapping as it is now.
        settings: Trust of sources.
        database: The store.
        code: Only rows refused with this code; empty: all.
        corrections: Number of a rejection → its cells as a person corrected them.

    Returns:
        Counts.

    Raises:
        StoreError: The store can't be written.
    """
    result = Retried()
    with database.reading() as db:
        waiting = feeds.rejections(db, spec.source, code=code)
    if corrections is not None:
        waiting = [
            r._replace(cells=dict(corrections[r.id])) for r in waiting if r.id in corrections
        ]
    by_stream: dict[str, list[Rejection]] = defaultdict(list)
    for item in waiting:
        by_stream[item.stream].append(item)
    for stream, items in by_stream.items():
        _again(spec, settings, database, stream, items, result)
    result.waiting = len(waiting) - result.resolved
    return result


def _again(
    spec: SourceSpec,
    settings: Settings,
    database: Database,
    stream: str,
    items: list[Rejection],
    result: Retried,
) -> None:
    from idp_cdi.steps.unify import unify

    found = Stream(stream, ())
    mapping = mapping_of(spec, find(spec.location, spec.way), found)
    if mapping is None:
        return
    # A row with cells beyond the header can't be mapped before somebody has put it right.
    items = [i for i in items if not any(name.startswith("+") for name in i.cells)]
    columns = tuple(dict.fromkeys(name for item in items for name in item.cells))
    values = tuple([item.cells.get(name, "") for item in items] for name in columns)
    chunk = Chunk(columns, values, [item.id for item in items], {})
    mapper = mapper_of(spec, stream, mapping, settings)
    mapped = mapper.map(chunk)
    with closing(Gate(settings.home, spec.source)) as gate, database.writing() as db:
        gate.hold(db, mapped, chunk, mapper)
        done = log.append_records(db, spec.source, mapped.records)
        facts, waits = keep_facts(db, spec.source, mapped.facts, chunk, mapper.observed_at)
        refused = {r.row for r in (*mapped.rejects, *waits)}
        accepted = [item.id for item in items if item.id not in refused]
        feeds.resolve(db, accepted)
        if done.touched:
            unify(db, settings, done.touched)
    result.resolved += len(accepted)
    result.records += len(done.new) + len(done.changed)
    result.facts += facts
