"""Parties: address blocks with their parts, and lines that could be a name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from idp_cdi.documents import around
from idp_cdi.extractors import Candidate, places
from idp_cdi.extractors._address import address
from idp_cdi.extractors._block import NAME, REGISTERED, STOREY, Block, Line, goes_on, pieces
from idp_cdi.extractors._blocks import blocks
from idp_cdi.extractors._climbing import neighbours
from idp_cdi.extractors._lexicon import labels_of
from idp_cdi.extractors._spans import spanned
from idp_cdi.extractors._view import key
from idp_cdi.extractors._wordings import lexicon

if TYPE_CHECKING:
    from idp_cdi.documents import Document
    from idp_cdi.extractors._lexicon import Hit
    from idp_cdi.extractors._view import Segment, View

KINDS = ("address", "name")

__all__ = ["KINDS", "NAME", "candidates"]


_PHRASE = 2
"""Words of a label that can't be the beginning of a name."""
_BORNE = frozenset(
    "agent agente contact contacto contatto comercial commercial conseiller gestor kontakt "
    "purchaser representative responsable".split()
)
"""Labels before a person's name that firms bear in their own names too."""
_SHORTEST = 3
"""Letters of a label without signs that can't be the initials of a firm."""
_LEAD = 4
"""Words of a label before a name, at most, where we do not know it."""
_MOST_WORDS = 16
"""Words of a line that may have a name in it."""
_LONGEST = 9
"""Words of a name."""
_SIGNS = frozenset((":", "-", "–", "|", "•"))
"""What may stand between a label and a name."""


def name_lines(view: View, tails: frozenset[int] = frozenset()) -> list[Line]:
    """Segments and their pieces that could be a name: few words, letters, hardly a digit.

    Args:
        view: The document's geometry.
        tails: Segments that are the end of a name in the lines above: a legal form.
    """
    out: list[Line] = []
    legal = lexicon().legal
    for segment in view.segments:
        if len(segment.texts) > _MOST_WORDS or segment.index in tails:
            continue
        for first, last in _ranges(segment, labels_of(view)[segment.index]):
            line = Line(segment, first, last)
            form_only = first > 0 and _all_in(legal, segment.keys[first:last])
            if _name_like(line.text) and not form_only:
                out.append(line)
    return out


def _ranges(segment: Segment, found: list[Hit]) -> list[tuple[int, int]]:
    """The stretches of a line that may be a name: all of it, its pieces, what follows a label.

    None of them crosses the end of a label: "Attn: Ann Lee" is no name, "Ann Lee" is.
    """
    texts, size = segment.texts, len(segment.texts)
    labelled = _labels_first(texts, found)
    closed = _label_end(texts, labelled)
    if len(labelled) > 1 and max(h.end for h in labelled) == size:
        return []  # "Leverancier / Service Provider."
    ends = ({h.end for h in labelled} | {closed}) - {0, size}
    parts = pieces(segment)
    ranges = [(0, size), *(parts[:2] if len(parts) > 1 else [])]
    ranges += [(e, size) for e in ends]
    ranges += [(e, b) for e in ends for a, b in parts[:1] if a < e < b]
    ranges.append((closed, _column_end(texts, found, closed)))
    out: dict[tuple[int, int], None] = {}
    for first, last in ranges:
        if first < closed < last:
            continue
        while first < last and texts[first] in _SIGNS:
            first += 1
        if not 0 < last - first <= _LONGEST or (first, last) in out:
            continue
        while last - first > 1 and segment.numeric[last - 1] and REGISTERED.match(texts[last - 1]):
            last -= 1
        out[first, last] = None
    return list(out)


def _label_end(texts: list[str], labelled: list[Hit]) -> int:
    """How many words a closed label at the beginning of a line takes, 0 where there is none.

    A sign closes a label that is not known too, if it is short.
    """
    lead = max((h.end for h in labelled), default=0)
    closed = [h.end for h in labelled if _ended(texts, h)]
    closed += [n for n, text in enumerate(texts[:lead], 1) if text.endswith(":")]
    if lead and texts[lead : lead + 1] == [":"]:
        closed.append(lead)
    short = (n for n, text in enumerate(texts[:_LEAD], 1) if text.endswith(":"))
    return max(closed) if closed else next(short, 0)


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
    """Whether a label is no part of what follows: "Billed to:", "Attn", "c/o", "À l'attention de".

    "Contact" before a name may be a label or the name's first word, before a title it is a label.
    """
    last = texts[label.end - 1]
    if last.endswith(":"):
        return True
    if label.concept != "contact_name":
        return False
    called = key(last)
    titled = label.end < len(texts) and key(texts[label.end]) in lexicon().titles
    sign = "/" in last[1:] or last.endswith(".")
    plain = called in _BORNE or (len(called) < _SHORTEST and not sign)
    return titled or label.end - label.start >= _PHRASE or not plain


def _all_in(legal: frozenset[str], keys: list[str]) -> bool:
    return all(k in legal for k in keys if k)


def _name_like(text: str) -> bool:
    if len(text) > 80 or text.endswith(":") or "@" in text or "://" in text:
        return False
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdigit, text))
    return letters >= 2 and digits <= 6 and digits <= letters


def _wrapped(view: View) -> list[list[Line]]:
    """Names that go on in the next line or two: "Muster Handels-" / "gesellschaft mbH"."""
    found = []
    for segment in view.segments:
        first, last = _own_part(segment, labels_of(view)[segment.index])
        lines = [Line(segment, first, last)]
        if not 0 < last - first <= _MOST_IN_LINE or not _name_like(lines[0].text):
            continue
        for below in neighbours(view, segment, up=False)[: _MOST_WRAPPED - 1]:
            if not _goes_on(lines[-1].segment, below):
                break
            lines.append(Line(below, 0, len(below.texts)))
            if _ends(lines):
                found.append(lines.copy())
    return found


def _own_part(segment: Segment, found: list[Hit]) -> tuple[int, int]:
    """The words of a line behind its label and before that of another column."""
    first = _label_end(segment.texts, _labels_first(segment.texts, found))
    return first, _column_end(segment.texts, found, first)


def _column_end(texts: list[str], found: list[Hit], first: int) -> int:
    """Where the label of another column follows what begins at `first`, else the line's end.

    "Buyer: Muster GmbH   Client ID: 17" has two columns in one line.
    """
    other = (h.start for h in found if h.start > first and texts[h.end - 1].endswith(":"))
    return min(other, default=len(texts))


_ALSO = "dba"
"""A line that begins with it ("d/b/a") says under which name the firm above does business."""
_MOST_IN_LINE = 7
"""Words of a name in its first line, where it goes on in the next one."""
_MOST_WRAPPED = 3
"""Lines that a name takes at most."""


def _goes_on(last: Segment, below: Segment) -> bool:
    """Whether a line is set like the last line of a name, right below it."""
    if len(below.texts) > 6 or abs(below.size / last.size - 1) > 0.12 or below.bold != last.bold:
        return False
    return below.box.y0 - last.box.y1 <= 0.9 * last.box.height


def _ends(lines: list[Line]) -> bool:
    """Whether the last of these lines ends a name that the ones above it leave open."""
    known = lexicon().legal
    last = lines[-1].segment
    text = " ".join(t for line in lines[:-1] for t in line.segment.texts[line.first : line.last])
    open_end = goes_on(text) or text.count("(") > text.count(")") or last.keys[0] == _ALSO
    ends = any(k in known for k in last.keys) and _name_like(last.text)
    ends &= STOREY.match(last.text) is None  # "2. OG" is no "OG"
    if len(lines) > 2:
        return ends and text.count("(") <= text.count(")") + last.text.count(")")
    return open_end or ends


def _joined(lines: list[Line]) -> Candidate:
    """The name that stands on these lines."""
    head, *more = (
        spanned(line.segment, line.first, line.last, kind="name", value=line.text, way=NAME)
        for line in lines
    )
    value = head.raw.strip()
    for part in more:
        whole = value.endswith("-") and part.raw[:1].islower()
        value = (value[:-1] if whole else value + " ") + part.raw.strip(" ,;:|•●·–—*")
    return replace(
        head,
        value=value,
        raw=" ".join(part.raw for part in (head, *more)),
        words=tuple(dict.fromkeys(w for part in (head, *more) for w in part.words)),
        box=around([part.box for part in (head, *more)]),
        hints=head.hints | {"joined": float(len(more)), "head": float(len(head.words))},
    )


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
    ends = [lines[-1].segment for lines in wrapped]
    tails = frozenset(end.index for end in ends if _all_in(legal, end.keys))
    for line in name_lines(view, tails):
        found.append(
            spanned(line.segment, line.first, line.last, kind="name", value=line.text, way=NAME)
        )
    return found
