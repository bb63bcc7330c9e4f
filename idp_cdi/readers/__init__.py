"""Readers: bytes become a `Document`; one module a kind of file.

    from idp_cdi.readers import ReadOptions, read, read_many, render

    document = read("invoice.pdf")                     # in this process
    for result in read_many(paths, workers=2): ...     # in guarded worker processes, in order

**To add a way** write ``readers/<kind>.py`` with

- ``NAME``: how `Document.reader` calls it,
- ``score(source) -> float``: 0–1, how surely the first bytes are of this kind; content first,
  the extension only breaks ties; must not raise and not read more than ``source.head`` unless
  the head left it open,
- ``read(source, options) -> Document``: may raise `UnreadableInput` (or below) and nothing else.

Import heavy packages inside the functions. Outside packages join by the entry point group
``idp_cdi.readers``. The contract test in ``tests/readers`` finds every way by listing the folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idp_cdi.readers._options import DEFAULTS, ReadOptions
from idp_cdi.readers._source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from PIL.Image import Image

    from idp_cdi.documents import Document, Page
    from idp_cdi.progress import Progress

__all__ = ["DEFAULTS", "ReadOptions", "Source", "read", "read_many", "read_source", "render"]


def read(path: Path | str, options: ReadOptions = DEFAULTS) -> Document:
    """Read one file in this process.

    Args:
        path: The file; its kind is recognised by content, the extension only breaks ties.
        options: Wishes and limits.

    Returns:
        The document: pages of words with boxes, embedded data, children, and the problems that
        did not stop the reading.

    Raises:
        UnreadableInput: The file can't be used; code, reason and action say why.
    """
    return read_source(Source.of_path(path), options)


def read_source(source: Source, options: ReadOptions = DEFAULTS) -> Document:
    """Read a file or a part of one; what `read` does, for things that are not files.

    Args:
        source: Name and bytes.
        options: Wishes and limits.

    Returns:
        The document.

    Raises:
        UnreadableInput: It can't be used.
    """
    from idp_cdi.readers._dispatch import dispatch

    return dispatch(source, options)


def read_many(
    paths: Iterable[Path | str],
    *,
    workers: int = 1,
    options: ReadOptions = DEFAULTS,
    progress: Progress | None = None,
    then: Callable[[Document], Any] | None = None,
) -> Iterator[Any]:
    """Read many files in guarded worker processes.

    A file can't hurt the run: each worker has limits of memory and processor time, the parent ends
    one that is late, and workers are replaced now and then, so that memory stays flat.

    Args:
        paths: The files; taken one by one as workers get free, so a generator will do.
        workers: How many processes; two read at most `workers` files at once.
        options: Wishes and limits for every file.
        progress: Told of every finished file; `start` and `finish` are the caller's to call.
        then: What to do with each document in the worker that read it, a function of a module;
            its result, made of our own types, is yielded instead of the document.

    Yields:
        For every path, in its order: the document (or what `then` made of it), or the
        `UnreadableInput` that says why there is none.

    Raises:
        MissingDependency: The asked OCR engine is not installed at all.
        UsageError: The options make no sense.
    """
    from idp_cdi.progress import SILENT
    from idp_cdi.readers._pool import read_many as run

    yield from run(paths, workers, options, progress or SILENT, then)


def render(
    path: Path | str,
    number: int = 1,
    dpi: int = 150,
    page: Page | None = None,
    *,
    grey: bool = False,
) -> Image:
    """The picture of a page, made on demand.

    Args:
        path: A PDF or picture.
        number: The page, from 1.
        dpi: Pixels per inch; a picture file is scaled to it.
        page: When given, the picture is turned as `page` was (`rotation`, `skew`), so that the
            boxes of its words fit: pixel = point × dpi / 72.
        grey: Without colours, which is faster.

    Returns:
        An RGB picture, or a grey one.

    Raises:
        UnreadableInput: No such page, or the file can't be drawn.
    """
    from idp_cdi.readers._render import render_page

    return render_page(Source.of_path(path), number, dpi, page, grey=grey)
