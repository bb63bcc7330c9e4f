"""Orders, contracts and invoices for advertising: advertiser, agency, station, flight, spots.

The advertiser is the buyer, the station the seller; gross totals count, not the net ones.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from . import names, notation, numbers
from .blocks import Block, Pair, Set, beside, label_piece, lines, pairs, stack
from .canvas import Canvas, Shape, Style
from .chance import Chance
from .data_files import HERE, Names, _load, countries, people
from .facts import cents
from .flow import Flow
from .invoices import home
from .marks import Line, Mark, Piece
from .parties import Party, address_lines, name_piece, party


@cache
def words() -> Names:
    """The wordings of advertising papers, by language."""
    return _load(HERE / "media.yaml")


@dataclass(slots=True)
class Buy:
    """One purchase of advertising, and the paper about it."""

    chance: Chance
    style: Chance
    code: str
    kind: str
    station: Party
    agency: Party
    advertiser: Party
    product: str
    number: str
    invoice: str
    issued: datetime.date
    start: datetime.date
    end: datetime.date
    rows: list[tuple[str, int, Decimal]]
    dates: str
    amounts: str
    sign: str
    text: Style
    label: Style
    colon: str
    picked: dict[str, str] = field(default_factory=dict)

    def word(self, key: str) -> str:
        """The family's wording of `key`, with its colon."""
        if key not in self.picked:
            self.picked[key] = str(self.style.pick(words()[self.code][key]))
        text = self.picked[key]
        return text if text.endswith((":", "#")) or not self.colon else text + self.colon

    def date(self, name: str, day: datetime.date) -> Piece:
        """A date as written on the paper."""
        return Piece(
            notation.date(day, self.dates, self.code),
            (Mark(name or "date", (day.isoformat(),) if name else (), "", "DATE"),),
        )

    def money(self, name: str, sum_: Decimal) -> list[Piece]:
        """An amount with its sign."""
        text = notation.amount(sum_, self.amounts)
        mark = Mark(name or "amount", (f"{sum_:.2f}",) if name else (), "", "MONEY")
        return (
            [Piece(self.sign), Piece(text, (mark,))]
            if self.code == "en"
            else [Piece(text, (mark,)), Piece(f" {self.sign}")]
        )

    @property
    def gross(self) -> Decimal:
        """The gross total."""
        return sum((rate * count for _, count, rate in self.rows), Decimal(0))

    @property
    def spots(self) -> int:
        """All spots."""
        return sum(count for _, count, _ in self.rows)


def _station(chance: Chance, who: Party) -> None:
    letters = chance.pick("KW") + chance.digits(chance.pick(["AAA", "AAA", "AA"]))
    who.name = chance.pick([letters, f"{letters}-TV", f"{letters}-FM", f"{who.address.city} {letters}", f"{letters} Television, Inc.", who.name, f"{letters}-DT", f"{names.stem(chance)} {chance.pick(range(2, 60))}"])  # fmt: skip
    who.is_person = False


def _buy(family: str, chance: Chance, code: str) -> Buy:
    style = Chance(f"media {family}")
    country = "US" if code == "en" and chance.maybe(0.85) else home(chance, code)
    facts = countries()[country]
    station, agency, advertiser = (
        party(chance, country, code, person=0.0, public=0.0) for _ in range(3)
    )
    if code == "en":
        _station(chance, station)
    if chance.maybe(0.6):
        first, last = people(country)
        shape = chance.pick(words()[code]["politics"])
        advertiser.name = str(shape).format(
            n=chance.pick(last), f=chance.pick(first), m=names.stem(chance), l=chance.digits("A")
        )
    day = datetime.date(2008, 1, 1) + datetime.timedelta(int(chance.random() * 6000))
    start = day + datetime.timedelta(chance.pick([1, 3, 5, 10, 20]))
    rows = [
        (str(chance.pick(words()[code]["programs"])), chance.pick([1, 1, 2, 3, 4, 5, 10]), cents(Decimal(chance.pick([5, 10, 20, 25, 50, 75, 125, 250, 400, 1100, 2250]))))
        for _ in range(chance.pick([2, 3, 5, 8, 12, 20, 40]))
    ]  # fmt: skip
    label_bold = style.maybe(0.35)
    text = Style(
        style.pick(["sans", "sans", "narrow", "serif", "mono"]),
        style.pick([6.5, 7.0, 7.5, 8.0, 9.0]),
    )
    product = chance.pick([advertiser.name, advertiser.name.upper(), f"{names.stem(chance)} {chance.pick(['Spring', 'Launch', ':30', '2020', 'Candidate'])}", "POLITICAL CANDIDATE", f"{advertiser.name.split()[0]} {start.month}/{start.day}-{start.month}/{start.day}"])  # fmt: skip
    if len(product) > 20 and chance.maybe(0.3):
        product = product[:20].strip()
    number = numbers.serial(
        chance,
        day.year,
        day.month,
        day.day,
        chance.pick(["#######", "######", "########", "########", "AA-#####", "#####"]),
    )
    return Buy(
        chance, style, code, style.weighted({"order": 4, "contract": 4, "invoice": 2.5}), station, agency, advertiser, product, number, f"{number}-{chance.pick(range(1, 9))}",
        day, start, start + datetime.timedelta(chance.pick([3, 5, 6, 6, 13, 20, 27, 60])), rows, style.pick([d for d in facts["dates"] if "month" not in d]), facts["amounts"][0],
        notation.SIGNS[facts["currency"]], text, text.but(bold=label_bold), style.pick([":", ":", "", ""]),
    )  # fmt: skip


def set_media(family: str, chance: Chance, code: str) -> Canvas:
    """An advertising paper of `family`.

    Args:
        family: Layout family.
        chance: Where everything else comes from.
        code: Language; those without wordings for advertising get English.

    Returns:
        The pages.
    """
    buy = _buy(family, chance, code if code in words() else "en")
    style = buy.style
    wide = style.maybe(0.35)
    canvas = Canvas(792, 612) if wide else Canvas(612, 792)
    margin = style.pick([18, 28, 36, 48])
    flow = Flow(
        canvas,
        buy.text,
        margin,
        canvas.width - 2 * margin,
        margin,
        canvas.height - margin,
        margin * 0.8,
        style.pick(["page", "none", "plain"]),
    )
    title = [
        Piece(
            style.pick(words()[buy.code]["titles"][buy.kind]),
            (Mark("title_word", (), "", "LABEL"),),
        )
    ]
    if style.maybe(0.8):
        flow.paragraph(
            title,
            style=buy.text.but(size=style.pick([10, 12, 14, 18]), bold=style.maybe(0.7)),
            align=style.pick(["centre", "left", "right"]),
            gap=4,
        )
    {"sections": _sections, "addresses": _addresses, "columns": _columns, "grid": _grid}[
        style.pick(["sections", "addresses", "addresses", "columns", "grid"])
    ](buy, flow)
    _schedule(buy, flow)
    _sums(buy, flow)
    flow.close()
    return canvas


def _line(buy: Buy, key: str, *pieces: Piece) -> Pair:
    return buy.word(key), list(pieces)


def _core(buy: Buy) -> list[Pair]:
    """The pairs every such paper has."""
    rev = (
        [Piece(" / " + buy.chance.pick(["1", "", "2", "0"]))]
        if "/" in buy.word("order_number")
        else []
    )
    out = [
        (
            buy.word("order_number"),
            [Piece(buy.number, (Mark("order_number", (buy.number,), "", "ID"),)), *rev],
        )
    ]
    out.append(_line(buy, "product", Piece(buy.product, (Mark("product", (buy.product,)),))))
    start, end = buy.date("period_start", buy.start), buy.date("period_end", buy.end)
    if buy.style.maybe(0.8):
        out.append(
            _line(buy, "flight", start, Piece(buy.style.pick([" - ", "-", " to ", " – "])), end)
        )
    else:
        out += [_line(buy, "flight_start", start), _line(buy, "flight_end", end)]
    if buy.kind == "invoice":
        out.insert(
            0,
            _line(
                buy,
                "invoice_number",
                Piece(buy.invoice, (Mark("invoice_number", (buy.invoice,), "", "ID"),)),
            ),
        )
        out.insert(1, _line(buy, "invoice_date", buy.date("issue_date", buy.issued)))
    return out


def _more(buy: Buy, most: int) -> list[Pair]:
    """Pairs that are no field: codes, people, other dates."""
    chance = buy.chance
    known = words()[buy.code]
    out: list[Pair] = []
    for key, shape in known["others"].items():
        text = chance.digits(str(shape)) if "#" in str(shape) else str(shape)
        out.append((key + buy.colon, [Piece(text)] if text else [Piece(" ")]))
    for key in known["people"]:
        name = names.person(chance, buy.station.country, buy.station.language, titled=0)
        out.append((key + buy.colon, [Piece(name, (Mark("someone", (), "", "PERSON"),))]))
    for key in known["revised"]:
        out.append(
            (
                key + buy.colon,
                [buy.date("", buy.issued - datetime.timedelta(chance.pick([0, 1, 3])))],
            )
        )
    chance.shuffle(out)
    return out[: buy.style.pick(range(2, most))]


def _who(buy: Buy, key: str, role: str, who: Party) -> Pair:
    code = [Piece(f" ({buy.chance.digits('#####')})")] if buy.style.maybe(0.12) else []
    return buy.word(key), [name_piece(role, who), *code]


def _names(buy: Buy) -> list[Pair]:
    out = [_who(buy, "advertiser", "buyer", buy.advertiser)]
    if buy.chance.maybe(0.9):
        out.append(_who(buy, "agency", "agency", buy.agency))
    out.append(_who(buy, "station", "seller", buy.station))
    return out


def _pairs(buy: Buy, many: list[Pair], width: float, kind: str = "") -> Block:
    return pairs(
        many, kind or buy.style.pick(["columns", "columns", "inline"]), buy.text, buy.label, width
    )


def _agency_rows(buy: Buy) -> list[list[Piece]]:
    return [[name_piece("agency", buy.agency)], *address_lines("agency", buy.agency)]


def _sections(buy: Buy, flow: Flow) -> None:
    """Sections Orders, Agency, Advertiser with their pairs in two columns."""
    half = flow.width * 0.5
    for head, many in (("order", _core(buy)), ("agency", []), ("advertiser", [])):
        left = list(many)
        if head != "order":
            who, role = (buy.agency, "agency") if head == "agency" else (buy.advertiser, "buyer")
            left.append(("Name:", [name_piece(role, who)]))
            if head == "agency":
                left += [("", line) for line in address_lines("agency", buy.agency)]
        left += _more(buy, 4)
        right = _more(buy, 6)
        if head == "order":
            right.insert(buy.chance.pick([0, 1]), _who(buy, "station", "seller", buy.station))
        name = (
            words()[buy.code]["titles"]["order"][0].title()
            if head == "order"
            else words()[buy.code][head][0]
        )
        block = beside(
            [
                lines([[label_piece(name)]], buy.label.but(bold=True), 60),
                _pairs(buy, left, half - 70),
                _pairs(buy, right, half - 10),
            ],
            [0, 62, half + 6],
            flow.width,
        )
        flow.block(block, gap=8)


def _addresses(buy: Buy, flow: Flow) -> None:
    """Station's address at the left, the agency's below, pairs or a grid at the right."""
    style = buy.style
    left_width = flow.width * style.pick([0.3, 0.4])
    seller: list[Line] = [
        [name_piece("seller", buy.station)],
        *address_lines("seller", buy.station, home=buy.station.country),
    ]
    if style.maybe(0.6):
        number = numbers.phone(buy.chance, buy.station.country)
        seller.append(
            [
                Piece(style.pick(["Main: ", "", "Phone: "])),
                Piece(number, (Mark("seller.phone", (number,), "", "PHONE"),)),
            ]
        )
    remit = buy.word("remit" if buy.kind == "invoice" else "between") if style.maybe(0.8) else ""
    top = stack(
        [
            lines([[label_piece(remit)]] if remit else [], buy.label, left_width),
            lines(seller, buy.text, left_width),
        ],
        1,
    )
    low = stack(
        [
            lines([[label_piece(buy.word("bill"))]], buy.label, left_width),
            lines(_agency_rows(buy), buy.text, left_width),
        ],
        1,
    )
    many = [*_names(buy), *_core(buy)]
    if style.maybe(0.5):
        many = [*_core(buy), *_names(buy)]
    kind = style.pick(["grid", "columns", "above", "grid"])
    width = flow.width - left_width - 10
    right = _pairs(buy, [*many, *_more(buy, 10)], width, kind)
    blocks = [stack([top, low], style.pick([8, 20])), right]
    starts = [0.0, left_width + 10]
    if style.maybe(0.2):
        blocks, starts = blocks[::-1], [0.0, width + 10]
    flow.block(beside(blocks, starts, flow.width), gap=10)


def _columns(buy: Buy, flow: Flow) -> None:
    """Three or four columns of short pairs over the width of the page."""
    count = buy.style.pick([2, 3, 4])
    many = [*_core(buy), *_names(buy)]
    extra = _more(buy, 14)
    many += extra
    buy.style.shuffle(many)
    if buy.style.maybe(0.5):
        many.append(_line(buy, "gross", *buy.money("total", buy.gross)))
    per = -(-len(many) // count)
    wide = flow.width / count
    blocks = [
        _pairs(buy, many[at * per : (at + 1) * per], wide - 8, "inline" if count > 2 else "columns")
        for at in range(count)
    ]
    flow.block(beside(blocks, [at * wide for at in range(count)], flow.width), gap=8)
    if buy.style.maybe(0.5):
        flow.block(
            lines(
                [
                    [name_piece("seller", buy.station)],
                    *address_lines("seller", buy.station, home=buy.station.country),
                ],
                buy.text,
                flow.width * 0.4,
            ),
            gap=6,
        )
    if buy.style.maybe(0.4):
        flow.block(lines(_agency_rows(buy), buy.text, flow.width * 0.4), gap=6)


def _grid(buy: Buy, flow: Flow) -> None:
    """A grid of boxes over the width of the page."""
    flow.block(
        lines(
            [
                [name_piece("seller", buy.station)],
                *address_lines("seller", buy.station, home=buy.station.country),
            ],
            buy.text.but(bold=buy.style.maybe(0.4)),
            flow.width * 0.5,
        ),
        gap=8,
    )
    flow.block(_pairs(buy, [*_core(buy), *_names(buy), *_more(buy, 9)], flow.width, "grid"), gap=8)
    if buy.style.maybe(0.6):
        flow.block(
            stack(
                [
                    lines([[label_piece(buy.word("bill"))]], buy.label, 200),
                    lines(_agency_rows(buy), buy.text, 240),
                ],
                1,
            ),
            gap=8,
        )


def _schedule(buy: Buy, flow: Flow) -> None:
    """The lines of the order: program, days, length, spots, rate, amount."""
    heads = words()[buy.code]["columns"]
    shares = [0.04, 0.07, 0.09, 0.09, 0.22, 0.11, 0.09, 0.05, 0.06, 0.08, 0.04, 0.06]
    starts = [sum(shares[:at]) * flow.width for at in range(len(shares))]
    head = Block(flow.width, buy.text.leading + 4)
    for x, text in zip(starts, heads, strict=True):
        head.lines.append(Set(x, buy.text.leading, [label_piece(text)], buy.label))
    head.shapes.append(Shape("line", 0, head.height, flow.width, head.height))
    flow.block(head, gap=2)
    for at, (program, count, rate) in enumerate(buy.rows, 1):
        days = "".join(s if buy.chance.maybe(0.6) else "-" for s in "MTWTFSS")
        cells: list[Line] = [
            [Piece(str(at))], [Piece(buy.station.name.split()[0][:5])], [buy.date("", buy.start)], [buy.date("", buy.end)],
            [Piece(program, (Mark("item.description", (program,), f"line {at}"),))], [Piece(buy.chance.pick(["6a-7a", "7p-8p", "11p-12m", "5:30 PM", "various"]))],
            [Piece(days)], [Piece(":30")], [Piece(str(count), (Mark("item.quantity", (str(count),), f"line {at}"),))], buy.money("", rate),
            [Piece("NM")], buy.money("", rate * count),
        ]  # fmt: skip
        row = Block(flow.width, buy.text.leading * 1.15)
        for x, cell in zip(starts, cells, strict=True):
            row.lines.append(Set(x, buy.text.leading, cell, buy.text))
        flow.block(row, gap=0)
        if buy.style.maybe(0.3):
            flow.paragraph(
                [
                    Piece("  Week: "),
                    buy.date("", buy.start),
                    Piece("  "),
                    buy.date("", buy.end),
                    Piece(f"  {days}  {count}  "),
                    *buy.money("", rate),
                ],
                gap=0,
            )


def _sums(buy: Buy, flow: Flow) -> None:
    """Spots, gross, commission, net; a row, a list or a table by month."""
    style = buy.style
    share = Decimal(15)
    commission = cents(buy.gross * share / 100)
    spots = [Piece(str(buy.spots))]
    many: list[Pair] = [
        (buy.word("spots"), spots),
        (buy.word("gross"), buy.money("total", buy.gross)),
    ]
    if style.maybe(0.6):
        many += [
            (buy.word("commission"), buy.money("", commission)),
            (buy.word("net"), buy.money("", buy.gross - commission)),
        ]
    if style.maybe(0.4):
        flow.block(
            _pairs(buy, many, flow.width * 0.6, "row"), gap=6, x=style.pick([0, flow.width * 0.4])
        )
    else:
        flow.block(_pairs(buy, many, flow.width * 0.35, "flush"), gap=6, x=flow.width * 0.65)
    if style.maybe(0.5):
        flow.paragraph(
            [
                Piece(
                    "We warrant that the spots shown were broadcast as logged. Standard terms of the station apply."
                    if buy.code == "en"
                    else ""
                )
            ],
            gap=4,
        )
    flow.paragraph(
        [
            label_piece(buy.word("revised")) if style.maybe(0.5) else Piece(""),
            Piece(" "),
            buy.date("", buy.issued),
        ]
    )
