"""Features of lines that could be the name of a party or of a person."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from idp_cdi.extractors._block import street_score
from idp_cdi.extractors._view import key
from idp_cdi.extractors._wordings import lexicon
from idp_cdi.scoring.features import PLACE, label_names, place_and_labels
from idp_cdi.scoring.party import ROLES, Parties, Shape, copies_of, shape, shape_legal

if TYPE_CHECKING:
    from idp_cdi.extractors import Candidate
    from idp_cdi.extractors._block import Line
    from idp_cdi.scoring.context import Context

SHAPE = list(Shape.__dataclass_fields__)
_figures = attrgetter(*SHAPE)
NAME = [*PLACE, *label_names("name"), *SHAPE, "copies", "size_rank", "block", "above_at",
        "from_top", "above_street", "below_street", "inline", "heading_own", "heading_left",
        *(f"role_{r}" for r in ROLES), *(f"doc_{r}" for r in ROLES), *(f"next_{r}" for r in ROLES),
        "next_gap", "next_aligned", "order", "prev_label", "street_below", "legal_ahead",
        "legal_count", "person", "near_phone", "title_gap", "piece", "covers", "joined",
        "legal_below", "starts_label", "legal_after", "in_address"]  # fmt: skip


_OWNERS = frozenset(
    ("inh", "inhaber", "inhaberin", "prop", "proprietor", "owner", "titolare", "gerant", "eigenaar")
)
"""Before the name of the person to whom the firm in the line above belongs."""


def name_rows(context: Context, parties: Parties) -> tuple[list[Candidate], list[list[float]]]:
    """Name candidates and their rows."""
    found = context.candidates.get("name", [])
    found = [c for c in found if _worth(c)]
    sizes = sorted({round(s.size, 1) for s in context.view.segments}, reverse=True)
    rank = {s: n for n, s in enumerate(sizes)}
    best = {r: max((p[r] for p in parties.roles), default=0.0) for r in ROLES}
    phones = {int(c.hints["segment"]) for c in context.candidates.get("phone", ())}
    title = context.title()
    shapes = [shape(context, c.value) for c in found]
    total_legal = sum(s.legal > 0 for s in shapes)
    addressed = {
        line.segment.index for b in parties.blocks if not b.inline for line in b.lines or ()
    }
    rows = []
    legal_seen = 0
    for n, (c, s) in enumerate(zip(found, shapes, strict=True)):
        row = place_and_labels(context, c, "name")
        row += _figures(s)
        segment = context.view.segments[int(c.hints["segment"])]
        row += [float(min(6, copies_of(context, c.value))), float(rank[round(segment.size, 1)])]
        row += _in_block(context, parties, c)
        row += [best[r] for r in ROLES]
        row += _next_block(context, parties, c)
        previous = context.view.segments[segment.index - 1] if segment.index else None
        below = context.view.segments[segment.index + 1 : segment.index + 4]
        person = s.words in {2.0, 3.0} and s.titled == 1.0 and not s.legal and not s.digits
        row += [
            float(n),
            float(previous is not None and bool(context.hits[previous.index])),
            max((street_score(b.text) for b in below), default=0.0),
            float(legal_seen),
            float(total_legal),
            float(person),
            float(bool({segment.index, segment.index + 1, segment.index + 2} & phones)),
            0.0 if title is None or title.page != c.page else (c.box.y0 - title.box.y0) / 100.0,
            c.hints["first"],
            (c.hints["last"] - c.hints["first"]) / len(segment.texts),
            c.hints.get("joined", 0.0),
            max((shape_legal(b.text) for b in below[:1]), default=0.0),
            *_around(context, c),
            float(segment.index in addressed),
        ]
        legal_seen += s.legal > 0
        rows.append(row)
    return found, rows


def _around(context: Context, c: Candidate) -> list[float]:
    """Whether it begins with a label ("Attn: Ann Lee"), and whether a legal form follows it."""
    segment = context.view.segments[int(c.hints["segment"])]
    first, last = int(c.hints["first"]), int(c.hints["last"])
    leads = any(h.start == first and h.end < last for h in context.hits[segment.index])
    return [float(leads), shape_legal(" ".join(segment.texts[last : last + 3]))]


def _worth(c: Candidate) -> bool:
    """Leave out lines that are nothing but a label, and those that say who owns a firm."""
    first, _, rest = c.value.partition(" ")
    return key(c.value) not in lexicon().concepts and not (rest and key(first) in _OWNERS)


def _in_block(context: Context, parties: Parties, c: Candidate) -> list[float]:
    """Where in which block it stands: the surest role first."""
    spots = parties.of_segment.get(int(c.hints["segment"]), [])
    best, roles = None, dict.fromkeys(ROLES, 0.0)
    for n, where, i in spots:
        if where == "above" and not _covers(parties.blocks[n].above[i], c):
            continue
        for r in ROLES:
            roles[r] = max(roles[r], parties.roles[n][r])
        value = max(parties.roles[n].values()) + (where == "above")
        if best is None or value > best[0]:
            best = (value, n, where, i)
    if best is None:
        return [0.0, -1.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    _, n, where, i = best
    block = parties.blocks[n]
    kind = {"above": 1.0, "place": 2.0, "below": 3.0}[where]
    above = where == "above"
    return [
        kind,
        float(i),
        float(len(block.above) - 1 - i) if above else -1.0,
        float(i - block.street) if above and block.street >= 0 else 0.0,
        float(above and block.street >= 0 and i < block.street),
        float(block.inline),
        max(block.heading.get("buyer", 0.0), block.heading.get("ship_to", 0.0)),
        block.heading.get("seller", 0.0),
        *(roles[r] for r in ROLES),
    ]


def _covers(line: Line, c: Candidate) -> bool:
    return line.first <= c.hints["first"] and c.hints["last"] <= line.last


def _next_block(context: Context, parties: Parties, c: Candidate) -> list[float]:
    """Roles of the nearest block below it on the page, how far and how well aligned it is."""
    best, gap = -1, 1e9
    for n, block in enumerate(parties.blocks):
        if block.page != c.page:
            continue
        d = block.place.box.y0 - c.box.y1
        aside = 0.0 if min(block.box.x1, c.box.x1) > max(block.box.x0, c.box.x0) else 60.0
        if d > -5 and d + aside < gap:
            best, gap = n, d + aside
    if best < 0:
        return [0.0, 0.0, 0.0, 0.0, 999.0, 0.0]
    box = parties.blocks[best].place.box
    aligned = abs(box.x0 - c.box.x0) < 6 or abs(box.x0 + box.x1 - c.box.x0 - c.box.x1) < 12
    return [*(parties.roles[best][r] for r in ROLES), min(999.0, gap), float(aligned)]
