"""Where a document contradicts itself: sums, dates, check digits, page against embedded data.

Each contradiction is laid at the door of one field, the least certain one that no person has
confirmed. When all of them are confirmed, the page itself is wrong and nobody is asked again.

>>> from idp_cdi.extractions import Extraction, Field
>>> def seen(name, value, sure): return Field(name, value, value, sure)
>>> odd = Extraction("a.pdf", "0" * 64, "invoice", 1.0, "en", 1, "pdf", 0.1, fields=(
...     seen("net_total", "100.00", 0.99), seen("tax_total", "19.00", 0.97),
...     seen("total", "120.00", 0.95)))
>>> contradictions(odd)
{('total', '', '120.00'): ('net_total 100.00 + tax_total 19.00 is 119.00, not 120.00',)}
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from idp_cdi.errors import IdpCdiError, SettingsError
from idp_cdi.fields import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp_cdi.extractions import Extraction, Field

#: (name, group, value) of a field → what speaks against it.
Against = dict[tuple[str, str, str], tuple[str, ...]]

#: Marks a value that a person gave or confirmed, in `Field.method`.
PERSON = "person"

_ORDERED = (("issue_date", "due_date"), ("period_start", "period_end"))
_CHECKED = frozenset(("vat_id", "iban", "lei"))
#: Rounding per line and per tax rate adds up; more than this is no rounding.
_SLACK = Decimal("0.05")


def contradictions(extraction: Extraction) -> Against:
    """What speaks against which value of `extraction`."""
    found: Against = {}
    for suspects, words in (
        *_sums(extraction),
        *_dates(extraction),
        *_check_digits(extraction),
        *_told(extraction),
    ):
        open_ones = [f for f in suspects if not f.method.startswith(PERSON)]
        if open_ones:
            worst = min(open_ones, key=lambda f: (f.confidence, f.name))
            key = (worst.name, worst.group, worst.value)
            found[key] = (*found.get(key, ()), words)
    return found


def _sums(extraction: Extraction) -> Iterator[tuple[list[Field], str]]:
    for first, sign, second, result in (
        ("net_total", "+", "tax_total", "total"),
        ("total", "-", "prepaid", "amount_due"),
    ):
        parts = [extraction.best(name) for name in (first, second, result)]
        values = [_number(part) for part in parts]
        if None in values:
            continue
        a, b, c = (v for v in values if v is not None)
        wanted = a + b if sign == "+" else a - b
        # Credit notes are printed with and without a minus; the sum is right either way.
        if abs(abs(wanted) - abs(c)) > _SLACK:
            fields_ = [p for p in parts if p is not None]
            words = f"{first} {a} {sign} {second} {b} is {wanted}, not {c}"
            yield fields_, words


def _dates(extraction: Extraction) -> Iterator[tuple[list[Field], str]]:
    for first, second in _ORDERED:
        a, b = extraction.best(first), extraction.best(second)
        # ISO dates compare as text.
        if a and b and len(a.value) == len(b.value) == 10 and b.value < a.value:
            yield [a, b], f"{second} {b.value} is before {first} {a.value}"


def _check_digits(extraction: Extraction) -> Iterator[tuple[list[Field], str]]:
    from idp_cdi.standardisers import standardise

    for item in extraction.fields:
        try:
            kind = fields().get(item.name).kind
        except SettingsError:
            continue
        if kind in _CHECKED:
            try:
                code = standardise(kind, item.value).code
            except IdpCdiError as error:
                code = error.code
            if code == "value.checksum":
                yield [item], "its check digits are wrong"


def _told(extraction: Extraction) -> Iterator[tuple[list[Field], str]]:
    """Contradictions that reading or extraction reported about a field."""
    for problem in extraction.problems:
        head, _, name = problem.code.partition(".")
        if problem.code == "embedded.disagrees":
            name = problem.message.rpartition(" ")[2]
        elif head != "contradiction":
            continue
        item = extraction.best(name)
        if item is not None:
            yield [item], problem.message


def _number(item: Field | None) -> Decimal | None:
    try:
        return None if item is None else Decimal(item.value)
    except InvalidOperation:
        return None
