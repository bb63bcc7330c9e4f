"""What a caller may ask of reading, and the limits that keep a hostile file harmless.

>>> ReadOptions(embedded=False).ocr
'auto'
>>> ReadOptions().within(deadline_s=5.0).deadline_s
5.0
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pathlib import Path

OcrChoice = Literal["auto", "tesseract", "tesserocr", "rapidocr", "off"]
Effort = Literal["fast", "normal", "thorough"]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """Wishes and limits of one `read`; the defaults suit an office PC.

    Attributes:
        embedded: False ignores embedded or attached e-invoice XML and reads only the page.
        ocr: Engine for pages without text; "auto" takes the fastest installed one, "off" none.
        languages: ISO 639-1 codes to read; empty finds the language out by itself.
        effort: How hard a bad scan is tried: "fast" reads once, "normal" tries again where the
            engine was unsure, "thorough" takes every means that is installed.
        dpi: Resolution at which PDF pages are turned into pictures for OCR.
        threads: Pages of one file that OCR reads at once, 4 at most; 0: one a processor, and in
            `read_many` the processors are divided among the workers.
        cache_dir: Where OCR results are kept by content hash, engine and settings; None: nowhere.
        max_bytes: Largest file, in bytes.
        max_pages: More pages than this are refused.
        max_pixels: Largest picture, in pixels.
        max_members: Most members of an archive or parts of a mail.
        max_unpacked: Most bytes that an archive or mail may unpack to.
        max_depth: How deep archives and mails may be nested.
        deadline_s: Seconds for one file; `read_many` enforces it by ending the worker.
        page_deadline_s: Seconds that OCR may take for one page.
        memory_bytes: Address space of one worker of `read_many`.
    """

    embedded: bool = True
    ocr: OcrChoice = "auto"
    languages: tuple[str, ...] = ()
    effort: Effort = "normal"
    dpi: int = 200
    threads: int = 0
    cache_dir: Path | None = None
    max_bytes: int = 512 * 1024 * 1024
    max_pages: int = 2000
    max_pixels: int = 120_000_000
    max_members: int = 500
    max_unpacked: int = 512 * 1024 * 1024
    max_depth: int = 4
    deadline_s: float = 600.0
    page_deadline_s: float = 60.0
    memory_bytes: int = 3 * 1024 * 1024 * 1024

    def within(self, **changes: Any) -> ReadOptions:
        """The same options with some `changes`."""
        return replace(self, **changes)


DEFAULTS = ReadOptions()
