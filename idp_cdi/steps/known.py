"""The index of all known records, on disk beside the store and in step with the log.

The files hold what was committed; the log itself is the journal: whatever came after a segment was
written is read from there. So nothing is lost by a crash, and a process that starts has the index
of a million records in the time of a few reads. Many new records become a segment of their own;
when there are several of a size they are made one. The index is built anew only where it is of
another model or another store.

A transaction that is rolled back takes the process's index with it, for its records are not to be
found again.
"""

from __future__ import annotations

import json
import logging
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import bindparam, event, select

from idp_cdi.steps.columns import current_columns, current_rows
from idp_cdi.store.compiled import Compiled
from idp_cdi.store.database import greatest
from idp_cdi.store.schema import mention, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from sqlalchemy import Connection, Engine

    from idp_cdi.matching.model import Model
    from idp_cdi.matching.online import Index
    from idp_cdi.matching.records import Records
    from idp_cdi.settings import Settings
    from idp_cdi.store import Database

#: Takes a model, the mention of each row and all rows as they were prepared.
Keep: TypeAlias = "Callable[[Model, NDArray[np.int64], Records], None]"
#: From so many changed records on they are prepared in one go, as a segment.
MANY = 50
#: So many committed records may be read from the log at each start before they become a file.
TAIL = 500
#: What the files are like; others are made anew.
_FORM = 4
#: So many segments of about one size become one.
_TIER = 8


@dataclass(slots=True)
class _Known:
    """The index in this process: up to which record the files go, and up to which the whole."""

    index: Index
    version: str
    names: list[str]
    saved: int
    last: int


_SINCE = Compiled(
    select(record.c.mention_id).where(
        record.c.id > bindparam("after"), record.c.id <= bindparam("until")
    )
)

logger = logging.getLogger(__name__)
_KNOWN: dict[str, _Known] = {}


def count(connection: Connection) -> int:
    """How many mentions there are, deleted ones included; close enough where some were erased."""
    return greatest(connection, mention.c.id)


def index(connection: Connection, settings: Settings, model: Model) -> Index:
    """The index of all current records, up to date with what `connection` sees.

    Args:
        connection: A writing one: nobody else changes the files meanwhile.
        settings: Where they lie.
        model: The model in force.
    """
    place = _place(connection, settings)
    _listen(connection.engine)
    last = _last(connection)
    have = _KNOWN.get(place)
    if have is None or have.version != model.version or have.last > last:
        _KNOWN.pop(place, None)
        have = _opened(connection, _folder(settings), model)
    if last - have.saved >= TAIL:
        _keep(connection, _folder(settings), have)
    if have.last < last:
        _catch_up(connection, have, last)
    _KNOWN[place] = have
    return have.index


@lru_cache(maxsize=8)
def _listen(engine: Engine) -> None:
    """Whatever a writer takes back, the indexes of its store have not seen."""

    @event.listens_for(engine, "rollback")
    def _forget(connection: Connection) -> None:
        if connection.get_execution_options().get("writing"):
            url = f"{engine.url} "
            for place in [place for place in _KNOWN if place.startswith(url)]:
                del _KNOWN[place]


def refresh(database: Database, settings: Settings) -> None:
    """Bring the files up to date, so that the next record need not wait for it."""
    from idp_cdi.steps.compare import model_of

    model = model_of(settings)
    if model is not None:
        with database.writing() as connection:
            index(connection, settings, model)


@contextmanager
def keeping(connection: Connection, settings: Settings) -> Iterator[Keep]:
    """Write the files anew of all rows, which a run has prepared, beside what goes on meanwhile.

    Give what comes the model, the mention of each row (sorted) and the rows; the files are the
    index at the end. Nothing is done where the log has records that are not committed yet, or few.

    Args:
        connection: A writing one.
        settings: Where the files lie.
    """
    last = _last(connection)
    trace = ""
    if last >= TAIL and connection.engine.url.database:
        with connection.engine.connect() as committed:
            trace = _trace(committed, last) if _last(committed) == last else ""
    folder, name = _folder(settings), f"{uuid.uuid4().hex}.rows"
    with ThreadPoolExecutor(1) as pool:
        written: list[tuple[Model, Future[None]]] = []

        def keep(model: Model, mentions: NDArray[np.int64], prepared: Records) -> None:
            if trace:
                done = pool.submit(_write, folder / name, model, mentions, prepared)
                written.append((model, done))

        yield keep
        for model, done in written:
            done.result()
            have = _Known(_index(model, folder, [name]), model.version, [name], last, last)
            _tell(folder, have, trace)
            _KNOWN[_place(connection, settings)] = have


def _write(path: Path, model: Model, mentions: NDArray[np.int64], prepared: Records) -> None:
    from idp_cdi.matching.online import Segment

    path.parent.mkdir(parents=True, exist_ok=True)
    Segment.made(prepared, mentions, model).save(path)


def _index(model: Model, folder: Path, names: Sequence[str]) -> Index:
    from idp_cdi.matching.online import Index, Segment

    return Index(model, [Segment.open(folder / name) for name in names])


def forget(settings: Settings) -> None:
    """Erase the files; whoever needs the index next builds it anew."""
    import shutil

    _KNOWN.clear()
    shutil.rmtree(_folder(settings), ignore_errors=True)


def rows(
    connection: Connection, mentions: Sequence[int]
) -> Iterator[tuple[int, dict[str, str | float | None]]]:
    """Mention and its current record as columns, for those of `mentions` that are there."""
    return current_rows(connection, mentions)


def _place(connection: Connection, settings: Settings) -> str:
    return f"{connection.engine.url} {settings.home}"


def _folder(settings: Settings) -> Path:
    return settings.cache / "matching"


def _last(connection: Connection) -> int:
    return greatest(connection, record.c.id)


def _trace(connection: Connection, number: int) -> str:
    """What tells one store's record of a number from another's."""
    found = connection.execute(
        select(record.c.mention_id, record.c.content, record.c.observed_at).where(
            record.c.id == number
        )
    ).first()
    return "" if found is None else " ".join(map(str, found))


def _opened(connection: Connection, folder: Path, model: Model) -> _Known:
    """The files, where they are of this model and this store; else an index of nothing."""
    from idp_cdi.errors import UsageError
    from idp_cdi.matching.online import Index

    try:
        told = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        same = (told["form"], told["model"]) == (_FORM, model.version)
        if same and told["trace"] == _trace(connection, told["last"]):
            index = _index(model, folder, told["segments"])
            return _Known(index, model.version, told["segments"], told["last"], told["last"])
    except (OSError, ValueError, KeyError, UsageError):
        logger.info("the matching index can't be used and is made again")
    return _Known(Index(model), model.version, [], 0, 0)


def _keep(connection: Connection, folder: Path, have: _Known) -> None:
    """Write what was committed since the files were written, where it is worth it."""
    if not connection.engine.url.database:
        return
    with connection.engine.connect() as committed:
        last = _last(committed)
        if last - have.saved < TAIL:
            return
        changed = _changed(committed, have.saved, last) if have.names else None
        folder.mkdir(parents=True, exist_ok=True)
        model = have.index.model
        have.names.append(_written(committed, folder, model, changed))
        _merge(committed, folder, model, have.names)
        trace = _trace(committed, last)
    # Segments that were in memory only are in the files now.
    have.index = _index(model, folder, have.names)
    have.saved = have.last = last
    _tell(folder, have, trace)


def _tell(folder: Path, have: _Known, trace: str) -> None:
    """Say which files are the index; the others go."""
    told = {
        "form": _FORM,
        "model": have.version,
        "last": have.last,
        "trace": trace,
        "segments": have.names,
    }
    new = folder / "index.json.new"
    new.write_text(json.dumps(told), encoding="utf-8")
    new.replace(folder / "index.json")
    for old in folder.glob("*.rows"):
        if old.name not in have.names:
            old.unlink(missing_ok=True)


def _written(
    committed: Connection, folder: Path, model: Model, mentions: Sequence[int] | None
) -> str:
    """Write the current records of some mentions as a segment; returns the name of its file."""
    from idp_cdi.matching.online import Segment

    ids, table = current_columns(committed, mentions)
    name = f"{uuid.uuid4().hex}.rows"
    Segment.of(table, ids, model, first=mentions is None).save(folder / name)
    return name


def _merge(committed: Connection, folder: Path, model: Model, names: list[str]) -> None:
    """Make the last segments one where there are several of a size."""
    from idp_cdi.matching.online import Segment

    while len(names) > _TIER:
        last = [Segment.open(folder / name).ids for name in names[-_TIER:]]
        if any(len(a) > _TIER * len(b) for a, b in pairwise(last)):
            return
        mentions = sorted({number for ids in last for number in ids.tolist()})
        names[-_TIER:] = [_written(committed, folder, model, mentions)]


def _changed(connection: Connection, after: int, until: int) -> list[int]:
    """The mentions with a record of these numbers."""
    return sorted({row[0] for row in _SINCE.rows(connection, after=after, until=until)})


def _catch_up(connection: Connection, have: _Known, last: int) -> None:
    """Take in what the log got since, whoever wrote it."""
    from idp_cdi.matching.online import Segment

    changed = _changed(connection, have.last, last)
    if len(changed) >= MANY:
        ids, table = current_columns(connection, changed)
        have.index.append(Segment.of(table, ids, have.index.model))
    else:
        there = dict(rows(connection, changed))
        for mention_id in changed:
            if mention_id in there:
                have.index.add(mention_id, there[mention_id])
            else:
                have.index.remove(mention_id)
    have.last = last
