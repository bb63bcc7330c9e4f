"""Exports: the questions in the forms in which people and labelling tools answer them.

One module a format; see `idp_cdi.review`. A format is found by its `NAME` or by the suffix and
content of a file.

>>> [way.NAME for way in formats()]
['csv', 'html', 'jsonl', 'labelstudio', 'xlsx']
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from idp_cdi.errors import UnreadableInput, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from idp_cdi.review.answers import Answer
    from idp_cdi.review.pictures import Pictures
    from idp_cdi.review.questions import Question

NAMES = ("csv", "html", "jsonl", "labelstudio", "xlsx")


@dataclass(frozen=True, slots=True)
class Batch:
    """What is exported: the questions, most urgent first, and how to show their pages."""

    questions: tuple[Question, ...]
    pictures: Pictures | None = None
    made_at: str = ""


class Format(Protocol):
    """The names of a module of this folder."""

    NAME: str
    SUFFIX: str
    write: Callable[[Path, Batch], None]
    read: Callable[[Path], list[Answer]]


def sidecars(form: Format, batch: Batch) -> dict[str, str]:
    """Further files that a format puts beside its export, by suffix."""
    made: Callable[[Batch], dict[str, str]] | None = getattr(form, "sidecars", None)
    return made(batch) if made is not None else {}


def formats() -> list[Format]:
    """All formats by name."""
    return [way(name) for name in NAMES]


def way(name: str) -> Format:
    """The format called `name`.

    Raises:
        UsageError: There is none.
    """
    if name not in NAMES:
        raise UsageError(f"there is no format {name!r}", action=f"one of: {', '.join(NAMES)}")
    return cast("Format", import_module(f"{__name__}.{name}"))


def read(path: Path) -> list[Answer]:
    """The answers in the file at `path`, whatever export it came from.

    Raises:
        UnreadableInput: It is no file of answers.
    """
    return way(_recognise(path)).read(path)


def _recognise(path: Path) -> str:
    suffix = path.suffix.casefold()
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise UnreadableInput("the file can't be opened", file=str(path)) from error
    if head.startswith(b"PK"):
        return "xlsx"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if suffix == ".jsonl":
        return "jsonl"
    if start.startswith(b"["):
        return "labelstudio"
    if start.startswith(b"{"):
        return "html" if b'"idp-cdi answers"' in head else "jsonl"
    return "csv"
