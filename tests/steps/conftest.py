"""A furnished installation, made once and copied for each test that wants one."""

from __future__ import annotations

import shutil

import pytest
from forget_house import House
from sqlalchemy import func, update

from idp_cdi.settings import Settings
from idp_cdi.store import open_store, schema

#: Where the store keeps paths; in a copy they have to be those of the copy.
PATHS = {
    "intake": ("folder", "place"),
    "exported": ("path",),
    "document": ("name",),
    "sighting": ("path",),
}


@pytest.fixture(scope="session")
def furnished_house(tmp_path_factory):
    """Three persons with traces everywhere, on SQLite; not to be touched."""
    folder = tmp_path_factory.mktemp("house")
    settings = Settings(home=folder / "home")
    made = House(open_store(settings.store_url), settings, folder)
    made.furnish(range(3))
    made.database.close()
    return made


@pytest.fixture
def house(furnished_house, tmp_path):
    """A copy of the furnished installation."""
    shutil.copytree(furnished_house.folder, tmp_path, dirs_exist_ok=True)
    settings = Settings(home=tmp_path / "home")
    store = open_store(settings.store_url)
    with store.writing() as connection:
        for name, columns in PATHS.items():
            table = schema.metadata.tables[name]
            for column in columns:
                moved = func.replace(table.c[column], str(furnished_house.folder), str(tmp_path))
                connection.execute(update(table).values({column: moved}))
    canaries = {n: list(many) for n, many in furnished_house.canaries.items()}
    yield House(store, settings, tmp_path, canaries)
    store.close()
