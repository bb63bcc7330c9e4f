"""Validation rules on what is in the store: new records after a batch, or everything.

Rules never lose a row. What a failure leads to is the rule's severity: it is counted, a person is
asked (the question goes away by itself when the row is put right), or the row of a feed is kept
with the refused ones until it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import func, literal_column, select

from idp_cdi.review.questions import Kind, Pair, Question
from idp_cdi.rules import spec
from idp_cdi.steps._ahead import behind
from idp_cdi.store import checks, derived, feeds, log, questions
from idp_cdi.store.database import batches
from idp_cdi.store.schema import golden, mention, record, source
from idp_cdi.survivorship import reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from idp_cdi.rules.check import Result, Row
    from idp_cdi.rules.spec import Rule
    from idp_cdi.settings import Settings
    from idp_cdi.store import Database

_BATCH = 50_000
_KIND = "rules"
#: A run over new rows only; its counts are not those of the store.
_NEW = "new rows"


@dataclass(frozen=True, slots=True)
class Validated:
    """What a run found: results by rule and source, and how many questions are new."""

    results: tuple[Result, ...] = ()
    asked: int = 0
    run_id: int = 0

    @property
    def failed(self) -> int:
        """Failures over all rules."""
        return sum(r.failed for r in self.results)


@dataclass(slots=True)
class _Found:
    """Failing rows by rule, and all rows that were looked at (None: all there are), by scope."""

    results: list[Result] = field(default_factory=list)
    failing: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    seen: dict[str, set[int] | None] = field(default_factory=dict)


def validate(database: Database, settings: Settings) -> Validated:
    """Check every current record and golden record.

    Raises:
        SettingsError: A rule makes no sense.
        StoreError: The store can't be written.
    """
    rules = spec.load(settings.home)
    _let_in(database, settings)
    found = _Found()
    with database.reading() as connection:
        state = _state(connection)
        for scope in ("door", "golden"):
            found.seen[scope] = None
            _check(connection, rules, scope, _batches(connection, scope), found, whole=True)
    return _keep(database, rules, found, state, status="done")


def validate_new(database: Database, settings: Settings) -> Validated:
    """Check the records and golden records that are new since the rules were run last.

    What must be unique is checked by `validate` alone.

    Raises:
        SettingsError: A rule makes no sense.
        StoreError: The store can't be written.
    """
    rules = spec.load(settings.home)
    found = _Found()
    with database.reading() as connection:
        last = _last(connection)
        state = _state(connection)
        if last == state:
            return Validated()
        for scope in ("door", "golden"):
            seen: set[int] = set()
            found.seen[scope] = seen
            new = _noted(_batches(connection, scope, since=last), seen)
            _check(connection, rules, scope, new, found, whole=False)
    return _keep(database, rules, found, state, status=_NEW)


def _let_in(database: Database, settings: Settings) -> None:
    """Documents with a party that waits are laid out anew: the rule may have changed."""
    from idp_cdi.steps.follow import follow

    with database.reading() as connection:
        items = questions.items(connection, status=(questions.OPEN,), kinds=[Kind.RULE])
    waiting = {i.document for i in items if i.document}
    if waiting:
        with database.writing() as connection:
            follow(connection, settings, waiting)


def examples(connection: Connection, found: Sequence[checks.Checked]) -> list[list[str]]:
    """The examples of each result by name: ``source:key`` of a record, or a customer's id."""
    numbers = {n for r in found if r.scope == "door" for n in r.examples}
    names = derived.mention_names(connection, numbers)
    return [
        [":".join(names[n]) for n in r.examples if n in names]
        if r.scope == "door"
        else [derived.customer_id(n) for n in r.examples]
        for r in found
    ]


def keys_of(connection: Connection, name: str) -> list[str]:
    """The keys of a source that are not deleted."""
    return list(feeds.living_keys(connection, name, ""))


def _state(connection: Connection) -> tuple[int, str]:
    """How far the log and the golden records go."""
    newest = connection.execute(select(func.max(golden.c.valid_from))).scalar()
    return feeds.last_record(connection), newest or ""


def _last(connection: Connection) -> tuple[int, str]:
    for past in feeds.runs(connection, _KIND, limit=1):
        return int(past.summary["record"]), str(past.summary["golden"])
    return 0, ""


def _batches(
    connection: Connection, scope: str, *, since: tuple[int, str] = (0, "")
) -> Iterator[Sequence[Row]]:
    """What is to be checked, in batches of rows as `idp_cdi.rules.check.rows` takes them."""
    if scope == "door":
        statement = (
            select(mention.c.id, source.c.name, record.c.kind, record.c.role, record.c.observed_at)
            .add_columns(literal_column("1"), record.c.payload)
            .join(record, record.c.id == mention.c.record_id)
            .join(source, source.c.id == mention.c.source_id)
            .where(record.c.deleted.is_(False), mention.c.record_id > since[0])
        )
    else:
        about = (golden.c[n] for n in ("kind", "roles", "valid_from", "records", "payload"))
        statement = select(golden.c.customer_seq, literal_column("''"), *about).where(
            golden.c.valid_to.is_(None), golden.c.valid_from > since[1]
        )
    yield from batches(connection, statement, _BATCH)


def _noted(many: Iterable[Sequence[Row]], seen: set[int]) -> Iterator[Sequence[Row]]:
    for batch in many:
        seen.update(row[0] for row in batch)
        yield batch


def _check(
    connection: Connection,
    rules: Sequence[Rule],
    scope: str,
    many: Iterable[Sequence[Row]],
    found: _Found,
    *,
    whole: bool,
) -> None:
    from idp_cdi.rules.check import Checker, rows

    def keys(name: str) -> list[str]:
        return keys_of(connection, name)

    with Checker(rules, scope, keys_of=keys, whole=whole) as checker:
        behind(checker.add, map(rows, many))
        found.results += checker.results()
        found.failing[scope] = checker.failing()


def _keep(
    database: Database, rules: Sequence[Rule], found: _Found, state: tuple[int, str], *, status: str
) -> Validated:
    """Keep the results, ask what is new and close what is put right, in one transaction."""
    with database.writing() as connection:
        summary = {"record": state[0], "golden": state[1]}
        number = feeds.start_run(connection, _KIND, summary)
        checks.append_results(connection, number, found.results)
        asked = _ask(connection, {r.id: r for r in rules}, found)
        feeds.end_run(connection, number, status, summary)
    return Validated(tuple(found.results), asked, number)


def _ask(connection: Connection, rules: dict[str, Rule], found: _Found) -> int:
    """Questions about what failed; those about rows that pass by now close."""
    items = []
    for scope, failing in found.failing.items():
        named = _places(connection, scope, {n for many in failing.values() for n in many})
        items += [
            rule_question(rules[rule], *named[number]).item()._replace(mention_id=number)
            for rule, numbers in failing.items()
            for number in numbers
            if number in named
        ]
    asked = {i.id for i in items}
    gone = []
    for item in questions.items(connection, status=(questions.OPEN,), kinds=[Kind.RULE]):
        if item.document:
            continue  # a party that waits outside, see `idp_cdi.steps._held`
        # A question bears the number of its mention, or of its customer.
        scope = "golden" if item.data["subject"][2].startswith("C-") else "door"
        seen = found.seen.get(scope, set())
        if item.id not in asked and (seen is None or item.mention_id in seen):
            gone.append(item.id)
    questions.settle(connection, gone, questions.CLOSED)
    return questions.put(connection, items)


def _places(
    connection: Connection, scope: str, numbers: Iterable[int]
) -> dict[int, tuple[str, dict[str, str]]]:
    """Number → reference and values, of mentions or customers."""
    if scope == "door":
        return {
            number: (reference(one), {o.field: o.value for o in reversed(one.observations)})
            for number, one in log.current_records(connection, numbers)
        }
    current = derived.current_golden(connection, numbers)
    return {
        seq: (
            derived.customer_id(seq),
            {f: v for f, v, *_ in reversed(json.loads(row.payload)["values"])},
        )
        for seq, (_, row) in current.items()
    }


def rule_question(rule: Rule, place: str, values: dict[str, str]) -> Question:
    """Ask whether a record or customer at `place` is right although it fails `rule`."""
    from idp_cdi.rules.sql import used

    shown = [n for n in ("name", *used([rule])) if values.get(n)]
    owner = f"owner: {rule.owner}" if rule.owner else ""
    return Question(
        kind=Kind.RULE,
        subject=("rule", rule.id, place),
        name=place.replace("\u241f", ":"),
        value=rule.message,
        left=place,
        pairs=tuple(Pair(n, values[n], "") for n in dict.fromkeys(shown)),
        why="; ".join(
            part for part in (f"not true here: {rule.message}", rule.action, owner) if part
        ),
        weight=1.5,
    )
