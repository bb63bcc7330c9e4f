"""City: as printed, without postal code, "CEDEX" and country behind it.

>>> clean("  75008   PARIS CEDEX 08 "), clean("München")
('PARIS', 'München')
>>> key("Frankfurt a. M."), key("FRANKFURT AM MAIN"), key("St. Gallen"), key("Köln")
('frankfurt main', 'frankfurt main', 'saint gallen', 'koeln')
"""

from __future__ import annotations

import re

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers._legal_forms import words
from idp_cdi.standardisers._text import required

NAME = "city"
STRONG = False

_CODE = re.compile(r"^(?:[A-Z]{1,3}[- ])?\d{3,6}(?:[- ]\d{2,4})?(?:\s+[A-Z]{2})?\s+(?=\D)")
_CEDEX = re.compile(r"[\s,]+cedex(?:\s+\d{1,2})?\s*$", re.IGNORECASE)
_EDGES = " ,;:.-/"
_WORDS = {
    "st": "saint", "ste": "saint", "sankt": "saint", "sint": "saint", "san": "san", "mt": "mount",
    "ft": "fort", "a": "", "am": "", "an": "", "der": "", "den": "", "sur": "", "sul": "", "on": "",
    "upon": "", "aan": "", "im": "", "i": "", "b": "", "bei": "", "the": "", "m": "main",
}  # fmt: skip


def clean(raw: str, *, country: str | None = None) -> str:
    """Return the city's name.

    Args:
        raw: Text as found.
        country: Part of the shared signature, not needed here.

    Returns:
        The name; case and accents are kept.

    Raises:
        BadFormat: Empty, a placeholder, or without any letter.
    """
    text, before = required(raw, "a city").strip(_EDGES), ""
    while text != before:
        before, text = text, _CEDEX.sub("", _CODE.sub("", text)).strip(_EDGES)
    if not any(map(str.isalpha, text)):
        raise BadFormat("a city's name has letters", value=raw)
    return text


def key(value: str) -> str:
    """Folded, "St." spelled out, small words ("am", "upon") left out."""
    parts = [
        _WORDS.get(w, w) if n else ("saint" if w in _SAINTS else w) for n, w in _numbered(value)
    ]
    return " ".join(p for p in parts if p)


_SAINTS = frozenset(("st", "ste", "sankt", "sint"))
_LONE = re.compile(r"(?<=[a-zA-Z])\.")


def _numbered(value: str) -> list[tuple[int, str]]:
    # "a.M." is two words, not one abbreviation.
    return list(enumerate(" ".join(words(part)) for part in _LONE.sub(". ", value).split()))
