"""How and when to pay: terms, discounts, debits, instalments, slips, and sentences about orders."""

from __future__ import annotations

import datetime

from .blocks import Block, Pair, label_piece, lines, pairs
from .canvas import Shape
from .data_files import language
from .facts import cents
from .marks import Line, Mark, Piece
from .paper import Paper

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
