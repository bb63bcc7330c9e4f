"""Parties of a document: the roles of address blocks, and what a line of text looks like.

The role of a block (seller, buyer, ship-to, payee) is scored first (`party_blocks`); names
(`party_names`) and ways to reach somebody (`party_contacts`) then see the roles of the block that
they stand in or next to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp_cdi.extractors._address import address
from idp_cdi.extractors._block import street_score
from idp_cdi.extractors._view import key
from idp_cdi.extractors._wordings import lexicon
from idp_cdi.extractors.places import country_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.extractors import Candidate
    from idp_cdi.extractors._block import Block
    from idp_cdi.extractors._view import Segment
    from idp_cdi.scoring.context import Context

ROLES = ("seller", "buyer", "ship_to", "payee")


@dataclass(slots=True)
class Parties:
    """Blocks with the probabilities of their roles (`roles[block][role]`).

    `of_line` has, by line of the document, the blocks that stand on it and where they end (points).
    """

    blocks: list[Block]
    roles: list[dict[str, float]]
    of_segment: dict[int, list[tuple[int, str, int]]]
    address_keys: list[str]
    of_line: dict[int, list[tuple[int, float]]] = field(default_factory=dict)

    @classmethod
    def of(cls, blocks: list[Block], roles: list[dict[str, float]]) -> Parties:
        """Index the blocks' lines by segment: block, "above"/"place"/"below", position."""
        where: dict[int, list[tuple[int, str, int]]] = {}
        of_line: dict[int, list[tuple[int, float]]] = {}
        for n, block in enumerate(blocks):
            own = [line.segment for line in block.above] + block.aside
            for s in own if block.anchor is None else [*own, block.anchor]:
                if s.page == block.page:
                    of_line.setdefault(s.line, []).append((n, s.box.x1))
            where.setdefault(int(block.place.hints["segment"]), []).append((n, "place", 0))
            for i, line in enumerate(block.above):
                where.setdefault(line.segment.index, []).append((n, "above", i))
            for i, line in enumerate(block.below):
                where.setdefault(line.segment.index, []).append((n, "below", i))
        keys = [key(address(b).value) for b in blocks]
        return cls(blocks, roles, where, keys, of_line)

    def roles_at(self, segment: Segment) -> dict[str, float]:
        """The roles of the block on whose lines a segment stands, close by; empty for none."""
        here = self.of_line.get(segment.line, ())
        spots = [n for n, end in here if segment.box.x0 - end < 150]
        return {r: max(self.roles[n][r] for n in spots) for r in ROLES} if spots else {}


@dataclass(slots=True)
class Shape:
    """What the text of a possible name looks like."""

    words: float
    letters: float
    digits: float
    capitals: float
    titled: float
    legal: float
    title: float
    street: float
    country: float
    marks: float
    labels: float
    in_mail: float
    length: float


_MARKS = re.compile(r"[:;()/#*=%€$£|]")


def shape(context: Context, text: str) -> Shape:
    """The lexical features of a possible name."""
    words = text.split()
    known = lexicon()
    keys = [key(w) for w in words]
    legal = sum(k in known.legal for k in keys if k)
    joined = "".join(keys[-2:])
    legal += joined in known.legal and len(keys) > 1
    letters = sum(map(str.isalpha, text))
    label = max((len(w) for w in [key(text)] if w in known.concepts), default=0)
    alphabetic = [w for w in words if w[0].isalpha()]
    return Shape(
        words=float(len(words)),
        letters=letters / max(1, len(text)),
        digits=float(sum(map(str.isdigit, text))),
        capitals=sum(map(str.isupper, text)) / max(1, letters),
        titled=sum(w[0].isupper() for w in alphabetic) / max(1, len(alphabetic)),
        legal=float(legal),
        title=float(bool(keys) and keys[0] in known.titles),
        street=street_score(text),
        country=float(bool(country_of(text))),
        marks=float(len(_MARKS.findall(text))),
        labels=float(label > 0),
        in_mail=in_mail(context, keys),
        length=float(len(text)),
    )


def in_mail(context: Context, keys: list[str]) -> float:
    """How much of a name occurs in the document's mail and web domains, 0–1."""
    domains = domains_of(context)
    if not domains:
        return 0.0
    long = [k for k in keys if len(k) >= 3 and k not in lexicon().legal]
    return max((len(k) / max(len(k), len(d)) for k in long for d in domains if k in d), default=0.0)


def domains_of(context: Context) -> frozenset[str]:
    """The names in the document's mail and web domains, without www and ending."""
    if context.domains is None:
        context.domains = frozenset(_domains(context))
    return context.domains


def _domains(context: Context) -> set[str]:
    out = set()
    for kind in ("email", "website"):
        for c in context.candidates.get(kind, ()):
            host = re.sub(r"^(?:https?://)?(?:www\.)?", "", c.value.rpartition("@")[2].lower())
            host = host.partition("/")[0]
            name = host.rpartition(".")[0]
            if name:
                out.add(key(name))
    return out


def shape_legal(text: str) -> float:
    """How many legal forms and company words a line has."""
    known = lexicon().legal
    keys = [key(w) for w in text.split()]
    return float(sum(k in known for k in keys if k) + ("".join(keys[-2:]) in known))


def copies_of(context: Context, text: str) -> int:
    """How often a line's text occurs in the document."""
    found = key(text)
    return context.text.count(found) if len(found) > 3 else 0


def is_checked(c: Candidate) -> bool:
    """Whether an identifier has a country prefix or passing check digits; others always."""
    return c.kind not in {"vat_id", "tax_number", "registration_number"} or bool(
        c.hints.get("prefix") or c.hints.get("valid")
    )


NEAR = [*(f"role_{r}" for r in ROLES), *(f"near_{r}" for r in ROLES),
        *(f"gap_{r}" for r in ROLES), "above_block"]  # fmt: skip


def near_roles(parties: Parties, found: Sequence[Candidate]) -> list[list[float]]:
    """For each candidate the `NEAR` figures: which roles it stands in, near to and how far from.

    Roles of the block it stands in; roles of all blocks weighted by nearness; points to the
    nearest block of each role; whether it stands right below a block.
    """
    import numpy as np

    if not parties.blocks or not found:
        return [[0.0] * (2 * len(ROLES)) + [_FAR] * len(ROLES) + [0.0] for _ in found]
    roles = np.array([[p[r] for r in ROLES] for p in parties.roles])
    block = np.array([(*b.box, b.page) for b in parties.blocks]).T[:, None, :]
    c = np.array([(*f.box, f.page) for f in found]).T[:, :, None]
    dx = np.maximum(0.0, np.maximum(block[0] - c[2], c[0] - block[2]))
    dy = np.maximum(0.0, np.maximum(block[1] - c[3], c[1] - block[3]))
    gap = np.where(block[4] == c[4], dx + dy, np.inf)
    near = (roles[None] / (1.0 + gap / 40.0)[:, :, None]).max(axis=1)
    likely = np.where(roles[None] > 0.5, gap[:, :, None], np.inf)
    below = (block[4] == c[4]) & (dy < 80) & (dx == 0) & (c[1] > block[1])
    above = np.where(below, 1.0 / (1.0 + dy / 20.0), 0.0).max(axis=1)
    out = np.concatenate(
        [_inside(parties, found), near, np.minimum(_FAR, likely.min(axis=1)), above[:, None]],
        axis=1,
    )
    rows: list[list[float]] = out.tolist()
    return rows


_FAR = 500.0
"""Points at which a block is as good as not there."""


def _inside(parties: Parties, found: Sequence[Candidate]) -> list[list[float]]:
    out = []
    for c in found:
        spots = parties.of_segment.get(int(c.hints["segment"]), [])
        out.append([max((parties.roles[n][r] for n, _, _ in spots), default=0.0) for r in ROLES])
    return out


def seller_and_buyer(parties: Parties, found: Sequence[Candidate]) -> list[list[float]]:
    """How much each candidate stands in, and near, the blocks of seller and buyer."""
    many = len(ROLES)
    return [[r[0], r[1], r[many], r[many + 1]] for r in near_roles(parties, found)]
