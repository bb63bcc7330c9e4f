"""Tesseract inside this process, through tesserocr: the same recognition, a third less time.

The wheel brings its own Tesseract; the languages are those of the installed program. Engines
live on for the next page, so that models are loaded once.

Source: https://github.com/sirfz/tesserocr
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import MissingDependency
from idp_cdi.ocr._tessdata import codes_for, iso_codes
from idp_cdi.ocr._tsv import parse
from idp_cdi.ocr._types import OcrFailed

if TYPE_CHECKING:
    from PIL.Image import Image

    from idp_cdi.documents import Word
    from idp_cdi.ocr._types import Request

NAME = "tesserocr"
_KEPT = 4  # engines that wait for their next page, for all languages together
_PLACES = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)


@cache
def _folder() -> str:
    """Where the trained languages are, "" where nowhere."""
    given = os.environ.get("TESSDATA_PREFIX", "")
    for place in ([given, str(Path(given) / "tessdata")] if given else []) + list(_PLACES):
        if any(Path(place).glob("*.traineddata")):
            return place
    return ""


@cache
def available() -> bool:
    """Is the package installed, and are there languages for it?"""
    import importlib.util

    return importlib.util.find_spec("tesserocr") is not None and bool(_folder())


@cache
def version() -> str:
    """Tesseract's version inside the wheel."""
    import tesserocr

    return str(tesserocr.tesseract_version()).split("\n")[0].strip()


@cache
def languages() -> frozenset[str]:
    """ISO 639-1 codes of the installed languages."""
    return iso_codes(path.stem for path in Path(_folder()).glob("*.traineddata"))


class _Engines:
    """Loaded engines that are free; several threads never share one."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.free: list[tuple[str, Any]] = []  # the one that was used last is the last

    def take(self, codes: str) -> Any:
        """A free engine for the languages `codes`, or a new one."""
        import tesserocr

        with self.lock:
            for index, (known, engine) in reversed(list(enumerate(self.free))):
                if known == codes:
                    del self.free[index]
                    return engine
        os.environ["OMP_THREAD_LIMIT"] = "1"
        return tesserocr.PyTessBaseAPI(path=_folder(), lang=codes, oem=tesserocr.OEM.LSTM_ONLY)

    def give_back(self, codes: str, engine: Any) -> None:
        """Keep an engine for the next page; of many the one that waited longest ends."""
        engine.Clear()
        with self.lock:
            self.free.append((codes, engine))
            late = self.free.pop(0)[1] if len(self.free) > _KEPT else None
        if late is not None:
            late.End()


_ENGINES = _Engines()


def recognise(image: Image, request: Request) -> tuple[Word, ...]:
    """Words of `image` with boxes in pixels and confidence 0–1."""
    if not available():
        raise MissingDependency(
            "the OCR engine tesserocr is not installed",
            code="ocr.engine_missing",
            action="pip install 'idp-cdi[tesserocr]' and apt-get install tesseract-ocr",
        )
    try:
        codes = codes_for(request.languages, languages())
        engine = _ENGINES.take(codes)
    except RuntimeError as error:
        raise OcrFailed("the OCR engine did not start", action="reinstall its languages") from error
    try:
        engine.SetPageSegMode(7 if request.line else 6 if request.block else 3)
        grey = image if image.mode == "L" else image.convert("L")
        engine.SetImageBytes(grey.tobytes(), grey.width, grey.height, 1, grey.width)
        engine.SetSourceResolution(max(70, request.dpi))
        if not engine.Recognize(int(1000 * max(1.0, request.deadline_s))):
            raise OcrFailed(
                f"OCR failed or took longer than {request.deadline_s:.0f} s",
                code="ocr.timeout",
                action="raise page_deadline_s",
            )
        return parse("header\n" + engine.GetTSVText(0))
    except RuntimeError as error:
        raise OcrFailed("OCR failed", action="look at the page") from error
    finally:
        _ENGINES.give_back(codes, engine)
