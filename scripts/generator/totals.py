"""The sums of a paper in their many forms: lists, boxes, tax tables, a row, a sentence."""

from __future__ import annotations

from decimal import Decimal

from . import notation
from .blocks import Block, Pair, Set, label_piece, lines, pairs, stack
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
            block.shapes.append(
                Shape("line", width * 0.3, y - style.leading, width, y - style.leading)
            )
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


def _filled(paper: Paper, text: str) -> list[Piece]:
    """A sentence with {due}, {total} and {days} filled in, marked."""
    facts = paper.facts
    out: list[Piece] = []
    rest = text
    while "{" in rest:
        before, _, rest = rest.partition("{")
        name, _, rest = rest.partition("}")
        out.append(Piece(before))
        if name == "due":
            out.append(paper.date("due_date", facts.due))
        elif name == "total":
            how = paper.plan.money
            due = facts.sums.due
            names = "amount_due" if facts.sums.prepaid else "total amount_due"
            out += (
                paper.amount(names, due) if how != "none" else paper.amount(names, due, sign=False)
            )
        else:
            out.append(Piece(str(facts.days)))
    out.append(Piece(rest))
    return out


_EARLY = {
    "de": "Bei Zahlung bis {day} gewähren wir {rate}% Skonto = {part}.", "en": "{rate}% discount if paid by {day}: {part}.",
    "fr": "Escompte de {rate}% pour paiement avant le {day}, soit {part}.", "es": "Descuento del {rate}% por pago antes del {day}: {part}.",
    "it": "Sconto {rate}% per pagamento entro il {day}: {part}.", "nl": "Bij betaling vóór {day} {rate}% korting: {part}.",
}  # fmt: skip
_DEBIT = {
    "de": "Der Betrag wird von Ihrem Konto IBAN {iban} eingezogen. Gläubiger-ID: {id}, Mandatsreferenz {ref}.",
    "en": "This amount will be debited from your account {iban}, mandate {ref}, creditor ID {id}.",
    "fr": "Prélèvement sur votre compte IBAN {iban}. ICS : {id}, RUM : {ref}.",
    "es": "Domiciliado en su cuenta {iban}. Mandato {ref}, acreedor {id}.",
    "it": "Addebito sul Vostro conto IBAN {iban}, mandato {ref}, ID creditore {id}.",
    "nl": "Afschrijving van uw rekening {iban}, machtiging {ref}, incassant-ID {id}.",
}  # fmt: skip
_ORDERED = {
    "de": ["Rechnung gemäß Bestellung Nr. {order} vom {day}.", "Ihre Bestellung {order} haben wir am {day} erhalten."],
    "en": ["Invoice for your order {order} of {day}.", "As per your purchase order {order} dated {day}."],
    "fr": ["Selon votre commande n° {order} du {day}.", "Suite à votre bon de commande {order} du {day}."],
    "es": ["Según su pedido nº {order} de fecha {day}.", "Correspondiente a su pedido {order}."],
    "it": ["Come da Vs. ordine n. {order} del {day}.", "In riferimento al Vostro ordine {order}."],
    "nl": ["Volgens uw bestelling {order} van {day}.", "Conform uw order {order} d.d. {day}."],
}  # fmt: skip


def _sentence(paper: Paper, template: str) -> list[Piece]:
    """A sentence with its holes filled; none of them is the date or the sum of the paper."""
    import datetime

    from .facts import cents

    facts, chance = paper.facts, paper.chance
    rate = chance.pick([1, 2, 3, 5])
    account = facts.buyer.iban_printed or chance.digits("########")
    parts: dict[str, list[Piece]] = {}
    out: list[Piece] = []
    rest = template
    while "{" in rest:
        before, _, rest = rest.partition("{")
        name, _, rest = rest.partition("}")
        out.append(Piece(before))
        if name == "day":
            day = (
                facts.ordered
                if "{order}" in template
                else facts.issued + datetime.timedelta(chance.pick([5, 7, 10]))
            )
            parts[name] = [paper.date("", day)]
        elif name == "part":
            parts[name] = paper.amount(
                "",
                cents(
                    facts.sums.due * (100 - rate) / 100
                    if chance.maybe(0.5)
                    else facts.sums.due * rate / 100
                ),
            )
        elif name == "order":
            paper.shown.add("purchase_order")
            parts[name] = [
                Piece(facts.their_order, (Mark("purchase_order", (facts.their_order,), "", "ID"),))
            ]
        elif name == "iban":
            parts[name] = [Piece(account, (Mark("buyer.iban", (account,), "", "ID"),))]
        else:
            text = {
                "rate": str(rate),
                "id": chance.digits("DE##ZZZ###########"),
                "ref": chance.digits("AA-######"),
            }[name]
            parts[name] = [Piece(text, (Mark("code", (), "", "ID"),) if name != "rate" else ())]
        out += parts[name]
    out.append(Piece(rest))
    return out


def order_sentence(paper: Paper) -> list[Piece]:
    """Which order of the customer the paper is about, in a sentence."""
    return _sentence(paper, paper.chance.pick(_ORDERED[paper.facts.language]))


def _more_terms(paper: Paper) -> list[Line]:
    """Sentences about cash discount and direct debit, whose dates and numbers mislead."""
    facts, chance = paper.facts, paper.chance
    rows: list[Line] = []
    if facts.kind == "invoice" and chance.maybe(0.12):
        rows.append(_sentence(paper, _EARLY[facts.language]))
    if facts.kind == "invoice" and facts.buyer.iban and chance.maybe(0.06):
        rows.append(_sentence(paper, _DEBIT[facts.language]))
    return rows


def slip(paper: Paper) -> Block:
    """A slip to pay with, at the foot of the page: who, what account, which invoice, how much."""
    from .footer import bank_pairs

    facts = paper.facts
    many: list[Pair] = [
        (
            paper.words.label("account_holder"),
            [Piece(facts.seller.name, (Mark("seller.name", (facts.seller.name,), "", "ORG"),))],
        ),
        *bank_pairs(paper),
    ]
    many.append(paper.ident("invoice_number", "invoice_number", facts.number))
    many.append((paper.words.label("amount_due"), paper.amount("amount_due", facts.sums.due)))
    paper.chance.shuffle(many)
    block = pairs(
        many,
        paper.chance.pick(["columns", "grid", "above"]),
        paper.style,
        paper.label_style,
        paper.width * 0.6,
    )
    block.shapes.append(Shape("line", 0, -4, paper.width, -4))
    return block


def terms_block(paper: Paper, width: float) -> Block:
    """How and when to pay, notes and thanks."""
    facts, plan, chance = paper.facts, paper.plan, paper.chance
    words = language(facts.language)
    rows: list[Line] = []
    if facts.kind in ("invoice", "proforma", "reminder"):
        if plan.due_place == "terms" and chance.maybe(0.92):
            rows.append(
                _filled(
                    paper, chance.pick(words["pay_by"] if chance.maybe(0.85) else words["debit_by"])
                )
            )
        elif chance.maybe(0.35):
            from .meta import terms_text

            text = terms_text(paper)
            paper.shown.add("payment_terms")
            lead = (
                [label_piece(paper.words.label("payment_terms")), Piece(" ")]
                if chance.maybe(0.6)
                else []
            )
            rows.append([*lead, Piece(text, (Mark("payment_terms", (text,)),))])
        elif plan.due_place in ("table", "none") and chance.maybe(0.2):
            rows.append(
                [
                    label_piece(paper.words.label("due_date")),
                    Piece(" "),
                    paper.date("due_date", facts.due),
                ]
            )
    rows += _more_terms(paper)
    if not facts.sums.tax and chance.maybe(0.5):
        rows.append([Piece(chance.pick(words["reverse_charge"]))])
    if chance.maybe(0.4):
        rows.append([Piece(chance.pick(words["small"]))])
    if chance.maybe(0.35):
        rows.append([Piece(chance.pick(words["thanks"]))])
    return lines(rows, paper.style, width, leading=paper.style.leading * 1.1)


def instalments(paper: Paper, width: float) -> Block:
    """A little table of due dates and parts, as some payment terms have it."""
    facts = paper.facts
    many: list[Pair] = [(paper.words.plain("due_date"), [paper.date("due_date", facts.due)]),
                        (paper.words.plain("amount_due"), paper.amount("amount_due", facts.sums.due))]  # fmt: skip
    return pairs(many, "row", paper.style, paper.label_style, width)
