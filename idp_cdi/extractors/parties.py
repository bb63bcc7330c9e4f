"""Parties: address blocks with their parts, and lines that could be a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.documents import around
from idp_cdi.extractors import Candidate, places
from idp_cdi.extractors._address import address
from idp_cdi.extractors._block import NAME, REGISTERED, Block, Line, pieces
from idp_cdi.extractors._blocks import blocks
from idp_cdi.extractors._climbing import neighbours
from idp_cdi.extractors._lexicon import labels_of
from idp_cdi.extractors._spans import spanned
from idp_cdi.extractors._wordings import lexicon

if TYPE_CHECKING:
    from idp_cdi.documents import Document
    from idp_cdi.extractors._lexicon import Hit
    from idp_cdi.extractors._view import Segment, View

KINDS = ("address", "name")

__all__ = ["KINDS", "NAME", "candidates"]


_PHRASE = 3
"""Words of a label that can't be the beginning of a name."""
_LEAD = 4
"""Words of a label before a name, at most, where we do not know it."""


def name_lines(view: View, tails: frozenset[int] = frozenset()) -> list[Line]:
    """Segments and their pieces that could be a name: few words, letters, hardly a digit.

    Args:
        view: The document's geometry.
        tails: Segments that are the end of a name in the lines above: a legal form.
    """
    out: list[Line] = []
    legal = lexicon().legal
    for segment in view.segments:
        texts, numeric = segment.texts, segment.numeric
        if len(texts) > 16 or segment.index in tails:
            continue
        labelled = _labels_first(texts, labels_of(view)[segment.index])
        lead = max((h.end for h in labelled), default=0)
        ended = [h.end for h in labelled if _ended(texts, h)]
        colon = any(t.endswith(":") for t in texts[:lead]) or texts[lead : lead + 1] == [":"]
        colon |= bool(ended)
        marked = max((n + 1 for n, t in enumerate(texts[:lead]) if t.endswith(":")), default=0)
        marked = max([marked, *ended])
        if not marked:
            marked = next((n + 1 for n, t in enumerate(texts[:_LEAD]) if t.endswith(":")), 0)
        # "Attn: Ann Lee" is no name with its label, only without.
        ranges = [] if colon and lead < len(texts) else [(0, len(texts))]
        split = pieces(segment)
        if len(split) > 1:
            ranges += split[:2]
        ends = {h.end for h in labelled if h.end < len(texts)}
        ends |= {marked} if 0 < marked < len(texts) else set()
        ranges += [(e, len(texts)) for e in ends]
        ranges += [(e, b) for e in ends for a, b in split[:1] if a < e < b]
        ranges = [(a, b) for a, b in ranges if not a < marked < b]  # "Issued by: Holm Ltd"
        seen = set()
        for a, b in ranges:
            while a < b and texts[a] in {":", "-", "–", "|", "•"}:
                a += 1
            if (a, b) in seen or b - a > 9 or b <= a:
                continue
            seen.add((a, b))
            while b - a > 1 and numeric[b - 1] and REGISTERED.match(texts[b - 1]):
                b -= 1
            line = Line(segment, a, b)
            if _name_like(line.text) and not (a > 0 and _all_in(legal, segment.keys[a:b])):
                out.append(line)
    return out


def _labels_first(texts: list[str], found: list[Hit]) -> list[Hit]:
    """The labels before what a line says: "Spett.le / Billed to:" has two.

    Without a stroke before it or a sign after it the second may be the name's first word.
    """
    first = [h for h in found if h.start == 0]
    lead = max((h.end for h in first), default=0)
    while lead:
        start = lead + (texts[lead : lead + 1] == ["/"])
        more = [h for h in found if h.start == start]
        closed = texts[start - 1].endswith("/") or any(_ended(texts, h) for h in more)
        if not more or not closed:
            break
        first, lead = first + more, max(h.end for h in more)
    return first


def _ended(texts: list[str], label: Hit) -> bool:
    """Whether a label is no part of what follows: "Billed to:", "Attn.", "À l'attention de"."""
    last = texts[label.end - 1]
    plain = label.end - label.start < _PHRASE and not last.endswith(".")
    return last.endswith(":") or (label.concept == "contact_name" and not plain)


def _all_in(legal: frozenset[str], keys: list[str]) -> bool:
    return all(k in legal for k in keys if k)


def _name_like(text: str) -> bool:
    if len(text) > 80 or text.endswith(":") or "@" in text or "://" in text:
        return False
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdigit, text))
    return letters >= 2 and digits <= 6 and digits <= letters


def _wrapped(view: View) -> list[list[Segment]]:
    """Names that go on in the next line or two: "Muster Handels-" / "gesellschaft mbH"."""
    found = []
    for segment in view.segments:
        if len(segment.texts) > 7 or not _name_like(segment.text):
            continue
        lines = [segment]
        for below in neighbours(view, segment, up=False)[: _MOST_WRAPPED - 1]:
            if not _goes_on(lines, below):
                break
            lines.append(below)
            if _ends(lines):
                found.append(lines.copy())
    return found


_MOST_WRAPPED = 3
"""Lines that a name takes at most."""


def _goes_on(lines: list[Segment], below: Segment) -> bool:
    """Whether a line is set like the last line of a name, right below it."""
    last = lines[-1]
    if len(below.texts) > 6 or abs(below.size / last.size - 1) > 0.12 or below.bold != last.bold:
        return False
    return below.box.y0 - last.box.y1 <= 0.9 * last.box.height


def _ends(lines: list[Segment]) -> bool:
    """Whether the last of these lines ends a name that the ones above it leave open."""
    known = lexicon().legal
    before, last = lines[-2], lines[-1]
    text = " ".join(line.text for line in lines[:-1])
    open_end = before.texts[-1].endswith(("-", "&", "+")) or before.keys[-1] in _JOINING
    open_end = open_end or text.count("(") > text.count(")")
    goes_on = any(k in known for k in last.keys) and _name_like(last.text)
    if len(lines) > 2:
        return goes_on and text.count("(") <= text.count(")") + last.text.count(")")
    return open_end or goes_on


def _joined(lines: list[Segment]) -> Candidate:
    """The name that stands on these lines."""
    value = lines[0].text.strip()
    for line in lines[1:]:
        whole = value.endswith("-") and line.text[:1].islower()
        value = (value[:-1] if whole else value + " ") + line.text.strip(" ,;:|•●·–—*")
    return Candidate(
        kind="name",
        value=value,
        raw=" ".join(line.text.strip() for line in lines),
        page=lines[0].page,
        words=tuple(dict.fromkeys(w for line in lines for w in line.words)),
        box=around([line.box for line in lines]),
        way=NAME,
        hints={
            "segment": lines[0].index,
            "first": 0,
            "last": len(lines[0].texts),
            "joined": float(len(lines) - 1),
        },
    )


_JOINING = frozenset(("and", "und", "et", "y", "e", "en", "of", "de", "for", "fur", "pour"))


def blocks_of(document: Document, view: View) -> list[Block]:
    """The address blocks of a document, worked out at the first call."""
    if view.addresses is None:
        view.addresses = blocks(view, places.candidates(document, view))
    return view.addresses


def candidates(document: Document, view: View) -> list[Candidate]:
    """Addresses with their parts, and all lines that could be a name."""
    found = [address(b) for b in blocks_of(document, view)]
    wrapped, legal = _wrapped(view), lexicon().legal
    found += map(_joined, wrapped)
    tails = frozenset(lines[-1].index for lines in wrapped if _all_in(legal, lines[-1].keys))
    for line in name_lines(view, tails):
        found.append(
            spanned(line.segment, line.first, line.last, kind="name", value=line.text, way=NAME)
        )
    return found
