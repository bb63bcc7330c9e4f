"""What engines are asked and what reading a picture gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp_cdi.errors import UnreadableInput

if TYPE_CHECKING:
    from idp_cdi.documents import Word


class OcrFailed(UnreadableInput):
    """The engine failed or took too long for one page; other pages go on."""

    default_code = "ocr.failed"


@dataclass(frozen=True, slots=True)
class OcrOptions:
    """How a picture is to be read.

    Attributes:
        engine: Name of an engine, or "auto" for the fastest installed one.
        languages: ISO 639-1 codes; empty finds the language out.
        effort: "fast", "normal" or "thorough".
        hint: Language of the page before this one; only saves time.
        dpi: Pixels per inch of the picture, 0 where unknown.
        deadline_s: Seconds for the page.
    """

    engine: str = "auto"
    languages: tuple[str, ...] = ()
    effort: str = "normal"
    hint: str = ""
    dpi: int = 0
    deadline_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Request:
    """What one call of an engine is asked.

    `block` asks for one block of print (receipts: page segmentation 6) instead of a page with its
    layout (3); `line` for a single line.
    """

    languages: tuple[str, ...] = ("en",)
    dpi: int = 200
    block: bool = False
    line: bool = False
    deadline_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Reading:
    """Words in pixels of the upright picture of `width` × `height`.

    The upright picture is the given one turned clockwise by `rotation` and then by `-skew`
    degrees around its centre, enlarged so that nothing is cut off. `missing` are languages that
    the page seems to be in and that are not installed.
    """

    words: tuple[Word, ...]
    width: int
    height: int
    rotation: int = 0
    skew: float = 0.0
    language: str = ""
    engine: str = ""
    missing: tuple[str, ...] = ()
