"""Dates in the running text of contracts, with what stands around them.

Written out in six languages ("the 18th day of April, 2001", "5. März 2019", "1er juillet 2020"),
ISO, and in digits, whose order of day and month the whole document decides.

>>> [m.value for m in written("made this 18th day of April, 2001 and on March 5, 1999")]
['2001-04-18', '1999-03-05']
>>> [m.value for m in written("conclu le 1er juillet 2020, geschlossen am 5. März 2019")]
['2020-07-01', '2019-03-05']
>>> [m.value for m in written("RECEIVED 1998 AUG -7 PM 3:04 or 2010 JUN22 or AUG 0 6 2002")]
['1998-08-07', '2010-06-22', '2002-08-06']
>>> [m.value for m in written("98AUG 12 PM 12:14, as Section 75 May 12, 2010 has it")]
['1998-08-12', '2010-05-12']
"""

from __future__ import annotations

import datetime
import re
from functools import cache
from typing import TYPE_CHECKING

from idp_cdi.extractors import clauses_cues as cues
from idp_cdi.extractors.clauses import Mention

if TYPE_CHECKING:
    from idp_cdi.extractors.clauses import Prose

BEFORE = 70
AFTER = 60
"""Characters looked at on either side of a date."""

_DIGITS = re.compile(
    # Behind nothing that goes on with figures, but behind the first day of "1/6/20-1/9/20" …
    r"(?:(?<![\d/.-])|(?<=[/.]\d\d-)|(?<=[/.]\d{4}-)|(?<=\s-))"
    r"(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})\s?([/.-])\s?(\d{1,2})\s?\5\s?(\d{4}|\d{2}))"
    r"(?![\d/]|-(?!\d{1,2}[/.]\d))"  # … and before its last one
)
_PLACE_BEFORE = re.compile(
    r"(?:^|[\s(])[A-ZÀ-Ý][\w'-]+(?:[ -][A-ZÀ-Ý][\w'-]+)*,?\s*(?:,|\bden|\ble|\blì|\bop|\ba|\bam)\s*"
    r"(?:the\s+|den\s+|le\s+|lì\s+|a\s+|il\s+|el\s+|op\s+)?$"
)
"""The place of signing before its date: "Pamplona, 28 de agosto", "Eisenach, den"."""
_SUPERSEDED = re.compile(
    r"\b(?:replac\w+|supersed\w+|earlier|ended|since|ersetz\w+|gegenstandslos|beendet|remplac\w+|depuis"
    r"|sustituy\w+|desde|sostitui\w+|vervang\w+|sinds)\b",
    re.I,
)
_ALONE = re.compile(r"[\s,.:]*(?:date|datum|fecha|data)?[\s,.:]*", re.I)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    names = "|".join(sorted((re.escape(m) for m in cues.months()), key=len, reverse=True))
    month = rf"(?P<month>{names})(?![^\W\d_])\.?"
    day = r"(?P<day>0\s\d|\d{1,2})\s?(?:st|nd|rd|th|er|ère|º|°|\.|,)?"
    year = r"(?P<year>(?:19|20)\s?\d\s?\d)(?!\d)"
    of = r"(?:\s+day)?(?:\s*,?\s+(?:of|de|del|di|van))?"
    return (
        re.compile(
            rf"(?<![\w])(?:{month})\s*[-~]?\s*{day}\s*,?\s*(?:of\s+|in\s+the\s+year\s+)?{year}",
            re.I,
        ),
        re.compile(
            rf"(?<![\d.,/-]){day}{of}\s*(?:{month})\s*,?\s*(?:de\s+|del\s+|di\s+|of\s+)?{year}",
            re.I,
        ),
        # As stamps have it: 1998 AUG -7 PM 3:04
        re.compile(rf"(?<![\d/.-]){year}\s*[-,.]?\s*(?:{month})\s*[-~.]?\s*{day}(?![\d:])", re.I),
        # … or 98 AUG 12, whose year can be no day.
        re.compile(
            rf"(?<![\w/.,-])(?P<year>[6-9]\d)\s?(?:{month})\s?[-~.]?\s?{day}(?![\d:]|\s*,?\s*(?:19|20)\d)",
            re.I,
        ),
    )


def written(text: str) -> list[Mention]:
    """Dates with the month as a word, in order of their place."""
    found: dict[int, Mention] = {}
    for pattern in _patterns():
        for m in pattern.finditer(text):
            year, day = ("".join(m[part].split()) for part in ("year", "day"))
            value = _iso(year, cues.months()[m["month"].lower()], day)
            if value:
                old = found.get(m.start())
                if old is None or old.end < m.end():
                    found[m.start()] = Mention(value, m.start(), m.end())
    return [found[k] for k in sorted(found)]


def numeric(text: str, *, day_first: bool | None = None) -> list[Mention]:
    """Dates in digits; where the order of day and month stays open there is no mention.

    Args:
        text: Any text.
        day_first: How to read 03/04/2018 where no date of the text settles it; None leaves it out.
    """
    hits = list(_DIGITS.finditer(text))
    slashed = [(int(m[4]), int(m[6])) for m in hits if m[4] and m[5] != "."]
    if any(a > 12 for a, _ in slashed) != any(b > 12 for _, b in slashed):
        day_first = any(a > 12 for a, _ in slashed)
    out = []
    for m in hits:
        if m[1]:
            value = _iso(m[1], int(m[2]), m[3])
        else:
            a, b = m[4], m[6]
            if m[5] == "." or int(a) > 12 or (day_first and int(b) <= 12) or a == b:
                value = _iso(m[7], int(b), a)
            elif int(b) > 12 or day_first is False:
                value = _iso(m[7], int(a), b)
            else:
                value = ""
        if value:
            out.append(Mention(value, m.start(), m.end()))
    return out


def _iso(year: str, month: int, day: str) -> str:
    number = int(year)
    if number < 100:
        number += 2000 if number < 60 else 1900
    try:
        return datetime.date(number, month, int(day)).isoformat()
    except ValueError:
        return ""


def find(prose: Prose, *, closing: int, intro: int) -> list[Mention]:
    """All dates of a contract with their hints.

    Args:
        prose: The contract.
        closing: Where signing starts.
        intro: Where the first party introduction stands, -1 where none was seen.
    """
    plain = written(prose.flat)
    taken = [(m.start, m.end) for m in plain]
    for m in numeric(prose.flat, day_first=not american(prose.flat)):
        if all(m.end <= a or m.start >= b for a, b in taken):
            plain.append(m)
    plain.sort(key=lambda m: m.start)
    size = max(len(prose.flat), 1)
    out = []
    for n, m in enumerate(plain):
        hints = _hints(prose, m)
        hints |= {
            "rank": float(n),
            "at": m.start / size,
            "chars": float(m.start),
            "after_closing": float(m.start >= closing),
            "to_intro": float(m.start - intro) if intro >= 0 else 9999.0,
            "to_end": float(size - m.end),
        }
        out.append(Mention(m.value, m.start, m.end, hints))
    return out


def _hints(prose: Prose, m: Mention) -> dict[str, float]:
    before = prose.flat[max(0, m.start - BEFORE) : m.start]
    after = prose.flat[m.end : m.end + AFTER]
    start, end = prose.lines[prose.line_at(m.start)]
    line = prose.text[start:end]
    rest = line[: m.start - start] + line[m.end - start :]
    hints = {
        f"{side}_{name}": float(hit is not None)
        for side, text in (("before", before), ("after", after))
        for name in ("effective", "made", "agreement", "closing", "employment", "period")
        for hit in (cues.cue(name).search(text),)
    }
    near = before[-24:]
    hints["near_effective"] = float(cues.cue("effective").search(near) is not None)
    hints["near_made"] = float(cues.cue("made").search(near) is not None)
    hints["near_label"] = float(
        re.search(r"(?:date|dated|datum|fecha|data)\s*:\s*$", near, re.I) is not None
    )
    hints["after_between"] = float(cues.cue("between").search(after) is not None)
    hints["after_defined"] = float(
        re.match(r"\s*\(?(?:the\s+|this\s+)?\(?[\"']", after) is not None
    )
    hints["alone"] = float(_ALONE.fullmatch(rest) is not None)
    hints["line_length"] = float(len(line))
    hints["place_before"] = float(_PLACE_BEFORE.search(before) is not None)
    hints["superseded"] = float(_SUPERSEDED.search(before + after) is not None)
    hints["intro_word"] = float(
        re.search(r"\b(?:this|the)\s+[\w\s,-]{0,60}(?:agreement|contract|letter)\b", before, re.I)
        is not None
    )
    hints["other_agreement"] = float(
        re.search(r"\b(?:that certain|pursuant to|under the)\b", before, re.I) is not None
    )
    return hints


def american(text: str) -> bool:
    """Whether a text in digits most likely writes the month first."""
    zips = len(re.findall(r"\b[A-Z]{2}\s+\d{5}(?:-\d{4})?\b", text))
    return zips > 0 or re.search(r"\b(?:State of|U\.S\.|United States)\b", text) is not None
