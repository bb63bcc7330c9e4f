"""Where mentions were before they moved: invoices can be told as they were known at their time."""

from __future__ import annotations

from alembic import op

from idp_cdi.store.schema import former_membership

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table."""
    former_membership.create(op.get_bind(), checkfirst=True)
