"""Pictures of pages, for OCR and for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idp_cdi.errors import LimitExceeded, UnreadableInput
from idp_cdi.readers._options import DEFAULTS

if TYPE_CHECKING:
    from PIL.Image import Image

    from idp_cdi.documents import Page
    from idp_cdi.readers._source import Source


def draw(page: Any, dpi: int, max_pixels: int, *, grey: bool = True) -> Image:
    """A pypdfium2 page as a picture.

    Raises:
        LimitExceeded: The page is so large that the picture would break the pixel limit.
    """
    import pypdfium2

    width, height = page.get_size()
    if width * height * (dpi / 72) ** 2 > max_pixels:
        raise LimitExceeded(
            f"a page of {width:.0f} × {height:.0f} points is too large to be drawn at {dpi} dpi",
            code="pdf.page_too_large",
            action="lower the resolution or raise max_pixels",
        )
    try:
        bitmap = page.render(scale=dpi / 72, grayscale=grey)
        picture: Image = bitmap.to_pil().copy()
        bitmap.close()
    except (pypdfium2.PdfiumError, ValueError) as error:
        raise UnreadableInput(
            "the page can't be drawn", code="pdf.page_broken", action="export it again"
        ) from error
    return picture


def render_page(
    source: Source, number: int, dpi: int, page: Page | None, *, grey: bool = False
) -> Image:
    """See `idp_cdi.readers.render`."""
    from idp_cdi.ocr import turn
    from idp_cdi.readers import image, pdf

    mode = "L" if grey else "RGB"
    source.check_size(DEFAULTS.max_bytes)
    if pdf.score(source) > 0:
        document = pdf.open_pdf(source)
        try:
            if not 1 <= number <= len(document):
                raise _no_page(source, number)
            picture = draw(document[number - 1], dpi, DEFAULTS.max_pixels, grey=grey)
        finally:
            document.close()
    else:
        picture, own = image.frame(source, number, DEFAULTS)
        picture = picture.convert(mode)
        if abs(own - dpi) > 0.5:
            scale = dpi / own
            size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
            picture = picture.resize(size)
    picture = picture.convert(mode)
    if page is not None and (page.rotation or page.skew):
        picture = turn(picture, page.rotation, page.skew)
    return picture


def _no_page(source: Source, number: int) -> UnreadableInput:
    return UnreadableInput(
        f"there is no page {number}",
        code="input.no_page",
        file=source.name,
        action="pages count from 1",
    )
