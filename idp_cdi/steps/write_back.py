"""Golden values and our customer ids back to the systems they came from.

Per field a policy decides: ``never``, ``propose`` (only show), ``fill_empty`` (where the system has
nothing), ``overwrite``. A value that the system changed since it was last read is never
overwritten: the change has to come in first. What was written is logged, and when it comes back
with the next run it counts as nothing new: a system is no witness for what we told it.

    write_back:
      customer_id: true              # put our id among the identifiers
      prefix: "CDI-"                 # in front of it
      merges: crosswalk              # or: replace, where the system itself allows it
      policies: {email: fill_empty, vat_id: fill_empty, name: propose, phone: overwrite}
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from idp_cdi.connectors import Connection
from idp_cdi.connectors._tryton import Refused
from idp_cdi.errors import SettingsError, UsageError
from idp_cdi.fields import fields as known_fields
from idp_cdi.plugins import ways
from idp_cdi.standardisers import standardise
from idp_cdi.store import derived, feeds, log

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection as Db

    from idp_cdi.connectors._mapping import SourceSpec
    from idp_cdi.observations import Record
    from idp_cdi.settings import Settings
    from idp_cdi.store import Database

Policy = Literal["never", "propose", "fill_empty", "overwrite"]
KIND = "write_back"


class Rules(BaseModel):
    """The part ``write_back`` of a source file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    customer_id: bool = False
    prefix: str = ""
    merges: Literal["crosswalk", "replace"] = "crosswalk"
    policies: dict[str, Policy] = {}


@dataclass(frozen=True, slots=True)
class Change:
    """One value of one row, and what became of it.

    `action`: ``write`` (done, or would be in a dry run), ``propose``, ``conflict`` (changed on both
    sides), ``refused`` (the system said no), ``crosswalk`` (two rows, one customer, left apart),
    ``merge`` (the system united them).
    """

    key: str
    field: str
    action: str
    old: str = ""
    new: str = ""
    why: str = ""

    @property
    def shown(self) -> str:
        """The change in words."""
        change = f"{self.old!r} → {self.new!r}" if self.old or self.new else ""
        return f"{change} ({self.why})" if self.why and change else change or self.why

    def as_json(self) -> dict[str, str]:
        """For ``--json`` and the log."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Party:
    """A row of the system: what we last read of it, and the customer it belongs to."""

    key: str
    customer: str
    record: Record
    golden: dict[str, list[tuple[str, float]]]
    written: set[tuple[str, str]]


def write_back(
    spec: SourceSpec, settings: Settings, database: Database, *, dry_run: bool = False
) -> list[Change]:
    """Write to a source what its policies allow.

    Args:
        spec: The source, with its part ``write_back``.
        settings: Part of the shared signature of steps.
        database: The store.
        dry_run: Only say what would be done; nothing is written or logged.

    Returns:
        Every difference and what became of it, in the order of the keys.

    Raises:
        SettingsError: The policies are wrong.
        UsageError: Nothing can be written to this kind of source.
        UnreadableInput: The source can't be reached.
    """
    rules = rules_of(spec)
    target = _target(spec)
    try:
        with database.reading() as db:
            parties = _parties(db, spec.source)
        now = target.current(p.key for p in parties)
        changes: list[Change] = []
        for party in parties:
            if party.key in now:
                found = plan(party, now[party.key], rules, target.COLUMNS)
                ours = _our_id(party, target.identifiers(party.key), rules)
                changes += found if dry_run else _carry_out(target, party, found, ours)
                if ours:
                    changes.append(Change(party.key, "customer_id", "write", "", ours))
        changes += _merges(target, parties, rules, dry_run=dry_run)
    finally:
        target.close()
    if not dry_run:
        _log(database, spec.source, changes)
    return sorted(changes, key=lambda c: (c.key, c.field))


def rules_of(spec: SourceSpec) -> Rules:
    """The write-back rules of a source.

    Raises:
        SettingsError: They name an unknown field or policy.
    """
    try:
        rules = Rules.model_validate(spec.write_back)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise SettingsError(f"write_back.{where}: {first['msg']}", file=spec.source) from error
    for name in rules.policies:
        known_fields().get(name)
    return rules


def plan(
    party: _Party, now: Mapping[str, str], rules: Rules, columns: Mapping[str, tuple[str, ...]]
) -> list[Change]:
    """What the policies make of the difference between a row as it is now and its golden values."""
    changes = []
    for name, policy in sorted(rules.policies.items()):
        if policy == "never" or name not in columns or name not in party.golden:
            continue
        golden = [v for v, _ in party.golden[name]]
        there = [v for c in columns[name] for v in _several(name, now.get(c, ""))]
        country = now.get("country") or None
        clean = {_clean(name, v, country) for v in there}
        missing = [g for g in golden if g not in clean]
        if not missing or (len(missing) < len(golden) and not known_fields().get(name).multi):
            continue
        old, new = (there[0] if there else ""), missing[0]
        changes.append(_judge(party, name, policy, old, new, clean))
    return changes


def _judge(party: _Party, name: str, policy: Policy, old: str, new: str, clean: set[str]) -> Change:
    read = {o.value for o in party.record.values(name)}
    read |= {value for field, value in party.written if field == name}
    if clean != read and not clean <= read:
        why = "changed there since it was read; run the source first"
        return Change(party.key, name, "conflict", old, new, why)
    if not clean and {o.value for o in party.record.values(name)}:
        why = "emptied there since it was read; run the source first"
        return Change(party.key, name, "conflict", old, new, why)
    if policy == "propose" or (policy == "fill_empty" and old):
        why = "" if policy == "propose" else "only empty values are filled"
        return Change(party.key, name, "propose", old, new, why)
    return Change(party.key, name, "write", old, new)


def _several(name: str, cell: str) -> list[str]:
    """The values of a cell of the system; of an address a line break is part of the value."""
    if known_fields().get(name).survive == "with_address":
        return [cell] if cell else []
    return [line for line in cell.split("\n") if line]


def _clean(name: str, value: str, country: str | None) -> str:
    return standardise(known_fields().get(name).kind, value, country=country).value


def _our_id(party: _Party, known: list[str], rules: Rules) -> str:
    """Our id as it is to be written, "" where it need not be."""
    ours = f"{rules.prefix}{party.customer}"
    return ours if rules.customer_id and ours not in known else ""


def _carry_out(target: Any, party: _Party, changes: list[Change], ours: str) -> list[Change]:
    values = {c.field: c.new for c in changes if c.action == "write"}
    if not values and not ours:
        return changes
    try:
        target.write(party.key, values, ours)
    except Refused as error:
        return [
            Change(c.key, c.field, "refused", c.old, c.new, error.reason)
            if c.action == "write"
            else c
            for c in changes
        ] or [Change(party.key, "customer_id", "refused", "", ours, error.reason)]
    return changes


def _merges(target: Any, parties: list[_Party], rules: Rules, *, dry_run: bool) -> list[Change]:
    """Rows of one system that are one customer: a crosswalk, united only where that is allowed."""
    by_customer: dict[str, list[_Party]] = {}
    for party in parties:
        by_customer.setdefault(party.customer, []).append(party)
    changes = []
    for customer, many in sorted(by_customer.items()):
        first, *others = sorted(many, key=lambda p: (len(p.key), p.key))
        for other in others:
            why = f"the same customer {customer} as {first.key}"
            if rules.merges == "crosswalk" or dry_run:
                changes.append(Change(other.key, "merge", "crosswalk", "", first.key, why))
                continue
            changes.append(_unite(target, other, first, why))
    return changes


def _unite(target: Any, other: _Party, first: _Party, why: str) -> Change:
    if target.has_postings(other.key):
        text = f"{why}; it has posted entries, which are never moved"
        return Change(other.key, "merge", "refused", "", first.key, text)
    try:
        target.unite(other.key, first.key)
    except Refused as error:
        return Change(other.key, "merge", "refused", "", first.key, f"{why}; {error.reason}")
    return Change(other.key, "merge", "merge", other.key, first.key, why)


def _parties(db: Db, source: str) -> list[_Party]:
    numbers = log.mention_ids(db, source, feeds.living_keys(db, source, ""))
    seqs = derived.customers_of(db, numbers.values())
    golden = derived.current_golden(db, seqs.values())
    written = feeds.written(db, source)
    found = []
    for number, record in log.current_records(db, numbers.values()):
        seq = seqs.get(number)
        if seq is None or seq not in golden:
            continue
        values: dict[str, list[tuple[str, float]]] = {}
        for name, value, confidence, *_ in json.loads(golden[seq][1].payload)["values"]:
            values.setdefault(name, []).append((value, confidence))
        told = written.get(record.key, set())
        found.append(_Party(record.key, derived.customer_id(seq), record, values, told))
    return found


def _target(spec: SourceSpec) -> Any:
    for way in ways("sinks"):
        if hasattr(way, "Target") and way.score(spec.location) > 0:
            target = way.Target(Connection(spec.location, spec.options))
            target.COLUMNS = way.COLUMNS
            return target
    raise UsageError(
        "nothing can be written to this kind of source",
        file=spec.source,
        action="use `idp-cdi publish` for databases and files",
    )


def _log(database: Database, source: str, changes: list[Change]) -> None:
    refused = any(c.action in ("refused", "conflict") for c in changes)
    with database.writing() as db:
        number = feeds.start_run(db, KIND, {"source": source})
        summary = {"source": source, "changes": [c.as_json() for c in changes]}
        feeds.end_run(db, number, "problems" if refused else "done", summary)
