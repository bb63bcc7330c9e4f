"""The audit trail as people ask for it, with what the log still knows of each entry."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from idp_cdi.errors import UsageError
from idp_cdi.store import audit, derived
from idp_cdi.store.log import chunked
from idp_cdi.store.schema import answer, decision

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Step:
    """One entry in words; `why` and `about` are empty once what it binds has been erased."""

    seq: int
    at: str
    person: str
    action: str
    about: tuple[str, ...] = ()
    why: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verified:
    """What verifying found: how many entries, the last one's hash, and the faults."""

    entries: int
    head: str
    faults: tuple[audit.Fault, ...]
    sealed: bool


def trail(
    connection: Connection, *, customer: str = "", person: str = "", limit: int = 0
) -> list[Step]:
    """Entries of the trail, the oldest first.

    Args:
        connection: A reading one.
        customer: Only what was decided about mentions of this customer.
        person: Only what this person did.
        limit: Only the latest so many; 0 is all.

    Raises:
        UsageError: No such customer was ever issued.
    """
    mentions = _members(connection, customer) if customer else None
    chosen: deque[audit.Entry] = deque(maxlen=limit or None)
    for entry in audit.entries(connection):
        if person and entry.actor != person:
            continue
        if mentions is None or mentions & set(entry.about.get("mentions", ())):
            chosen.append(entry)
    return list(_steps(connection, chosen))


def verify(connection: Connection, home: Path, noted: Sequence[str] = ()) -> Verified:
    """Check the trail against itself, the log, the sealed head and heads noted elsewhere.

    Args:
        connection: A reading one.
        home: Where the head is kept.
        noted: ``NUMBER:HASH`` as ``audit head`` printed them.

    Raises:
        UsageError: A noted head is not of that form.
    """
    heads = [_head(text) for text in noted]
    sealed = audit.sealed(home)
    count, faults = audit.verify(connection, [*heads, *([sealed] if sealed is not None else [])])
    return Verified(count, audit.head(connection)[1], tuple(faults), sealed is not None)


def _head(text: str) -> tuple[int, str]:
    number, _, value = text.partition(":")
    if not number.isdigit() or len(value) != 64:
        raise UsageError("a head is NUMBER:HASH", action="as `audit head` printed it")
    return int(number), value


def _members(connection: Connection, customer: str) -> set[int]:
    seq = derived.resolve(connection, customer)
    if seq is None:
        raise UsageError(f"no customer {customer!r} was ever issued", action="see `customers list`")
    return set(derived.members_of(connection, [seq]).get(seq, ()))


def _steps(connection: Connection, chosen: Iterable[audit.Entry]) -> Iterable[Step]:
    many = list(chosen)
    about = [e.about for e in many]
    reasons = _reasons(connection, [a["decision"] for a in about if "decision" in a])
    remarks = _remarks(connection, [a["answer"] for a in about if "answer" in a])
    names = derived.mention_names(connection, {m for a in about for m in a.get("mentions", ())})
    for entry, said in zip(many, about, strict=True):
        places = tuple(":".join(names[m]) for m in said.get("mentions", ()) if m in names)
        document, why = remarks.get(said.get("answer", -1), ("", ""))
        detail = json.loads(entry.detail)
        if entry.action not in ("decide", "answer"):
            detail = {**said, **detail}
        places = places or tuple(filter(None, (document,)))
        why = why or reasons.get(said.get("decision", -1), "")
        yield Step(entry.seq, entry.at, entry.actor, entry.action, places, why, detail)


def _reasons(connection: Connection, numbers: Iterable[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for chunk in chunked(numbers):
        statement = select(decision.c.id, decision.c.why).where(decision.c.id.in_(chunk))
        found.update((n, why) for n, why in connection.execute(statement))
    return found


def _remarks(connection: Connection, numbers: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Answer → the document (or pair) it is about, and the person's remark."""
    found: dict[int, tuple[str, str]] = {}
    for chunk in chunked(numbers):
        statement = select(answer.c.id, answer.c.payload).where(answer.c.id.in_(chunk))
        for number, payload in connection.execute(statement):
            data = json.loads(payload)
            question = data.get("question", {})
            place = question.get("name") or " / ".join(
                filter(None, (question.get("left", ""), question.get("right", "")))
            )
            found[number] = (place.replace("\u241f", ":"), data.get("remark", ""))
    return found
