"""Versions of what was learned, by kind; at most one of a kind is active."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, insert, select, update

from idp_cdi.store import audit
from idp_cdi.store.log import stamp
from idp_cdi.store.schema import model

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Version(NamedTuple):
    """One version; `payload` is JSON."""

    kind: str
    version: int
    active: bool
    created_at: str
    payload: str


def append(connection: Connection, kind: str, payload: str, *, active: bool) -> int:
    """Add a version and switch it on if `active`; returns its number."""
    highest = select(func.coalesce(func.max(model.c.version), 0)).where(model.c.kind == kind)
    number = int(connection.execute(highest).scalar_one()) + 1
    if active:
        _off(connection, kind)
    row = Version(kind, number, active, stamp(), payload)
    connection.execute(insert(model).values(**row._asdict()))
    _tell(connection, "learn", kind, number, active=active)
    return number


def active(connection: Connection, kind: str) -> Version | None:
    """The version of `kind` that is switched on."""
    statement = select(model).where(model.c.kind == kind, model.c.active.is_(True))
    row = connection.execute(statement).one_or_none()
    return None if row is None else Version(*row)


def versions(connection: Connection) -> list[Version]:
    """All versions, by kind, the newest first."""
    statement = select(model).order_by(model.c.kind, model.c.version.desc())
    return [Version(*row) for row in connection.execute(statement)]


def switch_back(connection: Connection, kind: str) -> int:
    """Switch the active version off and the one before it on; returns its number, 0 for none."""
    now = active(connection, kind)
    _off(connection, kind)
    if now is None:
        return 0
    before = select(func.max(model.c.version)).where(
        model.c.kind == kind, model.c.version < now.version
    )
    number = connection.execute(before).scalar()
    if number is None:
        return 0
    chosen = (model.c.kind == kind) & (model.c.version == number)
    connection.execute(update(model).where(chosen).values(active=True))
    _tell(connection, "unlearn", kind, int(number), active=True)
    return int(number)


def rewrite(connection: Connection, kind: str, number: int, payload: str) -> None:
    """Replace what a version says; only an erasure request may do that."""
    chosen = (model.c.kind == kind) & (model.c.version == number)
    connection.execute(update(model).where(chosen).values(payload=payload))


def _tell(connection: Connection, action: str, kind: str, number: int, *, active: bool) -> None:
    about = {"model": kind, "version": number}
    audit.append(connection, stamp(), [audit.New("idp-cdi", action, about, {"active": active})])


def _off(connection: Connection, kind: str) -> None:
    connection.execute(update(model).where(model.c.kind == kind).values(active=False))
