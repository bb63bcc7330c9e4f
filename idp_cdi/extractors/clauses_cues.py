"""The wordings by which contracts say things, compiled from ``data/clauses.yaml``.

>>> bool(cue("governed").search("this letter shall be GOVERNED by"))
True
>>> legal_form("Example Widgets, Inc."), legal_form("Muster GmbH & Co. KG"), legal_form("Ann Lee")
('inc', 'gmbh & co kg', '')
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _data(name: str) -> dict[str, Any]:
    import yaml

    text = (files("idp_cdi") / "data" / name).read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded


def _join(lines: list[str]) -> str:
    return "|".join(f"(?:{line})" for line in lines).replace(" ", r"\s+")


@cache
def cue(concept: str) -> re.Pattern[str]:
    """The pattern of a concept, whole words, any case.

    Raises:
        KeyError: No such concept in the data file.
    """
    return re.compile(
        rf"(?<!\w)(?:{_join(_data('clauses.yaml')['concepts'][concept])})(?!\w)", re.I
    )


@cache
def roles() -> re.Pattern[str]:
    """What a party is called in its contract: Company, Arbeitgeber, le Prestataire."""
    lines = _join(_data("clauses.yaml")["roles"])
    return re.compile(rf"(?:the\s+|die\s+|der\s+|das\s+)?(?:{lines})s?", re.I)


@cache
def not_names() -> frozenset[str]:
    """Words with a capital that are no name, in lower case."""
    out: set[str] = set()
    for line in _data("clauses.yaml")["not_names"]:
        for word in line.split("|"):
            optional = re.fullmatch(r"(.*)\(([^)]*)\)\??", word)
            if optional is None:
                out.add(word.rstrip("?").lower())
                if word.endswith("s?"):
                    out.add(word[:-2].lower())
            elif word.endswith("?"):
                out |= {optional[1], optional[1] + optional[2]}
            else:
                out |= {optional[1] + end for end in optional[2].split("|")}
    return frozenset(out)


@cache
def words(name: str) -> frozenset[str]:
    """A set of single words from the data file, in lower case."""
    return frozenset(_data("clauses.yaml")["words"][name].split())


@cache
def months() -> dict[str, int]:
    """Month names in all languages, lower case, and their numbers."""
    return {w: n for n, names in enumerate(_data("clauses.yaml")["months"], 1) for w in names}


@cache
def numbers() -> dict[str, int]:
    """Counting words in all languages."""
    return {str(k): int(v) for k, v in _data("clauses.yaml")["numbers"].items()}


@cache
def units() -> dict[str, str]:
    """Units of time in all languages, lower case, to day, week, month or year."""
    return {w: unit for unit, names in _data("clauses.yaml")["units"].items() for w in names}


@cache
def places() -> dict[str, str]:
    """Spellings of places of law, lower case, to the name that is given out."""
    out: dict[str, str] = {}
    for name, spellings in _data("jurisdictions.yaml")["places"].items():
        for spelling in (name, *spellings):
            out[spelling.lower()] = name
    return out


@cache
def place_nouns() -> dict[str, str]:
    """For a spelling that is an adjective with "law" the noun of the same language.

    >>> place_nouns()["droit suisse"], place_nouns()["deutsches recht"]
    ('Suisse', 'Deutschland')
    """
    out: dict[str, str] = {}
    for name, spellings in _data("jurisdictions.yaml")["places"].items():
        noun = name
        for spelling in spellings:
            if spelling.lower().endswith(" law"):
                out[spelling.lower()] = name
            elif _LAW.search(spelling):
                out[spelling.lower()] = noun
            else:
                noun = spelling
    return out


_LAW = re.compile(
    r"\b(?:recht(?:s)?|droit|lois?|législation|ley(?:es)?|legislación|derecho|leggi?|legge|diritto|legislazione)\b",
    re.I,
)


@cache
def _legal_forms() -> frozenset[str]:
    return frozenset(f for line in _data("clauses.yaml")["legal_forms"] for f in line.split("|"))


def bare(word: str) -> str:
    """A word without case and punctuation, "&" kept."""
    return re.sub(r"[^\w&]", "", word).lower()


def legal_form(name: str) -> str:
    """The legal form at the end of a name, in lower case without dots; "" when there is none."""
    spaced = re.sub(r"[.,]+(?=\s|$)", " ", name.lower())
    words = [re.sub(r"[^\w&]", "", w) for w in spaced.replace("/", " ").split()]
    words = [w for w in words if w]
    for count in (4, 3, 2, 1):
        if len(words) > count:
            tail = " ".join(words[-count:])
            dotted = " ".join(name.lower().replace(".", " ").replace(",", " ").split()[-count:])
            for form in (tail, dotted):
                if form in _legal_forms() and not _plain_word(form, name):
                    return form
    return ""


def _plain_word(form: str, name: str) -> bool:
    """Whether a short form is the plain word "as" or "se" here and not A/S or SE.

    >>> legal_form("Nordlys AS"), legal_form("NON-COMPETITION AGREEMENT AS")
    ('as', '')
    """
    if form not in ("as", "se", "na", "pc", "eg", "ek"):
        return False
    words = name.split()
    return not words[-1].isupper() or (len(words) > 1 and bare(words[-2]) in not_names())
