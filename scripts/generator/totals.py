"""The sums of a paper in their many forms: lists, boxes, tax tables, a row, a sentence."""

from __future__ import annotations

from decimal import Decimal

from . import notation
from .blocks import Block, Set, label_piece, stack
from .canvas import Shape
from .data_files import language
from .marks import Line, Mark, Piece
from .paper import Paper


def _rate(paper: Paper, rate: Decimal) -> list[Piece]:
    text = notation.number(rate, paper.facts.amounts)
    if paper.chance.maybe(0.25) and rate == rate.to_integral():
        text = notation.amount(rate, paper.facts.amounts)
    paper.shown.add("tax_rate")
    return [
        Piece(text, (Mark("tax_rate", (f"{rate.normalize():f}",)),)),
        Piece(paper.chance.pick(["%", " %", "%"])),
    ]


def sum_lines(paper: Paper) -> list[tuple[list[Piece], list[Piece], str]]:
    """The sums as (label, amount, weight) in the order in which they are printed."""
    facts, words, plan, chance = paper.facts, paper.words, paper.plan, paper.chance
    sums = facts.sums
    out: list[tuple[list[Piece], list[Piece], str]] = []
    code = (
        [Piece(" "), Piece(facts.currency, (Mark("currency", (facts.currency,)),))]
        if plan.money == "label code"
        else []
    )

    def add(
        key: str,
        names: str,
        value: Decimal,
        weight: str = "",
        *,
        minus: bool = False,
        extra: list[Piece] | None = None,
    ) -> None:
        label = words.label(key)
        mark = Mark("label", (), "", "LABEL")
        body = [
            Piece(label, (mark,)),
            *([Piece(" "), *extra] if extra else []),
            *(code if weight else []),
        ]
        out.append((body, paper.amount(names, value, minus=minus), weight))

    untaxed = not sums.tax
    if sums.discount or sums.shipping:
        out.append(([label_piece(words.label("carry_over"))], paper.amount("", sums.lines), ""))
        if sums.discount:
            add("discount", "", sums.discount, minus=True)
        if sums.shipping:
            add("shipping", "", sums.shipping)
    shows_net = not facts.tax_included and (not untaxed or chance.maybe(0.4))
    settled = sums.prepaid != 0
    due_line = settled or (plan.due_place == "sums") or chance.maybe(0.12)
    if shows_net:
        add("net_total", "net_total", sums.net)
        _taxes(paper, out, add)
    names = "total" if due_line else "total amount_due"
    if not shows_net and untaxed and not facts.tax_included:
        names += " net_total"
    add("total", names, sums.total, "bold")
    if facts.tax_included and sums.tax and chance.maybe(0.6):
        _included(paper, out)
    if settled and chance.maybe(0.9):
        add("prepaid", "prepaid", sums.prepaid, minus=chance.maybe(0.5))
    if due_line:
        add("amount_due", "amount_due", sums.due, "bold")
    return out


def _taxes(paper: Paper, out: list[tuple[list[Piece], list[Piece], str]], add: object) -> None:
    facts, words, chance = paper.facts, paper.words, paper.chance
    sums = facts.sums
    assert callable(add)
    key = (
        "gst_total"
        if facts.seller.country in ("AU", "IN", "MY", "SG", "CA") and facts.language == "en"
        else "tax_total"
    )
    if len(sums.taxes) == 1:
        ((rate, (_, tax)),) = sums.taxes.items()
        if rate or chance.maybe(0.6):
            add(key, "tax_total", tax, extra=_rate(paper, rate) if chance.maybe(0.75) else None)
        return
    if paper.plan.sums == "table":
        add(key, "tax_total", sums.tax)
        return
    for rate, (base, tax) in sums.taxes.items():
        if not rate and chance.maybe(0.5):
            continue
        label = [label_piece(words.label(key)), Piece(" "), *_rate(paper, rate)]
        if chance.maybe(0.3):
            of = {
                "de": " auf ",
                "en": " on ",
                "fr": " sur ",
                "es": " s/ ",
                "it": " su ",
                "nl": " over ",
            }[facts.language]
            label += [Piece(of), *paper.amount("", base)]
        out.append((label, paper.amount("", tax), ""))
    if chance.maybe(0.4):
        add(key, "tax_total", sums.tax)
    else:
        paper.ignore.add("tax_total")


def _included(paper: Paper, out: list[tuple[list[Piece], list[Piece], str]]) -> None:
    facts, chance = paper.facts, paper.chance
    if len(facts.sums.taxes) > 1:
        paper.ignore.update(("tax_total", "net_total"))
        return
    ((rate, (net, tax)),) = facts.sums.taxes.items()
    text = str(chance.pick(language(facts.language)["tax_included"]))
    line: list[Piece] = []
    rest = text
    while "{" in rest:
        before, _, rest = rest.partition("{")
        name, _, rest = rest.partition("}")
        line.append(Piece(before))
        line += _rate(paper, rate) if name == "rate" else paper.amount("tax_total", tax)
    line.append(Piece(rest))
    out.append((line, [], ""))
    if chance.maybe(0.5):
        out.append(
            ([label_piece(paper.words.label("net_total"))], paper.amount("net_total", net), "")
        )


def totals_block(paper: Paper) -> tuple[Block, float]:
    """The block of sums and its x on the page."""
    plan, facts = paper.plan, paper.facts
    many = sum_lines(paper)
    bold = paper.style.but(bold=True)
    if plan.sums == "row" and len(many) <= 5:
        return _row(paper, many), paper.left
    width = paper.width if plan.sums == "wide" else min(plan.sums_width, paper.width)
    block = Block(width)
    y = 0.0
    for label, value, weight in many:
        style = bold if weight and plan.extras > 0.35 else paper.style
        if weight and plan.extras > 0.85:
            style = style.but(size=style.size * 1.2)
        y += style.leading + plan.row_gap / 3
        if plan.sums in ("left", "wide") and plan.extras < 0.5:
            line: Line = [*label, Piece(" "), *value]
            block.lines.append(
                Set(0, y, line, style, "right" if plan.sums == "wide" else "left", width)
            )
        else:
            indent = width * 0.45 if plan.sums == "wide" else 0.0
            block.lines.append(Set(indent + 2, y, label, style))
            block.lines.append(Set(0, y, value, style, "right", width - 3))
        if weight and plan.table_rules != "none":
            block.shapes.append(Shape("line", width * 0.3, y - style.size, width, y - style.size))
    block.height = y + 5
    if plan.sums == "boxed":
        block.shapes.append(Shape("box", 0, 0, width, block.height))
    if plan.sums == "table" and len(facts.sums.taxes) > 1:
        block = stack([_tax_table(paper, width), block], 6)
    x = paper.left if plan.sums in ("left", "wide") else paper.end - width
    return block, x


def _row(paper: Paper, many: list[tuple[list[Piece], list[Piece], str]]) -> Block:
    block = Block(paper.width)
    cell = paper.width / max(1, len(many))
    for at, (label, value, weight) in enumerate(many):
        style = paper.style.but(bold=bool(weight) and paper.plan.extras > 0.4)
        block.lines.append(Set(at * cell + 2, style.leading, label, paper.label_style))
        block.lines.append(Set(at * cell + 2, 2.3 * style.leading, value, style))
        block.shapes.append(Shape("box", at * cell, 0, (at + 1) * cell, 2.9 * style.leading))
    block.height = 3.2 * paper.style.leading
    return block


def _tax_table(paper: Paper, width: float) -> Block:
    words, chance = paper.words, paper.chance
    sums = paper.facts.sums
    block = Block(width)
    third = width / 3
    heads = [words.column("tax"), words.plain("tax_base"), words.column("tax_amount")]
    y = paper.style.leading
    for at, head in enumerate(heads):
        block.lines.append(
            Set(
                at * third,
                y,
                [label_piece(head)],
                paper.label_style,
                "right" if at else "left",
                third,
            )
        )
    for rate, (base, tax) in sums.taxes.items():
        y += paper.style.leading
        block.lines.append(Set(0, y, _rate(paper, rate), paper.style))
        block.lines.append(Set(third, y, paper.amount("", base), paper.style, "right", third))
        block.lines.append(Set(2 * third, y, paper.amount("", tax), paper.style, "right", third))
    if chance.maybe(0.4):
        y += paper.style.leading
        block.lines.append(Set(0, y, [label_piece(words.plain("total"))], paper.style))
        block.lines.append(
            Set(third, y, paper.amount("net_total", sums.net), paper.style, "right", third)
        )
        block.lines.append(
            Set(2 * third, y, paper.amount("tax_total", sums.tax), paper.style, "right", third)
        )
    block.height = y + 4
    return block
