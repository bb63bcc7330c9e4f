"""The first schema: the log and what is derived from it."""

from __future__ import annotations

from alembic import op

from idp_cdi.store.schema import metadata

revision = "0001"
down_revision = None

_TABLES = (
    "source",
    "document",
    "sighting",
    "extraction",
    "mention",
    "record",
    "fact",
    "fact_party",
    "decision",
    "customer",
    "answer",
    "rejection",
    "stream_state",
    "run",
    "model",
    "edge",
    "membership",
    "golden",
    "review_item",
)


def upgrade() -> None:
    """Create the tables."""
    metadata.create_all(op.get_bind(), tables=[metadata.tables[name] for name in _TABLES])
    # Reading the current golden records must not walk all versions.
    op.create_index(
        "ix_golden_current",
        "golden",
        ["customer_seq"],
        unique=True,
        sqlite_where=_current(),
        postgresql_where=_current(),
    )


def _current() -> object:
    from sqlalchemy import text

    return text("valid_to IS NULL")
