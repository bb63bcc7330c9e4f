"""A store with books in it, and places to publish to."""

from __future__ import annotations

import pytest
from books import books_of_two_customers

from idp_cdi.store import open_store


@pytest.fixture
def store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.close()


@pytest.fixture
def books(store, settings):
    return books_of_two_customers(store, settings)


@pytest.fixture
def location(tmp_path):
    return f"duckdb:{tmp_path / 'star.duckdb'}"


@pytest.fixture(
    params=["duckdb", "parquet", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def anywhere(request, tmp_path):
    """A new warehouse of each kind."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_url")
    return f"{request.param}:{tmp_path / 'star'}"
