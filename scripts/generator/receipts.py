"""Receipts of shops and restaurants: narrow slips in till type."""

from __future__ import annotations

import re
from decimal import Decimal

from idp_cdi.documents import LineItem

from . import names, notation
from .blocks import Block, Set, label_piece, lines, wrap
from .canvas import Canvas, Shape, Style
from .chance import Chance
from .data_files import language
from .design import design, wording
from .facts import cents, make
from .invoices import home, notations
from .marks import Line, Mark, Piece
from .paper import Paper
from .parties import address_lines, name_piece, one_line

_FACES = {"mono": 4, "till": 4, "sans": 2, "narrow": 3}


def set_receipt(family: str, chance: Chance, code: str) -> Paper:
    """A receipt of `family` on one slip."""
    plan = design(family)
    country = "MY" if code == "en" and chance.maybe(0.45) else home(chance, code)
    dates, amounts = notations(chance, plan, country)
    count = chance.weighted({1: 5, 2: 6, 3: 5, 4: 4, 5: 3, 7: 2, 10: 2, 15: 1, 22: 0.6})
    facts = make(
        chance,
        "receipt",
        code,
        country,
        count,
        dates=dates,
        amounts=amounts,
        number=plan.number,
        small=True,
    )
    facts.seller.is_person = False
    style = Chance(f"receipt style {family}")
    width = style.pick([200.0, 227.0, 227.0, 260.0, 300.0, 340.0])
    margin = style.pick([8.0, 12.0, 18.0, 26.0])
    look = Style(style.weighted(_FACES), style.pick([7.0, 8.0, 8.5, 9.0, 10.0]))
    canvas = Canvas(width, 2000)
    paper = Paper(facts, plan, wording(family, code), chance, canvas, look, look.but(bold=style.maybe(0.2)),
                  margin, width - 2 * margin, 1990)  # fmt: skip
    y = margin
    for block in _blocks(paper, style):
        block.place(canvas, margin, y)
        y += block.height + chance.pick([0, 2, 4, 8])
    canvas.height = canvas.sheet.height = round(y + margin)
    return paper


def _blocks(paper: Paper, style: Chance) -> list[Block]:
    blocks = [
        _head(paper, style),
        _data(paper, style),
        _items(paper, style),
        _sums(paper, style),
        _end(paper),
    ]
    return [block for block in blocks if block.lines or block.shapes]


def _head(paper: Paper, style: Chance) -> Block:
    facts, chance = paper.facts, paper.chance
    who = facts.seller
    align = style.pick(["centre", "centre", "centre", "left"])
    rows: list[Line] = []
    if chance.maybe(0.2):
        rows.append([Piece(_brand(paper))])
    named = _name(paper)
    rows += named
    if chance.maybe(0.5):
        label = "" if chance.maybe(0.5) else paper.words.label("registration_number") + " "
        bare = f"({who.register})" if not label else who.register
        number = Piece(bare, (Mark("seller.registration_number", (who.register,), "", "ID"),))
        if not label and chance.maybe(0.3):
            rows[-1] = [*rows[-1], Piece(" "), number]
        else:
            rows.append([label_piece(label), number])
    if chance.maybe(0.14):
        rows.append([Piece(_branch(paper))])
    where = address_lines("seller", who, home=who.country)
    rows += [one_line(where, chance.pick([", ", " ", ","]))] if style.maybe(0.3) else where
    if chance.maybe(0.75):
        rows.append(
            [
                label_piece(paper.words.label("phone")),
                Piece(" "),
                Piece(who.phone, (Mark("seller.phone", (who.phone,), "", "PHONE"),)),
            ]
        )
        if chance.maybe(0.3):
            rows[-1] = [
                *rows[-1],
                Piece("  "),
                label_piece(paper.words.label("fax")),
                Piece(" "),
                Piece(who.fax, (Mark("fax", (), "", "PHONE"),)),
            ]
    if chance.maybe(0.1):
        rows.insert(chance.pick([0, 1, len(rows)]), [Piece(_slogan(paper))])
    if chance.maybe(0.2):
        rows.append([Piece(who.website, (Mark("seller.website", (who.website,), "", "ID"),))])
    if chance.maybe(0.6):
        rows.append(_tax_id(paper))
    first = paper.style.but(
        size=paper.style.size * style.pick([1, 1.2, 1.5]), bold=style.maybe(0.5)
    )
    title = language(facts.language)["titles"]["receipt"]
    if len(named) > 1 and rows[0] is named[0]:
        from .blocks import stack

        top = lines(rows[:2], first, paper.width, align=align)
        block = stack([top, lines(rows[2:], paper.style, paper.width, align=align)], 0)
    else:
        block = lines(rows, paper.style, paper.width, align=align, first=first)
    if style.maybe(0.6):
        from .blocks import stack

        block = stack(
            [
                block,
                lines(
                    [[Piece(style.pick(title), (Mark("title_word", (), "", "LABEL"),))]],
                    first,
                    paper.width,
                    align=align,
                ),
            ],
            3,
        )
    return block


_LEGAL = re.compile(r"\b(s/?b|bhd|ltd|llc|inc|corp|gmbh|kg|ag|srl|spa|bv|nv|sarl|sas|sl|sa)\b")


def _brand(paper: Paper) -> str:
    """What the shop calls itself, in larger print than the company that runs it."""
    chance, name = paper.chance, paper.facts.seller.name
    plain = name.casefold().replace(".", "")
    brand = name.split()[0]
    if _LEGAL.search(plain) and chance.maybe(0.6):  # else nobody could tell which one is meant
        brand = names.stem(chance).title()
    sort = ["Cafe", "Mart", "Shop", "Store", "Express", "Bistro", "& More", "", "City", "Outlet"]
    made = f"{brand} {chance.pick(sort)}".strip()
    if chance.maybe(0.12):
        made = f"{chance.pick(language(paper.facts.language)['thanks'])} {brand}"
    return made.upper() if chance.maybe(0.5) else made


def _name(paper: Paper) -> list[Line]:
    """The shop's name, on two lines now and then."""
    whole = name_piece("seller", paper.facts.seller)
    words = whole.text.split()
    if len(words) < 3 or not paper.chance.maybe(0.22):
        return [[whole]]
    cut = paper.chance.pick(range(1, len(words)))
    return [[Piece(" ".join(part), whole.marks)] for part in (words[:cut], words[cut:])]


def _branch(paper: Paper) -> str:
    """Which of the shop's branches: a line that is neither name nor address."""
    chance, town = paper.chance, paper.facts.seller.address.city
    word = {
        "de": ["Filiale", "Markt", "Standort"], "fr": ["Magasin", "Agence de", "Boutique"],
        "es": ["Tienda", "Sucursal"], "it": ["Punto vendita", "Negozio", "Filiale di"],
        "nl": ["Filiaal", "Winkel", "Vestiging"],
    }.get(paper.facts.language, ["Branch:", "Outlet", "Store", "Branch"])  # fmt: skip
    made = chance.pick(
        [f"{chance.pick(word)} {town}", f"{chance.pick(word)} {chance.digits('##')}", f"({town})",
         f"{chance.pick(word)} {chance.digits('###')} - {town}"]
    )  # fmt: skip
    return made.upper() if chance.maybe(0.5) else made


def _slogan(paper: Paper) -> str:
    """A line that praises, or says what the shop was called or who runs it."""
    chance, trades = paper.chance, language(paper.facts.language)["trades"]
    made = chance.pick(
        [f"{chance.pick(trades)} & {chance.pick(trades)}", f"*** {chance.pick(trades)} ***",
         f"{chance.pick(trades)} · {chance.pick(trades)} · {chance.pick(trades)}"]
    )  # fmt: skip
    return made.upper() if chance.maybe(0.4) else made


def _tax_id(paper: Paper) -> list[Piece]:
    who, words = paper.facts.seller, paper.words
    if who.country in ("MY", "AU", "IN", "SG"):
        number = paper.chance.digits(paper.chance.pick(["############", "## ### ### ###"]))
        line = [
            label_piece(words.label("gst_id")),
            Piece(" "),
            Piece(number, (Mark("seller.tax_number", (number,), "", "ID"),)),
        ]
        return [Piece("("), *line, Piece(")")] if paper.chance.maybe(0.3) else line
    if who.vat:
        return [
            label_piece(words.label("vat_id")),
            Piece(" "),
            Piece(who.vat_printed, (Mark("seller.vat_id", (who.vat_printed, who.vat), "", "ID"),)),
        ]
    return [Piece("")]


def _data(paper: Paper, style: Chance) -> Block:
    """Number, date, time, till, cashier; two on a line now and then."""
    facts, chance = paper.facts, paper.chance
    clock = f"{chance.pick(range(7, 23)):02}:{chance.pick(range(60)):02}"
    if style.maybe(0.5):
        clock += f":{chance.pick(range(60)):02}"
    if style.maybe(0.25):
        clock = f"{chance.pick(range(1, 13))}:{chance.pick(range(60)):02}:{chance.pick(range(60)):02} {chance.pick(['AM', 'PM', 'am', 'pm'])}"
    when = [paper.date("issue_date", facts.issued)]
    joined = style.maybe(0.5)
    if joined:
        when += [Piece(style.pick(["  ", " ", " - "])), Piece(clock)]
    parts: list[list[Piece]] = []
    if style.maybe(0.85):
        label, line = paper.ident("receipt_number", "invoice_number", facts.number)
        parts.append([label_piece(label), Piece(" "), *line])
    parts.append(
        [label_piece(paper.words.label("issue_date")), Piece(" "), *when]
        if style.maybe(0.65)
        else when
    )
    if not joined and style.maybe(0.8):
        parts.append(
            [label_piece(paper.words.label("time")), Piece(" "), Piece(clock)]
            if style.maybe(0.6)
            else [Piece(clock)]
        )
    for key, text in (("cashier", chance.pick([facts.seller.contact.split()[0], "USER", "ADMIN", chance.digits("##"), "001"])),
                      ("till", chance.digits(chance.pick(["##", "#", "AA#"]))), ("transaction", chance.digits("######")),
                      ("table", chance.digits("#"))):  # fmt: skip
        if style.maybe(0.35):
            parts.append([label_piece(paper.words.label(key)), Piece(" "), Piece(text)])
    if chance.maybe(0.12):
        parts.append(
            [
                label_piece(paper.words.label("buyer_head")),
                Piece(" "),
                name_piece("buyer", facts.buyer),
            ]
        )
    if style.maybe(0.3):
        style.shuffle(parts)
    if not style.maybe(0.35):
        return _ruled(lines(parts, paper.style, paper.width), paper, style)
    block = Block(paper.width)
    y = 0.0
    for at in range(0, len(parts), 2):
        y += paper.style.leading
        block.lines.append(Set(0, y - 2, parts[at], paper.style))
        if at + 1 < len(parts):
            right = parts[at + 1]
            block.lines.append(Set(0, y - 2, right, paper.style, "right", paper.width))
    block.height = y
    return _ruled(block, paper, style)


def _ruled(block: Block, paper: Paper, style: Chance) -> Block:
    how = style.pick(["none", "line", "dashes", "stars"])
    if how == "line":
        block.shapes.append(Shape("line", 0, block.height + 2, paper.width, block.height + 2))
        block.height += 4
    elif how in ("dashes", "stars"):
        sign = "-" if how == "dashes" else style.pick("*=")
        from .fonts import text_width

        count = int(paper.width / max(1.0, text_width(sign, paper.style.face, paper.style.size)))
        block.height += paper.style.leading
        block.lines.append(Set(0, block.height - 2, [Piece(sign * count)], paper.style))
    return block


def _sum(paper: Paper, name: str, value: Decimal, group: str = "") -> list[Piece]:
    return paper.amount(name, value, group=group, sign=False)


def _items(paper: Paper, style: Chance) -> Block:
    facts = paper.facts
    kind = style.pick(["one", "one", "two", "two", "under"])
    block = Block(paper.width)
    y = 0.0
    look = paper.style
    if style.maybe(0.45):
        y += look.leading
        words = paper.words
        block.lines.append(Set(0, y - 2, [label_piece(words.column("description"))], look))
        if style.maybe(0.6):
            block.lines.append(
                Set(
                    0,
                    y - 2,
                    [
                        label_piece(words.column("quantity")),
                        Piece("   "),
                        label_piece(words.column("price")),
                    ],
                    look,
                    "right",
                    paper.width * 0.72,
                )
            )
        block.lines.append(
            Set(0, y - 2, [label_piece(words.column("amount"))], look, "right", paper.width)
        )
    letter = style.pick(["", "", " A", " SR", " *", " 1"])
    for at, one in enumerate(facts.items):
        group = f"line {at + 1}"
        name = [
            Piece(
                one.description.upper() if style.maybe(0.5) else one.description,
                (Mark("item.description", (one.description,), group),),
            )
        ]
        amount = [*_sum(paper, "item.net_amount", one.net, group), Piece(letter)]
        count = notation.number(one.quantity, facts.amounts)
        by = [
            Piece(count, (Mark("item.quantity", (count,), group),)),
            Piece(style.pick([" x ", " X ", " @ ", "x", " * "])),
            *_sum(paper, "item.unit_price", one.price, group),
        ]
        room = paper.width * (0.66 if kind == "one" else 1.0)
        if kind == "under" and style.maybe(0.5):
            y += look.leading
            block.lines.append(
                Set(0, y - 2, [Piece(one.code, (Mark("code", (), "", "ID"),))], look)
            )
        for row in wrap(name, look, room):
            y += look.leading
            block.lines.append(Set(0, y - 2, row, look))
        if kind == "one":
            if one.quantity != 1:
                block.lines.append(Set(6, y - 2 + look.leading, by, look))
            block.lines.append(Set(0, y - 2, amount, look, "right", paper.width))
            y += look.leading if one.quantity != 1 else 0
        else:
            y += look.leading
            block.lines.append(Set(style.pick([0, 12, 30]), y - 2, by, look))
            block.lines.append(Set(0, y - 2, amount, look, "right", paper.width))
    block.height = y
    return _ruled(block, paper, style)


def _sums(paper: Paper, style: Chance) -> Block:
    """Subtotal, tax, rounding, total, cash, change and a tax summary."""
    facts, chance, words = paper.facts, paper.chance, paper.words
    sums = facts.sums
    local = facts.seller.country in ("MY", "AU", "IN", "SG")
    tax_key = "gst_total" if local and facts.language == "en" else "tax_total"
    rows: list[tuple[list[Piece], list[Piece], bool]] = []
    code = (
        [
            Piece(" "),
            Piece(
                chance.pick([facts.currency, notation.SIGNS[facts.currency]]),
                (Mark("currency", (facts.currency,)),),
            ),
        ]
        if style.maybe(0.4)
        else []
    )

    def add(
        key: str,
        names: str,
        value: Decimal,
        *,
        strong: bool = False,
        extra: list[Piece] | None = None,
    ) -> None:
        rows.append(
            (
                [label_piece(words.label(key)), *(extra or []), *(code if strong else [])],
                _sum(paper, names, value),
                strong,
            )
        )

    if style.maybe(0.55):
        if style.maybe(0.5) or len(sums.taxes) > 1 or not sums.tax:
            add(
                "receipt_net", "" if sums.tax else "net_total", sums.lines if sums.tax else sums.net
            )
        else:
            add("receipt_net", "net_total", sums.net)
            add(tax_key, "tax_total", sums.tax)
    total = sums.total
    if style.maybe(0.3):
        rounded = cents((total * 20).quantize(Decimal(1)) / 20)
        if style.maybe(0.6):
            before = language(facts.language)["labels"]["receipt_total"]
            rows.append(([label_piece(style.pick(before))], _sum(paper, "", total), False))
        add("rounding", "", rounded - total)
        total = rounded
    if style.maybe(0.2):
        rows.append(
            (
                [label_piece(words.label("total_quantity"))],
                [Piece(str(sum(int(i.quantity) for i in facts.items)))],
                False,
            )
        )
    add("receipt_total", "total amount_due", total, strong=True)
    if style.maybe(0.7):
        if chance.maybe(0.55):
            paid = chance.pick(
                [
                    total,
                    cents((total / 10).to_integral_value(rounding="ROUND_CEILING") * 10),
                    cents((total / 50).to_integral_value(rounding="ROUND_CEILING") * 50),
                ]
            )
            add("cash", "", paid)
            add("change", "", paid - total)
        else:
            add("card", "", total)
    if sums.tax and style.maybe(0.5):
        rate, (net, tax) = max(sums.taxes.items())
        rows.append(([Piece(chance.pick(["SR ", "A ", "", "1 "])), Piece(f"{rate.normalize():f}%")],
                     [*_sum(paper, "net_total" if len(sums.taxes) == 1 and not any(r[1] and "net_total" in [m.field for p in r[1] for m in p.marks] for r in rows) else "", net), Piece("   "), *_sum(paper, "tax_total" if len(sums.taxes) == 1 else "", tax)], False))  # fmt: skip
    block = Block(paper.width)
    y = 0.0
    big = style.pick([1.0, 1.0, 1.2, 1.6])
    tight = style.maybe(0.15)
    for label, value, strong in rows:
        look = (
            paper.style.but(size=paper.style.size * big, bold=style.maybe(0.5))
            if strong
            else paper.style
        )
        y += look.leading
        if tight:
            block.lines.append(
                Set(0, y - 2, [*label, Piece("  "), *value], look, "right", paper.width)
            )
        else:
            block.lines.append(
                Set(0 if not style.maybe(0.1) else paper.width * 0.25, y - 2, label, look)
            )
            block.lines.append(Set(0, y - 2, value, look, "right", paper.width))
    block.height = y
    return _ruled(block, paper, style)


def _end(paper: Paper) -> Block:
    facts, chance = paper.facts, paper.chance
    words = language(facts.language)
    rows: list[Line] = [[Piece(text)] for text in chance.few(words["thanks"], 2)]
    if chance.maybe(0.2):
        rows.append([Piece(chance.pick(words["small"]))])
    if chance.maybe(0.2):
        rows.append([Piece(chance.digits("#############"), (Mark("code", (), "", "ID"),))])
    return lines(rows, paper.style, paper.width, align="centre")


def receipt_items(paper: Paper) -> list[LineItem]:
    """The gold of the slip's lines."""
    return [
        LineItem(
            one.description,
            f"{one.quantity.normalize():f}",
            "",
            f"{one.price:.2f}",
            net_amount=f"{one.net:.2f}",
        )
        for one in paper.facts.items
    ]
