"""Columns of strings: long ones are Arrow arrays, short ones Python lists, with the same functions.

A call of Arrow costs more than the work itself where one record is looked at; a list of one string
is done in a microsecond. `is_plain` says for which letters both do exactly the same.

>>> lower(["Ann", None]), last(["12345"], 3), coalesce([None, "b"], ["a", "c"])
(['ann', None], ['345'], ['a', 'b'])
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from idp_cdi.matching.raw import DIGITS, has, mapped, untrimmed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

# Up to so many strings Python's regular expressions are faster than compiling Arrow's.
SMALL = 2000
# Letters that Python makes two of in another case, and Arrow one (ß is dealt with in `upper`).
_GROWING = frozenset(
    c for c in map(chr, range(0x300)) if c != "ß" and max(len(c.upper()), len(c.lower())) > 1
)
#: Up to so many records are prepared as lists.
FEW = 64


def is_plain(values: Iterable[str | None]) -> bool:
    """Whether Python and Arrow see all these letters alike: Latin ones without combining marks.

    Of blanks that is the common one alone: RE2 takes none beyond ASCII for one.
    """
    joined = "".join(s for s in values if s)
    return joined.isprintable() and (
        joined.isascii() or (max(joined) < "\u0300" and _GROWING.isdisjoint(joined))
    )


def as_list(values: Any) -> list[str | None]:
    """The strings of either kind of column."""
    found: list[str | None] = values if isinstance(values, list) else values.to_pylist()
    return found


def cleaned(values: Any) -> Any:
    """Blanks around values go, "" becomes null."""
    if isinstance(values, list):
        return [s.strip() or None if s is not None else None for s in values]
    import pyarrow as pa
    import pyarrow.compute as pc

    mask = untrimmed(values) & values.is_valid().to_numpy(zero_copy_only=False)
    if not mask.any():
        return values
    some = pc.utf8_trim_whitespace(values.filter(pa.array(mask)))
    some = pc.if_else(pc.equal(some, ""), pa.scalar(None, pa.string()), some)
    return pc.replace_with_mask(values, pa.array(mask), some)


def lower(values: Any) -> Any:
    """In lower case."""
    if isinstance(values, list):
        return [s if s is None else s.lower() for s in values]
    import pyarrow.compute as pc

    return pc.utf8_lower(values)


def upper(values: Any) -> Any:
    """In upper case."""
    if isinstance(values, list):
        return [s if s is None else s.replace("ß", "ẞ").upper() for s in values]
    import pyarrow.compute as pc

    return pc.utf8_upper(values)


def without(values: Any, *signs: str) -> Any:
    """Without some substrings."""
    if isinstance(values, list):
        out = values
        for sign in signs:
            out = [s if s is None or sign not in s else s.replace(sign, "") for s in out]
        return out
    import pyarrow.compute as pc

    for sign in signs:
        if has(values, sign):
            values = pc.replace_substring(values, sign, "")
    return values


def without_quotes(values: Any) -> Any:
    """Without apostrophes and quotes: "O'Hara" is "OHara"."""
    return without(values, *"'’`´")


def choose(where: NDArray[Any], yes: Any, no: Any) -> Any:
    """`yes` where a mask is true, else `no`."""
    if isinstance(yes, list):
        return [a if w else b for w, a, b in zip(where.tolist(), yes, no, strict=True)]
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.if_else(pa.array(where), yes, no)


def at_least(values: Any, length: int) -> Any:
    """Strings shorter than `length` become null."""
    if isinstance(values, list):
        return [s if s is None or len(s) >= length else None for s in values]
    import pyarrow as pa
    import pyarrow.compute as pc

    none = pa.scalar(None, pa.string())
    return pc.if_else(pc.greater_equal(pc.utf8_length(values), length), values, none)


def last(values: Any, length: int) -> Any:
    """The last letters of each string."""
    if isinstance(values, list):
        return [s if s is None else s[-length:] for s in values]
    import pyarrow.compute as pc

    return pc.utf8_slice_codeunits(values, -length)


def coalesce(*columns: Any) -> Any:
    """The first string that is there."""
    if isinstance(columns[0], list):
        return [next((s for s in row if s is not None), None) for row in zip(*columns, strict=True)]
    import pyarrow.compute as pc

    return pc.coalesce(*columns)


def filled(values: Any, others: Any, made: Callable[[Any], Any]) -> Any:
    """`values`, and where one is missing what `made` makes of the string of `others`."""
    if isinstance(values, list):
        return coalesce(values, made(others))
    import pyarrow.compute as pc

    missing = values.is_null()
    return pc.replace_with_mask(values, missing, made(others.filter(missing)))


def joined(columns: list[Any]) -> Any:
    """Columns joined by blanks, nulls skipped; null where all are."""
    if len(columns) == 1:
        return columns[0]
    if isinstance(columns[0], list):
        rows = (" ".join(s or "" for s in row).strip() for row in zip(*columns, strict=True))
        return [row or None for row in rows]
    import pyarrow as pa
    import pyarrow.compute as pc

    # null_handling="skip" loses rows that are all null in some versions of Arrow.
    filled = [pc.fill_null(c, "") for c in columns]
    text = pc.utf8_trim_whitespace(pc.binary_join_element_wise(*filled, " "))
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def mean_length(values: Any) -> float:
    """How long the strings are on average, missing ones not counted."""
    lengths = [len(s) for s in values if s is not None] if isinstance(values, list) else None
    if lengths is not None:
        return sum(lengths) / len(lengths) if lengths else 0.0
    import pyarrow.compute as pc

    return float(pc.mean(pc.utf8_length(values)).as_py() or 0.0)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _plain(values: Any) -> list[str | None] | None:
    """The strings, where they are few and of letters that both regex engines see alike."""
    if isinstance(values, list):
        return values
    if len(values) > SMALL:
        return None
    strings: list[str | None] = values.to_pylist()
    return strings if is_plain(strings) else None


def _like(values: Any, strings: list[str | None]) -> Any:
    """`strings` as the kind of column that `values` is."""
    if isinstance(values, list):
        return strings
    import pyarrow as pa

    return pa.array(strings, type=pa.string())


def replace(values: Any, pattern: str, by: str, python: str = "") -> Any:
    """Replace what matches `pattern` (RE2).

    Compiling an RE2 pattern with Unicode classes takes milliseconds; for a few strings Python's
    own engine does the same with the pattern `python`.
    """
    strings = _plain(values)
    if strings is None:
        import pyarrow.compute as pc

        return pc.replace_substring_regex(values, pattern, by)
    substitute = _compiled(python or pattern).sub
    return _like(values, [s if s is None else substitute(by, s) for s in strings])


def digits(values: Any) -> Any:
    """The digits of each string."""
    if isinstance(values, list):
        return [s if s is None else "".join(c for c in s if c in "0123456789") for s in values]
    return mapped(values, DIGITS)


def extract(values: Any, pattern: str) -> Any:
    """The first group of `pattern` in each string, null where there is none."""
    strings = _plain(values)
    if strings is None:
        import pyarrow.compute as pc

        return pc.struct_field(pc.extract_regex(values, pattern), [0])
    search = _compiled(pattern).search
    found = [None if s is None else search(s) for s in strings]
    return _like(values, [None if m is None else m[1] for m in found])
