"""What every layout needs at hand while it sets one paper: facts, design, wording, chance."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal

from . import notation
from .blocks import Pair
from .canvas import Canvas, Style
from .chance import Chance
from .design import Design, Wording
from .facts import Facts
from .marks import Mark, Piece, value
from .parties import Party


@dataclass(slots=True)
class Paper:
    """A paper while it is being set."""

    facts: Facts
    plan: Design
    words: Wording
    chance: Chance
    canvas: Canvas
    style: Style
    label_style: Style
    left: float
    width: float
    bottom: float
    ignore: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)

    def date(self, name: str, day: datetime.date) -> Piece:
        """A date; `name` "" for one that is no field."""
        text = notation.date(day, self.facts.dates, self.facts.language)
        if not name:
            return Piece(text, (Mark("date", (), "", "DATE"),))
        self.shown.add(name)
        return value(name, text, day.isoformat(), kind="DATE")

    def amount(
        self, names: str, sum_: Decimal, *, group: str = "", sign: bool = True, minus: bool = False
    ) -> list[Piece]:
        """An amount of money with its currency as the family writes it.

        Args:
            names: Field names separated by blanks; "" for an amount that is no field.
            sum_: The amount.
            group: Group of the marks.
            sign: Whether the currency may be shown.
            minus: Print it as a deduction while its value stays positive.

        Returns:
            The pieces.
        """
        text = notation.amount(sum_, self.facts.amounts)
        plain = f"{sum_:.2f}"
        marks = tuple(Mark(name, (plain,), group, "MONEY") for name in names.split())
        self.shown.update(names.split())
        body = [Piece(text, marks or (Mark("amount", (), "", "MONEY"),))]
        if minus:
            body.insert(0, Piece("-"))
        how = self.plan.money if sign else "none"
        if how in ("none", "label code", "head code"):
            return body
        code = self.facts.currency
        shown = notation.SIGNS[code] if how.endswith("sign") else code
        unit = Piece(shown, (Mark("currency", (code,), "", ""),))
        if how.startswith("after"):
            return [*body, Piece(" "), unit]
        if (
            how.startswith("tight")
            and shown in "€"
            and self.facts.country not in ("GB", "IE", "US")
        ):
            return [*body, unit]
        return [unit, Piece("" if len(shown) == 1 or how.startswith("tight") else " "), *body]

    def pair(self, key: str, line: list[Piece]) -> Pair:
        """A label and its value."""
        return self.words.label(key), line

    def ident(self, key: str, name: str, text: str) -> Pair:
        """A label and an identifier; `name` "" for one that is no field."""
        self.shown.add(name)
        mark = Mark(name or "id", (text,) if name else (), "", "ID")
        return self.words.label(key), [Piece(text, (mark,))]

    @property
    def issuer(self) -> tuple[str, Party]:
        """Role and party of whoever issues the paper: of an order, the buyer."""
        if self.facts.kind == "order":
            return "buyer", self.facts.buyer
        return "seller", self.facts.seller

    @property
    def addressee(self) -> tuple[str, Party]:
        """Role and party of whom the paper goes to."""
        if self.facts.kind == "order":
            return "seller", self.facts.seller
        return "buyer", self.facts.buyer

    @property
    def end(self) -> float:
        """Right edge of the text area."""
        return self.left + self.width
