"""Customers as several systems know them: the same party under other spellings, and look-alikes.

Made from the parties of the papers. Every mention says to whom it belongs, so that it shows how well
records are matched, and a matching model can be learned that knows no real customer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from . import names
from .chance import Chance
from .numbers import vat_id
from .parties import Party, address, party

COLUMNS = (
    "name", "trading_name", "first_name", "last_name", "vat_id", "iban", "street", "city",
    "postal_code", "country", "phone", "email", "website",
)  # fmt: skip
_WORLD = {
    "DE": 5.0, "FR": 3.0, "GB": 3.0, "US": 3.0, "IT": 2.0, "ES": 2.0, "NL": 2.0, "AT": 1.0,
    "CH": 1.0, "BE": 1.0, "IE": 0.5, "IN": 0.5, "MY": 0.3,
}  # fmt: skip
_OCR = {"0": "O", "1": "l", "5": "S", "8": "B", "l": "1", "O": "0", "S": "5", "m": "rn", "e": "c"}
_PLAIN = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e", "ñ": "n", "ç": "c"}
_SHORT = (
    (r"(?i)straße\b", "str."), (r"(?i)\bstreet\b", "St"), (r"(?i)\bavenue\b", "Ave"),
    (r"(?i)\broad\b", "Rd"), (r"(?i)\bboulevard\b", "Bd"), (r"(?i)\bplatz\b", "Pl."),
)  # fmt: skip
_FORMS = (
    (r"\bGmbH & Co\. KG\b", "GmbH & Co KG"), (r"\bLtd\.?$", "Limited"), (r"\bLimited$", "Ltd"),
    (r"\bInc\.?$", "Incorporated"), (r"\bS\.r\.l\.$", "SRL"), (r"\bB\.V\.$", "BV"),
    (r"\bGmbH\b", "G.m.b.H."), (r"\bSARL\b", "S.A.R.L."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mention:
    """One row of one system: whose it is, what kind of party, and its values by column."""

    customer: int
    is_person: bool
    values: dict[str, str]


def mentions(customers: int, seed: int) -> Iterator[Mention]:
    """All mentions of so many customers: one to six each, some of them look-alikes of others."""
    chance = Chance(f"customers {seed}")
    before: Party | None = None
    for number in range(customers):
        country = chance.weighted(_WORLD)
        who = party(chance, country, "en", person=0.35, public=0.02)
        if before is not None and chance.maybe(0.12):
            who = _look_alike(chance, before)
        before = who
        home = known(chance, who)
        yield Mention(number, who.is_person, seen(chance, home, spoil=0.1))
        while chance.maybe(0.38):
            yield Mention(
                number, who.is_person, seen(chance, home, spoil=chance.pick([0.1, 0.3, 0.6]))
            )


def _look_alike(chance: Chance, other: Party) -> Party:
    """Somebody near `other` who is not the same: a sister, a tenant, a namesake, a relative."""
    new = party(chance, other.country, "en", person=float(other.is_person), public=0.0)
    way = chance.random()
    if other.is_person:
        if way < 0.6:
            new.address, new.phone = other.address, chance.pick([other.phone, new.phone])
            new.name = f"{new.name.split()[0]} {other.name.split()[-1]}"
        else:
            new.name = other.name
    elif way < 0.4:
        words = other.name.split()
        stem = words[0] if len(words[0]) > 2 else " ".join(words[:2])
        new.name = f"{stem} {chance.pick(['Holding', 'Services', 'Immobilien', 'International', 'Logistik'])} {words[-1]}"
        new.address = chance.pick([other.address, new.address])
        new.email, new.website = other.email, other.website
        new.vat = vat_id(chance, other.country)
    elif way < 0.7:
        new.address = other.address
    else:
        new.name = other.name.split()[0] + " " + new.name
    return new


def known(chance: Chance, who: Party) -> dict[str, str]:
    """What there is to know about a party."""
    place = who.address
    given, _, family = who.name.rpartition(" ")
    values = {
        "name": who.name,
        "vat_id": who.vat,
        "iban": who.iban if chance.maybe(0.3) else "",
        "street": place.street,
        "city": place.city,
        "postal_code": place.postcode,
        "country": who.country,
        "phone": who.phone,
        "email": who.email if not who.is_person else _private(chance, who),
        "website": "" if who.is_person else who.website,
    }
    if who.is_person and chance.maybe(0.5):
        values |= {"first_name": given, "last_name": family}
    return values


def _private(chance: Chance, who: Party) -> str:
    return names.email(
        chance, chance.pick(["mail.example", "post.example", "web.example"]), who.name
    )


def seen(chance: Chance, home: dict[str, str], *, spoil: float) -> dict[str, str]:
    """The values as one system or document has them: some missing, some written otherwise."""
    values = dict(home)
    for name in (
        "vat_id",
        "iban",
        "phone",
        "email",
        "website",
        "street",
        "postal_code",
        "city",
        "country",
    ):
        if chance.maybe(
            {"country": 0.15, "city": 0.1, "street": 0.15, "postal_code": 0.15}.get(name, 0.45)
        ):
            values[name] = ""
    values["name"] = _renamed(chance, values["name"], spoil)
    if chance.maybe(spoil / 4):
        moved = address(chance, home["country"], "en")
        values |= {"street": moved.street, "city": moved.city, "postal_code": moved.postcode}
    if values["street"] and chance.maybe(0.3):
        values["street"] = _shortened(chance, values["street"])
    if chance.maybe(spoil / 5):
        values["phone"] = chance.digits("+## ### ######")
    for name, value in values.items():
        if value and name != "country" and chance.maybe(spoil / 6):
            values[name] = _misspelt(chance, value)
    return {name: value for name, value in values.items() if value}


def _renamed(chance: Chance, name: str, spoil: float) -> str:
    for pattern, form in _FORMS:
        if chance.maybe(0.3):
            name = re.sub(pattern, form, name)
    words = name.split()
    if len(words) > 2 and chance.maybe(spoil / 3):
        name = " ".join(words[:-1])
    if chance.maybe(0.15):
        name = name.upper()
    if chance.maybe(0.2):
        name = "".join(_PLAIN.get(c, c) for c in name)
    if chance.maybe(0.1):
        name = name.replace("&", "und" if "ü" in name else "and")
    return name


def _shortened(chance: Chance, street: str) -> str:
    for pattern, short in _SHORT:
        street = re.sub(pattern, short, street)
    return street.replace(",", "") if chance.maybe(0.3) else street


def _misspelt(chance: Chance, text: str) -> str:
    """One slip of a typist or of an OCR engine."""
    at = int(chance.random() * len(text))
    way = chance.random()
    if way < 0.3:
        return text[:at] + text[at + 1 :]
    if way < 0.55 and at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if way < 0.75:
        return text[:at] + _OCR.get(text[at], "o") + text[at + 1 :]
    return text[:at] + chance.pick("aeinrst") + text[at:]
