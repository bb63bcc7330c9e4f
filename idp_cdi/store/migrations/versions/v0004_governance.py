"""Governance: audit trail, erasure, exports, results of rules, data quality."""

from __future__ import annotations

from alembic import op

from idp_cdi.store.schema import metadata

revision = "0004"
down_revision = "0003"

_TABLES = (
    "audit",
    "audit_salt",
    "suppression",
    "exported",
    "rule_result",
    "quality",
)


def upgrade() -> None:
    """Create the tables."""
    metadata.create_all(op.get_bind(), tables=[metadata.tables[name] for name in _TABLES])
