"""Folders of interchangeable ways: the folder is the registry, entry points join it.

A way is a module with the names that its folder's ``__init__`` asks for. Modules whose name
starts with an underscore are the folder's own business. Outside packages join through the entry
point group ``idp_cdi.<folder>``.

>>> [w.__name__ for w in ways("standardisers") if w.__name__.endswith(".email")]
['idp_cdi.standardisers.email']
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


@cache
def way(folder: str, name: str) -> ModuleType | None:
    """Our own way `name` of `folder` without importing the others, None where there is none.

    >>> way("readers", "pdf").NAME, way("readers", "_pages")
    ('pdf', None)
    """
    package = importlib.import_module(f"idp_cdi.{folder}")
    known = {info.name for info in pkgutil.iter_modules(package.__path__)}
    if name.startswith("_") or name not in known:
        return None
    return importlib.import_module(f"{package.__name__}.{name}")


@cache
def ways(folder: str) -> tuple[ModuleType, ...]:
    """All ways of `folder` ("readers", "connectors" …), sorted by module name.

    Raises:
        ImportError: A way can't be imported; the message is Python's own.
    """
    from importlib.metadata import entry_points  # brings e-mail and ZIP along

    package = importlib.import_module(f"idp_cdi.{folder}")
    own = [
        importlib.import_module(f"{package.__name__}.{info.name}")
        for info in pkgutil.iter_modules(package.__path__)
        if not info.name.startswith("_")
    ]
    guests = [point.load() for point in entry_points(group=f"idp_cdi.{folder}")]
    return tuple(sorted([*own, *guests], key=lambda m: m.__name__))
