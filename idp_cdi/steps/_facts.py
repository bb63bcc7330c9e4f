"""Rows to facts: invoices, their lines, payments, ledger entries."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from idp_cdi.connectors import Reject
from idp_cdi.connectors._mapping import FactRule, value_kind
from idp_cdi.observations import content_id
from idp_cdi.steps._columns import Cell, Column, Table, where_of


class FactRow(NamedTuple):
    """A business event as a row told it; `parties` are record keys of the same source by role."""

    kind: str
    key: str
    payload: dict[str, object]
    parties: dict[str, tuple[str, ...]]
    row: int


class FactMapper:
    """Maps the rows of a stream to facts of one kind."""

    def __init__(self, rule: FactRule) -> None:
        self.rule = rule
        self._said: Counter[str] = Counter()
        self._columns = {
            name: Column(name, value_kind(name), item, 1.0) for name, item in rule.fields.items()
        }

    def map(
        self, table: Table, keep: list[bool], facts: list[FactRow], rejects: list[Reject]
    ) -> None:
        rule, size = self.rule, len(table.chunk)
        keep = [a and b for a, b in zip(keep, where_of(table, rule.where), strict=True)]
        keys = table.joined(rule.key) if rule.key else self._made_up(table)
        prefix = f"{rule.prefix}:" if rule.prefix else ""
        parties = {role: table.joined(names) for role, names in rule.parties.items()}
        nowhere = [""] * size
        values = {n: c.clean(c.raws(table), nowhere) for n, c in self._columns.items()}
        for index in range(size):
            if not keep[index]:
                continue
            bad = next((n for n, cells in values.items() if _unfit(n, cells[index])), "")
            if not keys[index] or bad:
                label = self._columns[bad].label if bad else ""
                rejects.append(_bad_fact(table, index, rule.kind, label))
                continue
            payload: dict[str, object] = {
                n: cells[index].value for n, cells in values.items() if cells[index].value
            }
            payload |= {n: v for n, v in rule.values.items() if n not in payload}
            known: dict[str, tuple[str, ...]] = {
                r: (prefix + k[index],) for r, k in parties.items() if k[index]
            }
            number = table.chunk.numbers[index]
            facts.append(FactRow(rule.kind, keys[index], payload, known, number))

    def _made_up(self, table: Table) -> list[str]:
        """Without a key an event is named by what it says; a repetition is an event of its own."""
        names = sorted(c for rule in self.rule.fields.values() for c in rule.columns)
        names += sorted(c for columns in self.rule.parties.values() for c in columns)
        found = []
        for cells in zip(*(table.column(n) for n in names), strict=True):
            said = content_id(*cells) if any(cells) else ""
            self._said[said] += 1
            found.append(f"{said}#{self._said[said]}" if self._said[said] > 1 and said else said)
        return found


def _unfit(name: str, cell: Cell) -> bool:
    """A sum or date that can't be read must not be booked as a guess."""
    return bool(cell.code) and bool(cell.value) and value_kind(name) in ("amount", "date", "number")


def _bad_fact(table: Table, index: int, kind: str, column: str) -> Reject:
    number, cells = table.chunk.numbers[index], table.cells(index)
    if column:
        return Reject(number, "fact.value", f'"{column}" can\'t be read for the {kind}', cells)
    return Reject(number, "fact.key", f"no key for the {kind}", cells)
