"""Microsoft's compound files: a file system in a file, used by Outlook's .msg.

Sectors are chained by tables; streams below 4,096 bytes live in a stream of small sectors. Chains
that loop, lead nowhere or promise more than there is are cut off where they end, and no more than
an agreed sum of bytes is ever taken out, for streams of a hostile file may share their sectors.

Source: https://learn.microsoft.com/openspecs/windows_protocols/ms-cfb
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from idp_cdi.errors import LimitExceeded, UnreadableInput

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST = 0xFFFFFFFA  # numbers from here on are marks, no sectors
_ENTRY = struct.Struct("<64sHBBIII16sI16sIQ")
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_HEAD = struct.Struct("<HHHHH6xIIIIIIIII")


@dataclass(slots=True)
class Storage:
    """A folder: its streams by name as places in the file's directory, and its own folders."""

    streams: dict[str, int] = field(default_factory=dict)
    storages: dict[str, Storage] = field(default_factory=dict)


class Compound:
    """A compound file in memory."""

    def __init__(self, data: bytes, most: int, name: str) -> None:
        """Read the tables and the directory.

        Args:
            data: The file.
            most: Bytes that may be taken out in all.
            name: The file, for errors.

        Raises:
            UnreadableInput: No compound file, or one without its tables.
        """
        if len(data) < 512 or not data.startswith(MAGIC):
            raise _broken(name)
        self.name = name
        self._data = data
        self._left = most
        head = _HEAD.unpack_from(data, 24)
        shift, small_shift, first, cutoff, small_table = (
            head[3],
            head[4],
            head[7],
            head[9],
            head[10],
        )
        if shift not in (9, 12) or small_shift != 6:
            raise _broken(name)
        self._size = 1 << shift
        self._most = 0xFFFFFFFF if head[1] == 3 else (1 << 62) - 1  # old writers left rubbish above
        self._cutoff = min(cutoff, 1 << 16)
        self._table = self._sectors_of_table(head[12])
        self._small_table = _numbers(self._chain(first=small_table))
        directory = self._chain(first=first)
        self._entries = [
            _ENTRY.unpack_from(directory, at) for at in range(0, len(directory) - 127, 128)
        ]
        if not self._entries or self._entries[0][2] != _ROOT:
            raise _broken(name)
        self._small = self._chain(
            first=self._entries[0][10], most=self._entries[0][11] & self._most
        )
        self.root = self._tree()

    def read(self, place: int) -> bytes:
        """The bytes of the stream at a `place` of the directory.

        Raises:
            LimitExceeded: More than the agreed sum was taken out.
        """
        entry = self._entries[place]
        first, size = entry[10], min(entry[11] & self._most, len(self._data))
        self._left -= size
        if self._left < 0:
            raise LimitExceeded(
                "it unpacks to more than allowed",
                code="archive.too_large",
                file=self.name,
                action="save its attachments yourself, or raise max_unpacked",
            )
        if size < self._cutoff:
            return self._small_chain(first, size)
        return self._chain(first=first, most=size)

    def _sectors_of_table(self, more: int) -> list[int]:
        """The table of chains; its own sectors are listed in the header and in a chain of lists."""
        places = list(struct.unpack_from("<109I", self._data, 76))
        seen: set[int] = set()
        while more < _LAST and more not in seen and len(self._sector(more)) == self._size:
            seen.add(more)
            numbers = _numbers(self._sector(more))
            places.extend(numbers[:-1])
            more = numbers[-1]
        known = dict.fromkeys(place for place in places if place < _LAST)
        return _numbers(b"".join(self._sector(place) for place in known))

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._size
        return self._data[at : at + self._size]

    def _chain(self, *, first: int, most: int = 1 << 62) -> bytes:
        """The sectors of a chain, up to `most` bytes."""
        parts: list[bytes] = []
        seen: set[int] = set()
        number, left = first, most
        while number < len(self._table) and number not in seen and left > 0:
            seen.add(number)
            parts.append(self._sector(number)[:left])
            left -= self._size
            number = self._table[number]
        return b"".join(parts)

    def _small_chain(self, first: int, size: int) -> bytes:
        parts: list[bytes] = []
        number, left = first, size
        for _ in range(size // 64 + 1):
            if left <= 0 or number >= len(self._small_table):
                break
            parts.append(self._small[number * 64 : number * 64 + min(64, left)])
            left -= 64
            number = self._small_table[number]
        return b"".join(parts)

    def _tree(self) -> Storage:
        """All folders; an entry that turns up twice counts once."""
        root = Storage()
        seen = {0}
        waiting = [(root, self._entries[0][6])]
        while waiting:
            owner, place = waiting.pop()
            if place >= len(self._entries) or place in seen:
                continue
            seen.add(place)
            raw, length, kind, _, before, after, child, *_ = self._entries[place]
            name = raw[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace").lower()
            if kind == _STREAM:
                owner.streams[name] = place
            elif kind == _STORAGE:
                owner.storages[name] = Storage()
                waiting.append((owner.storages[name], child))
            waiting += [(owner, before), (owner, after)]
        return root


def _numbers(data: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))


def _broken(name: str) -> UnreadableInput:
    return UnreadableInput(
        "the Outlook message is broken",
        code="mail.broken",
        file=name,
        action="save it again, or as .eml",
    )
