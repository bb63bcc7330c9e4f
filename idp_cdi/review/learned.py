"""What was learned from answers, in force now: corrections of confidence, and layout memory.

Kept as one JSON file in the home folder, so that worker processes need no database. The versions in
the store are what counts; the file follows from the active ones.

>>> curve = Correction(((0.5, 0.9), (0.8, 0.95)))
>>> curve(0.5), curve(0.65), curve(0.9)
(0.9, 0.925, 0.9)
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from idp_cdi.models_path import learned_path
from idp_cdi.review import memory as memories
from idp_cdi.review.memory import Memory, kind_of
from idp_cdi.review.recall import recall

if TYPE_CHECKING:
    from pathlib import Path

    from idp_cdi.documents import Document
    from idp_cdi.extractions import Extraction, Field


@dataclass(frozen=True, slots=True)
class Correction:
    """A monotone curve from the machine's confidence to the share that persons found right.

    It holds between its first and last knot only, for outside nobody was asked.
    """

    knots: tuple[tuple[float, float], ...] = ()

    def __call__(self, confidence: float) -> float:
        """The corrected confidence."""
        if not self.knots or not self.knots[0][0] <= confidence <= self.knots[-1][0]:
            return confidence
        for (x0, y0), (x1, y1) in zip(self.knots, self.knots[1:], strict=False):
            if confidence <= x1:
                share = (confidence - x0) / (x1 - x0) if x1 > x0 else 1.0
                return round(y0 + share * (y1 - y0), 6)
        return self.knots[-1][1]


@dataclass(frozen=True, slots=True)
class Learned:
    """All that is in force; `corrections` by kind of value, "" for all others."""

    memory: Memory = field(default_factory=Memory)
    corrections: dict[str, Correction] = field(default_factory=dict)

    def corrected(self, item: Field) -> Field:
        """`item` with its confidence corrected; a person's word and embedded data stay."""
        if item.method.startswith("person") or item.method in ("embedded", memories.METHOD):
            return item
        curve = self.corrections.get(kind_of(item.name), self.corrections.get(""))
        if curve is None:
            return item
        return replace(item, confidence=min(1.0, max(0.0, curve(item.confidence))))


def apply(document: Document, extraction: Extraction, learned: Learned) -> Extraction:
    """`extraction` with everything learned laid over it."""
    if learned.corrections:
        found = tuple(learned.corrected(f) for f in extraction.fields)
        extraction = replace(extraction, fields=found)
    if learned.memory.documents:
        extraction = recall(document, extraction, learned.memory)
    return extraction


def in_force(home: Path) -> Learned:
    """What is in force in a home folder; nothing where nothing was learned."""
    path = learned_path(home)
    try:
        about = path.stat()
    except OSError:
        return Learned()
    return _read(str(path), about.st_mtime_ns, about.st_size)


def publish(home: Path, learned: Learned) -> None:
    """Put `learned` in force, whole or not at all."""
    path = learned_path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(json.dumps(to_json(learned), ensure_ascii=False), encoding="utf-8")
    part.replace(path)


def to_json(learned: Learned) -> dict[str, Any]:
    """As plain JSON."""
    return {
        "memory": memories.to_json(learned.memory),
        "corrections": {k: c.knots for k, c in sorted(learned.corrections.items())},
    }


@lru_cache(maxsize=4)
def _read(path: str, _: int, __: int) -> Learned:
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - the cache's key is a text
        data = json.load(file)
    curves = {
        k: Correction(tuple((float(x), float(y)) for x, y in knots))
        for k, knots in data["corrections"].items()
    }
    return Learned(memories.from_json(data["memory"]), curves)
