"""Features of address blocks: whose address is it?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from idp_cdi.extractors._block import street_score
from idp_cdi.extractors._view import key
from idp_cdi.extractors._wordings import lexicon
from idp_cdi.scoring.party import copies_of, in_mail, is_checked, shape_legal

if TYPE_CHECKING:
    from idp_cdi.extractors._block import Block
    from idp_cdi.scoring.context import Context

_HEADS = ("buyer", "seller", "ship_to", "payee", "agent", "name", "address", "contact_name")
_BELOW = ("phone", "email", "website", "vat_id", "iban", "tax_number", "registration_number")

BLOCK = ["left", "right", "top", "bottom", "first_page", "last_page", "pages", "size", "ocr",
         *(f"head_{h}" for h in _HEADS), *(f"near_{h}" for h in _HEADS),
         *(f"other_{h}" for h in _HEADS[:5]), *(f"has_{b}" for b in _BELOW),
         *(f"page_has_{b}" for b in _BELOW),
         "inline", "lines", "street", "street_score", "legal", "country", "title", "copies",
         "order", "blocks", "name_copies", "in_mail", "name_size", "name_bold", "below_inline",
         "above_title", "title_gap", "form", "year", "meta_near", "line_words", "table_above",
         "same_country_vat", "street_words", "beside_block", "coded", "order_title",
         "address_lines"]  # fmt: skip


def block_rows(context: Context) -> list[list[float]]:
    """A row of `BLOCK` features for each block of the document."""
    copies = Counter(_place_key(b) for b in context.blocks)
    contact_segments = {
        kind: {int(c.hints["segment"]) for c in context.candidates.get(kind, ()) if is_checked(c)}
        for kind in _BELOW
    }
    doc_heads = [_heads(context, b) for b in context.blocks]
    told = [
        [max(o[h], b.heading.get(h, 0.0)) for h in _HEADS[:5]]
        for o, b in zip(doc_heads, context.blocks, strict=True)
    ]
    others = _others(told)
    return [
        _block_row(context, n, copies, contact_segments, doc_heads[n], others[n])
        for n in range(len(context.blocks))
    ]


def _place_key(block: Block) -> str:
    code = block.place.parts.get("postal_code")
    return key(code.value) if code else key(block.place.value)


def _heads(context: Context, block: Block) -> dict[str, float]:
    """Party concepts near the top line: its own heading, labels left of it and above it."""
    near: dict[str, float] = {}
    top = block.above[-1] if block.above else None
    segment = top.segment if top else context.view.segments[int(block.place.hints["segment"])]
    first = top.first if top else int(block.place.hints["first"])
    row, column = context.labels(segment, first, top.box if top else block.place.box)
    for h in _HEADS:
        near[h] = max(row.get(h, 0.0), column.get(h, 0.0))
    return near


def _others(told: list[list[float]]) -> list[list[float]]:
    """For each row the greatest of each column in all other rows, 0 where there is none.

    >>> _others([[1.0, 0.2], [0.5, 0.7]]), _others([[1.0]])
    ([[0.5, 0.7], [1.0, 0.2]], [[0.0]])
    """
    columns = [sorted(column, reverse=True)[:2] for column in zip(*told, strict=True)]
    best = [(c[0], c[1] if len(c) > 1 else 0.0) for c in columns]
    return [
        [
            second if value == first else first
            for value, (first, second) in zip(row, best, strict=True)
        ]
        for row in told
    ]


def _block_row(
    context: Context, n: int, copies: Counter[str], contacts: dict[str, set[int]],
    heads: dict[str, float], others: list[float],
) -> list[float]:  # fmt: skip
    block = context.blocks[n]
    left, right, top, bottom = context.place(block.page, block.box)
    pages = len(context.document.pages)
    number = context.pages[block.page]
    name = block.above[-1] if block.above else None
    anchor = context.view.segments[int(block.place.hints["segment"])]
    own = {line.segment.index for line in (*block.above, *block.below)} | {anchor.index}
    row = [
        left, right, top, bottom, float(number == 0), float(number == pages - 1),
        float(min(pages, 6)), anchor.size / max(context.view.size, 1.0), float(context.ocr),
    ]  # fmt: skip
    row += [block.heading.get(h, 0.0) for h in _HEADS]
    row += [heads[h] for h in _HEADS]
    row += others
    row += [float(len(own & contacts[b])) for b in _BELOW]
    row += [float(min(3, len(contacts[b]))) for b in _BELOW]
    lines = [line.text for line in block.above]
    legal = max((shape_legal(t) for t in lines), default=0.0)
    row += [
        float(block.inline),
        float(len(block.above)),
        float(block.street),
        street_score(lines[block.street]) if block.street >= 0 else 0.0,
        legal,
        float(block.country is not None),
        float(any(key(t.split()[0]) in lexicon().titles for t in lines if t.split())),
        float(copies[_place_key(block)]),
        float(n),
        float(len(context.blocks)),
        float(max((copies_of(context, t) for t in lines), default=0)),
        max((in_mail(context, [key(w) for w in t.split()]) for t in lines), default=0.0),
        name.segment.size / max(context.view.size, 1.0) if name else 0.0,
        float(name.segment.bold) if name else 0.0,
        _below_inline(context, n),
    ]
    row += _titles(context, block)
    row += [
        block.place.hints["form"],
        block.place.hints["year"],
        _meta_near(context, block),
        float(len(anchor.texts)),
        float(sum(context.digits[: anchor.index]) / max(1, sum(context.digits))),
        _vat_country(context, block),
        float(len(lines[block.street].split())) if block.street >= 0 else 0.0,
        float(_beside(context, n)),
        float("postal_code" in block.place.parts),
        _order_title(context),
        float(len(block.lines or ())),
    ]
    return row


def _below_inline(context: Context, n: int) -> float:
    """Whether a one-line sender address in small print stands right above, as in a window."""
    block = context.blocks[n]
    top = block.box.y0
    return float(
        any(
            o.inline and o.page == block.page and 0 < top - o.box.y1 < 45
            and abs(o.box.x0 - block.box.x0) < 60
            for i, o in enumerate(context.blocks) if i != n
        )
    )  # fmt: skip


def _titles(context: Context, block: Block) -> list[float]:
    """Whether it stands above the document's title, and how far from it."""
    anchor = context.view.segments[int(block.place.hints["segment"])]
    title = context.title()
    if title is None:
        return [0.5, 0.0]
    height = context.bounds[block.page]
    if title.page != block.page:
        return [0.0, 1.0]
    gap = (title.box.y0 - anchor.box.y1) / max(height[3] - height[1], 1.0)
    return [float(gap > 0), gap]


def _meta_near(context: Context, block: Block) -> float:
    """Labels of the document's own data (number, date, customer) on the block's lines."""
    lines = {line.segment.line for line in block.above}
    count = 0
    for number in lines:
        for index in context.view.lines[number]:
            for hit in context.hits[index]:
                count += hit.concept in {
                    "invoice_number",
                    "issue_date",
                    "customer_number",
                    "due_date",
                }
    return float(min(count, 5))


def _order_title(context: Context) -> float:
    """Whether the paper calls itself an order (1), a confirmation of one (2), or neither (0)."""
    title = context.title()
    if title is None:
        return -1.0
    concepts = {h.concept for h in context.hits[title.index]}
    if "doc_order" not in concepts:
        return 0.0
    return 2.0 if "confirmation" in concepts else 1.0


def _vat_country(context: Context, block: Block) -> float:
    if block.country is None:
        return 0.0
    codes = [c.value[:2].upper() for c in context.candidates.get("vat_id", ()) if is_checked(c)]
    return 1.0 if block.country.value in codes else -1.0 if codes else 0.0


def _beside(context: Context, n: int) -> int:
    block = context.blocks[n]
    count = 0
    for i, other in enumerate(context.blocks):
        if i == n or other.page != block.page:
            continue
        if abs(other.box.y1 - block.box.y1) < 30:
            count += 1 if other.box.x0 > block.box.x0 else -1
    return count
