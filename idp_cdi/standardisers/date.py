"""Date: ISO 8601 (year-month-day), from every usual notation in a dozen languages.

A numeric date that can be read two ways ("03/04/2018") needs the `day_first` hint or a country
that settles it; dots ("03.04.2018") put the day first by custom. Two-digit years lie within
1969–2068, as in POSIX.
Source: https://www.iso.org/iso-8601-date-and-time-format.html

>>> clean("31.01.2024"), clean("Jan 31st, 2024"), clean("le 1er février 2024"), clean("20240131")
('2024-01-31', '2024-01-31', '2024-02-01', '2024-01-31')
>>> clean("03/04/2018", day_first=True), clean("03/04/2018", country="US")
('2018-04-03', '2018-03-04')
>>> clean("03/04/2018")
Traceback (most recent call last):
...
idp_cdi.errors.BadFormat: day or month first? (give the day_first hint)
"""

from __future__ import annotations

import datetime
import re
import unicodedata

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers._months import FILLERS, MONTHS
from idp_cdi.standardisers._text import fold, required

NAME = "date"
STRONG = False

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d.*)?", re.ASCII)
_NUMERIC = re.compile(r"(\d{1,4})\s*([./,\s-])\s*(\d{1,2})\s*\2\s*(\d{1,4})\.?", re.ASCII)
_CJK = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]?", re.ASCII)
_COMPACT = re.compile(r"\d{8}", re.ASCII)
_TIME = re.compile(
    r"(?:[,\sT]+|(?<=\d)T)(?:at\s+|um\s+)?\d{1,2}[:.h]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?"
    r"\s*(?:[ap]\.?m\.?)?\s*(?:uhr|h)?\s*(?:z|utc|gmt|[+-]\d{2}:?\d{2}|[a-z]{3,4})?\s*$",
    re.IGNORECASE,
)
_WORDS = re.compile(r"\d+|[^\W\d_]+(?:-feira)?")
# Countries that write the month before the day in numbers; Canada and others do both.
_MONTH_FIRST = frozenset("US PH FM PW MH AS GU MP PR VI".split())
_MIXED = frozenset("CA KE GH ZA".split())


def clean(raw: str, *, country: str | None = None, day_first: bool | None = None) -> str:
    """Return the date as ``YYYY-MM-DD``.

    Args:
        raw: Text as found; a time of day after the date is left out.
        country: Where it was written; settles the order of day and month for most countries.
        day_first: Whether numbers put the day before the month; outranks `country`.

    Returns:
        The date.

    Raises:
        BadFormat: Not one full date, or two readings are left (``value.ambiguous``).
    """
    iso = _ISO.fullmatch(raw)
    if iso:
        return _date(raw, *map(int, iso.groups()))
    text = unicodedata.normalize("NFKC", required(raw, "a date")).strip(" .,;:()[]'\"")
    text = _TIME.sub("", text) if ":" in text or "." in text or "h" in text else text
    if day_first is None and country is not None and country not in _MIXED:
        day_first = country not in _MONTH_FIRST
    numeric = _NUMERIC.fullmatch(text)
    if numeric:
        first, mark, second, third = numeric.groups()
        if mark in ".," and day_first is None:
            day_first = True
        return _numeric(raw, (first, second, third), day_first=day_first)
    cjk = _CJK.fullmatch(text)
    if cjk:
        return _date(raw, *map(int, cjk.groups()))
    if _COMPACT.fullmatch(text):
        return _compact(raw, text, day_first=day_first)
    return _written(raw, text)


def _date(raw: str, year: int, month: int, day: int) -> str:
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        raise BadFormat("the calendar has no such day", value=raw) from None


def _year(text: str) -> int:
    year = int(text)
    if len(text) <= 2:
        return year + (2000 if year < 69 else 1900)
    return year


def _numeric(raw: str, parts: tuple[str, str, str], *, day_first: bool | None) -> str:
    first, second, third = parts
    if len(first) == 4:
        return _date(raw, int(first), int(second), int(third))
    if len(first) == 3 or len(third) == 3 or (len(third) == 1 and len(first) < 4):
        raise BadFormat("a year has two or four digits", value=raw)
    return _ordered(raw, int(first), int(second), _year(third), day_first=day_first)


def _ordered(raw: str, one: int, two: int, year: int, *, day_first: bool | None) -> str:
    """Numbers in front of a year: one of them is the day, the other the month."""
    if one > 12 or two > 12 or one == two:
        return _date(raw, year, *((two, one) if one > 12 else (one, two)))
    if day_first is None:
        raise BadFormat(
            "day or month first?",
            code="value.ambiguous",
            action="give the day_first hint",
            value=raw,
        )
    return _date(raw, year, *((two, one) if day_first else (one, two)))


def _compact(raw: str, text: str, *, day_first: bool | None) -> str:
    if 1500 <= int(text[:4]) < 2200 and 1 <= int(text[4:6]) <= 12 and 1 <= int(text[6:]) <= 31:
        return _date(raw, int(text[:4]), int(text[4:6]), int(text[6:]))
    return _ordered(raw, int(text[:2]), int(text[2:4]), int(text[4:]), day_first=day_first)


def _written(raw: str, text: str) -> str:
    """A date with the month in letters: one month, a day, a year, and words without weight."""
    month, numbers = 0, []
    for word in _WORDS.findall(fold(text)):
        if word.isdigit():
            numbers.append(word)
        elif word in MONTHS and not month:
            month = MONTHS[word]
        elif word not in FILLERS:
            raise BadFormat("this is no date", value=raw)
    if not month or len(numbers) != 2 or not all(n.isascii() for n in numbers):
        raise BadFormat("a date has a day, a month and a year", value=raw)
    one, two = numbers
    if len(one) == 4 and len(two) <= 2:
        return _date(raw, int(one), month, int(two))
    if len(one) > 2 or len(two) not in (2, 4):
        raise BadFormat("a date has a day, a month and a year", value=raw)
    return _date(raw, _year(two), month, int(one))
