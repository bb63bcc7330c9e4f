"""Fields as a table for reading: name, value, certainty, reason; long cells go on below.

Written by hand because the library for tables takes longer to import than a page to be read.

>>> folded("after the label “Total”, it adds up", 20)
['after the label', '“Total”, it adds up']
>>> folded("a" * 25, 20), folded("", 20), width("発票 1")
(['aaaaaaaaaaaaaaaaaaaa', 'aaaaa'], [''], 6)
"""

from __future__ import annotations

import shutil
import sys
import unicodedata
from typing import NamedTuple

import click

_PIPED = 200
"""Columns where nobody's terminal sets them; lines in a file may be as long as they need to be."""


class Row(NamedTuple):
    """One line of the table; `sure` stands to the right of its column."""

    name: str
    value: str
    sure: str
    why: str


def plain(text: str) -> str:
    """`text` without what a terminal obeys (colours, cursor, direction): it comes from papers.

    >>> plain("a\\x1b[31mb\\u202ec\\nd")
    'a[31mbc d'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " * c.isspace() for c in text)


def write(rows: list[Row], colours: list[str]) -> None:
    """Print `rows`, the certainty of each in its colour ("" for none)."""
    if not rows:
        return
    rows = [Row(*map(plain, row)) for row in rows]
    whole = shutil.get_terminal_size().columns if sys.stdout.isatty() else _PIPED
    name = max(width(r.name) for r in rows)
    sure = max(width(r.sure) for r in rows)
    rest = max(20, whole - name - sure - 8)  # what the two that may fold have between them
    value = min(max(width(r.value) for r in rows), max(rest // 2, rest - _longest(rows)))
    for row, colour in zip(rows, colours, strict=True):
        values = folded(row.value, max(8, value))
        reasons = folded(row.why, max(12, rest - value))
        for n in range(max(len(values), len(reasons))):
            first = n == 0
            said = values[n] if n < len(values) else ""
            reason = reasons[n] if n < len(reasons) else ""
            certainty = " " * (sure - width(row.sure)) + row.sure if first else " " * sure
            cells = (
                _padded(row.name if first else "", name),
                _padded(said, value),
                click.style(certainty, fg=colour) if colour and first else certainty,
                click.style(reason, dim=True) if reason else "",
            )
            click.echo(f"  {'  '.join(cells)}".rstrip())


def _longest(rows: list[Row]) -> int:
    return max(width(r.why) for r in rows)


def width(text: str) -> int:
    """Columns that `text` takes in a terminal: letters of the east two, marks on letters none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(map(bool, map(unicodedata.combining, text)))


def folded(text: str, most: int) -> list[str]:
    """`text` in lines of at most `most` columns, broken at blanks where there are some."""
    lines = [""]
    for word in text.split():
        both = f"{lines[-1]} {word}" if lines[-1] else word
        if width(both) <= most:
            lines[-1] = both
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if width(lines[-1] + letter) > most:
                lines.append("")
            lines[-1] += letter
    return lines


def _padded(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))
