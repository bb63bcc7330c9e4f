"""The audit trail: who did what, on which evidence, when; appended to, never changed.

Every entry holds the hash of the one before it, so no entry can be changed, left out or moved
without the rest telling. The last hash is also kept outside the database (`seal`), so that the end
can't be cut off either; whoever wants more notes it elsewhere (``idp-cdi audit head``).

Entries hold numbers, verdicts and probabilities, never values of customers. What an entry is about
is bound by a salted hash (`digest`) of the row in the log; an erasure deletes row and salt, and
what is left can't be traced to a person.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, insert, select

from idp_cdi.store.schema import answer, audit, audit_salt, decision

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

HEAD = "audit.head"
_START = "0" * 64
_ROWS = {"decision": decision, "answer": answer}
#: Columns of the log's rows that an entry binds; whether an answer is in force may change.
_BOUND = {
    "decision": ("id", "left_id", "right_id", "verdict", "person", "at", "why"),
    "answer": ("id", "item_id", "action", "value", "person", "at", "payload"),
}


class New(NamedTuple):
    """An entry to be made. `subject` has numbers of rows, `evidence` is the row that it binds."""

    actor: str
    action: str
    subject: Mapping[str, Any]
    detail: Mapping[str, Any]
    evidence: Mapping[str, Any] | None = None


class Entry(NamedTuple):
    """An entry as stored; `subject` and `detail` are JSON."""

    seq: int
    at: str
    actor: str
    action: str
    subject: str
    detail: str
    digest: str
    previous: str
    hash: str

    @property
    def about(self) -> dict[str, Any]:
        """The numbers of what it is about."""
        found: dict[str, Any] = json.loads(self.subject)
        return found


class Fault(NamedTuple):
    """Something that is not as it was written; `seq` 0 where no single entry is at fault."""

    seq: int
    what: str


def append(connection: Connection, at: str, new: Iterable[New]) -> None:
    """Add entries to the chain, in the transaction of what they tell.

    Args:
        connection: A writing one.
        at: The time, as the store keeps it.
        new: What happened.
    """
    last = select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    seq, previous = next(iter(connection.execute(last).all()), (0, _START))
    entries, salts = [], []
    for item in new:
        seq += 1
        digest = ""
        if item.evidence is not None:
            salt = secrets.token_hex(16)
            salts.append({"seq": seq, "salt": salt})
            digest = _digest(salt, item.evidence)
        parts = (at, item.actor, item.action, _json(item.subject), _json(item.detail), digest)
        made = Entry(seq, *parts, previous, _hash(seq, *parts, previous))
        entries.append(made._asdict())
        previous = made.hash
    if entries:
        connection.execute(insert(audit), entries)
    if salts:
        connection.execute(insert(audit_salt), salts)


def bound(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry binds of a row of the log ("decision" or "answer")."""
    return {name: row[name] for name in _BOUND[kind]}


def entries(connection: Connection) -> Iterator[Entry]:
    """All entries, the oldest first."""
    statement = select(*audit.c).order_by(audit.c.seq)
    for row in connection.execute(statement, execution_options={"yield_per": 5_000}):
        yield Entry(*row)


def unsalt(connection: Connection, kind: str, numbers: Iterable[int]) -> int:
    """Part the entries about erased rows from them for ever; returns how many entries."""
    gone = set(numbers)
    mine = [e.seq for e in entries(connection) if e.about.get(kind) in gone]
    for start in range(0, len(mine), 900):
        part = mine[start : start + 900]
        connection.execute(delete(audit_salt).where(audit_salt.c.seq.in_(part)))
    return len(mine)


def head(connection: Connection) -> tuple[int, str]:
    """The number and the hash of the last entry."""
    last = select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    row = connection.execute(last).first()
    return (0, _START) if row is None else (int(row[0]), str(row[1]))


def seal(connection: Connection, home: Path) -> None:
    """Keep the last entry's hash in the home folder, outside the database."""
    seq, value = head(connection)
    known = sealed(home)
    if seq == 0 or (known is not None and known[0] >= seq):
        return
    home.mkdir(parents=True, exist_ok=True)
    part = home / f".{HEAD}.{os.getpid()}"
    part.write_text(f"{seq} {value}\n", encoding="ascii")
    part.replace(home / HEAD)


def sealed(home: Path) -> tuple[int, str] | None:
    """What `seal` kept; None where there is nothing, (-1, "") where it can't be read."""
    try:
        number, value = (home / HEAD).read_text(encoding="ascii").split()
        return int(number), value
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return -1, ""


def verify(
    connection: Connection, heads: Sequence[tuple[int, str]] = ()
) -> tuple[int, list[Fault]]:
    """Check the whole chain, what it binds, and that it holds every one of `heads`.

    Args:
        connection: A reading one.
        heads: (number, hash) of entries as they were noted outside the database.

    Returns:
        How many entries there are, and what is wrong.
    """
    faults: list[Fault] = []
    salts = {int(seq): salt for seq, salt in connection.execute(select(*audit_salt.c))}
    chain: dict[int, str] = {}
    spoken: dict[str, dict[int, Entry]] = {kind: {} for kind in _ROWS}
    erased: dict[str, set[int]] = {kind: set() for kind in _ROWS}
    expected, previous = 1, _START
    for entry in entries(connection):
        faults += _link(entry, expected, previous)
        expected, previous = expected + 1, entry.hash
        chain[expected - 1] = entry.hash
        _note(entry, spoken, erased)
    for seq, value in heads:
        if chain.get(seq) != value:
            faults.append(Fault(0, f"entry {seq} is not the one that was noted outside"))
    for kind in _ROWS:
        faults += _rows(connection, kind, spoken[kind], erased[kind], salts)
    return len(chain), faults


def _link(entry: Entry, expected: int, previous: str) -> Iterator[Fault]:
    if entry.seq != expected:
        yield Fault(expected, f"an entry is missing or moved: {entry.seq} stands here")
    if entry.previous != previous:
        yield Fault(expected, "it does not follow the entry before it")
    if _hash(*entry[:-1]) != entry.hash:
        yield Fault(expected, "it was changed")


def _note(entry: Entry, spoken: dict[str, dict[int, Entry]], erased: dict[str, set[int]]) -> None:
    try:
        about = entry.about
    except ValueError:
        return  # its hash tells already
    for kind in _ROWS:
        if entry.digest and isinstance(about.get(kind), int):
            spoken[kind][about[kind]] = entry
        if entry.action == "erase":
            erased[kind].update(about.get(f"{kind}s", ()))


def _rows(
    connection: Connection,
    kind: str,
    spoken: Mapping[int, Entry],
    erased: set[int],
    salts: Mapping[int, str],
) -> Iterator[Fault]:
    """Whether the rows of the log are those that the entries bind."""
    columns = [_ROWS[kind].c[name] for name in _BOUND[kind]]
    there: set[int] = set()
    first = min(spoken, default=None)
    for row in connection.execute(select(*columns)).mappings():
        number = row["id"]
        there.add(number)
        entry = spoken.get(number)
        if entry is None:
            # A store that is older than the trail has rows from before it.
            if first is not None and number > first:
                yield Fault(0, f"{kind} {number} is not in the trail")
        elif number not in erased and _digest(salts.get(entry.seq, ""), dict(row)) != entry.digest:
            yield Fault(entry.seq, f"{kind} {number} was changed in the log")
    for number, entry in spoken.items():
        if number not in there and number not in erased:
            yield Fault(entry.seq, f"{kind} {number} is gone from the log")


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _digest(salt: str, evidence: Mapping[str, Any]) -> str:
    return hashlib.sha256(f"{salt}{_json(evidence)}".encode("utf-8", "surrogatepass")).hexdigest()


def _hash(*parts: object) -> str:
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
