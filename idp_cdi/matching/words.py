"""Words that play a part in names and addresses: legal forms, nicknames, titles, street words.

The lists are in ``data/matching``, nicknames in ``data/nicknames.txt``; each file says where it
comes from.

>>> words().legal["gmbhcokg"], words().street[fold("Avenue")]
('gmbh-co-kg', 'ave')
>>> bool(words().nicknames["bob"] & words().nicknames["robert"])
True
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from idp_cdi.matching.text import fold

_CONNECTORS = {"and", "und", "et", "u", "y", "e", "en"}


@dataclass(frozen=True, slots=True)
class Words:
    """The word lists. Keys are folded words; `legal` is keyed by spellings without blanks."""

    legal: dict[str, str]
    legal_words: frozenset[str]
    legal_starts: frozenset[str]
    nicknames: dict[str, frozenset[int]]
    titles: frozenset[str]
    particles: frozenset[str]
    generations: dict[str, str]
    affiliates: dict[str, str]
    countries: dict[str, str]
    street: dict[str, str]
    street_end: dict[str, str]
    units: dict[str, str]
    general: dict[str, str]


@cache
def words() -> Words:
    """The word lists that ship with the package, read once."""
    classes = _read_classes("words.txt")
    legal, legal_words, starts = _read_legal("legal_forms.txt")
    ordinals = {k: f"{v}{_ending(int(v))}" for k, v in _mapping(classes["ordinal"]).items()}
    street = _mapping(classes["street"]) | _mapping(classes["direction"]) | ordinals
    return Words(
        legal=legal,
        legal_words=legal_words,
        legal_starts=starts,
        nicknames=_read_nicknames(),
        titles=frozenset(map(fold, classes["title"])),
        particles=frozenset(map(fold, classes["particle"])),
        generations=_mapping(classes["generation"]),
        affiliates=_mapping(classes["affiliate"]),
        countries=_mapping(classes["country"]),
        street=street,
        street_end=_mapping(classes["street_end"]),
        units=_mapping(classes["unit"]),
        general=_mapping(classes["general"]),
    )


def is_connector(word: str) -> bool:
    """Whether `word` only joins others ("and", "und", "et")."""
    return word in _CONNECTORS


def _ending(number: int) -> str:
    return {1: "st", 2: "nd", 3: "rd"}.get(number, "th")


def _lines(name: str, folder: str = "data/matching") -> list[str]:
    text = files("idp_cdi").joinpath(folder, name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and line[0] != "#"]


def _read_classes(name: str) -> dict[str, list[str]]:
    pairs = (line.partition(":") for line in _lines(name))
    return {key.strip(): rest.split() for key, _, rest in pairs}


def _mapping(items: list[str]) -> dict[str, str]:
    pairs = (item.partition("=") for item in items)
    return {fold(key): value or fold(key) for key, _, value in pairs}


def _read_legal(name: str) -> tuple[dict[str, str], frozenset[str], frozenset[str]]:
    legal: dict[str, str] = {}
    inside: set[str] = set()
    starts: set[str] = set()
    for line in _lines(name):
        form, _, spellings = (part.strip() for part in line.split("|"))
        for spelling in spellings.split(";"):
            parts = [fold(w) for w in spelling.split() if not is_connector(w) or w == "e"]
            joined = "".join(parts)
            legal.setdefault(joined, form)
            inside.update(parts)
            starts.add(parts[0])
            if len(joined) <= 4:
                inside.update(joined)
                starts.add(joined[0])
    return legal, frozenset(inside), frozenset(starts)


def _read_nicknames() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, line in enumerate(_lines("nicknames.txt", "data")):
        for word in line.split():
            found.setdefault(fold(word), set()).add(number)
    return {word: frozenset(groups) for word, groups in found.items()}
