"""Registration and onboarding forms: numbered items, boxes, rules to write on, check boxes, stamps."""

from __future__ import annotations

import datetime

from . import names, notation
from .blocks import Block, Set, label_piece, lines
from .canvas import Canvas, Shape, Style
from .chance import Chance
from .data_files import cities, countries, language
from .flow import Flow
from .form_parts import (
    FamilyStyle,
    Form,
    Item,
    answer_to,
    extra_item,
    numbered,
    set_items,
    set_options,
    words,
)
from .invoices import home
from .marks import Line, Mark, Piece
from .parties import address_lines, name_piece, one_line, party

_FACES = {"serif": 3, "sans": 5, "narrow": 1.5, "book": 1, "wide": 0.5}


def set_form(family: str, chance: Chance, code: str) -> Canvas:
    """A whole form of `family`.

    Args:
        family: Layout family.
        chance: Where everything else comes from.
        code: Language.

    Returns:
        The pages.
    """
    style = FamilyStyle(f"form {family}")
    registration = style.maybe(0.5)
    country = (
        chance.weighted({"US": 4, "GB": 2, "IN": 0.5, "AU": 0.5, "IE": 0.5, "MY": 0.4})
        if code == "en"
        else home(chance, code)
    )
    facts = countries()[country]
    person = chance.maybe(0.25)
    who = party(
        chance, country, code, person=1.0 if person else 0.0, public=0.0 if person else 0.06
    )
    ask = Style(style.weighted(_FACES), style.pick([7.0, 8.0, 8.5, 9.0, 10.0, 11.0]))
    fill = (
        ask
        if style.maybe(0.4)
        else Style(
            style.pick(["mono", "mono", "sans", "serif", "till"]),
            style.pick([8.5, 9.5, 10.0, 11.0]),
            style.maybe(0.2),
        )
    )
    day = datetime.date(1972, 1, 1) + datetime.timedelta(int(chance.random() * 19700))
    form = Form(
        chance, style, code, country, who, "registrant" if registration else style.pick(["applicant", "applicant", "buyer"]), ask, fill,
        facts["dates"][style.pick(range(12)) % len(facts["dates"])], day, names.person(chance, country, code, titled=0.03),
    )  # fmt: skip
    canvas = Canvas(612, 792) if country == "US" else Canvas()
    margin = style.pick([30, 40, 50, 60])
    flow = Flow(
        canvas,
        ask,
        margin,
        canvas.width - 2 * margin,
        margin,
        canvas.height - margin,
        margin * 0.7,
        style.pick(["plain", "page", "none"]),
    )
    _head(form, flow, registration=registration)
    if registration:
        _registration(form, flow)
    else:
        _onboarding(form, flow)
    _signature(form, flow)
    flow.close()
    return canvas


def _text(form: Form, key: str) -> str:
    return str(form.chance.pick(words()[key][form.code]))


def _head(form: Form, flow: Flow, *, registration: bool) -> None:
    style, chance = form.style, form.chance
    align = style.pick(["left", "centre", "centre"])
    if registration or style.maybe(0.3):
        office = _text(form, "offices").format(
            C=chance.pick(cities(form.country)).title(),
            T=chance.pick(language(form.code)["trades"]),
        )
        if registration:
            line = [Piece(office, (Mark("office", (), "", "ORG"),))]
            flow.paragraph(line, style=form.ask.but(bold=style.maybe(0.7)), align=align)
            if style.maybe(0.6):
                where = (
                    f"{chance.pick(cities(form.country)).title()}, {chance.digits('AA #####')}"
                    if form.code == "en"
                    else chance.pick(cities(form.country)).title()
                )
                flow.paragraph([Piece(where)], align=align)
    elif style.maybe(0.6):
        maker = names.company(chance, form.country, form.code)
        flow.paragraph(
            [Piece(maker, (Mark("seller.name", (maker,), "", "ORG"),))],
            style=form.ask.but(size=12, bold=True),
            align=align,
        )
    title = form.word("titles", "registration" if registration else "onboarding")
    flow.paragraph(
        [Piece(title, (Mark("title", (title,)),))],
        style=form.ask.but(size=style.pick([10, 12, 14, 18]), bold=style.maybe(0.8)),
        align=align,
        gap=6,
    )
    if style.maybe(0.4):
        flow.paragraph(
            [
                Piece(
                    f"Form {chance.digits('AA-###')} (Rev. {chance.digits('##')}/{chance.digits('##')})"
                )
            ],
            align=style.pick(["left", "right"]),
            style=form.ask.but(size=7),
        )
    for text in chance.few(words()["small"][form.code], 3):
        flow.paragraph([Piece(text)], style=form.ask.but(size=max(6.5, form.ask.size - 1.5)), gap=3)
    if registration:
        _stamp(form, flow)
    flow.y += 4


def _stamp(form: Form, flow: Flow) -> None:
    """The office's stamp with the date on which the form was received."""
    chance = form.chance
    received = form.day + datetime.timedelta(chance.pick([0, 0, 1, 2, 3, 5, 9]))
    if not chance.maybe(0.7):
        return
    months = language(form.code)["months_short"]
    text = notation.date(
        received,
        chance.pick(
            ["iso", "mdy_slash" if form.country == "US" else "dmy_slash", "mon_d_y", "d_mon_y"]
        ),
        form.code,
    )
    if chance.maybe(0.3):
        text = f"{received.year} {months[received.month - 1].upper()} {received.day}"
    if chance.maybe(0.4):
        text = text.upper()
    date = Piece(text, (Mark("file_date", (received.isoformat(),), "", "DATE"),))
    clock = f"{chance.pick(range(8, 18))}:{chance.pick(range(10, 59))}" + chance.pick(
        [" PM", " AM", "", ""]
    )
    label = label_piece(form.word("received"))
    style = form.ask.but(size=chance.pick([7.5, 9, 11]), bold=chance.maybe(0.5))
    office = Piece(
        chance.pick(
            ["REGISTRATION UNIT", "CRIMINAL DIVISION", "FILINGS SECTION", "MAIL ROOM", "CES"]
        )
    )
    rows: list[Line] = chance.pick([
        [[label], [date]], [[label, Piece(" "), date]], [[label], [office], [date, Piece(f" {clock}")]], [[office], [date, Piece(f"  {clock}")], [label]],
    ])  # fmt: skip
    x = flow.width * chance.pick([0.0, 0.55, 0.65])
    block = lines(rows, style, 150)
    if chance.maybe(0.5):
        flow.block(block, x=x)
    else:
        block.place(flow.canvas, flow.left + x, chance.pick([16.0, 30.0]))


def _onboarding(form: Form, flow: Flow) -> None:
    style, who = form.style, form.who
    if who.is_person:
        first = ["first_name", "last_name"] if style.maybe(0.5) else ["name"]
        asked = [*first, "date_of_birth"]
    else:
        asked = ["name", *(["trading_name"] if style.maybe(0.3) else [])]
    asked += (
        ["address"]
        if style.maybe(0.35)
        else (
            ["street", "postal_code", "city"]
            if style.maybe(0.5)
            else ["street", "city", "postal_code"]
        )
        + (["country"] if style.maybe(0.7) else [])
    )
    more = [
        "phone",
        "email",
        "contact_name",
        "vat_id",
        "registration_number",
        "tax_number",
        "website",
        "customer_number",
    ]
    if who.is_person:
        more = ["phone", "email", "national_id", "customer_number"]
    asked += style.few(more, len(more))
    if style.maybe(0.5):
        asked += ["iban", "bic"] if style.maybe(0.6) else ["iban"]
    items = [
        Item(
            form.word("questions", name),
            answer_to(form, name),
            wide=name in ("name", "address", "street"),
        )
        for name in asked
    ]
    for _ in range(style.pick([0, 1, 2, 3])):
        items.insert(form.chance.pick(range(len(items) + 1)), extra_item(form))
    set_items(form, flow, items)
    for _ in range(style.pick([0, 1, 2])):
        set_options(form, flow)


def _registration(form: Form, flow: Flow) -> None:
    style, chance = form.style, form.chance
    number = chance.digits(chance.pick(["####", "####", "#####", "######", "##-####"]))
    reg = [[Piece(number, (Mark("registration_number", (number,), "", "ID"),))]]
    first = Item(form.word("registrant"), [[name_piece("registrant", form.who)]], wide=True)
    second = Item(form.word("registration_no"), reg)
    items = [first, second] if style.maybe(0.8) else [second, first]
    if style.maybe(0.3):
        items.insert(
            0,
            Item(
                form.word("questions", "name"),
                [[Piece(form.signer, (Mark("signer.name", (form.signer,), "", "PERSON"),))]],
            ),
        )
    if style.maybe(0.7):
        items.append(Item(form.word("questions", "address"), answer_to(form, "address"), wide=True))
    for _ in range(style.pick([0, 1, 2, 3])):
        items.append(extra_item(form))
    if style.maybe(0.5):
        items.append(Item(form.word("questions", "phone"), answer_to(form, "phone")))
    set_items(form, flow, items)
    if style.maybe(0.8):
        set_options(form, flow)
    if style.maybe(0.55):
        _principals(form, flow)
    for text in chance.few(words()["small"][form.code], 3):
        flow.paragraph(
            [Piece(f"{chance.pick(range(3, 15))}. {text}" if style.maybe(0.5) else text)],
            gap=style.pick([4, 20, 50]),
        )


def _principals(form: Form, flow: Flow) -> None:
    chance = form.chance
    flow.paragraph(
        [label_piece(numbered(form, chance.pick(range(4, 12)), form.word("principals")))],
        style=form.ask.but(bold=form.style.maybe(0.4)),
        gap=2,
    )
    for at in range(chance.pick([1, 1, 1, 2, 3, 5])):
        country = chance.pick(list(countries()))
        code = countries()[country]["languages"][0]
        shape = chance.pick(
            [
                "Government of {c}",
                "Embassy of {c}",
                "{c} National Tourism Organization",
                "Ministry of Foreign Affairs of {c}",
                "",
                "",
                "{o} {c}",
            ]
        )
        name = shape.format(
            c=language("en")["countries"][country], o=names.stem(chance)
        ) or names.company(chance, country, code)
        lead = (
            [Piece(chance.pick([f"{at + 1}. ", "- ", "", f"({at + 1}) "]))]
            if form.style.maybe(0.5)
            else []
        )
        mark = Mark("foreign_principal.name", (name,), f"principal{at + 1}", "ORG")
        line = [*lead, Piece(name, (mark,))]
        if form.style.maybe(0.25):
            who = party(chance, country, code)
            line += [Piece(", "), *one_line(address_lines("place", who, gold=False), ", ")]
        flow.paragraph(line, style=form.fill, indent=form.style.pick([0, 14]), gap=2)
    flow.y += 6


def _signature(form: Form, flow: Flow) -> None:
    chance, style = form.chance, form.style
    signed = form.day - datetime.timedelta(chance.pick([0, 0, 0, 1, 2, 4]))
    if chance.maybe(0.5):
        flow.paragraph([Piece(chance.pick(words()["small"][form.code]))], gap=8)
    name = [Piece(form.signer, (Mark("signer.name", (form.signer,), "", "PERSON"),))]
    day = (
        [form.date("file_date" if form.role == "registrant" else "", signed)]
        if chance.maybe(0.8)
        else [Piece("")]
    )
    width = flow.width * style.pick([0.45, 0.6, 1.0])
    block = Block(width)
    y = 14.0
    line = "_" * 26 if style.maybe(0.5) else f"/s/ {form.signer}"
    if style.maybe(0.5):
        block.lines.append(
            Set(0, y, [label_piece(form.word("signed")), Piece("  "), Piece(line)], form.ask)
        )
        if style.maybe(0.5):
            block.shapes.append(Shape("scrawl", 60, y - 16, 170, y))
        y += form.ask.leading * 1.5
        block.lines.append(
            Set(
                0,
                y,
                [label_piece(form.word("printed")), Piece(style.pick([": ", " ", ":  "])), *name],
                form.ask,
            )
        )
        y += form.ask.leading * 1.4
        block.lines.append(
            Set(
                0,
                y,
                [label_piece(form.word("dated")), Piece(style.pick([": ", " "])), *day],
                form.ask,
            )
        )
    else:
        block.lines.append(Set(0, y, day, form.fill))
        block.lines.append(Set(width * 0.4, y, name, form.fill))
        y += 4
        block.shapes.append(Shape("line", 0, y, width * 0.35, y))
        block.shapes.append(Shape("line", width * 0.4, y, width, y))
        y += form.ask.leading
        block.lines.append(
            Set(
                0,
                y,
                [
                    label_piece(
                        f"({form.word('dated')})" if style.maybe(0.4) else form.word("dated")
                    )
                ],
                form.ask.but(size=7),
            )
        )
        block.lines.append(
            Set(width * 0.4, y, [label_piece(form.word("printed"))], form.ask.but(size=7))
        )
    block.height = y + 6
    flow.block(block, x=style.pick([0, 0, flow.width * 0.4]) if width < flow.width * 0.6 else 0)
