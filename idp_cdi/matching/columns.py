"""What each column of a table is, worked out from its name and its contents.

>>> import pyarrow as pa
>>> table = pa.table({"id": ["1", "2"], "Vorname": ["Eva", "Jo"], "E-Mail": ["e@x.de", None]})
>>> [(c.name, c.kind.value) for c in detect(table)]
[('id', 'record_id'), ('Vorname', 'given'), ('E-Mail', 'email')]
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any


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
    CATEGORY = "category"
    WORDS = "words"
    LIST = "list"
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
_SAMPLE = 2000
_BY_NAME, _BY_CONTENTS = "by its name", "by its contents"


@cache
def _by_name() -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    """Kinds with the patterns of their column names, from ``data/matching/columns.txt``."""
    text = (files("idp_cdi") / "data" / "matching" / "columns.txt").read_text(encoding="utf-8")
    lines = (line.partition(":") for line in text.splitlines() if line and line[0] != "#")
    return tuple((Kind(kind), re.compile("|".join(rest.split()))) for kind, _, rest in lines)


def detect(table: Any) -> list[Column]:
    """Say of each column of an Arrow table what it is."""
    columns = [_detect_one(name, table.column(name), table.num_rows) for name in table.column_names]
    if not any(c.kind is Kind.RECORD_ID for c in columns):
        for i, column in enumerate(columns):
            if _ID_NAME.search(squeeze(column.name)) and _is_unique(table.column(column.name)):
                columns[i] = Column(column.name, Kind.RECORD_ID, "named like an id, all different")
                break
    return _second_thoughts(columns)


def squeeze(name: str) -> str:
    """A column name in lower case with words joined by "_"; camel case is taken apart.

    >>> squeeze("BillingPostalCode"), squeeze("E-Mail 1")
    ('billing_postal_code', 'e_mail_1')
    """
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _second_thoughts(columns: list[Column]) -> list[Column]:
    """What only the whole table tells: a sole unknown words column is the name."""
    if any(c.kind is Kind.STREET and c.why == _BY_NAME for c in columns):
        columns = [
            Column(c.name, Kind.WORDS, c.why)
            if c.kind is Kind.STREET and c.why == _BY_CONTENTS
            else c
            for c in columns
        ]
    kinds = {c.kind for c in columns}
    if kinds & {Kind.NAME, Kind.GIVEN, Kind.FAMILY}:
        return columns
    for i, column in enumerate(columns):
        if column.kind is Kind.WORDS:
            columns[i] = Column(column.name, Kind.NAME, "the first column of words")
            break
    return columns


def _is_unique(values: Any) -> bool:
    import pyarrow.compute as pc

    return bool(values.null_count == 0 and pc.count_distinct(values).as_py() == len(values))


def _detect_one(name: str, values: Any, rows: int) -> Column:
    head = squeeze(name)
    if name.endswith("__confidence"):
        return Column(name, Kind.IGNORED, "says how sure another column is")
    if _ID_NAME.search(head) and rows and _is_unique(values):
        return Column(name, Kind.RECORD_ID, "named like an id, all different")
    sample = _sample(values)
    if not sample:
        return Column(name, Kind.IGNORED, "empty")
    by_name = next((kind for kind, pattern in _by_name() if pattern.search(head)), None)
    by_content = _content_kind(sample)
    if by_name is None:
        return Column(name, by_content, _BY_CONTENTS)
    if by_name is Kind.NAME and by_content in (Kind.EMAIL, Kind.DATE):
        return Column(name, by_content, "by its contents, against its name")
    if by_name is Kind.NAME and _repeats(sample) and rows > 50 and len(set(sample)) < 30:
        return Column(name, Kind.CATEGORY, "few different values")
    if by_name is Kind.CATEGORY and by_content is Kind.LIST:
        return Column(name, Kind.LIST, "lists of values")
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
    if _share(_LIST, sample) > 0.3:
        return Kind.LIST
    if _share(_PHONE, sample) > 0.8 and _share(re.compile(r"[+()/\- ]"), sample) > 0.3:
        return Kind.PHONE
    if _share(re.compile(r"\d"), sample) > 0.8 and not _repeats(sample):
        return Kind.IDENTIFIER if _share(re.compile(r"\s\S+\s"), sample) < 0.3 else Kind.STREET
    if _repeats(sample):
        return Kind.CATEGORY
    return Kind.WORDS
