"""E-mail (.eml): the body as a page, attachments as child documents.

The head (from, to, date, subject) stands above the body, as it does in print. Pictures inside the
body are left out, for they are logos nearly always; everything that is attached is read.

Source: https://www.rfc-editor.org/rfc/rfc5322, https://www.rfc-editor.org/rfc/rfc2046
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp_cdi.errors import UnreadableInput
from idp_cdi.readers._message import document_of

if TYPE_CHECKING:
    from email.message import Message

    from idp_cdi.documents import Document
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
    return document_of(_parse(source), source, options, reader=NAME, media_type=MEDIA_TYPE)


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
