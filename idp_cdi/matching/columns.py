"""What each column of a table is, worked out from its name and its contents.

>>> import pyarrow as pa
>>> table = pa.table({"id": ["1", "2"], "Vorname": ["Eva", "Jo"], "E-Mail": ["e@x.de", None]})
>>> [(c.name, c.kind.value) for c in detect(table)]
[('id', 'record_id'), ('Vorname', 'given'), ('E-Mail', 'email')]
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from idp_cdi.matching.row_numbers import Parts, numbers_rows


class Kind(StrEnum):
    """The kinds of column that matching tells apart."""

    RECORD_ID = "record_id"
    ENTITY_TYPE = "entity_type"
    NAME = "name"
    GIVEN = "given"
    MIDDLE = "middle"
    FAMILY = "family"
    OTHER_NAME = "other_name"
    DATE = "date"
    STREET = "street"
    HOUSE = "house"
    CITY = "city"
    POSTCODE = "postcode"
    STATE = "state"
    COUNTRY = "country"
    PHONE = "phone"
    EMAIL = "email"
    WEBSITE = "website"
    IDENTIFIER = "identifier"
    ACCOUNT = "account"
    CATEGORY = "category"
    WORDS = "words"
    LIST = "list"
    BIRTH_YEAR = "birth_year"
    BIRTH_MONTH = "birth_month"
    BIRTH_DAY = "birth_day"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Column:
    """One column and what it is; `why` says in words what told us."""

    name: str
    kind: Kind
    why: str = ""


_ID_NAME = re.compile(
    r"^(record_?|row_?|rec_?|unique_?|customer_?|partner_?|contact_?|kunden_?)?(id|key|nr|no|number|nummer|uuid|guid)$|_key$|^index$|^unnamed"
)
_EMAIL = re.compile(r"^[^@\s<>]+@[^@\s<>]+\.[a-z]{2,}$", re.IGNORECASE)
_PHONE = re.compile(r"^[+(]?[\d\s()/.\-+]{6,22}$")
_DATE = re.compile(
    r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|^\d{1,2}[-/.](\d{1,2}|[A-Za-z]{3})[-/.]\d{2,4}$"
)
_LIST = re.compile(r" \| |;")
_STREET = re.compile(r"^\d+[a-z]?,? +\w*[^\W\d]{2}|[^\W\d]{3}[.,]? +\d+ ?[a-z]?$", re.IGNORECASE)
_POSTCODE = re.compile(
    r"^(\d{4,5}|\d{5}-\d{4}|\d{2}-\d{3}|\d{4} ?[A-Z]{2}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})$",
    re.IGNORECASE,
)
_PARTY_KINDS = frozenset(
    "person individual organisation organization company business corporation firma unternehmen "
    "privatperson particulier entreprise societe empresa persona azienda osoba b2b b2c".split()
)
# What the connectors' word list calls a column, and what that is to matching.
_MEANINGS = {
    "name": Kind.NAME, "trading_name": Kind.OTHER_NAME, "first_name": Kind.GIVEN,
    "last_name": Kind.FAMILY, "contact_name": Kind.IGNORED, "date_of_birth": Kind.DATE,
    "vat_id": Kind.IDENTIFIER, "tax_number": Kind.IDENTIFIER, "lei": Kind.IDENTIFIER,
    "registration_number": Kind.IDENTIFIER, "national_id": Kind.IDENTIFIER,
    "iban": Kind.IDENTIFIER, "bic": Kind.IGNORED, "street": Kind.STREET,
    "@full_address": Kind.STREET, "@street2": Kind.IGNORED, "@house_number": Kind.HOUSE,
    "postal_code": Kind.POSTCODE, "city": Kind.CITY, "region": Kind.STATE,
    "country": Kind.COUNTRY, "phone": Kind.PHONE, "email": Kind.EMAIL, "website": Kind.WEBSITE,
    "@cursor": Kind.IGNORED, "@created": Kind.IGNORED, "@deleted": Kind.IGNORED,
}  # fmt: skip
_SURE = 0.8
_PLAIN_NAME = re.compile(r"^(full_?|customer_?|company_?|client_?|legal_?)?names?$")
_SAMPLE = 2000
# Up to so many rows values are all different by chance.
_FEW = 10
# What a column that is called after names (customer …) holds where it holds no words.
_NO_NAMES = (Kind.DATE, Kind.IDENTIFIER, Kind.POSTCODE, Kind.PHONE)
_BY_NAME, _BY_CONTENTS = "by its name", "by its contents"


@cache
def _by_name() -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    """Kinds with the patterns of their column names, from ``data/matching/columns.txt``."""
    text = (files("idp_cdi") / "data" / "matching" / "columns.txt").read_text(encoding="utf-8")
    lines = (line.partition(":") for line in text.splitlines() if line and line[0] != "#")
    return tuple((Kind(kind), re.compile("|".join(rest.split()))) for kind, _, rest in lines)


def detect(table: Any, parts: Parts | None = None) -> list[Column]:
    """Say of each column of an Arrow table what it is.

    Args:
        table: The table.
        parts: The tables that it was put together from: each may number its rows by itself.
    """
    parts = parts or Parts.of([table.num_rows])
    return _second_thoughts(
        [_detect_one(n, table, parts) for n in table.column_names], table, parts
    )


def squeeze(name: str) -> str:
    """A column name in lower case with words joined by "_"; camel case is taken apart.

    >>> squeeze("BillingPostalCode"), squeeze("E-Mail 1")
    ('billing_postal_code', 'e_mail_1')
    >>> squeeze("Téléphone")
    'telephone'
    """
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    if not name.isascii():
        name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _second_thoughts(columns: list[Column], table: Any, parts: Parts) -> list[Column]:
    """What only the whole table tells: a sole unknown words column is the name."""
    if any(c.kind is Kind.STREET and c.why == _BY_NAME for c in columns):
        columns = [
            Column(c.name, Kind.WORDS, c.why)
            if c.kind is Kind.STREET and c.why == _BY_CONTENTS
            else c
            for c in columns
        ]
    columns = _one_of_a_kind(columns, table, parts)
    kinds = {c.kind for c in columns}
    if not kinds & {Kind.NAME, Kind.GIVEN, Kind.FAMILY}:
        _name_first(columns)
    if kinds & {Kind.POSTCODE, Kind.STREET} and Kind.CITY not in kinds:
        _town_nearby(columns)
    return columns


def _one_of_a_kind(columns: list[Column], table: Any, parts: Parts) -> list[Column]:
    """Of columns that are row numbers or party kinds by their contents the first is it.

    Each part of the table may have its own row numbers.
    """
    seen: set[tuple[Kind, int]] = set()
    out = []
    for column in sorted(columns, key=lambda c: c.why.startswith("all different")):
        if column.kind in (Kind.RECORD_ID, Kind.ENTITY_TYPE):
            numbered = column.kind is Kind.RECORD_ID
            where = parts.filled(table.column(column.name)) if numbered else (0,)
            places = {(column.kind, n) for n in where}
            if places & seen:
                column = Column(column.name, Kind.IGNORED, "there is another such column")
            seen |= places
        out.append(column)
    place = {c.name: i for i, c in enumerate(columns)}
    return sorted(out, key=lambda c: place[c.name])


def _town_nearby(columns: list[Column]) -> None:
    """The column of words next to the postcode or street, where no column is called a town."""
    home = [i for i, c in enumerate(columns) if c.kind is Kind.POSTCODE] or [
        i for i, c in enumerate(columns) if c.kind is Kind.STREET
    ]
    near = [
        i for i, c in enumerate(columns)
        if c.kind in (Kind.WORDS, Kind.CATEGORY) and c.why == _BY_CONTENTS
        and abs(i - home[0]) == 1
    ]  # fmt: skip
    if near:
        best = min(near, key=lambda i: columns[i].kind is Kind.CATEGORY)
        columns[best] = Column(columns[best].name, Kind.CITY, "words beside the postcode")


def _name_first(columns: list[Column]) -> None:
    for i, column in enumerate(columns):
        if column.kind is Kind.WORDS:
            columns[i] = Column(column.name, Kind.NAME, "the first column of words")
            break


def _detect_one(name: str, table: Any, parts: Parts) -> Column:
    head, values, rows = squeeze(name), table.column(name), table.num_rows
    if name.endswith("__confidence"):
        return Column(name, Kind.IGNORED, "says how sure another column is")
    if _ID_NAME.search(head) and rows and numbers_rows(table, name, parts):
        return Column(name, Kind.RECORD_ID, "named like an id, all different")
    sample = _sample(values)
    if not sample:
        return Column(name, Kind.IGNORED, "empty")
    by_content = _content_kind(sample)
    if by_content is Kind.EMAIL:
        return Column(name, by_content, _BY_CONTENTS)
    by_name = _named(name, head)
    if by_name is None:
        numbered = by_content in (Kind.IDENTIFIER, Kind.POSTCODE)
        if numbered and rows >= _FEW and numbers_rows(table, name, parts):
            return Column(name, Kind.RECORD_ID, "all different: a number of the row")
        return Column(name, by_content, _BY_CONTENTS)
    return _settled(name, head, by_name, by_content, sample, rows)


def _named(name: str, head: str) -> Kind | None:
    """What the name says: our patterns first, then the word list of the connectors."""
    found = next((kind for kind, pattern in _by_name() if pattern.search(head)), None)
    if found is not None:
        return found
    return _MEANINGS.get(meaning(name) or "")


def meaning(name: str) -> str | None:
    """What the name of a column says it holds, in the words of the connectors; None for nothing.

    >>> meaning("STCEG"), meaning("USt-IdNr."), meaning("Farbe")
    ('vat_id', 'vat_id', None)
    """
    from idp_cdi.connectors._words import is_elsewhere, targets

    found = next(iter(targets(name)), None)
    return (
        found.target if found and found.score >= _SURE and not is_elsewhere(found.group) else None
    )


def _settled(
    name: str, head: str, by_name: Kind, by_content: Kind, sample: list[str], rows: int
) -> Column:
    """What a column is whose name says something: contents may overrule it."""
    if by_name is Kind.NAME and by_content in _NO_NAMES:
        return Column(name, by_content, "by its contents, against its name")
    few = rows > 50 and len(set(sample)) < 30 and _repeats(sample)
    if by_name is Kind.NAME and few and not _PLAIN_NAME.search(head):
        return Column(name, Kind.CATEGORY, "few different values")
    if by_name is Kind.CATEGORY and by_content in (Kind.LIST, Kind.ENTITY_TYPE):
        return Column(name, by_content, _BY_CONTENTS)
    if by_name is Kind.DATE and by_content not in (Kind.DATE, Kind.IDENTIFIER, Kind.WORDS):
        return Column(name, by_content, "by its contents, against its name")
    return Column(name, by_name, _BY_NAME)


def _sample(values: Any) -> list[str]:
    import pyarrow.compute as pc

    step = max(1, len(values) // (4 * _SAMPLE))
    picked = values.take(list(range(0, len(values), step))) if step > 1 else values
    return [str(v).strip() for v in pc.drop_null(picked).to_pylist()[:_SAMPLE] if str(v).strip()]


def _repeats(sample: list[str]) -> bool:
    return len(set(sample)) < 0.2 * len(sample)


def _share(pattern: re.Pattern[str], sample: list[str]) -> float:
    return sum(1 for v in sample if pattern.search(v)) / len(sample)


def _content_kind(sample: list[str]) -> Kind:
    """The kind that the values themselves show."""
    if _share(_EMAIL, sample) > 0.7:
        return Kind.EMAIL
    if _share(_DATE, sample) > 0.7:
        return Kind.DATE
    if {v.casefold() for v in sample} <= _PARTY_KINDS:
        return Kind.ENTITY_TYPE
    if _share(_LIST, sample) > 0.3:
        return Kind.LIST
    if _share(_PHONE, sample) > 0.8 and _share(re.compile(r"[+()/\- ]"), sample) > 0.3:
        return Kind.PHONE
    if _share(_STREET, sample) > 0.6:
        return Kind.STREET
    if _share(_POSTCODE, sample) > 0.9 and len(set(sample)) > 3:
        return Kind.POSTCODE
    if _share(re.compile(r"\d"), sample) > 0.8 and not _repeats(sample):
        return Kind.IDENTIFIER if _share(re.compile(r"\s\S+\s"), sample) < 0.3 else Kind.STREET
    if _repeats(sample):
        return Kind.CATEGORY
    return Kind.WORDS
