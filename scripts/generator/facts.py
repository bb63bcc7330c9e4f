"""What an invoice, order or receipt says, before anything is laid out: parties, lines, sums, dates."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from . import numbers
from .chance import Chance
from .data_files import countries, language
from .parties import Party, party

CENT = Decimal("0.01")


def cents(value: Decimal) -> Decimal:
    """Rounded to two decimals, half up."""
    return value.quantize(CENT, ROUND_HALF_UP)


@dataclass(slots=True)
class Item:
    """One line of the table; `net` is quantity × price less `discount` percent."""

    description: str
    quantity: Decimal
    unit: str
    price: Decimal
    rate: Decimal
    discount: Decimal
    net: Decimal
    code: str
    day: datetime.date


@dataclass(slots=True)
class Sums:
    """The sums of a paper. `taxes` maps a rate to (base, tax)."""

    lines: Decimal
    discount: Decimal
    shipping: Decimal
    net: Decimal
    tax: Decimal
    total: Decimal
    prepaid: Decimal
    due: Decimal
    taxes: dict[Decimal, tuple[Decimal, Decimal]] = field(default_factory=dict)


@dataclass(slots=True)
class Facts:
    """A whole paper."""

    kind: str
    language: str
    country: str
    currency: str
    seller: Party
    buyer: Party
    ship_to: Party | None
    payee: Party | None
    agent: Party | None
    number: str
    order: str
    their_order: str
    contract: str
    preceding: str
    delivery_note: str
    project: str
    issued: datetime.date
    due: datetime.date
    delivered: datetime.date
    ordered: datetime.date
    printed: datetime.date
    period: tuple[datetime.date, datetime.date]
    days: int
    items: list[Item]
    sums: Sums
    tax_included: bool
    dates: str
    amounts: str


def item(chance: Chance, code: str, rates: list[float], day: datetime.date, *, small: bool) -> Item:
    """One made-up line."""
    words = language(code)
    goods = words["goods"]
    service = chance.maybe(0.35) and not small
    name = chance.pick(goods["services" if service else "things"])
    if chance.maybe(0.4):
        name = f"{name} {chance.pick(goods['qualities'])}"
    if chance.maybe(0.1):
        name = name.upper()
    quantity = Decimal(
        chance.pick([1, 1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 12, 20, 24, 50, 100, 250])
        if not small
        else chance.pick([1, 1, 1, 1, 2, 2, 3, 4])
    )
    if chance.maybe(0.12) and not small:
        quantity = Decimal(int(chance.random() * 4000)) / 100 + Decimal("0.5")
    price = cents(
        Decimal(str(10 ** (chance.random() * (1.7 if small else 2.9) + (0 if small else 0.3))))
    )
    if chance.maybe(0.45):
        price = cents(
            Decimal(int(price))
            + chance.pick(
                [Decimal(0), Decimal("0.5"), Decimal("0.9"), Decimal("0.99"), Decimal("0.95")]
            )
        )
    if not price:
        price = Decimal("1.00")
    rate = Decimal(str(chance.pick(rates)))
    return Item(name, quantity, chance.pick(words["units"]), price, rate, Decimal(0), cents(quantity * price),
                numbers.serial(chance, day.year, day.month, day.day, chance.pick(["#####", "A-####", "AA####", "##.###", "AA-##-##", "#############", "######"])),
                day)  # fmt: skip


def sums(chance: Chance, items: list[Item], *, included: bool, extras: bool) -> Sums:
    """Net, tax and gross of `items`; tax is computed per rate, as the law of most countries asks."""
    lines = sum((one.net for one in items), Decimal(0))
    discount = (
        cents(lines * Decimal(chance.pick([2, 3, 5, 10])) / 100)
        if extras and chance.maybe(0.12)
        else Decimal(0)
    )
    shipping = (
        cents(Decimal(str(chance.pick([4.9, 5, 6.9, 9.95, 12.5, 25, 49]))))
        if extras and chance.maybe(0.14)
        else Decimal(0)
    )
    main = max((one.rate for one in items), default=Decimal(0))
    bases: dict[Decimal, Decimal] = {}
    for one in items:
        bases[one.rate] = bases.get(one.rate, Decimal(0)) + one.net
    bases[main] = bases.get(main, Decimal(0)) - discount + shipping
    if bases[main] < 0:
        bases[main] += discount
        discount = Decimal(0)
    taxes = {}
    for rate, base in sorted(bases.items()):
        if included:
            tax = cents(base - base / (1 + rate / 100))
            taxes[rate] = (base - tax, tax)
        else:
            taxes[rate] = (base, cents(base * rate / 100))
    net = sum((base for base, _ in taxes.values()), Decimal(0))
    tax = sum((tax for _, tax in taxes.values()), Decimal(0))
    total = net + tax
    prepaid = Decimal(0)
    if extras and chance.maybe(0.12):
        prepaid = cents(total * Decimal(chance.pick([10, 20, 25, 30, 50, 80])) / 100)
    elif extras and chance.maybe(0.03):
        prepaid = total
    return Sums(lines, discount, shipping, net, tax, total, prepaid, total - prepaid, taxes)


def _buyer_country(chance: Chance, country: str) -> str:
    if chance.maybe(0.85):
        return country
    return chance.pick(list(countries()))


def currency_of(chance: Chance, country: str) -> str:
    """The currency of papers from `country`, now and then a foreign one."""
    if chance.maybe(0.93):
        return str(countries()[country]["currency"])
    return chance.pick(["EUR", "USD", "GBP", "CHF"])


def make(chance: Chance, kind: str, code: str, country: str, count: int, *, dates: str, amounts: str, number: str,
         small: bool = False, person: float = 0.12) -> Facts:  # fmt: skip
    """Everything a paper of `kind` says, made up."""
    issued = datetime.date(2004, 1, 1) + datetime.timedelta(int(chance.random() * 8300))
    days = chance.pick([7, 10, 14, 14, 15, 20, 21, 28, 30, 30, 30, 45, 60, 90])
    delivered = issued - datetime.timedelta(chance.pick([0, 0, 1, 2, 3, 5, 10]))
    ordered = delivered - datetime.timedelta(int(chance.random() * 40))
    start = issued.replace(day=1)
    if chance.maybe(0.6):
        start = (start - datetime.timedelta(chance.pick([1, 40, 90]))).replace(
            day=chance.pick([1, 1, 1, 11, 15])
        )
    end = start + datetime.timedelta(chance.pick([6, 13, 29, 30, 30, 89, 364, 27]))
    rates = countries()[country]["tax"]
    main = chance.pick(rates)
    rates = [main] if chance.maybe(0.72) else [main, *chance.few(rates, 3)]
    foreign = _buyer_country(chance, country)
    if foreign != country and chance.maybe(0.6):
        rates = [0]
    included = small or chance.maybe(0.06)
    items = [item(chance, code, rates, delivered, small=small) for _ in range(count)]
    if chance.maybe(0.08):
        for one in items:
            one.discount = Decimal(chance.pick([0, 5, 10, 15, 20]))
            one.net = cents(one.quantity * one.price * (100 - one.discount) / 100)
    seller = party(chance, country, code, person=0.07, public=0.05)
    buyer = party(chance, foreign, code, person=person, public=0.1)
    buyer.number = serial(
        chance,
        issued,
        chance.pick(
            [
                "#####",
                "######",
                "####",
                "K-####",
                "AA####",
                "C#####",
                "###",
                "##########",
                "#",
                "##",
                "GE#######",
                "AAA-###",
                "#####.#",
                "10####",
            ]
        ),
    )
    return Facts(
        kind, code, country, currency_of(chance, country), seller, buyer,
        party(chance, foreign, code, person=0.15) if chance.maybe(0.18) else None,
        party(chance, country, code, person=0.0, public=0.0) if chance.maybe(0.04) else None,
        party(chance, country, code, person=0.3, public=0.0) if chance.maybe(0.05) else None,
        serial(chance, issued, number), serial(chance, ordered), serial(chance, ordered),
        serial(chance, ordered), serial(chance, ordered, number), serial(chance, delivered),
        f"{chance.pick(language(code)['goods']['services'])} {chance.pick(language(code)['nouns'])}",
        issued, issued + datetime.timedelta(days), delivered, ordered,
        issued + datetime.timedelta(int(chance.random() * 400)), (start, end), days, items,
        sums(chance, items, included=included, extras=not small), included, dates, amounts,
    )  # fmt: skip


def serial(chance: Chance, day: datetime.date, pattern: str = "") -> str:
    """A number that may contain parts of the date."""
    return numbers.serial(chance, day.year, day.month, day.day, pattern)
