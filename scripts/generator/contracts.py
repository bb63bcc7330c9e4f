"""Agreements in prose: titles, parties, recitals, clauses, notices and signatures."""

from __future__ import annotations

from .blocks import Block, Set, beside, label_piece, stack
from .canvas import Canvas, Shape, Style
from .chance import Chance
from .flow import Flow
from .invoices import home
from .marks import Line, Mark, Piece
from .terms import Drafter, make_terms

_KINDS = {"nda": 8, "service": 2, "lease": 1.4, "loan": 1.2, "employment": 1.6, "supply": 1.6}
_FACES = {"serif": 7, "sans": 3, "book": 1.5, "mono": 0.8, "narrow": 0.6}


def set_contract(family: str, chance: Chance, code: str) -> tuple[Canvas, Drafter]:
    """A whole agreement of `family`, set on its pages.

    Args:
        family: Layout family.
        chance: Where everything else comes from.
        code: Language.

    Returns:
        The pages, and the drafter that knows the terms.
    """
    style = Chance(f"contract {family}")
    country = (
        chance.weighted({"US": 7, "GB": 1.5, "CA": 0.5, "IN": 0.4, "AU": 0.4, "HK": 0.3, "IE": 0.3})
        if code == "en"
        else home(chance, code)
    )
    terms = make_terms(chance, chance.weighted(_KINDS), code, country)
    drafter = Drafter(chance, terms)
    canvas = Canvas(612, 792) if country in ("US", "CA") else Canvas()
    margin = style.pick([36, 54, 64, 72, 72, 90])
    look = Style(style.weighted(_FACES), style.pick([8.5, 9, 10, 10, 11, 11, 12]))
    flow = Flow(canvas, look, margin, canvas.width - 2 * margin, margin, canvas.height - margin, margin * 0.8,
                style.pick(["plain", "dash", "page", "none"]), style.pick([1.0, 1.0, 1.1, 1.3, 1.6]))  # fmt: skip
    _Setter(flow, style, chance, drafter).all()
    flow.close()
    return canvas, drafter


class _Setter:
    """Sets the parts of one agreement in the family's manner."""

    def __init__(self, flow: Flow, style: Chance, chance: Chance, drafter: Drafter) -> None:
        self.flow, self.style, self.chance, self.drafter = flow, style, chance, drafter
        self.words = drafter.words
        self.bold = flow.style.but(bold=True)
        self.gap = style.pick([3.0, 6.0, 8.0, 12.0])
        self.first = style.pick([0.0, 0.0, 20.0, 36.0])
        self.numbering = style.pick(
            ["1.", "1.", "1)", "§ 1", "Section 1.", "ARTICLE 1", "(1)", "none", "I.", "1.1"]
        )
        self.heading = style.pick(["run in", "run in", "own line", "centred", "none", "caps"])
        self.manner = style.weighted({"opening": 7, "between": 3, "letter": 2})

    def all(self) -> None:
        """The agreement from top to bottom."""
        self._head()
        if self.manner == "letter":
            self._letter()
        else:
            self._title()
            self._opening()
            self._recitals()
        self._clauses()
        self._signatures()

    def _head(self) -> None:
        text = self.chance.pick(self.words["exhibits"])
        if text:
            self.flow.paragraph(
                self.drafter.fill(text), align=self.style.pick(["left", "right"]), gap=self.gap
            )

    def _title(self) -> None:
        size = self.flow.style.size * self.style.pick([1.0, 1.1, 1.3, 1.6])
        look = self.flow.style.but(size=size, bold=self.style.maybe(0.75))
        title = self.drafter.terms.title
        line = [
            Piece(title.upper() if self.style.maybe(0.3) else title, (Mark("title", (title,)),))
        ]
        self.flow.paragraph(
            line,
            style=look,
            align=self.style.pick(["centre", "centre", "left"]),
            gap=self.gap * 1.5,
        )

    def _letter(self) -> None:
        if self.style.maybe(0.5):
            self._title()
        for row in self.chance.pick(self.words["letters"]):
            line = self.drafter.fill(row)
            long = len(row) > 60
            self.flow.paragraph(
                line,
                first=self.first if long else 0.0,
                gap=self.gap if long or self.style.maybe(0.25) else 1.0,
            )

    def _opening(self) -> None:
        if self.manner == "between":
            for row in self.chance.pick(self.words["between"]):
                centred = len(row) < 20 and self.style.maybe(0.4)
                self.flow.paragraph(
                    self.drafter.fill(row),
                    align="centre" if centred else "left",
                    gap=self.gap * 0.7,
                )
            return
        choices = self.words["openings"]
        persons = [p.is_person for p in self.drafter.terms.parties]
        if persons == [False, True] and self.chance.maybe(0.45):
            choices = self.words["undertakings"]
        if not persons[1]:
            choices = [
                c
                for c in choices
                if not any(
                    w in c
                    for w in (
                        "individual",
                        "my employment",
                        "my becoming",
                        "you play",
                        "“Employee”",
                        "“Executive”",
                    )
                )
            ] or choices
        self.flow.paragraph(
            self.drafter.fill(self.chance.pick(choices)), first=self.first, gap=self.gap
        )

    def _recitals(self) -> None:
        parts = self.words["recitals"]
        if self.chance.maybe(0.7):
            head = self.chance.pick(parts["head"])
            if head:
                self.flow.paragraph(
                    [Piece(head)],
                    style=self.bold if self.style.maybe(0.5) else None,
                    align=self.style.pick(["left", "centre"]),
                    gap=self.gap * 0.5,
                )
            texts = parts[self.drafter.terms.kind]
            for text in self.chance.few(texts, 3) or texts[:1]:
                self.flow.paragraph(self.drafter.fill(text), first=self.first, gap=self.gap)
        agree = self.chance.pick(self.words["agree"])
        if agree:
            self.flow.paragraph(self.drafter.fill(agree), first=self.first, gap=self.gap)

    def _clauses(self) -> None:
        chance, words = self.chance, self.words
        many = chance.few(words["clauses"], chance.pick([3, 6, 10, 20]))
        if chance.maybe(0.65):
            many.insert(min(len(many), chance.pick([0, 1, 2, 5])), chance.pick(words["term"]))
        if chance.maybe(0.9):
            law = self._law()
            many.insert(max(0, len(many) - chance.pick([0, 0, 1, 2, 4])), law)
        if chance.maybe(0.35):
            many.append(chance.pick(words["notices"]))
        for at, clause in enumerate(many, 1):
            self._clause(at, clause)
            if "filler" in words and chance.maybe(0.35):
                self._filling(at)

    def _filling(self, at: int) -> None:
        """A paragraph of sentences in which nothing is a field."""
        lead = self.chance.pick(
            [
                "",
                f"{at}.{self.chance.pick(range(1, 6))} ",
                "(a) ",
                "(ii) ",
                self.chance.pick(self.words["filler"]["heads"]) + ". ",
            ]
        )
        line: list[Piece] = [Piece(lead)]
        for _ in range(self.chance.pick([1, 2, 3, 5])):
            line += self.drafter.sentence()
        self.flow.paragraph(line, first=self.first, gap=self.gap)

    def _law(self) -> list[str]:
        choices = self.words["law"]
        if self.drafter.terms.language == "en":
            foreign = self.drafter.terms.law[0] in self.words["laws"]
            choices = [
                c
                for c in choices
                if not (
                    foreign
                    and "STATE" in " ".join(c).upper()
                    and "state_law" in " ".join(c).lower()
                )
            ]
        return list(self.chance.pick(choices))

    def _clause(self, at: int, clause: list[str]) -> None:
        number = {"1.": f"{at}.", "1)": f"{at})", "§ 1": f"§ {at}", "Section 1.": f"Section {at}.", "ARTICLE 1": f"ARTICLE {at}", "(1)": f"({at})",
                  "none": "", "I.": f"{_roman(at)}.", "1.1": f"{at}.1"}[self.numbering]  # fmt: skip
        head, *rows = clause
        heading = head.upper() if self.heading == "caps" else head
        if self.heading in ("own line", "centred"):
            align = "centre" if self.heading == "centred" else "left"
            self.flow.paragraph(
                [Piece(f"{number} {heading}".strip())], style=self.bold, align=align, gap=2
            )
            lead = ""
        elif self.heading == "none":
            lead = f"{number} " if number else ""
        else:
            lead = f"{number} {heading}. ".lstrip()
        for n, row in enumerate(rows):
            if not row:
                continue
            line = self.drafter.fill(row)
            if n == 0 and lead:
                line = [Piece(lead), *line]
            last = n == len(rows) - 1
            self.flow.paragraph(
                line, first=self.first, indent=12.0 if n else 0.0, gap=self.gap if last else 2.0
            )

    def _signatures(self) -> None:
        self.flow.paragraph(
            self.drafter.fill(self.chance.pick(self.words["witness"])), gap=self.gap * 1.5
        )
        side = self.style.maybe(0.45)
        blocks = [
            self._signature(at, self.flow.width * (0.47 if side else 0.6))
            for at in range(len(self.drafter.terms.parties))
        ]
        if side:
            self.flow.block(beside(blocks, [0, self.flow.width * 0.53], self.flow.width))
        else:
            x = self.flow.width * self.style.pick([0, 0, 0.4])
            self.flow.block(stack(blocks, 14), x=min(x, self.flow.width * 0.4))

    def _signature(self, at: int, width: float) -> Block:
        """One party's lines to sign, in the family's form."""
        style, words, drafter = self.style, self.words["sign"], self.drafter
        form = Chance(f"{style.getrandbits(1)}{drafter.terms.title}{self.numbering}{self.heading}")
        who = drafter.terms.parties[at]
        rows: list[Line] = []
        if form.maybe(0.35):
            rows.append([Piece(drafter.terms.roles[at].upper() + (":" if form.maybe(0.5) else ""))])
        if not who.is_person or form.maybe(0.5):
            rows.append(drafter.party(at, upper=form.maybe(0.5)))
        scrawl = "_" * 28 if form.maybe(0.6) else f"/s/ {drafter.terms.signers[at]}"
        captions = form.pick(words["captions"]) if form.maybe(0.2) else ()
        signed = [label_piece(form.pick(words["by"])), Piece(" "), Piece(scrawl)]
        if captions:
            signed = [Piece(scrawl)]
        rows.append(signed)
        if captions:
            rows.append([label_piece(captions[0])])
        name = drafter.signer(at)
        if who.is_person:
            name = drafter.party(at)
        labelled = form.maybe(0.75) and not captions
        rows.append(
            [label_piece(form.pick(words["name"])), Piece(" "), *name] if labelled else name
        )
        if captions and captions[1]:
            rows.append([label_piece(captions[1])])
        if not who.is_person or form.maybe(0.12):
            job = [Piece(drafter.terms.jobs[at], (Mark("signer.title", (), "", "TITLE"),))]
            rows.append(
                [label_piece(form.pick(words["title"])), Piece(" "), *job]
                if labelled or form.maybe(0.5)
                else job
            )
        if form.maybe(0.35):
            day = (
                [Piece(drafter.date_text(), (Mark("date", (), "", "DATE"),))]
                if form.maybe(0.5)
                else [Piece("____________")]
            )
            rows.append([label_piece(form.pick(words["date"])), Piece(" "), *day])
        block = Block(width)
        y = 0.0
        for row in rows:
            y += self.flow.style.leading * (1.6 if row is signed else 1.1)
            block.lines.append(Set(0, y, row, self.flow.style))
            if row is signed and form.maybe(0.5):
                block.shapes.append(Shape("scrawl", 40, y - 18, 150, y))
        block.height = y + 4
        return block


def _roman(number: int) -> str:
    out = ""
    for value, sign in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while number >= value:
            out += sign
            number -= value
    return out
