"""XML e-invoices: CII, UBL and FatturaPA, recognised by their root element.

The document has no pages, only `Document.embedded`. A FatturaPA lot of several invoices gives the
first as the document and the others as its children.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.documents import Document
from idp_cdi.errors import UnreadableInput

if TYPE_CHECKING:
    from idp_cdi.documents import Embedded
    from idp_cdi.readers._options import ReadOptions
    from idp_cdi.readers._source import Source

NAME = "einvoice"
MEDIA_TYPE = "application/xml"
_STARTS = (
    b"<?xml",
    b"\xef\xbb\xbf<",
    "<".encode("utf-16-le"),
    "<".encode("utf-16-be"),
    b"\xff\xfe<",
    b"\xfe\xff\x00<",
)


def score(source: Source) -> float:
    """Something that starts as XML does and is not HTML."""
    head = source.head.lstrip(b" \t\r\n")
    if head.startswith(_STARTS):
        return 0.8
    if head.startswith(b"<") and source.suffix == ".xml":
        return 0.7
    return 0.0


def read(source: Source, options: ReadOptions) -> Document:
    """The invoice or invoices of an XML file."""
    found = embedded_in(source.data, source.name)
    if not options.embedded:
        found = []
    documents = [
        Document(
            name=source.name if index == 0 else f"{source.name}!{index + 1}",
            sha256=source.sha256,
            media_type=MEDIA_TYPE,
            reader=f"{NAME}.{embedded.syntax}",
            embedded=embedded,
        )
        for index, embedded in enumerate(found)
    ]
    if not documents:
        return Document(source.name, source.sha256, MEDIA_TYPE, NAME)
    from dataclasses import replace

    return replace(documents[0], children=tuple(documents[1:]))


def embedded_in(data: bytes, name: str) -> list[Embedded]:
    """The invoices in the bytes of an XML file.

    Raises:
        HostileInput: The XML has a document type or entities.
        UnreadableInput: No well-formed XML, or no kind of invoice that is known.
    """
    from idp_cdi.readers import _cii, _fatturapa, _ubl
    from idp_cdi.readers._xml import local, parse

    root = parse(data, name)
    for syntax in (_cii, _ubl, _fatturapa):
        if syntax.fits(root):
            found: list[Embedded] = syntax.read(root)
            return found
    raise UnreadableInput(
        f"the XML is no e-invoice that is known (its root is {local(root)[:40]!r})",
        code="xml.unknown",
        file=name,
        action="send CII, UBL or FatturaPA, or a PDF",
    )
