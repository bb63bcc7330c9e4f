"""PDF: text layer, scan or both, decided page by page.

A page whose text layer is missing, broken or an invisible old OCR layer over a picture is drawn
and read by OCR; one page failing does not lose the others. An e-invoice attached to the file is
read into `Document.embedded`.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from idp_cdi.documents import Document, Page, PageSource, Problem
from idp_cdi.errors import IdpCdiError, LimitExceeded, UnreadableInput
from idp_cdi.readers._order import by_lines
from idp_cdi.readers._pages import Scan, read_pages
from idp_cdi.readers._pdfium import TextLayer, frame_of, read_layer
from idp_cdi.readers._rules import Drawing, read_drawing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp_cdi.documents import Embedded
    from idp_cdi.readers._options import ReadOptions
    from idp_cdi.readers._pages import Outcome
    from idp_cdi.readers._source import Source

NAME = "pdf"
MEDIA_TYPE = "application/pdf"
OUTLINES = 30  # strokes and fills from which a page without text may have print drawn as outlines
STAMP = 30  # words up to which the text on a scan is a stamp or a fax line, not its text


def score(source: Source) -> float:
    """A PDF may have some rubbish before its header; 1,024 bytes of it are allowed."""
    if source.head.startswith(b"%PDF-"):
        return 1.0
    return 0.6 if b"%PDF-" in source.head[:1024] else 0.0


def read(source: Source, options: ReadOptions) -> Document:
    """All pages of a PDF."""
    pdf = open_pdf(source)
    try:
        count = len(pdf)
        if count == 0:
            raise UnreadableInput(
                "the PDF has no pages", code="pdf.empty", file=source.name, action="export it again"
            )
        if count > options.max_pages:
            raise LimitExceeded(
                f"the PDF has {count} pages, the limit is {options.max_pages}",
                code="pdf.too_many_pages",
                file=source.name,
                action="split it or raise max_pages",
            )
        pages, found = read_pages(source, count, options, partial(_page, pdf, source, options))
        problems = list(found)
        embedded = _embedded(pdf, source, problems) if options.embedded else None
    finally:
        pdf.close()
    return Document(
        name=source.name,
        sha256=source.sha256,
        media_type=MEDIA_TYPE,
        reader=NAME,
        pages=pages,
        embedded=embedded,
        problems=tuple(problems),
        language=_language(pages),
    )


def open_pdf(source: Source) -> Any:
    """The file as a pypdfium2 document.

    Raises:
        UnreadableInput: Encrypted or broken.
    """
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(source.path if source.memory is None else source.data)
    except (pypdfium2.PdfiumError, FileNotFoundError, ValueError) as error:
        code = getattr(error, "err_code", None)
        if "password" in str(error).lower() or code in (4, 5):
            raise UnreadableInput(
                "the PDF is encrypted",
                code="pdf.encrypted",
                file=source.name,
                action="save it without a password",
            ) from error
        raise UnreadableInput(
            "the PDF is broken and can't be repaired",
            code="pdf.broken",
            file=source.name,
            action="export it again",
        ) from error


def _page(pdf: Any, source: Source, options: ReadOptions, number: int) -> Outcome | Scan:
    import pypdfium2

    from idp_cdi.readers._render import draw

    try:
        page = pdf[number - 1]
    except pypdfium2.PdfiumError:
        broken = Problem("pdf.page_broken", "the page can't be opened", "export it again", number)
        return Page(number, 612.0, 792.0, source=PageSource.NONE, problem=broken.message), [broken]
    try:
        with without_collecting():
            layer = read_layer(page)
            drawing = read_drawing(page, frame_of(page), layer.turn, layer.objects)
            if not needs_ocr(layer, drawing) or options.ocr == "off":
                return _text_page(number, layer, drawing), []
        from idp_cdi.readers._picture import known_page

        known = known_page(source.sha256, number, options.dpi, options)
        if known is not None:
            return known, []
        empty = Page(number, layer.width, layer.height, source=PageSource.NONE)
        otherwise = _text_page(number, layer, drawing) if layer.words else empty
        try:
            return Scan(draw(page, options.dpi, options.max_pixels), options.dpi, otherwise)
        except IdpCdiError as error:
            problem = Problem(error.code, error.reason, error.action, number)
            reason = "" if otherwise.words else error.reason
            return replace(otherwise, problem=reason), [problem]
    finally:
        page.close()


@contextmanager
def without_collecting() -> Iterator[None]:
    """Keep the collector from looking through words while they are made; none is in a cycle."""
    wanted = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if wanted:
            gc.enable()


def needs_ocr(layer: TextLayer, drawing: Drawing) -> bool:
    """Is the text layer missing, broken, or an old OCR layer under a picture of the page?"""
    if not layer.words:
        return drawing.picture > 0.02 or drawing.paths > OUTLINES
    if len(layer.words) < STAMP and drawing.picture > 0.5:
        return True
    if layer.broken > 0.3 or drawing.covered > 0.8:
        return True
    if layer.invisible > 0.8 and drawing.picture > 0.5:
        return True
    return is_nonsense(" ".join([word[0] for word in layer.words]))


def is_nonsense(text: str) -> bool:
    """Is a text layer shifted or scrambled, so that no word is a word?

    Fonts without a proper table of characters give letters, but the wrong ones. Languages in Latin
    letters have 30–50 % vowels; a layer of many letters with hardly any, or hardly anything else,
    and no common word of any language, is none.

    >>> is_nonsense("WKLV DJUHHPHQW LV PDGH EHWZHHQ WKH SDUWLHV " * 9)
    True
    >>> is_nonsense("This agreement is made between the parties " * 9)
    False
    """
    folded = text[:3000].lower()
    vowels = sum(map(folded.count, "aeiou"))
    letters = vowels + sum(map(folded.count, "bcdfghjklmnpqrstvwxyz"))
    if letters < 200 or 2 * letters < len(folded) - folded.count(" "):
        return False
    share = vowels / letters
    if 0.22 < share < 0.75:
        return False
    from idp_cdi.ocr import detect_language

    return not detect_language(text[:3000])


def _text_page(number: int, layer: TextLayer, drawing: Drawing) -> Page:
    return Page(
        number=number,
        width=layer.width,
        height=layer.height,
        words=by_lines(layer.words),
        source=PageSource.TEXT,
        rotation=layer.turn,
        rules=drawing.rules,
    )


def _embedded(pdf: Any, source: Source, problems: list[Problem]) -> Embedded | None:
    from idp_cdi.readers._attached import attached_invoice

    try:
        return attached_invoice(pdf)
    except UnreadableInput as error:
        problems.append(Problem(error.code, error.reason, error.action))
        return None


def _language(pages: tuple[Page, ...]) -> str:
    from idp_cdi.ocr import detect_language

    return detect_language(" ".join(page.text for page in pages[:20]))
