"""Running sources and telling how they are: runs, streams, refused rows."""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import IdpCdiError, UsageError
from idp_cdi.plugins import ways
from idp_cdi.progress import SILENT
from idp_cdi.steps.collect import collect
from idp_cdi.store import feeds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from idp_cdi.connectors._mapping import SourceSpec
    from idp_cdi.progress import Progress
    from idp_cdi.settings import Settings
    from idp_cdi.steps.collect import Collected
    from idp_cdi.store import Database
    from idp_cdi.store.feeds import Rejection

_KIND = "connect"
_NUMBER, _WHY = "_rejection", "_reason"


def run_source(
    spec: SourceSpec,
    settings: Settings,
    database: Database,
    *,
    streams: Sequence[str] = (),
    full: bool = False,
    progress: Progress = SILENT,
) -> list[Collected]:
    """Run one source and log the run, how it ends too.

    Args:
        spec: The source.
        settings: Trust of sources.
        database: The store.
        streams: Only these; empty: all that are mapped.
        full: Read everything again.
        progress: Told of each chunk.

    Returns:
        One report a stream.

    Raises:
        IdpCdiError: As `collect`; the run is logged as failed, what came before it is kept.
    """
    with database.writing() as db:
        number = feeds.start_run(db, _KIND, {"source": spec.source})
    try:
        reports = collect(spec, settings, database, streams=streams, full=full, progress=progress)
    except IdpCdiError as error:
        failure = {"source": spec.source, "code": error.code, "reason": error.reason}
        with database.writing() as db:
            feeds.end_run(db, number, "failed", failure)
        raise
    status = "problems" if any(r.rejected or r.drift for r in reports) else "done"
    summary = {"source": spec.source, "streams": [r.as_json() for r in reports]}
    with database.writing() as db:
        feeds.end_run(db, number, status, summary)
    return reports


def connectors() -> dict[str, str]:
    """The connectors that are installed, each with the first line of its manual."""
    return {w.NAME: (w.__doc__ or "").strip().splitlines()[0] for w in ways("connectors")}


def status(database: Database) -> dict[str, Any]:
    """What came when: streams with their state, the latest runs, refused rows by reason."""
    with database.reading() as db:
        streams = [
            {
                "source": source,
                "stream": stream,
                "at": at,
                "state": memory.get("state", {}),
                "columns": memory.get("columns", []),
                "unfinished": "dirty" in memory,
            }
            for source, stream, memory, at in feeds.memories(db)
        ]
        runs = [r._asdict() for r in feeds.runs(db, _KIND)]
        waiting = feeds.rejections(db)
    counts = Counter((r.source, r.stream, r.code, r.reason) for r in waiting)
    rejected = [
        {"source": s, "stream": t, "code": c, "reason": why, "count": n}
        for (s, t, c, why), n in counts.most_common()
    ]
    return {"streams": streams, "runs": runs, "rejected": rejected}


def rejected(database: Database, source: str = "") -> list[Rejection]:
    """The refused rows that wait, of one source or all."""
    with database.reading() as db:
        return feeds.rejections(db, source)


def write_rejected(rows: Sequence[Rejection], path: Path) -> None:
    """Write refused rows to a CSV in which a person can correct them.

    The first columns hold the number and the reason; a cell that a spreadsheet would take for a
    formula gets an apostrophe in front, which `read_corrections` takes off again.
    """
    columns = dict.fromkeys(name for row in rows for name in row.cells)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([_NUMBER, _WHY, *columns])
        for row in rows:
            cells = [_guarded(row.cells.get(name, "")) for name in columns]
            writer.writerow([row.id, f"[{row.code}] {row.reason}", *cells])


def read_corrections(path: Path) -> dict[int, dict[str, str]]:
    """The corrected cells by the number of their rejection.

    Raises:
        UsageError: It is not a file of `write_rejected`.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if _NUMBER not in (reader.fieldnames or ()):
            raise UsageError(f"no column {_NUMBER}", file=str(path), action="use the exported file")
        found: dict[int, dict[str, str]] = {}
        for row in reader:
            number = row.pop(_NUMBER)
            row.pop(_WHY, None)
            if number and number.isdigit():
                cells = {k: _unguarded(v or "") for k, v in row.items() if k}
                # Cells beyond the header are put right when they were emptied or moved.
                kept = {k: v for k, v in cells.items() if v or not k.startswith("+")}
                found[int(number)] = kept
    return found


def _guarded(value: str) -> str:
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r", "'") else value


def _unguarded(value: str) -> str:
    return value[1:] if value[:1] == "'" else value
