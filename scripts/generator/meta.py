"""The data of the paper itself: number, date, customer number, orders, period … as pairs."""

from __future__ import annotations

from .blocks import Block, Pair, label_piece, lines, pairs
from .marks import Mark, Piece
from .paper import Paper


def _number(paper: Paper) -> Pair:
    facts = paper.facts
    key = {
        "credit_note": "credit_number",
        "order": "purchase_order",
        "confirmation": "order_number",
    }.get(facts.kind, "invoice_number")
    name = {"order": "order_number", "confirmation": "order_number"}.get(
        facts.kind, "invoice_number"
    )
    return paper.ident(key, name, facts.number)


def _period(paper: Paper) -> list[Pair]:
    facts, chance = paper.facts, paper.chance
    start, end = (
        paper.date("period_start", facts.period[0]),
        paper.date("period_end", facts.period[1]),
    )
    if chance.maybe(0.3):
        return [paper.pair("period_start", [start]), paper.pair("period_end", [end])]
    between = {
        "de": " bis ",
        "en": " to ",
        "fr": " au ",
        "es": " al ",
        "it": " al ",
        "nl": " t/m ",
    }[facts.language]
    return [
        paper.pair(
            "period", [start, Piece(chance.pick([" - ", between, " – ", "-", between])), end]
        )
    ]


def order_pair(paper: Paper, *, dated: bool) -> Pair:
    """The customer's order, now and then with its date."""
    facts = paper.facts
    label, line = paper.ident("purchase_order", "purchase_order", facts.their_order)
    out = list(line)
    if dated:
        of = {
            "de": " vom ",
            "en": " of ",
            "fr": " du ",
            "es": " de ",
            "it": " del ",
            "nl": " d.d. ",
        }[facts.language]
        out += [Piece(of), paper.date("", facts.ordered)]
    return label, out


def meta_pairs(paper: Paper, *, number: bool = True, issued: bool = True) -> list[Pair]:
    """The pairs of the meta block, in the family's order and with its optional ones."""
    facts, plan, chance = paper.facts, paper.plan, paper.chance
    head: list[Pair] = []
    if number:
        head.append(_number(paper))
    if issued:
        head.append(paper.pair("issue_date", [paper.date("issue_date", facts.issued)]))
        if number and chance.maybe(0.15):
            head.reverse()
    rest: list[Pair] = []
    if plan.customer_place == "meta" and facts.kind != "order" and chance.maybe(0.85):
        rest.append(paper.ident("customer_number", "buyer.customer_number", facts.buyer.number))
    if (
        plan.due_place == "meta"
        and facts.kind not in ("credit_note", "order", "confirmation")
        and chance.maybe(0.9)
    ):
        rest.append(paper.pair("due_date", [paper.date("due_date", facts.due)]))
    if plan.order_in == "meta" and facts.kind != "order" and chance.maybe(0.6):
        rest.append(order_pair(paper, dated=chance.maybe(0.15)))
    if facts.kind == "credit_note" and chance.maybe(0.75):
        rest.append(paper.ident("preceding_invoice", "preceding_invoice", facts.preceding))
    if chance.maybe(0.05 + 0.1 * plan.extras) and facts.kind == "invoice":
        rest.extend(_period(paper))
    rest.extend(_distractors(paper))
    if plan.seller_ids == "meta":
        rest.extend(seller_ids_in_meta(paper))
    chance.shuffle(rest)
    if chance.maybe(0.12):
        rest[1:1] = head
        return rest
    return head + rest


def seller_ids_in_meta(paper: Paper) -> list[Pair]:
    """Our numbers and theirs, among the data of the paper."""
    from .party_blocks import identifiers

    out = identifiers(paper, "seller", paper.facts.seller, share=0.6)
    buyer = paper.facts.buyer
    if buyer.vat and paper.chance.maybe(0.4):
        their = {
            "de": "Ihre ",
            "en": "Your ",
            "fr": "Votre ",
            "es": "Su ",
            "it": "Vs. ",
            "nl": "Uw ",
        }[paper.facts.language]
        mark = Mark("buyer.vat_id", (buyer.vat_printed, buyer.vat), "", "ID")
        out.append((their + paper.words.label("vat_id"), [Piece(buyer.vat_printed, (mark,))]))
    return out


def _distractors(paper: Paper) -> list[Pair]:
    facts, plan, chance = paper.facts, paper.plan, paper.chance
    p = 0.25 * plan.extras
    out: list[Pair] = []
    if chance.maybe(p + 0.15):
        out.append(paper.pair("delivery_date", [paper.date("", facts.delivered)]))
    if chance.maybe(p):
        out.append(paper.pair("order_date", [paper.date("", facts.ordered)]))
    if chance.maybe(p):
        out.append(paper.ident("delivery_note", "", facts.delivery_note))
    if chance.maybe(p * 0.5):
        out.append(paper.pair("print_date", [paper.date("", facts.printed)]))
    if chance.maybe(p) and facts.kind not in ("order", "confirmation"):
        out.append(paper.ident("order_number", "order_number", facts.order))
    if chance.maybe(p * 0.6):
        out.append(paper.ident("contract_number", "contract_number", facts.contract))
    if chance.maybe(p):
        out.append(paper.pair("project", [Piece(facts.project)]))
    if chance.maybe(p):
        shape = chance.pick(["####/AA", "AA-AA", "#####", "A-###"])
        out.append(paper.ident("reference", "", chance.digits(shape)))
    if chance.maybe(p + 0.05) and plan.contact_place == "meta":
        mark = Mark("seller.contact_name", (facts.seller.contact,), "", "PERSON")
        out.append(paper.pair("our_contact", [Piece(facts.seller.contact, (mark,))]))
    if chance.maybe(0.12):
        out.append(
            paper.pair("currency", [Piece(facts.currency, (Mark("currency", (facts.currency,)),))])
        )
    if chance.maybe(0.2):
        paper.shown.add("payment_terms")
        text = terms_text(paper)
        out.append(paper.pair("payment_terms", [Piece(text, (Mark("payment_terms", (text,)),))]))
    if chance.maybe(p * 0.5):
        words = {
            "de": "Überweisung",
            "en": "Bank transfer",
            "fr": "Virement",
            "es": "Transferencia",
            "it": "Bonifico bancario",
            "nl": "Overschrijving",
        }
        out.append(paper.pair("payment_method", [Piece(words[facts.language])]))
    if chance.maybe(p * 0.5):
        out.append(
            paper.pair(
                "shipping_method",
                [Piece(chance.pick(["DHL", "UPS", "EXW", "DAP", "Post", "FCA", "Best Way"]))],
            )
        )
    if chance.maybe(0.2):
        out.append(paper.pair("page", [Piece(chance.pick(["1", "1/1", "1 / 1"]))]))
    return out


def terms_text(paper: Paper) -> str:
    """The terms of payment in the language's words."""
    from .data_files import language

    return str(paper.chance.pick(language(paper.facts.language)["terms"])).format(
        days=paper.facts.days
    )


def meta_block(paper: Paper, many: list[Pair], width: float) -> Block:
    """The meta block in the family's kind."""
    kind = paper.plan.meta
    if kind in ("row",) and width < 260:
        kind = "columns"
    return pairs(many, kind, paper.style, paper.label_style, width)


def dateline(paper: Paper, width: float) -> Block:
    """Town and date, as in letters."""
    facts = paper.facts
    shape = {
        "de": "{c}, den {d}",
        "en": "{c}, {d}",
        "fr": "{c}, le {d}",
        "es": "{c}, a {d}",
        "it": "{c}, lì {d}",
        "nl": "{c}, {d}",
    }[facts.language]
    before, after = shape.format(c=facts.seller.address.city, d="\0").split("\0")
    line = [Piece(before), paper.date("issue_date", facts.issued), Piece(after)]
    return lines([line], paper.style, width, align=paper.chance.pick(["left", "right"]))


def title_sentence(paper: Paper, title: str) -> list[Piece]:
    """Title, number and perhaps date in one line: "Rechnung Nr. 17 vom 5.3.2018"."""
    facts, chance = paper.facts, paper.chance
    name = "order_number" if facts.kind in ("order", "confirmation") else "invoice_number"
    paper.shown.add(name)
    number = Piece(facts.number, (Mark(name, (facts.number,), "", "ID"),))
    sign = chance.pick({
        "de": ["Nr. ", "", "# ", "Nr.: ", "Nummer "], "en": ["No. ", "# ", "", "No: ", "Number "], "fr": ["n° ", "N° ", "", "numéro "],
        "es": ["nº ", "", "Núm. ", "N.º "], "it": ["n. ", "", "nr. ", "N° "], "nl": ["nr. ", "", "nummer ", ": "]}[facts.language])  # fmt: skip
    line = [label_piece(title), Piece(" "), Piece(sign), number]
    if chance.maybe(0.65):
        of = chance.pick({
            "de": [" vom ", " v. ", " / ", ", "], "en": [" of ", " dated ", " issued at ", ", ", " / "], "fr": [" du ", " en date du ", ", "],
            "es": [" de fecha ", " de ", ", "], "it": [" del ", ", "], "nl": [" van ", " d.d. ", ", "]}[facts.language])  # fmt: skip
        line += [Piece(of), paper.date("issue_date", facts.issued)]
    return line
