"""Whose data: the mentions, documents and values of one customer, and what others share of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from idp_cdi.errors import UsageError
from idp_cdi.fields import fields
from idp_cdi.observations import DOCUMENTS
from idp_cdi.steps._scrub import Needles, is_telling
from idp_cdi.store import derived, documents
from idp_cdi.store.log import chunked
from idp_cdi.store.payload import decode
from idp_cdi.store.schema import (
    customer,
    document,
    extraction,
    former_membership,
    intake,
    membership,
    mention,
    record,
    source,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

#: What the key of a mention begins with once it has been erased.
ERASED = "erased:"


@dataclass(frozen=True, slots=True)
class Place:
    """A mention: its number, where it was seen, and under which key."""

    id: int
    source_id: int
    source: str
    key: str

    @property
    def reference(self) -> str:
        """As review questions name it."""
        return f"{self.source}\u241f{self.key}"


@dataclass(slots=True)
class Subject:
    """Everything that an erasure is about.

    `alone` are documents (SHA-256) that mention nobody else; `shared` mention others, too;
    `around` are mails and archives that any of them came in. `values` maps a telling value to its
    field; `common` are values that others have as well, `short` ones that say nothing by
    themselves: neither can be searched for.
    """

    asked: str
    seq: int
    places: tuple[Place, ...]
    records: tuple[int, ...]
    ids: tuple[str, ...]
    alone: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    values: dict[str, str] = field(default_factory=dict)
    common: dict[str, str] = field(default_factory=dict)
    short: dict[str, str] = field(default_factory=dict)

    @property
    def mentions(self) -> list[int]:
        """Their numbers."""
        return [p.id for p in self.places]

    @property
    def documents(self) -> list[str]:
        """SHA-256 of all documents whose bytes must go."""
        return sorted({*self.alone, *self.shared, *self.around})

    @property
    def needles(self) -> Needles:
        """The values that nobody else has."""
        return Needles(self.values)

    def fields(self) -> dict[str, int]:
        """How many telling values there are, by field."""
        found: dict[str, int] = {}
        for name in self.values.values():
            found[name] = found.get(name, 0) + 1
        return dict(sorted(found.items()))


def subject(connection: Connection, text: str) -> Subject:
    """What is known of customer `text`.

    Raises:
        UsageError: No such id was ever issued, or its customer was erased or has nothing left.
    """
    seq = derived.resolve(connection, text)
    if seq is None:
        raise UsageError(f"no customer {text!r} was ever issued", action="see `customers list`")
    places = _places(connection, seq)
    if not places:
        raise UsageError(
            f"nothing is left of customer {text}", code="customer.erased", action="see `audit list`"
        )
    numbers = [p.id for p in places]
    records: list[int] = []
    ids: list[str] = []
    for chunk in chunked(numbers):
        mine = select(record.c.id).where(record.c.mention_id.in_(chunk))
        records += connection.execute(mine).scalars()
        anchored = select(customer.c.id).where(customer.c.anchor_id.in_(chunk))
        ids += connection.execute(anchored).scalars()
    found = Subject(text, seq, places, tuple(sorted(records)), tuple(sorted(ids)))
    _add_documents(connection, found)
    _add_values(connection, found)
    return found


def was_erased(connection: Connection, text: str) -> bool:
    """Whether the customer that `text` was issued for was erased on request."""
    statement = (
        select(mention.c.key)
        .join(customer, customer.c.anchor_id == mention.c.id)
        .where(customer.c.id == text)
    )
    return str(connection.execute(statement).scalar() or "").startswith(ERASED)


def _places(connection: Connection, seq: int) -> tuple[Place, ...]:
    """Its mentions now, and those that were its and are nobody's any more."""
    now = select(membership.c.mention_id).where(membership.c.customer_seq == seq)
    before = (
        select(former_membership.c.mention_id)
        .outerjoin(membership, membership.c.mention_id == former_membership.c.mention_id)
        .where(former_membership.c.customer_seq == seq, membership.c.mention_id.is_(None))
    )
    statement = (
        select(mention.c.id, mention.c.source_id, source.c.name, mention.c.key)
        .join(source, source.c.id == mention.c.source_id)
        .where(or_(mention.c.id.in_(now), mention.c.id.in_(before)))
        .where(mention.c.key.not_like(f"{ERASED}%"))
        .order_by(mention.c.id)
    )
    return tuple(Place(*row) for row in connection.execute(statement))


def _add_documents(connection: Connection, found: Subject) -> None:
    own = {p.id for p in found.places}
    shas = sorted({p.key.partition("#")[0] for p in found.places if p.source == DOCUMENTS})
    alone: list[str] = []
    shared: list[str] = []
    for sha256 in shas:
        prefix = f"{sha256}#"
        statement = select(mention.c.id).where(
            mention.c.key >= prefix, mention.c.key < prefix + "\U0010ffff"
        )
        others = set(connection.execute(statement).scalars()) - own
        (shared if others else alone).append(sha256)
    found.alone, found.shared = tuple(alone), tuple(shared)
    names = set(documents.names(connection, shas).values())
    outside = {name[:i] for name in names for i, c in enumerate(name) if c == "!"}
    around: set[str] = set()
    for chunk in chunked(outside):
        statement = select(document.c.sha256).where(document.c.name.in_(chunk))
        around |= set(connection.execute(statement).scalars())
    found.around = tuple(sorted(around - {*alone, *shared}))


def _add_values(connection: Connection, found: Subject) -> None:
    """Sort every value and raw text of the records, and of the fields they were made of."""
    seen: dict[str, str] = {}
    for chunk in chunked(found.mentions):
        statement = select(record.c.payload).where(record.c.mention_id.in_(chunk))
        for body in connection.execute(statement).scalars():
            for o in decode(body):
                for text in (o.value, o.raw):
                    seen.setdefault(text.strip(), o.field)
    for text, name in _printed(connection, found):
        seen.setdefault(text.strip(), name)
    seen.pop("", None)
    found.short = {v: f for v, f in seen.items() if not is_telling(v)}
    telling = {v: f for v, f in seen.items() if is_telling(v)}
    shared = _known_of_others(connection, found, telling)
    found.common = {v: f for v, f in telling.items() if v in shared}
    found.values = {v: f for v, f in telling.items() if v not in shared}


def _printed(connection: Connection, found: Subject) -> Iterable[tuple[str, str]]:
    """The values of its roles on documents, with their runners-up."""
    roles = roles_of(found)
    for chunk in chunked(roles):
        statement = select(extraction.c.sha256, extraction.c.payload).where(
            extraction.c.sha256.in_(chunk)
        )
        for sha256, body in connection.execute(statement):
            for item in json.loads(body).get("fields", ()):
                if is_of(item, roles[sha256]):
                    name = item["name"].rpartition(".")[2]
                    yield item["value"], name
                    yield item["raw"], name
                    yield from ((a["value"], name) for a in item["alternatives"])


def roles_of(found: Subject) -> dict[str, list[tuple[str, str]]]:
    """Document → (role, group) of the subject in it."""
    roles: dict[str, list[tuple[str, str]]] = {}
    for place in found.places:
        if place.source == DOCUMENTS:
            sha256, _, rest = place.key.partition("#")
            role, _, group = rest.partition(".")
            roles.setdefault(sha256, []).append((role, group))
    return roles


def is_of(item: dict[str, str], roles: Iterable[tuple[str, str]]) -> bool:
    """Whether a field of an extraction is about one of these roles.

    Parties that a document names without grouping them are numbered; then only their values tell
    them apart, which the scrubbing of texts does.
    """
    role, _, name = item["name"].rpartition(".")
    if name not in fields().party:
        return False
    return any(r == role and (g == item["group"] or (not g and item["group"] in ("", r)))
               for r, g in roles)  # fmt: skip


def _known_of_others(connection: Connection, found: Subject, telling: dict[str, str]) -> set[str]:
    """Those of the values that stand in a record of somebody else."""
    known: set[str] = set()
    own = set(found.records)
    values = sorted(telling)
    for start in range(0, len(values), 40):
        part = values[start : start + 40]
        forms = [Needles([v]).likes for v in part]
        hit = or_(*(record.c.payload.ilike(p, escape="\\") for many in forms for p in many))
        statement = select(record.c.id, record.c.payload).where(hit)
        words = {v: Needles([v]) for v in part}
        for number, body in connection.execute(statement, execution_options={"yield_per": 2_000}):
            if number not in own:
                texts = [t for o in decode(body) for t in (o.value, o.raw)]
                known |= {v for v in part if v not in known and any(map(words[v].inside, texts))}
    return known


def folders(connection: Connection) -> list[str]:
    """The drop folders that files ever came from."""
    return list(connection.execute(select(intake.c.folder).distinct()).scalars())
