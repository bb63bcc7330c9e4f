"""What a REST source could look like, from one answer of its API.

Found are where the rows lie in the answer, what identifies them, which column grows, and how the
next page is named where the answer names it. The guess is for a person to read and correct.

>>> rows_at({"status": "ok", "data": {"items": [{"id": 1}]}})
'data.items'
>>> next_page({"data": [], "paging": {"next": {"link": "https://api.example.com/c?after=100"}}})
'paging.next.link'
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from idp_cdi.connectors._objects import Objects, dig

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEP = 4
_KEYS = ("id", "uuid", "guid", "key", "code", "number", "no")
_GROWS = re.compile(
    r"^(?:last_?)?(?:updated|modified|changed|edited)(?:_?(?:at|on|date|time|utc))*$"
    r"|^(?:date|time)_?(?:updated|modified|changed)$|^system_?modstamp$",
    re.IGNORECASE,
)
_NEXT = re.compile(r"next", re.IGNORECASE)


def parts_of(url: str) -> tuple[str, str, dict[str, str]]:
    """Base, path and parameters of a URL.

    >>> parts_of("https://api.example.com/v3/contacts?limit=100")
    ('https://api.example.com', '/v3/contacts', {'limit': '100'})
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", parts.path or "/", dict(parse_qsl(parts.query))


def resource_of(path: str, params: dict[str, str], answer: object, link: str) -> dict[str, Any]:
    """A resource as a source file has it.

    Args:
        path: What was asked for.
        params: With these parameters.
        answer: The JSON that came.
        link: The next page that its ``Link`` header names, "" for none.
    """
    records = rows_at(answer)
    found = dig(answer, records)
    items = found if isinstance(found, list) else [found]
    rows = [Objects.flat(i) for i in items if isinstance(i, dict)]
    resource: dict[str, Any] = {"path": path}
    if records:
        resource["records"] = records
    if params:
        resource["params"] = params
    if key := _key(rows):
        resource["primary_key"] = key
    if cursor := _cursor(rows):
        resource["cursor"] = cursor
    following = next_page(answer)
    if link:
        resource["paging"] = {"link": True}
    elif following:
        resource["paging"] = {"next": following}
    return resource


def rows_at(answer: object) -> str:
    """The dotted path of the longest list of objects, "" where the answer is the list or a row."""
    if isinstance(answer, list):
        return ""
    found = [
        (len(value), -path.count("."), path)
        for path, value in _inside(answer)
        if isinstance(value, list) and value and all(isinstance(v, dict) for v in value)
    ]
    return max(found)[2] if found else ""


def next_page(answer: object) -> str:
    """The dotted path of a URL that is called the next one, "" where there is none."""
    for path, value in _inside(answer):
        if isinstance(value, str) and _NEXT.search(path) and "://" in value:
            return path
    return ""


def _inside(answer: object, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, object]]:
    """Dotted paths and what lies there; not into lists, nor names that hold a dot."""
    if not isinstance(answer, dict) or depth > _DEEP:
        return
    for name, value in answer.items():
        if "." not in name:
            yield f"{prefix}{name}", value
            yield from _inside(value, f"{prefix}{name}.", depth + 1)


def _key(rows: list[dict[str, str]]) -> str:
    names = {name.lower(): name for row in rows[:1] for name in row}
    for wanted in _KEYS:
        name = names.get(wanted, "")
        values = [row.get(name, "") for row in rows]
        if name and all(values) and len(set(values)) == len(values):
            return name
    return ""


def _cursor(rows: list[dict[str, str]]) -> str:
    for name in rows[0] if rows else ():
        last = name.rpartition(".")[2]
        if _GROWS.match(last) and all(
            re.match(r"\d{4}-\d\d-\d\d|\d{10}", r.get(name, "")) for r in rows
        ):
            return name
    return ""
