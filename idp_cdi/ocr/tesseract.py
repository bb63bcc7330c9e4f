"""Tesseract as a program, through pytesseract: works wherever the program is installed.

One process a page, one thread a process. The picture is handed over as an uncompressed file,
because compressing it to PNG costs a tenth of a second a page.

Source: https://tesseract-ocr.github.io/tessdoc/Command-Line-Usage.html
"""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from idp_cdi.errors import MissingDependency
from idp_cdi.ocr._tessdata import codes_for, iso_codes
from idp_cdi.ocr._tsv import parse
from idp_cdi.ocr._types import OcrFailed

if TYPE_CHECKING:
    from PIL.Image import Image

    from idp_cdi.documents import Word
    from idp_cdi.ocr._types import Request

NAME = "tesseract"


def available() -> bool:
    """Is the program installed?"""
    return bool(version())


@cache
def version() -> str:
    """The program's version, "" where it isn't installed."""
    import pytesseract

    try:
        return str(pytesseract.get_tesseract_version())
    except (pytesseract.TesseractNotFoundError, SystemExit):
        return ""


@cache
def languages() -> frozenset[str]:
    """ISO 639-1 codes of the installed languages."""
    import pytesseract

    if not available():
        return frozenset()
    return iso_codes(pytesseract.get_languages(config=""))


def recognise(image: Image, request: Request) -> tuple[Word, ...]:
    """Words of `image` with boxes in pixels and confidence 0–1."""
    import pytesseract

    if not available():
        raise MissingDependency(
            "the OCR program Tesseract is not installed",
            code="ocr.engine_missing",
            action="apt-get install tesseract-ocr",
        )
    codes = codes_for(request.languages, languages())
    mode = 7 if request.line else 6 if request.block else 3
    os.environ["OMP_THREAD_LIMIT"] = "1"
    with tempfile.TemporaryDirectory(prefix="idp-cdi-") as folder:
        path = Path(folder) / ("page.pgm" if image.mode == "L" else "page.ppm")
        image.save(path)
        try:
            table = pytesseract.image_to_data(
                str(path),
                lang=codes,
                config=f"--psm {mode} --dpi {max(70, request.dpi)}",
                timeout=max(1.0, request.deadline_s),
            )
        except RuntimeError as error:  # pytesseract's way of saying that the time is over
            late = "timeout" in str(error).lower()
            raise OcrFailed(
                f"OCR took longer than {request.deadline_s:.0f} s" if late else "OCR failed",
                code="ocr.timeout" if late else "ocr.failed",
                action="raise page_deadline_s" if late else "look at the page",
            ) from error
    return parse(table)
