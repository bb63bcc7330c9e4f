"""Values that must vanish: finding and blanking them in texts, whatever form they stand in.

>>> needles = Needles(["Ann Lee", "ann@lee.example"])
>>> needles.scrub('{"why": "ANN LEE, 3 items", "n": 3}')
'{"why":"[erased], 3 items","n":3}'
>>> needles.scrub("for Ann Leeson") is None
True
"""

from __future__ import annotations

import html
import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

BLANK = "[erased]"
#: Shorter texts stand everywhere by chance.
_SHORTEST = 5
_DIGITS = 7


def is_telling(value: str) -> bool:
    """Whether finding `value` somewhere says something: words of some length, or long numbers."""
    text = value.strip()
    if any(c.isalpha() for c in text):
        return len(text) >= _SHORTEST
    return sum(c.isdigit() for c in text) >= _DIGITS


class Needles:
    """Texts to be found; case does not count, and they are found as whole words only."""

    def __init__(self, values: Iterable[str]) -> None:
        self.values = sorted({v.strip() for v in values if v.strip()}, key=lambda v: (-len(v), v))

    def __bool__(self) -> bool:
        return bool(self.values)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        words = "|".join(re.escape(v).replace(r"\ ", r"\s+") for v in self.values)
        return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)

    def inside(self, text: str) -> bool:
        """Whether any of them stands in `text`."""
        return self._pattern.search(text) is not None if self.values else False

    def scrub(self, text: str) -> str | None:
        """`text` (JSON or not) without them, None where there is nothing to do."""
        if not self.values:
            return None
        try:
            data = json.loads(text)
        except ValueError:
            done, count = self._pattern.subn(BLANK, text)
            return done if count else None
        if not isinstance(data, (dict, list)):
            done, count = self._pattern.subn(BLANK, text)
            return done if count else None
        clean = self.blanked(data)
        if clean == data:
            return None
        return json.dumps(clean, ensure_ascii=False, separators=(",", ":"))

    def blanked(self, data: Any) -> Any:
        """JSON data with every text scrubbed, keys too."""
        if isinstance(data, str):
            return self._pattern.sub(BLANK, data)
        if isinstance(data, list):
            return [self.blanked(x) for x in data]
        if isinstance(data, dict):
            return {self._pattern.sub(BLANK, k): self.blanked(v) for k, v in data.items()}
        return data

    @cached_property
    def likes(self) -> tuple[str, ...]:
        r"""Patterns for LIKE … ESCAPE '\', as the texts stand in JSON and out of it."""
        found: dict[str, None] = {}
        for value in self.values:
            for form in (value, _escaped(value), json.dumps(value)[1:-1]):
                safe = re.sub(r"([\\%_])", r"\\\1", form)
                found[f"%{safe}%"] = None
        return tuple(found)

    @cached_property
    def bytes_of(self) -> dict[bytes, str]:
        """The bytes under which a text may stand in a file (ASCII in lower case) → the text."""
        found: dict[bytes, str] = {}
        for value in self.values:
            for cased in (value, value.lower(), value.upper(), value.casefold()):
                forms = {cased, _escaped(cased), json.dumps(cased)[1:-1], html.escape(cased)}
                for form in forms:
                    for code in ("utf-8", "utf-16-le", "latin-1"):
                        found.setdefault(form.encode(code, "ignore").lower(), value)
        return {k: v for k, v in found.items() if len(k) >= _SHORTEST}

    def in_bytes(self, content: bytes) -> list[str]:
        """Those that stand in `content`."""
        low = content.lower()
        return sorted({value for form, value in self.bytes_of.items() if form in low})


def _escaped(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]
