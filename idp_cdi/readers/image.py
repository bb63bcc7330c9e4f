"""Pictures: PNG, JPEG (EXIF rotation, CMYK), TIFF of many pages, WebP, BMP, GIF.

Pixels are counted before anything is unpacked. A picture that doesn't know its resolution is
taken for a page whose longer side is that of A4, within 72 and 300 dpi.
"""

from __future__ import annotations

import io
import warnings
from functools import cache, partial
from typing import TYPE_CHECKING

from idp_cdi.documents import Document, Page, PageSource, Problem
from idp_cdi.errors import IdpCdiError, LimitExceeded, UnreadableInput
from idp_cdi.readers._pages import Scan, read_pages
from idp_cdi.readers._picture import known_page

if TYPE_CHECKING:
    from PIL.Image import Image

    from idp_cdi.readers._options import ReadOptions
    from idp_cdi.readers._pages import Outcome
    from idp_cdi.readers._source import Source

NAME = "image"
FORMATS = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "TIFF": "image/tiff",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "GIF": "image/gif",
    "PPM": "image/x-portable-anymap",
}
_MODULES = {"WEBP": "WebP"}
_MAGIC = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"II*\x00",
    b"MM\x00*",
    b"II+\x00",
    b"MM\x00+",
    b"BM",
    b"GIF87a",
    b"GIF89a",
    b"P5",
    b"P6",
    b"P4",
)
_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    OverflowError,
    TypeError,
    KeyError,
    IndexError,
)


def score(source: Source) -> float:
    """Known first bytes."""
    head = source.head
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return 0.95
    if head[:2] in (b"BM", b"P4", b"P5", b"P6"):  # two bytes prove little
        return 0.6 if source.suffix in (".bmp", ".pgm", ".ppm", ".pbm", ".pnm") else 0.2
    return 0.95 if head.startswith(_MAGIC) else 0.0


def read(source: Source, options: ReadOptions) -> Document:
    """All pages of a picture."""
    picture = open_image(source, options)
    try:
        count = int(getattr(picture, "n_frames", 1))
    except _BROKEN as error:
        raise _broken(source) from error
    media_type = FORMATS[picture.format or "PNG"]
    picture.close()
    if count > options.max_pages:
        raise LimitExceeded(
            f"the picture has {count} pages, the limit is {options.max_pages}",
            code="image.too_many_pages",
            file=source.name,
            action="split it or raise max_pages",
        )
    count = 1 if media_type == "image/gif" else count
    pages, problems = read_pages(source, count, options, partial(_page, source, options))
    if all(page.source is PageSource.NONE for page in pages) and problems:
        first = problems[0]
        if first.code.startswith("image."):
            raise UnreadableInput(
                first.message, code=first.code, file=source.name, action=first.action
            )
    return Document(
        name=source.name,
        sha256=source.sha256,
        media_type=media_type,
        reader=NAME,
        pages=pages,
        problems=problems,
        language=next((p.language for p in pages if p.language), ""),
    )


def _page(source: Source, options: ReadOptions, number: int) -> Outcome | Scan:
    try:
        picture, dpi = frame(source, number, options)
    except IdpCdiError as error:
        empty = Page(number, 595.0, 842.0, source=PageSource.NONE, problem=error.reason)
        return empty, [Problem(error.code, error.reason, error.action, number)]
    width, height = picture.width * 72 / dpi, picture.height * 72 / dpi
    if options.ocr == "off":
        return Page(number, width, height, source=PageSource.NONE, problem="OCR is off"), []
    known = known_page(source.sha256, number, dpi, options)
    if known is not None:
        return known, []
    return Scan(picture, dpi, Page(number, width, height, source=PageSource.NONE))


def open_image(source: Source, options: ReadOptions) -> Image:
    """The picture, not yet unpacked.

    Raises:
        UnreadableInput: Broken.
        LimitExceeded: More pixels than allowed.
    """
    from PIL import Image as images

    _load_formats()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            picture = images.open(
                io.BytesIO(source.data) if source.path is None else source.path,
                formats=[name for name in FORMATS if name != "MPO"],  # comes as a JPEG
            )
        except images.DecompressionBombError as error:
            raise _too_large(source, "the picture has far too many pixels") from error
        except _BROKEN as error:
            raise _broken(source) from error
    _check_pixels(source, picture, options)
    return picture


@cache
def _load_formats() -> None:
    """Pillow knows only a few formats until their modules are loaded; load ours and no others."""
    from importlib import import_module

    for name in FORMATS:
        import_module(f"PIL.{_MODULES.get(name, name.capitalize())}ImagePlugin")


def frame(source: Source, number: int, options: ReadOptions) -> tuple[Image, float]:
    """Page `number` of a picture, turned as its EXIF data say, and its pixels per inch."""
    from PIL import Image as images
    from PIL import ImageOps

    picture = open_image(source, options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if number > 1:
                picture.seek(number - 1)
                _check_pixels(source, picture, options)
            dpi = _resolution(picture)
            picture.load()
            picture = ImageOps.exif_transpose(picture)
            return _plain(picture), dpi
        except images.DecompressionBombError as error:
            raise _too_large(source, "the picture has far too many pixels") from error
        except MemoryError as error:
            raise _too_large(source, "the picture does not fit into memory") from error
        except _BROKEN as error:
            raise _broken(source) from error


def _plain(picture: Image) -> Image:
    """Grey or RGB, transparency on white."""
    if picture.mode in ("L", "RGB"):
        return picture
    if picture.mode in ("1",):
        return picture.convert("L")
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        low, high = picture.getextrema()
        span = float(high) - float(low) or 1.0  # type: ignore[arg-type]
        return picture.convert("F").point(lambda v: (v - float(low)) * (255.0 / span)).convert("L")  # type: ignore[arg-type]
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        from PIL import Image as images

        rgba = picture.convert("RGBA")
        white = images.new("RGBA", rgba.size, (255, 255, 255, 255))
        return images.alpha_composite(white, rgba).convert("RGB")
    return picture.convert("RGB")


def _resolution(picture: Image) -> float:
    """Pixels per inch, as the file says where that is believable."""
    given = picture.info.get("dpi")
    try:
        value = float(given[0]) if given else 0.0
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        value = 0.0
    longest = max(picture.size) / value if value else 0.0
    if 96 < value <= 1200 and 2 <= longest <= 50:
        return value
    return min(300.0, max(72.0, max(picture.size) / 11.69))


def _check_pixels(source: Source, picture: Image, options: ReadOptions) -> None:
    if picture.width * picture.height > options.max_pixels:
        raise _too_large(
            source, f"the picture has {picture.width} × {picture.height} pixels, too many to read"
        )


def _too_large(source: Source, reason: str) -> LimitExceeded:
    return LimitExceeded(
        reason, code="image.too_large", file=source.name, action="scan it at 300 dpi or less"
    )


def _broken(source: Source) -> UnreadableInput:
    return UnreadableInput(
        "the picture is broken", code="image.broken", file=source.name, action="scan it again"
    )
