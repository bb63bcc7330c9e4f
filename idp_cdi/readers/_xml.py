"""XML without surprises: no DTD, no entities, no network, no huge trees.

Elements are found by local name, because each e-invoice syntax moves its namespaces about between
versions while the names stay.

>>> root = parse(b"<a xmlns='urn:x'><b><c>1</c></b><b><c> 2 </c></b></a>", "x.xml")
>>> text(root, "b/c"), [text(b, "c") for b in every(root, "b")]
('1', ['1', '2'])
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import HostileInput, UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Iterator

_DOCTYPE = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_DEEPEST = 100


def parse(data: bytes, name: str) -> Any:
    """The root element of `data`.

    Args:
        data: The file's bytes, any encoding that XML allows.
        name: The file, for messages.

    Raises:
        HostileInput: It has a document type or entities.
        UnreadableInput: It is no well-formed XML.
    """
    from lxml import etree

    for encoding in ("latin-1", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        if _DOCTYPE.search(data.decode(encoding, "ignore")):
            raise _refused(name)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise UnreadableInput(
            "the XML is not well-formed",
            code="xml.broken",
            file=name,
            action="export it again",
        ) from error
    if root is None:
        raise UnreadableInput(
            "the XML is empty", code="xml.empty", file=name, action="export it again"
        )
    if root.getroottree().docinfo.internalDTD is not None:
        raise _refused(name)
    return root


def _refused(name: str) -> HostileInput:
    return HostileInput(
        "the XML has a document type or entities, which invoices never need",
        code="xml.doctype",
        file=name,
        action="ask the sender for plain XML",
    )


def local(element: Any) -> str:
    """The element's name without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace(element: Any) -> str:
    """The element's namespace, "" for none."""
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def every(element: Any, path: str) -> Iterator[Any]:
    """All elements at `path` (local names, "/" between steps, "|" between alternatives)."""
    if element is None:
        return
    step, _, rest = path.partition("/")
    names = step.split("|")
    for child in element:
        if local(child) in names:
            if rest:
                yield from every(child, rest)
            else:
                yield child


def one(element: Any, path: str) -> Any:
    """The first element at `path`, None where there is none."""
    return next(every(element, path), None)


def text(element: Any, path: str = "") -> str:
    """The text at `path`, stripped, blanks made single; "" where there is none."""
    found = one(element, path) if path else element
    if found is None:
        return ""
    return " ".join("".join(found.itertext()).split())


def first(element: Any, *paths: str) -> str:
    """The first text that is not empty among `paths`."""
    return next((found for path in paths if (found := text(element, path))), "")
