"""The keys of records under a model as one sorted array: an index of candidates.

Its entries are those by which `idp_cdi.matching.blocking.find` makes pairs with the same model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from idp_cdi.matching.blocking import (
    ALL,
    NONE,
    ROW_BITS,
    ROW_MASK,
    joint,
    make_keys,
    pairs_by,
    refinements,
)
from idp_cdi.matching.text import mix, mix_one

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idp_cdi.matching.blocking import Hashes
    from idp_cdi.matching.model import Model
    from idp_cdi.matching.records import Records


def outgrown(records: Records, model: Model) -> dict[str, Hashes]:
    """The heavy keys of a model for all records of a table: those that grew too large included."""
    worth = model.worth_of_words(records)
    refine = refinements(records, model.plan, worth)
    heavy = dict(model.heavy)
    for key in make_keys(records, model.plan, worth):
        pairs_by(key, refine, heavy, learn=False, count=True)
    return heavy


def entries(records: Records, model: Model) -> NDArray[np.uint64]:
    """All keys of all records under a model, as sorted key << 24 | row: an index of candidates.

    Two records share an entry's key when `find` makes them a pair with the same model.
    """
    worth = model.worth_of_words(records)
    refine: list[tuple[str, Hashes]] | None = None
    out = [np.zeros(0, dtype=np.uint64)]
    for number, key in enumerate(make_keys(records, model.plan, worth)):
        size = len(key.values[0])
        values = key.values[0] if len(key.values) == 1 else np.concatenate(key.values)
        rows = np.flatnonzero(values)
        if not len(rows):
            continue
        values, rows = values[rows], rows % size
        heavy = _is_heavy(values, model.heavy.get(key.name))
        if not heavy.any():
            out.append(_entry(values, rows, number, 0))
            continue
        refine = refinements(records, model.plan, worth) if refine is None else refine
        out.append(_entry(values[~heavy], rows[~heavy], number, 0))
        values, rows = values[heavy] & ~ROW_MASK, rows[heavy]
        for step, (other, part) in enumerate(refine, start=1):
            if other in key.fields or not len(rows) or not key.refined:
                continue
            finer = joint(values, part[rows])
            light = (finer != NONE) & ~_is_heavy(finer, model.heavy.get(f"{key.name} + {other}"))
            out.append(_entry(finer[light], rows[light], number, step))
    return np.sort(np.concatenate(out))


def _is_heavy(values: Hashes, heavy: Hashes | None) -> NDArray[np.bool_]:
    if heavy is None or not len(heavy):
        return np.zeros(len(values), dtype=bool)
    block = values >> ROW_BITS
    at = np.minimum(np.searchsorted(heavy, block), len(heavy) - 1)
    found: NDArray[np.bool_] = heavy[at] == block
    return found


def _entry(values: Hashes, rows: NDArray[np.int64], number: int, step: int) -> NDArray[np.uint64]:
    """Keys of one kind as entries; the kind is mixed in, for kinds do not meet."""
    kind = np.uint64((number * 64 + step + 1) << 32)
    if len(values) == 1:
        own = mix_one(((int(values[0]) & ~int(ROW_MASK)) + int(kind)) & ALL)
        return np.array([(own & ~int(ROW_MASK)) | int(rows[0])], dtype=np.uint64)
    return (mix((values & ~ROW_MASK) + kind) & ~ROW_MASK) | rows.astype(np.uint64)
