"""Numbers of which one party has only one: two valid VAT ids of one country are two parties.

A person and an organisation are two as well, even where a record that may be either's is near both.

Weights say how likely two records are one party; a mark says that they can't be. Only the records
that some pair would join in spite of different numbers are looked at, so that it costs little.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from idp_cdi.matching.clusters import Mark, components
from idp_cdi.matching.columns import squeeze
from idp_cdi.matching.names import PERSON
from idp_cdi.matching.tokens import Values
from idp_cdi.standardisers import lei, vat_id

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idp_cdi.matching.records import Records

_LEI = re.compile(r"(^|_)lei(_|$)")
_VAT = re.compile(r"vat|ust|uid|tva|iva|btw|nip|(^|_)tax")
#: Below this confidence a value may be a misreading and keeps nobody apart.
SURE = 0.9


def marks(
    records: Records,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    weight: NDArray[np.float64],
    threshold: float,
) -> list[Mark]:
    """The marks that matter to the clusters of some compared pairs.

    Args:
        records: Those that were compared.
        left: Row numbers of the pairs.
        right: Row numbers, as many.
        weight: Match weights in bits.
        threshold: The weight from which a pair joins.
    """
    joins = weight >= threshold
    left, right = left[joins], right[joins]
    out: list[Mark] = []
    group: NDArray[np.int64] | None = None
    for name, content in records.fields.items():
        kind = (
            "lei" if _LEI.search(squeeze(name)) else "vat_id" if _VAT.search(squeeze(name)) else ""
        )
        if not kind or not isinstance(content, Values):
            continue
        x, y = content.codes[left], content.codes[right]
        if not bool(((x >= 0) & (y >= 0) & (x != y)).any()):
            continue
        group = components(records.size, left, right) if group is None else group
        # Two that differ may be joined by a third without a number: look at whole components.
        valued = np.flatnonzero(content.codes >= 0)
        order = np.lexsort((content.codes[valued], group[valued]))
        own, codes = group[valued][order], content.codes[valued][order]
        clash = own[1:][(own[1:] == own[:-1]) & (codes[1:] != codes[:-1])]
        sure = records.confidence.get(name)
        for row in valued[np.isin(group[valued], clash)].tolist():
            value = str(content.strings[content.codes[row]])
            found = mark_kind(kind, value) if sure is None or sure[row] >= SURE else ""
            if found:
                out.append(Mark(row, found, value))
    return out + _kinds(records, left, right)


def _kinds(records: Records, left: NDArray[np.int64], right: NDArray[np.int64]) -> list[Mark]:
    """Persons and organisations in components that have both."""
    told = np.flatnonzero(records.group > 0)
    is_person = records.group[told] == PERSON
    if is_person.all() or not is_person.any():
        return []
    own = components(records.size, left, right)[told]
    persons = np.bincount(own[is_person], minlength=records.size)
    others = np.bincount(own[~is_person], minlength=records.size)
    mixed = (persons > 0) & (others > 0)
    rows = told[mixed[own]]
    return [Mark(row, "kind", int(records.group[row])) for row in rows.tolist()]


@lru_cache(maxsize=65536)
def mark_kind(field: str, value: str) -> str:
    """The kind of mark, "" where the value is no valid number of its kind."""
    if field == "lei":
        return "lei" if lei.is_valid(value) else ""
    country = dict(vat_id.derive(value)).get("country", "")
    return f"vat_id:{country}" if country and vat_id.is_valid(value) else ""
