"""Parties of documents that a rule sets aside: they wait outside the log, and a person is asked.

A party waits until what was read of it passes (it was corrected, or the rule changed) or a person
says that it is right as it is. Meanwhile it is no mention: no customer has its values, and the
document's fact has no such party. A document whose party is let in is laid out anew.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from idp_cdi.observations import DOCUMENTS
from idp_cdi.review.questions import Kind
from idp_cdi.rules import spec
from idp_cdi.steps.validate import keys_of, rule_question
from idp_cdi.store import payload, questions
from idp_cdi.survivorship import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from idp_cdi.rules.spec import Rule
    from idp_cdi.store.log import RecordRow
    from idp_cdi.store.questions import Item


def hold(
    connection: Connection, home: Path, rows: Sequence[RecordRow], names: Mapping[str, str]
) -> frozenset[str]:
    """The keys of parties that must not come in now; asks about them, and closes what is settled.

    Args:
        connection: A writing one.
        home: The home folder, with the rules.
        rows: The parties of documents; their keys begin with the document's SHA-256.
        names: SHA-256 → the document as its owner calls it.
    """
    if not names:
        return frozenset()
    items = _items(connection, home, rows, names)
    known = {i.id: i.status for i in questions.by_id(connection, [i.id for i in items.values()])}
    held = {key: i for key, i in items.items() if known.get(i.id) != questions.ANSWERED}
    asked = {i.id for i in held.values()}
    before = questions.items(
        connection, status=(questions.OPEN,), kinds=[Kind.RULE], documents=list(names)
    )
    questions.settle(connection, [i.id for i in before if i.id not in asked], questions.CLOSED)
    questions.put(connection, held.values())
    return frozenset(held)


def _items(
    connection: Connection, home: Path, rows: Sequence[RecordRow], names: Mapping[str, str]
) -> dict[str, Item]:
    """Key → the question about it, of the parties that fail a rule."""
    from idp_cdi.rules.check import Checker
    from idp_cdi.rules.check import rows as as_table

    door = spec.of_scope(spec.load(home), "door")
    rules = [r for r in door if r.severity is spec.Severity.SET_ASIDE]
    if not rules or not rows:
        return {}

    def keys(name: str) -> list[str]:
        return keys_of(connection, name)

    with Checker(rules, "door", keys_of=keys, whole=False) as checker:
        about = ((r.kind, r.role, r.observed_at, 1, r.payload) for r in rows)
        checker.add(as_table((i, DOCUMENTS, *a) for i, a in enumerate(about)))
        failing = checker.last_failing(spec.Severity.SET_ASIDE)
    by_id = {r.id: r for r in rules}
    return {rows[i].key: _item(by_id[rule], rows[i], names) for i, rule in failing.items()}


def _item(rule: Rule, row: RecordRow, names: Mapping[str, str]) -> Item:
    sha256 = row.key.partition("#")[0]
    values = {o.field: o.value for o in reversed(payload.decode(row.payload))}
    asked = rule_question(rule, f"{DOCUMENTS}{REFERENCE}{row.key}", values)
    why = f"{asked.why}; it is no customer's until then"
    return replace(asked, document=sha256, name=names[sha256], why=why).item()
