"""The foot of the page: address, contact, bank and legal columns, or lines of them."""

from __future__ import annotations

from .blocks import Block, Pair, beside, label_piece, lines
from .canvas import Shape
from .marks import Line, Mark, Piece, join
from .paper import Paper
from .parties import address_lines, name_piece, one_line
from .party_blocks import contacts, identifiers, unlabelled


def bank_pairs(paper: Paper) -> list[Pair]:
    """The bank account: IBAN and BIC, or account number and sort code."""
    role, who = paper.issuer
    payee = paper.facts.payee
    if payee is not None:
        role, who = "payee", payee
    chance, words = paper.chance, paper.words
    out: list[Pair] = []
    if chance.maybe(0.8):
        out.append((words.label("bank"), [Piece(who.bank, (Mark("bank", (), "", "ORG"),))]))
    if who.iban:
        out.append(
            (
                words.label("iban"),
                [
                    Piece(
                        who.iban_printed,
                        (Mark(f"{role}.iban", (who.iban_printed, who.iban), "", "ID"),),
                    )
                ],
            )
        )
        if chance.maybe(0.85):
            out.append(
                (words.label("bic"), [Piece(who.bic, (Mark(f"{role}.bic", (who.bic,), "", "ID"),))])
            )
    if not who.iban or chance.maybe(0.2):
        account = chance.digits(chance.pick(["########", "##########", "### ### ###"]))
        out.append((words.label("account"), [Piece(account, (Mark("account", (), "", "ID"),))]))
        code = chance.digits(chance.pick(["### ### ##", "##-##-##", "########"]))
        out.append((words.label("sort_code"), [Piece(code, (Mark("sort_code", (), "", "ID"),))]))
    if chance.maybe(0.25):
        holder = who.name if chance.maybe(0.7) else who.contact
        out.append(
            (
                words.label("account_holder"),
                [
                    Piece(
                        holder,
                        (
                            Mark(
                                "account_holder",
                                (),
                                "",
                                "PERSON" if holder == who.contact or who.is_person else "ORG",
                            ),
                        ),
                    )
                ],
            )
        )
    chance.shuffle(out) if chance.maybe(0.15) else None
    return out


def _columns(paper: Paper, *, small: bool) -> list[list[Line]]:
    role, who = paper.issuer
    chance, plan, words = paper.chance, paper.plan, paper.words
    out: list[list[Line]] = []
    if plan.footer != "bank" and chance.maybe(0.85):
        rows: list[Line] = [[name_piece(role, who)]]
        rows += address_lines(role, who, home=who.country if chance.maybe(0.7) else "")
        out.append(rows)
    if plan.footer != "bank":
        out.append(list(unlabelled(contacts(paper, role, who), 0.5, paper)))
    legal: list[Pair] = []
    if plan.seller_ids == "footer":
        legal += identifiers(paper, role, who, share=0.85)
    if chance.maybe(0.35) and not who.is_person:
        legal.append(
            (words.label("director"), [Piece(who.contact, (Mark("director", (), "", "PERSON"),))])
        )
    if plan.bank_place == "footer" or plan.footer == "bank":
        out.append(list(unlabelled(bank_pairs(paper), 1, paper)))
    if legal:
        out.append(list(unlabelled(legal, 1, paper)))
    return [column for column in out if column]


def footer_block(paper: Paper) -> Block | None:
    """The foot as the family has it; None where it has none."""
    plan, chance = paper.plan, paper.chance
    if plan.footer == "none":
        return None
    columns = _columns(paper, small=True)
    style = paper.style.but(size=max(5.5, min(8.0, paper.style.size * 0.8)))
    if not columns:
        return None
    if plan.footer in ("columns", "bank"):
        wide = paper.width / len(columns)
        parts = [lines(rows, style, wide - 6) for rows in columns]
        block = beside(parts, [at * wide for at in range(len(parts))], paper.width)
    else:
        separator = chance.pick([" | ", " - ", " · ", ", ", "  ", " • ", " / "])
        if plan.footer == "line":
            rows = [
                join(
                    [one_line([list(row) for row in column], separator) for column in columns],
                    separator,
                )
            ]
        else:
            rows = [one_line([list(row) for row in column], separator) for column in columns]
        block = lines(rows, style, paper.width, align=chance.pick(["left", "centre", "left"]))
    if chance.maybe(0.5):
        block.shapes.append(Shape("line", 0, -2, paper.width, -2, 0.3))
    return block


def bank_block(paper: Paper, width: float) -> Block:
    """The bank account as a block of its own in the text."""
    rows: list[Line] = list(unlabelled(bank_pairs(paper), 1, paper))
    if paper.chance.maybe(0.3):
        rows = [join(rows, paper.chance.pick([", ", "  ", " | "]))]
    if paper.facts.payee is not None and paper.chance.maybe(0.9):
        payee = paper.facts.payee
        head = [
            label_piece(paper.words.label("payee_head")),
            Piece(" "),
            name_piece("payee", payee),
        ]
        rows[:0] = [head, *address_lines("payee", payee)]
    block = lines(rows, paper.style, width)
    return block.frame() if paper.plan.framed and rows else block
