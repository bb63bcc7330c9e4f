"""Where trained models lie: with the project, in the wheel, or in the user's own folder.

A model is a folder with a card and its files. The user's folder comes first, so that ``train`` can
improve what ships without touching it: ``IDP_CDI_MODELS`` or ``models`` in the user's data folder.

>>> folder("no such model") is None
True
"""

from __future__ import annotations

import os
from pathlib import Path

import idp_cdi


def own() -> Path:
    """The folder of models that this user trained; it need not exist."""
    named = os.environ.get("IDP_CDI_MODELS")
    if named:
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("idp-cdi", appauthor=False) / "models"


def folder(name: str) -> Path | None:
    """The folder of the model called `name`, None where there is none.

    Args:
        name: Folder name, for example ``contract`` or ``custom/adbuy``.
    """
    package = Path(idp_cdi.__file__).parent
    for root in (own(), package / "models", package.parent / "models"):
        if (root / name).is_dir():
            return root / name
    return None
