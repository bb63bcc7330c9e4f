"""Dates in every usual notation of the languages that we know.

A numeric date that can be read two ways keeps both readings: `value` is the one that the rest of
the document speaks for, `others` has the second one.

>>> list(readings("19.05.2014")), list(readings("May 5th, 2018")), list(readings("03/04/18"))
(['2014-05-19'], ['2018-05-05'], ['2018-04-03', '2018-03-04'])
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from idp_cdi.extractors._spans import first_and_last, spanned
from idp_cdi.extractors._view import key
from idp_cdi.extractors._wordings import lexicon

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from idp_cdi.documents import Document
    from idp_cdi.extractors import Candidate
    from idp_cdi.extractors._view import View

NAME = "dates"
KINDS = ("date",)

_NUMERIC = re.compile(
    r"(?<![\w.,/])(\d{1,2}|\d{4})\s?([./\-\s])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{1,2})"
    r"(?:(?=\d{1,2}:\d\d)|(?![\d/]|-(?!\d{1,2}[/.]\d)|[.,]\d))"
    # OCR glues the time to the date; "1.6.20-9.6.20" is a period
)
_YEAR_AND_TIME = re.compile(r"(?<!\w)(\d{4})([-/.])(\d{1,2})\2(\d{2})(?=\d{2}:\d\d)")
_APOSTROPHE = re.compile(r"(?<![\w.,/-])(\d{1,2})[./-](\d{1,2})[./-]['’](\d\d)(?!\d)")
_NAMED = re.compile(
    r"(?<![\w.,/])(\d{1,2})(?:st|nd|rd|th|er|ème|\.|º|°|ª)?[\s./-]*(?:de\s|of\s|del\s)?\s*"
    r"([^\W\d_]{3,10})\.?,?[\s./-]*(?:de\s|del\s|of\s)?\s*['’]?(\d{4}|\d{2})(?![\w/]|[.,]\d|,\s?(?:19|20)\d\d"
    r"|\s[^\W\d_]{3,10}\.?\s\d{4})",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    r"(?<!\w)([^\W\d_]{3,10})\.?[\s-]*(\d{1,2})(?:st|nd|rd|th)?[\s,.-]+['’]?(\d{4})(?![\w/])",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"(?<!\w)(\d{4})[\s-]([^\W\d_]{3,10})[\s-](\d{1,2})(?!\w)")
_COMPACT = re.compile(r"(?<![\w.,/-])((?:19|20)\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?![\w/-])")
_TO = r"\s?(?:[-–—]|to|bis|au|al|tot|t/m|hasta)\s?"
_DAY, _MONTH = r"\d{1,2}", r"[^\W\d_]{3,10}\.?"
_BEGINNINGS = tuple(
    (re.compile(rf"(?<![\w.]){first}(?={_TO}{last})"), order)
    for first, last, order in (
        (rf"({_MONTH})\s({_DAY})", rf"{_MONTH}\s{_DAY},?\s(\d{{4}})", (1, 2)),
        (rf"({_DAY})\.?\s({_MONTH})", rf"{_DAY}\.?\s{_MONTH}\s(\d{{4}})", (2, 1)),
        (rf"({_DAY})\.({_DAY})\.", rf"{_DAY}\.{_DAY}\.(\d{{4}})", (2, 1)),
    )
)  # fmt: skip
"""Dates that leave the year to the end of their range, with the groups of month and day:
"Mar 4 – Apr 4, 2026", "01.01. - 31.01.2026"."""
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _iso(year: str, month: int, day: int) -> str | None:
    y = int(year)
    if len(year) <= 2:
        y += 2000 if y < 69 else 1900
    if not (1900 <= y <= 2100 and 1 <= month <= 12 and 1 <= day <= _DAYS[month - 1]):
        return None
    if month == 2 and day == 29 and (y % 4 or (y % 100 == 0 and y % 400)):
        return None
    return f"{y:04d}-{month:02d}-{day:02d}"


def readings(text: str) -> list[str]:
    """All ISO readings of the first date in `text`, the likelier one first; [] where is none."""
    for _, _, found, _ in _find(text):
        return found
    return []


@lru_cache(maxsize=4096)
def _find(text: str) -> tuple[tuple[int, int, list[str], str], ...]:
    """Start, end, readings and separator of each date in `text`, leftmost first.

    Four kinds of candidates ask where the dates of a segment are, so the answer is kept.
    """
    if sum(map(str.isdigit, text)) < 3:  # a day and the two figures of a year
        return ()
    found: list[tuple[int, int, list[str], str]] = []
    for m in _NUMERIC.finditer(text):
        if m[2] == "-" and m.start() and text[m.start() - 1] == "-":
            continue
        found.append((m.start(), m.end(), _numeric(m[1], m[2], m[3], m[4]), m[2]))
    for m in _YEAR_AND_TIME.finditer(text):
        found.append((m.start(), m.end(), _numeric(m[1], m[2], m[3], m[4]), m[2]))
    for m in _APOSTROPHE.finditer(text):
        found.append((m.start(), m.end(), _numeric(m[1], "/", m[2], m[3]), "/"))
    for m in _COMPACT.finditer(text):
        found.append((m.start(), m.end(), [f"{m[1]}-{m[2]}-{m[3]}"], ""))
    months = lexicon().months
    for pattern, order in (
        (_NAMED, (3, 2, 1)),
        (_MONTH_FIRST, (3, 1, 2)),
        (_YEAR_FIRST, (1, 2, 3)),
    ):
        for m in pattern.finditer(text):
            month = months.get(key(m[order[1]]))
            iso = _iso(m[order[0]], month, int(m[order[2]])) if month else None
            if iso:
                found.append((m.start(), m.end(), [iso], "name"))
    found += _beginnings(text, months)
    found = [f for f in found if f[2]]
    found.sort(key=lambda f: (f[0], f[0] - f[1]))
    kept: list[tuple[int, int, list[str], str]] = []
    for f in found:
        if not kept or f[0] >= kept[-1][1]:
            kept.append(f)
    return tuple(kept)


def _beginnings(text: str, months: Mapping[str, int]) -> Iterator[tuple[int, int, list[str], str]]:
    """Dates at the beginning of a range whose end alone has the year."""
    for pattern, (month, day) in _BEGINNINGS:
        for m in pattern.finditer(text):
            number = int(m[month]) if m[month].isdigit() else months.get(key(m[month]), 0)
            iso = _iso(m[3], number, int(m[day]))
            if iso:
                yield m.start(), m.end(), [iso], "." if m[month].isdigit() else "name"


def _numeric(a: str, mark: str, b: str, c: str) -> list[str]:
    if len(a) == 4:
        if len(c) > 2:
            return []
        return [d for d in (_iso(a, int(b), int(c)),) if d]
    if len(c) < 2 or (mark.isspace() and len(c) != 4):
        return []
    day_first, month_first = _iso(c, int(b), int(a)), _iso(c, int(a), int(b))
    if mark == ".":
        month_first = None if day_first else month_first
    return list(dict.fromkeys(d for d in (day_first, month_first) if d))


def candidates(document: Document, view: View) -> list[Candidate]:
    """All dates; ambiguous ones read as the document's other dates, country and language say."""
    found: list[Candidate] = []
    marks: list[str] = []
    for segment in view.segments:
        for start, end, dates, mark in _find(segment.text):
            first, last = first_and_last(segment, start, end)
            hints = {"named": float(mark == "name"), "iso": float(mark == "-"), "sure": 1.0}
            if len(dates) > 1:
                hints["sure"] = 0.0
            found.append(
                spanned(
                    segment,
                    first,
                    last,
                    kind="date",
                    value=dates[0],
                    way=NAME,
                    raw=segment.text[start:end],
                    hints=hints,
                    others=tuple(dates[1:]),
                )
            )
            marks.append(mark)
    return _settle(found, marks, document)


def _settle(found: list[Candidate], marks: list[str], document: Document) -> list[Candidate]:
    """Turn ambiguous dates to the order that the unambiguous ones of the document have."""
    votes: Counter[bool] = Counter()
    for c, mark in zip(found, marks, strict=True):
        numbers = re.findall(r"\d+", c.raw)
        clear = mark in {"/", "-", " "} and not c.others and len(numbers) == 3
        if clear and len(numbers[0]) <= 2 and int(numbers[0]) != int(numbers[1]):
            votes[int(numbers[0]) > 12] += 1
    month_first = votes[False] > votes[True]
    if not votes:
        month_first = looks_american(document)
    out = []
    for c in found:
        if c.others and month_first:
            out.append(replace(c, value=c.others[0], others=(c.value, *c.others[1:])))
        else:
            out.append(c)
        if c.others and votes:
            out[-1].hints["sure"] = 0.5
    return out


_STATE_ZIP = re.compile(r"\b[A-Z]{2}\.?\s+\d{5}(?:-\d{4})?\b")
_AMERICAN = re.compile(
    r"\bUSA\b|United States|\bU\.S\.A|\bZIP\b|\(\d{3}\) ?\d{3}-\d{4}|\bINC\b|\bLLC\b", re.I
)


def looks_american(document: Document) -> bool:
    """Whether the page speaks of the United States, where the month comes first."""
    text = document.text
    if document.language not in {"", "en"}:
        return False
    if "€" in text or "£" in text:
        return False
    return len(_STATE_ZIP.findall(text)) + len(_AMERICAN.findall(text)) + text.count("$") // 2 >= 2
