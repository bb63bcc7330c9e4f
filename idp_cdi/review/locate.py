"""Where a value stands on the pages: the words that say it, whatever way they are printed.

>>> from idp_cdi.documents import Document, Page, Word
>>> words = (Word("am", Box(0, 0, 9, 9)), Word("31.", Box(10, 0, 19, 9)),
...     Word("Januar", Box(20, 0, 49, 9)), Word("2026", Box(50, 0, 70, 9)))
>>> document = Document("a", "", "", "pdf", (Page(1, 595, 842, words),))
>>> locate(document, "2026-01-31", "date")
(1, Box(x0=10, y0=0, x1=70, y1=9))
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp_cdi.documents import Box, around

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp_cdi.documents import Document, Page, Word
    from idp_cdi.extractions import Field

_NORMALISED = frozenset(("date", "amount", "number"))
_LONGEST = 24  # words of an address


def locate(
    document: Document, value: str, kind: str, near: Field | None = None
) -> tuple[int, Box] | None:
    """The page and box of `value`, None where it stands nowhere.

    Args:
        document: As read.
        value: Normalised, or as printed.
        kind: Of the field.
        near: What the machine had; of several places the nearest one to it is taken.
    """
    found = [
        (page.number, around(w.box for w in words))
        for page in document.pages
        for words in _spans(page, value, kind)
    ]
    if not found:
        return None
    if near is None or near.box is None:
        return found[0]
    here = near.box
    return min(
        found,
        key=lambda f: (
            f[0] != near.page,
            abs(f[1].middle - here.middle) + abs(f[1].x0 - here.x0) / 4,
        ),
    )


def _spans(page: Page, value: str, kind: str) -> Iterator[tuple[Word, ...]]:
    if kind in _NORMALISED:
        yield from _normalised(page.words, value, kind)
        return
    wanted = _plain(value)
    if not wanted:
        return
    plain = [_plain(w.text) for w in page.words]
    for start, first in enumerate(plain):
        if not first or not wanted.startswith(first):
            continue
        so_far, end = first, start + 1
        while len(so_far) < len(wanted) and end < len(plain) and end - start < _LONGEST:
            so_far += plain[end]
            end += 1
        if so_far == wanted:
            yield page.words[start:end]


def _normalised(words: tuple[Word, ...], value: str, kind: str) -> Iterator[tuple[Word, ...]]:
    for start, word in enumerate(words):
        if not any(c.isalnum() for c in word.text):
            continue
        for end in range(start + 1, min(start + 5, len(words) + 1)):
            text = " ".join(w.text for w in words[start:end]).strip(" :;,")
            if not any(c.isdigit() for c in text):
                continue
            if means(kind, text, value):
                # Blanks and a label before the value read the same: the shortest span is it.
                inner = " ".join(w.text for w in words[start + 1 : end]).strip(" :;,")
                if not inner or not means(kind, inner, value):
                    yield words[start:end]
                break


def means(kind: str, text: str, value: str) -> bool:
    """Whether `text` can be read as `value`; a date of digits alone in either order."""
    from idp_cdi.standardisers import standardise

    if standardise(kind, text).value == value:
        return True
    orders = (True, False) if kind == "date" else ()
    return any(standardise(kind, text, day_first=order).value == value for order in orders)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
