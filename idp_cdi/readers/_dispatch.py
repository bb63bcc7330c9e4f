"""Finds the reader that fits a source best, and measures how long it took."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from idp_cdi.errors import UnreadableInput
from idp_cdi.plugins import ways

if TYPE_CHECKING:
    from types import ModuleType

    from idp_cdi.documents import Document
    from idp_cdi.readers._options import ReadOptions
    from idp_cdi.readers._source import Source

log = logging.getLogger(__name__)


def choose(source: Source) -> ModuleType:
    """The way that fits `source` best.

    Raises:
        UnreadableInput: None fits.
    """
    scored = [(way.score(source), way) for way in ways("readers")]
    best, way = max(scored, key=lambda pair: pair[0])
    if best <= 0:
        raise UnreadableInput(
            "this kind of file is not known",
            code="input.unknown_kind",
            file=source.name,
            action="convert it to PDF, or write a reader for it",
        )
    return way


def dispatch(source: Source, options: ReadOptions) -> Document:
    """Read `source` by the way that fits it best."""
    began = time.perf_counter()
    source.check_size(options.max_bytes)
    way = choose(source)
    try:
        document: Document = way.read(source, options)
    except RecursionError as error:
        raise UnreadableInput(
            "the file is nested too deeply",
            code="input.nesting",
            file=source.name,
            action="export it again",
        ) from error
    seconds = time.perf_counter() - began
    log.debug("read %s by %s in %.3f s", document.sha256[:12], way.NAME, seconds)
    return replace(document, seconds=seconds)
