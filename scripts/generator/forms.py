"""Registration and onboarding forms: numbered items, boxes, rules to write on, check boxes, stamps."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from functools import cache

from . import names, notation, numbers
from .blocks import Block, Set, beside, label_piece, lines, wrap
from .canvas import Canvas, Shape, Style
from .chance import Chance
from .data_files import HERE, Names, _load, cities, countries, language
from .flow import Flow
from .invoices import home
from .marks import Line, Mark, Piece
from .parties import Party, address_lines, name_piece, one_line, party

_FACES = {"serif": 3, "sans": 5, "narrow": 1.5, "book": 1, "wide": 0.5}


@cache
def words() -> Names:
    """What forms ask."""
    return _load(HERE / "forms.yaml")


@dataclass(slots=True)
class Form:
    """A form while it is being set: `ask` is the style of questions, `fill` that of answers."""

    chance: Chance
    style: Chance
    code: str
    country: str
    who: Party
    role: str
    ask: Style
    fill: Style
    dates: str
    day: datetime.date
    signer: str
    wordings: dict[str, str] = field(default_factory=dict)

    def word(self, *keys: str) -> str:
        """The family's wording in the form's language."""
        key = "/".join(keys)
        if key not in self.wordings:
            found = words()
            for part in keys:
                found = found[part]
            self.wordings[key] = str(
                Chance(f"{self.style.name} {key} {self.code}").pick(found[self.code])
            )  # type: ignore[attr-defined]
        return self.wordings[key]

    def date(self, name: str, day: datetime.date) -> Piece:
        """A date as written in the form."""
        text = notation.date(day, self.dates, self.code)
        return Piece(text, (Mark(name or "date", (day.isoformat(),) if name else (), "", "DATE"),))


class _Style(Chance):
    """Chance that knows the family it draws for."""

    def __new__(cls, name: str) -> _Style:
        return super().__new__(cls, name)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def set_form(family: str, chance: Chance, code: str) -> Canvas:
    """A whole form of `family`.

    Args:
        family: Layout family.
        chance: Where everything else comes from.
        code: Language.

    Returns:
        The pages.
    """
    style = _Style(f"form {family}")
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


@dataclass(slots=True)
class Item:
    """One question with its answer."""

    label: str
    answer: list[list[Piece]]
    wide: bool = False


def _numbered(form: Form, at: int, label: str) -> str:
    how = Chance(f"{form.style.name} numbering").pick(["1.", "1.", "", "(1)", "1", "a)"])  # type: ignore[attr-defined]
    number = {
        "1.": f"{at}. ",
        "": "",
        "(1)": f"({at}) ",
        "1": f"{at} ",
        "a)": f"{chr(96 + min(at, 26))}) ",
    }[how]
    return number + label


def _answer(form: Form, name: str) -> list[list[Piece]]:
    """The answer to a question, as the applicant wrote it; empty where there is none."""
    who, role, chance = form.who, form.role, form.chance

    def one(text: str, *values: str, kind: str = "ID") -> list[list[Piece]]:
        if chance.maybe(0.06):
            return []
        shown = text.upper() if chance.maybe(0.1) else text
        return [[Piece(shown, (Mark(f"{role}.{name}", values or (shown,), "", kind),))]]

    if name == "name":
        return [[name_piece(role, who)]]
    if name in ("first_name", "last_name"):
        first, _, last = names.person_parts(chance, form.country)[0], "", form.signer.split()[-1]
        return one(first if name == "first_name" else last, kind="PERSON")
    if name == "date_of_birth":
        day = datetime.date(1930, 1, 1) + datetime.timedelta(int(chance.random() * 26000))
        return [[form.date(f"{role}.date_of_birth", day)]]
    if name == "address":
        rows = address_lines(role, who)
        return [one_line(rows, ", ")] if chance.maybe(0.5) else rows
    if name == "national_id":
        return one(chance.digits(chance.pick(["A########", "#########", "AA#######", "########A"])))
    simple = {
        "trading_name": (names.stem(chance), "ORG"), "street": (who.address.street, "STREET"), "city": (who.address.city, "CITY"),
        "postal_code": (who.address.postcode, "POSTCODE"), "phone": (who.phone, "PHONE"), "email": (who.email, "ID"), "website": (who.website, "ID"),
        "tax_number": (who.tax, "ID"), "registration_number": (who.register, "ID"), "contact_name": (who.contact, "PERSON"), "bic": (who.bic, "ID"),
        "customer_number": (numbers.serial(chance, form.day.year, 1, 1, "######"), "ID"),
    }  # fmt: skip
    if name in simple:
        text, kind = simple[name]
        return one(text, kind=kind) if text else []
    if name == "country":
        return one(
            language(form.code)["countries"].get(who.country, who.country),
            who.country,
            kind="COUNTRY",
        )
    if name == "vat_id":
        return one(who.vat_printed, who.vat_printed, who.vat) if who.vat else []
    if name == "iban":
        return one(who.iban_printed, who.iban_printed, who.iban) if who.iban else []
    raise ValueError(name)


def _extra(form: Form) -> Item:
    key = form.chance.pick(list(words()["extras"]))
    text = {"occupation": form.chance.pick(language(form.code)["trades"]), "turnover": form.chance.digits("###,000"),
            "nationality": form.chance.pick(list(language(form.code)["countries"].values())), "office": ""}[key]  # fmt: skip
    return Item(
        str(form.chance.pick(words()["extras"][key][form.code])), [[Piece(text)]] if text else []
    )


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
            _answer(form, name),
            wide=name in ("name", "address", "street"),
        )
        for name in asked
    ]
    for _ in range(style.pick([0, 1, 2, 3])):
        items.insert(form.chance.pick(range(len(items) + 1)), _extra(form))
    _items(form, flow, items)
    for _ in range(style.pick([0, 1, 2])):
        _options(form, flow)


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
        items.append(Item(form.word("questions", "address"), _answer(form, "address"), wide=True))
    for _ in range(style.pick([0, 1, 2, 3])):
        items.append(_extra(form))
    if style.maybe(0.5):
        items.append(Item(form.word("questions", "phone"), _answer(form, "phone")))
    _items(form, flow, items)
    if style.maybe(0.8):
        _options(form, flow)
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
        [label_piece(_numbered(form, chance.pick(range(4, 12)), form.word("principals")))],
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


def _items(form: Form, flow: Flow, items: list[Item]) -> None:
    """Questions and answers in the family's arrangement."""
    how = form.style.weighted(
        {"boxes": 4, "columns": 3, "rules": 3, "above": 2, "inline": 2, "below": 1.2}
    )
    if form.style.maybe(0.4):
        section = form.word("sections")
        flow.paragraph([Piece(section)], style=form.ask.but(bold=True), gap=4)
    two = how in ("boxes", "above", "rules", "below") and form.style.maybe(0.6)
    at = 0
    while at < len(items):
        pair = two and at + 1 < len(items) and not items[at].wide
        group = (
            items[at : at + 2]
            if pair or (two and how == "boxes" and at + 1 < len(items))
            else items[at : at + 1]
        )
        share = [0.62, 0.38] if len(group) == 2 and group[0].wide else [1 / len(group)] * len(group)
        blocks, starts = [], []
        x = 0.0
        for n, (item, part) in enumerate(zip(group, share, strict=True)):
            wide = flow.width * part
            blocks.append(
                _item(
                    form,
                    how,
                    Item(_numbered(form, at + n + 1, item.label), item.answer),
                    wide - (0 if how == "boxes" else 10),
                )
            )
            starts.append(x)
            x += wide
        high = max(block.height for block in blocks)
        if how == "boxes":
            for block in blocks:
                block.shapes.append(Shape("box", 0, 0, block.width, high))
        flow.block(
            beside(blocks, starts, flow.width),
            gap=0 if how == "boxes" else form.style.pick([2, 4, 7]),
        )
        at += len(group)
    flow.y += 8


def _item(form: Form, how: str, item: Item, width: float) -> Block:
    ask = form.ask.but(bold=form.wordings.setdefault("bold", str(form.style.maybe(0.35))) == "True")
    colon = (
        form.wordings.setdefault("colon", form.style.pick([":", "", ":", " :"]))
        if how in ("inline", "columns", "rules")
        else ""
    )
    label = [label_piece(item.label + (colon if not item.label.endswith((":", "?", ")")) else ""))]
    answer = item.answer or [[Piece(form.chance.pick(["", "", "n/a", "-", "_______"]))]]
    if how == "inline" and len(answer) == 1:
        return lines(
            [[*label, Piece(" "), *answer[0]]],
            form.fill if form.fill.face == ask.face else ask,
            width,
        )
    if how in ("boxes", "above"):
        pad = 3.0 if how == "boxes" else 0.0
        block = Block(width)
        y = 0.0
        for row in wrap(label, ask, width - 2 * pad):
            y += ask.leading
            block.lines.append(Set(pad, y, row, ask))
        for line in answer:
            for row in wrap(line, form.fill, width - 2 * pad - 8):
                y += form.fill.leading
                block.lines.append(Set(pad + 8 * (how == "boxes"), y + 1, row, form.fill))
        block.height = y + 5
        return block
    if how == "below":
        block = Block(width)
        y = 0.0
        for line in answer:
            for row in wrap(line, form.fill, width):
                y += form.fill.leading
                block.lines.append(Set(4, y, row, form.fill))
        block.shapes.append(Shape("line", 0, y + 3, width, y + 3))
        block.lines.append(Set(0, y + 4 + ask.leading * 0.8, label, ask.but(size=ask.size * 0.8)))
        block.height = y + 6 + ask.leading
        return block
    column = width * (0.36 if how == "columns" else 0.3)
    left = lines([label], ask, column - 4)
    right = lines(answer, form.fill, width - column)
    block = beside([left, right], [0, column], width)
    if how == "rules":
        block.shapes.append(Shape("line", column, block.height + 2, width, block.height + 2, 0.3))
        block.height += 3
    return block


def _options(form: Form, flow: Flow) -> None:
    """A question with boxes to tick; some are ticked."""
    chance, style = form.chance, form.style
    choices = chance.pick(words()["options"][form.code])
    ticked = set(
        chance.sample(
            range(len(choices)),
            chance.pick([0, 1, 1, 1, 2]) if len(choices) > 2 else chance.pick([0, 1, 1]),
        )
    )
    mode = style.pick(["[X]", "☒", "shape", "shape", "(x)"])
    empty = {"[X]": chance.pick(["[ ]", "[_]"]), "☒": "☐", "(x)": "( )", "shape": ""}[mode]
    if chance.maybe(0.7):
        extra = _extra(form)
        flow.paragraph([label_piece(extra.label)], gap=2)
    columns = style.pick([1, 2, 4])
    block = Block(flow.width)
    wide = flow.width / columns
    y = 0.0
    for at, choice in enumerate(choices):
        if at % columns == 0:
            y += form.ask.leading * 1.25
        x = (at % columns) * wide
        name = "checked" if at in ticked else "unchecked"
        if mode == "shape":
            block.shapes.append(Shape("check", x, y - 7, x + 8, y + 1))
            if at in ticked:
                block.shapes.append(Shape("tick", x, y - 7, x + 8, y + 1))
            line = [Piece(choice, (Mark(name, (), choice),))]
            block.lines.append(Set(x + 13, y, line, form.ask))
            continue
        sign = mode if at in ticked else empty
        line = [
            Piece(sign, (Mark("box", (), choice),)),
            Piece(" "),
            Piece(choice, (Mark(name, (), choice),)),
        ]
        block.lines.append(Set(x, y, line, form.ask))
    block.height = y + 4
    flow.block(block)


def _signature(form: Form, flow: Flow) -> None:
    chance, style = form.chance, form.style
    signed = form.day - datetime.timedelta(chance.pick([0, 0, 0, 1, 2, 4]))
    if chance.maybe(0.5):
        flow.paragraph([Piece(chance.pick(words()["small"][form.code]))], gap=8)
    name = [Piece(form.signer, (Mark("signer.name", (form.signer,), "", "PERSON"),))]
    day = [form.date("signature_date", signed)] if chance.maybe(0.8) else [Piece("")]
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
