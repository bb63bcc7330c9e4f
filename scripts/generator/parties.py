"""A party of a paper: its facts, and the ways in which papers print name and address."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import names, numbers
from .chance import Chance
from .data_files import cities, countries, language, people, places
from .marks import Line, Mark, Piece, text_of, within

_PARTS = re.compile(r"\{(\w+)\}")


@dataclass(slots=True)
class Address:
    """Where a party is. `lines` holds (text, part) pairs, part "" for separators."""

    street: str
    city: str
    postcode: str
    region: str
    country: str
    lines: list[list[tuple[str, str]]]

    @property
    def text(self) -> str:
        """The address in one line, as printed."""
        return ", ".join("".join(t for t, _ in line).strip(" ,.") for line in self.lines)


@dataclass(slots=True)
class Party:
    """All that papers tell about one party. An empty string where it has no such thing."""

    name: str
    country: str
    language: str
    address: Address
    is_person: bool = False
    trading_name: str = ""
    contact: str = ""
    extra: str = ""
    phone: str = ""
    fax: str = ""
    mobile: str = ""
    email: str = ""
    website: str = ""
    vat: str = ""
    vat_printed: str = ""
    tax: str = ""
    register: str = ""
    register_label: bool = True
    iban: str = ""
    iban_printed: str = ""
    bic: str = ""
    bank: str = ""
    number: str = ""
    lei: str = ""


def street(chance: Chance, country: str, code: str) -> str:
    """A street with its number, or a post box, as written in `country`."""
    facts = countries()[country]
    first, last = people(country)
    pick = chance.pick
    name = pick(last) if chance.maybe(0.7) else names.stem(chance)
    words = language(code if code in facts["languages"] else facts["languages"][0])
    number = str(int(chance.random() ** 2 * 240) + 1)
    if chance.maybe(0.1):
        number += pick(["a", "b", "A", " c", "-" + str(int(number) + 2), "/1"])
    return str(pick(facts["street"])).format(
        stem=pick(facts["stems"] or [""]) if chance.maybe(0.7) else name, name=name, NAME=name.upper(), first=pick(first),
        noun=pick(words["nouns"]), n=number, n1=str(int(chance.random() * 60) + 2), n2=str(int(chance.random() * 30) + 1),
        n3=str(int(chance.random() * 9) + 1), N=str(int(chance.random() * 9900) + 100), letter=pick("ABCDEFG"),
        box=str(int(chance.random() * 99000) + 100), dir=pick(["N", "S", "East", "West", "NW", "North", "S.E."]),
        nth=pick(["1st", "2nd", "3rd", "4th", "5th", "12th", "23rd", "42nd", "Third", "Fifth", "7th"]),
    )  # fmt: skip


_BRITISH = (
    "AB AL B BA BB BD BH BL BN BR BS CA CB CF CH CM CO CR CT CV DA DE DH DL DN DY E EC EH EX FY G GL GU HA HD "
    "HP HU IG IP KT KY L LA LE LN LS LU M ME MK N NE NG NN NP NR NW OL OX PA PE PL PO PR RG RH RM S SA SE SG "
    "SK SL SM SN SO SP SR SS ST SW SY TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO"
).split()
_EIRCODE = "ACDEFHKNPRTVWXY"


def _postcode(chance: Chance, country: str) -> str:
    """A postcode as the country has them; British and Irish ones of areas that exist."""
    pattern = chance.pick(countries()[country]["postcode"])
    if country == "GB":
        area = chance.pick(_BRITISH)
        return f"{area}{chance.digits(chance.pick(['#', '##', '#', '#A']))} {chance.digits('#AA')}"
    if country == "IE":
        key = f"{chance.pick(_EIRCODE)}{chance.digits('##')}"
        unique = "".join(chance.pick(_EIRCODE + "0123456789") for _ in range(4))
        return f"{key} {unique}"
    return chance.digits(pattern)


def address(chance: Chance, country: str, code: str, pattern: str = "") -> Address:
    """A made-up address in `country`, printed in language `code`."""
    facts = countries()[country]
    regions = places()["regions"].get(country)
    region = chance.pick(list(regions)) if regions else ""
    city = chance.pick(cities(country)).title() if chance.maybe(0.97) else names.stem(chance)
    postcode = _postcode(chance, country)
    named = chance.pick(facts["street"]) and street(chance, country, code)
    area = chance.pick(places()["areas"].get(country, [""]))
    shown = language(code)["countries"].get(country, country)
    if chance.maybe(0.15):
        shown = shown.upper()
    elif chance.maybe(0.08):
        shown = country
    values = {
        "street": named, "city": city, "CITY": city.upper(), "postcode": postcode, "region": region,
        "REGION": region.upper(), "longregion": (regions or {}).get(region, region), "country": shown, "iso": country, "area": area,
        "n2": str(int(chance.random() * 19) + 1),
    }  # fmt: skip
    lines = []
    pattern = pattern or chance.pick(facts["lines"])
    if "country" not in pattern and chance.maybe(0.22):
        pattern += chance.pick(["|{country}", "|{country}", ", {iso}", "|{iso}"])
    for row in pattern.split("|"):
        parts: list[tuple[str, str]] = []
        at = 0
        for match in _PARTS.finditer(row):
            if match.start() > at:
                parts.append((row[at : match.start()], ""))
            part = match[1]
            label = {
                "CITY": "city",
                "REGION": "region",
                "longregion": "region",
                "iso": "country",
            }.get(part, part)
            parts.append(
                (
                    values[part],
                    label if label in ("street", "city", "postcode", "region", "country") else "",
                )
            )
            at = match.end()
        if row[at:]:
            parts.append((row[at:], ""))
        lines.append(parts)
    if chance.maybe(0.03) and country not in ("MY",):
        lines = [[(text.upper(), part) for text, part in row] for row in lines]
    return Address(named, city, postcode, region, country, lines)


def _person(chance: Chance, country: str, code: str) -> tuple[str, bool]:
    return names.person(chance, country, code, titled=0.06), True


def party(
    chance: Chance, country: str, code: str, *, person: float = 0.1, public: float = 0.06
) -> Party:
    """A made-up party of `country` on a paper in language `code`."""
    facts = countries()[country]
    local = code if code in facts["languages"] else facts["languages"][0]
    what = chance.random()
    is_person = what < person
    if is_person:
        name = names.person(chance, country, local, titled=0.06)
    elif what < person + public:
        name = names.authority(chance, country, local)
    else:
        name = names.company(chance, country, local)
    place = address(
        chance, country, local if local in ("en", "de", "fr", "es", "it", "nl") else "en"
    )
    who = names.person(chance, country, local, titled=0.2)
    host = names.domain(chance, name, country)
    vat = numbers.vat_id(chance, country) if not is_person or chance.maybe(0.2) else ""
    account = numbers.iban(chance, country)
    return Party(
        name=name, country=country, language=local, address=place, is_person=is_person, contact=who,
        phone=numbers.phone(chance, country), fax=numbers.phone(chance, country), mobile=numbers.phone(chance, country),
        email=names.email(chance, host, who), website=chance.pick(["www.", "www.", "http://", "https://www.", ""]) + host,
        vat=vat, vat_printed=numbers.vat_text(chance, vat) if vat else "", tax=numbers.tax_number(chance, country),
        register=numbers.register_number(chance, country), iban=account,
        iban_printed=numbers.iban_text(chance, account) if account else "", bic=numbers.bic(chance, country),
        bank=bank(chance, country, local),
    )  # fmt: skip


def bank(chance: Chance, country: str, code: str) -> str:
    """The name of a bank."""
    town = chance.pick(cities(country)).title()
    made = names.stem(chance)
    return chance.pick(
        {
            "de": [
                f"Sparkasse {town}",
                f"Volksbank {town} eG",
                f"{made} Bank AG",
                f"Raiffeisenbank {town}",
                f"{town}er Bank",
            ],
            "fr": [
                f"Banque {made}",
                f"Crédit {town}",
                f"Caisse {made}",
                f"Banque Populaire {town}",
            ],
            "es": [f"Banco {made}", f"Caja {town}", f"Banco de {town}"],
            "it": [f"Banca {made}", f"Banca di {town}", f"Cassa di Risparmio di {town}"],
            "nl": [f"{made} Bank", f"{made}bank N.V.", f"Bank {town}"],
        }.get(code, [f"{made} Bank", f"Bank of {town}", f"{town} Savings Bank", f"{made} Bank PLC"])
    )


def name_piece(role: str, who: Party, *, gold: bool = True, group: str = "") -> Piece:
    """The party's name."""
    kind = "PERSON" if who.is_person else "ORG"
    mark = Mark(f"{role}.name", (who.name,) if gold else (), group, kind)
    return Piece(who.name, (mark,))


def address_lines(
    role: str, who: Party, *, group: str = "", gold: bool = True, home: str = ""
) -> list[list[Piece]]:
    """The address, line by line as printed; the country is left out where it equals `home`."""
    where = who.address
    rows = [
        row
        for row in where.lines
        if not (home == who.country and [p for _, p in row] == ["country"])
    ]
    full = where.text
    values = [full]
    without = ", ".join(
        "".join(t for t, p in row if p != "country").strip(" ,.") for row in rows
    ).strip(", ")
    values = list(dict.fromkeys([without, full] if home == who.country else [full, without]))
    whole = Mark(f"{role}.address", tuple(values) if gold else (), group)
    kinds = {
        "street": "STREET",
        "city": "CITY",
        "postcode": "POSTCODE",
        "country": "COUNTRY",
        "region": "REGION",
    }
    fields = {"postcode": "postal_code"}
    out = []
    for row in rows:
        line: list[Piece] = []
        for text, part in row:
            marks: tuple[Mark, ...] = (whole,) if gold else ()
            if part and text.strip():
                shown: tuple[str, ...] = (text,)
                if part == "country":
                    shown = (who.country,)
                elif part == "region":
                    shown = (text, where.region)
                mark = Mark(
                    f"{role}.{fields.get(part, part)}", shown if gold else (), group, kinds[part]
                )
                marks = (mark, *marks)
            line.append(Piece(text, marks))
        out.append(line)
    return out


def one_line(lines: list[Line] | list[list[Piece]], separator: str) -> list[Piece]:
    """Several address lines as one; marks that span lines cover the separators too."""
    out: list[Piece] = []
    for line in lines:
        if not text_of(line).strip():
            continue
        if out:
            shared = tuple(m for m in out[-1].marks if line and m in line[0].marks)
            out.append(Piece(separator, shared))
        out.extend(line)
    return out


__all__ = [
    "Address",
    "Party",
    "address",
    "address_lines",
    "bank",
    "name_piece",
    "one_line",
    "party",
    "street",
    "within",
]
