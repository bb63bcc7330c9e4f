#!/usr/bin/env python3
"""Writes Outlook messages (.msg), good and hostile ones; used by make_hostile and the tests.

>>> message({"subject": "Invoice 4711"})[:4]
b'\\xd0\\xcf\\x11\\xe0'
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import Any

Tree = dict[str, Any]  # bytes are a stream, a dictionary is a storage
NONE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
NAMES = {
    "subject": 0x37,
    "to": 0xE04,
    "cc": 0xE03,
    "sender": 0xC1A,
    "address": 0x5D01,
    "body": 0x1000,
}


def compound(tree: Tree) -> bytes:
    """A compound file (version 3) of `tree`."""
    entries: list[list[Any]] = [
        ["Root Entry", 5, NONE, NONE, END, 0]
    ]  # name kind right child start size
    small, small_table, sectors, table = bytearray(), [], [], []
    known: dict[int, int] = {}  # the same bytes given twice share their sectors

    def chain(data: bytes) -> int:
        first = len(sectors)
        for at in range(0, len(data), 512):
            sectors.append(data[at : at + 512].ljust(512, b"\x00"))
            table.append(len(sectors))
        table[-1] = END
        return first

    def put(folder: Tree) -> int:
        first, before = NONE, None
        for name, content in folder.items():
            place = len(entries)
            entries.append([name, 1 if isinstance(content, dict) else 2, NONE, NONE, END, 0])
            if before is None:
                first = place
            else:
                entries[before][2] = place
            before = place
            if isinstance(content, dict):
                entries[place][3] = put(content)
                entries[place][4] = 0
            elif len(content) >= 4096:
                if id(content) not in known:
                    known[id(content)] = chain(content)
                entries[place][4:] = [known[id(content)], len(content)]
            elif content:
                entries[place][4:] = [len(small_table), len(content)]
                for at in range(0, len(content), 64):
                    small.extend(content[at : at + 64].ljust(64, b"\x00"))
                    small_table.append(len(small_table) + 1)
                small_table[-1] = END
        return first

    entries[0][3] = put(tree)
    if small:
        entries[0][4:] = [chain(bytes(small)), len(small)]
    listed = b"".join(_entry(*entry) for entry in entries)
    directory = chain(listed)
    links = struct.pack(f"<{len(small_table)}I", *small_table)
    small_first = chain(links + b"\xff" * (-len(links) % 512)) if small_table else END
    count = 1
    while (len(table) + count) * 4 > count * 512:
        count += 1
    numbers = [*table, *([FAT] * count)]
    numbers += [NONE] * (count * 128 - len(numbers))
    own = list(range(len(table), len(table) + count))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, count, directory, 0, 4096, small_first, 1, END, 0)
    head += struct.pack("<109I", *(own + [NONE] * (109 - count))[:109])
    return head + b"".join(sectors) + struct.pack(f"<{len(numbers)}I", *numbers)


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    raw = name.encode("utf-16-le")
    return (
        raw.ljust(64, b"\x00")
        + struct.pack("<HBBIII", len(raw) + 2, kind, 1, NONE, right, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def message(
    texts: dict[str, str],
    attachments: dict[str, bytes | Tree] | None = None,
    *,
    head: int = 32,
    more: Tree | None = None,
    sent: datetime = datetime(2024, 5, 3, 9, 30, tzinfo=UTC),
) -> Any:
    """A message as bytes; as a tree where `head` is 24, to be attached to another."""
    since = sent - datetime(1601, 1, 1, tzinfo=UTC)
    ticks = (since.days * 86_400 + since.seconds) * 10_000_000
    tree: Tree = {
        "__properties_version1.0": bytes(head) + struct.pack("<HHIQ", 0x40, 0x39, 6, ticks)
    }
    for key, value in texts.items():
        tree[f"__substg1.0_{NAMES[key]:04X}001F"] = value.encode("utf-16-le")
    for number, (name, content) in enumerate((attachments or {}).items()):
        inside = isinstance(content, dict)
        tree[f"__attach_version1.0_#{number:08X}"] = {
            "__properties_version1.0": bytes(8)
            + struct.pack("<HHIQ", 3, 0x3705, 6, 5 if inside else 1),
            "__substg1.0_3707001F": name.encode("utf-16-le"),
            f"__substg1.0_3701{'000D' if inside else '0102'}": content,
        }
    tree |= more or {}
    return tree if head == 24 else compound(tree)


def hostile() -> dict[str, bytes]:
    """Messages that lie, loop or swell."""
    good = message({"subject": "Invoice 4711", "body": "hello"}, {"a.txt": b"Invoice 4711 " * 400})
    nested: Any = message({"subject": "0"}, head=24)
    for level in range(1, 40):
        nested = message({"subject": str(level)}, {"m": nested}, head=24 if level < 39 else 32)
    looped = bytearray(good)
    table = len(good) - 512  # the only sector of the table: every chain leads back to its start
    looped[table:] = b"\x00\x00\x00\x00" * 128
    rtf = struct.pack("<IIII", 12, 0x7FFFFFFF, 0x75465A4C, 0) + b"\x00" * 9 + b"\xff" * 4000
    one = b"Invoice " * 131_072
    shared = message({"subject": "x"}, {f"{n}.bin": one for n in range(80)})
    return {
        "truncated_25.msg": good[: len(good) // 4],
        "truncated_75.msg": good[: len(good) * 3 // 4],
        "header_only.msg": good[:512],
        "table_loops.msg": bytes(looped),
        "table_nowhere.msg": good[:44]
        + b"\xff" * 4
        + good[48:76]
        + b"\xfa\xff\xff\x7f" * 109
        + good[512:],
        "directory_loops.msg": good.replace(
            struct.pack("<HBBIII", 48, 2, 1, NONE, 2, NONE),
            struct.pack("<HBBIII", 48, 2, 1, 1, 1, 0),
        ),
        "sectors_2_gigabytes.msg": good[:30] + struct.pack("<H", 31) + good[32:],
        "sizes_lie.msg": good.replace(struct.pack("<Q", 5200), struct.pack("<Q", 1 << 60)),
        "messages_40_deep.msg": nested,
        "parts_1000.msg": message({"subject": "x"}, {f"{n}.txt": b"hello" for n in range(1000)}),
        "unpacks_to_80_megabytes.msg": shared,
        "rich_text_lies.msg": message({"subject": "x"}, more={"__substg1.0_10090102": rtf}),
        "name_leads_out.msg": message({"subject": "x"}, {"../../x.txt": b"Invoice 4711"}),
        "is_word.doc": compound({"WordDocument": b"\x00" * 5000, "1Table": b"\x00" * 100}),
    }
