"""Page pictures for people: whole pages and the strip around a value, from the kept originals.

Pages are turned as they were read, so that boxes fit: pixel = point × dpi / 72. Nothing here raises
for a page that can't be shown; a question without a picture can still be answered.
"""

from __future__ import annotations

import io
import logging
from functools import lru_cache
from typing import TYPE_CHECKING

from idp_cdi.errors import IdpCdiError

if TYPE_CHECKING:
    from PIL.Image import Image

    from idp_cdi.documents import Box, Document, Page
    from idp_cdi.readers import ReadOptions
    from idp_cdi.store.originals import Originals

_log = logging.getLogger(__name__)


class Pictures:
    """Makes pictures on demand; keeps the last few pages, for questions come page by page."""

    def __init__(self, originals: Originals, options: ReadOptions) -> None:
        self._originals = originals
        self._options = options
        self.page = lru_cache(maxsize=8)(self._page)
        self.document = lru_cache(maxsize=8)(self._document)

    def _document(self, sha256: str) -> Document | None:
        """The document as read, None where its original is not kept or can't be read."""
        from idp_cdi.readers import read

        try:
            return read(self._originals.path(sha256), self._options)
        except (IdpCdiError, OSError) as error:
            _log.info("no pages of %s: %s", sha256[:12], getattr(error, "code", error))
            return None

    def layout(self, sha256: str, number: int) -> Page | None:
        """Page `number` of a document with its words, None where there is none."""
        document = self.document(sha256)
        pages = document.pages if document is not None else ()
        return next((p for p in pages if p.number == number), None)

    def _page(self, sha256: str, number: int, dpi: int) -> Image | None:
        """The picture of a page, None where it can't be drawn."""
        from idp_cdi.readers import render

        layout = self.layout(sha256, number)
        if layout is None:
            return None
        try:
            return render(self._originals.path(sha256), number, dpi, layout)
        except (IdpCdiError, OSError) as error:
            _log.info("no picture of %s: %s", sha256[:12], getattr(error, "code", error))
            return None

    def strip(self, sha256: str, number: int, box: Box, *, dpi: int = 110) -> Image | None:
        """The page around `box` with a frame around it, None where it can't be drawn."""
        page = self.page(sha256, number, dpi)
        if page is None:
            return None
        from PIL import ImageDraw

        scale = dpi / 72
        left, top = max(0.0, box.x0 - 90), max(0.0, box.y0 - 16)
        right, bottom = box.x1 + 60, box.y1 + 16
        area = [round(n * scale) for n in (left, top, right, bottom)]
        area[2], area[3] = min(area[2], page.width), min(area[3], page.height)
        if area[2] - area[0] < 4 or area[3] - area[1] < 4:
            return None
        piece = page.crop((area[0], area[1], area[2], area[3]))
        frame = [round((n - o) * scale) for n, o in zip(box, (left, top, left, top), strict=True)]
        frame = [frame[0] - 3, frame[1] - 3, frame[2] + 3, frame[3] + 3]
        ImageDraw.Draw(piece).rectangle(frame, outline=(214, 64, 36), width=2)
        return piece


def as_png(picture: Image) -> bytes:
    """`picture` as a small PNG: pages are mostly white, 64 colours are plenty."""
    out = io.BytesIO()
    picture.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()
