"""Line items: the rows of an invoice's or order's table, checked by arithmetic.

A table starts at a line of column headings (description, quantity, price, amount … in any of the
languages, in one or two lines) and goes on over pages until a line of sums. Cells belong to the
heading that they stand under. A row whose quantity times price is its amount is sure; where it is
not, the numbers of the row are tried in other columns before the row is believed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from idp_cdi.documents import LineItem, around
from idp_cdi.extractors._lexicon import Hit, hits
from idp_cdi.extractors.amounts import decimal_mark, read

if TYPE_CHECKING:
    from idp_cdi.documents import Box
    from idp_cdi.extractors._view import Segment, View

COLUMNS = ("position", "item_number", "description", "quantity", "unit", "unit_price", "tax_rate",
           "tax_total", "discount", "line_amount")  # fmt: skip
_NUMERIC = ("quantity", "unit_price", "tax_rate", "tax_total", "discount", "line_amount")
_SUMS = frozenset(
    ("net_total", "tax_total", "total", "amount_due", "items_total", "tax_base", "prepaid", "cash")
)
_FEW_FIGURES = 2
"""Figures of their own that a line of sums has at most."""
_NUMBER = re.compile(
    r"^[(\-−–]?\s*(?:[€$£]|[A-Z]{3})?\s*[-−–]?\s*(\d[\d.,'’\s]*)\s*(?:[€$£%]|[A-Z]{3}|[A-Z])?[)-]?$"
)
_MINUS = re.compile(r"[-−–]\s*(?:[€$£]|[A-Z]{3})?\s*\d")
_BARE = re.compile(r"^(?:[€$£]|[A-Z]{3})$")
_QUANTITY = re.compile(r"^(\d[\d.,]*)\s*([^\W\d_][\w.²³]{0,10})?$")


@dataclass(slots=True)
class Column:
    """One column of a table: what it holds and where its heading stands."""

    concept: str
    left: float
    right: float


@dataclass(slots=True)
class _Row:
    cells: dict[str, list[tuple[str, Box]]]
    page: int
    boxes: list[Box]
    bottom: float


def line_items(view: View, found: list[list[Hit]] | None = None) -> list[LineItem]:
    """The line items of a document in order; empty where no table of items is found.

    Args:
        view: The document's geometry.
        found: The label hits of each segment where the caller has them.
    """
    found = found if found is not None else [hits(s.texts) for s in view.segments]
    mark = decimal_mark(view)
    out: list[LineItem] = []
    columns: list[Column] = []
    rows: list[_Row] = []
    skip = -1
    for number, line in enumerate(view.lines):
        if number <= skip:
            continue
        header, used = _header(view, number, found)
        if header:
            columns, skip = header, used
            continue
        if not columns:
            continue
        segments = [view.segments[i] for i in line]
        if _is_sum(segments, found, columns):
            columns = []
            continue
        _take(segments, columns, rows)
    for row in rows:
        item = _item(row, mark)
        if item is not None:
            out.append(item)
    return out


def _header(view: View, number: int, found: list[list[Hit]]) -> tuple[list[Column], int]:
    """The columns that the line (or it and the next one) heads, and its last line."""
    one = _headings(view, number, found)
    last = number
    if len(one) >= 2 and number + 1 < len(view.lines):
        below = view.segments[view.lines[number + 1][0]]
        here = view.segments[view.lines[number][0]]
        if below.page == here.page and below.box.y0 - here.box.y1 < 0.8 * here.box.height:
            more = _headings(view, number + 1, found)
            numbers = any(view.segments[i].digits for i in view.lines[number + 1])
            if more and not numbers:
                one += [c for c in more if all(_beside(c, o) for o in one)]
                last = number + 1
    concepts = {c.concept for c in one}
    money = concepts & {"line_amount", "unit_price"}
    text = concepts & {"description", "item_number", "position", "quantity"}
    if len(concepts) >= 3 and money and text:
        return sorted(one, key=lambda c: c.left), last
    two = "description" in concepts and "line_amount" in concepts
    if two and len(view.lines[number]) == 2 and last + 1 < len(view.lines):
        cells = [view.segments[i].text for i in view.lines[last + 1]]
        if len(cells) == 2 and not _is_number(cells[0]) and _is_number(cells[-1]):
            return sorted(one, key=lambda c: c.left), last
    return [], number


def _beside(column: Column, other: Column) -> bool:
    """Whether a heading is one of its own, not the second line of "Amount excl." / "VAT"."""
    apart = column.right < other.left or column.left > other.right
    return apart and column.concept != other.concept


def _headings(view: View, number: int, found: list[list[Hit]]) -> list[Column]:
    out: list[Column] = []
    for index in view.lines[number]:
        segment = view.segments[index]
        if segment.digits or not found[index]:
            continue
        spans: dict[tuple[int, int], list[str]] = {}
        for hit in found[index]:
            if hit.concept in COLUMNS:
                spans.setdefault((hit.start, hit.end), []).append(hit.concept)
        for (start, end), concepts in spans.items():
            left, right = segment.boxes[start].x0, segment.boxes[end - 1].x1
            if len(segment.texts) == end - start:
                left, right = segment.box.x0, segment.box.x1
            out.append(Column("/".join(concepts), left, right))
    return _settled(out)


def _settled(columns: list[Column]) -> list[Column]:
    """One concept each: a heading that could be several takes the one its place asks for."""
    columns.sort(key=lambda c: c.left)
    taken = {c.concept for c in columns if "/" not in c.concept}
    for n, column in enumerate(columns):
        options = column.concept.split("/")
        if len(options) > 1:
            last = n == len(columns) - 1
            order = ("line_amount", *options) if last and "line_amount" in options else options
            column.concept = next((o for o in order if o not in taken), options[0])
            taken.add(column.concept)
    amounts = [c for c in columns if c.concept == "line_amount"]
    for column in amounts[:-1]:  # "net … gross": the last amount column is the row's amount
        column.concept = "unit_price" if "unit_price" not in taken else "discount"
        taken.add(column.concept)
    seen: set[str] = set()
    return [c for c in columns if not (c.concept in seen or seen.add(c.concept))]  # type: ignore[func-returns-value]


def _is_sum(segments: list[Segment], found: list[list[Hit]], columns: list[Column]) -> bool:
    """Whether a line is one of the sums below the table.

    A row with quantity, price and amount is none, whatever it sells ("Carta A4", "Rabattmarken").
    """
    if sum(_is_number(s.text) for s in segments) > _FEW_FIGURES:
        return False
    if segments[0].digits and len(segments) > _FEW_FIGURES:
        return False
    for segment in segments:
        for hit in found[segment.index]:
            if hit.start == 0 and hit.concept in _SUMS and not segment.text[0].isdigit():
                right = [c for c in columns if c.concept in {"line_amount", "unit_price"}]
                numbers = any(s.digits for s in segments)
                whole = hit.end >= len(segment.texts) - 2
                if right and numbers and whole and len(segments) <= 4:
                    return True
    return False


def _take(segments: list[Segment], columns: list[Column], rows: list[_Row]) -> None:
    """Put a line's words into columns: a new row, or more description of the last one."""
    cells: dict[str, list[tuple[str, Box]]] = {}
    for segment in segments:
        for start, end in _runs(segment, columns):
            text = " ".join(segment.texts[start:end])
            box = around(segment.boxes[start:end])
            cells.setdefault(_column_of(text, box, columns), []).append((text, box))
    boxes = [s.box for s in segments]
    page = segments[0].page
    if len(cells.get("line_amount", [])) > 1:  # a price without a heading of its own
        cells.setdefault("unit_price", []).extend(cells["line_amount"][:-1])
        cells["line_amount"] = cells["line_amount"][-1:]
    amount = cells["line_amount"][0][0] if "line_amount" in cells else ""
    priced = any(
        _NUMBER.match(t) for c in ("line_amount", "unit_price") for t, _ in cells.get(c, [])
    )
    last = rows[-1] if rows else None
    if priced and last is not None and last.page == page and _completes(last, cells):
        for concept, more in cells.items():
            last.cells[concept] = [*more, *last.cells.get(concept, [])]
        return
    bare = any(_BARE.match(t) for c in ("line_amount", "unit_price") for t, _ in cells.get(c, []))
    priced = priced or (bare and "description" in cells) or _ends_in_money(segments, cells)
    if priced and (_NUMBER.match(amount) or bare or "line_amount" not in cells):
        rows.append(_Row(cells, page, boxes, max(b.y1 for b in boxes)))
        return
    if last is None or last.page != page:
        return
    gap = min(b.y0 for b in boxes) - last.bottom
    if _completes(last, cells) and gap < 1.2 * boxes[0].height:
        for concept, more in cells.items():
            last.cells[concept] = [*more, *last.cells.get(concept, [])]
        last.bottom = max(b.y1 for b in boxes)
        return
    if set(cells) <= {"description", "item_number"} and gap < 1.2 * boxes[0].height:
        last.cells.setdefault("description", []).extend(
            cells.get("description", []) or cells.get("item_number", [])
        )
        last.bottom = max(b.y1 for b in boxes)
        last.boxes += boxes


_CENTS = re.compile(r"[.,]\d\d\D*$")


def _ends_in_money(segments: list[Segment], cells: dict[str, list[tuple[str, Box]]]) -> bool:
    """Whether a described row ends in an amount that no heading claims."""
    last = segments[-1].text
    figures = sum(_is_number(s.text) for s in segments)
    return (
        "description" in cells and figures > 1 and bool(_NUMBER.match(last) and _CENTS.search(last))
    )


def _completes(last: _Row, cells: dict[str, list[tuple[str, Box]]]) -> bool:
    """Whether a line only has the numbers to currencies that wrapped in the row above."""
    waiting = {c for c, found in last.cells.items() if all(_BARE.match(t) for t, _ in found)}
    return bool(cells) and bool(waiting) and set(cells) <= waiting


def _runs(segment: Segment, columns: list[Column]) -> list[tuple[int, int]]:
    """Parts of a segment that stand under different columns ("3 Stk 4,00" has three)."""
    out: list[tuple[int, int]] = []
    start = 0
    edges = [c.left + 2 for c in columns if c.concept != "description"]
    numbers = [_is_number(t) for t in segment.texts]
    for n in range(1, len(segment.texts)):
        if numbers[n - 1] or numbers[n]:
            left, right = segment.boxes[n - 1].x1, segment.boxes[n].x0 + 4
            if any(left <= edge <= right for edge in edges):
                out.append((start, n))
                start = n
    out.append((start, len(segment.texts)))
    return out


def _is_number(text: str) -> bool:
    return _NUMBER.match(text) is not None


def _column_of(text: str, box: Box, columns: list[Column]) -> str:
    """The column whose heading a cell stands under; numbers may not be a description."""
    number = _NUMBER.match(text) is not None or _QUANTITY.match(text) is not None
    best, least = "description", 1e9
    x0, _, x1, _ = box
    for column in columns:
        left, right = column.left, column.right
        overlap = min(x1, right) - max(x0, left)
        gap = -overlap if overlap < 0 else 0.0
        aside = min(abs(x1 - right), abs(x0 - left), abs(x0 + x1 - left - right) / 2)
        cost = gap + 0.5 * aside
        if column.concept in _NUMERIC and not number:
            cost += 60.0
        if column.concept == "description" and number:
            cost += 40.0
        if cost < least:
            best, least = column.concept, cost
    return best


def _number(cells: list[tuple[str, Box]], mark: str) -> str:
    for text, _ in cells:
        m = _NUMBER.match(text) or _QUANTITY.match(text)
        if m:
            value = read(m[1].strip(), decimal=mark)
            if value is not None:
                minus = _MINUS.search(text) is not None or text.endswith("-")
                return "-" + value if minus and Decimal(value) else value
    return ""


def _item(row: _Row, mark: str) -> LineItem | None:
    cells = row.cells
    numbers = {c: _number(cells[c], mark) for c in _NUMERIC if c in cells}
    description = " ".join(t for t, _ in cells.get("description", []))
    unit = " ".join(t for t, _ in cells.get("unit", []))
    quantity_text = " ".join(t for t, _ in cells.get("quantity", []))
    with_unit = _QUANTITY.match(quantity_text)
    if not unit and with_unit and with_unit[2]:
        unit = with_unit[2]
    quantity, price = numbers.get("quantity", ""), numbers.get("unit_price", "")
    if not quantity and _is_number(unit) and _rightmost(row, mark) != _number(cells["unit"], mark):
        quantity, unit = _number(cells["unit"], mark), ""
    amount = numbers.get("line_amount", "") or _rightmost(row, mark)
    if not description and not quantity and not price:
        return None
    holds = _holds(quantity, price, amount)
    if not holds and amount and (solved := _solved(amount, numbers, unit, description)) is not None:
        quantity, price, unit, description = solved
        holds = True
    elif holds is False and (swapped := _swapped(numbers)) is not None:
        quantity, price, amount = swapped
        holds = True
    if not amount and quantity and price:
        amount = f"{(Decimal(quantity) * Decimal(price)).quantize(Decimal('0.01'))}"
    confidence = {True: 0.97, False: 0.6, None: 0.8}[holds]
    return LineItem(
        description=description.strip(),
        quantity=quantity,
        unit=unit,
        unit_price=price,
        tax_rate=numbers.get("tax_rate", ""),
        net_amount=amount,
        confidence=confidence,
        page=row.page,
        box=around(row.boxes),
    )


def _rightmost(row: _Row, mark: str) -> str:
    """The last figure of a row, where its amounts have no heading of their own."""
    figures = [
        (box.x0, concept, (text, box))
        for concept, cells in row.cells.items()
        for text, box in cells
        if concept != "position" and _is_number(text) and "%" not in text
    ]
    if not figures:
        return ""
    _, concept, cell = max(figures, key=lambda f: f[0])
    alone = len([f for f in figures if f[1] == concept]) == 1
    return (
        ""
        if concept in {"quantity", "unit_price", "item_number"} and alone
        else _number([cell], mark)
    )


def _holds(quantity: str, price: str, amount: str) -> bool | None:
    """Whether quantity times price is the amount; None where one is missing."""
    if not (quantity and price and amount):
        return None
    try:
        difference = Decimal(quantity) * Decimal(price) - Decimal(amount)
    except InvalidOperation:
        return None
    return abs(difference) <= max(Decimal("0.011"), abs(Decimal(amount)) * Decimal("0.0005"))


_LEADING = re.compile(r"^([-−–]?\d[\d.,]*)\s*(.*)$", re.S)


def _solved(
    amount: str, numbers: dict[str, str], unit: str, description: str
) -> tuple[str, str, str, str] | None:
    """Quantity, price, unit and description of which the first two make the amount.

    A quantity may stand before its unit or before what is sold ("100 pak Bronwater"), a price under
    any heading.
    """
    told = {c: v for c, v in numbers.items() if v}
    lead = {"unit": _LEADING.match(unit), "description": _LEADING.match(description)}
    for name, m in lead.items():
        value = read(m[1].lstrip("-−–")) if m is not None else None
        if m is not None and value is not None:
            told[name] = "-" + value if m[1][0] in "-−–" else value
    # What stands under its own heading stays; only what is missing is looked for elsewhere.
    quantities = ("quantity",) if "quantity" in told else ("unit", "description", "position")
    prices = ("unit_price",) if "unit_price" in told else tuple(c for c in told if c in _NUMERIC)
    for q in (c for c in quantities if c in told):
        for p in prices:
            if p in (q, "line_amount") or not _holds(told[q], told[p], amount):
                continue
            found = lead.get(q)
            rest = found[2] if found is not None else ""
            return (
                told[q],
                told[p],
                rest if q == "unit" else unit,
                rest if q == "description" else description,
            )
    return None


def _swapped(numbers: dict[str, str]) -> tuple[str, str, str] | None:
    """Three numbers of the row of which the first two multiply to the third."""
    values = [v for v in numbers.values() if v]
    for amount in values:
        for quantity in values:
            for price in values:
                three = {id(quantity), id(price), id(amount)}
                if len(three) == 3 and Decimal(amount) != 0 and _holds(quantity, price, amount):
                    return quantity, price, amount
    return None
