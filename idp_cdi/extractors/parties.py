"""Parties: address blocks with their parts, and lines that could be a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.extractors import Candidate, places
from idp_cdi.extractors._address import address
from idp_cdi.extractors._blocks import NAME, REGISTERED, Block, Line, blocks, neighbours, pieces
from idp_cdi.extractors._lexicon import labels_of
from idp_cdi.extractors._spans import spanned
from idp_cdi.extractors._wordings import lexicon

if TYPE_CHECKING:
    from idp_cdi.documents import Document
    from idp_cdi.extractors._view import View

KINDS = ("address", "name")

__all__ = ["KINDS", "NAME", "candidates"]


def name_lines(view: View) -> list[Line]:
    """Segments and their pieces that could be a name: few words, letters, hardly a digit."""
    out: list[Line] = []
    legal = lexicon().legal
    for segment in view.segments:
        texts = segment.texts
        if len(texts) > 16:
            continue
        labelled = [h for h in labels_of(view)[segment.index] if h.start == 0]
        lead = max((h.end for h in labelled), default=0)
        colon = any(t.endswith(":") for t in texts[:lead]) or texts[lead : lead + 1] == [":"]
        # "Attn: Ann Lee" is no name with its label, only without.
        ranges = [] if colon and lead < len(texts) else [(0, len(texts))]
        split = pieces(segment)
        if len(split) > 1:
            ranges += split[:2]
        ends = {h.end for h in labelled if h.end < len(texts)}
        ranges += [(e, len(texts)) for e in ends]
        ranges += [(e, b) for e in ends for a, b in split[:1] if a < e < b]
        seen = set()
        for a, b in ranges:
            while a < b and texts[a] in {":", "-", "–", "|", "•"}:
                a += 1
            if (a, b) in seen or b - a > 9 or b <= a:
                continue
            seen.add((a, b))
            while b - a > 1 and REGISTERED.match(texts[b - 1]):
                b -= 1
            line = Line(segment, a, b)
            bare = all(k in legal for k in segment.keys[a:b] if k)
            if _name_like(line.text) and not (a > 0 and bare):
                out.append(line)
    return out


def _name_like(text: str) -> bool:
    if len(text) > 80 or text.endswith(":") or "@" in text or "://" in text:
        return False
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdigit, text))
    return letters >= 2 and digits <= 6 and digits <= letters


def _wrapped(view: View) -> list[Candidate]:
    """Names that go on in the line below: "Muster Handels-" / "gesellschaft mbH"."""
    found = []
    for segment in view.segments:
        if len(segment.texts) > 7 or not _name_like(segment.text):
            continue
        below = neighbours(view, segment, up=False)[:1]
        if not below or len(below[0].texts) > 6 or abs(below[0].size / segment.size - 1) > 0.12:
            continue
        second = below[0]
        if second.box.y0 - segment.box.y1 > 0.9 * segment.box.height or second.bold != segment.bold:
            continue
        open_end = segment.texts[-1].endswith(("-", "&", "+")) or segment.keys[-1] in _JOINING
        known = lexicon().legal
        goes_on = any(k in known for k in second.keys) and _name_like(second.text)
        if not open_end and not goes_on:
            continue
        first = segment.text.strip()
        gap = "" if first.endswith("-") and second.text[:1].islower() else " "
        value = (first[:-1] if not gap else first) + gap + second.text.strip(" ,;:|•●·–—*")
        found.append(
            Candidate(
                kind="name",
                value=value,
                raw=f"{first} {second.text}",
                page=segment.page,
                words=tuple(dict.fromkeys([*segment.words, *second.words])),
                box=segment.box.union(second.box),
                way=NAME,
                hints={
                    "segment": segment.index,
                    "first": 0,
                    "last": len(segment.texts),
                    "joined": 1.0,
                },
            )
        )
    return found


_JOINING = frozenset(("and", "und", "et", "y", "e", "en", "of", "de", "for", "fur", "pour"))


def blocks_of(document: Document, view: View) -> list[Block]:
    """The address blocks of a document, worked out at the first call."""
    if view.addresses is None:
        view.addresses = blocks(view, places.candidates(document, view))
    return view.addresses


def candidates(document: Document, view: View) -> list[Candidate]:
    """Addresses with their parts, and all lines that could be a name."""
    found = [address(b) for b in blocks_of(document, view)]
    found += _wrapped(view)
    for line in name_lines(view):
        found.append(
            spanned(line.segment, line.first, line.last, kind="name", value=line.text, way=NAME)
        )
    return found
