"""Where a value stands on the pages: the words that say it, whatever way they are printed.

>>> from idp_cdi.documents import Document, Page, Word
>>> words = (Word("am", Box(0, 0, 9, 9)), Word("31.", Box(10, 0, 19, 9)),
...     Word("Januar", Box(20, 0, 49, 9)), Word("2026", Box(50, 0, 70, 9)))
>>> document = Document("a", "", "", "pdf", (Page(1, 595, 842, words),))
>>> locate(document, "2026-01-31", "date")
[(1, Box(x0=10, y0=0, x1=70, y1=9))]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp_cdi.documents import Box, around
from idp_cdi.review.places import label_before, overlap
from idp_cdi.standardisers import standardise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp_cdi.documents import Document, Page, Word
    from idp_cdi.extractions import Field

_NORMALISED = frozenset(("date", "amount", "number"))
_JOINT = re.compile(r"(?<=\d)\s*(?:[-–—]|to|bis|au|al|tot)\s*(?=\d)", re.IGNORECASE)
_LONGEST = 24  # words of an address


def locate(
    document: Document, value: str, kind: str, near: Field | None = None
) -> list[tuple[int, Box]]:
    """Every page and box where `value` stands, the likeliest first; empty where it stands nowhere.

    Args:
        document: As read.
        value: Normalised, or as printed.
        kind: Of the field.
        near: What the machine had; of several places one behind a label is the likeliest, then
            the nearest to it.
    """
    found = [
        (page, around(w.box for w in words))
        for page in document.pages
        for words in _spans(page, value, kind)
    ]
    exact: list[tuple[Page, Box]] = []
    for page, box in sorted(found, key=lambda f: f[1].x1 - f[1].x0):
        if not any(page is other and overlap(box, inner) for other, inner in exact):
            exact.append((page, box))
    exact.sort(key=lambda f: _unlikely(f[0], f[1], kind, near))
    return [(page.number, box) for page, box in exact]


def _unlikely(
    page: Page, box: Box, kind: str, near: Field | None
) -> tuple[bool, bool, float, float]:
    """Preferred are the machine's page, for dates and sums a label, then its box or the top.

    Names stand without a label as often as with one; dates and sums without one are table cells.
    """
    labelled = kind not in _NORMALISED or label_before(page.words, box) not in ("", "0")
    if near is None or near.box is None:
        return False, not labelled, page.number, box.y0
    distance = abs(box.middle - near.box.middle) + abs(box.x0 - near.box.x0) / 4
    return page.number != near.page, not labelled, distance, 0.0


def _spans(page: Page, value: str, kind: str) -> Iterator[tuple[Word, ...]]:
    if kind in _NORMALISED:
        yield from _normalised(page.words, value, kind)
        return
    wanted = plain(value)
    if not wanted:
        return
    texts = [plain(w.text) for w in page.words]
    for start, first in enumerate(texts):
        if not first or not wanted.startswith(first):
            continue
        so_far, end = first, start + 1
        while len(so_far) < len(wanted) and end < len(texts) and end - start < _LONGEST:
            so_far += texts[end]
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
            if kind == "date" and any(means(kind, side, value) for side in sides(text)):
                yield words[start:end]
                break
            if means(kind, text, value):
                # Blanks and a label before the value read the same: the shortest span is it.
                inner = " ".join(w.text for w in words[start + 1 : end]).strip(" :;,")
                if not inner or not means(kind, inner, value):
                    yield words[start:end]
                break


def sides(text: str) -> list[str]:
    """The two dates of a period that is printed in one piece, else the text as it is.

    >>> sides("04/26/20-05/10/20"), sides("26-04-2020")
    (['04/26/20', '05/10/20'], ['26-04-2020'])
    """
    for joint in _JOINT.finditer(text):
        parts = [text[: joint.start()], text[joint.end() :]]
        if all(standardise("date", p, day_first=True).ok or _month_first(p) for p in parts):
            return parts
    return [text]


def _month_first(text: str) -> bool:
    return standardise("date", text, day_first=False).ok


def read_as(text: str, example: str, value: str) -> str | None:
    """`text` as a date in the order of day and month in which `example` says `value`.

    >>> read_as("05/11/20", "10/06/20", "2020-10-06")
    '2020-05-11'
    """
    first = re.match(r"\D*(\d+)", example)
    whole = re.fullmatch(r"\d{4}-(\d\d)-(\d\d)", value)
    month, day = (int(whole[1]), int(whole[2])) if whole else (0, 0)
    if month != day and first is not None and int(first[1]) in (month, day):
        cleaned = standardise("date", text, day_first=int(first[1]) == day)
    else:
        cleaned = standardise("date", text)
    return cleaned.value if cleaned.ok else None


def means(kind: str, text: str, value: str) -> bool:
    """Whether `text` can be read as `value`; a date of digits alone in either order."""
    if standardise(kind, text).value == value:
        return True
    orders = (True, False) if kind == "date" else ()
    return any(standardise(kind, text, day_first=order).value == value for order in orders)


def plain(text: str) -> str:
    """`text` as it is compared: letters and digits alone, in one case."""
    return re.sub(r"[\W_]+", "", text.casefold())
