r"""Whether a file is complete for its format: what a copy that is still going on lacks.

Only the head and the tail are read. A format that does not say where it ends (CSV, text, mail) is
complete as far as one can tell.

>>> verdict(b"%PDF-1.7\n1 0 obj", b"1 0 obj", 17), verdict(b"%PDF-1.7", b"9\n%%EOF\n", 99)
(False, True)
>>> verdict(b"", b"", 0), verdict(b"a;b\n1;2\n", b"a;b\n1;2\n", 8)
(False, None)
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO

HEAD = 4096
TAIL = 66_000  # a ZIP's end record may be followed by a comment of 65,535 bytes

_ROOT = re.compile(rb"<(?![?!])([A-Za-z_][\w.:-]*)")


def is_complete(file: BinaryIO, size: int) -> bool | None:
    """Whether the open `file` of `size` bytes is whole; None where its format does not tell.

    Raises:
        OSError: It can't be read just now.
    """
    file.seek(0)
    head = file.read(HEAD)
    file.seek(max(0, size - TAIL))
    return verdict(head, file.read(TAIL), size)


def verdict(head: bytes, tail: bytes, size: int) -> bool | None:
    """The same from the first `HEAD` and the last `TAIL` bytes."""
    if not size:
        return False
    for magic, check in _FORMATS:
        if head.startswith(magic):
            return check(head, tail, size)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"%PDF-") or b"%PDF-" in head[:1024]:
        return _pdf(head, tail, size)
    if start.startswith((b"<?xml", b"<")):
        return _xml(head, tail, size)
    if start.startswith((b"{", b"[")):
        return tail.rstrip().endswith((b"}", b"]"))
    return None


def _pdf(_: bytes, tail: bytes, __: int) -> bool:
    return b"%%EOF" in tail[-2048:]


def _zip(_: bytes, tail: bytes, size: int) -> bool:
    """DOCX and XLSX are ZIPs too: the directory of its members stands at the end."""
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        return False
    length, offset = struct.unpack_from("<II", tail, at + 12)
    end = size - len(tail) + at
    return bool(offset == 0xFFFFFFFF or offset + length <= end)


def _jpeg(_: bytes, tail: bytes, __: int) -> bool:
    # Some cameras and scanners pad the end.
    return b"\xff\xd9" in tail[-4096:]


def _png(_: bytes, tail: bytes, __: int) -> bool:
    return b"IEND\xaeB`\x82" in tail[-4096:]


def _tiff(head: bytes, _: bytes, size: int) -> bool | None:
    order = "<" if head.startswith(b"II") else ">"
    (offset,) = struct.unpack_from(order + "I", head, 4)
    # Some writers put the directory last: a file that ends before it is not whole.
    return None if 0 < offset + 2 <= size else False


def _riff(head: bytes, _: bytes, size: int) -> bool:
    (length,) = struct.unpack_from("<I", head, 4)
    return bool(size >= length + 8)


def _bmp(head: bytes, _: bytes, size: int) -> bool:
    (length,) = struct.unpack_from("<I", head, 2)
    return bool(size >= length)


def _gif(_: bytes, tail: bytes, __: int) -> bool:
    return tail.rstrip(b"\0").endswith(b";")


def _ole(_: bytes, __: bytes, size: int) -> bool:
    return size % 512 == 0


def _parquet(_: bytes, tail: bytes, __: int) -> bool:
    return len(tail) >= 8 and tail.endswith(b"PAR1")


def _xml(head: bytes, tail: bytes, _: int) -> bool | None:
    for codec in (b"utf-16", b"UTF-16"):
        if codec in head[:200]:
            return None
    root = _ROOT.search(head)
    if root is None:
        return None
    end = re.sub(rb"(?s)(<!--.*?-->|<\?.*?\?>|\s)+\Z", b"", tail)
    return end.endswith(b">") and bool(
        re.search(rb"</" + re.escape(root.group(1)) + rb"\s*>\Z", end) or end.endswith(b"/>")
    )


_FORMATS = (
    (b"%PDF-", _pdf),
    (b"PK\x03\x04", _zip),
    (b"PK\x05\x06", _zip),
    (b"\xff\xd8\xff", _jpeg),
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"II*\0", _tiff),
    (b"MM\0*", _tiff),
    (b"RIFF", _riff),
    (b"GIF8", _gif),
    (b"BM", _bmp),
    (b"\xd0\xcf\x11\xe0", _ole),
    (b"PAR1", _parquet),
)
