"""The keys of records under a model as one sorted array: an index of candidates.

Its entries are those by which `idp_cdi.matching.blocking.find` makes pairs with the same model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from idp_cdi.matching.blocking import (
    NONE,
    ROW_BITS,
    ROW_MASK,
    joint,
    joint_one,
    keys_of_both,
    make_keys,
    pairs_by,
    refinements,
    sides,
)
from idp_cdi.matching.text import ALL, mix, mix_one

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idp_cdi.matching.blocking import Hashes
    from idp_cdi.matching.model import Model
    from idp_cdi.matching.records import Records

_ROW = int(ROW_MASK)


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
    if records.size == 1:
        return _entries_of_one(records, model)
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


def _entries_of_one(records: Records, model: Model) -> NDArray[np.uint64]:
    """`entries` of one record, by integers: a call of NumPy costs more than ten of them."""
    worth = model.worth_of_words(records)
    refine: list[tuple[str, int]] | None = None
    out: list[int] = []
    turns = sides(records, model.plan)
    for number, key in enumerate(keys_of_both(records, model.plan, worth)):
        heavy = model.heavy.get(key.name)
        made = [one.item() for one in key.values]
        for value in [value ^ turn for value in made if value for turn in turns]:
            if not _is_heavy_one(value, heavy):
                out.append(_entry_of_one(value, number, 0))
                continue
            if refine is None:
                parts = refinements(records, model.plan, worth)
                refine = [(name, part.item()) for name, part in parts]
            for step, (other, part) in enumerate(refine if key.refined else (), start=1):
                finer = 0 if other in key.fields else joint_one(value & ~_ROW, part)
                name = f"{key.name} + {other}"
                if finer and not _is_heavy_one(finer, model.heavy.get(name)):
                    out.append(_entry_of_one(finer, number, step))
    return np.array(sorted(out), dtype=np.uint64)


def _is_heavy_one(value: int, heavy: Hashes | None) -> bool:
    if heavy is None or not len(heavy):
        return False
    block = np.uint64(value >> int(ROW_BITS))
    return bool(heavy[min(int(heavy.searchsorted(block)), len(heavy) - 1)] == block)


def _entry_of_one(value: int, number: int, step: int) -> int:
    """`_entry` of the only row."""
    kind = (number * 64 + step + 1) << 32
    return mix_one(((value & ~_ROW) + kind) & ALL) & ~_ROW


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
    return (mix((values & ~ROW_MASK) + kind) & ~ROW_MASK) | rows.astype(np.uint64)
