"""Chooses the engine: the asked one, or the fastest that is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from idp_cdi.errors import MissingDependency, UsageError
from idp_cdi.plugins import ways

if TYPE_CHECKING:
    from PIL.Image import Image

    from idp_cdi.documents import Word
    from idp_cdi.ocr._types import Request

PREFERENCE = ("tesserocr", "tesseract", "rapidocr")


class Engine(Protocol):
    """An OCR engine, see the folder's manual."""

    NAME: str

    def available(self) -> bool:
        """Is everything installed?"""

    def version(self) -> str:
        """Version of the engine."""

    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes it can read."""

    def recognise(self, image: Image, request: Request) -> tuple[Word, ...]:
        """Words with boxes in pixels."""


def engines() -> dict[str, Engine]:
    """All engines by name, installed or not."""
    return {way.NAME: way for way in ways("ocr")}


def choose(name: str) -> Engine:
    """The engine called `name`, or for "auto" the fastest installed one.

    Raises:
        UsageError: No engine of that name.
        MissingDependency: It, or for "auto" every one, is not installed.
    """
    known = engines()
    if name != "auto":
        if name not in known:
            raise UsageError(
                f"there is no OCR engine {name!r}", action=f"use one of {sorted(known)}"
            )
        if not known[name].available():
            raise MissingDependency(
                f"the OCR engine {name} is not installed",
                code="ocr.engine_missing",
                action=INSTALL.get(name, f"install {name}"),
            )
        return known[name]
    for each in (*PREFERENCE, *sorted(known)):
        if each in known and known[each].available():
            return known[each]
    raise MissingDependency(
        "no OCR engine is installed",
        code="ocr.engine_missing",
        action=INSTALL["tesseract"],
    )


INSTALL = {
    "tesseract": "apt-get install tesseract-ocr",
    "tesserocr": "pip install 'idp-cdi[tesserocr]' and apt-get install tesseract-ocr",
    "rapidocr": "pip install 'idp-cdi[rapidocr]'",
}
