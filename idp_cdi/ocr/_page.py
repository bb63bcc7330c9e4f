"""Reading one picture: upright it, ask the engine, look again where it was unsure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from idp_cdi.ocr._engines import choose
from idp_cdi.ocr._language import detect
from idp_cdi.ocr._types import OcrOptions, Reading, Request
from idp_cdi.ocr._upright import flatten, quarter_turn, skew_of, turn

if TYPE_CHECKING:
    from PIL.Image import Image

DEFAULT_LANGUAGES = ("en", "de", "fr")


def read_page(image: Image, options: OcrOptions) -> Reading:
    """See `idp_cdi.ocr.read_image`."""
    engine = choose(options.engine)
    grey = flatten(image.convert("L"))
    rotation = quarter_turn(grey)
    skew = skew_of(turn(grey, rotation, 0.0))
    upright = turn(grey, rotation, skew)
    languages = options.languages or tuple(
        code for code in DEFAULT_LANGUAGES if code in engine.languages()
    )
    request = Request(languages=languages, dpi=options.dpi or 200, deadline_s=options.deadline_s)
    words = engine.recognise(upright, request)
    reading = Reading(words, upright.width, upright.height, rotation, skew, engine=engine.NAME)
    return replace(reading, language=detect(" ".join(w.text for w in words)))
