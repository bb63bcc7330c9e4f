"""Compare new records with all others: the pairs that may be one party, with their weights.

Pairs below `FLOOR` are not kept: they neither link nor are asked about. What such pairs say among
records that hang together by links, clustering does want to know: see `idp_cdi.steps.hanging`.

The model (weights and frequencies) is versioned and changes only by learning; so a pair found today
weighs the same tomorrow, whatever came in between. A few records are compared through the index of
all records, many in one run over all of them; both give the same pairs.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.steps._copies import Compared, alone, left_behind, merged, of_question, of_run
from idp_cdi.steps.columns import compared_fields, current_columns, table_of
from idp_cdi.store.whole import NO_EDGES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from idp_cdi.engines.local import Result
    from idp_cdi.matching.model import Model
    from idp_cdi.matching.online import Index, Matches
    from idp_cdi.settings import Settings
    from idp_cdi.store.current import Current

#: One record through the index costs about as much as so many records of a run over all.
_ONE_COSTS = 50
#: So many records are compared with the index in one go.
_AT_ONCE = 2_000

#: A store whose first records are so many learns its model from them; the one that ships knows
#: nothing of how often which name and town come in them.
_LEARN_FROM = 5_000


def edges(
    connection: Connection, settings: Settings, touched: Sequence[int], near: Collection[int]
) -> Compared:
    """The pairs that may be one party, of `touched` and of what changes with them.

    Args:
        connection: Sees the records of `touched`.
        settings: Where the model and the index are kept.
        touched: Mention ids; those whose record is deleted have no pairs.
        near: The ends of all edges that `touched` has until now.
    """
    from idp_cdi.steps import known

    size = known.count(connection)
    if size < 2:
        return Compared(NO_EDGES, set(touched), set())
    model = model_for(settings, size, len(touched))
    if model is not None and len(touched) * _ONE_COSTS <= size:
        return edges_by_index(connection, settings, model, touched, near)
    ids, table = current_columns(connection)
    found = _run(settings, model, table, np.isin(ids, alone(connection)))
    return of_run(connection, ids, found.pairs, touched)


def matched(
    settings: Settings,
    current: Current,
    touched: Sequence[int],
    model: Model | None,
    apart: NDArray[np.int64],
) -> Result:
    """A run over all current records, with its prepared rows.

    Args:
        settings: Where the model is kept.
        current: All current records.
        touched: Those that are new or changed.
        model: The one to weigh by, where it is not to be the one in force.
        apart: Mentions that are no copies, whatever they say.
    """
    model = model or model_for(settings, len(current.mentions), len(touched))
    return _run(settings, model, table_of(current), np.isin(current.mentions, apart))


def _run(settings: Settings, model: Model | None, table: Any, apart: NDArray[np.bool_]) -> Result:
    from idp_cdi.engines.local import Options, run

    before = shipped() if model is None else None
    options = Options(model=model, columns=columns(), pairs_only=True, before=before, alone=apart)
    found = run(table, options)
    if model is None and table.num_rows >= _LEARN_FROM:
        found.model.save(settings.home / "models" / "matching")
    return found


def edges_by_index(
    connection: Connection,
    settings: Settings,
    model: Model,
    touched: Sequence[int],
    near: Collection[int],
) -> Compared:
    """The same, found through the index."""
    from idp_cdi.steps import known

    index = known.index(connection, settings, model)
    parts = [NO_EDGES]
    mentions: set[int] = set()
    front = {*touched, *left_behind(connection, touched, near)}
    while front:
        mentions |= front
        more: set[int] = set()
        for own, pairs in _asked(connection, index, sorted(front)):
            found = of_question(connection, own, pairs)
            parts.append(found.edges)
            mentions |= found.mentions
            more |= found.more
        front = more - mentions
    return Compared(merged(parts), mentions, set())


def _asked(
    connection: Connection, index: Index, mentions: Sequence[int]
) -> Iterator[tuple[NDArray[np.int64], Matches]]:
    """Mentions with all that share a key with them, some at a time."""
    from idp_cdi.steps import known

    late = [mention for mention in mentions if index.is_late(mention)]
    rest = np.array(sorted({*mentions}.difference(late)), dtype=np.int64)
    for start in range(0, len(rest), _AT_ONCE):
        own = rest[start : start + _AT_ONCE]
        pairs = index.score_new(own)
        if pairs is None:
            several = list(known.rows(connection, own.tolist()))
            own = np.array([mention for mention, _ in several], dtype=np.int64)
            pairs = index.score_many([row for _, row in several], own.tolist())
        yield own, pairs
    if late:
        rows = [index.row(mention) for mention in late]
        yield np.array(late, dtype=np.int64), index.score_many(rows, late)


def model_for(settings: Settings, size: int, touched: int) -> Model | None:
    """The model in force, None where one is to be learned from the records now.

    That is only so as long as no pair was weighed by another one: weights change by learning anew,
    which shows first what it would change.
    """
    return None if touched == size and learns(settings, size, touched) else model_of(settings)


def learns(settings: Settings, size: int, touched: int) -> bool:
    """Whether a store has to learn its first model now: most of its many records are new."""
    if not touched * 2 >= size >= _LEARN_FROM:
        return False
    return not _learned(settings.home).is_file()


def model_of(settings: Settings) -> Model | None:
    """The model in force: learned in this home, else as shipped, else none."""
    return _of_file(_learned(settings.home)) or shipped()


def shipped() -> Model | None:
    """The model that ships, where it is installed."""
    from idp_cdi.models_path import models_path

    return _of_file(models_path() / "matching" / "model.json")


@lru_cache(maxsize=8)
def _learned(home: Path) -> Path:
    """The file of the model that a home has learned; it is asked for with every record."""
    return home / "models" / "matching" / "model.json"


def _of_file(path: Path) -> Model | None:
    try:
        return _loaded(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


@lru_cache(maxsize=2)
def _loaded(path: Path, stamp: int) -> Model:
    """The model of a file and what is beside it, read again when it has changed (`stamp`)."""
    from idp_cdi.matching.model import Model

    return Model.load(path.parent)


def columns() -> tuple[Any, ...]:
    """What each column of `current_columns` is to matching."""
    from idp_cdi.matching.columns import Column, Kind

    kinds = {
        "name": Kind.NAME,
        "trading_name": Kind.OTHER_NAME,
        "first_name": Kind.GIVEN,
        "last_name": Kind.FAMILY,
        "date_of_birth": Kind.DATE,
        "street": Kind.STREET,
        "city": Kind.CITY,
        "postal_code": Kind.POSTCODE,
        "country": Kind.COUNTRY,
        "phone": Kind.PHONE,
        "email": Kind.EMAIL,
        "website": Kind.WEBSITE,
        "customer_number": Kind.ACCOUNT,
    }
    entity = Column("entity_type", Kind.ENTITY_TYPE)
    named = [Column(name, kinds.get(name, Kind.IDENTIFIER)) for name in compared_fields()]
    return (entity, *named)
