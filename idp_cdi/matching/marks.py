"""Numbers of which one party has only one: two valid VAT ids of one country are two parties.

A person and an organisation are two as well, even where a record that may be either's is near both.

Weights say how likely two records are one party; a mark says that they can't be. Only the records
that some pair would join in spite of different numbers are looked at, so that it costs little.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from idp_cdi.matching.clusters import Mark, components
from idp_cdi.matching.columns import squeeze
from idp_cdi.matching.names import PERSON
from idp_cdi.matching.tokens import Values
from idp_cdi.standardisers import lei, vat_id

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idp_cdi.matching.model import Model
    from idp_cdi.matching.records import Records

_LEI = re.compile(r"(^|_)lei(_|$)")
_VAT = re.compile(r"vat|ust|uid|tva|iva|btw|nip|(^|_)tax")
#: Below this confidence a value may be a misreading and keeps nobody apart.
SURE = 0.9
#: A number differs within this share of the matches at most, where a party has one.
ONE = 0.05


def marks(
    records: Records,
    model: Model,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    weight: NDArray[np.float64],
    threshold: float,
) -> list[Mark]:
    """The marks that matter to the clusters of some compared pairs.

    Args:
        records: Those that were compared.
        model: What they were weighed by.
        left: Row numbers of the pairs.
        right: Row numbers, as many.
        weight: Match weights in bits.
        threshold: The weight from which a pair joins.
    """
    joined = _Joined(records.size, left, right, weight >= threshold)
    return [*_valid(records, joined), *_confirmed(records, model, joined), *_kinds(records, joined)]


class _Joined:
    """Pairs that join, and the components that they make, worked out when they are wanted."""

    def __init__(
        self,
        size: int,
        left: NDArray[np.int64],
        right: NDArray[np.int64],
        joins: NDArray[np.bool_],
    ) -> None:
        self.size, self.left, self.right = size, left[joins], right[joins]

    @cached_property
    def group(self) -> NDArray[np.int64]:
        """The component of each record."""
        return components(self.size, self.left, self.right)


def _valid(records: Records, joined: _Joined) -> list[Mark]:
    """Marks from valid VAT ids and LEIs that differ within a component."""
    out: list[Mark] = []
    for name, content in records.fields.items():
        kind = (
            "lei" if _LEI.search(squeeze(name)) else "vat_id" if _VAT.search(squeeze(name)) else ""
        )
        if not kind or not isinstance(content, Values):
            continue
        x, y = content.codes[joined.left], content.codes[joined.right]
        if not bool(((x >= 0) & (y >= 0) & (x != y)).any()):
            continue
        # Two that differ may be joined by a third without a number: look at whole components.
        valued = np.flatnonzero(content.codes >= 0)
        sure = records.confidence.get(name)
        for row in _clashing(joined.group, valued, content.codes).tolist():
            value = str(content.strings[content.codes[row]])
            found = mark_kind(kind, value) if sure is None or sure[row] >= SURE else ""
            if found:
                out.append(Mark(row, found, value))
    return out


def _confirmed(records: Records, model: Model, joined: _Joined) -> list[Mark]:
    """Marks from numbers of any kind that two records of one party have, where parties have one.

    One record's number may be mistyped; of two numbers with two records each neither is. A number
    is one of which a party has one if the model learned that: different numbers are rare in it.
    """
    out: list[Mark] = []
    for name, part in model.fields.items():
        content = records.fields[name]
        if part.kind != "identifier" or part.shares[0, :, 1].max() > ONE:
            continue
        assert isinstance(content, Values)
        x = content.codes[joined.left]
        both = (x >= 0) & (x == content.codes[joined.right])
        rows = np.unique(np.concatenate((joined.left[both], joined.right[both])))
        if not len(rows):
            continue
        rows = _clashing(joined.group, rows, content.codes)
        out += [Mark(row, f"two {name}", int(content.codes[row])) for row in rows.tolist()]
    return out


def _clashing(
    group: NDArray[np.int64], rows: NDArray[np.int64], codes: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Those of `rows` whose group has another value as well."""
    several = np.bincount(group[rows], minlength=1) > 1
    rows = rows[several[group[rows]]]
    order = np.lexsort((codes[rows], group[rows]))
    own, value = group[rows][order], codes[rows][order]
    clash = own[1:][(own[1:] == own[:-1]) & (value[1:] != value[:-1])]
    return rows[np.isin(group[rows], clash)]


def _kinds(records: Records, joined: _Joined) -> list[Mark]:
    """Persons and organisations in components that have both."""
    told = np.flatnonzero(records.group > 0)
    is_person = records.group[told] == PERSON
    if is_person.all() or not is_person.any():
        return []
    own = joined.group[told]
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
