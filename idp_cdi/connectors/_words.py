"""Column names as words, and what the words say: ``data/columns.yaml`` looked up.

>>> words("BillingPostalCode"), words("USt-IdNr."), words("properties.hs_lastmodifieddate")
('billing postal code', 'ust id nr', 'properties hs lastmodifieddate')
>>> targets("BillingPostalCode")[0].target, targets("Straße")[0].target
('postal_code', 'street')
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2,})")
_SPELLED = str.maketrans(
    {"ß": "ss", "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ø": "o"}
)
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_NOT_WORDS = re.compile(r"[^a-z0-9]+")


class Vocabulary(NamedTuple):
    """The data file, read once."""

    phrases: dict[str, tuple[str, ...]]
    qualifiers: frozenset[str]
    elsewhere: frozenset[str]
    abbreviations: dict[str, str]
    ledger: dict[str, str]


def words(header: str) -> str:
    """A header in lower case, without accents, its words apart."""
    text = _CAMEL.sub(" ", header.translate(_SPELLED)) if not header.isupper() else header
    text = unicodedata.normalize("NFKD", text.translate(_SPELLED).casefold())
    text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(_NOT_WORDS.sub(" ", text).split())


@cache
def vocabulary() -> Vocabulary:
    """The words of ``data/columns.yaml``."""
    import yaml

    text = files("idp_cdi").joinpath("data/columns.yaml").read_text(encoding="utf-8")
    data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    phrases: dict[str, tuple[str, ...]] = {}
    for target, lines in data["targets"].items():
        for phrase in _phrases(lines):
            if target not in phrases.get(phrase, ()):
                phrases[phrase] = (*phrases.get(phrase, ()), target)
    return Vocabulary(
        phrases,
        frozenset(_phrases(data["qualifiers"])),
        frozenset(_phrases(data["elsewhere"])),
        data["abbreviations"],
        {phrase: t for t, lines in data["ledger"].items() for phrase in _phrases(lines)},
    )


def _phrases(lines: list[str]) -> list[str]:
    return [" ".join(p.split()) for line in lines for p in line.split(",") if p.strip()]


class Reading(NamedTuple):
    """One thing a header may mean: target, score 0 to 1, and the words that were left over."""

    target: str
    score: float
    group: str
    phrase: str


def targets(header: str) -> list[Reading]:
    """What a header may mean, the likeliest first; readings of one phrase share a score."""
    inside = " ".join(a or b for a, b in _BRACKETS.findall(header))
    forms = [(words(header), 1.0), (words(_BRACKETS.sub(" ", header)), 0.98)]
    if inside:
        forms.append((words(inside), 0.6))
    found: dict[str, Reading] = {}
    for text, worth in dict.fromkeys(f for f in forms if f[0]):
        for reading in _readings(text):
            scored = reading._replace(score=round(reading.score * worth, 4))
            known = found.get(scored.target)
            if known is None or scored.score > known.score:
                found[scored.target] = scored
    return sorted(found.values(), key=lambda r: -r.score)


def is_elsewhere(group: str) -> bool:
    """Whether left-over words say that the value is another party's or another place's."""
    known = vocabulary().elsewhere
    parts = group.split()
    return any(
        " ".join(parts[i:j]) in known
        for i in range(len(parts))
        for j in range(i + 1, min(i + 3, len(parts)) + 1)
    )


def _readings(text: str) -> list[Reading]:
    known = vocabulary()
    found: list[Reading] = []
    parts = text.split()
    for spelling in dict.fromkeys((text, _spelled_out(parts, known), "".join(parts))):
        found += [Reading(t, 1.0, "", spelling) for t in known.phrases.get(spelling, ())]
    if not found:
        parts = _apart(parts)
        text = " ".join(parts)
        found += [Reading(t, 0.98, "", text) for t in known.phrases.get(text, ())]
    for begin in range(len(parts)):
        for end in range(len(parts), begin, -1):
            if (begin, end) != (0, len(parts)):
                found += _part(parts, begin, end, known)
    return found


def _part(parts: list[str], begin: int, end: int, known: Vocabulary) -> list[Reading]:
    """A phrase inside a header: worth more the better the other words are understood."""
    inner = parts[begin:end]
    hits: tuple[str, ...] = ()
    for phrase in (" ".join(inner), _spelled_out(inner, known)):
        hits = hits or known.phrases.get(phrase, ())
    if not hits:
        return []
    front, back = " ".join(parts[:begin]), " ".join(parts[end:])
    group = f"{front} {back}".strip()
    worth = 0.97
    if back and not back.isdigit():
        worth *= 0.98  # the last words are the head of an English or German header
    worth *= 0.9 + 0.1 * len(inner) / len(parts)
    found = []
    for target in hits:
        score = worth
        for side in (front, back):
            if side:
                score *= _cost(side, target, known)
        found.append(Reading(target, score, group, " ".join(inner)))
    return found


def _cost(side: str, target: str, known: Vocabulary) -> float:
    """What left-over words take from a reading; other words for the same thing take nothing."""
    if side in known.qualifiers or side in known.elsewhere:
        return 1.0
    parts = side.split()
    understood = sum(
        p in known.qualifiers or p in known.elsewhere or p.isdigit()
        or target in known.phrases.get(p, ())
        for p in parts
    )  # fmt: skip
    return 0.98 if understood == len(parts) else 0.55 + 0.25 * understood / len(parts)


def _apart(parts: list[str]) -> list[str]:
    """Words run together ("accountnumber", "telephone2", "stateorprovince") taken apart."""
    result: list[str] = []
    for part in parts:
        pieces = re.findall(r"[a-z]+|[0-9]+", part)
        for piece in pieces:
            result += _segmented(piece) if len(piece) > 5 else [piece]
    return result


@cache
def _known_words() -> frozenset[str]:
    known = vocabulary()
    phrases = (*known.phrases, *known.qualifiers, *known.elsewhere)
    words_of = {w for p in phrases for w in p.split() if len(w) > 2}
    return frozenset(words_of | {"id", "no", "nr", "of", "or", "at", "on", "is"})


@cache
def _segmented(word: str) -> list[str]:
    """`word` as the fewest known words that make it up, itself where none do."""
    known = _known_words()
    best: list[list[str] | None] = [[], *([None] * len(word))]
    for end in range(1, len(word) + 1):
        for begin in range(end):
            head = best[begin]
            if head is not None and word[begin:end] in known:
                mine = [*head, word[begin:end]]
                now = best[end]
                if now is None or len(mine) < len(now):
                    best[end] = mine
    return best[-1] or [word]


def _spelled_out(parts: list[str], known: Vocabulary) -> str:
    return " ".join(known.abbreviations.get(p, p) for p in parts)
