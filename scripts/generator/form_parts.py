"""The parts of a form: questions and answers in their arrangements, and boxes to tick."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from functools import cache

from . import names, notation, numbers
from .blocks import Block, Set, beside, label_piece, lines, wrap
from .canvas import Shape, Style
from .chance import Chance
from .data_files import HERE, Names, _load, language
from .flow import Flow
from .marks import Mark, Piece
from .parties import Party, address_lines, name_piece, one_line


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


class FamilyStyle(Chance):
    """Chance that knows the family it draws for."""

    def __new__(cls, name: str) -> FamilyStyle:
        return super().__new__(cls, name)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(slots=True)
class Item:
    """One question with its answer."""

    label: str
    answer: list[list[Piece]]
    wide: bool = False


def numbered(form: Form, at: int, label: str) -> str:
    how = Chance(f"{form.style.name} numbering").pick(["1.", "1.", "", "(1)", "1", "a)"])  # type: ignore[attr-defined]
    number = {
        "1.": f"{at}. ",
        "": "",
        "(1)": f"({at}) ",
        "1": f"{at} ",
        "a)": f"{chr(96 + min(at, 26))}) ",
    }[how]
    return number + label


def answer_to(form: Form, name: str) -> list[list[Piece]]:
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


def extra_item(form: Form) -> Item:
    key = form.chance.pick(list(words()["extras"]))
    text = {"occupation": form.chance.pick(language(form.code)["trades"]), "turnover": form.chance.digits("###,000"),
            "nationality": form.chance.pick(list(language(form.code)["countries"].values())), "office": ""}[key]  # fmt: skip
    return Item(
        str(form.chance.pick(words()["extras"][key][form.code])), [[Piece(text)]] if text else []
    )


def set_items(form: Form, flow: Flow, items: list[Item]) -> None:
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
                item_block(
                    form,
                    how,
                    Item(numbered(form, at + n + 1, item.label), item.answer),
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


def item_block(form: Form, how: str, item: Item, width: float) -> Block:
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


def set_options(form: Form, flow: Flow) -> None:
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
        extra = extra_item(form)
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
