"""Large XML files element by element: nothing from outside the file, no DOCTYPE, flat memory."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from idp_cdi.connectors._text import head
from idp_cdi.errors import HostileInput, UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def name_of(element: Any) -> str:
    """The element's name without its namespace."""
    return _local(element.tag)


@lru_cache(maxsize=4096)
def _local(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def elements(
    path: Path, names: frozenset[str], *, skip: frozenset[str] = frozenset()
) -> Iterator[Any]:
    """Elements with one of `names` in document order; each is emptied after it was used.

    Args:
        path: The file.
        names: Element names without namespace.
        skip: Other elements that may be many; they are emptied at once, for flat memory.

    Yields:
        The element, whole; its parent still has what came before it.

    Raises:
        HostileInput: The file has a DOCTYPE.
        UnreadableInput: It is not well-formed; elements before the fault were given.
    """
    from lxml import etree

    if b"<!DOCTYPE" in head(path, 1 << 16):
        raise HostileInput("XML with a DOCTYPE", code="xml.doctype", file=str(path))
    asked = [f"{{*}}{name}" for name in names | skip]
    try:
        with path.open("rb") as file:
            for _, element in etree.iterparse(
                file, events=("end",), tag=asked, resolve_entities=False, no_network=True,
                load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
            ):  # fmt: skip
                if name_of(element) in names:
                    yield element
                _forget(element)
    except etree.XMLSyntaxError as error:
        raise UnreadableInput(
            f"not well-formed XML at line {error.lineno}", code="xml.syntax", file=str(path)
        ) from error


def _forget(element: Any) -> None:
    element.clear()
    before = element.getprevious()
    while before is not None and before.tag == element.tag:
        element.getparent().remove(before)
        before = element.getprevious()


def texts(element: Any, *, without: str = "") -> dict[str, str]:
    """Path (``a/b/c``, no namespaces) → text of what stands there, of each name its first element.

    One walk over a small element instead of one for each path that is asked for.

    Args:
        element: What is walked.
        without: Name of children that are many and are read by themselves.
    """
    found = {without: ""} if without else {}
    _walk(element, "", found)
    return found


def _walk(element: Any, prefix: str, found: dict[str, str]) -> None:
    for child in element:
        path = prefix + _local(child.tag)
        if path in found:
            continue
        found[path] = (child.text or "").strip()
        if len(child):
            _walk(child, path + "/", found)


def first(found: dict[str, str], *paths: str) -> str:
    """The first text that is there along one of `paths`, "" where there is none."""
    for path in paths:
        if value := found.get(path):
            return value
    return ""


def find(element: Any, path: str) -> Any:
    """The first descendant along `path` (``a/b/c``, no namespaces), or None."""
    for part in path.split("/"):
        for child in element:
            if _local(child.tag) == part:
                element = child
                break
        else:
            return None
    return element


def text(element: Any, *paths: str) -> str:
    """The text of the first of `paths` that has one, "" where none does."""
    for path in paths:
        found = find(element, path)
        if found is not None and found.text and found.text.strip():
            return str(found.text).strip()
    return ""


def all_of(element: Any, path: str) -> list[Any]:
    """Every descendant along `path`."""
    found = [element]
    for part in path.split("/"):
        found = [c for e in found for c in e if name_of(c) == part]
    return found
