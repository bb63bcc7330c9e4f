"""OCR: a picture becomes words with boxes and confidence; one module an engine.

    from idp_cdi.ocr import OcrOptions, read_image

    reading = read_image(picture, OcrOptions(languages=("de", "en")))

`read_image` finds and undoes orientation and skew, enlarges small print, divides out an uneven
background, finds the language, asks the engine and looks again where the engine was unsure.
Boxes of the result are in pixels of the *upright* picture, whose size and turn it names.

**To add an engine** write ``ocr/<name>.py`` with

- ``NAME``,
- ``available() -> bool``: is everything installed; quick, never raises,
- ``version() -> str``: part of the cache key,
- ``languages() -> frozenset[str]``: ISO 639-1 codes it can read,
- ``recognise(image, request) -> tuple[Word, ...]``: words with boxes in pixels of ``image``;
  raises `MissingDependency` or `OcrFailed`.

The contract test in ``tests/ocr`` runs over every engine that is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.ocr._tessdata import missing_language

if TYPE_CHECKING:
    from PIL.Image import Image

    from idp_cdi.ocr._types import OcrFailed, OcrOptions, Reading, Request

__all__ = [
    "OcrFailed",
    "OcrOptions",
    "Reading",
    "Request",
    "detect_language",
    "engine_versions",
    "missing_language",
    "read_image",
    "turn",
]


def __getattr__(name: str) -> object:
    """Import a type when it is first used: most files only ask for the language of a text."""
    if name not in ("OcrFailed", "OcrOptions", "Reading", "Request"):
        raise AttributeError(f"module 'idp_cdi.ocr' has no attribute {name!r}")
    from idp_cdi.ocr import _types

    return getattr(_types, name)


def read_image(image: Image, options: OcrOptions | None = None) -> Reading:
    """Read a picture of a page.

    Args:
        image: Any mode; orientation marks (EXIF) must already be applied.
        options: Languages, engine, effort, resolution, deadline.

    Returns:
        Words in lines from top to bottom, with what was undone to read them.

    Raises:
        MissingDependency: No engine, or not the asked one, or a language of it is not installed.
        OcrFailed: The engine failed or took too long.
    """
    from idp_cdi.ocr._page import read_page
    from idp_cdi.ocr._types import OcrOptions

    return read_page(image, options or OcrOptions())


def engine_versions(engine: str = "auto") -> tuple[str, ...]:
    """Names and versions of the engines that would take part in reading with `engine`."""
    from idp_cdi.ocr._engines import engines

    return tuple(
        f"{name} {way.version()}"
        for name, way in sorted(engines().items())
        if engine in ("auto", name) and way.available()
    )


def turn(image: Image, rotation: int, skew: float) -> Image:
    """`image` turned clockwise by `rotation` and then by `-skew` degrees, as a `Reading` says."""
    from idp_cdi.ocr import _upright

    return _upright.turn(image, rotation, skew)


def detect_language(text: str) -> str:
    """The ISO 639-1 code of the language of `text`, "" where it can't be told.

    >>> detect_language("Wir danken für Ihren Auftrag und bitten um Zahlung der Rechnung")
    'de'
    """
    from idp_cdi.ocr._language import detect

    return detect(text)
