"""Where trained models are: in the user's own folder, with the project, or in the wheel.

A model is a folder with a card and its files. The user's folder comes first, so that training
improves what ships without touching it: ``IDP_CDI_MODELS``, else ``models`` in the user's data
folder. The command line sets the variable to ``models`` in the home folder.

>>> models_path().is_dir()
True
>>> model_folder("no such model") is None
True
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from idp_cdi.errors import MissingDependency


@cache
def models_path() -> Path:
    """The folder of the models that ship, one sub-folder each.

    Raises:
        MissingDependency: The installation is incomplete.
    """
    package = Path(__file__).parent
    for folder in (package / "models", package.parent / "models"):
        if folder.is_dir():
            return folder
    raise MissingDependency("the models are missing", action="install idp-cdi again")


def own_models() -> Path:
    """The folder of the models that this user trained; it need not exist."""
    if named := os.environ.get("IDP_CDI_MODELS"):
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("idp-cdi", appauthor=False) / "models"


def learned_path(home: Path) -> Path:
    """The file of what was learned from answers in a home folder; it need not exist."""
    return home / "learned" / "active.json"


def model_folder(name: str) -> Path | None:
    """The folder of the model called `name` (``contract``, ``custom/adbuy``), None without one."""
    folders = (root / name for root in (own_models(), models_path()))
    return next((folder for folder in folders if folder.is_dir()), None)
