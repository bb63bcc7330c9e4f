"""Customer data from systems and documents, unified into golden records.

Every command of ``idp-cdi`` is one function here with arguments around it; a name is imported when
it is first used, so that ``import idp_cdi`` costs nothing.

>>> import idp_cdi
>>> idp_cdi.load_settings(environment={}, home="/tmp/x").matching.link
0.95
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from idp_cdi.settings import load as load_settings
    from idp_cdi.steps.evaluate import evaluate
    from idp_cdi.steps.ingest import ingest
    from idp_cdi.steps.match import match
    from idp_cdi.steps.publish import publish
    from idp_cdi.steps.report import write_report
    from idp_cdi.steps.understand import understand_many as extract
    from idp_cdi.store import open_store

__version__ = "0.1.0"

__all__ = [
    "evaluate",
    "extract",
    "ingest",
    "load_settings",
    "match",
    "open_store",
    "publish",
    "write_report",
]

_HOMES = {
    "evaluate": ("steps.evaluate", "evaluate"),
    "extract": ("steps.understand", "understand_many"),
    "ingest": ("steps.ingest", "ingest"),
    "load_settings": ("settings", "load"),
    "match": ("steps.match", "match"),
    "open_store": ("store", "open_store"),
    "publish": ("steps.publish", "publish"),
    "write_report": ("steps.report", "write_report"),
}


def __getattr__(name: str) -> object:
    """Import a public function when it is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'idp_cdi' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(f"idp_cdi.{module}"), attribute)
