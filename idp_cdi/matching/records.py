"""Records made comparable: each field of a table as integer codes, built from columns by kind.

A row's prepared form depends on that row alone, so that a record compared on-line gives what it
gives in a batch.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.matching import addresses, names, values
from idp_cdi.matching.columns import Column, Kind, squeeze
from idp_cdi.matching.strings import (
    FEW,
    cleaned,
    coalesce,
    filled,
    is_plain,
    joined,
    mean_length,
    replace,
)
from idp_cdi.matching.text import fold
from idp_cdi.matching.threads import side_by_side
from idp_cdi.matching.tokens import Place, Tokens, Values, values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

Field = Values | Tokens | Place
# A column of this ending says how sure the column of the same beginning is, value by value.
CONFIDENCE = "__confidence"
#: Confidences are told apart in these steps, finer where a little more counts more.
_STEPS = np.array(
    [0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 1.0],
    dtype=np.float32,
)
_BETWEEN = (_STEPS[1:] + _STEPS[:-1]) / 2
_BIRTH = (Kind.BIRTH_YEAR, Kind.BIRTH_MONTH, Kind.BIRTH_DAY)
_TAKEN = frozenset(
    {"name", "address", "place", "legal form", "affiliate", "generation", "point", "house number",
     "date of birth"}
)  # fmt: skip
_SEX = re.compile(r"gender|(^|_)sex(_|$)|geschlecht")
# How firms can be reached at names of theirs.
_ADDRESSES = ("email", "website")
_PLACES = (Kind.POSTCODE, Kind.CITY, Kind.STATE, Kind.COUNTRY)


@dataclass(frozen=True, slots=True)
class Records:
    """Prepared records: `fields` by name, and how sure their values are where that is known.

    `confidence` has the probability (0–1) that a record's value is right, by field.
    """

    size: int
    group: NDArray[np.int8]
    fields: dict[str, Field]
    confidence: dict[str, NDArray[np.float32]] = field(default_factory=dict)

    def take(self, rows: NDArray[np.int64]) -> Records:
        """Some of the records, in this order; the vocabularies stay whole."""
        return Records(
            len(rows),
            self.group[rows],
            {name: content.take(rows) for name, content in self.fields.items()},
            {name: sure[rows] for name, sure in self.confidence.items()},
        )


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """One field to build: from which columns, compared how.

    Those of names are full names, "|", their parts, and, where there are some, "|", other names.
    """

    name: str
    compare: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to build from a table: a pure function of its columns, kept in the model."""

    fields: tuple[FieldPlan, ...]
    entity_type: str = ""
    has_persons: bool = False
    day_first: tuple[str, ...] = ()


def plan(columns: Sequence[Column], table: Any = None) -> Plan:
    """Decide which fields to build from the columns of a table.

    Args:
        columns: What each column is.
        table: Its contents tell whether dates have the day first.
    """
    of = {kind: [c.name for c in columns if c.kind is kind] for kind in Kind}
    out: list[FieldPlan] = []
    full, parts = of[Kind.NAME], [*of[Kind.GIVEN], *of[Kind.MIDDLE], *of[Kind.FAMILY]]
    others = ("|", *of[Kind.OTHER_NAME]) if of[Kind.OTHER_NAME] else ()
    if full or parts:
        out.append(FieldPlan("name", "name", (*full, "|", *parts, *others)))
        out.append(FieldPlan("legal form", "small", ()))
        out.append(FieldPlan("affiliate", "small", ()))
        out.append(FieldPlan("generation", "generation", ()))
    if of[Kind.STREET]:
        out.append(FieldPlan("address", "address", (*of[Kind.HOUSE], *of[Kind.STREET])))
    elif of[Kind.HOUSE]:
        out.append(FieldPlan("house number", "category", tuple(of[Kind.HOUSE][:1])))
    for kind, compare in (
        (Kind.DATE, "date"), (Kind.PHONE, "phone"),
        (Kind.EMAIL, "email"), (Kind.WEBSITE, "website"), (Kind.IDENTIFIER, "identifier"),
        (Kind.ACCOUNT, "account"),
        (Kind.CATEGORY, "category"), (Kind.WORDS, "words"), (Kind.LIST, "list"),
    ):  # fmt: skip
        out += [FieldPlan(_free(name), compare, (name,)) for name in of[kind]]
    birth = [of[k][0] for k in _BIRTH if of[k]]
    if len(birth) == len(_BIRTH):
        out.append(FieldPlan("date of birth", "date", tuple(birth)))
    else:
        # A day of birth alone is a whole date by another name; a year is one of few values.
        out += [FieldPlan(n, "date", (n,)) for n in of[Kind.BIRTH_DAY]]
        years = (n for k in _BIRTH[:2] for n in of[k])
        out += [FieldPlan(_free(n), "category", (n,)) for n in years]
    if of[Kind.LATITUDE] and of[Kind.LONGITUDE]:
        point = (of[Kind.LATITUDE][0], of[Kind.LONGITUDE][0])
        out.append(FieldPlan("point", "category", point))
    entity = of[Kind.ENTITY_TYPE][0] if of[Kind.ENTITY_TYPE] else ""
    persons = bool(of[Kind.GIVEN] or of[Kind.FAMILY])
    places = tuple(of[kind][0] if of[kind] else "" for kind in _PLACES)
    if any(places):
        out.append(FieldPlan("place", "place", places))
    days = () if table is None else tuple(
        _free(name) for name in of[Kind.DATE] if values.day_comes_first(_text(table, name))
    )  # fmt: skip
    return Plan(tuple(out), entity, persons, days)


def _free(column: str) -> str:
    """The name of a field made of one column: not that of a field made of several."""
    return f"{column} (column)" if column in _TAKEN else column


def columns_of(plan_: Plan, *, confidences: bool = False) -> list[str]:
    """The columns of a table that a plan reads; with those of their confidences if asked."""
    names = [c for f in plan_.fields for c in f.columns if c not in ("", "|")]
    if confidences:
        names += [c + CONFIDENCE for c in names]
    return list(dict.fromkeys([*names, plan_.entity_type] if plan_.entity_type else names))


def prepare(table: Any, plan_: Plan) -> Records:
    """Build the fields of every row of an Arrow table of strings."""
    known = set(table.column_names)
    names_ = columns_of(plan_)
    cut = side_by_side(lambda name: _text(table, name), names_, table.num_rows)
    text = dict(zip(names_, cut, strict=True))
    sure = {n: _sure(table.column(n + CONFIDENCE)) for n in text if n + CONFIDENCE in known}
    return _build(table.num_rows, text, sure, plan_)


def prepare_rows(rows: Sequence[Mapping[str, Any]], plan_: Plan) -> Records:
    """`prepare` of a few rows given as values by column name; what is not there is missing.

    The result is the same, in a tenth of the time for one row.
    """
    names_ = columns_of(plan_)
    text = {n: [None if (v := r.get(n)) is None else str(v) for r in rows] for n in names_}
    named = {n for n in names_ if any(n + CONFIDENCE in r for r in rows)}
    if len(rows) > FEW or not is_plain(chain.from_iterable(text.values())):
        return prepare(_table(rows, text, named), plan_)
    told = [n for n in names_ if n in named]
    table = np.array([[_number(r.get(n + CONFIDENCE)) for r in rows] for n in told], np.float32)
    sure = dict(zip(told, np.clip(table, 0.0, 1.0), strict=True))
    return _build(len(rows), {n: cleaned(column) for n, column in text.items()}, sure, plan_)


def _table(
    rows: Sequence[Mapping[str, Any]], text: Mapping[str, list[str | None]], named: set[str]
) -> Any:
    import pyarrow as pa

    columns: dict[str, Any] = {n: pa.array(column, pa.string()) for n, column in text.items()}
    for n in named:
        values_ = [_number(r.get(n + CONFIDENCE)) for r in rows]
        columns[n + CONFIDENCE] = pa.array(values_, pa.float32())
    return pa.table(columns)


def _number(value: Any) -> float:
    return 1.0 if value is None else float(value)


def _build(
    size: int, text: dict[str, Any], sure: dict[str, NDArray[np.float32]], plan_: Plan
) -> Records:
    """The fields from the columns of text, and how sure they are."""
    group = _groups(size, plan_, text)
    place = next((f.columns for f in plan_.fields if f.compare == "place"), ())

    def work(spec: FieldPlan) -> dict[str, Field]:
        cols = [text[c] for c in spec.columns if c not in ("", "|")]
        if spec.compare == "name":
            towns = [text[c] for c in place[1:3] if c]
            known = [text[c] for f in plan_.fields for c in f.columns if f.compare in _ADDRESSES]
            others = [text[c] for c in _names_of(spec)[2]]
            return _build_names(_full_name(spec, text), group, towns, known, others)
        if spec.compare == "address":
            return {spec.name: addresses.build(joined(cols), [text[c] for c in place if c])}
        if spec.compare == "place":
            return {spec.name: _build_place(spec, plan_, text)}
        if isinstance(cols[0], list) and not any(map(any, cols)):
            return {spec.name: _nothing(spec, len(cols), size)}
        day_first = spec.name in plan_.day_first
        return {spec.name: _build_value(spec, cols, day_first=day_first)}

    fields = [spec for spec in plan_.fields if spec.columns]
    parts = side_by_side(work, fields, size)
    built = {name: content for part in parts for name, content in part.items()}
    return Records(size, group, built, _confidences(sure, plan_))


def _sure(column: Any) -> NDArray[np.float32]:
    import pyarrow as pa
    import pyarrow.compute as pc

    filled = pc.fill_null(column.cast(pa.float32()), 1.0)
    sure: NDArray[np.float32] = np.clip(filled.to_numpy(), 0.0, 1.0)
    return sure


def _confidences(
    sure: Mapping[str, NDArray[np.float32]], plan_: Plan
) -> dict[str, NDArray[np.float32]]:
    """The least confidence among the columns of each field, where any is known, in steps.

    So two pages that say the same, nearly as surely, weigh the same (`matching.copies`).
    """
    out: dict[str, NDArray[np.float32]] = {}
    for spec in plan_.fields:
        others = _names_of(spec)[2] if spec.compare == "name" else ()
        for name in spec.columns:
            if name in sure and name not in others:
                known = out.get(spec.name)
                out[spec.name] = sure[name] if known is None else np.minimum(known, sure[name])
    if out:
        steps = _STEPS[np.searchsorted(_BETWEEN, np.stack(list(out.values())))]
        out = dict(zip(out, steps, strict=True))
    if "name" in out:
        out |= {part: out["name"] for part in ("legal form", "affiliate", "generation")}
    return out


def _names_of(spec: FieldPlan) -> tuple[tuple[str, ...], ...]:
    """The columns of full names, of parts of names, and of other names."""
    text = "\0".join(spec.columns).split("|")
    parts = [tuple(c for c in part.split("\0") if c) for part in text]
    return (*parts, ()) if len(parts) == 2 else tuple(parts)


def _build_names(
    text: Any, group: NDArray[np.int8], towns: list[Any], domains: list[Any], others: list[Any]
) -> dict[str, Field]:
    parts = names.build(text, group, towns, domains, others)
    return {
        "name": parts.tokens,
        "legal form": parts.legal,
        "affiliate": parts.affiliate,
        "generation": parts.generation,
    }


def _build_place(spec: FieldPlan, plan_: Plan, text: dict[str, Any]) -> Place:
    code, city, region, country = (text[c] if c else None for c in spec.columns)
    if code is not None:
        code = _with_postcode_of_address(code, plan_, text)
    return Place(*(None if c is None else values.place(c) for c in (code, city, region, country)))


@cache
def _nothing(spec: FieldPlan, columns: int, size: int) -> Field:
    """A field of few records that none of them has."""
    return _build_value(spec, [[None] * size] * columns, day_first=False)


def _build_value(spec: FieldPlan, cols: list[Any], *, day_first: bool) -> Field:
    if spec.compare == "date":
        whole = cols[0] if len(cols) == 1 else replace(joined(cols), r"\s+", "-")
        return values.date(whole, day_first=day_first)
    if spec.compare == "category" and _SEX.search(squeeze(spec.name)):
        return values.gender(cols[0])
    if spec.compare == "category" and len(cols) > 1:
        return values.category(joined(cols))
    builders: dict[str, Callable[[Any], Field]] = {
        "phone": values.phone, "email": values.email,
        "website": values.website, "identifier": values.identifier, "category": values.category,
        "account": values.account,
        "words": values.bag, "list": values.listed,
    }  # fmt: skip
    return builders[spec.compare](cols[0])


def _text(table: Any, name: str) -> Any:
    """A column as strings without chunks; blanks around values go, "" becomes null."""
    import pyarrow as pa

    column = table.column(name)
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    return cleaned(column if pa.types.is_string(column.type) else column.cast(pa.string()))


def _full_name(spec: FieldPlan, text: dict[str, Any]) -> Any:
    """The fullest name column first; where it is empty the next, then the parts joined."""
    whole, apart, _ = _names_of(spec)
    full = [text[c] for c in whole]
    if len(full) > 1:
        full.sort(key=lambda c: -mean_length(c))
    parts = [text[c] for c in apart]
    if parts:
        full.append(joined(parts))
    return coalesce(*full) if len(full) > 1 else full[0]


def _with_postcode_of_address(column: Any, plan_: Plan, text: dict[str, Any]) -> Any:
    street = next((f for f in plan_.fields if f.compare == "address"), None)
    if street is None:
        return column
    return filled(column, text[street.columns[-1]], addresses.postcode_in)


def _groups(size: int, plan_: Plan, text: dict[str, Any]) -> NDArray[np.int8]:
    """Person, organisation or unknown, of each row."""
    if plan_.entity_type:
        said = text[plan_.entity_type]
        if isinstance(said, list):
            return np.array([_group_of(s) if s else 0 for s in said], dtype=np.int8)
        kinds = values_of(said)
        by_kind = np.array([_group_of(str(s)) for s in kinds.strings] or [0], dtype=np.int8)
        return np.where(kinds.codes >= 0, by_kind[np.maximum(kinds.codes, 0)], 0).astype(np.int8)
    if plan_.has_persons:
        return np.full(size, names.PERSON, dtype=np.int8)
    spec = next((f for f in plan_.fields if f.compare == "name"), None)
    if spec is None or len(spec.columns) < 2:
        return np.zeros(size, dtype=np.int8)
    organisations = names.looks_like_organisation(_full_name(spec, text))
    return np.where(organisations, names.ORGANISATION, names.UNKNOWN).astype(np.int8)


@lru_cache(maxsize=64)
def _group_of(text: str) -> int:
    word = fold(text)
    if word.startswith(("person", "individual", "human", "natural", "privat", "consumer", "p")):
        return names.PERSON
    if word.startswith(
        ("organi", "compan", "corp", "busi", "firm", "legal", "inst", "o", "c", "b")
    ):
        return names.ORGANISATION
    return names.UNKNOWN
