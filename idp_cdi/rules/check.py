"""Checking many rows against many rules at once: columns in DuckDB, one pass, no row in Python.

Rows come in batches, so memory is that of a batch; only what must be unique is kept of all of them.

>>> import pyarrow as pa
>>> from idp_cdi.rules.spec import Rule
>>> rule = Rule(id="named", what="completeness", fields=("name",), message="it has a name")
>>> with Checker([rule], "door") as checker:
...     checker.add(rows([(1, "crm", "unknown", "customer", "2026", 1, '{"t":[],"o":[]}')]))
...     [(r.rule.id, r.source, r.checked, r.failed, r.examples) for r in checker.results()]
[('named', 'crm', 1, 1, (1,))]
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from idp_cdi.errors import SettingsError
from idp_cdi.fields import fields
from idp_cdi.observations import DOCUMENTS
from idp_cdi.rules import sql
from idp_cdi.rules.spec import Rule, Severity, of_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

#: Examples that are kept of each rule and source.
EXAMPLES = 5
#: Rows of one rule that a person is asked about; a rule that more rows fail needs another cure.
MOST_ASKED = 500
#: Values whose standardiser was asked; beyond it forgets and begins anew.
_CACHED = 200_000
#: Rows that one thread takes apart in one go.
_PART = 8_192

Row = tuple[int, str, str, str, str, int, str]


@dataclass(frozen=True, slots=True)
class Result:
    """What one rule found in the rows of one source ("" for golden records).

    `examples` are numbers of rows that failed: mentions, or customers.
    """

    rule: Rule
    scope: str
    source: str
    checked: int
    failed: int
    examples: tuple[int, ...] = ()

    @property
    def passed(self) -> int:
        """Rows that passed."""
        return self.checked - self.failed


@dataclass(slots=True)
class _Count:
    checked: int = 0
    failed: int = 0
    examples: list[int] = field(default_factory=list)


def rows(many: Iterable[Row]) -> Any:
    """Rows as the `pyarrow.Table` that `Checker.add` takes.

    Args:
        many: (number, source, kind, role, observed at, mentions, stored payload).
    """
    import pyarrow as pa

    types = {"id": pa.int64(), "mentions": pa.int64()}
    names = ("id", "kind", "role", "source", "observed_at", "mentions", "payload")
    columns: list[Sequence[Any]] = list(zip(*many, strict=True)) or [()] * len(names)
    number, source, kind, role, seen, mentions, payload = columns
    data = (number, kind, role, source, seen, mentions, payload)
    return pa.table(
        {n: pa.array(c, types.get(n, pa.string())) for n, c in zip(names, data, strict=True)}
    )


class Checker:
    """Checks batches of rows; use it as a context.

    Args:
        rules: All rules; those of `scope` are checked.
        scope: "door" or "golden".
        keys_of: Source → its keys, for rules that refer to another source.
        whole: False where the batches are not all rows there are: uniqueness can't be told then.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        scope: str,
        *,
        keys_of: Callable[[str], Iterable[str]] = lambda _: (),
        whole: bool = True,
    ) -> None:
        import duckdb

        self.scope = scope
        mine = of_scope(rules, scope)
        self.unique = [r for r in mine if r.what == "uniqueness" and whole]
        self.rules = [r for r in mine if r.what != "uniqueness"]
        everything = [*self.rules, *self.unique]
        coded = [r.field for r in everything if r.what == "valid"]
        key = "o" if scope == "door" else "values"
        self._wide = sql.wide(sql.used(everything), coded, key)
        self._counts: dict[tuple[int, str], _Count] = defaultdict(_Count)
        self._asked: dict[str, list[int]] = defaultdict(list)
        self._bad: dict[tuple[str, str, str], bool] = {}
        self._db = duckdb.connect()
        self._prepare(keys_of)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def _prepare(self, keys_of: Callable[[str], Iterable[str]]) -> None:
        for number, rule in enumerate(self.rules):
            if rule.what == "reference":
                self._fill(f"list_{number}", [(v,) for v in _listed(rule, keys_of)], "v VARCHAR")
        # From here on a rule's own SQL can reach nothing but the rows before it.
        self._db.execute("SET enable_external_access = false")
        self._batch(rows([]))
        for rule in (*self.rules, *self.unique):
            self._try(rule)
        for number, rule in enumerate(self.unique):
            kept = ", ".join(f'"{name}"' for name in rule.fields)
            self._db.execute(
                f"CREATE TABLE unique_{number} AS SELECT id, source, {kept} FROM wide WHERE FALSE"
            )

    def _try(self, rule: Rule) -> None:
        """A rule that makes no sense is told apart from all others before any row is seen."""
        import duckdb

        applies = sql.applies(rule)
        passes = "TRUE" if rule.what in ("uniqueness", "valid", "reference") else None
        query = f"SELECT {applies}, {passes or sql.passes(rule, 0)} FROM wide"
        try:
            if len(self._db.extract_statements(query)) != 1:
                raise SettingsError(f"rule {rule.id!r}: one expression is expected")
            self._db.execute(query).fetchall()
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise SettingsError(
                f"rule {rule.id!r} can't be checked: {reason}", action="see docs/governance.md"
            ) from error

    def add(self, table: Any) -> None:
        """Check a batch, as `rows` makes it."""
        if not table.num_rows:
            return
        self._batch(table)
        for number, rule in enumerate(self.rules):
            if rule.what == "valid":
                self._ask_standardiser(number, rule)
        if self.rules:
            self._count()
        for number, rule in enumerate(self.unique):
            kept = ", ".join(f'"{name}"' for name in rule.fields)
            self._db.execute(
                f"INSERT INTO unique_{number} SELECT id, source, {kept} FROM wide "
                f"WHERE {sql.applies(rule)} AND source <> '{DOCUMENTS}'"
            )

    def _batch(self, table: Any) -> None:
        import pyarrow as pa

        # DuckDB works on parts of an Arrow table side by side, never within one.
        parts = table.to_batches(max_chunksize=_PART)
        self._db.register("batch", pa.Table.from_batches(parts, table.schema))
        self._db.execute(f"CREATE OR REPLACE TEMP TABLE wide AS {self._wide}")
        self._db.unregister("batch")

    def _count(self) -> None:
        sums = ", ".join(
            f"count(*) FILTER ({sql.applies(rule)}), count(*) FILTER ({sql.fails(rule, number)})"
            for number, rule in enumerate(self.rules)
        )
        query = f"SELECT source, {sums} FROM wide GROUP BY source"
        failed: set[int] = set()
        for source, *found in self._db.execute(query).fetchall():
            for number in range(len(self.rules)):
                checked, bad = found[2 * number : 2 * number + 2]
                self._counts[number, source].checked += checked
                self._counts[number, source].failed += bad
                if bad:
                    failed.add(number)
        for number in failed:
            self._show(number)

    def _show(self, number: int) -> None:
        """Examples of a rule that rows of this batch fail, and whom to ask about them."""
        rule = self.rules[number]
        failing = f"FROM wide WHERE {sql.fails(rule, number)}"
        query = f"SELECT source, min(id, {EXAMPLES}) {failing} GROUP BY source"
        for source, examples in self._db.execute(query).fetchall():
            total = self._counts[number, source]
            total.examples = sorted([*total.examples, *examples])[:EXAMPLES]
        if rule.severity is not Severity.NOTE:
            self._ask(rule, f"SELECT id {failing}")

    def _ask(self, rule: Rule, query: str) -> None:
        room = MOST_ASKED - len(self._asked[rule.id])
        if room > 0:
            found = self._db.execute(f"{query} ORDER BY id LIMIT {room}").fetchall()
            known = set(self._asked[rule.id])
            self._asked[rule.id] += [row[0] for row in found if row[0] not in known]

    def last_failing(self, severity: Severity) -> dict[int, str]:
        """Rows of the last batch that fail a rule of `severity`, each with its first such rule."""
        found: dict[int, str] = {}
        for number, rule in enumerate(self.rules):
            if rule.severity is severity:
                query = f"SELECT id FROM wide WHERE {sql.fails(rule, number)}"
                for (row,) in self._db.execute(query).fetchall():
                    found.setdefault(row, rule.id)
        return found

    def _ask_standardiser(self, number: int, rule: Rule) -> None:
        """Values that no standardiser has judged yet (documents, golden records), each once."""
        import pyarrow as pa

        from idp_cdi.standardisers import standardise
        from idp_cdi.standardisers._clean import is_clean

        kind = fields().party[rule.field].kind
        query = (
            f'SELECT DISTINCT "{rule.field}" AS v, coalesce("country", \'\') AS c FROM wide '
            f'WHERE "{rule.field}" IS NOT NULL AND "{rule.field}__code" IS NULL'
        )
        found = self._db.sql(query).to_arrow_table().combine_chunks()
        if not found.num_rows:
            self._fill(f"bad_{number}", [], "v VARCHAR, c VARCHAR")
            return
        # Most are surely good by their pattern; a standardiser looks at the others one by one.
        doubt = found.filter(pa.array(~is_clean(kind, found.column("v").chunk(0))))
        bad = []
        for value, country in zip(*(column.to_pylist() for column in doubt.columns), strict=True):
            if (known := self._bad.get((kind, value, country))) is None:
                if len(self._bad) > _CACHED:
                    self._bad.clear()
                known = not standardise(kind, value, country=country or None).ok
                self._bad[kind, value, country] = known
            if known:
                bad.append((value, country))
        self._fill(f"bad_{number}", bad, "v VARCHAR, c VARCHAR")

    def _fill(self, name: str, values: Sequence[tuple[str, ...]], columns: str) -> None:
        import pyarrow as pa

        self._db.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({columns})")
        if values:
            names = [f"c{i}" for i in range(len(values[0]))]
            data = [pa.array(column, pa.string()) for column in zip(*values, strict=True)]
            self._db.register("filling", pa.table(data, names=names))
            self._db.execute(f"INSERT INTO {name} SELECT * FROM filling")
            self._db.unregister("filling")

    def results(self) -> list[Result]:
        """What every rule found so far, by rule and source."""
        found = [
            Result(self.rules[number], self.scope, source, n.checked, n.failed, tuple(n.examples))
            for (number, source), n in self._counts.items()
        ]
        for number, rule in enumerate(self.unique):
            found += self._repeated(number, rule)
        return sorted(found, key=lambda r: (r.rule.id, r.source))

    def _repeated(self, number: int, rule: Rule) -> Iterable[Result]:
        kept = ", ".join(f'"{name}"' for name in rule.fields)
        counted = (
            f"(SELECT id, source, count(*) OVER (PARTITION BY source, {kept}) AS n "
            f"FROM unique_{number})"
        )
        query = (
            f"SELECT source, count(*), count(*) FILTER (n > 1), "
            f"min(id, {EXAMPLES}) FILTER (n > 1) FROM {counted} GROUP BY source"
        )
        for source, checked, failed, examples in self._db.execute(query).fetchall():
            if failed and rule.severity is not Severity.NOTE:
                self._ask(rule, f"SELECT id FROM {counted} WHERE n > 1")
            yield Result(rule, self.scope, source, checked, failed, tuple(examples or ()))

    def failing(self) -> dict[str, list[int]]:
        """Rule → the rows (at most `MOST_ASKED`) that failed it, for rules that ask a person.

        Those that must be unique are in it after `results`.
        """
        return {rule: list(found) for rule, found in self._asked.items() if found}


def _listed(rule: Rule, keys_of: Callable[[str], Iterable[str]]) -> list[str]:
    """The values that a rule of reference allows."""
    found = list(rule.values)
    if rule.list == "countries":
        from idp_cdi.standardisers.country import CODES

        found += sorted(CODES)
    if rule.source:
        found += keys_of(rule.source)
    if rule.file:
        found += _column(rule)
    return found


def _column(rule: Rule) -> list[str]:
    import csv
    from pathlib import Path

    try:
        with Path(rule.file).open(encoding="utf-8-sig", newline="") as file:
            return [row[0] for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(
            f"rule {rule.id!r}: its list can't be read: {error}", file=rule.file
        ) from error
