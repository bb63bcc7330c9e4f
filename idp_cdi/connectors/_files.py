"""What all file connectors share: which file a state is about, and options from the YAML file."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from idp_cdi.connectors._text import head
from idp_cdi.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from idp_cdi.connectors import Connection


def file_mark(path: Path) -> str:
    """A short name for these bytes: size, time and the hash of the beginning.

    A state with another mark is about another file, which is then read from its start.
    """
    first = hashlib.blake2b(head(path, 1 << 16), digest_size=8).hexdigest()
    facts = path.stat()
    return f"{first}-{facts.st_size}-{facts.st_mtime_ns}"


def option(connection: Connection, name: str, default: str = "") -> str:
    """One option as text.

    Raises:
        SettingsError: It is a list or mapping.
    """
    value = connection.options.get(name, default)
    if isinstance(value, list | dict):
        raise SettingsError(f"`{name}` must be one value", file=connection.location)
    return default if value is None else str(value)


def keys_of(connection: Connection, columns: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Primary key and cursor named in the options, checked against the columns.

    Raises:
        SettingsError: A column named there does not exist.
    """
    value = connection.options.get("primary_key", ())
    key = (value,) if isinstance(value, str) else tuple(map(str, value or ()))  # type: ignore[call-overload]
    cursor = option(connection, "cursor")
    for name in (*key, *([cursor] if cursor else [])):
        if name not in columns:
            raise SettingsError(
                f"there is no column {name!r}",
                code="feed.column",
                file=connection.location,
                action=f"columns are: {', '.join(columns[:40])}",
            )
    return key, cursor
