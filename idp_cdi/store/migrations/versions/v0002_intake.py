"""The intake: the life of every file of a drop folder."""

from __future__ import annotations

from alembic import op

from idp_cdi.store.schema import intake

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table."""
    intake.create(op.get_bind(), checkfirst=True)
