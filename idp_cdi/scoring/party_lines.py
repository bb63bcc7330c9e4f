"""Which lines of a block belong to its address, and which of them is the street: learned.

Rules about lines know the conventions that their writer thought of. A small model sees how each
line is written and what stands above and below it, so that a unit, a building, a second street
line or a post-office box joins the address, and a name with a number in it does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.extractors._block import REGISTERED, STOREY, street_score
from idp_cdi.extractors._lexicon import labels_of
from idp_cdi.extractors._view import key
from idp_cdi.extractors._wordings import lexicon
from idp_cdi.extractors.places import country_of
from idp_cdi.scoring.party import copies_of, in_mail, shape_legal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.extractors._block import Block, Line
    from idp_cdi.scoring.context import Context
    from idp_cdi.scoring.trees import Forest

TELLS = ("address", "street")
"""What the models of a line tell: it belongs to the address; it is the street."""

_OWN = ("street", "first_digit", "last_digit", "digits", "letters", "words", "length", "capitals",
        "titled", "legal", "title", "comma_end", "comma_in", "bracket", "register", "labels",
        "label_whole", "country", "unit")  # fmt: skip
LINE = ["at", "from_top", "lines", "rule", *_OWN, *(f"below_{f}" for f in _OWN),
        *(f"above_{f}" for f in _OWN), "streets_above", "streets_below", "size", "size_below",
        "size_above", "bold", "gap", "gap_above", "left", "centre", "copies", "in_mail", "inline",
        "slip", "ocr", "form", "coded", "heads", "same_line", "legal_above",
        "legal_below"]  # fmt: skip

_SURE = 0.5


def line_rows(context: Context, block: Block) -> list[list[float]]:
    """A row of `LINE` features for each line above the place of a block, nearest first."""
    above = block.above
    own = [_own(context, line) for line in above]
    nothing = [-1.0] * len(_OWN)
    streets = [o[0] for o in own]
    legal = [o[_OWN.index("legal")] for o in own]
    place = block.anchor if block.anchor is not None else above[0].segment if above else None
    rows = []
    for n, line in enumerate(above):
        below = above[n - 1].box if n else block.place.box
        size = line.segment.size
        upper = above[n + 1] if n + 1 < len(above) else None
        under = above[n - 1].segment.size if n else place.size if place is not None else size
        rows.append([
            float(n), float(len(above) - 1 - n), float(len(above)), float(n - block.street),
            *own[n], *(own[n - 1] if n else nothing), *(own[n + 1] if upper else nothing),
            max(streets[n + 1 :], default=0.0), max(streets[:n], default=0.0),
            size / max(context.view.size, 1.0), size / max(under, 1.0),
            upper.segment.size / max(size, 1.0) if upper else 1.0, float(line.segment.bold),
            _gap(line.box.y1, below.y0, size),
            _gap(upper.box.y1, line.box.y0, size) if upper else 9.0,
            min(9.0, abs(line.box.x0 - below.x0) / max(size, 1.0)),
            min(9.0, abs(line.box.x0 + line.box.x1 - below.x0 - below.x1) / max(size, 1.0)),
            float(min(4, copies_of(context, line.text))),
            in_mail(context, [key(w) for w in line.text.split()]),
            float(block.inline), float(block.slip), float(context.ocr),
            block.place.hints["form"], float("postal_code" in block.place.parts),
            float(len(block.heading)), float(line.segment is place),
            max(legal[n + 1 :], default=0.0), max(legal[:n], default=0.0),
        ])  # fmt: skip
    return rows


def _gap(upper: float, lower: float, size: float) -> float:
    return max(-2.0, min(9.0, (lower - upper) / max(size, 1.0)))


def _own(context: Context, line: Line) -> list[float]:
    """How a line is written: the `_OWN` features."""
    text = line.text
    words = text.split() or [""]
    letters = sum(c.isalpha() for c in text)
    alphabetic = [w for w in words if w[:1].isalpha()]
    found = labels_of(context.view)[line.segment.index]
    here = [h for h in found if line.first <= h.start < line.last]
    printed = line.segment.texts[line.last - 1]
    return [
        street_score(text),
        float(words[0][:1].isdigit()),
        float(words[-1][-1:].isdigit()),
        float(sum(c.isdigit() for c in text)),
        letters / max(1, len(text)),
        float(len(words)),
        float(len(text)),
        sum(c.isupper() for c in text) / max(1, letters),
        sum(w[0].isupper() for w in alphabetic) / max(1, len(alphabetic)),
        shape_legal(text),
        float(key(words[0]) in lexicon().titles),
        float(printed.endswith(",")),
        float("," in text),
        float("(" in text),
        float(REGISTERED.match(text) is not None),
        float(len(here)),
        float(any(h.start == line.first and h.end == line.last for h in here)),
        float(bool(country_of(text))),
        float(_unit(text, words)),
    ]


def _unit(text: str, words: Sequence[str]) -> bool:
    """Whether a line names a room, a storey, a building or a post-office box."""
    known, keys = lexicon(), [key(w) for w in words]
    begins = any("".join(keys[:n]) in known.units for n in (1, 2, 3))
    return begins or keys[-1] in known.unit_ends or STOREY.match(text) is not None


def choose(context: Context, forest: Forest) -> None:
    """Set the address lines and the street of every block of a document."""
    import numpy as np

    tables = [line_rows(context, b) for b in context.blocks]
    rows = [row for table in tables for row in table]
    found = forest.probability(np.array(rows, dtype=np.float32).reshape(len(rows), len(LINE)))
    told = iter(found.tolist())
    for block, table in zip(context.blocks, tables, strict=True):
        _apply(block, [next(told) for _ in table])


def _apply(block: Block, told: Sequence[Sequence[float]]) -> None:
    in_address = [n for n, p in enumerate(told) if p[0] >= _SURE]
    block.lines = [block.above[n] for n in reversed(in_address)]
    block.certainty = min((max(p[0], 1.0 - p[0]) for p in told), default=1.0)
    block.street = max(in_address, key=lambda n: told[n][1], default=-1)
    if block.street >= 0 and told[block.street][1] < _SURE / 2:
        block.street = -1


__all__ = ["LINE", "TELLS", "choose", "line_rows"]
