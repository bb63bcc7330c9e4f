"""E-mail (.eml): the body as a page, attachments as child documents.

The head (from, to, date, subject) stands above the body, as it does in print. Pictures inside the
body are left out, for they are logos nearly always; everything that is attached is read.

Source: https://www.rfc-editor.org/rfc/rfc5322, https://www.rfc-editor.org/rfc/rfc2046
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from idp_cdi.documents import Document
from idp_cdi.errors import UnreadableInput
from idp_cdi.readers._typeset import MARK, Sheet

if TYPE_CHECKING:
    from email.message import Message

    from idp_cdi.readers._options import ReadOptions
    from idp_cdi.readers._source import Source

NAME = "mail"
MEDIA_TYPE = "message/rfc822"
_FIELD = re.compile(rb"^[!-9;-~]{1,76}:[ \t]?", re.MULTILINE)
_KNOWN = re.compile(
    rb"^(from|to|subject|date|message-id|mime-version|received|return-path|delivered-to|"
    rb"content-type|reply-to|sender|x-[a-z0-9-]+|dkim-signature|authentication-results):",
    re.IGNORECASE | re.MULTILINE,
)
_SHOWN = ("From", "To", "Cc", "Date", "Subject")


def score(source: Source) -> float:
    """Starts with a header line and has several headers that mails have."""
    head = source.head.lstrip(b"\r\n")
    if head.startswith(b"From ") and b"\n" in head:
        head = head.partition(b"\n")[2]
    if not _FIELD.match(head):
        return 0.0
    block = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    known = {match.lower() for match in _KNOWN.findall(block)}
    if len(known) >= 2 and known & {b"from", b"received", b"mime-version", b"message-id"}:
        return 0.9 if source.suffix == ".eml" or len(known) >= 3 else 0.6
    return 0.4 if source.suffix == ".eml" else 0.0


def read(source: Source, options: ReadOptions) -> Document:
    """Body and attachments."""
    from idp_cdi.readers._children import Children, check_count

    message = _parse(source)
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
    return _document(source, options, message, plain, markup, children.documents())


def _document(
    source: Source,
    options: ReadOptions,
    message: Message,
    plain: str,
    markup: str,
    children: tuple[Document, ...],
) -> Document:
    from idp_cdi.ocr import detect_language
    from idp_cdi.readers.text import html_text

    head = {name: _header(message, name) for name in _SHOWN}
    sheet = Sheet(options.max_pages)
    for name, value in head.items():
        if value:
            sheet.paragraph(f"{name}: {value}")
    sheet.gap(10)
    body = plain if plain.strip() else html_text(markup)
    for line in body.splitlines():
        if sheet.full:
            break
        sheet.paragraph(line)
    pages = sheet.pages()
    facts = {name.lower(): value for name, value in head.items() if value}
    return Document(
        name=source.name,
        sha256=source.sha256,
        media_type=MEDIA_TYPE,
        reader=NAME,
        pages=pages,
        children=children,
        language=detect_language(" ".join(page.text for page in pages[:5])),
        metadata=MARK | facts,
    )


def _parse(source: Source) -> Message:
    from email import policy
    from email.parser import BytesParser

    data = source.data
    if data.lstrip(b"\r\n").startswith(b"From "):
        data = data.lstrip(b"\r\n").partition(b"\n")[2]
    try:
        return BytesParser(policy=policy.compat32).parsebytes(data)
    except (ValueError, TypeError, LookupError, AttributeError, IndexError) as error:
        raise UnreadableInput(
            "the mail is broken", code="mail.broken", file=source.name, action="save it again"
        ) from error


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
