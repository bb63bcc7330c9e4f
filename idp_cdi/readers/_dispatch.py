"""Finds the reader that fits a source best, and measures how long it took."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from idp_cdi.documents import UNKNOWN_KIND
from idp_cdi.errors import UnreadableInput
from idp_cdi.plugins import way, ways

if TYPE_CHECKING:
    from types import ModuleType

    from idp_cdi.documents import Document
    from idp_cdi.readers._options import ReadOptions
    from idp_cdi.readers._source import Source

log = logging.getLogger(__name__)


def choose(source: Source) -> ModuleType:
    """The way that fits `source` best.

    The one named like the extension is asked first: where it is certain, nothing else is imported.

    Raises:
        UnreadableInput: None fits.
    """
    named = way("readers", source.suffix.removeprefix("."))
    if named is not None and named.score(source) >= 1.0:
        return named
    best, fittest = max(((w.score(source), w) for w in ways("readers")), key=lambda pair: pair[0])
    if best <= 0:
        raise UnreadableInput(
            "this kind of file is not known",
            code=UNKNOWN_KIND,
            file=source.name,
            action=_TABLE if source.suffix in _TABLES else _OTHER,
        )
    return fittest


_TABLES = frozenset((".csv", ".tsv", ".xlsx", ".xls", ".parquet", ".jsonl"))
_TABLE = "it is a table of rows: give it to `idp-cdi ingest`, unpacked"
_OTHER = "convert it to PDF, or write a reader for it"


def dispatch(source: Source, options: ReadOptions) -> Document:
    """Read `source` by the way that fits it best."""
    began = time.perf_counter()
    source.check_size(options.max_bytes)
    chosen = choose(source)
    try:
        document: Document = chosen.read(source, options)
    except RecursionError as error:
        raise UnreadableInput(
            "the file is nested too deeply",
            code="input.nesting",
            file=source.name,
            action="export it again",
        ) from error
    seconds = time.perf_counter() - began
    log.debug("read %s by %s in %.3f s", document.sha256[:12], chosen.NAME, seconds)
    return replace(document, seconds=seconds)
