"""Texts that are clean as they stand, told for whole columns at once.

Most texts of a good feed are what their standardiser makes of them. `is_clean` finds most of those
by a pattern that is stricter than the standardiser, so that only the others are cleaned one by one;
a property test holds that it never says so of a text that would be changed or refused.
`has_legal_form` does the same for the question whether a name has a legal form.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.standardisers import _legal_forms, postal_code
from idp_cdi.standardisers._text import PLACEHOLDERS, PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Letters that are the same in every Unicode normal form of composed characters.
_L = "A-Za-zÀ-ÖØ-öø-ſ"
_PATTERNS = {
    "name": rf"^[{_L}0-9][{_L}0-9.&'()/+,-]*(?: [{_L}0-9.&'()/+,-]+)*$",
    "street": rf"^[{_L}0-9][{_L}0-9.&'()/-]*(?: [{_L}0-9.&'()/-]+)*$",
    "city": rf"^[{_L}][{_L}.'()-]*(?: [{_L}.'()-]+)*$",
    "email": r"^[A-Za-z0-9_%+][A-Za-z0-9._%+-]*@[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+$",
}
# How they must end: what is beyond would be cut off.
_ENDS = {"name": rf"[{_L}0-9.)]$", "street": rf"[{_L}0-9.)]$", "city": rf"[{_L})]$"}
_EDGES = " ,;:.-|*/'\"“”„«»‘’‚"


def is_clean(
    kind: str, texts: Any, where: NDArray[np.int64] | None = None, names: Sequence[str] = ("",)
) -> NDArray[np.bool_]:
    """Which Arrow strings are surely clean values of their kind, and free of marks of JSON.

    Args:
        kind: The kind of value.
        texts: Arrow strings.
        where: The country of each, as an index into `names`; the first one's where left out.
        names: Countries, ISO 3166-1 alpha-2, "" for unknown.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if kind == "postal_code":
        digits = pc.match_substring_regex(texts, r"^[0-9]+$").to_numpy(zero_copy_only=False)
        wanted = np.array([postal_code.LENGTH.get(name, -1) for name in names], dtype=np.int64)
        lengths = pc.binary_length(texts).to_numpy(zero_copy_only=False)
        fits: NDArray[np.bool_] = digits & (lengths == wanted[0 if where is None else where])
        return fits
    if kind not in _PATTERNS:
        return np.zeros(len(texts), dtype=bool)
    good = pc.match_substring_regex(texts, _PATTERNS[kind])
    if kind in _ENDS:
        good = pc.and_(good, pc.match_substring_regex(texts, _ENDS[kind]))
        core = pc.utf8_lower(pc.utf8_trim(texts, _EDGES))
        nothing = pc.is_in(core, value_set=pa.array(_nothing(), pa.string()))
        good = pc.and_(good, pc.invert(nothing))
    if kind == "city":
        cedex = pc.match_substring(texts, "cedex", ignore_case=True)
        good = pc.and_(good, pc.invert(cedex))
    found: NDArray[np.bool_] = good.to_numpy(zero_copy_only=False)
    return found


@cache
def _nothing() -> tuple[str, ...]:
    return tuple(sorted(PLACEHOLDERS | {word.lower() for word in PROGRAMS}))


@cache
def _form_words() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words at which a legal form may end, begin or stand; and words that are one by themselves."""
    table = _legal_forms._table()
    telling = {*table.last_words, *table.first_words, *(s.split()[0] for s in table.anywhere)}
    alone = {s for s in table.spellings if s.isascii() and s.isalnum() and len(s) > 1}
    return tuple(sorted(telling)), tuple(sorted(alone))


def has_legal_form(names: Any) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which names have a legal form, and of which that is known; the others need a closer look.

    Surely one has a form whose last word is one, after a word too long to be an article. Surely
    none has it in which no word can be part of one.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    telling, alone = (pa.array(words, pa.string()) for words in _form_words())
    usual = pc.match_substring_regex(names, rf"^[{_L}0-9][{_L}0-9 .&,()/-]*[{_L}0-9.)]$")
    words = pc.split_pattern_regex(
        pc.utf8_trim(pc.utf8_lower(names), " .&,()/-"), r"[^\p{L}\p{N}]+"
    )
    counts = pc.list_value_length(words).to_numpy(zero_copy_only=False)
    flat, stops = words.flatten(), np.cumsum(counts)
    sizes = np.concatenate(([0], np.cumsum(_true(pc.greater(pc.utf8_length(flat), 3)))))
    last = pc.is_in(flat.take(pa.array(stops - 1)), value_set=alone)
    surely = _true(pc.and_(usual, last)) & (sizes[stops - 1] > sizes[stops - counts])
    may = np.concatenate(([0], np.cumsum(_true(pc.is_in(flat, value_set=telling)))))
    short = np.concatenate(([0], np.cumsum(_true(pc.less(pc.utf8_length(flat), 2)))))
    never = (may[stops] == may[stops - counts]) & (short[stops] == short[stops - counts])
    never &= _true(pc.and_(usual, pc.string_is_ascii(names)))
    never &= ~_true(pc.match_substring(names, "&"))
    return surely, surely | never


def _true(column: Any) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = column.to_numpy(zero_copy_only=False)
    return found
