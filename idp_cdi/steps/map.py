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
from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.connectors import Chunk, Notice, Reject
from idp_cdi.connectors._mapping import Choice, Rule, StreamMapping
from idp_cdi.errors import BadFormat, SettingsError
from idp_cdi.fields import fields as known_fields
from idp_cdi.observations import PartyKind, PartyRole, Record, content_id
from idp_cdi.standardisers import vat_id, way
from idp_cdi.standardisers._clean import has_legal_form
from idp_cdi.steps._columns import (
    CACHED,
    Cells,
    Column,
    Places,
    Table,
    arrow,
    quoted,
    where_of,
)
from idp_cdi.steps._facts import FactMapper, FactRow
from idp_cdi.store import payload as payloads
from idp_cdi.store.log import RecordRow, stamp
from idp_cdi.store.pieces import escaped, hashed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

#: Fields of which one at least must have a value.
TELLING = (
    "name", "trading_name", "first_name", "last_name", "vat_id", "tax_number",
    "registration_number", "lei", "national_id", "iban", "email", "phone", "electronic_address",
)  # fmt: skip
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

    @property
    def is_counting(self) -> bool:
        """Whether what a chunk becomes depends on the chunks before it."""
        return any(not fact.rule.key for fact in self._facts)

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
        import pyarrow as pa

        chunk, wanted = table.chunk, np.array(keep, dtype=bool)
        keys = table.joined(self.mapping.key) if self.mapping.key else self._content_keys(table)
        places = self._countries(table)
        cleaned: list[tuple[str, Cells]] = []
        for name, columns in self._columns.items():
            for column in columns:
                for raws in column.parts(table):
                    cells = column.encode(raws, places)
                    cleaned.append((name, cells))
                    _count(result, column.label, cells, chunk.numbers, wanted)
        kinds, contacts = self._kinds(table, cleaned, places)
        roles, gone = self._roles(table), np.array(self._gone(table), dtype=bool)
        telling = _any([cells for name, cells in cleaned if name in TELLING], len(chunk))
        named = np.array(list(map(bool, keys)), dtype=bool)
        good = wanted & named & (telling | gone)
        for index in np.flatnonzero(wanted & ~good).tolist():
            result.rejects.append(_rejected(table, index, keys[index]))
        kept = np.flatnonzero(good)
        if not len(kept):
            return
        pieces = [_pieces(cells, kept) for _, cells in cleaned]
        if contacts is not None:
            pieces = self._with_contacts(cleaned, pieces, kinds, contacts, kept)
        prefix = f"{self.mapping.prefix}:" if self.mapping.prefix else ""
        rows = kept.tolist()
        keys = arrow([f"{prefix}{keys[i]}" for i in rows]).to_pylist()
        kinds, roles = [kinds[i] for i in rows], [roles[i] for i in rows]
        times = self._times(table)
        payloads = self._payloads(keys, pieces)
        columns_of_rows = (
            keys, kinds, roles, [times[i] for i in rows], payloads.to_pylist(),
            _contents(pa.array(kinds), pa.array(roles), payloads), gone[kept].tolist(),
        )  # fmt: skip
        result.records.extend(map(RecordRow._make, zip(*columns_of_rows, strict=True)))

    def _payloads(self, keys: list[str], pieces: list[Any]) -> Any:
        """The stored form of rows, as Arrow strings."""
        import pyarrow as pa
        import pyarrow.compute as pc

        said = pc.binary_join_element_wise(*pieces, "") if len(pieces) > 1 else pieces[0]
        said = pc.ascii_rtrim(said, ",")
        quoted_keys = pa.array(list(map(quoted, keys)), pa.string())
        head = f'{{"t":[{self._place},'
        return pc.binary_join_element_wise(head, quoted_keys, '],"o":[', said, "]}", "")

    def _content_keys(self, table: Table) -> list[str]:
        """A table without key: a row is named by what it says, wherever it stands in the file."""
        names = sorted(self.mapping.columns)
        columns = [table.column(n) for n in names]
        return [content_id(*cells) if any(cells) else "" for cells in zip(*columns, strict=True)]

    def _countries(self, table: Table) -> Places:
        """The country in which each row's numbers are to be read.

        It is that which the row or the mapping names, else that of the row's VAT number.
        """
        places = self._named_countries(table)
        if all(places.names):
            return places
        names = {name: i for i, name in enumerate(dict.fromkeys(places.names))}
        codes = np.array([names[n] for n in places.names], dtype=np.int64)[places.codes]
        for column in self._columns.get("vat_id", ())[:1]:
            raws = column.raws(table)
            for row in np.flatnonzero(codes == names[""]).tolist():
                if raws[row]:
                    codes[row] = names.setdefault(vat_id.country_of(raws[row]), len(names))
        return Places(codes, tuple(names))

    def _named_countries(self, table: Table) -> Places:
        fallback = self.mapping.country
        everywhere = Places(np.zeros(len(table.chunk), dtype=np.int64), (fallback,))
        for column in self._columns.get("country", ())[:1]:
            cells = column.encode(column.raws(table), everywhere)
            names: dict[str, int] = {}
            wrong = cells.codes if cells.codes is not None else [""] * len(cells.pieces)
            known = [
                names.setdefault(value if piece and not code else fallback, len(names))
                for value, piece, code in zip(
                    cells.values.to_pylist(), cells.pieces.to_pylist(), wrong, strict=True
                )
            ]
            return Places(np.array(known or [0], dtype=np.int64)[cells.at], tuple(names))
        return everywhere

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
        self, table: Table, cleaned: list[tuple[str, Cells]], places: Places
    ) -> tuple[list[str], Cells | None]:
        kind, size = self.mapping.kind, len(table.chunk)
        contacts = None
        if self._contact is not None:
            contacts = self._contact.encode(self._contact.raws(table), places)
        if isinstance(kind, Choice):
            return [_kind(v) for v in table.chosen(kind)], contacts
        if kind != "auto":
            return [kind] * size, contacts
        persons = _any(
            [c for n, c in cleaned if n in ("last_name", "first_name", "date_of_birth")], size
        )
        ids = _any([c for n, c in cleaned if n in _ORGANISATION], size)
        names = next((c for n, c in cleaned if n == "name"), None)
        form = np.zeros(size, dtype=bool) if names is None else self._forms_of(names)
        found = np.where((ids & ~persons) | form, PartyKind.ORGANISATION, PartyKind.UNKNOWN)
        told: list[str] = found.astype(object).tolist()
        open_ = np.flatnonzero(persons & ~form).tolist()
        if open_:
            called = [""] * size if names is None else names.texts()
            full = [""] * size if contacts is None else contacts.texts()
            for row in open_:
                told[row] = _person_or_firm(called[row], full[row])
        return [str(k) for k in told], contacts

    def _forms_of(self, names: Cells) -> NDArray[np.bool_]:
        """Which rows have a name with a legal form."""
        form, sure = has_legal_form(names.values)
        doubt = np.flatnonzero(~sure)
        form[doubt] = [self._has_form(n) for n in names.values.take(doubt).to_pylist()]
        found: NDArray[np.bool_] = form[names.at]
        return found

    def _has_form(self, name: str) -> bool:
        known = self._forms.get(name)
        if known is None:
            from idp_cdi.standardisers import name as names

            if len(self._forms) > CACHED:
                self._forms.clear()
            known = self._forms[name] = bool(name) and bool(names.split(name).form)
        return known

    def _with_contacts(
        self,
        cleaned: list[tuple[str, Cells]],
        pieces: list[Any],
        kinds: list[str],
        contacts: Cells,
        kept: NDArray[np.int64],
    ) -> list[Any]:
        """First and last name in a row about an organisation are those of its contact."""
        import pyarrow as pa
        import pyarrow.compute as pc

        firm = np.array([k == PartyKind.ORGANISATION.value for k in kinds], dtype=bool)[kept]
        result = [
            pc.if_else(pa.array(firm), "", column)
            if name in ("first_name", "last_name")
            else column
            for (name, _), column in zip(cleaned, pieces, strict=True)
        ]
        own = _any([cells for name, cells in cleaned if name == "contact_name"], len(kinds))[kept]
        result.append(pc.if_else(pa.array(firm & ~own), _pieces(contacts, kept), ""))
        return result


def _person_or_firm(name: str, contact: str) -> str:
    """What a row with a person's name is about: a firm with a contact where it names another."""
    same = not name or sorted(name.casefold().split()) == sorted(contact.casefold().split())
    return (PartyKind.PERSON if same else PartyKind.ORGANISATION).value


def _pieces(cells: Cells, rows: NDArray[np.int64]) -> Any:
    """The stored piece of each of some rows."""
    import pyarrow as pa

    return cells.pieces.take(pa.array(cells.at[rows]))


def _contents(kinds: Any, roles: Any, payloads: Any) -> list[str]:
    """The content ids of rows, as `content_id` makes them of kind, role and payload."""
    import pyarrow.compute as pc

    text = pc.binary_join_element_wise(
        '["', kinds, '","', roles, '","', escaped(payloads), '"]', ""
    )
    return hashed(text)


def _rejected(table: Table, index: int, key: str) -> Reject:
    number, cells = table.chunk.numbers[index], table.cells(index)
    if not key:
        return Reject(number, "row.key", "the key column is empty", cells)
    return Reject(number, "row.empty", "no value that says who the party is", cells)


def _any(columns: list[Cells], size: int) -> NDArray[np.bool_]:
    """Which rows have a value in any of some columns."""
    found = np.zeros(size, dtype=bool)
    for cells in columns:
        found |= cells.filled()
    return found


def _count(
    result: Mapped, label: str, cells: Cells, numbers: Sequence[int], keep: NDArray[np.bool_]
) -> None:
    if cells.codes is None:
        return
    for code in sorted(set(cells.codes.tolist()) - {""}):
        rows = np.flatnonzero((cells.codes == code)[cells.at] & keep)
        if len(rows):
            place = (label, code)
            result.problems[place] += len(rows)
            examples = result.examples.setdefault(place, [])
            examples += [numbers[row] for row in rows[: 5 - len(examples)].tolist()]


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
