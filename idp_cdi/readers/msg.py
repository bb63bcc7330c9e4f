"""Outlook messages (.msg): read as the mail that they once were.

A message is a compound file of properties; they are put back into a mail with head, body,
attachments and attached mails, and that is read as any other. The plain body is taken where there
is one, else the HTML, else the text of the rich text.

Source: https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxmsg, ms-oxprops
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from email.message import Message
from typing import TYPE_CHECKING

from idp_cdi.errors import LimitExceeded
from idp_cdi.readers._compound import MAGIC, Compound, Storage
from idp_cdi.readers._message import document_of

if TYPE_CHECKING:
    from idp_cdi.documents import Document
    from idp_cdi.readers._options import ReadOptions
    from idp_cdi.readers._source import Source

NAME = "msg"
MEDIA_TYPE = "application/vnd.ms-outlook"
_FIXED = "__properties_version1.0"
_MARK = _FIXED.encode("utf-16-le")
_ATTACHMENT = "__attach_version1.0_#"
# Properties by number, as MS-OXPROPS lists them.
_SUBJECT, _TO, _CC = 0x0037, 0x0E04, 0x0E03
_SENDER, _SENDER_ADDRESS, _SENDER_SMTP, _SENDER_KIND = 0x0C1A, 0x0C1F, 0x5D01, 0x0C1E
_SENT, _RECEIVED = 0x0039, 0x0E06
_BODY, _RTF, _HTML = 0x1000, 0x1009, 0x1013
_CODEPAGE, _HTML_CODEPAGE = 0x3FFD, 0x3FDE
_DATA, _METHOD, _DISPLAY_NAME = 0x3701, 0x3705, 0x3001
_LONG_NAME, _SHORT_NAME, _MIME, _CONTENT_ID, _HIDDEN = 0x3707, 0x3704, 0x370E, 0x3712, 0x7FFE
_INSIDE = 5  # the way of an attachment that is a message of its own


def score(source: Source) -> float:
    """A compound file that has the properties of a message, which Word's and Excel's have not."""
    if not source.head.startswith(MAGIC):
        return 0.0
    return 0.95 if _MARK in source.data else 0.5 if source.suffix == ".msg" else 0.0


def read(source: Source, options: ReadOptions) -> Document:
    """Body and attachments."""
    file = Compound(source.data, options.max_unpacked, source.name)
    deep = options.max_depth - source.depth
    message = _Mail(file, file.root, 32).message(deep, options.max_members)
    return document_of(message, source, options, reader=NAME, media_type=MEDIA_TYPE)


class _Properties:
    """The properties of one folder: a message, or one of its attachments."""

    def __init__(self, file: Compound, folder: Storage, head: int) -> None:
        """`head` is how many bytes precede the properties of fixed size."""
        self.file = file
        self.folder = folder
        self.fixed: dict[int, bytes] = {}
        place = folder.streams.get(_FIXED)
        data = file.read(place)[head:] if place is not None else b""
        for at in range(0, len(data) - 15, 16):
            (number,) = struct.unpack_from("<H", data, at + 2)
            self.fixed[number] = data[at + 8 : at + 16]

    def integer(self, number: int) -> int:
        """A number of 32 bits, 0 where it isn't there."""
        return int.from_bytes(self.fixed.get(number, b"")[:4], "little")

    def time(self, number: int) -> str:
        """A moment as mails write it, "" where it isn't there."""
        ticks = int.from_bytes(self.fixed.get(number, b""), "little")  # of 100 ns since 1601
        if not 0 < ticks < 1 << 58:
            return ""
        moment = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)
        return moment.strftime("%a, %d %b %Y %H:%M:%S +0000")

    def binary(self, number: int) -> bytes:
        """The bytes of a property, b"" where it isn't there."""
        place = self.folder.streams.get(f"__substg1.0_{number:04x}0102")
        return self.file.read(place) if place is not None else b""

    def text(self, number: int) -> str:
        """The text of a property, "" where it isn't there."""
        from idp_cdi.readers.text import decode

        place = self.folder.streams.get(f"__substg1.0_{number:04x}001f")
        if place is not None:
            return self.file.read(place).decode("utf-16-le", "replace").rstrip("\x00")
        place = self.folder.streams.get(f"__substg1.0_{number:04x}001e")
        if place is None:
            return ""
        return decode(self.file.read(place), _codec(self.integer(_CODEPAGE))).rstrip("\x00")


class _Mail:
    """A message, at the top of the file or attached to another."""

    def __init__(self, file: Compound, folder: Storage, head: int) -> None:
        self.file = file
        self.folder = folder
        self.has = _Properties(file, folder, head)

    def message(self, deep: int, most: int) -> Message:
        """The mail, its attachments down to `deep` mails in mails and `most` at each."""
        if deep < 0:
            raise LimitExceeded(
                "messages are nested too deep",
                code="archive.too_deep",
                file=self.file.name,
                action="save them apart",
            )
        made = Message()
        for name, value in self._head().items():
            if value:
                made[name] = " ".join("".join(c if c.isprintable() else " " for c in value).split())
        made["Content-Type"] = "multipart/mixed"
        parts: list[Message | str] = [self._body()]
        for name in sorted(self.folder.storages):
            if name.startswith(_ATTACHMENT) and len(parts) <= most + 1:
                parts.append(self._attachment(self.folder.storages[name], deep, most))
        made.set_payload(parts)
        return made

    def _head(self) -> dict[str, str]:
        has = self.has
        address = has.text(_SENDER_SMTP)
        if not address and has.text(_SENDER_KIND).upper() != "EX":  # else a place in a directory
            address = has.text(_SENDER_ADDRESS)
        sender = has.text(_SENDER)
        if address and address != sender:
            sender = f"{sender} <{address}>".strip()
        return {
            "From": sender,
            "To": has.text(_TO),
            "Cc": has.text(_CC),
            "Date": has.time(_SENT) or has.time(_RECEIVED),
            "Subject": has.text(_SUBJECT),
        }

    def _body(self) -> Message:
        from idp_cdi.readers import _rtf
        from idp_cdi.readers.text import decode

        plain, kind = self.has.text(_BODY), "text/plain"
        if not plain.strip():
            html = self.has.binary(_HTML)
            plain = decode(html, _codec(self.has.integer(_HTML_CODEPAGE))) if html else ""
            plain, kind = plain or self.has.text(_HTML), "text/html"
        if not plain.strip():
            plain, kind = _rtf.rtf_text(_rtf.unpacked(self.has.binary(_RTF), 1 << 24)), "text/plain"
        return _part(kind, plain.encode("utf-8", "replace"), charset="utf-8")

    def _attachment(self, folder: Storage, deep: int, most: int) -> Message:
        has = _Properties(self.file, folder, 8)
        name = has.text(_LONG_NAME) or has.text(_SHORT_NAME)
        inner = folder.storages.get(f"__substg1.0_{_DATA:04x}000d")
        if inner is not None and has.integer(_METHOD) == _INSIDE:
            part = Message()
            part["Content-Type"] = "message/rfc822"
            if title := name or has.text(_DISPLAY_NAME):
                part.add_header("Content-Disposition", "attachment", filename=f"{title}.eml")
            part.set_payload([_Mail(self.file, inner, 24).message(deep - 1, most)])
            return part
        kind = has.text(_MIME).lower()
        kind = kind if kind.count("/") == 1 and kind.isascii() and kind.isprintable() else ""
        part = _part(kind or "application/octet-stream", has.binary(_DATA))
        shown = bool(has.text(_CONTENT_ID)) and bool(has.integer(_HIDDEN) & 0xFF)
        part.add_header("Content-Disposition", "inline" if shown else "attachment")
        part.set_param("filename", name or "part", "Content-Disposition", charset="utf-8")
        return part


def _part(kind: str, data: bytes, *, charset: str = "") -> Message:
    from base64 import b64encode

    part = Message()
    part["Content-Type"] = kind if not kind.startswith(("multipart/", "message/")) else "text/plain"
    if charset:
        part.set_param("charset", charset)
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(b64encode(data).decode("ascii"))
    return part


def _codec(codepage: int) -> str:
    """Python's name of a code page of Windows, "" where there is none."""
    import codecs

    try:
        return codecs.lookup("utf-8" if codepage == 65001 else f"cp{codepage}").name
    except LookupError:
        return {28591: "latin-1", 20127: "ascii", 28605: "iso8859-15"}.get(codepage, "")
