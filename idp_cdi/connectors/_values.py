"""Cells as text: what a typed value of a sheet, a database or JSON is called in a chunk.

Whole floats lose their ".0" (spreadsheets keep customer numbers as floats), times become
ISO 8601, truth values "true" and "false", a missing value "".

>>> from datetime import date
>>> text(10042.0), text(True), text(None), text(date(2026, 3, 5)), text(Decimal("1.50"))
('10042', 'true', '', '2026-03-05', '1.50')
"""

from __future__ import annotations

import json
import math
from datetime import datetime, time, timedelta
from decimal import Decimal


def text(value: object) -> str:
    """The text of one typed cell; a midnight is taken for a date."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        midnight = value.time() == time(0) and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=text)
    return str(value)


def _float(value: float) -> str:
    if not math.isfinite(value):
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def flatten(value: dict[str, object], prefix: str = "") -> dict[str, str]:
    """Nested objects as dotted columns, lists numbered from 0, lists of plain values joined.

    >>> flatten({"id": 7, "address": {"city": "Bonn"}, "tags": ["a", "b"], "mails": [{"v": "x"}]})
    {'id': '7', 'address.city': 'Bonn', 'tags': 'a; b', 'mails.0.v': 'x'}
    """
    flat: dict[str, str] = {}
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, dict):
            flat.update(flatten(item, f"{name}."))
        elif isinstance(item, list):
            if any(isinstance(i, dict) for i in item):
                for number, part in enumerate(item):
                    one = part if isinstance(part, dict) else {"value": part}
                    flat.update(flatten(one, f"{name}.{number}."))
            else:
                flat[name] = "; ".join(text(i) for i in item)
        else:
            flat[name] = item if isinstance(item, str) else text(item)
    return flat


def unique(names: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """Column names made unique and non-empty, and what had to be changed, in words.

    >>> unique(["id", "", "Phone", "Phone"])
    (('id', 'column_2', 'Phone', 'Phone (2)'), ['column 2 has no name', 'two columns "Phone"'])
    """
    taken: set[str] = set()
    result: list[str] = []
    changes: list[str] = []
    for number, raw in enumerate(names, 1):
        name = " ".join(raw.replace("\0", "").replace("\ufeff", "").split())
        if not name:
            name = f"column_{number}"
            changes.append(f"column {number} has no name")
        count, first = 1, name
        while name in taken:
            count += 1
            name = f"{first} ({count})"
        if count > 1:
            changes.append(f'{_COUNT.get(count, str(count))} columns "{first}"')
        taken.add(name)
        result.append(name)
    return tuple(result), changes


_COUNT = {2: "two", 3: "three"}
