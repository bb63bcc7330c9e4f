r"""Street and house number: as printed on one line; `key` spells abbreviations out.

>>> clean(" Hauptstr. 5\n c/o Müller ,")
'Hauptstr. 5, c/o Müller'
>>> key("Hauptstr. 5a"), key("HAUPTSTRASSE 5 A"), key("12 Main St."), key("12, Main Street")
('hauptstrasse 5a', 'hauptstrasse 5a', '12 main street', '12 main street')
>>> number("Hauptstr. 5a"), number("221B Baker Street")
('5a', '221b')
"""

from __future__ import annotations

import re

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers._legal_forms import words
from idp_cdi.standardisers._text import required

NAME = "street"
STRONG = False

_BREAKS = re.compile(r"\s*(?:[\r\n\u2028\u2029\v\f]+|\|)\s*")
_COMMAS = re.compile(r"\s*,(?:\s*,)*\s*")
_GERMAN = re.compile(r"(?<=[a-z]{2})str\b")
_HOUSE = re.compile(r"(?<!\w)(\d{1,5}(?:\s?[-/]\s?\d{1,5})?\s?[a-zA-Z]?)(?!\w)")
_LETTER = re.compile(r"\b(\d{1,5}) ([a-z])\b(?! \d)")
_SHORT = {
    "str": "strasse", "st": "street", "ave": "avenue", "av": "avenue", "avda": "avenida",
    "rd": "road", "dr": "drive", "ln": "lane", "blvd": "boulevard", "bd": "boulevard",
    "bld": "boulevard", "sq": "square", "pl": "platz", "hwy": "highway", "pkwy": "parkway",
    "ct": "court", "ter": "terrace", "cres": "crescent", "cl": "close", "gdns": "gardens",
    "apt": "apartment", "ste": "suite", "fl": "floor", "bldg": "building", "rte": "route",
    "n": "north", "s": "south", "e": "east", "w": "west", "pza": "plaza", "plz": "platz",
    "c": "calle", "p": "piazza", "pzza": "piazza", "vle": "viale", "v": "via", "r": "rua",
    "ul": "ulica", "al": "aleja", "faub": "faubourg", "fbg": "faubourg", "imp": "impasse",
    "ch": "chemin", "all": "allee", "zi": "zone industrielle", "po": "postbox", "pobox": "postbox",
    "postfach": "postbox", "bp": "postbox", "postbus": "postbox", "expy": "expressway",
    "mt": "mount", "ft": "fort", "ctr": "center", "centre": "center", "nr": "", "no": "", "num": "",
}  # fmt: skip


def clean(raw: str, *, country: str | None = None) -> str:
    """Return the street line or lines as one line.

    Args:
        raw: Text as found; line breaks become commas.
        country: Part of the shared signature, not needed here.

    Returns:
        The text; case, abbreviations and order are kept.

    Raises:
        BadFormat: Empty, a placeholder, or without any letter or digit.
    """
    text = required(_BREAKS.sub(", ", raw.strip()), "a street")
    text = _COMMAS.sub(", ", text).strip(" ,;")
    if not any(map(str.isalnum, text)):
        raise BadFormat("a street has letters or digits", value=raw)
    return text


def key(value: str) -> str:
    """Folded, abbreviations spelled out, "5 a" as "5a"."""
    parts = []
    for word in words(value):
        parts.append(_SHORT.get(word, _GERMAN.sub("strasse", word)))
    text = " ".join(p for p in parts if p).replace("postbox box", "postbox")
    return _LETTER.sub(r"\1\2", text)


def number(value: str) -> str:
    """The first house number, lower case, "" where there is none."""
    found = _HOUSE.search(value)
    return found[1].replace(" ", "").lower() if found else ""
