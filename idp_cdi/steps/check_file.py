"""What the rules say of a file before it is taken in: nothing is stored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from idp_cdi.errors import UnreadableInput
from idp_cdi.rules import spec
from idp_cdi.store import log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from idp_cdi.rules.check import Result, Row
    from idp_cdi.settings import Settings

_BATCH = 50_000


def check_file(
    path: Path, settings: Settings, *, source: str = ""
) -> tuple[list[Result], dict[int, str]]:
    """Check the records of a feed or document against the rules of the door.

    Args:
        path: The file. A feed's mapping lies beside it or is suggested.
        settings: Home folder with rules of your own; how to read.
        source: Name of the source system of a feed.

    Returns:
        Results by rule, and the key of each record by the number that examples give.

    Raises:
        UnreadableInput: The file can't be used.
        SettingsError: A rule makes no sense.
    """
    from idp_cdi.rules.check import Checker, rows
    from idp_cdi.steps.ingest import is_feed

    keys: dict[int, str] = {}
    many = _feed(path, settings, source) if is_feed(path) else _document(path, settings)
    with Checker(spec.load(settings.home), "door") as checker:
        batch: list[Row] = []
        for number, (name, row) in enumerate(many, 1):
            keys[number] = row.key
            batch.append((number, name, row.kind, row.role, row.observed_at, 1, row.payload))
            if len(batch) == _BATCH:
                checker.add(rows(batch))
                batch.clear()
        checker.add(rows(batch))
        found = checker.results()
    shown = {n for r in found for n in r.examples}
    return found, {n: k for n, k in keys.items() if n in shown}


def _feed(path: Path, settings: Settings, source: str) -> Iterator[tuple[str, log.RecordRow]]:
    from idp_cdi.connectors import Connection, find
    from idp_cdi.steps.collect import mapper_of, mapping_of
    from idp_cdi.steps.suggest import source_of

    origin = source_of(path, source)
    way = find(origin.location, origin.way)
    connection = Connection(origin.location, dict(origin.options))
    for stream in way.streams(connection):
        mapping = mapping_of(origin, way, stream)
        if mapping is None:
            continue
        mapper = mapper_of(origin, stream.name, mapping, settings)
        for chunk in way.read(connection, stream, {}):
            for row in mapper.map(chunk).records:
                if not row.deleted:
                    yield origin.source, row


def _document(path: Path, settings: Settings) -> Iterable[tuple[str, log.RecordRow]]:
    from idp_cdi.observations import DOCUMENTS
    from idp_cdi.steps.parties import parties
    from idp_cdi.steps.understand import understand

    found = understand(path, settings)
    if found.error is not None:
        problem = found.error
        raise UnreadableInput(
            problem.message, code=problem.code, file=str(path), action=problem.action
        )
    for part in found.all:
        if part.extraction is not None:
            told = parties(part.extraction, settings.organisation, datetime.now(UTC))
            for records in told.records.values():
                for one in records:
                    yield DOCUMENTS, log.row_of(one)
