"""From a parsed mail to a `Document`: the body as a page, attachments as child documents.

The head (from, to, date, subject) stands above the body, as it does in print. Pictures inside the
body are left out, for they are logos nearly always; everything that is attached is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from idp_cdi.documents import Document
from idp_cdi.readers._typeset import MARK, Sheet

if TYPE_CHECKING:
    from email.message import Message

    from idp_cdi.documents import Page
    from idp_cdi.readers._options import ReadOptions
    from idp_cdi.readers._source import Source

_SHOWN = ("From", "To", "Cc", "Date", "Subject")


def document_of(
    message: Message, source: Source, options: ReadOptions, *, reader: str, media_type: str
) -> Document:
    """Body and attachments of `message`, which came as `source` and was parsed by `reader`."""
    from idp_cdi.readers._children import Children, check_count

    children = Children(source, options)
    parts = [part for part in _walk(message, options.max_members + 1)]
    check_count(len(parts), options.max_members, source.name)
    plain, markup = "", ""
    for number, part in enumerate(parts):
        kind = part.get_content_type()
        name = _file_name(part)
        attached = part.get_content_disposition() == "attachment" or bool(name)
        if kind == "message/rfc822":
            children.add(name or f"message {number}.eml", _inner(part))
        elif kind in ("text/plain", "text/html") and not attached:
            text = _text(part)
            if kind == "text/plain":
                plain += text + "\n"
            else:
                markup += text + "\n"
        elif kind.startswith("image/") and part.get_content_disposition() != "attachment":
            continue
        else:
            data = _payload(part)
            if data and len(data) <= max(0, children.left_bytes):
                children.add(name or f"part {number}", data)
            elif data:
                children.add(name or f"part {number}", b"")
    from idp_cdi.ocr import detect_language

    head = {name: _header(message, name) for name in _SHOWN}
    pages = _set(head, plain, markup, options.max_pages)
    facts = {name.lower(): value for name, value in head.items() if value}
    return Document(
        name=source.name,
        sha256=source.sha256,
        media_type=media_type,
        reader=reader,
        pages=pages,
        children=children.documents(),
        language=detect_language(" ".join(page.text for page in pages[:5])),
        metadata=MARK | facts,
    )


def _set(head: dict[str, str], plain: str, markup: str, most_pages: int) -> tuple[Page, ...]:
    """Head and body on pages."""
    from idp_cdi.readers.text import html_text

    sheet = Sheet(most_pages)
    for name, value in head.items():
        if value:
            sheet.paragraph(f"{name}: {value}")
    sheet.gap(10)
    body = plain if plain.strip() else html_text(markup)
    for line in body.splitlines():
        if sheet.full:
            break
        sheet.paragraph(line)
    return sheet.pages()


def _walk(message: Message, most: int) -> list[Message]:
    """Leaves of the mail's tree, depth first; an attached mail is a leaf."""
    found: list[Message] = []
    stack: list[Any] = [message]
    while stack and len(found) < most:
        part = stack.pop()
        if part.get_content_type() == "message/rfc822" or not part.is_multipart():
            found.append(part)
        else:
            stack.extend(reversed(part.get_payload()))
    return found


def _inner(part: Message) -> bytes:
    payload = part.get_payload()
    if isinstance(payload, list) and payload:
        try:
            return bytes(cast("Message", payload[0]))
        except (ValueError, TypeError, LookupError, AttributeError, KeyError):
            return b""
    return _payload(part)


def _payload(part: Message) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except (ValueError, TypeError, LookupError, AssertionError):
        return b""
    return data if isinstance(data, bytes) else b""


def _text(part: Message) -> str:
    from idp_cdi.readers.text import decode

    return decode(_payload(part), part.get_content_charset() or "")


def _header(message: Message, name: str) -> str:
    """A header's value, decoded, on one line."""
    from email.errors import MessageError
    from email.header import decode_header, make_header

    raw = message.get(name)
    if raw is None:
        return ""
    try:
        value = str(make_header(decode_header(str(raw))))
    except (MessageError, LookupError, ValueError, TypeError):
        value = str(raw)
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:1000]


def _file_name(part: Message) -> str:
    from email.errors import MessageError
    from email.header import decode_header, make_header

    try:
        raw = part.get_filename() or ""
        return str(make_header(decode_header(raw))) if raw else ""
    except (MessageError, LookupError, ValueError, TypeError, AttributeError):
        return ""
