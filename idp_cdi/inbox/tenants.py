"""Whose store a file belongs to: a tenant has a home and a store of its own; nothing is shared."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from idp_cdi.errors import SettingsError
from idp_cdi.store import Database, open_store

if TYPE_CHECKING:
    from idp_cdi.inbox.mapping import Mapping
    from idp_cdi.settings import Settings

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")


class Tenants:
    """Opens tenants' stores when they are needed."""

    def __init__(self, database: Database, settings: Settings, mapping: Mapping) -> None:
        self._own = (database, settings)
        self._mapping = mapping
        self._open: dict[str, tuple[Database, Settings]] = {}
        for meaning in mapping.folders.values():
            if meaning.tenant and not _NAME.match(meaning.tenant):
                raise SettingsError(
                    f"{meaning.tenant!r} can't be the name of a tenant",
                    file="inbox.yaml",
                    action="use letters, digits, dots and dashes",
                )

    def settings(self, tenant: str) -> Settings:
        """The settings for a tenant's documents."""
        return self._of(tenant)[1]

    def store(self, tenant: str) -> Database:
        """The store of a tenant; ours for ""."""
        return self._of(tenant)[0]

    def close(self) -> None:
        """Close the stores of tenants; ours belongs to the caller."""
        for database, _ in self._open.values():
            database.close()
        self._open.clear()

    def _of(self, tenant: str) -> tuple[Database, Settings]:
        if not tenant:
            return self._own
        if tenant not in self._open:
            own = self._own[1]
            said = self._mapping.tenants.get(tenant)
            home = said.home if said and said.home else own.home / "tenants" / tenant
            url = said.database_url if said else ""
            if own.database_url and not url:
                raise SettingsError(
                    f"tenant {tenant!r} has no database of its own",
                    file="inbox.yaml",
                    action=f"set tenants.{tenant}.database_url",
                )
            settings = replace(own, home=home, database_url=url)
            self._open[tenant] = (open_store(settings.store_url), settings)
        return self._open[tenant]
