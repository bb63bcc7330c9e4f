"""Reading one picture: upright it, find its language, ask the engines, look again where unsure.

Two roads. Where RapidOCR's models are installed and no engine is asked for by name, they find the
lines of print first: that tells which way up the page is, and how much there is to read. A page
with little print (receipts, slips) they read by themselves; a dense one Tesseract reads, and the
models read again what it left out or was unsure of.

Otherwise Tesseract reads the page alone. Looks the text like another language than the one it was
asked for, it reads it again in that one; is it unsure of nearly everything, the page may stand on
its head, and the other ways up are tried.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from idp_cdi.documents import Box
from idp_cdi.ocr import _standing
from idp_cdi.ocr._engines import choose
from idp_cdi.ocr._language import detect
from idp_cdi.ocr._rescue import rescued
from idp_cdi.ocr._types import OcrOptions, Reading, Request
from idp_cdi.ocr._upright import flatten, quarter_turn, skew_of, turn

if TYPE_CHECKING:
    from PIL.Image import Image

    from idp_cdi.documents import Word
    from idp_cdi.ocr._engines import Engine

TALL = 1.75  # height to width from which a picture is taken for a receipt: one block of print
NARROW = 1000  # pixels of width up to which a picture is enlarged
DOUBTFUL = 0.62  # mean confidence below which the page may stand on its head
FEW = 3  # words below which the same holds
LITTLE = 700.0  # print, in widths per height of line, that the neural models read whole


def read_page(image: Image, options: OcrOptions) -> Reading:
    """See `idp_cdi.ocr.read_image`."""
    from idp_cdi.ocr import rapidocr

    late = time.monotonic() + options.deadline_s
    grey = flatten(image.convert("L"))
    engine = choose(options.engine)
    neural = options.engine == rapidocr.NAME
    if neural or (options.engine == "auto" and options.effort != "fast" and rapidocr.available()):
        return _by_lines(grey, engine, options, late)
    return _by_page(grey, engine, options, late)


def _by_lines(grey: Image, engine: Engine, options: OcrOptions, late: float) -> Reading:
    """The neural models find the lines; they or Tesseract read them."""
    from idp_cdi.ocr import rapidocr

    rotation, skew, upright, every = _upright(grey)
    lines, tall = _standing.apart(every)
    standing = _standing.read(upright, tall)
    print_ = sum(line.width / max(1.0, line.height) for line in lines)
    whole = engine.NAME == rapidocr.NAME or print_ <= LITTLE
    if whole:
        words = tuple(w for line in rapidocr.read_lines(upright, lines) for w in line)
        found = Reading(words, upright.width, upright.height, engine=rapidocr.NAME)
    else:
        found = _read(engine, upright, options, late)
        found = rescued(upright, found, lines, options.effort, apart=[w.box for w in standing])
    found = replace(found, words=(*found.words, *standing), rotation=rotation, skew=skew)
    return replace(found, language=detect(_text(found.words)) or found.language)


def _upright(grey: Image) -> tuple[int, float, Image, list[Box]]:
    """Quarter turns and skew to undo, the upright picture, and its lines of print.

    Finding lines is the dear part; where the rough look at the page was right it happens once.
    """
    from idp_cdi.ocr import rapidocr

    rotation = quarter_turn(grey)
    skew = skew_of(turn(grey, rotation, 0.0))
    upright = turn(grey, rotation, skew)
    lines = rapidocr.find_lines(upright)
    if rapidocr.lies_on_its_side(lines):
        rotation = 90 - rotation
        skew = skew_of(turn(grey, rotation, 0.0))
        upright = turn(grey, rotation, skew)
        lines = rapidocr.find_lines(upright)
    if rapidocr.stands_on_its_head(upright, lines):
        rotation += 180
        upright = turn(upright, 180, 0.0)
        width, height = upright.size
        lines = [Box(width - b.x1, height - b.y1, width - b.x0, height - b.y0) for b in lines[::-1]]
    return rotation, skew, upright, lines


def _by_page(grey: Image, engine: Engine, options: OcrOptions, late: float) -> Reading:
    """The engine reads the page; where it is unsure of nearly everything, other ways up too."""
    rotation = quarter_turn(grey)
    best: Reading | None = None
    for other in (0, 180, 90, 270):
        way = (rotation + other) % 360
        skew = skew_of(turn(grey, way, 0.0))
        found = _read(engine, turn(grey, way, skew), options, late)
        found = replace(found, rotation=way, skew=skew)
        if best is None or _worth(found.words) > 1.25 * _worth(best.words):
            best = found
        if not _is_doubtful(best) or time.monotonic() > late or options.effort == "fast":
            break
    assert best is not None
    return best


def _read(engine: Engine, upright: Image, options: OcrOptions, late: float) -> Reading:
    """One upright picture: small print enlarged, in the right language."""
    scale = _enlargement(upright, options.dpi)
    picture = upright
    if scale > 1:
        picture = upright.resize((round(upright.width * scale), round(upright.height * scale)))
    request = Request(
        languages=_first_languages(engine, options),
        dpi=round((options.dpi or 200) * scale),
        block=upright.height > TALL * upright.width,
        deadline_s=max(1.0, late - time.monotonic()),
    )
    words = engine.recognise(picture, request)
    language = detect(_text(words))
    missing: tuple[str, ...] = ()
    if language and not options.languages and language not in request.languages:
        if language in engine.languages():
            wanted = tuple(dict.fromkeys((language, *request.languages)))
            words = engine.recognise(picture, replace(request, languages=wanted))
        else:
            missing = (language,)
    if scale > 1:
        words = tuple(w._replace(box=Box(*(edge / scale for edge in w.box))) for w in words)
    return Reading(
        words,
        upright.width,
        upright.height,
        language=language,
        engine=engine.NAME,
        missing=missing,
    )


def _first_languages(engine: Engine, options: OcrOptions) -> tuple[str, ...]:
    """What the page is read in at first: as asked, as the last page was, or in English."""
    if options.languages:
        return options.languages
    if options.hint and options.hint in engine.languages():
        return tuple(dict.fromkeys((options.hint, "en")))
    return ("en",)


def _enlargement(image: Image, dpi: int) -> float:
    """How much the picture is to be enlarged; print wants to be 20 pixels high and more."""
    if dpi >= 150 and image.width >= NARROW:
        return 1.0
    return min(2.5, max(1.0, NARROW / image.width))


def _is_doubtful(reading: Reading) -> bool:
    words = [w for w in reading.words if any(c.isalnum() for c in w.text)]
    if len(words) < FEW:
        return True
    return sum(w.confidence for w in words) / len(words) < DOUBTFUL


def _worth(words: tuple[Word, ...]) -> float:
    """How much was read, by confidence: characters of words that look like words."""
    return sum(len(w.text) * w.confidence**2 for w in words if len(w.text) > 2 and w.text.isalnum())


def _text(words: tuple[Word, ...]) -> str:
    return " ".join(w.text for w in words)
