"""Layout memory: what persons said about one document, used on the next one that looks the same.

A document is remembered as its words with places and the values that were confirmed or corrected.
A new page looks the same when many of its words stand in the same columns; those words then anchor
each value: what stands at the same distance from the same anchors is the new value. Nothing is
trained, so one corrected document is enough; how far to believe it is measured on held-back
answers.

>>> from idp_cdi.documents import Word
>>> def words(*parts): return tuple(Word(t, Box(x, y, x + 6 * len(t), y + 10)) for t, x, y in parts)
>>> old = words(("Rechnung", 50, 50), ("Betrag", 50, 90), ("12,50", 200, 90))
>>> new = words(("Rechnung", 50, 50), ("Betrag", 50, 102), ("7,10", 206, 102))
>>> spot = moved(Box(200, 90, 230, 100), old, new)
>>> [w.text for w in reading(new, spot, right_aligned=True)]
['7,10']
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from idp_cdi.documents import Box, Word, around
from idp_cdi.errors import SettingsError
from idp_cdi.extractions import Alternative, Field
from idp_cdi.fields import fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from idp_cdi.documents import Document
    from idp_cdi.extractions import Extraction

#: Share of words in the same columns from which two pages have one layout.
ALIKE = 0.35
#: Fewer such words say nothing.
_FEW = 8
#: Pages of a document that are remembered: first and last ones hold what is asked for.
_PAGES = 3
_RIGHT_ALIGNED = frozenset(("amount", "number"))
METHOD = "memory"


@dataclass(frozen=True, slots=True)
class Known:
    """One value that a person confirmed, corrected (`corrected`) or refused (value "")."""

    name: str
    group: str
    value: str
    raw: str
    page: int
    box: Box
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class Remembered:
    """One answered document: its words by page number, and what is known of it."""

    sha256: str
    type: str
    pages: dict[int, tuple[Word, ...]]
    known: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """All that is remembered; `trust` is how often it was right on held-back answers, by kind."""

    documents: tuple[Remembered, ...] = ()
    trust: dict[str, float] | None = None

    def believes(self, kind: str) -> float:
        """The probability that a value of `kind` found by memory is right."""
        known = self.trust or {}
        return known.get(kind, known.get("", 0.85))


def remember(document: Document, answered: Extraction, machine: Extraction) -> Remembered | None:
    """What to keep of an answered document, None where nothing could be found on its pages.

    Args:
        document: As read.
        answered: The extraction with the answers laid over it.
        machine: The extraction as the machine had it.
    """
    from idp_cdi.review.locate import locate

    had = {(f.name, f.group): f for f in machine.fields}
    known: list[Known] = []
    for item in answered.fields:
        before = had.get((item.name, item.group))
        corrected = before is None or before.value != item.value
        place = None
        if item.box is not None and item.page and not corrected:
            place = item.page, item.box
        place = place or locate(document, item.value, kind_of(item.name), near=before)
        if place is not None:
            page, box = place
            raw = _printed(document, page, box) or item.raw
            known.append(Known(item.name, item.group, item.value, raw, page, box, corrected))
    told = {(f.name, f.group) for f in answered.fields}
    for (name, group), item in had.items():
        if (name, group) not in told and item.box is not None:
            known.append(Known(name, group, "", item.raw, item.page, item.box, corrected=True))
    if not known:
        return None
    last = len(document.pages)
    kept = {p.number: p.words for p in document.pages if p.number <= _PAGES or p.number == last}
    return Remembered(document.sha256, machine.type, kept, tuple(known))


def _printed(document: Document, number: int, box: Box) -> str:
    """What the page prints in `box`."""
    words = next((p.words for p in document.pages if p.number == number), ())
    middles = ((w, (w.box.x0 + w.box.x1) / 2) for w in words)
    inside = [
        w.text for w, x in middles if box.x0 <= x <= box.x1 and box.y0 <= w.box.middle <= box.y1
    ]
    return " ".join(inside)


def recall(document: Document, extraction: Extraction, memory: Memory) -> Extraction:
    """`extraction` with what is remembered of documents that look the same.

    Args:
        document: As read.
        extraction: What the machine says of it.
        memory: What persons said of others; the newest document of a layout goes first.
    """
    alike = _alike(document, memory)
    if not alike:
        return extraction
    found: dict[tuple[str, str], tuple[Field, bool]] = {}
    refused: list[tuple[str, str, int, Box]] = []
    for known, theirs in ((k, r) for r in alike for k in r.known):
        page = next((p for p in document.pages if p.number == known.page), None)
        if page is None or known.page not in theirs.pages:
            continue
        spot = moved(known.box, theirs.pages[known.page], page.words)
        if not known.value:
            refused.append((known.name, known.group, known.page, spot))
            continue
        key = (known.name, known.group)
        field = _field(known, page.words, spot, theirs, memory)
        if field is None:
            continue
        if key in found and found[key][0].value == field.value:
            sure = 1 - (1 - found[key][0].confidence) * (1 - field.confidence) ** 0.5
            field = replace(found[key][0], confidence=min(0.995, sure))
            found[key] = (field, found[key][1] or known.corrected)
        elif key not in found:
            found[key] = (field, known.corrected)
    return _joined(extraction, found, refused)


def moved(box: Box, theirs: Sequence[Word], ours: Sequence[Word]) -> Box:
    """Where `box` of their page lies on ours, by the nearest words that stand on both."""
    pairs = _anchors(theirs, ours)
    outside = [(a, b) for a, b in pairs if not _overlap(a.box, box)]
    if not outside:
        return box
    near = sorted(outside, key=lambda pair: _distance(pair[0].box, box))[:3]
    best = near[0]
    dx, dy = best[1].box.x0 - best[0].box.x0, best[1].box.y0 - best[0].box.y0
    return Box(box.x0 + dx, box.y0 + dy, box.x1 + dx, box.y1 + dy)


def reading(words: Sequence[Word], spot: Box, *, right_aligned: bool = False) -> list[Word]:
    """The words at `spot`, and what belongs to them to the right (left for amounts)."""
    lines = _lines(words, spot)
    if not lines:
        return []
    size = sorted(w.box.height for w in lines)[len(lines) // 2]
    inside = [w for w in lines if w.box.x1 > spot.x0 - 2 and w.box.x0 < spot.x1 + 2]
    if not inside:
        # The value may be shorter or longer than theirs: look where it begins or ends.
        edge = spot.x1 if right_aligned else spot.x0
        inside = [
            w for w in lines if abs((w.box.x1 if right_aligned else w.box.x0) - edge) < 2 * size
        ]
    grown = list(inside)
    rest = sorted((w for w in lines if w not in grown), key=lambda w: w.box.x0)
    for word in reversed(rest) if right_aligned else rest:
        for mate in list(grown):
            gap = mate.box.x0 - word.box.x1 if right_aligned else word.box.x0 - mate.box.x1
            if -1 <= gap < 0.6 * size and abs(word.box.middle - mate.box.middle) < 0.5 * size:
                grown.append(word)
                break
    order = {id(w): i for i, w in enumerate(words)}
    return sorted(grown, key=lambda w: order[id(w)])


def _lines(words: Sequence[Word], spot: Box) -> list[Word]:
    """The words of the lines at `spot`; of one line where it is no higher than one."""
    near = [w for w in words if spot.y0 - 6 <= w.box.middle <= spot.y1 + 6]
    if not near:
        return []
    size = sorted(w.box.height for w in near)[len(near) // 2]
    if spot.height > 1.7 * size:
        return [w for w in near if spot.y0 - 2 <= w.box.middle <= spot.y1 + 2]
    middle = min((w.box.middle for w in near), key=lambda y: abs(y - spot.middle))
    return [w for w in near if abs(w.box.middle - middle) < 0.5 * size]


def alike(theirs: Iterable[Word], ours: Iterable[Word]) -> float:
    """How much two pages look the same, 0–1: shared words in the same columns."""
    a, b = _columns(theirs), _columns(ours)
    if min(len(a), len(b)) < _FEW:
        return 0.0
    return (
        len(a & b) / min(len(a), len(b)) * min(1.0, 2 * min(len(a), len(b)) / max(len(a), len(b)))
    )


def to_json(memory: Memory) -> dict[str, Any]:
    """`memory` as plain JSON."""
    return {
        "trust": memory.trust or {},
        "documents": [
            {
                "sha256": r.sha256,
                "type": r.type,
                "pages": {
                    str(n): [[w.text, *(round(c, 1) for c in w.box)] for w in words]
                    for n, words in r.pages.items()
                },
                "known": [
                    [
                        k.name,
                        k.group,
                        k.value,
                        k.raw,
                        k.page,
                        [round(c, 1) for c in k.box],
                        k.corrected,
                    ]
                    for k in r.known
                ],
            }
            for r in memory.documents
        ],
    }


def from_json(data: dict[str, Any]) -> Memory:
    """The inverse of `to_json`."""
    documents = tuple(
        Remembered(
            r["sha256"],
            r["type"],
            {
                int(n): tuple(Word(t, Box(*box)) for t, *box in words)
                for n, words in r["pages"].items()
            },
            tuple(Known(n, g, v, w, p, Box(*b), c) for n, g, v, w, p, b, c in r["known"]),
        )
        for r in data["documents"]
    )
    return Memory(documents, dict(data["trust"]) or None)


def _alike(document: Document, memory: Memory) -> list[Remembered]:
    """The remembered documents of this layout, the most alike first, at most three."""
    if not document.pages:
        return []
    ours = document.pages[0].words
    scored = [
        (alike(r.pages.get(1, ()), ours), i, r)
        for i, r in enumerate(memory.documents)
        if r.sha256 != document.sha256
    ]
    best = sorted((s for s in scored if s[0] >= ALIKE), key=lambda s: (-s[0], -s[1]))
    return [r for _, __, r in best[:3]]


def _field(
    known: Known, words: Sequence[Word], spot: Box, theirs: Remembered, memory: Memory
) -> Field | None:
    """The field that stands at `spot`, None where nothing of its kind does."""
    kind = kind_of(known.name)
    read = reading(words, spot, right_aligned=kind in _RIGHT_ALIGNED)
    read = _as_long(read, known, theirs)
    if not read or not _framed(known, theirs.pages[known.page], words, read):
        return None
    raw = " ".join(w.text for w in read)
    value = known.value if _plain(raw) == _plain(known.raw) else _value(kind, raw, known)
    if value is None:
        return None
    return Field(
        name=known.name,
        value=value,
        raw=raw,
        confidence=memory.believes(kind),
        page=known.page,
        box=around(w.box for w in read),
        method=METHOD,
        why="where a person found it on a document of the same layout",
        group=known.group,
    )


def _as_long(read: list[Word], known: Known, theirs: Remembered) -> list[Word]:
    """Cut words that follow the value on their line, as more words followed it there, too."""
    page = theirs.pages[known.page]
    at_theirs = reading(page, known.box)
    wanted = _plain(known.raw or known.value)
    whole = _plain(" ".join(w.text for w in at_theirs))
    if wanted and whole != wanted and wanted in whole:
        before = whole.split(wanted)[0]
        head = [w for w in at_theirs if w.box.x1 <= known.box.x0 + 1] if before else []
        inside = [w for w in at_theirs if _overlap(w.box, known.box)]
        count = len(inside)
        return read[len(head) : len(head) + count] if count else read
    return read


def _framed(
    known: Known, theirs: Sequence[Word], ours: Sequence[Word], read: Sequence[Word]
) -> bool:
    """Whether the same label stands before the value here as there, or none here as there."""
    here = around(w.box for w in read)
    return _before(theirs, known.box) == _before(ours, here)


def _before(words: Sequence[Word], box: Box) -> str:
    """The label right before `box` on its line, "" where the value begins the line."""
    line = [
        w
        for w in words
        if abs(w.box.middle - (box.y0 + min(box.height, w.box.height) / 2)) < 0.6 * w.box.height
        and w.box.x1 <= box.x0 + 1
        and box.x0 - w.box.x1 < 250
    ]
    for word in sorted(line, key=lambda w: -w.box.x1):
        if label := _label(word.text):
            return label
        if any(c.isdigit() for c in word.text):
            return "0"  # another value stands between
    return ""


def _shape(text: str) -> tuple[bool, bool]:
    """Whether a text has digits, and letters."""
    return any(c.isdigit() for c in text), any(c.isalpha() for c in text)


def _value(kind: str, raw: str, known: Known) -> str | None:
    """`raw` in the field's normal form, None where it can't be such a value."""
    text = raw.strip(" :;,#")
    if not text:
        return None
    if kind in ("date", "amount", "number", "country", "currency"):
        from idp_cdi.standardisers import standardise

        cleaned = standardise(kind, text)
        if not cleaned.ok and kind == "date":
            # 02/03/2026 is read in the order in which the person read theirs.
            for order in (True, False):
                theirs = standardise(kind, known.raw, day_first=order)
                if theirs.ok and theirs.value == known.value:
                    cleaned = standardise(kind, text, day_first=order)
                    break
        return cleaned.value if cleaned.ok else None
    if kind in ("name", "person_name", "city") and _shape(text)[0] and not _shape(known.raw)[0]:
        return None
    if kind not in ("text", "address", "name", "person_name", "city", "street"):
        if _shape(text)[0] != _shape(known.raw)[0]:
            return None
        if len(text.split()) > len(known.raw.split()):
            return None
    return text


def _joined(
    extraction: Extraction,
    found: dict[tuple[str, str], tuple[Field, bool]],
    refused: list[tuple[str, str, int, Box]],
) -> Extraction:
    """Both opinions in one: agreement strengthens, a known fault of the machine is mended."""
    kept: list[Field] = []
    for item in extraction.fields:
        key = (item.name, item.group)
        if item.method == "embedded":
            found.pop(key, None)
            kept.append(item)
            continue
        if any(_is_refused(item, r) for r in refused) and key not in found:
            continue
        if key not in found:
            kept.append(item)
            continue
        told, corrected = found.pop(key)
        if _plain(told.value) == _plain(item.value):
            sure = 1 - (1 - item.confidence) * (1 - told.confidence)
            why = f"{item.why}; also {told.why}" if item.why else told.why
            kept.append(replace(item, confidence=min(0.995, sure), why=why))
        elif corrected or item.confidence < 0.5:
            other = Alternative(item.value, item.confidence, item.page, item.box)
            doubt = 0.7 if not corrected else 0.9
            kept.append(
                replace(
                    told,
                    confidence=told.confidence * (1 - (1 - doubt) * item.confidence),
                    alternatives=(other, *item.alternatives),
                )
            )
        else:
            other = Alternative(told.value, told.confidence, told.page, told.box)
            # Where the machine was right on this layout it mostly is again: 97 % on our set.
            doubted = item.confidence * (1 - 0.05 * told.confidence)
            kept.append(replace(item, confidence=doubted, alternatives=(other, *item.alternatives)))
    added = [field for field, _ in found.values()]
    absent = {k: v for k, v in extraction.absent.items() if k not in {f.name for f in added}}
    return replace(extraction, fields=(*kept, *added), absent=absent)


def _is_refused(item: Field, refused: tuple[str, str, int, Box]) -> bool:
    name, group, page, box = refused
    if (item.name, item.group, item.page) != (name, group, page) or item.box is None:
        return False
    return _overlap(item.box, box)


def _anchors(theirs: Sequence[Word], ours: Sequence[Word]) -> list[tuple[Word, Word]]:
    """Words that stand once in the same column on both pages, in pairs."""
    a, b = _by_column(theirs), _by_column(ours)
    return [(a[key][0], b[key][0]) for key in a if len(a[key]) == 1 == len(b.get(key, ()))]


def _by_column(words: Iterable[Word]) -> dict[tuple[str, int], list[Word]]:
    found: dict[tuple[str, int], list[Word]] = {}
    for word in words:
        text = _label(word.text)
        if text:
            for column in {round(word.box.x0 / 10), round(word.box.x0 / 10 + 0.5) - 1}:
                found.setdefault((text, column), []).append(word)
    return found


def _columns(words: Iterable[Word]) -> set[tuple[str, int]]:
    return {(text, round(w.box.x0 / 10)) for w in words if (text := _label(w.text))}


def _label(text: str) -> str:
    """A word as a label: letters only; "" for numbers and scraps."""
    plain = re.sub(r"[\W\d_]+", "", text.casefold())
    return plain if len(plain) > 1 and not any(c.isdigit() for c in text) else ""


def _distance(anchor: Box, box: Box) -> float:
    """How far an anchor is from a value; one to the left on its line is nearest, then above."""
    right = max(0.0, anchor.x0 - box.x1) * 3
    left = max(0.0, box.x0 - anchor.x1)
    above = max(0.0, box.y0 - anchor.y1) * 4
    below = max(0.0, anchor.y0 - box.y1) * 8
    return right + left + above + below


def _overlap(a: Box, b: Box) -> bool:
    return a.x0 < b.x1 - 1 and b.x0 < a.x1 - 1 and a.y0 < b.y1 - 1 and b.y0 < a.y1 - 1


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def kind_of(name: str) -> str:
    """The kind of value of field `name`; "text" for a field of a user's own document type."""
    try:
        return fields().get(name).kind
    except SettingsError:
        return "text"
