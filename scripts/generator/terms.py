"""What an agreement says before it is drafted: parties, dates, term, law; and templates filled in."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass

from . import names, notation, numbers
from .chance import Chance
from .data_files import cities, countries, places, prose
from .marks import Line, Mark, Piece
from .parties import Party, address_lines, one_line, party

_HOLES = re.compile(r"\{(\w+)\}")
_CONTRACT_DATES = {
    "en": {"month_d_y": 5, "d_month_y": 3, "dth_of_month": 3, "mdy_slash": 0.7, "dth_month_y": 1, "dth_of_month_plain": 1, "mon_d_y": 0.5, "iso": 0.3},
    "de": {"d_month_y_dot": 3, "dmy_dot": 5, "dmy_dot_short": 1}, "fr": {"d_month_y": 5, "dmy_slash": 3},
    "es": {"d_de_month_de_y": 6, "dmy_slash": 2}, "it": {"d_month_y": 4, "dmy_slash": 3}, "nl": {"d_month_y": 5, "dmy_dash": 3},
}  # fmt: skip


@dataclass(slots=True)
class Terms:
    """An agreement's facts."""

    kind: str
    language: str
    country: str
    title: str
    parties: list[Party]
    roles: list[str]
    signers: list[str]
    jobs: list[str]
    date: datetime.date
    effective: datetime.date
    expiry: datetime.date
    years: int
    months: int
    law: tuple[str, str]
    dates: str
    currency: str


def duration(chance: Chance, code: str, count: int, unit: str) -> tuple[str, str]:
    """A stretch of time as printed, and its value ("2 years").

    >>> duration(Chance("x"), "en", 2, "year")[1]
    '2 years'
    """
    words = prose(code)
    one, many = words["duration"][unit]
    noun = one if count == 1 else many
    plain = f"{count} {unit}{'s' if count != 1 else ''}"
    number = words["numbers"]
    if count < len(number) and code == "en":
        spelled = number[count]
        text = chance.pick(
            [
                f"{spelled} ({count}) {noun}",
                f"{count} {noun}",
                f"{spelled} {noun}",
                f"{spelled} ({count}) {noun}",
            ]
        )
        return (text.upper() if chance.maybe(0.04) else text), plain
    if count < len(number) and count > 1:
        return chance.pick(
            [f"{number[count]} ({count}) {noun}", f"{count} {noun}", f"{number[count]} {noun}"]
        ), plain
    return f"{count} {noun}", plain


_WORKER = re.compile(
    r"employee|executive|officer|arbeitnehmer|mitarbeiter|salarié|employé|trabajador|empleado"
    r"|dipendente|lavorat|werknemer|medewerker",
    re.I,
)
"""Roles that only a person has."""


def make_terms(chance: Chance, kind: str, code: str, country: str) -> Terms:
    """A made-up agreement."""
    words = prose(code)
    date = datetime.date(1994, 1, 1) + datetime.timedelta(int(chance.random() * 11500))
    effective = (
        date
        if chance.maybe(0.6)
        else date + datetime.timedelta(chance.pick([-30, -10, -2, 1, 5, 14, 31, 60]))
    )
    if effective != date and chance.maybe(0.5):
        effective = effective.replace(day=1)
    years = chance.pick([1, 1, 2, 2, 2, 3, 3, 4, 5, 5, 7, 10])
    months = chance.pick([0, 0, 0, 6, 9, 12, 18, 24, 36])
    person = {"employment": 1.0, "nda": 0.42, "service": 0.2, "lease": 0.3, "loan": 0.3}.get(
        kind, 0.05
    )
    abroad = country if chance.maybe(0.75) else chance.pick(list(countries()))
    parties = [
        party(chance, country, code, person=0.02, public=0.04),
        party(chance, abroad, code, person=person, public=0.03),
    ]
    for one in parties:
        one.name = _titled(one.name)
    pairs = words["roles"][kind]
    if not parties[1].is_person:
        pairs = [p for p in pairs if not _WORKER.search(p[1])] or pairs
    roles = list(chance.pick(pairs))
    if chance.maybe(0.25):
        parties.reverse()
        roles.reverse()
    signers = [
        one.name if one.is_person else names.person(chance, one.country, one.language, titled=0.03)
        for one in parties
    ]
    jobs = [chance.pick(words["jobs"]) for _ in parties]
    return Terms(
        kind, code, country, chance.pick(words["titles"][kind]), parties, roles, signers, jobs, date, effective,
        _later(effective, years), years, months, law(chance, code), chance.weighted(_CONTRACT_DATES[code]), str(countries()[country]["currency"]),
    )  # fmt: skip


def _titled(name: str) -> str:
    return re.sub(
        r"^(Mr\.?|Mrs\.|Ms|Dr\.|Herr[n]?|Frau|M\.|Mme|Monsieur|Madame|D\.|Dña\.|Sra?\.|Sig\.(ra)?|Dhr\.|Mevr\.|De heer) ",
        "",
        name,
    )


def _later(day: datetime.date, years: int) -> datetime.date:
    return datetime.date(day.year + years, day.month, min(day.day, 28)) - datetime.timedelta(1)


def law(chance: Chance, code: str) -> tuple[str, str]:
    """The law as it stands in the sentence, and its value."""
    words = prose(code)
    if code == "en" and chance.maybe(0.75):
        state = chance.pick(
            [s for s in places()["regions"]["US"].values() if s != "District of Columbia"]
        )
        return state, state
    found = chance.pick(words["laws"])
    return found, found


class Drafter:
    """Fills the holes of templates with marked pieces."""

    def __init__(self, chance: Chance, terms: Terms) -> None:
        self.chance, self.terms = chance, terms
        self.words = prose(terms.language)
        self._quote = chance.maybe(0.5)
        self._distinct = terms.effective != terms.date
        self._fills: dict[str, Callable[[], list[Piece]]] = {
            "title": lambda: [Piece(terms.title.title() if terms.title.isupper() else terms.title)],
            "TITLE": lambda: [Piece(terms.title.upper())],
            "p1": lambda: self.party(0), "p2": lambda: self.party(1),
            "P1": lambda: self.party(0, upper=True), "P2": lambda: self.party(1, upper=True),
            "r1": lambda: [Piece(terms.roles[0])], "r2": lambda: [Piece(terms.roles[1])],
            "a1": lambda: self.address(0), "a2": lambda: self.address(1),
            "n1": lambda: self.notice(0), "n2": lambda: self.notice(1),
            "k1": lambda: self.kind(0), "k2": lambda: self.kind(1),
            "s1": lambda: self.short(0), "s2": lambda: self.short(1),
            "S1": lambda: self.short(0, upper=True), "S2": lambda: self.short(1, upper=True),
            "STATE": lambda: self._place("region", upper=True),
            "reg1": lambda: self.register(0), "reg2": lambda: self.register(1),
            "date": lambda: self.day("agreement_date"), "effective": lambda: self.day("effective_date"),
            "expiry": lambda: self.day("expiry_date"), "d2": lambda: self.day(""),
            "term": self.term, "law": lambda: self.law(terms.law[0]),
            "state_law": lambda: self.law(terms.law[0]), "STATE_LAW": lambda: self.law(terms.law[0].upper()),
            "law_de": lambda: self._pair_law("laws_de"), "law_adj": lambda: self._pair_law("laws_adj"),
            "law_adjf": lambda: self._pair_law("laws_adjf"),
            "years": lambda: self._time("year", [1, 2, 3, 5]), "days": lambda: self._time("day", [5, 10, 14, 15, 30, 45, 60, 90]),
            "renewal": self.renewal, "other": self.other, "someone": self.someone, "money": self.money,
            "person1": lambda: self.signer(0), "job1": lambda: [Piece(terms.jobs[0])], "job": lambda: [Piece(self.chance.pick(self.words["jobs"]))],
            "state": lambda: self._place("region"), "country": lambda: self._place("country"), "city": lambda: self._place("city"),
            "place": lambda: self.place(), "thing": lambda: [Piece(self.chance.pick(self.words["things"]))],
            "act": lambda: [Piece(self.chance.pick(self.words["acts"]))], "n": lambda: [Piece(str(self.chance.pick(range(1, 30))))],
        }  # fmt: skip

    def fill(self, template: str) -> list[Piece]:
        """The template's text with its holes filled."""
        out: list[Piece] = []
        at = 0
        for match in _HOLES.finditer(template):
            if match.start() > at:
                out.append(Piece(self._quotes(template[at : match.start()])))
            out += self._fills[match[1]]()
            at = match.end()
        out.append(Piece(self._quotes(template[at:])))
        return out

    def _quotes(self, text: str) -> str:
        if self._quote and self.terms.language == "en":
            return text.replace("“", '"').replace("”", '"').replace("’", "'")
        return text

    def party(self, at: int, *, upper: bool = False) -> list[Piece]:
        """A party's name."""
        who = self.terms.parties[at]
        text = who.name.upper() if upper else who.name
        mark = Mark(
            "party.name", (who.name,), f"party{at + 1}", "PERSON" if who.is_person else "ORG"
        )
        return [Piece(text, (mark,))]

    def short(self, at: int, *, upper: bool = False) -> list[Piece]:
        """What the agreement calls a party for short: its first word, or its initials."""
        who = self.terms.parties[at]
        words = [w.strip(",.") for w in who.name.split() if w[:1].isalnum() and w != "The"] or [
            who.name
        ]
        text = words[-1] if who.is_person else words[0]
        if not who.is_person and len(words) > 2 and len(who.name) % 3 == 0:
            text = "".join(w[0] for w in words[:-1]).upper()
        kind = "PERSON" if who.is_person else "ORG"
        return [Piece(text.upper() if upper else text, (Mark("short", (), "", kind),))]

    def address(self, at: int) -> list[Piece]:
        """A party's address in one line."""
        who = self.terms.parties[at]
        return one_line(address_lines("party", who, group=f"party{at + 1}"), ", ")

    def notice(self, at: int) -> list[Piece]:
        """A party's address for notices."""
        who = self.terms.parties[at]
        line = one_line(address_lines("notice", who, gold=False), ", ")
        mark = Mark("notice_address", (who.address.text,), f"party{at + 1}")
        return [Piece(piece.text, (*piece.marks, mark)) for piece in line]

    def kind(self, at: int) -> list[Piece]:
        """What kind of company or person a party is."""
        who = self.terms.parties[at]
        return self.fill(self.chance.pick(self.words["kinds_person" if who.is_person else "kinds"]))

    def register(self, at: int) -> list[Piece]:
        """A party's register number."""
        text = self.terms.parties[at].register
        return [Piece(text, (Mark("party.registration_number", (text,), f"party{at + 1}", "ID"),))]

    def day(self, name: str) -> list[Piece]:
        """A date of the agreement, or any other one where `name` is empty."""
        terms = self.terms
        day = {
            "agreement_date": terms.date,
            "effective_date": terms.effective,
            "expiry_date": terms.expiry,
        }.get(name)
        if day is None:
            day = terms.date - datetime.timedelta(int(self.chance.random() * 3000))
        text = notation.date(day, terms.dates, terms.language)
        fields = [name] if name else []
        if name == "agreement_date" and not self._distinct:
            fields.append("effective_date")
        marks = tuple(Mark(field, (day.isoformat(),), "", "DATE") for field in fields)
        return [Piece(text, marks or (Mark("date", (), "", "DATE"),))]

    def term(self) -> list[Piece]:
        """The term of the agreement."""
        terms = self.terms
        count, unit = (
            (terms.months, "month")
            if terms.months and self.chance.maybe(0.5)
            else (terms.years, "year")
        )
        text, plain = duration(self.chance, terms.language, count, unit)
        return [Piece(text, (Mark("term", (plain,), "", "TERM"),))]

    def _time(self, unit: str, counts: list[int]) -> list[Piece]:
        text, _ = duration(self.chance, self.terms.language, self.chance.pick(counts), unit)
        return [Piece(text, (Mark("time", (), "", "TERM"),))]

    def renewal(self) -> list[Piece]:
        """The sentence about renewal."""
        line = self.fill(self.chance.pick(self.words["renewal"]))
        mark = Mark("renewal", ("".join(p.text for p in line),))
        return [Piece(piece.text, (*piece.marks, mark)) for piece in line]

    def law(self, text: str) -> list[Piece]:
        """The governing law."""
        return [Piece(text, (Mark("governing_law", (self.terms.law[1],), "", "LAW"),))]

    def _pair_law(self, key: str) -> list[Piece]:
        text, plain = self.chance.pick(self.words[key])
        return [Piece(text, (Mark("governing_law", (plain, text), "", "LAW"),))]

    def other(self) -> list[Piece]:
        """A company that is no party."""
        name = names.company(self.chance, self.terms.country, self.terms.language)
        return [Piece(name, (Mark("other", (), "", "ORG"),))]

    def someone(self) -> list[Piece]:
        """A person who is no party."""
        name = names.person(self.chance, self.terms.country, self.terms.language, titled=0.2)
        return [Piece(name, (Mark("someone", (), "", "PERSON"),))]

    def signer(self, at: int) -> list[Piece]:
        """Who signs for a party."""
        name = self.terms.signers[at]
        return [Piece(name, (Mark("signer.name", (name,), f"party{at + 1}", "PERSON"),))]

    def money(self) -> list[Piece]:
        """A sum that is no field."""
        from decimal import Decimal

        value = Decimal(
            self.chance.pick([1, 5, 10, 25, 50, 75, 100, 250])
        ) * 10 ** self.chance.pick([2, 3, 3, 4])
        kinds = countries()[self.terms.country]["amounts"]
        text = notation.amount(value, kinds[0], self.chance.pick([0, 2]))
        sign = notation.SIGNS.get(self.terms.currency, self.terms.currency)
        shown = (
            f"{sign}{text}"
            if len(sign) == 1 and self.terms.language == "en"
            else f"{text} {self.chance.pick([sign, self.terms.currency])}"
        )
        return [Piece(shown, (Mark("sum", (), "", "MONEY"),))]

    def _place(self, what: str, *, upper: bool = False) -> list[Piece]:
        country = self.terms.country
        if what == "region":
            text = self.chance.pick(list(places()["regions"]["US"].values()))
            text = text.upper() if upper else text
            return [Piece(text, (Mark("place", (), "", "REGION"),))]
        if what == "country":
            from .data_files import language

            return [
                Piece(
                    self.chance.pick(list(language(self.terms.language)["countries"].values())),
                    (Mark("place", (), "", "COUNTRY"),),
                )
            ]
        return [Piece(self.chance.pick(cities(country)).title(), (Mark("place", (), "", "CITY"),))]

    def sentence(self) -> list[Piece]:
        """A sentence of filling: who must do what with what, in the capitals of defined terms."""
        filler = self.words["filler"]
        parts = [
            self.fill(self.chance.pick(filler[key])) for key in ("subjects", "verbs", "objects")
        ]
        if self.chance.maybe(0.75):
            parts.append(self.fill(self.chance.pick(filler["tails"])))
        out: list[Piece] = []
        for at, part in enumerate(parts):
            out += [Piece(" " if at < 3 else ", ")] if at else []
            out += part
        return [*out, Piece(". ")]

    def place(self) -> list[Piece]:
        """An address that is nobody's."""
        from .parties import address

        who = Party(
            "",
            self.terms.country,
            self.terms.language,
            address(self.chance, self.terms.country, self.terms.language),
        )
        return one_line(address_lines("place", who, gold=False), ", ")

    def date_text(self) -> str:
        """The day of signature."""
        return notation.date(self.terms.date, self.terms.dates, self.terms.language)

    def serial(self) -> str:
        """A number of the agreement."""
        return numbers.serial(
            self.chance, self.terms.date.year, self.terms.date.month, self.terms.date.day
        )


__all__ = ["Drafter", "Line", "Terms", "duration", "make_terms"]
