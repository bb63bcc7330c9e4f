"""The table of lines: columns as the family has them, over as many pages as it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from idp_cdi.documents import LineItem

from . import notation
from .blocks import Block, Set, label_piece, wrap
from .canvas import Shape, Style
from .chance import Chance
from .data_files import language
from .facts import Item
from .fonts import text_width
from .marks import Line, Mark, Piece, text_of
from .paper import Paper

_WEIGHTS = {"pos": 0.5, "code": 1.2, "quantity": 0.8, "unit": 0.7, "price": 1.1, "discount": 0.8, "tax": 0.75,
            "tax_amount": 1.1, "amount": 1.2, "date": 1.1}  # fmt: skip
_RIGHT = {"quantity", "price", "discount", "tax", "tax_amount", "amount"}


@dataclass(slots=True)
class Column:
    """A column of the table: its key, place and alignment."""

    key: str
    x: float
    width: float
    align: str


def columns_of(paper: Paper) -> list[Column]:
    """The columns laid out over the width of the text area, none narrower than its longest word."""
    keys = paper.plan.columns
    if len(keys) > 6 and paper.plan.size > 9:
        keys = tuple(k for k in keys if k not in ("unit", "discount", "tax_amount"))
    weights = [_WEIGHTS.get(key, 0.0) for key in keys]
    unit = min(52.0, paper.width / (sum(weights) + 3))
    wide = {
        key: max(unit * weight, _needed(paper, key))
        for key, weight in zip(keys, weights, strict=True)
        if key != "description"
    }
    free = max(paper.width - sum(wide.values()), paper.width * 0.2)
    out = []
    x = 0.0
    for key in keys:
        right = key in _RIGHT and not (paper.plan.extras < 0.15 and key == "quantity")
        width = wide.get(key, free)
        out.append(Column(key, x, width, "right" if right else "left"))
        x += width
    return out


def _needed(paper: Paper, key: str) -> float:
    """Width of the widest word of a column, heading included."""
    column = Column(key, 0, 0, "left")
    texts = [
        text_of(line) for one in paper.facts.items[:12] for line in _cell(paper, column, one, 0, "")
    ]
    glued = key in ("price", "amount", "tax_amount")  # amounts with their sign are not broken
    parts = [part for text in texts for part in ([text] if glued else text.split())]
    heads = paper.words.column(key).split()
    style = paper.style
    widths = [text_width(part, style.face, style.size) for part in parts]
    widths += [text_width(part, style.face, style.size * 0.92, bold=True) for part in heads]
    return max(widths, default=0.0) + 8


def _cell(paper: Paper, column: Column, one: Item, at: int, group: str) -> list[Line]:
    facts = paper.facts

    def mark(name: str, text: str, value: str) -> list[Piece]:
        return [Piece(text, (Mark(f"item.{name}", (value,), group, ""),))]

    match column.key:
        case "pos":
            return [[Piece(str(at + 1) if paper.plan.number != "######" else f"{(at + 1) * 10}")]]
        case "code":
            return [[Piece(one.code, (Mark("code", (), "", "ID"),))]]
        case "description":
            rows: list[Line] = [mark("description", one.description, one.description)]
            return rows + _below(paper, one)
        case "quantity":
            text = notation.number(one.quantity, facts.amounts)
            if paper.plan.extras > 0.8:
                text = notation.amount(one.quantity, facts.amounts)
            plain = f"{one.quantity.normalize():f}"
            if "unit" not in paper.plan.columns and paper.plan.extras < 0.25:
                return [
                    [*mark("quantity", text, plain), Piece(" "), *mark("unit", one.unit, one.unit)]
                ]
            return [mark("quantity", text, plain)]
        case "unit":
            return [mark("unit", one.unit, one.unit)]
        case "price":
            return [_money(paper, "item.unit_price", one.price, group)]
        case "discount":
            return [[Piece(f"{one.discount}%" if one.discount else "")]]
        case "tax":
            rate = notation.number(one.rate, facts.amounts)
            sign = paper.plan.extras < 0.7
            return [
                [
                    *mark("tax_rate", rate, f"{one.rate.normalize():f}"),
                    Piece(" %" if sign and paper.plan.extras > 0.4 else "%" if sign else ""),
                ]
            ]
        case "tax_amount":
            from .facts import cents

            return [_money(paper, "item.tax_amount", cents(one.net * one.rate / 100), group)]
        case "amount":
            return [_money(paper, "item.net_amount", one.net, group)]
        case "date":
            return [[paper.date("", one.day)]]
    raise ValueError(column.key)


def _money(paper: Paper, name: str, sum_: object, group: str) -> list[Piece]:
    from decimal import Decimal

    assert isinstance(sum_, Decimal)
    return paper.amount(name, sum_, group=group, sign=paper.plan.extras < 0.6)


def _below(paper: Paper, one: Item) -> list[Line]:
    """What this family prints under a description: codes, periods, remarks."""
    facts = paper.facts
    lead = Chance(f"{paper.plan.family} below").pick(
        ["", "", "", "", "", "code", "period", "note", "both"]
    )
    chance = Chance(f"{one.code} {one.description}")
    out: list[Line] = []
    if lead in ("code", "both"):
        name = Chance(f"{paper.plan.family} code").pick(
            ["GTIN: ", "EAN ", "Art.Nr. ", "Ref. ", "SKU ", "S/N "]
        )
        out.append([Piece(name), Piece(one.code, (Mark("code", (), "", "ID"),))])
    if lead == "period":
        out.append([paper.date("", facts.period[0]), Piece("-"), paper.date("", facts.period[1])])
    if lead in ("note", "both") and chance.maybe(0.6):
        words = language(facts.language)["goods"]
        out.append([Piece(f"{chance.pick(words['services'])}, {chance.pick(words['qualities'])}")])
    return out


def row_block(
    paper: Paper, cells: list[list[Line]], columns: list[Column], style: Style, gap: float
) -> Block:
    """One row: each cell wrapped in its column."""
    out = Block(paper.width)
    deepest = 0.0
    for cell, column in zip(cells, columns, strict=True):
        y = gap
        for line in cell:
            for row in wrap(line, style, column.width - 6):
                y += style.leading
                out.lines.append(
                    Set(
                        column.x + 2,
                        y - style.size * 0.3,
                        row,
                        style,
                        column.align,
                        column.width - 5,
                    )
                )
        deepest = max(deepest, y)
    out.height = deepest + gap
    return out


def header_block(paper: Paper, columns: list[Column]) -> Block:
    """The headings of the columns."""
    words, plan = paper.words, paper.plan
    cells: list[list[Line]] = []
    for column in columns:
        text = words.column(column.key)
        if column.key == "amount" and plan.money == "head code":
            code = paper.facts.currency
            cells.append(
                [[label_piece(text), Piece(" "), Piece(code, (Mark("currency", (code,)),))]]
            )
        else:
            cells.append([[label_piece(text)]])
    style = paper.label_style.but(
        bold=plan.label_bold or plan.extras > 0.5, size=paper.style.size * 0.92
    )
    block = row_block(paper, cells, columns, style, 2)
    if plan.table_rules in ("head", "rows", "grid", "outer"):
        block.shapes.append(Shape("line", 0, block.height, paper.width, block.height))
    if plan.table_rules == "shade":
        block.shapes.append(Shape("fill", 0, 0, paper.width, block.height, 0.85))
    return block


def set_table(paper: Paper, y: float, turn: Callable[[], float]) -> float:
    """Set the table from `y` on; `turn` begins a new page and says where its text begins.

    Returns:
        Where the table ends.
    """
    facts, plan, chance = paper.facts, paper.plan, paper.chance
    columns = columns_of(paper)
    head = header_block(paper, columns)
    carry = chance.maybe(0.3)
    head.place(paper.canvas, paper.left, y)
    y += head.height
    running = facts.items[0].net * 0
    for at, one in enumerate(facts.items):
        cells = [_cell(paper, column, one, at, f"line {at + 1}") for column in columns]
        block = row_block(paper, cells, columns, paper.style, plan.row_gap / 2)
        if plan.table_rules in ("rows", "grid"):
            block.shapes.append(Shape("line", 0, block.height, paper.width, block.height, 0.6))
        if y + block.height > paper.bottom - 20:
            if carry:
                _carry(paper, running, y)
            y = turn()
            if carry:
                _carry(paper, running, y)
                y += paper.style.leading + 2
            if chance.maybe(0.9):
                head.place(paper.canvas, paper.left, y)
                y += head.height
        block.place(paper.canvas, paper.left, y)
        y += block.height
        running += one.net
    if plan.table_rules in ("head", "outer", "grid"):
        paper.canvas.sheet.shapes.append(Shape("line", paper.left, y + 1, paper.end, y + 1))
    return y + 4


def _carry(paper: Paper, running: object, y: float) -> None:
    from decimal import Decimal

    assert isinstance(running, Decimal)
    line = [label_piece(paper.words.label("carry_over")), Piece("  "), *paper.amount("", running)]
    paper.canvas.write(paper.left, y + paper.style.leading, line, paper.style, "right", paper.width)


def line_items(paper: Paper) -> list[LineItem]:
    """The gold of the table; only what the columns show."""
    keys = set(paper.plan.columns)
    out = []
    for one in paper.facts.items:
        shown_unit = "unit" in keys or (paper.plan.extras < 0.25 and "quantity" in keys)
        out.append(
            LineItem(
                description=one.description, quantity=f"{one.quantity.normalize():f}" if "quantity" in keys else "",
                unit=one.unit if shown_unit else "", unit_price=f"{one.price:.2f}" if "price" in keys else "",
                tax_rate=f"{one.rate.normalize():f}" if "tax" in keys else "", net_amount=f"{one.net:.2f}",
            )
        )  # fmt: skip
    return out
