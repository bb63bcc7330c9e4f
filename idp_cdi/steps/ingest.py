"""Take documents and feeds along the whole road into the store.

Files are read and extracted outside any transaction; what was understood is then applied in one:
document, extraction, records, facts, questions, and the customers that follow from them. A run that
is killed anywhere leaves whole transactions, and running it again adds only what is missing.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp_cdi.errors import IdpCdiError, StoreError
from idp_cdi.progress import SILENT
from idp_cdi.steps.files import walk
from idp_cdi.steps.understand import FAULT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from idp_cdi.progress import Progress
    from idp_cdi.settings import Settings
    from idp_cdi.steps.apply import Applied
    from idp_cdi.steps.understand import Understood
    from idp_cdi.store import Database

_LOG = logging.getLogger(__name__)
_BATCH = 32


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be used: why, and what to do."""

    name: str
    code: str
    reason: str
    action: str


@dataclass(slots=True)
class Summary:
    """What one `ingest` did. Counts of customers are of the store as it is now, and of changes.

    `refused` counts, by feed and code, the rows that could not be taken in.
    """

    documents: int = 0
    known: dict[str, str] = field(default_factory=dict)
    accepted: int = 0
    to_review: int = 0
    feeds: int = 0
    rows: int = 0
    rows_new: int = 0
    rows_changed: int = 0
    rows_rejected: int = 0
    rows_erased: int = 0
    rules_failed: int = 0
    customers_before: int = 0
    customers: int = 0
    mentions: int = 0
    created: int = 0
    merged: int = 0
    failures: list[Failure] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    refused: dict[str, dict[str, int]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def is_new(self) -> bool:
        """Whether anything was added to the store."""
        return bool(self.documents or self.rows_new or self.rows_changed)


def ingest(
    paths: Sequence[Path],
    settings: Settings,
    database: Database,
    *,
    source: str = "",
    progress: Progress = SILENT,
) -> Summary:
    """Take files and folders along the whole road.

    Args:
        paths: Documents, feed files, or folders of them (walked, hidden files left out).
        settings: Who we are, thresholds, trust of sources.
        database: The store.
        source: Name of the source system of the feeds; empty: the file's stem.
        progress: Told of each finished file.

    Returns:
        Counts of what was read, accepted, asked, created and merged, and the files that failed.

    Raises:
        UsageError: There is nothing at one of the paths.
        StoreError: The store can't be written.
    """
    import time

    from idp_cdi.steps.validate import validate_new

    begin = time.perf_counter()
    files = walk(paths)
    summary = Summary()
    _count_before(database, summary)
    feeds = [f for f in files if is_feed(f)]
    documents = [f for f in files if not is_feed(f)]
    progress.start("feeds", len(feeds))
    for path in feeds:
        _ingest_feed(path, settings, database, source, summary)
        progress.advance()
    progress.finish()
    progress.start("documents", len(documents))
    for batch in _batches(_understood(documents, settings, database, summary, progress)):
        _apply(database, settings, batch, summary)
    progress.finish()
    summary.rules_failed = validate_new(database, settings).failed
    _count_after(database, summary)
    summary.seconds = time.perf_counter() - begin
    return summary


def is_feed(path: Path) -> bool:
    """Whether `path` is a feed of rows (a connector is sure of it) and not a document."""
    from idp_cdi import connectors

    return connectors.is_feed(str(path))


def _understood(
    paths: Sequence[Path],
    settings: Settings,
    database: Database,
    summary: Summary,
    progress: Progress,
) -> Iterator[Understood]:
    """The new ones of `paths`, understood; bytes that this pipeline knows are not read again."""
    from idp_cdi.steps.understand import understand_many

    fresh = []
    for path, first in _first_names(paths, settings, database).items():
        if first is None:
            fresh.append(path)
        else:
            summary.known[str(path)] = first
            progress.advance()
    yield from understand_many(fresh, settings, progress=progress)


def _first_names(
    paths: Sequence[Path], settings: Settings, database: Database
) -> dict[Path, str | None]:
    """Path → the name under which its bytes came first, None where they are new here."""
    import hashlib

    from idp_cdi.steps.understand import pipeline_version
    from idp_cdi.store import documents
    from idp_cdi.store.suppression import NAME, erased_documents

    shas: dict[Path, str] = {}
    for path in paths:
        with path.open("rb") as file:
            shas[path] = hashlib.file_digest(file, "sha256").hexdigest()
    with database.reading() as connection:
        done = documents.extracted_by(connection, shas.values(), pipeline_version())
        names = documents.names(connection, done)
        erased = erased_documents(connection, settings.home, shas.values())
    names |= dict.fromkeys(erased, NAME)
    first: dict[Path, str | None] = {}
    for path, sha256 in shas.items():
        first[path] = names.get(sha256)
        names.setdefault(sha256, str(path))
    return first


def _batches(items: Iterable[Understood]) -> Iterator[list[Understood]]:
    batch: list[Understood] = []
    for item in items:
        batch.append(item)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _apply(
    database: Database, settings: Settings, batch: Sequence[Understood], summary: Summary
) -> None:
    """Apply a batch; where one of its files can't be applied, the others still are, one by one."""
    from idp_cdi.steps.apply import apply_documents

    try:
        _take_over(apply_documents(database, settings, batch), summary)
    except StoreError:
        raise
    except Exception as error:
        if len(batch) > 1:
            for item in batch:
                _apply(database, settings, [item], summary)
            return
        # A fault of ours: nothing of the file is in the store, and it is tried again next time.
        _LOG.exception("applying failed on %s", batch[0].sha256)
        why = f"a fault of idp-cdi ({type(error).__name__}); the log has where"
        summary.failures.append(Failure(batch[0].name, FAULT, why, "please report it"))
        return
    for part in (p for item in batch for p in item.all):
        if part.error is not None:
            error_of = part.error
            failure = Failure(part.name, error_of.code, error_of.message, error_of.action)
            summary.failures.append(failure)


def _take_over(applied: Applied, summary: Summary) -> None:
    summary.documents += applied.documents
    summary.accepted += applied.accepted
    summary.to_review += applied.to_review
    summary.known |= applied.known


def _ingest_feed(
    path: Path, settings: Settings, database: Database, source: str, summary: Summary
) -> None:
    from idp_cdi.steps.collect import collect_file

    try:
        collected = collect_file(path, settings, database, source=source)
    except IdpCdiError as error:
        if error.exit_code != 3:
            raise
        summary.failures.append(Failure(str(path), error.code, error.reason, error.action))
        return
    summary.feeds += 1
    summary.empty += [] if collected.rows or collected.known else [str(path)]
    summary.rows += collected.rows
    summary.rows_new += collected.new
    summary.rows_changed += collected.changed
    summary.rows_rejected += collected.rejected
    if collected.rejected:
        summary.refused[str(path)] = dict(collected.reasons)
    summary.rows_erased += collected.erased


def _count_before(database: Database, summary: Summary) -> None:
    from idp_cdi.store import derived

    with database.reading() as connection:
        summary.customers_before = derived.count_customers(connection)


def _count_after(database: Database, summary: Summary) -> None:
    from idp_cdi.store import derived

    with database.reading() as connection:
        summary.customers = derived.count_customers(connection)
        summary.mentions = derived.count_members(connection)
        summary.created = summary.customers - summary.customers_before
        summary.merged = derived.count_merged(connection)
