"""Label wordings of all languages as concepts: what a printed label means.

Wordings are compared by their `key`, without blanks and punctuation, so "Rechnungs-Nr.:",
"RECHNUNGS NR" and an OCR's "Rechnungs- Nr" are one. A wording may mean several concepts
("Total" heads a column and labels the sum); features see all of them and the model decides.

>>> sorted(lexicon().concepts["rechnungsnr"])
['invoice_number']
>>> [(h.concept, h.start, h.end) for h in hits(["Invoice", "Date:", "x"]) if h.end == 2]
[('issue_date', 0, 2)]
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from idp_cdi.documents import PageSource
from idp_cdi.extractors._view import key
from idp_cdi.extractors._wordings import lexicon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.extractors._view import View

WHOSE = ("your", "our")
_LONGEST = 6
"""Words of the longest wording that is looked up."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Words `start` to `end` (exclusive) say `concept`; `weight` is below 1 for a fuzzy hit."""

    concept: str
    start: int
    end: int
    weight: float = 1.0


def hits(texts: Sequence[str], *, fuzzy: bool = False) -> list[Hit]:
    """The labels among the words of one segment, longest first where they start together.

    Args:
        texts: The words of the segment.
        fuzzy: Also accept a wording that differs by a letter or two, for OCR.
    """
    keys = [key(t) for t in texts]
    known = lexicon().concepts
    found: list[Hit] = []
    start = 0
    while start < len(keys):
        here = _longest(keys, start, known, fuzzy=fuzzy)
        if here is None and "/" in texts[start]:
            said_twice = _in_two_languages(texts[start], known)
            here = (said_twice, start + 1, 1.0) if said_twice else None
        if here is None:
            start += 1
            continue
        concepts, end, weight = here
        found += [Hit(c, start, end, weight) for c in concepts]
        if end - start > 1 and keys[start] in known:  # "your order": whose it is counts too
            numbered = "invoice_number" in concepts or "order_number" in concepts
            more = [
                c for c in known[keys[start]]
                if c in WHOSE or (numbered and c.startswith("doc_"))
            ]  # fmt: skip
            found += [Hit(c, start, end, weight) for c in more if c not in concepts]
        start = end
    return found


def _in_two_languages(text: str, known: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """What the parts of a word around a stroke all mean ("Klant/Client:"), nothing for others."""
    said = [known.get(key(part), ()) for part in text.split("/")]
    return tuple(c for c in said[0] if all(c in other for other in said[1:]))


def labels_of(view: View) -> list[list[Hit]]:
    """The label hits of each segment of a document, worked out at the first call."""
    if not view.labels:
        ocr = any(p.source == PageSource.OCR for p in view.document.pages)
        view.labels = [
            hits(s.texts, fuzzy=ocr and len(s.texts) < 12) if len(s.texts) < 40 else []
            for s in view.segments
        ]
    return view.labels


def _longest(
    keys: list[str], start: int, known: dict[str, tuple[str, ...]], *, fuzzy: bool
) -> tuple[tuple[str, ...], int, float] | None:
    if not keys[start]:
        return None
    best = None
    joined = ""
    for end in range(start, min(len(keys), start + _LONGEST)):
        joined += keys[end]
        if joined in known:
            best = known[joined], end + 1, 1.0
    if best is None and fuzzy:
        joined = ""
        for end in range(start, min(len(keys), start + 4)):
            joined += keys[end]
            if 5 <= len(joined) <= 30 and not joined.isdigit():
                near = _near(joined)
                if near:
                    best = known[near], end + 1, 0.8
    return best


@cache
def _by_length() -> dict[int, list[str]]:
    """The keys of all wordings by their length."""
    found: dict[int, list[str]] = {}
    for wording in lexicon().concepts:
        found.setdefault(len(wording), []).append(wording)
    return found


@lru_cache(maxsize=20000)
def _near(word: str) -> str:
    """The wording that `word` is most likely a misreading of, "" where there is none."""
    from rapidfuzz import process
    from rapidfuzz.distance import Levenshtein

    most = 1 if len(word) < 9 else 2
    table = _by_length()
    near = [w for n in range(len(word) - 1, len(word) + 2) for w in table.get(n, ())]
    best = process.extractOne(word, near, scorer=Levenshtein.distance, score_cutoff=most)
    return str(best[0]) if best else ""


def language(text: str) -> str:
    """The language of `text` (ISO 639-1) by its frequent words; "" where none is found."""
    known = lexicon().languages
    count: Counter[str] = Counter()
    for word in text.split()[:3000]:
        for name in known.get(key(word), ()):
            count[name] += 1
    return max(sorted(count), key=count.__getitem__) if count else ""
