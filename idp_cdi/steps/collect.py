"""Feeds into the store: rows through a mapping to records and facts, chunk by chunk.

A chunk's records, facts, refused rows and the stream's new state are kept in one transaction, so a
run that is killed anywhere goes on after the last chunk. Customers follow at the end of a stream;
what a killed run left unmatched is matched by the next one. A fact whose party is not known yet
waits among the refused rows and comes in by itself when the party does.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idp_cdi.connectors import Connection, Reject, Stream, find
from idp_cdi.connectors._mapping import StreamMapping
from idp_cdi.errors import StoreBusy, UsageError
from idp_cdi.observations import content_id
from idp_cdi.progress import SILENT
from idp_cdi.steps import known
from idp_cdi.steps._aside import mapped as mapped_aside
from idp_cdi.steps._gate import Gate
from idp_cdi.steps._unchanged import Unchanged
from idp_cdi.steps.map import Mapped, Mapper, check_columns
from idp_cdi.store import feeds, log
from idp_cdi.store import payload as payloads

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection as Database_

    from idp_cdi.connectors import Chunk, Way
    from idp_cdi.connectors._mapping import SourceSpec
    from idp_cdi.progress import Progress
    from idp_cdi.settings import Settings
    from idp_cdi.steps._facts import FactRow
    from idp_cdi.store import Database

#: Code of a fact that waits for its party.
WAITS = "fact.party"
#: A full read in which more than this share of the known keys is missing deletes nothing.
_MOST_GONE = 0.3


@dataclass(slots=True)
class Collected:
    """What one stream brought: rows read, what became of them, and what was odd.

    `erased` rows were erased on request and are not taken in; `known` says that rows came before.
    `problems` counts values that could not be standardised by column and code; `notices` are the
    first oddities by row, `drift` how the source's columns changed.
    """

    source: str
    stream: str
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    facts: int = 0
    waiting: int = 0
    rejected: int = 0
    erased: int = 0
    known: bool = False
    reasons: Counter[str] = field(default_factory=Counter)
    problems: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    oddities: int = 0
    drift: list[str] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """Whether anything came that was not known."""
        return bool(
            self.new or self.changed or self.deleted or self.facts or self.rejected or self.waiting
        )

    def as_json(self) -> dict[str, Any]:
        """For ``--json`` and the log of runs."""
        return {
            "source": self.source,
            "stream": self.stream,
            **{
                name: getattr(self, name)
                for name in (
                    "rows", "new", "changed", "unchanged", "deleted", "facts", "waiting",
                    "rejected", "erased", "oddities", "notices", "drift",
                )
            },
            "reasons": dict(self.reasons),
            "problems": [
                {"column": column, "code": code, "count": count,
                 "rows": self.examples.get((column, code), [])}
                for (column, code), count in sorted(self.problems.items())
            ],
        }  # fmt: skip


_NOTICES = 50


def collect_file(
    path: Path,
    settings: Settings,
    database: Database,
    *,
    source: str = "",
    progress: Progress = SILENT,
) -> Collected:
    """Take one feed file into the store; its mapping lies beside it or is suggested.

    Args:
        path: The file. ``NAME.yaml`` or ``NAME.mapping.yaml`` beside it is its source file.
        settings: Trust of sources.
        database: The store.
        source: Name of the source system; empty: that of the source file, else the file's stem.
        progress: Told of each chunk.

    Returns:
        What came, over all streams of the file.

    Raises:
        UnreadableInput: The file can't be read, or no party or event was found in it.
        SettingsError: The source file is wrong.
    """  # fmt: skip
    from idp_cdi.steps.suggest import source_of

    spec = source_of(path, source)
    total = Collected(spec.source, path.stem)
    for part in collect(spec, settings, database, progress=progress):
        _add(total, part)
    return total


def collect(
    spec: SourceSpec,
    settings: Settings,
    database: Database,
    *,
    streams: Sequence[str] = (),
    full: bool = False,
    progress: Progress = SILENT,
) -> list[Collected]:
    """Run a source: every mapped stream, from where it stopped.

    Args:
        spec: The source, from its YAML file or suggested.
        settings: Trust of sources; what it says of this one outranks the source file.
        database: The store.
        streams: Only these; empty: all that are mapped.
        full: Forget where the streams stopped and read everything; nothing is doubled by that.
        progress: Told of each chunk.

    Returns:
        One report a stream.

    Raises:
        UnreadableInput: The source can't be read.
        UsageError: A stream is not there, or a mapping doesn't fit.
        StoreError: The store can't be written.
    """
    if not spec.location:
        raise UsageError("the source has no location", file=spec.source)
    way = find(spec.location, spec.way)
    connection = Connection(spec.location, _options(spec))
    found = [s for s in way.streams(connection) if not streams or s.name in streams]
    mapped = [(s, m) for s in found if (m := mapping_of(spec, way, s)) is not None]
    if not mapped:
        names = ", ".join(s.name for s in found)
        raise UsageError(
            "no stream of it is mapped", file=spec.source, action=f"there are: {names}"
        )
    reports = []
    for stream, mapping in mapped:
        progress.start(f"{spec.source} {stream.name}", None)
        run = _Run(spec, stream, mapping, settings, database)
        reports.append(run.all(way, connection, progress, full=full))
        progress.finish()
    return reports


def mapping_of(spec: SourceSpec, way: Way, stream: Stream) -> StreamMapping | None:
    """The source file's mapping of a stream, else the connector's own, else None."""
    mapping = spec.stream(stream.name)
    built_in = getattr(way, "mapping", None)
    if mapping is None and built_in is not None and not spec.streams:
        mapping = StreamMapping.model_validate(built_in(stream))
    return mapping


def _options(spec: SourceSpec) -> dict[str, Any]:
    """The connector's options, with the cursors that the mapping names."""
    cursors = {name: m.cursor for name, m in spec.streams.items() if m.cursor and name != "*"}
    return {"cursors": cursors, **spec.options} if cursors else dict(spec.options)


def mapper_of(spec: SourceSpec, stream: str, mapping: StreamMapping, settings: Settings) -> Mapper:
    """The mapper of a stream, with the trust that the settings or the source file give it."""
    trust = spec.trust if mapping.trust is None else mapping.trust
    known = settings.sources.get(spec.source)

    def trusted(name: str) -> float:
        return trust if known is None else known.fields.get(name, known.trust)

    # customers_2026-05.csv and customers_2026-06.csv are one table.
    table = stream if stream in spec.streams else re.sub(r"[\W_\d]+$", "", stream) or stream
    return Mapper(spec.source, table, mapping, trust=trusted)


class _Run:
    """One run of one stream."""

    def __init__(
        self,
        spec: SourceSpec,
        stream: Stream,
        mapping: StreamMapping,
        settings: Settings,
        database: Database,
    ) -> None:
        self.spec, self.stream, self.mapping = spec, stream, mapping
        self.settings, self.database = settings, database
        self.report = Collected(spec.source, stream.name)
        # A mapping for any stream keeps its state under its own name: files change theirs.
        by_file = "*" in spec.streams and stream.name not in spec.streams
        self.name = Path(spec.location).name if by_file else stream.name
        self.mapper = mapper_of(spec, stream.name, mapping, settings)
        self.gate = Gate(settings.home, spec.source)
        self._touched: set[int] = set()
        self._echoes: dict[str, set[tuple[str, str]]] = {}
        self._seen: Unchanged | None = None

    def all(self, way: Way, connection: Connection, progress: Progress, *, full: bool) -> Collected:
        with self.database.reading() as db:
            memory = feeds.stream_memory(db, self.spec.source, self.name)
            self._echoes = feeds.written(db, self.spec.source)
            self._seen = self._remembered(db, full=full)
        self._drift(memory)
        same = memory.get("mapping") == self._mark()
        state = memory.get("state", {}) if same and not full else {}
        self.report.known = bool(state)
        dirty = memory.get("dirty")
        with closing(self.gate):
            chunks = way.read(connection, self.stream, state)
            if self._seen is not None:
                chunks = self._seen.fresh(chunks)
            for chunk, found in mapped_aside(chunks, self.mapper):
                dirty = self._keep(chunk, found, dirty)
                progress.advance(len(chunk))
        self._finish(way, connection, dirty)
        return self.report

    def _remembered(self, db: Database_, *, full: bool) -> Unchanged | None:
        """The rows that came before; None where a row may mean something else each time."""
        if self.mapping.facts or not self.mapping.fields or self.gate.has_rules:
            return None
        trust = self.settings.sources.get(self.spec.source)
        echoes = sorted((key, sorted(told)) for key, told in self._echoes.items())
        made_by = f"{self._mark()} {trust!r} {echoes}"
        return Unchanged(db, self.settings, self.mapper, made_by, use=not full)

    def _mark(self) -> str:
        """Changes when the mapping does: then every row is read again under the new one."""
        text = self.mapping.model_dump_json() + f"{self.spec.trust}"
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def _drift(self, memory: dict[str, Any]) -> None:
        for notice in check_columns(
            self.mapping, self.stream.columns, file=f"{self.spec.source}.{self.stream.name}"
        ):
            self.report.drift.append(notice.message)
        before = memory.get("columns")
        if before:
            have = set(self.stream.columns)
            self.report.drift += [
                f'a new column "{c}"' for c in self.stream.columns if c not in before
            ]
            gone = [f'the column "{c}" is gone' for c in before if c not in have]
            self.report.drift += [g for g in gone if g not in self.report.drift]

    def _keep(self, chunk: Chunk, mapped: Mapped, dirty: int | None) -> int:
        with self.database.reading() as db:
            self.report.erased += self.gate.hold(db, mapped, chunk, self.mapper)
        if self._echoes:
            mapped.records = [without_echo(r, self._echoes) for r in mapped.records]
        if self._seen is not None:
            self._seen.taken(chunk, mapped)
        source = self.spec.source
        with self.database.writing() as db:
            log.source_id(db, source, owner=self.spec.owner)
            dirty = feeds.last_record(db) if dirty is None else dirty
            done = log.append_records(db, source, mapped.records)
            facts, waiting = keep_facts(db, source, mapped.facts, chunk, self.mapper.observed_at)
            rejects = [*mapped.rejects, *waiting]
            rows = [(str(r.row), r.code, r.reason, dict(r.cells)) for r in rejects]
            if rows:
                feeds.reject(db, source, self.stream.name, rows)
            memory = {
                "state": chunk.state,
                "mapping": self._mark(),
                "columns": list(chunk.columns),
                "dirty": dirty,
            }
            feeds.remember(db, source, self.name, memory)
        self._touched.update(done.touched)
        report = self.report
        report.rows += len(chunk) + len(chunk.rejects) + chunk.unchanged
        report.new += len(done.new)
        report.changed += len(done.changed)
        report.deleted += len(done.deleted)
        report.unchanged += done.unchanged + chunk.unchanged
        report.facts += facts
        report.waiting += len(waiting)
        self._tell(mapped)
        return dirty

    def _tell(self, mapped: Mapped) -> None:
        report = self.report
        report.rejected += len(mapped.rejects)
        report.reasons.update(r.code for r in mapped.rejects)
        report.problems += mapped.problems
        for place, rows in mapped.examples.items():
            report.examples.setdefault(place, []).extend(rows)
            del report.examples[place][5:]
        report.oddities += len(mapped.notices)
        for notice in mapped.notices[: _NOTICES - len(report.notices)]:
            where = f"row {notice.row}: " if notice.row else ""
            report.notices.append(f"{where}{notice.message}")
            if notice.code.startswith("drift"):
                report.drift.append(notice.message)

    def _finish(self, way: Way, connection: Connection, dirty: int | None) -> None:
        """Customers follow from what came; only then is the stream clean again."""
        from idp_cdi.steps.unify import unify

        if self.mapping.deletes == "absent":
            dirty = self._delete_absent(way, connection, dirty)
        if self._touched:
            from idp_cdi.steps.retry import retry

            again = retry(self.spec, self.settings, self.database, code=WAITS)
            self.report.facts += again.facts
        if dirty is None:
            return
        with self.database.writing() as db:
            touched = set(feeds.changed_since(db, self.spec.source, dirty))
            touched |= self._touched
            if touched:
                unify(db, self.settings, tuple(sorted(touched)))
            memory = feeds.stream_memory(db, self.spec.source, self.name)
            memory.pop("dirty", None)
            feeds.remember(db, self.spec.source, self.name, memory)
        if self._seen is not None:
            with self.database.reading() as db:
                self._seen.keep(db)
        if len(touched) >= known.TAIL:
            # Where another writer came first, the next record brings the index up to date.
            with suppress(StoreBusy):
                known.refresh(self.database, self.settings)

    def _delete_absent(self, way: Way, connection: Connection, dirty: int | None) -> int | None:
        """Keys that a full read no longer has are gone; nothing is deleted when too many are."""
        seen: set[str] = set()
        for chunk in way.read(connection, self.stream, {}):
            seen.update(self.mapper.keys(chunk))
        prefix = f"{self.mapping.prefix}:" if self.mapping.prefix else ""
        with self.database.writing() as db:
            living = list(feeds.living_keys(db, self.spec.source, prefix))
            gone = [key for key in living if key not in seen]
            if len(gone) > max(3, _MOST_GONE * len(living)):
                text = f"{len(gone)} of {len(living)} keys are missing: too many to be deleted"
                self.report.drift.append(text)
                return dirty
            dirty = feeds.last_record(db) if dirty is None else dirty
            rows = [
                log.RecordRow(key, "unknown", "customer", log.stamp(), '{"o":[]}', "", deleted=True)
                for key in gone
            ]
            done = log.append_records(db, self.spec.source, rows)
        self._touched.update(done.touched)
        self.report.deleted += len(done.deleted)
        return dirty


def keep_facts(
    db: Database_, source: str, rows: list[FactRow], chunk: Chunk, seen_at: datetime
) -> tuple[int, list[Reject]]:
    """Append facts whose parties are known; returns how many are new, and those that must wait."""
    if not rows:
        return 0, []
    wanted = {key for row in rows for keys in row.parties.values() for key in keys}
    known = log.mention_ids(db, source, wanted)
    ready: list[log.Fact] = []
    waiting: list[Reject] = []
    places = {number: index for index, number in enumerate(chunk.numbers)}
    for row in rows:
        if all(k in known for keys in row.parties.values() for k in keys):
            parties = {role: tuple(known[k] for k in keys) for role, keys in row.parties.items()}
            ready.append(log.Fact(row.kind, row.key, seen_at, row.payload, parties))
            continue
        index = places[row.row]
        cells = zip(chunk.columns, (column[index] for column in chunk.values), strict=True)
        text = f"the {row.kind}'s party is not known yet; it comes in when the party does"
        waiting.append(Reject(row.row, WAITS, text, tuple(cells)))
    return log.append_facts(db, source, ready), waiting


def _add(total: Collected, part: Collected) -> None:
    for name in (
        "rows", "new", "changed", "unchanged", "deleted", "facts", "waiting", "rejected", "erased",
    ):  # fmt: skip
        setattr(total, name, getattr(total, name) + getattr(part, name))
    total.known = total.known or part.known
    total.oddities += part.oddities
    total.reasons += part.reasons
    total.problems += part.problems
    total.notices += part.notices
    total.drift += part.drift


def without_echo(row: log.RecordRow, echoes: dict[str, set[tuple[str, str]]]) -> log.RecordRow:
    """A row without the values that we wrote into it ourselves: they are no second witness."""
    told = echoes.get(row.key)
    if not told:
        return row
    seen = payloads.decode(row.payload)
    kept = [o for o in seen if (o.field, o.value) not in told]
    if len(kept) == len(seen):
        return row
    body = payloads.encode(kept)
    return row._replace(payload=body, content=content_id(row.kind, row.role, body))
