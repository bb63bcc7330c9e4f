"""Lengths of time in contracts: term, survival, renewal.

>>> [m.value for m in durations("a period of two (2) years, then 18 months, then thirty (30) days")]
['2 years', '18 months', '30 days']
>>> [m.value for m in durations("für die Dauer von fünf Jahren; pendant 3 ans; first anniversary")]
['5 years', '3 years', '1 year']
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from idp_cdi.extractors import clauses_cues as cues
from idp_cdi.extractors.clauses import Mention

if TYPE_CHECKING:
    from idp_cdi.extractors.clauses import Prose

BEFORE, AFTER = 160, 120


@cache
def _pattern() -> re.Pattern[str]:
    words = "|".join(sorted((re.escape(w) for w in cues.numbers()), key=len, reverse=True))
    unit = "|".join(sorted((re.escape(w) for w in cues.units()), key=len, reverse=True))
    return re.compile(
        rf"(?<![\w.$])(?:(?P<word>{words})\s*)?(?:[(\[]?\s*(?P<digits>\d{{1,3}}(?:\.\d)?)\s*[)\]]?)?"
        rf"[\s-]*(?:full\s+|calendar\s+|consecutive\s+|business\s+)?(?P<unit>{unit})\b"
        rf"|(?P<nth>{words}|\d{{1,2}}(?:st|nd|rd|th))\s*(?:\(\s*(?P<nthd>\d{{1,2}})(?:st|nd|rd|th)?\s*\)\s*)?"
        r"(?:year\s+)?anniversary",
        re.I,
    )


def durations(text: str) -> list[Mention]:
    """Every length of time that is written, as "2 years"."""
    out = []
    for m in _pattern().finditer(text):
        if m["unit"]:
            digits = m["digits"] or (str(cues.numbers()[m["word"].lower()]) if m["word"] else "")
            unit = cues.units()[m["unit"].lower()]
        else:
            nth = m["nth"].lower()
            digits = m["nthd"] or str(cues.numbers().get(nth) or re.sub(r"\D", "", nth))
            unit = "year"
        if not digits or float(digits) == 0:
            continue
        plural = "" if digits == "1" else "s"
        out.append(Mention(f"{digits} {unit}{plural}", m.start(), m.end()))
    return out


def find(prose: Prose, *, closing: int) -> list[Mention]:
    """All lengths of time with their hints.

    Args:
        prose: The contract.
        closing: Where signing starts.
    """
    size = max(len(prose.flat), 1)
    out = []
    for n, m in enumerate(durations(prose.flat)):
        before = prose.flat[max(0, m.start - BEFORE) : m.start]
        before = before[_sentence_start(before) :]
        after = prose.flat[m.end : m.end + AFTER]
        after = after[: _sentence_end(after)]
        hints = {
            f"{side}_{name}": float(cues.cue(name).search(text) is not None)
            for side, text in (("before", before), ("after", after))
            for name in (
                "period",
                "from_date",
                "secrecy",
                "this_agreement",
                "employment",
                "notice",
                "renewal",
            )
        }
        near = before[-45:]
        hints |= {
            "near_period": float(cues.cue("period").search(near) is not None),
            "near_notice": float(cues.cue("notice").search(near) is not None),
            "near_from": float(cues.cue("from_date").search(after[:45]) is not None),
            "anniversary": float("anniversary" in prose.flat[m.start : m.end].lower()),
            "days": days(m.value),
            "unit_year": float("year" in m.value),
            "unit_month": float("month" in m.value),
            "hyphen": float("-" in prose.flat[m.start : m.end]),
            "survive": float(re.search(r"surviv\w+", before + after, re.I) is not None),
            "terminate": float(re.search(r"terminat\w+|expir\w+", before, re.I) is not None),
            "old": float(
                re.search(r"\b(?:age|old|prior|past|preceding|last)\b", near + after[:30], re.I)
                is not None
            ),
            "heading_term": float(_under_heading(prose, m.start)),
            "at": m.start / size,
            "rank": float(n),
            "after_closing": float(m.start >= closing),
        }
        out.append(Mention(m.value, m.start, m.end, hints))
    return out


def days(value: str) -> float:
    """A duration such as "18 months" in days."""
    number, unit = value.split()
    factor = {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}[unit.rstrip("s")]
    return float(number) * factor


def _sentence_start(text: str) -> int:
    ends = [m.end() for m in re.finditer(r"(?<=[a-z)\"])[.;]\s+(?=[A-Z(])", text)]
    return ends[-1] if ends else 0


def _sentence_end(text: str) -> int:
    m = re.search(r"(?<=[a-z)\"])\.\s+(?=[A-Z(])", text)
    return m.start() if m else len(text)


def _under_heading(prose: Prose, position: int) -> bool:
    """Whether a heading "Term" or the like stands at the start of the paragraph."""
    line = prose.line_at(position)
    for i in range(line, max(line - 6, -1), -1):
        start, end = prose.lines[i]
        head = prose.text[start : min(end, start + 45)]
        if re.match(
            r"\W*(?:\d+[.\d]*\)?\s*)?(?:section\s+\S+\s+)?[\w,& ]{0,20}"
            r"\b(?:term|termination|duration|laufzeit|durée|duración|"
            r"durata|looptijd)\b",
            head,
            re.I,
        ):
            return True
    return False
