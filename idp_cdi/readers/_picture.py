"""From a picture of a page to a `Page`: OCR, and pixels to points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.documents import Box, Page, PageSource, Problem
from idp_cdi.ocr import OcrOptions, missing_language, read_image
from idp_cdi.readers import _cache
from idp_cdi.readers._order import by_lines

if TYPE_CHECKING:
    from PIL.Image import Image

    from idp_cdi.readers._options import ReadOptions


def known_page(sha256: str, number: int, dpi: float, options: ReadOptions) -> Page | None:
    """Page `number` of the file `sha256` from the cache, None where it isn't there."""
    if options.cache_dir is None:
        return None
    return _cache.load(options.cache_dir, _cache.key_of(sha256, number, dpi, options))


def read_picture(
    picture: Image, sha256: str, number: int, dpi: float, options: ReadOptions, hint: str = ""
) -> tuple[Page, list[Problem]]:
    """Page `number` of the file `sha256` from its picture at `dpi` pixels per inch.

    Args:
        picture: The page, grey or in colour.
        sha256: The file, for the cache.
        number: The page, from 1.
        dpi: Pixels per inch of the picture.
        options: Wishes and limits.
        hint: Language of a page before.

    Returns:
        The page, and what did not stop the reading.

    Raises:
        MissingDependency: No engine or an asked language missing.
        OcrFailed: The engine failed or took too long.
    """
    reading = read_image(
        picture,
        OcrOptions(
            engine=options.ocr,
            languages=options.languages,
            effort=options.effort,
            hint=hint,
            dpi=round(dpi),
            deadline_s=options.page_deadline_s,
        ),
    )
    unit = 72.0 / dpi
    words = [
        w._replace(
            box=Box(*(round(edge * unit, 2) for edge in w.box)), confidence=round(w.confidence, 4)
        )
        for w in reading.words
    ]
    page = Page(
        number=number,
        width=round(reading.width * unit, 2),
        height=round(reading.height * unit, 2),
        words=(*by_lines(w for w in words if not w.turned), *(w for w in words if w.turned)),
        source=PageSource.OCR,
        rotation=reading.rotation,
        skew=reading.skew,
        language=reading.language,
    )
    problems = []
    for code in reading.missing:
        error = missing_language(code)
        problems.append(Problem(error.code, error.reason, error.action, number))
    if options.cache_dir is not None and not problems:
        key = _cache.key_of(sha256, number, dpi, options)
        _cache.save(options.cache_dir, key, page)
    return page, problems
