"""The gate that rows of a feed pass before they are logged: nothing erased, nothing set aside.

A row that was erased on request is dropped, with its facts. A row that fails a rule of severity
``set_aside`` is kept with the refused rows, with all of its cells and the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.connectors import Reject
from idp_cdi.steps._columns import Table
from idp_cdi.store import log, suppression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from sqlalchemy import Connection

    from idp_cdi.connectors import Chunk
    from idp_cdi.rules.check import Checker
    from idp_cdi.rules.spec import Rule
    from idp_cdi.steps.map import Mapped, Mapper

#: Code of a row that a rule sets aside, before the rule's id.
SET_ASIDE = "rule."


class Gate:
    """The gate of one source in one run.

    Args:
        home: The home folder, with the rules and the key of erasures.
        source: The source's name.
    """

    def __init__(self, home: Path, source: str) -> None:
        from idp_cdi.rules import spec

        self._home, self._source = home, source
        wanted = spec.of_scope(spec.load(home), "door")
        self._rules = [r for r in wanted if r.severity is spec.Severity.SET_ASIDE]
        self._checker: Checker | None = None

    @property
    def has_rules(self) -> bool:
        """Whether a row may be kept out today that was let in before."""
        return bool(self._rules)

    def close(self) -> None:
        """Give back what the rules needed."""
        if self._checker is not None:
            self._checker.__exit__()
            self._checker = None

    def hold(self, connection: Connection, mapped: Mapped, chunk: Chunk, mapper: Mapper) -> int:
        """Take what must not come in out of `mapped`; refused rows are added to its rejects.

        Returns:
            How many rows were dropped because they were erased.
        """
        dropped = self._drop_erased(connection, mapped, chunk, mapper)
        if self._rules and mapped.records:
            self._set_aside(connection, mapped, chunk, mapper)
        return dropped

    def _drop_erased(
        self, connection: Connection, mapped: Mapped, chunk: Chunk, mapper: Mapper
    ) -> int:
        erased = suppression.Suppression(connection, self._home)
        if not erased:
            return 0
        number = log.source_id(connection, self._source)

        def blocked(keys: Iterable[str]) -> set[str]:
            return erased.blocked(suppression.MENTION, self._source, keys, source_id=number)

        parties = {k for f in mapped.facts for keys in f.parties.values() for k in keys}
        gone = blocked({r.key for r in mapped.records} | parties | set(mapper.keys(chunk)))
        if not gone:
            return 0
        before = len(mapped.records)
        mapped.records = [r for r in mapped.records if r.key not in gone]
        mapped.facts = [
            f for f in mapped.facts if not any(k in gone for ks in f.parties.values() for k in ks)
        ]
        numbers = {
            n for n, key in zip(chunk.numbers, mapper.keys(chunk), strict=True) if key in gone
        }
        mapped.rejects = [r for r in mapped.rejects if r.row not in numbers]
        return before - len(mapped.records)

    def _set_aside(
        self, connection: Connection, mapped: Mapped, chunk: Chunk, mapper: Mapper
    ) -> None:
        from idp_cdi.rules.check import rows
        from idp_cdi.rules.spec import Severity

        checker = self._ready(lambda name: _keys(connection, name))
        checker.add(
            rows(
                (i, self._source, r.kind, r.role, r.observed_at, 1, r.payload)
                for i, r in enumerate(mapped.records)
                if not r.deleted
            )
        )
        failing = checker.last_failing(Severity.SET_ASIDE)
        if not failing:
            return
        messages = {r.id: _said(r) for r in self._rules}
        table, places = Table(chunk), dict(zip(mapper.keys(chunk), range(len(chunk)), strict=True))
        for index, rule in failing.items():
            place = places[mapped.records[index].key]
            code, cells = f"{SET_ASIDE}{rule}", table.cells(place)
            mapped.rejects.append(Reject(chunk.numbers[place], code, messages[rule], cells))
        mapped.records = [r for i, r in enumerate(mapped.records) if i not in failing]

    def _ready(self, keys_of: Callable[[str], Iterable[str]]) -> Checker:
        from idp_cdi.rules.check import Checker

        if self._checker is None:
            self._checker = Checker(self._rules, "door", keys_of=keys_of, whole=False)
        return self._checker


def _keys(connection: Connection, name: str) -> list[str]:
    from idp_cdi.steps.validate import keys_of

    return keys_of(connection, name)


def _said(rule: Rule) -> str:
    return f"{rule.message} ({rule.action})" if rule.action else rule.message
