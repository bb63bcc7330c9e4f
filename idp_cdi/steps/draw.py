"""Draw what was understood onto the pages: a box, a name and a probability for each field."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from PIL.Image import Image

    from idp_cdi.extractions import Field
    from idp_cdi.steps.understand import Understood

_DPI = 110
_SURE, _LIKELY, _DOUBTFUL = (34, 120, 70), (190, 120, 0), (190, 30, 30)


def draw_fields(items: Iterable[Understood], path: Path) -> None:
    """Write a PDF that shows every page of `items` with the fields found on it.

    Args:
        items: Documents as understood; those without pages or fields are left out.
        path: The PDF to write.

    Raises:
        UsageError: There is no page to draw.
    """
    from idp_cdi.errors import UsageError

    pages = [page for item in items for page in _pages(item)]
    if not pages:
        raise UsageError("there is no page with fields to draw", file=str(path))
    pages[0].save(path, save_all=True, append_images=pages[1:], resolution=_DPI)


def _pages(item: Understood) -> Iterator[Image]:
    from idp_cdi.readers import read, render

    found = item.extraction
    if found is None or item.path is None or not found.pages:
        return
    # The page as the reader turned it, so that the boxes fit.
    pages = {page.number: page for page in read(item.path).pages}
    for number in range(1, found.pages + 1):
        picture = render(item.path, number, _DPI, pages.get(number))
        fields = [f for f in found.fields if f.page == number and f.box is not None]
        yield _annotate(picture, fields)


def _annotate(picture: Image, fields: Iterable[Field]) -> Image:
    from PIL import ImageDraw, ImageFont

    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=11)
    scale = _DPI / 72
    for field in fields:
        assert field.box is not None
        colour = _colour(field.confidence)
        x0, y0, x1, y1 = (n * scale for n in field.box)
        pen.rectangle((x0 - 2, y0 - 2, x1 + 2, y1 + 2), outline=colour, width=2)
        label = f"{field.name} {field.confidence:.0%}"
        width = pen.textlength(label, font=font)
        pen.rectangle((x0 - 2, y0 - 15, x0 + width + 2, y0 - 2), fill=colour)
        pen.text((x0, y0 - 15), label, fill=(255, 255, 255), font=font)
    return picture


def _colour(confidence: float) -> tuple[int, int, int]:
    return _SURE if confidence >= 0.9 else _LIKELY if confidence >= 0.6 else _DOUBTFUL
