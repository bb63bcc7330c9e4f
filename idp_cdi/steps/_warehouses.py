"""Warehouses that were published to, after an erasure: published anew, without what was freed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from idp_cdi.store import exported as manifest
from idp_cdi.store.schema import exported

if TYPE_CHECKING:
    from idp_cdi.settings import Settings
    from idp_cdi.store import Database

_KIND = "warehouse:"


def note(database: Database, location: str) -> None:
    """Remember that `location` was published to; passwords are not kept."""
    from idp_cdi.sinks import find

    name = find(location).NAME
    if name == "postgresql":
        manifest.note_text(database, location.rpartition("@")[2], f"{_KIND}{name}")
    else:
        manifest.note(database, _path(location, name), f"{_KIND}{name}")


def _path(location: str, name: str) -> Path:
    return Path(location.removeprefix(f"{name}:").removeprefix("//"))


def publish_again(database: Database, settings: Settings) -> list[str]:
    """Publish to every warehouse that is known; returns those that a person has to do."""
    from idp_cdi.steps.publish import default_location, publish

    with database.reading() as connection:
        wanted = select(exported.c.path, exported.c.kind).where(exported.c.kind.like(f"{_KIND}%"))
        known = connection.execute(wanted).all()
    by_hand = []
    for place, kind in known:
        name = kind.removeprefix(_KIND)
        if name == "postgresql":
            location = default_location(settings)
            if location.rpartition("@")[2] != place:
                by_hand.append(f"warehouse {place}: run `idp-cdi publish` to it, then VACUUM FULL")
                continue
            publish(database, settings, location, full=True)
        elif Path(place).exists():
            publish(database, settings, f"{name}:{place}", full=True)
            if name == "duckdb":
                _renew(Path(place))
    return by_hand


def _renew(path: Path) -> None:
    """Copy a DuckDB file, everything that others made in it too, so that no freed block stays."""
    import duckdb

    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    old = duckdb.connect()
    try:
        old.execute(f"ATTACH '{_quoted(path)}' AS before (READ_ONLY)")
        old.execute(f"ATTACH '{_quoted(new)}' AS anew")
        old.execute("COPY FROM DATABASE before TO anew")
        old.execute("CHECKPOINT anew")
    finally:
        old.close()
    new.replace(path)
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
