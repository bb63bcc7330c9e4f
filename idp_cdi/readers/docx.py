"""Word documents (DOCX): paragraphs, tables, headers and footers, text boxes.

Only the zipped XML is read; macros, links and embedded objects are not touched. Text that tracked
changes deleted is left out, as Word shows the document.

Source: ECMA-376, https://ecma-international.org/publications-and-standards/standards/ecma-376/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from idp_cdi.documents import Document
from idp_cdi.errors import UnreadableInput
from idp_cdi.readers._typeset import MARK, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp_cdi.readers._options import ReadOptions
    from idp_cdi.readers._source import Source

NAME = "docx"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_BODY = "word/document.xml"
_LARGEST_PART = 64 * 1024 * 1024
_SKIP = frozenset({"Fallback", "del", "moveFrom", "instrText", "delText", "pPr", "rPr", "sdtPr"})


def score(source: Source) -> float:
    """A zip whose first members are those of an Office document, with a Word part."""
    if not source.head.startswith(b"PK\x03\x04"):
        return 0.0
    told = b"word/" in source.head or b"[Content_Types].xml" in source.head
    if not told and source.suffix not in (".docx", ".docm"):
        return 0.0
    from idp_cdi.readers._zipped import names

    # The head may be that of a Word file packed without compression: only the directory is sure.
    found = names(source)
    whole = any(name.startswith("word/") for name in found)
    return 0.95 if whole or (not found and b"word/" in source.head) else 0.0


def read(source: Source, options: ReadOptions) -> Document:
    """The text of the document, set on pages of A4."""
    from idp_cdi.readers._xml import parse
    from idp_cdi.readers._zipped import open_zip, unpack

    with open_zip(source) as archive:
        parts = sorted(
            name
            for name in archive.namelist()
            if name.startswith(("word/header", "word/footer")) and name.endswith(".xml")
        )
        if _BODY not in archive.namelist():
            raise UnreadableInput(
                "the Word document has no text part",
                code="docx.broken",
                file=source.name,
                action="save it again as DOCX or PDF",
            )
        limit = min(_LARGEST_PART, options.max_unpacked)
        body = parse(unpack(archive, _BODY, limit, source.name), source.name)
        around = {
            name: parse(unpack(archive, name, limit, source.name), source.name)
            for name in parts[:20]
        }
    sheet = Sheet(options.max_pages)
    for name, root in around.items():
        if "header" in name:
            _set(sheet, root)
    _set(sheet, body)
    for name, root in around.items():
        if "footer" in name:
            _set(sheet, root)
    pages = sheet.pages()
    from idp_cdi.ocr import detect_language

    return Document(
        name=source.name,
        sha256=source.sha256,
        media_type=MEDIA_TYPE,
        reader=NAME,
        pages=pages,
        language=detect_language(" ".join(page.text for page in pages[:5])),
        metadata=dict(MARK),
    )


def _set(sheet: Sheet, root: Any) -> None:
    """Set every paragraph and table below `root`, in order."""
    from idp_cdi.readers._xml import every, local

    for element in _parts(root):
        if sheet.full:
            return
        if local(element) == "tbl":
            for row in every(element, "tr"):
                cells = [
                    "\n".join(_text(p) for p in _paragraphs(cell)).strip()
                    for cell in every(row, "tc")
                ]
                sheet.row(cells)
            sheet.gap(6)
        else:
            _paragraph(sheet, element)


def _paragraph(sheet: Sheet, element: Any) -> None:
    from idp_cdi.readers._xml import every, one

    style = one(element, "pPr/pStyle")
    name = (
        next((v for k, v in style.attrib.items() if k.endswith("val")), "")
        if style is not None
        else ""
    )
    heading = name.lower().startswith(("heading", "title", "berschrift", "überschrift", "titre"))
    runs = list(every(element, "r"))
    bold = bool(runs) and all(one(run, "rPr/b") is not None for run in runs)
    text = _text(element)
    for number, piece in enumerate(text.split("\f")):
        if number:
            sheet.new_page()
        if piece.strip():
            sheet.paragraph(piece, size=13.0 if heading else 10.0, bold=bold or heading)
    sheet.gap(6 if text.strip() else 8)


def _parts(root: Any) -> Iterator[Any]:
    """Outermost paragraphs and tables below `root`, in document order."""
    from idp_cdi.readers._xml import local

    for child in root:
        kind = local(child)
        if kind in ("p", "tbl"):
            yield child
        elif kind not in _SKIP:
            yield from _parts(child)


def _paragraphs(cell: Any) -> Iterator[Any]:
    """All paragraphs of a table cell, those of nested tables too."""
    from idp_cdi.readers._xml import local

    for child in cell:
        kind = local(child)
        if kind == "p":
            yield child
        elif kind not in _SKIP:
            yield from _paragraphs(child)


def _text(element: Any) -> str:
    """The visible text of a paragraph, with tabs, line feeds and form feeds for its breaks."""
    from idp_cdi.readers._xml import local

    found: list[str] = []
    for child in element:
        kind = local(child)
        if kind == "t":
            found.append(child.text or "")
        elif kind in ("tab", "ptab"):
            found.append("\t")
        elif kind in ("br", "cr"):
            page = any(k.endswith("type") and v == "page" for k, v in child.attrib.items())
            found.append("\f" if page else "\n")
        elif kind == "noBreakHyphen":
            found.append("-")
        elif kind == "p":  # a text box inside the paragraph
            found.append("\n" + _text(child))
        elif kind not in _SKIP:
            found.append(_text(child))
    return "".join(found)
