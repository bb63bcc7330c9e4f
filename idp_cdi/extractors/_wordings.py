"""The wordings of all languages in one table.

Reading ``data/languages/*.yaml`` takes a tenth of a second, a quarter of what one document takes
by command line. So ``scripts/make_wordings.py`` writes what follows from the files beside them,
with their hash; that is used as long as the hash is theirs, and otherwise the files are read.

>>> made_of(languages()) == lexicon()
True
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from idp_cdi.extractors._view import key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MADE = "wordings.json"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All languages together.

    Attributes:
        concepts: Key of a wording → its concepts.
        languages: Key of a frequent word → the languages that have it.
        months: Key of a month's name → 1–12.
        streets: Keys of street words; `street_ends` are the ends of compounds.
        units: Keys of words that a line beside the street begins with (a room, a building);
            `unit_ends` those that it ends in.
        legal: Keys of legal forms and words that companies carry.
        titles: Keys of titles before a person's name.
        departments: Keys of what names a desk of a firm where a person's name may stand.
    """

    concepts: dict[str, tuple[str, ...]]
    languages: dict[str, tuple[str, ...]]
    months: dict[str, int]
    streets: frozenset[str]
    street_ends: tuple[str, ...]
    units: frozenset[str]
    unit_ends: frozenset[str]
    legal: frozenset[str]
    titles: frozenset[str]
    departments: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """The wordings of ``data/languages``, read once."""
    sources = languages()
    made = files("idp_cdi") / "data" / MADE
    if made.is_file():
        data = json.loads(made.read_bytes())
        if data.pop("sha256") == fingerprint(sources):
            return _of_json(data)
    return made_of(sources)


def languages() -> dict[str, bytes]:
    """The languages' files: code → content."""
    folder = files("idp_cdi") / "data" / "languages"
    found = sorted((f.name, f) for f in folder.iterdir() if f.name.endswith(".yaml"))
    return {name[:2]: file.read_bytes() for name, file in found}


def fingerprint(sources: Mapping[str, bytes]) -> str:
    """What changes when a language's file changes, in hex."""
    return hashlib.sha256(
        b"\0".join(v for kv in sources.items() for v in (kv[0].encode(), kv[1]))
    ).hexdigest()


def as_json(sources: Mapping[str, bytes]) -> str:
    """What ``data/wordings.json`` should hold."""
    data = {
        k: sorted(v) if isinstance(v, frozenset) else v for k, v in asdict(made_of(sources)).items()
    }
    return json.dumps({"sha256": fingerprint(sources), **data}, ensure_ascii=False, indent=0) + "\n"


def _of_json(data: dict[str, Any]) -> Lexicon:
    return Lexicon(
        {k: tuple(v) for k, v in data["concepts"].items()},
        {k: tuple(v) for k, v in data["languages"].items()},
        data["months"],
        frozenset(data["streets"]),
        tuple(data["street_ends"]),
        frozenset(data["units"]),
        frozenset(data["unit_ends"]),
        frozenset(data["legal"]),
        frozenset(data["titles"]),
        frozenset(data["departments"]),
    )


def made_of(sources: Mapping[str, bytes]) -> Lexicon:
    """The wordings of the languages' files."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    concepts: dict[str, dict[str, None]] = {}
    languages: dict[str, list[str]] = {}
    months: dict[str, int] = {}
    names = ("streets", "units", "legal", "titles", "departments")
    sets: dict[str, set[str]] = {n: set() for n in names}
    for code, text in sources.items():
        data = yaml.load(text, loader)
        for concept, wordings in data["labels"].items():
            for wording in wordings:
                concepts.setdefault(key(wording) or wording, {})[concept] = None
        for word in data["words"]:
            languages.setdefault(key(word), []).append(code)
        months |= {key(n): i for i, m in enumerate(data["months"], 1) for n in m.split("|")}
        for name, words in sets.items():
            words |= set(data.get(name, ()))
    streets, units = sets["streets"], sets["units"]
    return Lexicon(
        {k: tuple(v) for k, v in concepts.items()},
        {k: tuple(v) for k, v in languages.items()},
        months,
        _keys(w for w in streets if not w.startswith("-")),
        tuple(sorted(_keys(w for w in streets if w.startswith("-")))),
        _keys(w for w in units if not w.startswith("-")),
        _keys(w for w in units if w.startswith("-")),
        _keys(sets["legal"]),
        _keys(sets["titles"]),
        _keys(sets["departments"]),
    )


def _keys(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(key, words))
