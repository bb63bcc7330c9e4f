"""Invoices, credit notes, proformas, reminders, orders and confirmations, set by their family."""

from __future__ import annotations

from .blocks import Block, beside, label_piece, lines, stack
from .canvas import Canvas, Shape
from .chance import Chance
from .data_files import countries, language
from .design import Design, design, styles, wording
from .facts import Facts, item, make, sums
from .footer import bank_block, footer_block
from .marks import Mark, Piece
from .meta import dateline, meta_block, meta_pairs, order_pair, title_sentence
from .paper import Paper
from .party_blocks import letterhead, logo, party_block, seller_pairs, sender_line, unlabelled
from .paying import instalments, order_sentence, slip, terms_block
from .table import line_items, set_table
from .totals import totals_block

_HOMES = {
    "de": {"DE": 7, "AT": 1.5, "CH": 1.5, "LU": 0.2}, "en": {"GB": 4, "US": 5, "IE": 0.7, "IN": 1.2, "HK": 0.8, "MY": 1, "AU": 1.2, "CA": 0.8, "SG": 0.5, "DE": 0.7, "NL": 0.4},
    "fr": {"FR": 6, "BE": 1.5, "CH": 0.8, "LU": 0.5, "CA": 0.3}, "es": {"ES": 1}, "it": {"IT": 8, "CH": 0.5}, "nl": {"NL": 6, "BE": 2.5},
}  # fmt: skip
LANGUAGE_SHARES = {"en": 1.35, "de": 1.25, "fr": 1, "es": 0.9, "it": 0.9, "nl": 0.9}


def home(chance: Chance, code: str) -> str:
    """A country where papers are written in language `code`."""
    return chance.weighted(_HOMES[code])


def _kind(chance: Chance, family: str) -> str:
    if family.startswith("order"):
        return chance.weighted({"order": 7, "confirmation": 3})
    return chance.weighted({"invoice": 15, "credit_note": 1.8, "proforma": 0.7, "reminder": 0.5})


def notations(chance: Chance, plan: Design, country: str) -> tuple[str, str]:
    """How this family writes dates and amounts in `country`."""
    facts = countries()[country]
    dates, amounts = facts["dates"], facts["amounts"]
    return dates[plan.dates % len(dates)], amounts[plan.amounts % len(amounts)]


def _count(chance: Chance) -> int:
    return chance.weighted(
        {1: 13, 2: 16, 3: 15, 4: 11, 5: 9, 6: 8, 8: 7, 11: 6, 15: 5, 22: 4, 34: 3, 55: 1.5, 80: 0.8}
    )


def begin(family: str, chance: Chance, facts: Facts) -> Paper:
    """An empty first page for `facts` in the family's style."""
    plan = design(family)
    canvas = Canvas(612, 792) if plan.letter or facts.country in ("US", "CA") else Canvas()
    style, label_style = styles(plan)
    return Paper(
        facts, plan, wording(family, facts.language), chance, canvas, style, label_style,
        plan.margin, canvas.width - 2 * plan.margin, canvas.height - plan.margin,
    )  # fmt: skip


def set_invoice(family: str, chance: Chance, code: str) -> Paper:
    """A whole invoice or order of `family`, set on its pages.

    Args:
        family: Layout family.
        chance: Where everything else comes from.
        code: Language.

    Returns:
        The finished paper.
    """
    plan = design(family)
    country = home(chance, code)
    dates, amounts = notations(chance, plan, country)
    kind = _kind(chance, family)
    facts = make(
        chance,
        kind,
        code,
        country,
        _count(chance),
        dates=dates,
        amounts=amounts,
        number=plan.number,
    )
    if kind == "credit_note" and chance.maybe(0.3):
        for one in facts.items:
            one.quantity, one.net = -one.quantity, -one.net
        facts.sums = sums(chance, facts.items, included=facts.tax_included, extras=False)
    paper = begin(family, chance, facts)
    _foot(paper)
    _body(paper)
    return paper


def _foot(paper: Paper) -> None:
    """Reserve room for the foot and set it on the first page."""
    if paper.chance.maybe(0.06) and len(paper.facts.items) < 10:
        return
    block = footer_block(paper)
    if block is None:
        return
    paper.bottom = paper.canvas.height - max(18, paper.plan.margin * 0.5) - block.height
    block.place(paper.canvas, paper.left, paper.bottom)
    paper.bottom -= 10


def _title(paper: Paper) -> str:
    titles = language(paper.facts.language)["titles"]
    return str(
        Chance(f"{paper.plan.family} {paper.facts.language} title").pick(titles[paper.facts.kind])
    )


def _title_block(paper: Paper, width: float) -> Block:
    plan = paper.plan
    style = paper.style.but(size=plan.title_size, bold=plan.extras > 0.3)
    align = plan.title_place
    if plan.title_joined:
        style = style.but(size=min(plan.title_size, 14))
        return lines([title_sentence(paper, _title(paper))], style, width, align=align)
    return lines(
        [[Piece(_title(paper), (Mark("title_word", (), "", "LABEL"),))]], style, width, align=align
    )


def _cell(paper: Paper, name: str, width: float) -> Block:
    """One cell of the top of the page."""
    plan, chance, facts = paper.plan, paper.chance, paper.facts
    issuer_role, issuer = paper.issuer
    role, addressee = paper.addressee
    heads = {
        "buyer": "buyer_head",
        "seller": "supplier_head" if facts.kind == "order" else "seller_head",
    }
    match name:
        case "letterhead":
            return letterhead(paper, width)
        case "logo":
            return logo(paper, width)
        case "title":
            return _title_block(paper, width)
        case "seller":
            return party_block(
                paper,
                issuer_role,
                issuer,
                heads[issuer_role],
                width,
                ids=0.55 if plan.seller_ids == "head" else 0.1,
                reach=0.6,
            )
        case "buyer":
            return party_block(paper, role, addressee, heads[role], width, ids=0.25, reach=0.15)
        case "sender buyer":
            sender = sender_line(paper, width)
            return stack(
                [
                    sender,
                    party_block(paper, role, addressee, heads[role], width, ids=0.1, reach=0.05),
                ],
                chance.pick([4, 8, 14]),
            )
        case "ship":
            if facts.ship_to is None:
                return Block(width)
            return party_block(paper, "ship_to", facts.ship_to, "ship_head", width)
        case "meta":
            dated = plan.title_joined and any(
                m.field == "issue_date"
                for r in paper.canvas.sheet.runs
                for p in r.line
                for m in p.marks
            )
            many = meta_pairs(
                paper,
                number=not plan.title_joined,
                issued=not dated and "issue_date" not in paper.shown,
            )
            return meta_block(paper, many, width)
    return Block(width)


def _top(paper: Paper, y: float) -> float:
    """The arrangement of parties, title and data above the table."""
    plan, chance = paper.plan, paper.chance
    left_width = chance.pick([0.5, 0.55, 0.6]) if plan.extras < 0.5 else 0.52
    done: set[str] = set()
    for row in plan.top.split("/"):
        names = row.split("+")
        if plan.mirrored and len(names) > 1:
            names = names[::-1]
        if "logo" in names and len(names) == 1 and chance.maybe(0.5):
            names = ["logo", "letterhead"]
        share = [left_width, 1 - left_width] if len(names) == 2 else [1 / len(names)] * len(names)
        if "meta" in names and len(names) == 2 and names[0] == "meta":
            share = [0.45, 0.55]
        x, blocks, starts = 0.0, [], []
        for name, part in zip(names, share, strict=True):
            wide = paper.width * part - (8 if len(names) > 1 else 0)
            blocks.append(_cell(paper, name, wide))
            starts.append(x)
            x += paper.width * part
            done.add(name)
        if len(names) == 1 and names[0] in ("buyer", "seller", "sender buyer"):
            blocks[0].width = paper.width * 0.5
        block = beside(blocks, starts, paper.width)
        block.place(paper.canvas, paper.left, y)
        y += block.height + chance.pick([6, 10, 14, 20, 30])
    return _leftovers(paper, y, done)


def _leftovers(paper: Paper, y: float, done: set[str]) -> float:
    """What the arrangement has no cell for: second addresses, joined titles' dates, agents."""
    facts, chance, plan = paper.facts, paper.chance, paper.plan
    blocks = []
    if facts.ship_to is not None and "ship" not in done and chance.maybe(0.6):
        blocks.append(party_block(paper, "ship_to", facts.ship_to, "ship_head", paper.width * 0.5))
    if facts.agent is not None:
        agent = facts.agent
        role = "agency" if facts.kind in ("order", "confirmation") else "agent"
        mark = Mark(
            f"{role}.name" if role == "agency" else "agent",
            (agent.name,) if role == "agency" else (),
            "",
            "PERSON" if agent.is_person else "ORG",
        )
        blocks.append(
            lines(
                [
                    [
                        label_piece(paper.words.label("agent_head")),
                        Piece(" "),
                        Piece(agent.name, (mark,)),
                    ]
                ],
                paper.style,
                paper.width,
            )
        )
    if "issue_date" not in paper.shown:
        blocks.append(dateline(paper, paper.width))
    rows = []
    if plan.customer_place == "line" and facts.kind != "order":
        mark = Mark("buyer.customer_number", (facts.buyer.number,), "", "ID")
        rows.append(
            [
                label_piece(paper.words.label("customer_number")),
                Piece(chance.pick([" ", ""])),
                Piece(facts.buyer.number, (mark,)),
            ]
        )
    if plan.order_in == "line" and facts.kind != "order" and chance.maybe(0.7):
        label, line = order_pair(paper, dated=chance.maybe(0.3))
        rows.append([label_piece(label), Piece(" "), *line])
    elif plan.order_in == "sentence" and facts.kind != "order" and chance.maybe(0.7):
        rows.append(order_sentence(paper))
    if rows:
        blocks.append(lines(rows, paper.style, paper.width))
    if chance.maybe(0.4):
        blocks.append(
            lines(
                [[Piece(chance.pick(language(facts.language)["intro"]))]], paper.style, paper.width
            )
        )
    if plan.due_place == "table" and facts.kind == "invoice" and chance.maybe(0.5):
        blocks.append(instalments(paper, paper.width))
    for block in blocks:
        block.place(paper.canvas, paper.left, y)
        y += block.height + chance.pick([4, 8, 12])
    return y


def _turner(paper: Paper) -> object:
    """A function that begins a page as this family does; some repeat number and names."""
    chance, plan, facts = paper.chance, paper.plan, paper.facts
    repeat = chance.pick(["none", "none", "title", "sender", "foot", "name"])

    def turn() -> float:
        paper.canvas.turn()
        paper.bottom = max(paper.bottom, paper.canvas.height - plan.margin)
        y = plan.margin
        page = len(paper.canvas.sheets)
        if repeat == "title":
            line = [
                *title_sentence(paper, _title(paper)),
                Piece("   "),
                label_piece(paper.words.plain("page")),
                Piece(f" {page}"),
            ]
            paper.canvas.write(paper.left, y, line, paper.style)
            y += paper.style.leading * 2
        elif repeat == "sender":
            block = sender_line(paper, paper.width * 0.6)
            block.place(paper.canvas, paper.left, y)
            role, addressee = paper.addressee
            block2 = party_block(
                paper,
                role,
                addressee,
                "buyer_head" if role == "buyer" else "seller_head",
                paper.width * 0.5,
            )
            block2.place(paper.canvas, paper.left, y + block.height + 4)
            y += block.height + block2.height + 18
        elif repeat == "foot":
            found = footer_block(paper)
            if found is not None:
                paper.bottom = paper.canvas.height - max(18, plan.margin * 0.5) - found.height
                found.place(paper.canvas, paper.left, paper.bottom)
                paper.bottom -= 10
        elif repeat == "name":
            paper.canvas.write(
                paper.left,
                y,
                [Piece(facts.seller.name, (Mark("seller.name", (facts.seller.name,), "", "ORG"),))],
                paper.style,
            )
            y += paper.style.leading * 2
        if chance.maybe(0.5):
            paper.canvas.write(
                paper.left,
                paper.canvas.height - 14,
                [Piece(f"{paper.words.plain('page')} {page}")],
                paper.style.but(size=7),
                "right",
                paper.width,
            )
        return y

    return turn


def _body(paper: Paper) -> None:
    """Top, table, sums, terms, bank; new pages where needed."""
    chance, plan = paper.chance, paper.plan
    made = _turner(paper)
    assert callable(made)
    y = _top(paper, plan.margin * chance.pick([0.5, 0.7, 1.0]))
    if y > paper.bottom - 70:
        y = made()
    y = set_table(paper, y + 4, made)
    block, x = totals_block(paper)
    if y + block.height > paper.bottom:
        y = made()
    block.place(paper.canvas, x, y)
    y += block.height + chance.pick([8, 12, 18])
    for after in _after(paper):
        if y + after.height > paper.bottom:
            y = made()
        after.place(paper.canvas, paper.left, y)
        y += after.height + chance.pick([6, 10, 14])
    if chance.maybe(0.05):
        paper.canvas.sheet.shapes.append(Shape("stamp", paper.end - 110, y, paper.end - 10, y + 40))
    _pin_seller(paper, y)


def _after(paper: Paper) -> list[Block]:
    """What follows the sums."""
    plan, facts, chance = paper.plan, paper.facts, paper.chance
    out = [terms_block(paper, paper.width)]
    if plan.seller_ids == "totals":
        role, who = paper.issuer
        out.append(
            lines(unlabelled(seller_pairs(paper, role, who), 0.8, paper), paper.style, paper.width)
        )
    if (plan.bank_place in ("terms", "box") or facts.payee is not None) and facts.kind not in (
        "order",
    ):
        out.append(bank_block(paper, paper.width * 0.7))
    if facts.kind in ("invoice", "reminder") and plan.footer == "none" and chance.maybe(0.2):
        out.append(slip(paper))
    return [block for block in out if block.lines]


def _pin_seller(paper: Paper, y: float) -> None:
    """A paper must say who issued it: where nothing did so far, it does at the end."""
    role, who = paper.issuer
    shown = any(
        m.field == f"{role}.name"
        for s in paper.canvas.sheets
        for r in s.runs
        for p in r.line
        for m in p.marks
    )
    if shown or paper.chance.maybe(0.02):
        return
    block = party_block(
        paper,
        role,
        who,
        "seller_head" if role == "seller" else "buyer_head",
        paper.width * 0.4,
        ids=0.6,
        reach=0.5,
    )
    top = max(y, paper.canvas.height - paper.plan.margin - block.height)
    x = paper.left if paper.chance.maybe(0.5) else paper.left + paper.width * 0.6
    if top + block.height > paper.canvas.height or (
        paper.bottom < top and paper.plan.footer != "none"
    ):
        paper.canvas.turn()
        top = paper.plan.margin
    block.place(paper.canvas, x, top)


__all__ = ["item", "line_items", "set_invoice"]
