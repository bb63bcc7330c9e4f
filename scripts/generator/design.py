"""Layout families: every structural choice of a paper, drawn once from the family's name.

A family is what an issuer's template is: the same places, rules, type and wordings for every
paper. Each fifth family is held back from training.

>>> len(families()) >= 300
True
>>> held_back("invoice-4"), held_back("invoice-5")
(True, False)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from .canvas import Style
from .chance import Chance
from .data_files import language

COUNTS = {"invoice": 420, "order": 160, "receipt": 140, "contract": 160, "form": 120}


def families(kind: str = "") -> list[str]:
    """Names of all layout families, or of those of one type of document."""
    return [f"{k}-{n}" for k, count in COUNTS.items() if kind in ("", k) for n in range(count)]


def held_back(family: str) -> bool:
    """True for the fifth of the families that training must not see."""
    return int(family.rpartition("-")[2]) % 5 == 4


@dataclass(slots=True)
class Design:
    """The structural choices of one family. Names of places and kinds are read by the layouts."""

    family: str
    face: str
    size: float
    letter: bool
    margin: float
    top: str
    mirrored: bool
    head: str
    seller_ids: str
    meta: str
    colon: str
    label_case: str
    label_bold: bool
    label_small: bool
    bilingual: bool
    heading: str
    address_line: str
    title_size: float
    title_place: str
    title_joined: bool
    framed: bool
    table_rules: str
    columns: tuple[str, ...]
    row_gap: float
    sums: str
    sums_width: float
    money: str
    footer: str
    dates: int
    amounts: int
    number: str
    contact_place: str
    customer_place: str
    due_place: str
    bank_place: str
    order_in: str
    extras: float
    upper: bool


_TOPS = (
    "letterhead/buyer+meta/title", "title+seller/buyer+meta", "title/seller+buyer/meta", "seller+meta/buyer+ship/title",
    "sender buyer+seller/title", "seller/blank+buyer/title/meta", "title+meta/seller+buyer", "letterhead/title/buyer+meta",
    "buyer+meta/title", "meta+buyer/title", "title/meta/seller/buyer", "title/meta+seller/buyer", "logo/buyer+meta/title",
    "seller+title/meta/buyer", "title/seller+buyer+meta", "seller+buyer/title/meta", "logo+seller/sender buyer+meta/title",
    "letterhead/meta/buyer+ship/title", "title+meta/buyer+seller", "sender buyer/title+meta", "seller/title/buyer/meta",
    "logo+title/meta+seller/buyer+ship", "title/buyer+seller/meta", "seller+meta/title/blank+buyer", "title/meta+buyer/seller",
    "letterhead/sender buyer+meta/title", "seller/meta/title/buyer", "logo/sender buyer+seller/title/meta",
)  # fmt: skip
_COLUMNS = (
    ("pos", "description", "quantity", "unit", "price", "amount"), ("description", "quantity", "price", "amount"),
    ("quantity", "description", "price", "amount"), ("description", "amount"), ("pos", "code", "description", "quantity", "price", "tax", "amount"),
    ("code", "description", "quantity", "unit", "price", "discount", "amount"), ("description", "price", "quantity", "tax", "amount"),
    ("quantity", "unit", "description", "price", "amount"), ("pos", "description", "price", "quantity", "tax", "amount"),
    ("date", "description", "quantity", "price", "amount"), ("pos", "quantity", "description", "price", "amount"),
    ("code", "description", "quantity", "price", "amount"), ("description", "quantity", "price", "tax", "tax_amount", "amount"),
    ("quantity", "description", "tax", "price", "amount"), ("pos", "code", "description", "quantity", "unit", "price", "amount", "tax"),
    ("date", "description", "amount"), ("description", "unit", "quantity", "price", "amount", "tax"), ("pos", "description", "amount"),
    ("quantity", "code", "description", "price", "amount"), ("description", "tax", "amount"),
)  # fmt: skip
_NUMBER_SHAPES = (
    "", "", "", "######", "{y}-####", "R-#####", "RE-{y}{m}{d}/###", "INV-####", "{yy}####", "F{y}-###", "####/{y}",
    "A####", "########", "{y}{m}###", "AA-#####", "#/{y}", "IN######", "##-#####", "{y}/{m}/###", "#######",
)  # fmt: skip


@cache
def design(family: str) -> Design:
    """The design of `family`, always the same for the same name."""
    chance = Chance(f"design {family}")
    pick = chance.pick
    kind = family.partition("-")[0]
    face = chance.weighted({"sans": 8, "serif": 3, "narrow": 2, "wide": 2, "mono": 1.2, "book": 1})
    return Design(
        family=family, face=face, size=pick([7, 7.5, 8, 8.5, 9, 9, 9.5, 10, 10, 11]), letter=chance.maybe(0.2),
        margin=pick([28, 36, 42, 50, 57, 62, 71]), top=pick(_TOPS), mirrored=chance.maybe(0.2),
        head=pick(["left", "right", "centre", "left", "line", "right"]),
        seller_ids=pick(["head", "footer", "meta", "footer", "head", "totals", "none"]),
        meta=chance.weighted({"columns": 6, "flush": 3, "inline": 4, "above": 1.6, "above right": 0.8, "grid": 2.5, "row": 2.5}),
        colon=pick([":", ":", ":", "", "", " :", ".:"] if kind != "receipt" else [":", ":", " :", "", "."]),
        label_case=chance.weighted({"as is": 8, "upper": 1.5, "lower": 0.4}), label_bold=chance.maybe(0.3),
        label_small=chance.maybe(0.15), bilingual=chance.maybe(0.05),
        heading=chance.weighted({"label": 5, "none": 4, "bold": 2, "inline": 1}), address_line=pick(["rows"] * 5 + [" - ", ", ", " · ", " | "]),
        title_size=pick([10, 12, 14, 16, 18, 20, 24, 28]), title_place=pick(["left", "left", "left", "centre", "right"]),
        title_joined=chance.maybe(0.22), framed=chance.maybe(0.2),
        table_rules=pick(["none", "head", "head", "rows", "grid", "shade", "outer", "none"]), columns=pick(_COLUMNS),
        row_gap=pick([1, 2, 3, 4, 6, 9]),
        sums=chance.weighted({"list": 7, "table": 2, "boxed": 1.5, "row": 1.2, "left": 1.2, "wide": 2}),
        sums_width=pick([150, 180, 200, 230, 260]),
        money=pick(["none", "none", "after sign", "after sign", "after code", "before sign", "before code", "tight sign", "label code", "head code"]),
        footer=chance.weighted({"columns": 5, "line": 3, "none": 2, "lines": 2, "bank": 1.5}),
        dates=int(chance.random() * 12), amounts=int(chance.random() * 12), number=pick(_NUMBER_SHAPES),
        contact_place=pick(["block", "meta", "none", "block"]), customer_place=pick(["meta", "meta", "meta", "buyer", "line"]),
        due_place=pick(["meta", "meta", "meta", "terms", "terms", "sums", "table", "none"]), bank_place=pick(["footer", "footer", "terms", "box", "head", "none"]),
        order_in=pick(["meta", "meta", "line", "sentence", "none"]), extras=chance.random(), upper=chance.maybe(0.05),
    )  # fmt: skip


class Wording:
    """What one family calls things in one language: drawn once, then always the same."""

    def __init__(self, family: str, code: str) -> None:
        self._family, self.code = family, code
        self._design = design(family)
        self._labels: dict[str, str] = {}

    def plain(self, key: str, part: str = "labels") -> str:
        """The wording of `key`, without colon."""
        found = self._labels.get(f"{part} {key}")
        if found is None:
            chance = Chance(f"{self._family} {self.code} {part} {key}")
            choices = language(self.code)[part]
            choices = choices[key] if key in choices else language("en")[part][key]
            found = chance.pick(choices)
            if self._design.bilingual and self.code != "en" and part == "labels":
                found = f"{found} / {chance.pick(language('en')[part][key])}"
            if self._design.label_case == "upper":
                found = found.upper()
            elif self._design.label_case == "lower":
                found = found.lower()
            self._labels[f"{part} {key}"] = found
        return found

    def label(self, key: str) -> str:
        """The wording of `key` with the family's colon."""
        text, colon = self.plain(key), self._design.colon
        if not colon or text.endswith((":", "#")):
            return text
        return text.rstrip(".") + colon if colon == ".:" else text + colon

    def column(self, key: str) -> str:
        """The heading of a table column."""
        return self.plain(key, "columns")


@cache
def wording(family: str, code: str) -> Wording:
    """The wordings of `family` in language `code`."""
    return Wording(family, code)


def styles(plan: Design) -> tuple[Style, Style]:
    """The family's styles for values and for labels."""
    value = Style(plan.face, plan.size)
    label = Style(plan.face, plan.size * (0.82 if plan.label_small else 1), plan.label_bold)
    return value, label
