"""What the picture of a form says: whether a line is signed, and which drawn boxes are ticked.

Pages are drawn only where there is something to look at: a label of a signature, short rules as
boxes have, or a scan, whose boxes leave no other trace. A document whose file is not there (a part
of a mail) or has changed keeps what its text says. Nothing here changes a field of another name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp_cdi.documents import Box, PageSource, around
from idp_cdi.errors import IdpCdiError
from idp_cdi.extractions import Field
from idp_cdi.extractors._view import key
from idp_cdi.scoring import form_signed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.documents import Document, Page
    from idp_cdi.extractors._ink import Ink, Square
    from idp_cdi.extractors.forms_labels import Row
    from idp_cdi.scoring.custom_sheet import Sheet
    from idp_cdi.scoring.form_signed import Label

MOST = 12
"""Pages that are looked at in one document."""
BOX = 0.9
"""Confidence: set, not fitted; docs/forms.md has what was measured."""

_TICKED, _EMPTY = 0.1, 0.03  # dark shares of the inside; between them nothing is said
_SOLID = 0.85
_LIKE_TICKS = frozenset("xv")
_LIKE_BOXES = frozenset("o0dculi1jqnmw") | {"lj", "li", "ll", "ci", "cl", "il", "ij", "ol", "xi"}
"""What OCR takes boxes for."""
_ANSWERS = frozenset(
    "yes no ja nein nee oui non sí si y n na n/a".split()  # these words say nothing alone
)


def look(document: Document, sheet: Sheet, known: Sequence[Field]) -> list[Field]:
    """`extra.signed` and boxes as `extra.<text of the box>`, each "yes" or "no".

    Args:
        document: As read; `name` is its path.
        sheet: Its rows and labels.
        known: The fields found so far; none of their names is given again.

    Returns:
        Fields; none where the file can't be drawn.
    """
    names = {f.name for f in known}
    signs = [] if "extra.signed" in names else form_signed.labels(sheet)
    signing = {row.page for row, _, _ in signs}
    wanted = [p for p in document.pages if _worth(p, signing)]
    wanted = sorted(wanted, key=lambda p: p.number not in signing)[:MOST]
    if not wanted or not _there(document):
        return []
    boxes: list[Field] = []
    seen = {p.number for p in wanted}
    lines: list[Field | None] = [None for row, _, _ in signs if row.page not in seen]
    for page in wanted:
        ink = _drawn(document, page)
        if ink is None:
            lines.append(None)
            continue
        found, signed = on_page(ink, page, sheet, signs)
        boxes += found
        lines += signed
    return [f for f in agreed(boxes) + form_signed.settled(lines) if f.name not in names]


def on_page(
    ink: Ink, page: Page, sheet: Sheet, signs: Sequence[Label]
) -> tuple[list[Field], list[Field | None]]:
    """The boxes of a page, and for each label of a signature what its line says.

    Args:
        ink: Of the page's picture.
        page: The page.
        sheet: The document's rows.
        signs: What `labels` found.

    Returns:
        Boxes, and lines: None where it can't be told.
    """
    rows = [r for r in sheet.lines if r.page == page.number]
    here = [s for s in signs if s[0].page == page.number]
    return _boxes(ink, page, rows), [form_signed.signed(ink, page, rows, s) for s in here]


def _worth(page: Page, signing: set[int]) -> bool:
    """Whether the page may have something drawn that counts."""
    if not page.words or page.source is PageSource.NONE:
        return False
    if page.source is PageSource.OCR or page.number in signing:
        return True
    return sum(1 for r in page.rules if 5 <= max(r.width, r.height) <= 18) >= 2


def _there(document: Document) -> bool:
    """Whether the file is there as it was read, and of a kind that can be drawn."""
    from idp_cdi.readers import Source

    if document.media_type != "application/pdf" and not document.media_type.startswith("image/"):
        return False
    try:
        return Source.of_path(document.name).sha256 == document.sha256
    except (IdpCdiError, OSError, ValueError):
        return False


def _drawn(document: Document, page: Page) -> Ink | None:
    """The ink of a page, None where it can't be drawn."""
    from idp_cdi.extractors import _ink as inks
    from idp_cdi.readers import render

    try:
        return inks.ink_of(render(document.name, page.number, inks.DPI, page, grey=True))
    except (IdpCdiError, OSError):
        return None


def _boxes(ink: Ink, page: Page, rows: Sequence[Row]) -> list[Field]:
    """The drawn boxes of a page that have words beside them."""
    from idp_cdi.extractors._ink import squares

    found = squares(ink)
    found = [s for s in found if not _is_letter(s, page)]
    hollow = [s.box.width for s in found if s.filled < _SOLID]
    out = []
    for one in found:
        if _EMPTY < one.filled < _TICKED:
            continue
        solid = one.filled >= _SOLID
        if solid and not any(abs(w - one.box.width) <= 1.5 for w in hollow):
            continue  # a bullet
        label = _beside(one.box, rows, [s.box for s in found])
        if not label:
            continue
        ticked = one.filled >= _TICKED
        state = "ticked" if ticked else "empty"
        why = f"the box drawn beside these words is {state}; page {page.number}"
        name = "_".join(re.findall(r"\w+", label.lower()))[:48]
        if name and any(c.isalpha() for c in name):
            value = "yes" if ticked else "no"
            out.append(Field(f"extra.{name}", value, "", BOX, page.number, one.box, "ink", why))
    return out


def _is_letter(square: Square, page: Page) -> bool:
    """Whether it is a letter of a word, or a cell with print in it."""
    b = square.box
    scanned = page.source is PageSource.OCR
    for w in page.words:
        text = key(w.text)
        down = min(w.box.y1, b.y1) - max(w.box.y0, b.y0)
        across = min(w.box.x1, b.x1) - max(w.box.x0, b.x0)
        if not text or down < 0.5 * min(b.height, w.box.height):
            continue
        if across > 0.7 * min(b.width, w.box.width):
            alike = text in _LIKE_TICKS or (scanned and text in _LIKE_BOXES)
            inside = w.box.x1 - w.box.x0 < 1.6 * b.width or not scanned
            if not alike and (w.confidence >= 0.5 or not inside):
                return True
    return False


def _beside(box: Box, rows: Sequence[Row], others: Sequence[Box]) -> str:
    """The words of a box: right of it up to the next box or gap; else left of it."""
    row = max(rows, key=lambda r: _shared(r, box), default=None)
    if row is None or _shared(row, box) <= 0.4 * min(box.height, row.height):
        return ""
    if not 0.6 * row.height <= box.height <= 2.2 * row.height:
        return ""
    stops = [o.x0 for o in others if o.x0 > box.x1 and abs(o.middle - box.middle) < box.height]
    end = min(stops, default=1e9)
    text = _from(row, box.x1, end, 2.5 * box.width)
    if not text:
        before = [o.x1 for o in others if o.x1 < box.x0 and abs(o.middle - box.middle) < box.height]
        text = _up_to(row, box.x0, max(before, default=-1e9), 1.5 * box.width)
    if text.lower() in _ANSWERS:
        first = min(o.x0 for o in (*others, box) if abs(o.middle - box.middle) < box.height)
        text = f"{_up_to(row, first, -1e9, 1e9)} {text}".strip()
    return text if 2 <= len(text) <= 60 else ""


def _shared(row: Row, box: Box) -> float:
    """How much of the height of a box the words near it share."""
    near = [b for b in row.boxes if box.x0 - 60 < b.x1 and b.x0 < box.x1 + 60]
    if not near:
        return 0.0
    line = around(near)
    return min(line.y1, box.y1) - max(line.y0, box.y0)


def _from(row: Row, x: float, end: float, gap: float) -> str:
    """The words from `x` to `end`, the first within `gap` points."""
    out: list[str] = []
    for text, b in zip(row.texts, row.boxes, strict=True):
        if (b.x0 + b.x1) / 2 <= x or b.x0 >= end - 1:
            continue
        if b.x0 - x > (3 * row.height if out else gap):
            break
        glued = not out and b.x0 < x - 3 and len(text) > 2  # the box read as the first letter
        out.append(text[1:] if glued else text)
        x = b.x1
    return " ".join(out).strip(" :.|[](){}_-")


def _up_to(row: Row, x: float, start: float, gap: float) -> str:
    """The words before `x`, the last within `gap` points."""
    out: list[str] = []
    for text, b in reversed(list(zip(row.texts, row.boxes, strict=True))):
        if b.x1 > x + 1 or b.x0 < start:
            continue
        if x - b.x1 > (3 * row.height if out else gap):
            break
        out.insert(0, text)
        x = b.x0
    return " ".join(out).strip(" :.|[](){}_-")


def agreed(fields: Sequence[Field]) -> list[Field]:
    """One field a name; none where two places of one name say different things."""
    said: dict[str, set[str]] = {}
    for f in fields:
        said.setdefault(f.name, set()).add(f.value)
    first = {f.name: f for f in reversed(fields)}
    return [f for f in first.values() if len(said[f.name]) == 1][::-1]
