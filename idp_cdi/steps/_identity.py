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

from idp_cdi.standardisers import _legal_forms
from idp_cdi.standardisers._text import PLACEHOLDERS, PROGRAMS

if TYPE_CHECKING:
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


def is_clean(kind: str, texts: Any) -> NDArray[np.bool_]:
    """Which Arrow strings are surely clean values of their kind, and free of marks of JSON."""
    import pyarrow as pa
    import pyarrow.compute as pc

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
def _form_words() -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Words at which a legal form may end, begin or stand; single words that are one; articles."""
    table = _legal_forms._table()
    telling = {*table.last_words, *table.first_words, *(s.split()[0] for s in table.anywhere)}
    alone = {s for s in table.spellings if " " not in s}
    return tuple(sorted(telling)), tuple(sorted(alone)), tuple(sorted(_legal_forms._ARTICLES))


def has_legal_form(names: Any) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which names have a legal form, and of which that is known; the others need a closer look."""
    import pyarrow as pa
    import pyarrow.compute as pc

    telling, alone, articles = (pa.array(words, pa.string()) for words in _form_words())
    plain = pc.match_substring_regex(names, r"^[A-Za-z0-9][A-Za-z0-9 .&,()/-]*[A-Za-z0-9.)]$")
    single = pc.match_substring_regex(names, r"(?:^|[^A-Za-z0-9])[A-Za-z0-9](?:[^A-Za-z0-9]|$)")
    lower = pc.ascii_lower(names)
    words = pc.split_pattern_regex(pc.ascii_trim(lower, " .&,()/-"), r"[^a-z0-9]+")
    counts = pc.list_value_length(words).to_numpy(zero_copy_only=False)
    flat = words.flatten()
    stops = np.cumsum(counts)
    may = np.concatenate(
        ([0], np.cumsum(pc.is_in(flat, value_set=telling).to_numpy(zero_copy_only=False)))
    )
    never = may[stops] == may[stops - counts]
    last = flat.take(pa.array(stops - 1))
    first = flat.take(pa.array(stops - counts))
    surely = pc.and_(
        pc.is_in(last, value_set=alone), pc.invert(pc.is_in(first, value_set=articles))
    ).to_numpy(zero_copy_only=False)
    surely &= counts > 1
    easy = pc.and_(plain, pc.invert(single)).to_numpy(zero_copy_only=False)
    joined = pc.match_substring(names, "&").to_numpy(zero_copy_only=False)
    known = easy & (surely | (never & ~joined))
    return surely & known, known
