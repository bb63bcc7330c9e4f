"""Where the trained models are: beside the package in a checkout, inside it in an installed wheel.

>>> models_path().is_dir()
True
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from idp_cdi.errors import MissingDependency


@cache
def models_path() -> Path:
    """The folder with one sub-folder a model.

    Raises:
        MissingDependency: The installation is incomplete.
    """
    package = Path(__file__).parent
    for folder in (package / "models", package.parent / "models"):
        if folder.is_dir():
            return folder
    raise MissingDependency("the models are missing", action="install idp-cdi again")
