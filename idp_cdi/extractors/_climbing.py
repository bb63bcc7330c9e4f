"""From a line of an address up to the heading that says whose it is, and down to what goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.extractors._block import HEADINGS, Block, Line, is_heading, street_score
from idp_cdi.extractors._lexicon import labels_of
from idp_cdi.extractors._view import key

if TYPE_CHECKING:
    from idp_cdi.extractors._lexicon import Hit
    from idp_cdi.extractors._view import Segment, View

_MOST_LINES = 7


def _aligned(a: Segment, b: Segment) -> bool:
    a0, _, a1, _ = a.box
    b0, _, b1, _ = b.box
    slack = 0.7 * (a.size if a.size > b.size else b.size) + 1.5
    return (
        -slack <= a0 - b0 <= slack
        or -2.0 <= a1 - b1 <= 2.0
        or (abs((a0 + a1) - (b0 + b1)) / 2 <= slack and a1 - a0 > 8 and b1 - b0 > 8)
    )


def neighbours(view: View, segment: Segment, *, up: bool) -> list[Segment]:
    """Segments of the same column, nearest first, until a gap of more than three lines."""
    out: list[Segment] = []
    current, segments = segment, view.segments
    step = -1 if up else 1
    number = segment.line + step
    while 0 <= number < len(view.lines) and len(out) < _MOST_LINES + 3:
        row = view.lines[number]
        first = segments[row[0]]
        if first.page != segment.page:
            break
        gap = current.box.y0 - first.box.y1 if up else first.box.y0 - current.box.y1
        if gap > 3.4 * max(current.box.height, 7.0):
            break
        fit = [s for i in row if _aligned(s := segments[i], segment)]
        if fit:
            current = min(fit, key=lambda s: abs(s.box.x0 - segment.box.x0))
            out.append(current)
        number += step
    return out


def climb(view: View, segment: Segment, block: Block, anchors: set[int]) -> None:
    """Add the lines above a segment to its block, up to the heading that says whose it is."""
    previous = segment
    for above in neighbours(view, segment, up=True):
        if len(block.above) >= _MOST_LINES or _heading_between(view, previous, above, block):
            break
        found = labels_of(view)[above.index]
        whole = is_heading(found, len(above.texts))
        if whole:
            block.heading[whole] = 1.0
            if whole not in _WHOSE:
                continue
            break
        if above.index in anchors or stops(above, found):
            break
        if _labelled(above, found):
            block.aside.append(above)
            continue
        cut = _leading_heading(above, found, block)
        block.above.append(Line(above, cut, len(above.texts)))
        if block.street < 0 and street_score(above.text) >= 0.5:
            block.street = len(block.above) - 1
        previous = above
        if (cut and _WHOSE & block.heading.keys()) or _heading_left(view, above, block):
            break


def _leading_heading(above: Segment, found: list[Hit], block: Block) -> int:
    """Words of a heading that starts the line ("Bill to: Muster Ltd"), noted with the block."""
    cut = 0
    for hit in found:
        marked = hit.start == 1 and above.texts[hit.end - 1].endswith(":")
        if (hit.start == 0 or marked) and hit.concept in HEADINGS and hit.end < len(above.texts):
            mark = above.texts[hit.end - 1].endswith(":") or above.texts[hit.end] == ":"
            if mark or hit.concept in {"buyer", "ship_to", "contact_name"}:
                cut = max(cut, hit.end)
                block.heading[hit.concept] = 1.0
    while 0 < cut < len(above.texts) - 1 and above.texts[cut] in {":", "-"}:
        cut += 1
    return cut


_WHOSE = frozenset(("buyer", "seller", "ship_to", "payee", "agent"))


def _heading_between(view: View, lower: Segment, upper: Segment, block: Block) -> bool:
    """Whether a heading that is not aligned stands between two lines, above the lower one."""
    for number in range(upper.line, lower.line):
        for index in view.lines[number]:
            other = view.segments[index]
            if other is upper or other.box.x0 > lower.box.x1 or other.box.x1 < lower.box.x0:
                continue
            concept = is_heading(labels_of(view)[other.index], len(other.texts))
            if concept in _WHOSE and other.box.x0 > lower.box.x0 - 40:
                block.heading[concept] = 1.0
                return True
    return False


def _heading_left(view: View, segment: Segment, block: Block) -> bool:
    """Whether the segment right before it on its line is a heading, and not one of its column."""
    left, _ = view.beside(segment)
    for other in left[:1]:
        concept = is_heading(labels_of(view)[other.index], len(other.texts))
        if concept in _WHOSE and not _heads_column(view, other):
            block.heading[concept] = 1.0
            return True
    return False


def _heads_column(view: View, heading: Segment) -> bool:
    """Whether what a heading is about stands right below it."""
    below = next(iter(neighbours(view, heading, up=False)), None)
    if below is None or below.box.y0 - heading.box.y1 >= _CLOSE * heading.box.height:
        return False
    labelled = any(h.start == 0 for h in labels_of(view)[below.index])
    return not labelled and not below.text.endswith(":")


_CLOSE = 0.9
"""Gap between two lines of a block at most, in heights of a line."""
_ASIDE = frozenset(
    ("number", "item_number", "customer_number", "supplier_number", "reference", "vat_id", "phone",
     "tax_number", "registration_number", "email", "website", "fax", "account", "name")
)  # fmt: skip


def _labelled(segment: Segment, found: list[Hit]) -> bool:
    """Whether a line between a name and its address is data of another kind ("GLN: 4000…")."""
    if street_score(segment.text) >= 0.5:
        return False  # "No: 28, Jalan Astana"
    for hit in found:
        if hit.concept in _ASIDE and (hit.start == 0 or segment.texts[hit.end - 1].endswith(":")):
            colon = any(t.endswith(":") for t in segment.texts[hit.start : hit.end + 1])
            if colon or hit.end == len(segment.texts):
                return True
    return False


_STOPS = frozenset(
    ("doc_invoice doc_credit_note doc_order doc_receipt invoice_number issue_date due_date total "
     "order_number iban bic page description quantity purchase_order delivery_date").split()
)  # fmt: skip


def stops(segment: Segment, found: list[Hit]) -> bool:
    """Whether a line can't belong to an address: a label of something else, or running text."""
    if len(segment.texts) > 12 or not any(c.isalpha() for c in segment.text):
        return True
    if street_score(segment.text) >= 0.5:
        return False  # "P.O. Box 17" is no purchase order
    for hit in found:
        if hit.start == 0 and hit.concept in _STOPS:
            marked = segment.texts[hit.end - 1].endswith((":", ".", "#"))
            if (
                hit.end == len(segment.texts)
                or marked
                or len(key("".join(segment.texts[: hit.end]))) > 7
            ):
                return True
    return False


def descend(view: View, segment: Segment, block: Block, anchors: set[int]) -> None:
    """Add the lines below a segment to its block, down to the next party."""
    for below in neighbours(view, segment, up=False):
        if below.index in anchors or len(block.below) >= _MOST_LINES:
            break
        if is_heading(labels_of(view)[below.index], len(below.texts)) in {
            "buyer",
            "seller",
            "ship_to",
        }:
            break
        block.below.append(Line(below, 0, len(below.texts)))
