"""Numbered migrations of the store, run by Alembic inside one write transaction."""
