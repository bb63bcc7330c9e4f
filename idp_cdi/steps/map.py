"""Rows to records and facts, a chunk of columns at a time.

Each distinct text of a column is cleaned once and becomes a ready piece of the stored form
(`idp_cdi.store.payload`), so that a row costs one join of texts and one hash, not an object a
value. `records` makes `Record` objects of the same rows for those who want objects.

A value that can't be standardised is kept as it is, with `DOUBTFUL` of its confidence, and
counted as a problem of its column. A row without key, or without any value that says who the
party is, is rejected with all of its cells.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from idp_cdi.connectors import Chunk, Notice, Reject
from idp_cdi.connectors._mapping import Choice, Rule, StreamMapping
from idp_cdi.errors import BadFormat, SettingsError
from idp_cdi.fields import fields as known_fields
from idp_cdi.observations import PartyKind, PartyRole, Record, content_id
from idp_cdi.standardisers import way
from idp_cdi.steps._columns import CACHED, NOTHING, Cell, Column, Table, quoted, where_of
from idp_cdi.steps._facts import FactMapper, FactRow
from idp_cdi.store import payload as payloads
from idp_cdi.store.log import RecordRow, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

#: Fields of which one at least must have a value.
TELLING = (
    "name", "trading_name", "first_name", "last_name", "vat_id", "tax_number",
    "registration_number", "lei", "national_id", "iban", "email", "phone", "electronic_address",
)  # fmt: skip
_PIECE = itemgetter(0)
_ORGANISATION = ("vat_id", "registration_number", "lei", "trading_name")


@dataclass(slots=True)
class Mapped:
    """What a chunk became. `problems` counts (column, code, message) and `examples` has rows."""

    records: list[RecordRow] = field(default_factory=list)
    facts: list[FactRow] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    problems: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[int]] = field(default_factory=dict)


class Mapper:
    """Maps the chunks of one stream. Make one a run: it remembers what it has cleaned.

    Args:
        source: The source's name, for lineage.
        table: The stream's name, for lineage.
        mapping: What the columns mean.
        trust: Field → probability that the source's value of it is right.
        observed_at: When the rows were seen, for those that don't say when they were right.
    """

    def __init__(
        self,
        source: str,
        table: str,
        mapping: StreamMapping,
        *,
        trust: Callable[[str], float],
        observed_at: datetime | None = None,
    ) -> None:
        self.source, self.table, self.mapping = source, table, mapping
        self.observed_at = observed_at or datetime.now(UTC)
        self._place = f"{quoted(source)},{quoted(table)}"
        self._columns: dict[str, list[Column]] = {}
        for name, rules in mapping.fields.items():
            kind = known_fields().party[name].kind
            way(kind)
            self._columns[name] = [
                Column(name, kind, r, trust(name) if r.trust is None else r.trust) for r in rules
            ]
        self._facts = [FactMapper(rule) for rule in mapping.facts]
        self._contact = self._contact_column(trust)
        self._seen_at = Column("", "text", Rule(column=(mapping.observed_at,)), 1.0)
        self._forms: dict[str, bool] = {}

    def _contact_column(self, trust: Callable[[str], float]) -> Column | None:
        names = [
            c
            for f in ("first_name", "last_name")
            for rule in self.mapping.fields.get(f, ())[:1]
            for c in rule.columns
        ]
        if not names or self.mapping.kind == "person":
            return None
        rule = Rule(column=tuple(names))
        return Column("contact_name", "person_name", rule, trust("contact_name"))

    def map(self, chunk: Chunk) -> Mapped:
        """The records and facts of one chunk."""
        result = Mapped(rejects=list(chunk.rejects), notices=list(chunk.notices))
        table = Table(chunk)
        keep = self._wanted(table)
        if self._columns:
            self._records(table, keep, result)
        for fact in self._facts:
            fact.map(table, keep, result.facts, result.rejects)
        return result

    def keys(self, chunk: Chunk) -> list[str]:
        """The record keys of a chunk's rows, "" where a row has none; cleans nothing."""
        table = Table(chunk)
        keep = self._wanted(table)
        keys = table.joined(self.mapping.key) if self.mapping.key else self._content_keys(table)
        prefix = f"{self.mapping.prefix}:" if self.mapping.prefix else ""
        return [f"{prefix}{k}" if k and ok else "" for k, ok in zip(keys, keep, strict=True)]

    def _wanted(self, table: Table) -> list[bool]:
        return where_of(table, self.mapping.where)

    def _records(self, table: Table, keep: list[bool], result: Mapped) -> None:
        chunk = table.chunk
        keys = table.joined(self.mapping.key) if self.mapping.key else self._content_keys(table)
        countries = self._countries(table)
        cleaned: list[tuple[str, list[Cell]]] = []
        for name, columns in self._columns.items():
            for column in columns:
                cells = column.clean(column.raws(table), countries)
                cleaned.append((name, cells))
                if column.doubted:
                    _count(result, column.label, cells, chunk.numbers, keep)
        kinds, contacts = self._kinds(table, cleaned, countries)
        roles = self._roles(table)
        gone = self._gone(table)
        seen_at = self._times(table)
        telling = _any([cells for name, cells in cleaned if name in TELLING], len(chunk))
        pieces = [list(map(_PIECE, cells)) for _, cells in cleaned]
        if contacts is not None:
            pieces = self._with_contacts(cleaned, pieces, kinds, contacts)
        prefix = f"{self.mapping.prefix}:" if self.mapping.prefix else ""
        rows = zip(*pieces, strict=True)
        for index, row in enumerate(rows):
            if not keep[index]:
                continue
            key, deleted = keys[index], gone[index]
            if not key or not (telling[index] or deleted):
                result.rejects.append(_rejected(table, index, key))
                continue
            key, kind, role = f"{prefix}{key}", kinds[index], roles[index]
            payload = f'{{"t":[{self._place},{quoted(key)}],"o":[{",".join(filter(None, row))}]}}'
            result.records.append(
                RecordRow(
                    key, kind, role, seen_at[index], payload,
                    _content(kind, role, payload), deleted,
                )
            )  # fmt: skip

    def _content_keys(self, table: Table) -> list[str]:
        """A table without key: a row is named by what it says, wherever it stands in the file."""
        names = sorted(self.mapping.columns)
        columns = [table.column(n) for n in names]
        return [content_id(*cells) if any(cells) else "" for cells in zip(*columns, strict=True)]

    def _countries(self, table: Table) -> list[str]:
        fallback = self.mapping.country
        found = [fallback] * len(table.chunk)
        for column in self._columns.get("country", ())[:1]:
            cells = column.clean(column.raws(table), found)
            found = [c.value if c.piece and not c.code else fallback for c in cells]
        return found

    def _roles(self, table: Table) -> list[str]:
        role = self.mapping.role
        if isinstance(role, Choice):
            return [_role(v) for v in table.chosen(role)]
        return [role] * len(table.chunk)

    def _gone(self, table: Table) -> Sequence[bool]:
        chunk, deletes = table.chunk, self.mapping.deletes
        gone = (
            [n in chunk.deleted for n in chunk.numbers] if chunk.deleted else [False] * len(chunk)
        )
        if isinstance(deletes, Choice):
            gone = [g or bool(v) for g, v in zip(gone, table.chosen(deletes), strict=True)]
        return gone

    def _times(self, table: Table) -> list[str]:
        now = stamp(self.observed_at)
        if not self.mapping.observed_at:
            return [now] * len(table.chunk)
        raws = table.column(self.mapping.observed_at)
        known = {raw: _moment(raw, now) for raw in set(raws)}
        return [known[raw] for raw in raws]

    def _kinds(
        self, table: Table, cleaned: list[tuple[str, list[Cell]]], countries: list[str]
    ) -> tuple[list[str], list[Cell] | None]:
        kind, size = self.mapping.kind, len(table.chunk)
        contacts = None
        if self._contact is not None:
            contacts = self._contact.clean(self._contact.raws(table), countries)
        if isinstance(kind, Choice):
            return [_kind(v) for v in table.chosen(kind)], contacts
        if kind != "auto":
            return [kind] * size, contacts
        names = next((c for n, c in cleaned if n == "name"), [NOTHING] * size)
        persons = _any(
            [c for n, c in cleaned if n in ("last_name", "first_name", "date_of_birth")], size
        )
        ids = _any([c for n, c in cleaned if n in _ORGANISATION], size)
        full = [c.value for c in contacts] if contacts is not None else [""] * size
        return [
            self._auto(name.value, person=person, has_id=has_id, contact=contact)
            for name, person, has_id, contact in zip(names, persons, ids, full, strict=True)
        ], contacts

    def _auto(self, name: str, *, person: bool, has_id: bool, contact: str) -> str:
        if has_id and not person:
            return PartyKind.ORGANISATION.value
        if name and self._has_form(name):
            return PartyKind.ORGANISATION.value
        if person:
            same = not name or sorted(name.casefold().split()) == sorted(contact.casefold().split())
            return (PartyKind.PERSON if same else PartyKind.ORGANISATION).value
        return PartyKind.UNKNOWN.value

    def _has_form(self, name: str) -> bool:
        known = self._forms.get(name)
        if known is None:
            from idp_cdi.standardisers import name as names

            if len(self._forms) > CACHED:
                self._forms.clear()
            known = self._forms[name] = bool(names.split(name).form)
        return known

    def _with_contacts(
        self,
        cleaned: list[tuple[str, list[Cell]]],
        pieces: list[list[str]],
        kinds: list[str],
        contacts: list[Cell],
    ) -> list[list[str]]:
        """First and last name in a row about an organisation are those of its contact."""
        organisation = [k == PartyKind.ORGANISATION.value for k in kinds]
        result = [
            ["" if org else piece for org, piece in zip(organisation, column, strict=True)]
            if name in ("first_name", "last_name")
            else column
            for (name, _), column in zip(cleaned, pieces, strict=True)
        ]
        mapped = [column for (name, _), column in zip(cleaned, pieces, strict=True)
                  if name == "contact_name"]  # fmt: skip
        has_own = [any(cells) for cells in zip(*mapped, strict=True)] if mapped else []
        result.append(
            [
                c.piece if org and not (has_own and has_own[i]) else ""
                for i, (org, c) in enumerate(zip(organisation, contacts, strict=True))
            ]
        )
        return result


def _content(kind: str, role: str, payload: str) -> str:
    """The same as `content_id` of the three, without building JSON of JSON."""
    text = f'["{kind}","{role}",{quoted(payload)}]'
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _rejected(table: Table, index: int, key: str) -> Reject:
    number, cells = table.chunk.numbers[index], table.cells(index)
    if not key:
        return Reject(number, "row.key", "the key column is empty", cells)
    return Reject(number, "row.empty", "no value that says who the party is", cells)


def _any(columns: list[list[Cell]], size: int) -> list[bool]:
    if not columns:
        return [False] * size
    return list(map(any, zip(*(map(_PIECE, cells) for cells in columns), strict=True)))


def _count(
    result: Mapped, label: str, cells: list[Cell], numbers: Sequence[int], keep: list[bool]
) -> None:
    for number, cell, kept in zip(numbers, cells, keep, strict=True):
        if cell.code and kept:
            place = (label, cell.code)
            result.problems[place] += 1
            examples = result.examples.setdefault(place, [])
            if len(examples) < 5:
                examples.append(number)


def _kind(value: str) -> str:
    return value if value in PartyKind.__members__.values() else PartyKind.UNKNOWN.value


def _role(value: str) -> str:
    return value if value in PartyRole.__members__.values() else PartyRole.OTHER.value


def _moment(raw: str, default: str) -> str:
    """A time of the source as the store keeps it; one without zone is taken for UTC."""
    text = raw.strip()
    if not text:
        return default
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            found = datetime.fromisoformat(way("date").clean(text))
        except BadFormat:
            return default
    return stamp(found if found.tzinfo else found.replace(tzinfo=UTC))


def records(chunks: Iterable[Chunk], mapper: Mapper) -> Iterator[Record]:
    """The rows of `chunks` as records; rejected rows and facts are in `Mapper.map`'s result."""
    for chunk in chunks:
        for row in mapper.map(chunk).records:
            if not row.deleted:
                yield Record(
                    mapper.source,
                    row.key,
                    PartyKind(row.kind),
                    PartyRole(row.role),
                    datetime.fromisoformat(row.observed_at),
                    payloads.decode(row.payload),
                )


def record_batches(chunks: Iterable[Chunk], mapper: Mapper) -> Iterator[Any]:
    """The rows of `chunks` as Arrow record batches, for bulk work that needs no objects.

    Columns: source, key, kind, role, observed_at, deleted, content, payload (the stored form), and
    for each mapped field its first clean value ("" where there is none).
    """
    import pyarrow as pa

    names = list(mapper.mapping.fields)
    for chunk in chunks:
        rows = mapper.map(chunk).records
        values: dict[str, list[str]] = {name: [""] * len(rows) for name in names}
        for index, row in enumerate(rows):
            for name, value, *_ in reversed(json.loads(row.payload)["o"]):
                if name in values:
                    values[name][index] = value
        told = list(zip(*rows, strict=True)) or [()] * len(RecordRow._fields)
        columns = dict(zip(RecordRow._fields, map(list, told), strict=True))
        yield pa.RecordBatch.from_pydict(
            {"source": [mapper.source] * len(rows), **columns, **values}
        )


def check_columns(
    mapping: StreamMapping, columns: Sequence[str], *, file: str = ""
) -> list[Notice]:
    """What the mapping reads and the source does not have.

    Raises:
        SettingsError: A column of the key is missing: nothing could be matched to what is known.
    """
    have = set(columns)
    for name in mapping.key:
        if name not in have:
            raise SettingsError(
                f"the key column {name!r} is not there",
                code="drift.key",
                file=file,
                action=f"columns are: {', '.join(list(columns)[:40])}",
            )
    missing = sorted(mapping.columns - have)
    return [Notice(0, "drift.gone", f'the column "{name}" is gone') for name in missing]
