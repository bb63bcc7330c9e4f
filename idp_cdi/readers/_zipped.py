"""Zip files without trust: names looked at before use, sizes counted while unpacking.

The sizes that a zip states can be lies, so `unpack` reads in pieces and stops at the limit.
Nothing is ever written to disk.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from idp_cdi.errors import HostileInput, LimitExceeded, UnreadableInput

if TYPE_CHECKING:
    from idp_cdi.readers._source import Source

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    IndexError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
)
_PIECE = 1 << 20
_STEEPEST = 1100  # deflate can't do better; a zip that says so lies


def open_zip(source: Source) -> zipfile.ZipFile:
    """The archive.

    Raises:
        UnreadableInput: It is broken.
    """
    try:
        return zipfile.ZipFile(io.BytesIO(source.data) if source.path is None else source.path)
    except BROKEN as error:
        raise UnreadableInput(
            "the zip file is broken",
            code="archive.broken",
            file=source.name,
            action="pack or copy it again",
        ) from error


def names(source: Source) -> frozenset[str]:
    """Names of the members, empty where the zip is broken."""
    try:
        with open_zip(source) as archive:
            return frozenset(archive.namelist())
    except UnreadableInput:
        return frozenset()


def unpack(archive: zipfile.ZipFile, member: str | zipfile.ZipInfo, limit: int, name: str) -> bytes:
    """The bytes of one member, at most `limit` of them.

    Raises:
        LimitExceeded: It unpacks to more.
        HostileInput: Its stated size is impossible.
        UnreadableInput: It is broken or encrypted.
    """
    found = bytearray()
    try:
        info = archive.getinfo(member) if isinstance(member, str) else member
        if info.flag_bits & 1:
            raise UnreadableInput(
                "a part of the zip file is encrypted",
                code="archive.encrypted",
                file=name,
                action="pack it without a password",
            )
        if info.file_size > _STEEPEST * max(1, info.compress_size) + 4096:
            raise HostileInput(
                "a part of the zip file states an impossible size",
                code="archive.bomb",
                file=name,
                action="ask the sender for the plain files",
            )
        with archive.open(info) as stream:
            while piece := stream.read(_PIECE):
                found += piece
                if len(found) > limit:
                    raise LimitExceeded(
                        f"a part of the file unpacks to more than {limit} bytes",
                        code="archive.too_large",
                        file=name,
                        action="unpack it yourself, or raise max_unpacked",
                    )
    except UnreadableInput:
        raise
    except BROKEN as error:
        raise UnreadableInput(
            "a part of the zip file is broken",
            code="archive.broken",
            file=name,
            action="pack or copy it again",
        ) from error
    return bytes(found)
