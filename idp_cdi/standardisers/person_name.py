"""Name of a person: "Last, First" turned round, titles kept, white space put right.

The display form is kept, letters and case as written. `parse` takes titles and suffixes off and
finds given and family names; `key` compares; `nicknames` tells that Bob may be Robert.

>>> clean("  SMITH,  John ")
'John SMITH'
>>> parse("Prof. Dr. Anna-Lena van der Berg-Müller MBA")
PersonParts(title='Prof. Dr.', given='Anna-Lena', family='van der Berg-Müller', suffix='MBA')
>>> key("Dr. Müller, Jörg"), key("Joerg Mueller")
('joerg mueller', 'joerg mueller')
>>> "robert" in nicknames("bob"), "william" in nicknames("bob")
(True, False)
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers._legal_forms import words
from idp_cdi.standardisers._text import fold, required

NAME = "person_name"
STRONG = False  # namesakes

_TITLES = frozenset(
    "mr mrs ms miss mx sir dame lord lady dr prof professor doctor herr herrn frau fr hr fraulein "
    "monsieur madame mademoiselle m mme mlle me maitre senor senora srta sr sra don dona signor "
    "signora sig sigra dott dottssa avv ing arch rag geom dhr mevr mevrouw mw heer de heer pan "
    "pani dipl diplom kfm ra rain med jur phil rer nat oec habil mag bsc msc rev hon capt maj col "
    "gen lt sgt judge dipl-ing dipl-kfm dr-ing exmo exma eng dra sig.ra".split()
)
_SUFFIXES = frozenset(
    "jr sr ii iii iv v phd md mba msc bsc ma ba llm esq esquire cpa dds dvm rn jd mph fca aca ccim "
    "jnr snr junior senior dphil pe od do edd obe mbe cbe kc qc frcs".split()
)
_PARTICLES = frozenset(
    "van von der den de del della di da do dos das du la le lo ter ten te zu zum zur al el bin ibn "
    "ben vom af av st saint mac mc san".split()
)
_EDGES = ' ,;:"“”„«»*'


class PersonParts(NamedTuple):
    """A person's name taken apart; "" where a part is missing."""

    title: str
    given: str
    family: str
    suffix: str


def clean(raw: str, *, country: str | None = None) -> str:
    """Return the name in spoken order, on one line.

    Args:
        raw: Name as found.
        country: Part of the shared signature, not needed here.

    Returns:
        The name; letters and case as written.

    Raises:
        BadFormat: Empty, a placeholder, or without any letter.
    """
    text = required(raw, "a person's name").strip(_EDGES)
    if not any(map(str.isalpha, text)):
        raise BadFormat("a person's name has letters", value=raw)
    family, comma, given = text.partition(",")
    family, given = family.strip(_EDGES), given.strip(_EDGES)
    if comma and "," not in given and given and family:
        tail = [_bare(w) for w in given.split()]
        if not all(w in _SUFFIXES for w in tail):
            return _spoken(family, given)
    return text


def _spoken(family: str, given: str) -> str:
    """Given name first; a title in front of the family name stays in front."""
    parts = family.split()
    count = 0
    while count < len(parts) - 1 and _bare(parts[count]) in _TITLES:
        count += 1
    return " ".join([*parts[:count], given, *parts[count:]])


def _bare(word: str) -> str:
    return fold(word).replace(".", "").strip(",")


def parse(value: str) -> PersonParts:
    """Take a name in spoken order apart: title, given names, family name, suffix.

    Args:
        value: A clean name.

    Returns:
        The parts. One word alone is the family name.
    """
    parts = value.replace(",", " ").split()
    first, last = 0, len(parts)
    while first < last - 1 and _bare(parts[first]) in _TITLES:
        first += 1
    while last - 1 > first and _bare(parts[last - 1]) in _SUFFIXES:
        last -= 1
    names = parts[first:last]
    start = len(names) - 1
    while start > 1 and fold(names[start - 1]) in _PARTICLES:
        start -= 1
    return PersonParts(
        " ".join(parts[:first]),
        " ".join(names[:start]),
        " ".join(names[start:]),
        " ".join(parts[last:]),
    )


def key(value: str) -> str:
    """Words without titles and suffixes, folded and in alphabetical order."""
    try:
        parts = parse(clean(value))
    except BadFormat:
        return ""
    return " ".join(sorted(words(f"{parts.given} {parts.family}")))


def nicknames(word: str) -> frozenset[str]:
    """All given names that `word` may stand for, itself included; folded."""
    low = fold(word)
    return _nicknames().get(low, frozenset()) | {low}


@cache
def _nicknames() -> dict[str, frozenset[str]]:
    from importlib.resources import files

    text = (files("idp_cdi") / "data" / "nicknames.txt").read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            group = line.split()
            formal = group[0]
            for short in group[1:]:
                found.setdefault(short, set()).update((formal, short))
                found.setdefault(formal, set()).update((formal, short))
    return {name: frozenset(others) for name, others in found.items()}
