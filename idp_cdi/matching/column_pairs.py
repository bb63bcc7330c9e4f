"""Columns of several tables that hold the same thing, brought under one name.

A CRM calls ``Phone`` what an ERP calls ``TELF1``. Columns are paired by what their names mean, then
numbers by the values that they have in common, then by kind; what stays alone is a column of its
own table only.

>>> import pyarrow as pa
>>> crm = pa.table({"Company": ["Holm Bau AG"], "Phone": ["030 1"], "VAT": ["DE136695976"]})
>>> erp = pa.table({"NAME1": ["HOLM BAU"], "TELF1": ["+49 30 1"], "STCEG": ["DE136695976"]})
>>> renamed(crm, erp)
{'NAME1': 'Company', 'TELF1': 'Phone', 'STCEG': 'VAT'}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idp_cdi.matching.columns import Column, Kind, detect, meaning

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

_ONE = frozenset({
    Kind.RECORD_ID, Kind.ENTITY_TYPE, Kind.NAME, Kind.GIVEN, Kind.MIDDLE, Kind.FAMILY, Kind.STREET,
    Kind.HOUSE, Kind.CITY, Kind.POSTCODE, Kind.STATE, Kind.COUNTRY, Kind.PHONE, Kind.EMAIL,
    Kind.WEBSITE, Kind.BIRTH_YEAR, Kind.BIRTH_MONTH, Kind.BIRTH_DAY, Kind.LATITUDE, Kind.LONGITUDE,
})  # fmt: skip
"""Kinds of which the first column of one table is the first of another."""
_NUMBERS = frozenset({Kind.IDENTIFIER, Kind.RECORD_ID, Kind.ACCOUNT})
_SAMPLE = 20_000
_COMMON, _FEWEST = 0.05, 3
"""Two columns of numbers are one where this share of the fewer values is common, and so many."""


def aligned(tables: Sequence[Any]) -> tuple[Any, dict[str, str]]:
    """One table of all rows, in order, and the columns that were renamed (old name to new).

    Args:
        tables: Arrow tables of strings.
    """
    import pyarrow as pa

    whole, names = tables[0], dict[str, str]()
    for table in tables[1:]:
        new = renamed(whole, table)
        names |= new
        told = table.rename_columns([new.get(n, n) for n in table.column_names])
        whole = pa.concat_tables([whole, told], promote_options="default")
    return whole, names


def renamed(first: Any, second: Any) -> dict[str, str]:
    """The columns of the second table that are columns of the first by another name."""
    both = set(first.column_names) & set(second.column_names)
    found = detect(second)
    left = [c for c in detect(first) if c.name not in both]
    right = [c for c in found if c.name not in both]
    taken = {c.kind for c in found if c.name in both}
    pairs: dict[str, str] = {}

    def pair(key: Callable[[Column], Hashable]) -> None:
        for column in right:
            if column.name in pairs or key(column) is None:
                continue
            other = next(
                (c for c in left if c.name not in pairs.values() and key(c) == key(column)), None
            )
            if other is not None:
                pairs[column.name] = other.name

    pair(lambda c: None if c.kind is Kind.IGNORED else meaning(c.name))
    _common_numbers(first, second, left, right, pairs)
    pair(lambda c: c.kind if c.kind in _ONE - taken else None)
    return pairs


def _common_numbers(
    first: Any, second: Any, left: list[Column], right: list[Column], pairs: dict[str, str]
) -> None:
    """Pair columns of numbers by the values that they have in common, the most first."""
    sets = [
        {c.name: _values(t, c.name) for c in columns if c.kind in _NUMBERS}
        for t, columns in ((first, left), (second, right))
    ]
    found = []
    for a, ours in sets[0].items():
        for b, theirs in sets[1].items():
            common = len(ours & theirs)
            if common >= max(_FEWEST, _COMMON * min(len(ours), len(theirs))):
                found.append((-common, a, b))
    for _, a, b in sorted(found):
        if a not in pairs.values() and b not in pairs:
            pairs[b] = a


def _values(table: Any, name: str) -> set[str]:
    """Some of the values of a column that say more than a small counter does."""
    import pyarrow.compute as pc

    found = pc.unique(table.column(name)).slice(0, _SAMPLE).to_pylist()
    return {v for v in found if v and len(v) >= 6}
