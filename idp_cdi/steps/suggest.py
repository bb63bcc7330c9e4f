"""A source file for a table that nobody has mapped yet, and the reasons for each column."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from idp_cdi.connectors import Connection, Stream, find
from idp_cdi.connectors import _mapping as mappings
from idp_cdi.connectors._suggest import suggest
from idp_cdi.errors import UnreadableInput

if TYPE_CHECKING:
    from idp_cdi.connectors import Way
    from idp_cdi.connectors._mapping import SourceSpec, StreamMapping

_SAMPLE = 300


def source_of(path: Path, name: str = "") -> SourceSpec:
    """The source file beside `path`, or one that is suggested from its contents.

    Raises:
        UnreadableInput: The file can't be read, or no party or event was found in it.
        SettingsError: The source file is wrong.
    """
    for beside in (path.with_suffix(".yaml"), path.with_suffix(".mapping.yaml")):
        if beside.is_file():
            spec = mappings.load(beside)
            update: dict[str, Any] = {"location": str(path)}
            if name:
                update["source"] = name
            return spec.model_copy(update=update)
    suggested = suggest_source(str(path), name=name)
    if suggested is None:
        raise UnreadableInput(
            "no column says who a customer is",
            code="feed.unmapped",
            file=str(path),
            action="write a mapping; begin with `idp-cdi connect suggest`",
        )
    return suggested


def suggest_source(location: str, *, name: str = "", way: str = "") -> SourceSpec | None:
    """A source with a suggested mapping for each stream that has parties or events in it.

    Args:
        location: Path or URL, or a source file that says where and how, and maps nothing yet.
        name: The source's name; empty: the file's stem.
        way: The connector; empty: the one that fits.

    Returns:
        The source, None where no stream has any.

    Raises:
        UnreadableInput: It can't be read.
        UsageError: No connector reads it.
    """
    connector, connection, known = _reached(location, way)
    streams: dict[str, StreamMapping] = {}
    for stream in connector.streams(connection):
        mapping = suggested_mapping(connector, connection, stream)
        if mapping is not None:
            streams[stream.name] = mapping
    if not streams:
        return None
    one = next(iter(streams.values()))
    single = len(streams) == 1 and "resources" not in connection.options
    streams = {"*": one} if single else _related(streams) if len(streams) > 1 else streams
    found = {"source": _name(location), "location": connection.location, "streams": streams}
    if connection.options:
        found["options"] = dict(connection.options)
    return mappings.parse(
        found | known | ({"way": way} if way else {}) | ({"source": name} if name else {})
    )


def _reached(location: str, way: str) -> tuple[Way, Connection, dict[str, Any]]:
    """The connector, how it reaches the source, and what a source file says that is to stay."""
    known: dict[str, Any] = {}
    connection = Connection(location)
    if location.endswith((".yaml", ".yml")) and Path(location).is_file():
        spec = mappings.load(location)
        kept = {"source", "owner", "trust", "way", "write_back"}
        known = spec.model_dump(include=kept, exclude_unset=True)
        connection, way = Connection(spec.location, spec.options), way or spec.way
    connector = find(connection.location, way)
    guess = getattr(connector, "guess", None)
    if guess is not None and "resources" not in connection.options:
        connection = guess(connection)
    return connector, connection, known


def _name(location: str) -> str:
    """A name for a source: the file's, or that of the house whose API it is.

    >>> _name("exports/crm.csv"), _name("https://api.hubapi.com/crm/v3/contacts?limit=10")
    ('crm', 'hubapi')
    """
    parts = urlsplit(location)
    if parts.scheme not in ("http", "https"):
        return Path(location).stem
    labels = [p for p in (parts.hostname or "").split(".") if not p.isdigit()]
    return labels[-2] if len(labels) > 1 else Path(parts.path).stem or "api"


def _related(streams: dict[str, StreamMapping]) -> dict[str, StreamMapping]:
    """Several tables of one source: events refer to the records of its master tables by key.

    Where there is a master table, the names repeated in an event's row are not records of their
    own. Several master tables each get a prefix, for their keys may be the same.
    """
    masters = {n: m for n, m in streams.items() if m.fields and not m.facts and m.key}
    if not masters:
        return {n: m.model_copy(update={"prefix": n}) for n, m in streams.items()}
    prefixes = {n: n if len(masters) > 1 else "" for n in masters}
    found = {n: m.model_copy(update={"prefix": prefixes[n]}) for n, m in masters.items()}
    home = next((n for n, m in masters.items() if m.role == "customer"), next(iter(masters)))
    for name, mapping in streams.items():
        if name in masters:
            continue
        if not mapping.facts:
            found[name] = mapping.model_copy(update={"prefix": name})
            continue
        facts = tuple(f.model_copy(update={"prefix": prefixes[home]}) for f in mapping.facts)
        update = {"facts": facts, "fields": {}, "key": (), "observed_at": "", "cursor": ""}
        found[name] = mapping.model_copy(update=update)
    return found


def suggested_mapping(way: Way, connection: Connection, stream: Stream) -> StreamMapping | None:
    """The suggested mapping of one stream, None where no party or event was found in it."""
    built_in = getattr(way, "mapping", None)
    if built_in is not None and (found := built_in(stream)) is not None:
        known: StreamMapping = mappings.StreamMapping.model_validate(found)
        return known
    header, rows = sample(way, connection, stream)
    return suggest(header, rows, name=stream.name).mapping


def sample(way: Way, connection: Connection, stream: Stream) -> tuple[tuple[str, ...], list[Any]]:
    """Columns and some rows of a stream."""
    chunk = next(iter(way.read(connection, stream, {})), None)
    if chunk is None:
        return stream.columns, []
    rows = list(zip(*(column[:_SAMPLE] for column in chunk.values), strict=True))
    return chunk.columns, rows


def explain_source(location: str, *, way: str = "") -> dict[str, list[dict[str, Any]]]:
    """What each column of each stream is taken for, how surely, and why.

    Raises:
        UnreadableInput: It can't be read.
        UsageError: No connector reads it.
    """
    connector, connection, _ = _reached(location, way)
    told: dict[str, list[dict[str, Any]]] = {}
    for stream in connector.streams(connection):
        header, rows = sample(connector, connection, stream)
        guesses = suggest(header, rows, name=stream.name).guesses
        told[stream.name] = [
            {"column": g.column, "target": g.target, "confidence": g.confidence, "why": g.why}
            for g in guesses
        ]
    return told
