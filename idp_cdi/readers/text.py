"""Plain text and HTML: set on pages as they read.

HTML is stripped to its visible text; nothing in it is fetched or run.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

from idp_cdi.documents import Document
from idp_cdi.errors import UnreadableInput
from idp_cdi.readers._typeset import MARK, Sheet

if TYPE_CHECKING:
    from idp_cdi.readers._options import ReadOptions
    from idp_cdi.readers._source import Source

NAME = "text"
_LONGEST = 8 * 1024 * 1024
_BREAKS = frozenset("p br div tr li h1 h2 h3 h4 h5 h6 table ul ol dl dt dd hr blockquote".split())
_HIDDEN = frozenset(["script", "style", "head", "title", "template", "noscript"])


def score(source: Source) -> float:
    """HTML by its first tag; plain text only by its extension and the lack of NULs."""
    head = source.head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html")):
        return 0.85
    if source.suffix in (".htm", ".html") and b"<" in head:
        return 0.5
    plain = source.suffix in (".txt", ".text", ".md", "") and b"\x00" not in source.head
    return 0.1 if plain and _mostly_print(source.head) else 0.0


def read(source: Source, options: ReadOptions) -> Document:
    """The text on pages."""
    if source.size > _LONGEST:
        raise UnreadableInput(
            "a text this long is no business document",
            code="text.too_long",
            file=source.name,
            action="split it",
        )
    text = decode(source.data)
    is_html = score(source) >= 0.5
    sheet = Sheet(options.max_pages)
    for line in (html_text(text) if is_html else text).splitlines():
        if sheet.full:
            break
        for number, part in enumerate(line.split("\f")):
            if number:
                sheet.new_page()
            sheet.paragraph(part.expandtabs(8) if not is_html else part)
    pages = sheet.pages()
    from idp_cdi.ocr import detect_language

    return Document(
        name=source.name,
        sha256=source.sha256,
        media_type="text/html" if is_html else "text/plain",
        reader=NAME,
        pages=pages,
        language=detect_language(" ".join(page.text for page in pages[:5])),
        metadata=dict(MARK),
    )


def decode(data: bytes, declared: str = "") -> str:
    """Text of unknown encoding: as declared, UTF-8, or the likeliest."""
    for name in (declared, "utf-8-sig"):
        if name:
            try:
                return data.decode(name)
            except (LookupError, ValueError):  # a name with a NUL is a ValueError
                continue
    from charset_normalizer import from_bytes

    best = from_bytes(data[:200_000]).best()
    return data.decode(best.encoding if best else "cp1252", "replace")


def html_text(markup: str) -> str:
    r"""The visible text of some HTML, a line a block; cells of a table row apart by tabs.

    >>> html_text("<p>Dear <b>Ann</b></p><style>x</style><tr><td>1</td><td>2</td></tr>")
    'Dear Ann\n1\t2'
    """
    stripper = _Stripper()
    stripper.feed(markup)
    stripper.close()
    lines = ("".join(stripper.found)).split("\n")
    tidy = ("\t".join(" ".join(cell.split()) for cell in line.split("\t")) for line in lines)
    return "\n".join(line.rstrip() for line in tidy if line.strip())


class _Stripper(HTMLParser):
    """Collects visible text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self.hidden += 1
        elif tag in _BREAKS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self.hidden = max(0, self.hidden - 1)
        elif tag in ("td", "th"):
            self.found.append("\t")
        elif tag in _BREAKS:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.found.append(data.replace("\n", " "))


def _mostly_print(head: bytes) -> bool:
    control = sum(byte < 32 and byte not in (9, 10, 12, 13) for byte in head)
    return bool(head) and control * 100 <= len(head)
