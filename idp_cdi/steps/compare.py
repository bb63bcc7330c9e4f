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

from idp_cdi.matching.closure import FLOOR
from idp_cdi.matching.online import NO_MATCHES
from idp_cdi.steps.columns import compared_fields, current_columns, table_of
from idp_cdi.store.derived import Edge
from idp_cdi.store.whole import Edges

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from idp_cdi.engines.local import Pairs, Result
    from idp_cdi.matching.model import Model
    from idp_cdi.settings import Settings
    from idp_cdi.store.current import Current

#: One record through the index costs about as much as so many records of a run over all.
_ONE_COSTS = 50
#: So many records are compared with the index in one go.
_AT_ONCE = 2_000

#: A store whose first records are so many learns its model from them; the one that ships knows
#: nothing of how often which name and town come in them.
_LEARN_FROM = 5_000


def edges(connection: Connection, settings: Settings, touched: Sequence[int]) -> list[Edge]:
    """The pairs with an end in `touched` that may be one party.

    Args:
        connection: Sees the records of `touched`.
        settings: Where the model and the index are kept.
        touched: Mention ids; those whose record is deleted have no pairs.
    """
    from idp_cdi.steps import known

    size = known.count(connection)
    if size < 2:
        return []
    model = model_for(settings, size, len(touched))
    if model is None or len(touched) * _ONE_COSTS > size:
        return list(_among_all(connection, settings, model, touched))
    return list(_each(edges_by_index(connection, settings, model, touched)))


def matched(
    settings: Settings, current: Current, touched: Sequence[int], model: Model | None = None
) -> Result:
    """A run over all current records, with its prepared rows; `kept` has its pairs.

    `model` is the one to weigh by, where it is not to be the one in force.
    """
    model = model or model_for(settings, len(current.mentions), len(touched))
    return _run(settings, model, table_of(current))


def _among_all(
    connection: Connection, settings: Settings, model: Model | None, touched: Sequence[int]
) -> Iterator[Edge]:
    ids, table = current_columns(connection)
    return _each(_among(settings, model, ids, table, touched))


def _each(found: Edges) -> Iterator[Edge]:
    return (Edge(*row) for row in zip(*(column.tolist() for column in found), strict=True))


def _among(
    settings: Settings,
    model: Model | None,
    ids: NDArray[np.int64],
    table: Any,
    touched: Sequence[int],
) -> Edges:
    return kept(ids, _run(settings, model, table).pairs, touched)


def _run(settings: Settings, model: Model | None, table: Any) -> Result:
    from idp_cdi.engines.local import Options, run

    before = shipped() if model is None else None
    found = run(table, Options(model=model, columns=columns(), pairs_only=True, before=before))
    if model is None and table.num_rows >= _LEARN_FROM:
        found.model.save(settings.home / "models" / "matching")
    return found


def kept(ids: NDArray[np.int64], pairs: Pairs, touched: Sequence[int] | None = None) -> Edges:
    """The pairs of a run that are kept, between mentions; only with an end in `touched`."""
    keep = pairs.weight.round(3) >= FLOOR
    if touched is not None and len(touched) < len(ids):
        wanted = np.isin(ids, np.asarray(touched, dtype=np.int64))
        keep &= wanted[pairs.left] | wanted[pairs.right]
    return columns_of_pairs(
        ids[pairs.left[keep]], ids[pairs.right[keep]], pairs.weight[keep], pairs.probability[keep]
    )


def columns_of_pairs(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    weight: NDArray[np.float64],
    probability: NDArray[np.float64],
) -> Edges:
    """Weighed pairs of mentions as they are kept: the lesser first, in order, rounded."""
    low, high = np.minimum(left, right), np.maximum(left, right)
    order = np.lexsort((high, low))
    # Rounded, so that an index of another machine says the same to the last digit.
    return Edges(low[order], high[order], weight[order].round(3), probability[order].round(6))


def edges_by_index(
    connection: Connection, settings: Settings, model: Model, touched: Sequence[int]
) -> Edges:
    """The pairs with an end in `touched` that may be one party, found through the index."""
    from idp_cdi.steps import known

    index = known.index(connection, settings, model)
    parts = [(np.zeros(0, dtype=np.int64), NO_MATCHES)]
    late = [mention for mention in touched if index.is_late(mention)]
    rest = np.setdiff1d(np.array(touched, dtype=np.int64), late)
    for start in range(0, len(rest), _AT_ONCE):
        own = rest[start : start + _AT_ONCE]
        pairs = index.score_new(own)
        if pairs is None:
            several = list(known.rows(connection, own.tolist()))
            own = np.array([mention for mention, _ in several], dtype=np.int64)
            pairs = index.score_many([row for _, row in several], own.tolist())
        parts.append((own, pairs))
    if late:
        own = np.array(late, dtype=np.int64)
        parts.append((own, index.score_many([index.row(mention) for mention in late], late)))
    parts = [(own, pairs.where(pairs.weight.round(3) >= FLOOR)) for own, pairs in parts]
    found = columns_of_pairs(
        np.concatenate([own[p.row] for own, p in parts]),
        np.concatenate([p.id for _, p in parts]),
        np.concatenate([p.weight for _, p in parts]),
        np.concatenate([p.probability for _, p in parts]),
    )
    # Of two that were touched each finds the other.
    first = np.ones(len(found.left), dtype=bool)
    first[1:] = (np.diff(found.left) != 0) | (np.diff(found.right) != 0)
    return found.where(first)


def model_for(settings: Settings, size: int, touched: int) -> Model | None:
    """The model in force, None where one is to be learned from the records now.

    That is only so as long as no pair was weighed by another one: weights change by learning anew,
    which shows first what it would change.
    """
    return None if touched == size and learns(settings, size, touched) else model_of(settings)


def learns(settings: Settings, size: int, touched: int) -> bool:
    """Whether a store has to learn its first model now: most of its many records are new."""
    learned = (settings.home / "models" / "matching" / "model.json").is_file()
    return not learned and touched * 2 >= size >= _LEARN_FROM


def model_of(settings: Settings) -> Model | None:
    """The model in force: learned in this home, else as shipped, else none."""
    return _of_folder(settings.home / "models" / "matching") or shipped()


def shipped() -> Model | None:
    """The model that ships, where it is installed."""
    from idp_cdi.models_path import models_path

    return _of_folder(models_path() / "matching")


def _of_folder(folder: Path) -> Model | None:
    try:
        return _loaded(folder, (folder / "model.json").stat().st_mtime_ns)
    except FileNotFoundError:
        return None


@lru_cache(maxsize=2)
def _loaded(folder: Path, stamp: int) -> Model:
    """The model of a folder, read again when it has changed (`stamp`)."""
    from idp_cdi.matching.model import Model

    return Model.load(folder)


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
