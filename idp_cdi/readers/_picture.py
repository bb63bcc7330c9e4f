"""From a picture of a page to a `Page`: OCR, and pixels to points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.documents import Box, Page, PageSource
from idp_cdi.ocr import OcrOptions, read_image
from idp_cdi.readers._order import by_lines

if TYPE_CHECKING:
    from PIL.Image import Image

    from idp_cdi.readers._options import ReadOptions


def page_of(picture: Image, number: int, dpi: float, options: ReadOptions) -> Page:
    """Page `number` from its picture at `dpi` pixels per inch.

    Raises:
        MissingDependency: No engine or a language missing.
        OcrFailed: The engine failed or took too long.
    """
    reading = read_image(
        picture,
        OcrOptions(
            engine=options.ocr,
            languages=options.languages,
            effort=options.effort,
            dpi=round(dpi),
            deadline_s=options.page_deadline_s,
            cache_dir=options.cache_dir,
        ),
    )
    unit = 72.0 / dpi
    words = [w._replace(box=Box(*(round(edge * unit, 2) for edge in w.box))) for w in reading.words]
    return Page(
        number=number,
        width=round(reading.width * unit, 2),
        height=round(reading.height * unit, 2),
        words=by_lines(words),
        source=PageSource.OCR,
        rotation=reading.rotation,
        skew=reading.skew,
        language=reading.language,
    )
