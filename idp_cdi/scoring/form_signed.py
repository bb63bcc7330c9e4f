"""Where a form is signed by hand: labels of signatures, their lines, and ink on them.

A line is a drawn rule beside the label or above it. Without a rule nothing is said: a signature may
then stand anywhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp_cdi.documents import Box, PageSource, around
from idp_cdi.extractions import Field
from idp_cdi.extractors import forms
from idp_cdi.extractors._view import key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.documents import Page, Word
    from idp_cdi.extractors._ink import Ink, Strokes
    from idp_cdi.extractors.forms_labels import Row
    from idp_cdi.scoring.custom_sheet import Sheet

    Label = tuple[Row, int, int]
    """Row, first and last (exclusive) word."""

SIGNED, UNSIGNED = 0.85, 0.8
"""Confidences: set, not fitted; docs/forms.md has what was measured."""

_SIGNS = {
    "en": r"signatures?|signed|sign",
    "de": r"unterschrift(?:en)?|unterzeichnet",
    "fr": r"signatures?|signé",
    "es": r"firmas?|firmado",
    "it": r"firma|firmato|firme",
    "nl": r"handtekening(?:en)?|ondertekening|ondertekend",
}
_ELSEWHERE = ("es", "it")  # "firma" is a company in German: only where the language is known
_OTHER = re.compile(  # a label of something else that speaks of a signature
    r"\b(?:date|dated|datum|fecha|data|name|names|print|printed|type|nom|nombre|nome|naam|title"
    r"|page|electronic|digital|card|see|this|not|under|required|witness\w*|i|we|at|on)\b",
    re.I,
)


def labels(sheet: Sheet) -> list[Label]:
    """Row, first and last (exclusive) word of the labels of signatures."""
    spoken = [sheet.language] if sheet.language in _SIGNS else set(_SIGNS) - set(_ELSEWHERE)
    wordings = "|".join(_SIGNS[code] for code in sorted({*spoken, "en"}))
    sign = re.compile(rf"(?:{wordings})\Z", re.I)
    out = []
    for row in sheet.lines:
        if len(row.texts) > 30:
            continue
        for a, z in forms.chunks(row):
            last = next((i for i in range(a, z) if _is_line(row.texts[i])), z)
            words = [re.sub(r"\W+$|^\W+", "", t) for t in row.texts[a:last]]
            if not 1 <= len(words) <= 6 or _OTHER.search(" ".join(words)):
                continue
            if any(sign.match(w) for w in words):
                out.append((row, a, last))
    return out


def signed(ink: Ink, page: Page, rows: Sequence[Row], sign: Label) -> Field | None:
    """Whether the line of a label is signed, None where that can't be told."""
    from idp_cdi.extractors import _ink as inks

    row, first, last = sign
    high = min(max(row.height, 6.0), 14.0)
    region = _region(ink, page, rows, sign, high)
    if region is None:
        return None
    printed = [w.box for w in page.words if _is_print(w, page)]
    left = inks.strokes(ink, region, printed)
    where = f'on the line of "{" ".join(row.texts[first:last])}"; page {page.number}'
    box, number = region, page.number
    if _is_hand(left, high):
        return Field("extra.signed", "yes", "", SIGNED, number, box, "ink", f"ink {where}")
    if left.area > 3 or any(_overlaps(b, region) for b in printed):
        return None
    return Field("extra.signed", "no", "", UNSIGNED, number, box, "ink", f"nothing {where}")


def settled(lines: Sequence[Field | None]) -> list[Field]:
    """Signed where one line is, unsigned only where all are known to be empty."""
    known = [f for f in lines if f is not None]
    signed = [f for f in known if f.value == "yes"]
    return signed[:1] or (known[:1] if len(known) == len(lines) else [])


def _is_line(text: str) -> bool:
    """Whether a word is a line to write on."""
    return re.fullmatch(r"[_.\-—–…]{4,}", text) is not None


def _is_print(word: Word, page: Page) -> bool:
    """Whether a word is print: what OCR is unsure of may be a scrawl."""
    if not any(c.isalnum() for c in word.text):
        return False
    if page.source is not PageSource.OCR:
        return True
    return word.confidence >= 0.7 and len(key(word.text)) >= 2


def _is_hand(left: Strokes, high: float) -> bool:
    """Whether strokes are as wide, high and unbroken as a signature."""
    return (
        left.width >= 2.5 * high
        and left.height >= 0.55 * high
        and left.columns >= 0.35
        and left.area >= 0.3 * high * high
    )


def _overlaps(a: Box, b: Box) -> bool:
    across = min(a.x1, b.x1) - max(a.x0, b.x0)
    down = min(a.y1, b.y1) - max(a.y0, b.y0)
    return across > 2 and down > 0.4 * a.height


def _region(ink: Ink, page: Page, rows: Sequence[Row], sign: Label, high: float) -> Box | None:
    """Where the signature of a label may stand: on a rule right of it, or on one above it."""
    from idp_cdi.extractors import _ink as inks

    row, first, last = sign
    label = around(row.boxes[first:last])
    after = zip(row.texts[last:], row.boxes[last:], strict=True)
    right = min((b.x0 for t, b in after if not _is_line(t)), default=page.width - 20)
    right = min(right - 2, label.x1 + 260)
    beside = Box(label.x1 + 2, label.middle, right, label.y1 + 0.8 * high)
    lines = inks.rules(ink, beside, 40) if beside.width > 40 else []
    lowest = label.y1 + 0.5 * high
    if lines:
        top = label.middle - 2.2 * high
    else:
        x0, top = max(label.x0 - 200, 0), label.y0 - 1.3 * high
        lines = inks.rules(ink, Box(x0, top, label.x1 + 200, label.y0 + 0.15 * high), 50)
        lines = [r for r in lines if r.x0 < label.x1 and r.x1 > label.x0]
        if not lines:
            return None
        lowest, top = lines[-1].y0 + 0.3 * high, lines[-1].y0 - 3.2 * high
    line = lines[-1]
    region = Box(line.x0, _floor(rows, line, top, row), line.x1, lowest)
    return region if region.height >= high else None


def _floor(rows: Sequence[Row], line: Box, top: float, own: Row) -> float:
    """The lower edge of the print above a line, not above `top`."""
    edges = [
        b.y1 + 1
        for r in rows
        if r is not own
        for t, b in zip(r.texts, r.boxes, strict=True)
        if b.x0 < line.x1
        and b.x1 > line.x0
        and b.middle < line.y0 - 0.3 * b.height
        and len(key(t)) > 1
    ]
    return max([top, *(e for e in edges if e < line.y0 - 2)])
