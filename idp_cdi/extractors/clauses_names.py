"""Names in the running text of contracts: runs of capitalised words, cut where names end.

Nothing is decided here: a run gives several readings (whole, cut at "and", cut behind a legal form,
cut at the line end) and the scorer chooses.

>>> [text for text, *_ in readings("by and between Example Widgets, Inc., a Delaware corporation")]
['Example Widgets, Inc.', 'Delaware']
>>> [text for text, *_ in readings("Ann Q. Lee and Muster & Söhne GmbH agree")][:3]
['Ann Q. Lee', 'Ann Q. Lee and Muster & Söhne GmbH', 'Muster & Söhne GmbH']
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from idp_cdi.extractors import clauses_cues as cues

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORD = re.compile(r"\S+")
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|esq|phd|ph\.d|m\.?d|cpa)\W*$", re.I)
_OPENING = "([{\"'*_"
_CLOSING = ")]}\"';:*_"
_PARTNERS = re.compile(
    r"\b[A-Z]\w+(?:,\s[A-Z]\w+)+,?\s(?:&|and)\s(?:Company|Sons|Partners|Co)\b\.?(?:,?\s(?:Inc|Ltd|LLC|L\.P)\b\.?)?"
)
"""Sears, Roebuck and Co.: commas inside a name, known only by its ending."""
_DEGREES = re.compile(r"(?:,?\s+(?:Ph\.?\s?D|M\.?\s?D|Esq|J\.D|C\.?P\.?A|M\.B\.A)\b\.?)+$", re.I)
_STYLE = re.compile(r"^(?:Mr|Mrs|Ms|Messrs|Dr|Prof|Herr|Frau|Mme|Sra|Sig|Dhr|Mevr)\b\.?\s+(?=\S)")
_MOST = 10
"""Words in a name at most."""


def readings(text: str) -> list[tuple[str, int, int]]:
    """All readings of all runs of capitalised words: text, start, end; in order of place."""
    out: dict[tuple[int, int], str] = {}
    for run in _runs(text):
        for piece in _cuts(run):
            edges = _trim(piece)
            if edges:
                start, end = edges[0][0], edges[-1][1]
                name, end = _clean(text, start, end)
                name = _DEGREES.sub("", _STYLE.sub("", name)).rstrip(",")
                if len(name) > 1 and not _doubled(name):
                    out.setdefault((start, end), name)
    for m in _PARTNERS.finditer(text):
        out.setdefault((m.start(), m.end()), " ".join(m[0].split()))
    return [(name, a, b) for (a, b), name in sorted(out.items())]


def _doubled(name: str) -> bool:
    """Whether a reading is one name twice: signed, and printed below."""
    words = name.lower().split()
    half = len(words) // 2
    return half > 1 and len(words) == 2 * half and words[:half] == words[half:]


type_word = tuple[int, int, str, bool]
"""Start, end, text, and whether a line feed stands before."""


def _runs(text: str) -> Iterator[list[type_word]]:
    run: list[type_word] = []
    words = list(_WORD.finditer(text))
    for i, m in enumerate(words):
        token = m[0]
        fresh = m.start() > 0 and text[m.start() - 1] == "\n"
        word = (m.start(), m.end(), token, fresh)
        if run and (token[0] in _OPENING or _stops(run[-1][2], token) or len(run) >= 2 * _MOST):
            yield run
            run = []
        if _capital(token):
            run.append(word)
        elif run:
            link = token.lower() in cues.words("link") | cues.words("and") or (
                len(token) < 3 and token.isdigit()
            )
            follows = i + 1 < len(words) and (
                _capital(words[i + 1][0])
                or (
                    words[i + 1][0] in cues.words("link")
                    and i + 2 < len(words)
                    and _capital(words[i + 2][0])
                )
            )
            if link and follows and words[i + 1][0][0] not in _OPENING:
                run.append(word)
            else:
                yield run
                run = []
    if run:
        yield run


@lru_cache(maxsize=8192)
def _capital(token: str) -> bool:
    head = token.lstrip(_OPENING)
    if not head:
        return False
    if head[0].isdigit():
        return bool(re.match(r"\d{1,4}(?:[A-Z&]|¢)", head))
    return head[0].isupper() or (len(head) > 2 and head[1].isupper() and head[0].isalpha())


def _stops(last: str, token: str) -> bool:
    """Whether a name that has reached `last` can't go on with `token`."""
    if last[-1] in _CLOSING and not (last.endswith("s'") and token[0].isupper()):
        return True
    if last.endswith(","):
        form = cues.bare(token)
        return not (f"x {form}" and cues.legal_form(f"x {form}")) and not _SUFFIX.match(token)
    if last.endswith("."):
        body = last.rstrip(".")
        short = len(body) <= 2 or "." in body or body.lower() in cues.words("abbreviation")
        return not short and not cues.legal_form(f"x {body}") and not _SUFFIX.match(last)
    return False


def _cuts(run: list[type_word]) -> Iterator[list[type_word]]:
    """The readings of one run."""
    yield from _behind_forms(run)
    lines: list[list[type_word]] = [[]]
    for word in run:
        if word[3] and lines[-1]:
            lines.append([])
        lines[-1].append(word)
    if len(lines) > 1:
        for line in lines:
            yield from _behind_forms(line)
        for one, two in pairwise(lines):
            yield from _behind_forms(one + two)


def _behind_forms(run: list[type_word]) -> Iterator[list[type_word]]:
    """Cut behind each legal form, and at each "and"."""
    yield run
    start = 0
    for i, word in enumerate(run):
        inside = run[start : i + 1]
        form = cues.legal_form(" ".join(w[2] for w in inside)) if len(inside) > 1 else ""
        longer = form and i + 1 < len(run) and cues.legal_form(f"x {run[i + 1][2]}")
        if (
            form
            and not longer
            and cues.bare(word[2]) not in ("co", "company", "bank", "trust", "na")
        ):
            yield inside
            start = i + 1
        elif word[2].lower() in cues.words("and"):
            yield run[start:i]
            yield run[i + 1 :]
    if start < len(run):
        yield run[start:]


def _trim(run: list[type_word]) -> list[type_word]:
    """Drop words that are no part of a name from both ends."""
    stop = cues.not_names()
    while run and (
        _dull(run[0][2], stop) or cues.bare(run[0][2]) in cues.words("link") | cues.words("and")
    ):
        if run[0][2] == "The" and len(run) > 1 and not _dull(run[1][2], stop):
            break
        run = run[1:]
    while run and (
        (_dull(run[-1][2], stop) or cues.bare(run[-1][2]) in cues.words("link") | cues.words("and"))
        and not (len(run) > 1 and cues.legal_form(" ".join(w[2] for w in run)))
    ):
        run = run[:-1]
    return run if len(run) <= _MOST else []


def _dull(token: str, stop: frozenset[str]) -> bool:
    word = token.lower().strip("\"'()[]{},.;:*_-/")
    word = word.removesuffix("'s")
    return (
        not word or word in stop or word in cues.months() or all(w in stop for w in word.split("-"))
    )


def _clean(text: str, start: int, end: int) -> tuple[str, int]:
    """The name without what closes the clause behind it; a full stop of a legal form stays."""
    name = " ".join(text[start:end].split()).lstrip(_OPENING)
    name = name.rstrip(",;:*_[{(")
    if name.endswith("'s"):
        name = name[:-2]
    while name and name[-1] in _CLOSING and name.count("(") < max(name.count(")"), 1):
        name = name[:-1]
    if name.endswith(".") and not (
        cues.legal_form(name) or _SUFFIX.search(name) or re.search(r"\b\w\.$", name)
    ):
        name = name[:-1]
    return name.strip(" ,"), end


@lru_cache(maxsize=8192)
def key(name: str) -> str:
    """What two spellings of one name share: no case, no punctuation, "&" as "and".

    >>> key("Example & Co., L.L.C.") == key("EXAMPLE AND CO LLC")
    True
    """
    text = name.lower().replace("&", " and ").replace("'", "")
    text = re.sub(r"[^\w]+", " ", text).strip()
    text = re.sub(r"\b(?:\w )+\w\b", lambda m: m[0].replace(" ", ""), text)
    return " ".join(_SAME.get(w, w) for w in text.split())


_SAME = {"incorporated": "inc", "corporation": "corp", "company": "co", "limited": "ltd"}


def core(name: str) -> str:
    """`key` without the legal form at its end.

    >>> core("Example Widgets, Inc."), core("Ann Lee")
    ('example widgets', 'ann lee')
    """
    words = key(name).split()
    form = cues.legal_form(" ".join(words))
    count = len(form.split()) if form else 0
    return " ".join(words[: len(words) - count]) if count < len(words) else " ".join(words)
