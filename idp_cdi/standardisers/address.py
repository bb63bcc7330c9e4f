r"""Address in one line, and its parts.

`clean` keeps the printed address on one line; `parse` finds street, postal code, city, region and
country in it.

>>> clean("Hauptstr. 5\nD-10115  Berlin")
'Hauptstr. 5, D-10115 Berlin'
>>> parse("Hauptstr. 5, D-10115 Berlin")
AddressParts(street='Hauptstr. 5', postal_code='10115', city='Berlin', region='', country='DE')
>>> parse("500 5th Ave, New York, NY 10110, USA").city
'New York'
>>> parse("10 Downing Street, London SW1A 2AA").postal_code
'SW1A 2AA'
"""

from __future__ import annotations

import re
from typing import NamedTuple

from idp_cdi.errors import BadFormat
from idp_cdi.standardisers import city, country, postal_code, region, street

NAME = "address"
STRONG = False

_PREFIXES = {
    "D": "DE", "A": "AT", "CH": "CH", "F": "FR", "I": "IT", "B": "BE", "L": "LU", "NL": "NL",
    "E": "ES", "P": "PT", "DK": "DK", "S": "SE", "SE": "SE", "N": "NO", "FIN": "FI", "FI": "FI",
    "PL": "PL", "CZ": "CZ", "SK": "SK", "H": "HU", "FL": "LI", "DE": "DE", "AT": "AT", "FR": "FR",
    "IT": "IT", "BE": "BE", "LU": "LU", "ES": "ES", "PT": "PT", "LT": "LT", "LV": "LV",
}  # fmt: skip
_GB = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2})\b", re.IGNORECASE)
_CA = re.compile(r"\b([A-Z]\d[A-Z]\s?\d[A-Z]\d)\b")
_US = re.compile(r"(?:^|[\s,])([A-Z]{2}|[A-Z][a-z]+(?: [A-Z][a-z]+)?)\.?,?\s+(\d{5}(?:-\d{4})?)$")
_NL = re.compile(r"^(?:NL[- ])?(\d{4}\s?[A-Z]{2})\s+(\D.*)$")
_FRONT = re.compile(
    r"^(?:(?P<prefix>[A-Z]{1,3})[- ]\s?)?(?P<code>\d{4,6}|\d{2}-\d{3}|\d{3} \d{2}|\d{4}-\d{3})\s+"
    r"(?P<city>[^\d,][^\d]*(?:\d{1,2})?)$"
)
_INSIDE = re.compile(
    r"\s(?=(?:[A-Z]{1,3}-)?(?:\d{5}|\d{4}\s?[A-Z]{2}|\d{2}-\d{3})\s+[^\W\d_][\w .()/-]+$)"
)
_BEHIND = re.compile(r"^(?P<city>\D*\D)[\s,]+(?P<code>\d{3,7}(?:[- ]\d{3,4})?)$")


class AddressParts(NamedTuple):
    """The parts of an address; "" where a part is missing."""

    street: str
    postal_code: str
    city: str
    region: str
    country: str


def clean(raw: str, *, country: str | None = None) -> str:
    """Return the address on one line, its lines joined by commas.

    Args:
        raw: Text as found.
        country: Part of the shared signature, not needed here.

    Returns:
        The text; case, abbreviations and order are kept.

    Raises:
        BadFormat: Empty, a placeholder, or without any letter or digit.
    """
    try:
        return street.clean(raw)
    except BadFormat as error:
        reason = error.reason.replace("a street", "an address")
        raise BadFormat(reason, value=raw, code=error.code) from None


def parse(value: str, *, country: str | None = None) -> AddressParts:
    """Take a one-line address apart.

    Args:
        value: A clean address.
        country: ISO 3166-1 alpha-2 where known from elsewhere.

    Returns:
        The parts. What can't be placed stays in the street.
    """
    chunks = [c.strip() for c in value.split(",") if c.strip()]
    found, chunks = _take_country(chunks)
    where = found or country or ""
    for reader in (_read_american, _read_british, _read_front, _read_behind):
        try:
            parts = reader(chunks, where)
        except BadFormat:
            continue  # what stands in the place of a part is none
        if parts is not None:
            return parts
    if len(chunks) > 1 and not any(map(str.isdigit, chunks[-1])):
        return AddressParts(", ".join(chunks[:-1]), "", chunks[-1], "", where)
    return AddressParts(", ".join(chunks), "", "", "", where)


def _take_country(chunks: list[str]) -> tuple[str, list[str]]:
    if len(chunks) > 1 and not any(map(str.isdigit, chunks[-1])) and len(chunks[-1]) > 1:
        state = chunks[-1] in ("CA", "DE", "IN", "LA", "CO", "GA", "MD", "PA", "SC", "AL", "IL")
        try:
            if not state:
                return country.clean(chunks[-1]), chunks[:-1]
        except BadFormat:
            pass
    return "", chunks


def _read_american(chunks: list[str], where: str) -> AddressParts | None:
    found = _US.search(chunks[-1]) if chunks and where in ("", "US") else None
    if not found:
        return None
    state = region.clean(found[1], country="US")
    if len(state) != 2:
        # "Los Angeles California": the last word may be the state.
        return None
    head = chunks[-1][: found.start()].strip(" ,")
    rest = [*chunks[:-1], head] if head else chunks[:-1]
    town = rest.pop() if len(rest) > 1 or (rest and not rest[0][:1].isdigit()) else ""
    return AddressParts(", ".join(rest), found[2], town, state, "US")


def _read_british(chunks: list[str], where: str) -> AddressParts | None:
    if where not in ("", "GB", "CA"):
        return None
    for index in range(len(chunks) - 1, -1, -1):
        found = _CA.search(chunks[index]) if where != "GB" else None
        home = "CA" if found else "GB"
        found = found or (_GB.search(chunks[index]) if where != "CA" else None)
        if not found:
            continue
        code = postal_code.clean(found[1].upper(), country=home)
        town = chunks[index][: found.start()].strip(" ,")
        rest = chunks[:index] + chunks[index + 1 :]
        if not town and len(rest) > 1:
            town = rest.pop()
        state = ""
        if home == "CA" and len(town) == 2:
            state, town = town, rest.pop() if len(rest) > 1 else ""
        return AddressParts(", ".join(rest), code, town, state, home)
    return None


def _read_front(chunks: list[str], where: str) -> AddressParts | None:
    """Code before the city, as on the continent."""
    for index in range(len(chunks) - 1, -1, -1):
        head, text = "", chunks[index]
        inside = _INSIDE.search(text)
        if inside:
            head, text = text[: inside.start()].strip(), text[inside.end() :]
        dutch = _NL.match(text) if where in ("", "NL") else None
        if dutch:
            rest = [*chunks[:index], *([head] if head else []), *chunks[index + 1 :]]
            code = postal_code.clean(dutch[1], country="NL")
            return AddressParts(", ".join(rest), code, dutch[2].strip(), "", "NL")
        found = _FRONT.match(text)
        if found and (index > 0 or head or len(chunks) == 1 or found["prefix"]):
            home = where or _PREFIXES.get(found["prefix"] or "", "")
            rest = [*chunks[:index], *([head] if head else []), *chunks[index + 1 :]]
            return AddressParts(
                ", ".join(rest), _code(found["code"], home), city.clean(found["city"]), "", home
            )
    return None


def _read_behind(chunks: list[str], where: str) -> AddressParts | None:
    """City before the code, as in Asia, Australia, Latin America."""
    if len(chunks) < 2:
        return None
    found = _BEHIND.match(chunks[-1])
    if not found:
        return None
    return AddressParts(
        ", ".join(chunks[:-1]), _code(found["code"], where), found["city"].strip(" -"), "", where
    )


def _code(code: str, home: str) -> str:
    try:
        return postal_code.clean(code, country=home or None)
    except BadFormat:
        return code
