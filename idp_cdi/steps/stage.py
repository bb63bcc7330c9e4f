"""From the store to a DuckDB workplace: its tables as columns, read in batches, nothing worked out.

What is staged is what the star is built from (`idp_cdi.steps.star`). SQLite and PostgreSQL give the
same rows. Memory is bounded by the batch; the workplace is a file that DuckDB spills to.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection
    from sqlalchemy import Connection

BATCH = 50_000

_I, _T, _F, _B = "BIGINT", "VARCHAR", "DOUBLE", "BOOLEAN"

#: Staged table → its columns, and the query that fills it. The newest extraction counts.
TABLES: dict[str, tuple[dict[str, str], str]] = {
    "source": (
        {"id": _I, "name": _T, "kind": _T, "owner": _T},
        "SELECT id, name, kind, owner FROM source",
    ),
    "mention": (
        {"id": _I, "source_id": _I, "key": _T},
        "SELECT id, source_id, key FROM mention",
    ),
    "membership": (
        {"mention_id": _I, "seq": _I},
        "SELECT mention_id, customer_seq FROM membership",
    ),
    "former": (
        {"id": _I, "mention_id": _I, "seq": _I, "until": _T},
        "SELECT id, mention_id, customer_seq, until FROM former_membership",
    ),
    "customer": (
        {"seq": _I, "id": _T, "anchor_id": _I, "minted_at": _T},
        "SELECT seq, id, anchor_id, minted_at FROM customer",
    ),
    "golden": (
        {
            "seq": _I, "version": _I, "valid_from": _T, "valid_to": _T, "kind": _T, "roles": _T,
            "records": _I, "payload": _T,
        },
        "SELECT customer_seq, version, valid_from, valid_to, kind, roles, records, payload"
        " FROM golden",
    ),
    "linked": (
        {"left_id": _I, "right_id": _I, "probability": _F},
        "SELECT e.left_id, e.right_id, e.probability FROM edge e"
        " JOIN membership l ON l.mention_id = e.left_id"
        " JOIN membership r ON r.mention_id = e.right_id AND r.customer_seq = l.customer_seq",
    ),
    "decision": (
        {"id": _I, "left_id": _I, "right_id": _I, "verdict": _T},
        "SELECT id, left_id, right_id, verdict FROM decision",
    ),
    "fact": (
        {
            "id": _I, "kind": _T, "source_id": _I, "key": _T, "observed_at": _T, "document": _T,
            "deleted": _B, "payload": _T,
        },
        "SELECT id, kind, source_id, key, observed_at, document, deleted, payload FROM fact",
    ),
    "fact_party": (
        {"fact_id": _I, "role": _T, "mention_id": _I},
        "SELECT fact_id, role, mention_id FROM fact_party",
    ),
    "document": (
        {"sha256": _T, "name": _T, "media_type": _T, "size": _I, "seen_at": _T},
        "SELECT sha256, name, media_type, size, seen_at FROM document",
    ),
    "extraction": (
        {
            "sha256": _T, "status": _T, "type": _T, "language": _T, "pages": _I, "seconds": _F,
            "payload": _T,
        },
        "SELECT e.sha256, e.status, e.type, e.language, e.pages, e.seconds, e.payload"
        " FROM extraction e JOIN (SELECT sha256, max(at) AS at FROM extraction GROUP BY sha256) n"
        " ON n.sha256 = e.sha256 AND n.at = e.at",
    ),
    "review_item": (
        {"id": _T, "kind": _T, "status": _T, "document": _T, "field": _T},
        "SELECT id, kind, status, document, field FROM review_item",
    ),
    "answer": (
        {"id": _I, "item_id": _T, "action": _T, "value": _T},
        "SELECT id, item_id, action, value FROM answer WHERE applied",
    ),
}  # fmt: skip

#: What changes when anything changes that the star shows.
_MARKS = (
    "SELECT count(*), max(id) FROM fact",
    "SELECT count(*), max(id) FROM record",
    "SELECT count(*), max(valid_from), max(valid_to), count(valid_to) FROM golden",
    "SELECT count(*), max(id) FROM former_membership",
    "SELECT count(*), sum(customer_seq) FROM membership",
    "SELECT count(*), max(id) FROM decision",
    "SELECT count(*), max(at) FROM extraction",
    "SELECT status, count(*) FROM review_item GROUP BY status ORDER BY status",
    "SELECT count(*), max(id) FROM answer WHERE applied",
    "SELECT count(*), max(name) FROM source",
)


def mark(connection: Connection) -> str:
    """A text that changes whenever the star would; equal marks, nothing to publish."""
    from idp_cdi.observations import content_id

    found = [list(map(list, connection.exec_driver_sql(q).all())) for q in _MARKS]
    return content_id(found)


def stage(connection: Connection, duck: DuckDBPyConnection) -> int:
    """Copy the store's tables into schema ``stage`` of `duck`; returns how many rows.

    Args:
        connection: A reading one: all tables are of one moment.
        duck: The workplace.
    """
    duck.execute("CREATE SCHEMA stage")
    total = 0
    for name, (columns, query) in TABLES.items():
        spec = ", ".join(f'"{c}" {t}' for c, t in columns.items())
        duck.execute(f"CREATE TABLE stage.{name} ({spec})")
        for rows in _batches(connection, query):
            total += insert(duck, f"stage.{name}", columns, rows)
    return total


def insert(
    duck: DuckDBPyConnection, table: str, columns: dict[str, str], rows: list[tuple[Any, ...]]
) -> int:
    """Insert tuples through Arrow; returns how many."""
    import pyarrow as pa

    kinds = {_I: pa.int64(), _T: pa.string(), _F: pa.float64(), _B: pa.bool_()}
    if not rows:
        return 0
    arrays = []
    for kind, cells in zip(columns.values(), zip(*rows, strict=True), strict=True):
        # SQLite has no booleans: they come as 0 and 1.
        values = [bool(v) for v in cells] if kind == _B else list(cells)
        arrays.append(pa.array(values, kinds[kind]))
    batch = pa.table(arrays, names=list(columns))
    duck.register("incoming", batch)
    duck.execute(f"INSERT INTO {table} SELECT * FROM incoming")
    duck.unregister("incoming")
    return len(rows)


def _batches(connection: Connection, query: str) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a query past SQLAlchemy's per-row work."""
    with _cursor(connection) as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(BATCH):
            yield rows


@contextmanager
def _cursor(connection: Connection) -> Iterator[Any]:
    """A cursor of the driver inside the connection's transaction; PostgreSQL's on the server."""
    raw: Any = connection.connection
    if connection.dialect.name == "postgresql":
        with raw.cursor(name="idp_cdi_stage") as cursor:
            yield cursor
        return
    cursor = raw.cursor()
    try:
        yield cursor
    finally:
        cursor.close()
