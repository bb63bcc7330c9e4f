"""Read and extract one file: pure, picklable, the part of the road that worker processes do.

A failure comes back inside the result; one bad file never stops a batch.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING

from idp_cdi.documents import REFUSED, UNKNOWN_KIND, Problem
from idp_cdi.errors import IdpCdiError, UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from idp_cdi.documents import Document
    from idp_cdi.extractions import Extraction
    from idp_cdi.progress import Progress
    from idp_cdi.readers import ReadOptions
    from idp_cdi.settings import Settings

_LOG = logging.getLogger(__name__)

#: The code of a problem that is not the file's but ours.
FAULT = "internal"


_MAILS = ("message/rfc822", "application/vnd.ms-outlook")


@dataclass(frozen=True, slots=True)
class Understood:
    """What became of one file. Exactly one of `extraction` and `error` is set.

    `children` are the documents found inside (attachments, archive members).
    """

    name: str
    sha256: str
    media_type: str = ""
    size: int = 0
    extraction: Extraction | None = None
    error: Problem | None = None
    children: tuple[Understood, ...] = ()
    path: Path | None = None

    @property
    def all(self) -> Iterator[Understood]:
        """This document and everything inside it."""
        yield self
        for child in self.children:
            yield from child.all


def understand(
    path: Path, settings: Settings, *, document_type: str = "", embedded: bool = True
) -> Understood:
    """Read and extract the file at `path`.

    Args:
        path: The file.
        settings: How to read.
        document_type: Overrules the classification where given.
        embedded: False ignores embedded or attached structured data and reads only the page.
    """
    return next(
        understand_many([path], settings, document_type=document_type, embedded=embedded, workers=1)
    )


def understand_many(
    paths: Iterable[Path],
    settings: Settings,
    *,
    document_type: str = "",
    embedded: bool = True,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Iterator[Understood]:
    """Read and extract many files, in order, in guarded worker processes.

    Args:
        paths: The files; taken a few at a time, as workers get free.
        settings: How to read.
        document_type: Overrules the classification where given.
        embedded: False ignores embedded or attached structured data.
        workers: Processes; 1 works in this process. None takes the settings', and this process
            for one file alone.
        progress: Told of each finished file.

    Raises:
        SettingsError: Nobody knows the document type.
    """
    if document_type:
        from idp_cdi.steps.extract import check_type

        check_type(document_type)
    options = read_options(settings, embedded=embedded)
    then = partial(_extract, document_type=document_type, home=settings.home)
    given: deque[Path] = deque()

    def noted() -> Iterator[Path]:
        for path in paths:
            given.append(path)
            yield path

    for result in _results(noted(), settings, options, workers, then):
        path = given.popleft()
        if isinstance(result, IdpCdiError):
            yield failed(path, result)
        else:
            yield replace(result, path=path, size=path.stat().st_size)
        if progress is not None:
            progress.advance()


def _results(
    paths: Iterator[Path],
    settings: Settings,
    options: ReadOptions,
    workers: int | None,
    then: Callable[[Document], Understood],
) -> Iterator[Understood | IdpCdiError]:
    """What became of each file, or why there is nothing."""
    from idp_cdi.readers import read, read_many

    first = list(islice(paths, 2))
    alone = len(first) < 2 and workers is None
    workers = workers or settings.reading.workers or os.cpu_count() or 1
    paths = chain(first, paths)
    if workers > 1 and not alone:
        yield from read_many(paths, workers=workers, options=options, then=then)
        return
    for path in paths:
        try:
            document = read(path, options)
        except UnreadableInput as error:
            yield error
        else:
            yield then(document)


def read_options(settings: Settings, *, embedded: bool = True) -> ReadOptions:
    """The reader's options that the settings ask for."""
    from idp_cdi.readers import ReadOptions

    reading = settings.reading
    return ReadOptions(
        embedded=embedded,
        ocr=reading.ocr,
        effort=reading.effort,
        languages=reading.languages,
        max_pages=reading.max_pages,
        deadline_s=reading.deadline_s,
        cache_dir=settings.cache / "ocr",
    )


def failed(path: Path, error: IdpCdiError) -> Understood:
    """The result for a file that could not be read."""
    import hashlib

    try:
        content = path.read_bytes()
    except OSError:
        content = b""
    problem = Problem(error.code, error.reason, error.action)
    sha256 = hashlib.sha256(content).hexdigest() if content else ""
    return Understood(str(path), sha256, size=len(content), error=problem, path=path)


def _extract(document: Document, *, document_type: str, home: Path) -> Understood:
    from idp_cdi.models_path import learned_path
    from idp_cdi.scoring import Options
    from idp_cdi.steps.extract import extract

    if document.reader == REFUSED:
        why = document.problems[0]
        return Understood(document.name, document.sha256, document.media_type, error=why)
    parts = (child for child in document.children if not _is_no_document(document, child))
    children = tuple(_extract(child, document_type="", home=home) for child in parts)
    extraction, problem = None, None
    try:
        extraction = extract(document, Options(type=document_type))
        if learned_path(home).exists():  # most homes have none, and it would load all of review
            from idp_cdi.review.learned import apply, in_force

            extraction = apply(document, extraction, in_force(home))
    except UnreadableInput as error:
        problem = Problem(error.code, error.reason, error.action)
    except Exception as error:
        # A fault of ours must not stop the batch either: it is reported as what it is.
        _LOG.exception("extraction failed on %s", document.sha256)
        problem = Problem(FAULT, f"a fault of idp-cdi ({type(error).__name__})", "please report it")
    name, sha256, kind = document.name, document.sha256, document.media_type
    return Understood(name, sha256, kind, 0, extraction, problem, children)


def _is_no_document(parent: Document, part: Document) -> bool:
    """Whether a mail's part is of a kind that nobody reads: an invitation, a signature, a key."""
    unread = part.reader == REFUSED and part.problems[0].code == UNKNOWN_KIND
    return unread and parent.media_type in _MAILS


def pipeline_version() -> str:
    """What made the extractions: the program's version and its models, as one short text."""
    from idp_cdi import __version__
    from idp_cdi.models_path import models_path, own_models
    from idp_cdi.observations import content_id

    cards = []
    for root in (models_path(), own_models()):
        # Matching has versions of its own; what it learns changes no extraction.
        files = [p for p in sorted(root.rglob("*.*")) if "matching" not in p.parts]
        cards += [(str(p.relative_to(root)), p.stat().st_size) for p in files]
    return f"{__version__}+{content_id(cards)[:8]}"
