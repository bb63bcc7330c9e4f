"""The files of an installation: which hold values of a subject, and which of them may be erased.

An installation is the home folder, the drop folders that files came from, and every file that we
wrote elsewhere. What can be made again or has done its duty is erased as a whole; a file that is
somebody's work (settings, rules, mappings) is named and left to its owner.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from idp_cdi.store.schema import exported

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from idp_cdi.settings import Settings
    from idp_cdi.steps._scrub import Needles

#: Folders and files of the home folder that are somebody's work, or have rules of their own.
_WORK = ("idp-cdi.toml", "rules", "models", "keys", "audit.head", "tenants")
#: Of a drop folder: what was put away, and what is being worked on.
_OURS = ("done", "quarantine", ".idp-cdi")
_YAML = (".yaml", ".yml", ".toml")
#: Unpacked, one part of an archive is looked at up to this size.
_MOST = 1 << 28


class Trace(NamedTuple):
    """Values found in a file: of which fields, and what the file is to us.

    `kind` is "database", "original", "cache", "put away", "export", "warehouse" (published
    anew) or "work" (left alone).
    """

    path: Path
    kind: str
    fields: tuple[str, ...]


def files(
    connection: Connection, settings: Settings, drops: Iterable[str]
) -> list[tuple[Path, str]]:
    """Every file of the installation, with what it is to us."""
    found: dict[Path, str] = {}
    home = settings.home
    for path in _walk(home):
        first = path.relative_to(home).parts[0]
        if first != "tenants":  # another one's data, in a store of its own
            found[path] = _kind(path, home, first)
    for drop in drops:
        for name in _OURS:
            found.update((p, "put away") for p in _walk(Path(drop) / name))
    for place, kind in connection.execute(select(exported.c.path, exported.c.kind)):
        path = Path(place)
        what = "warehouse" if kind.startswith("warehouse:") else "export"
        found.update((p, what) for p in ([path] if path.is_file() else _walk(path)))
    return sorted(found.items())


def _walk(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                yield path


def _kind(path: Path, home: Path, first: str) -> str:
    if path.name.startswith("customers.db"):
        return "database"
    if first in _WORK or (path.parent == home and path.suffix in _YAML):
        return "work"
    if path.suffix in (".duckdb", ".parquet") and first not in ("cache", "learned", "originals"):
        return "warehouse"
    return {"originals": "original", "cache": "cache", "learned": "cache"}.get(first, "export")


def search(
    many: Iterable[tuple[Path, str]], needles: Needles, names: dict[str, str]
) -> list[Trace]:
    """Which of the files hold any of the values, packed or not.

    Args:
        many: As `files` gives them.
        needles: What is looked for.
        names: Value → field; values themselves are never told.
    """
    found = []
    for path, kind in many if needles else ():
        hits: set[str] = set()
        hits.update(names[v] for v in needles.in_bytes(str(path).encode("utf-8", "replace")))
        for part in _parts(path):
            hits.update(names[v] for v in needles.in_bytes(part))
        if hits:
            found.append(Trace(path, kind, tuple(sorted(hits))))
    return found


def _parts(path: Path) -> Iterator[bytes]:
    """The content of a file, and of what is packed in it."""
    try:
        content = path.read_bytes()
    except OSError:
        return
    yield content
    if content[:2] == b"\x1f\x8b":
        try:
            plain = gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            return
        yield plain
        yield _read_words(plain)
    elif content[:4] == b"PAR1" or content[8:12] == b"DUCK":
        yield from _texts(path, "parquet" if content[:4] == b"PAR1" else "duckdb")
    elif content[:4] == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as box:
                for info in box.infolist():
                    if info.file_size <= _MOST:
                        yield box.read(info)
        except (zipfile.BadZipFile, OSError, RuntimeError, zlib.error, NotImplementedError):
            return


def _texts(path: Path, form: str) -> Iterator[bytes]:
    """The texts of every column of a Parquet or DuckDB file, which are packed in it."""
    import duckdb

    place = str(path).replace("'", "''")
    duck = duckdb.connect()
    try:
        if form == "duckdb":
            duck.execute(f"ATTACH '{place}' AS box (READ_ONLY)")
            query = (
                "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'box'"
            )
            named = [f'box."{s}"."{t}"' for s, t in duck.execute(query).fetchall()]
        else:
            named = [f"read_parquet('{place}')"]
        for table in named:
            result = duck.execute(f"SELECT CAST(t AS VARCHAR) FROM {table} AS t")
            while rows := result.fetchmany(10_000):
                yield "\n".join(row[0] for row in rows).encode()
    except duckdb.Error:
        return  # a file that DuckDB can't read is searched by its bytes alone
    finally:
        duck.close()


def _read_words(plain: bytes) -> bytes:
    """What OCR read of a page as running text: a name is several words there."""
    try:
        data = json.loads(plain)
        return " ".join(str(w[0]) for w in data["words"]).encode()
    except (ValueError, KeyError, TypeError, IndexError):
        return b""


def erase(traces: Sequence[Trace]) -> list[Path]:
    """Erase the files that are not somebody's work; returns which."""
    gone = []
    for trace in traces:
        if trace.kind in ("cache", "put away", "export", "original"):
            trace.path.unlink(missing_ok=True)
            reason = trace.path.with_name(f"{trace.path.name}.reason.json")
            reason.unlink(missing_ok=True)
            gone.append(trace.path)
    return gone
