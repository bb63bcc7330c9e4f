"""Alembic's entry: migrates over the connection that `database._upgrade` hands in."""

from __future__ import annotations

from alembic import context

from idp_cdi.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
