"""Columns of amounts that add up: which amount is a sum, and which ones it is the sum of.

A label "Gross Amount" over a column points to the first row of a table as well as to its total. The
arithmetic tells them apart in any language: an amount that is the sum of those right above it in
its column is a total, and they are not.

>>> from decimal import Decimal as D
>>> added([D("325.00"), D("3050.00"), D("3375.00")])
[(2, (0, 1))]
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from idp_cdi.extractors import forms, forms_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from idp_cdi.scoring.custom import Guess
    from idp_cdi.scoring.custom_sheet import Sheet
    from idp_cdi.scoring.custom_types import DocType, FieldType

_ALIGNED = 3.0
"""Points by which the right edges of one column may differ."""
_MOST = 60
"""Amounts above a total that are added at most."""
_CENTS = re.compile(r"[.,]\d\d\D*$")
_TOTAL = re.compile(r"total|gesamt|summe|gross|brutto|netto|amountdue|balance|importe|importo")
_LESS = 0.4
"""What is left of the score of an amount that is only a part of another one."""


def added(column: Sequence[Decimal]) -> list[tuple[int, tuple[int, ...]]]:
    """The amounts of a column that are the sum of two or more right above them.

    Args:
        column: Amounts from top to bottom.

    Returns:
        Index of each sum and the indexes of its parts.
    """
    out = []
    for j in range(2, len(column)):
        total = Decimal(0)
        for i in range(j - 1, max(-1, j - 1 - _MOST), -1):
            total += column[i]
            if j - i > 1 and total == column[j] and column[i] > 0:
                out.append((j, tuple(range(i, j))))
                break
            if total > column[j]:
                break
    return out


def parts(sheet: Sheet) -> dict[str, frozenset[str]]:
    """For each amount that is a sum the amounts that it is the sum of; values as normalised."""
    columns: list[tuple[float, list[str]]] = []
    for row in sheet.lines:
        for a, b in forms.chunks(row):
            for v in forms_values.find("amount", row.texts[a:b]):
                if not _CENTS.search(row.texts[a + v.first]) or v.value.startswith("-"):
                    continue
                edge = row.boxes[a + v.first].x1
                column = next((c for x, c in columns if abs(x - edge) < _ALIGNED), None)
                if column is None:
                    columns.append((edge, [v.value]))
                elif Decimal(v.value) > 0:
                    column.append(v.value)
    out: dict[str, frozenset[str]] = {}
    for _, column in columns:
        for j, of in added([Decimal(v) for v in column]):
            out[column[j]] = out.get(column[j], frozenset()) | {column[i] for i in of}
    return out


def settle(sheet: Sheet, kind: DocType, guesses: Mapping[str, list[Guess]]) -> None:
    """Give the place of an amount that is part of a sum to the sum, for fields that are totals.

    Args:
        sheet: The document.
        kind: Its type.
        guesses: By field, best first; scores and order change.
    """
    fields = [f for f in kind.fields.values() if f.kind == "amount" and is_total(f)]
    if not any(len(guesses.get(f.name, ())) > 1 for f in fields):
        return
    known = parts(sheet)
    for f in fields:
        many = guesses.get(f.name, [])
        for g in list(many):
            sums = [o for o in many if o is not g and g.value in known.get(o.value, ())]
            if sums:
                best = max(sums, key=lambda o: o.score)
                best.score = max(best.score, g.score)
                g.score *= _LESS
        many.sort(key=lambda g: -g.score)


def is_total(field: FieldType) -> bool:
    """Whether a field is a total by its name or its labels."""
    names: Iterable[str] = (field.name, *(w.letters for w in field.wordings))
    return any(_TOTAL.search(n) for n in names)
