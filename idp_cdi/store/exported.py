"""The manifest of files that we wrote with customers' values in them, for erasures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from idp_cdi.store.log import stamp
from idp_cdi.store.schema import exported

if TYPE_CHECKING:
    from pathlib import Path

    from idp_cdi.store.database import Database


def note(database: Database, path: Path, kind: str) -> None:
    """Remember that `path` (a file or folder) was written; `kind` says what it is."""
    note_text(database, str(path.absolute()), kind)


def note_text(database: Database, place: str, kind: str) -> None:
    """The same for a place that is no path."""
    with database.reading() as connection:
        known = select(exported.c.kind).where(exported.c.path == place)
        if connection.execute(known).scalar() == kind:
            return
    with database.writing() as connection:
        connection.execute(delete(exported).where(exported.c.path == place))
        connection.execute(insert(exported).values(path=place, kind=kind, at=stamp()))
