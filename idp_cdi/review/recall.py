"""What is remembered of a layout, laid over what the machine says of a new document of it.

What stands at the same distance from the same anchors is the new value. Nothing is trained, so one
corrected document is enough. Where a value stood in several places, the places are tried on the
other answered documents of the layout: the one that tells their values right is the one meant. How
far to believe it all is measured on held-back answers (`idp_cdi.steps.learn`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from idp_cdi.documents import Box, Word, around
from idp_cdi.extractions import Alternative, Field
from idp_cdi.review.locate import means, plain, read_as, sides
from idp_cdi.review.memory import METHOD, kind_of
from idp_cdi.review.places import ALIKE, Alignment, alike, label_before, overlap, reading
from idp_cdi.standardisers import standardise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.documents import Document
    from idp_cdi.extractions import Extraction
    from idp_cdi.review.memory import Known, Memory, Place, Remembered

#: Documents of a layout that are asked.
_ASKED = 3
#: How many held-back trials the general trust in memory is worth against trials of one place.
_WORTH = 4
_RIGHT_ALIGNED = frozenset(("amount", "number"))


@dataclass(frozen=True, slots=True)
class _Told:
    """What memory says of one field, and how often the machine was right and wrong there."""

    field: Field
    right: int
    wrong: int

    @property
    def machine(self) -> float:
        """How far the machine is to be believed in this field of this layout, 0–1."""
        return (self.right + 1) / (self.right + self.wrong + 1)


def recall(document: Document, extraction: Extraction, memory: Memory) -> Extraction:
    """`extraction` with what is remembered of documents that look the same.

    Args:
        document: As read.
        extraction: What the machine says of it.
        memory: What persons said of others; the newest document of a layout goes first.
    """
    asked = _alike(document, memory)
    if not asked:
        return extraction
    pages = {p.number: p.words for p in document.pages}
    told: dict[tuple[str, str], _Told] = {}
    refused: list[tuple[str, str, int, Box]] = []
    for theirs in asked:
        aligned = {n: Alignment(w, pages[n]) for n, w in theirs.pages.items() if n in pages}
        others = [_Trial(theirs, o) for o in asked if o is not theirs]
        for known in theirs.known:
            if not known.value:
                place = known.places[0]
                if place.page in aligned:
                    spot = aligned[place.page].moved(place.box)
                    refused.append((known.name, known.group, place.page, spot))
                continue
            for place, trust in _tried(known, others, memory.believes(kind_of(known.name))):
                if place.page not in aligned:
                    continue
                spot = aligned[place.page].moved(place.box)
                read = _read(known, place, spot, theirs, pages[place.page])
                if read is not None:
                    _add(told, known, _field(known, place, *read, trust))
                    break
    return _joined(extraction, told, refused)


class _Trial:
    """Another answered document of the layout, on which places are tried."""

    def __init__(self, theirs: Remembered, other: Remembered) -> None:
        self.theirs, self.other = theirs, other
        self._aligned: dict[int, Alignment] = {}
        self._known = {(k.name, k.group): k for k in other.known}

    def foretells(self, known: Known, place: Place) -> bool | None:
        """Whether `place` tells the value that the other document has; None where it can't."""
        wanted = self._known.get((known.name, known.group))
        page, words = self.theirs.pages.get(place.page), self.other.pages.get(place.page)
        if wanted is None or not wanted.value or page is None or words is None:
            return None
        if place.page not in self._aligned:
            self._aligned[place.page] = Alignment(page, words)
        spot = self._aligned[place.page].moved(place.box)
        read = _read(known, place, spot, self.theirs, words)
        return read is not None and read[0] == wanted.value


def _tried(known: Known, trials: Sequence[_Trial], trust: float) -> list[tuple[Place, float]]:
    """The places of a value with the probability that each tells it, the surest first."""
    scored = []
    for place in known.places:
        results = [r for t in trials if (r := t.foretells(known, place)) is not None]
        scored.append((place, (_WORTH * trust + sum(results)) / (_WORTH + len(results))))
    return sorted(scored, key=lambda s: -s[1])


def _add(told: dict[tuple[str, str], _Told], known: Known, field: Field) -> None:
    """Put what one document tells beside what the others told: agreement makes it surer."""
    key = (known.name, known.group)
    before = told.get(key)
    if before is None:
        told[key] = _Told(field, int(not known.corrected), int(known.corrected))
        return
    right, wrong = before.right + (not known.corrected), before.wrong + known.corrected
    if before.field.value == field.value:
        sure = 1 - (1 - before.field.confidence) * (1 - field.confidence) ** 0.5
        told[key] = _Told(replace(before.field, confidence=min(0.995, sure)), right, wrong)
    else:
        surer = max(before.field, field, key=lambda f: f.confidence)
        told[key] = _Told(surer, right, wrong)


def _alike(document: Document, memory: Memory) -> list[Remembered]:
    """The remembered documents of this layout, the most alike first."""
    if not document.pages:
        return []
    ours = document.pages[0].words
    scored = [
        (alike(r.pages.get(1, ()), ours), i, r)
        for i, r in enumerate(memory.documents)
        if r.sha256 != document.sha256
    ]
    best = sorted((s for s in scored if s[0] >= ALIKE), key=lambda s: (-s[0], -s[1]))
    return [r for _, __, r in best[:_ASKED]]


def _read(
    known: Known, place: Place, spot: Box, theirs: Remembered, words: Sequence[Word]
) -> tuple[str, list[Word]] | None:
    """The value at `spot` and its words, None where nothing of its kind stands there."""
    kind = kind_of(known.name)
    page = theirs.pages[place.page]
    read = reading(words, spot, right_aligned=kind in _RIGHT_ALIGNED)
    read = _as_long(read, known, place, page)
    if not read or not _framed(place, page, words, read):
        return None
    raw = " ".join(w.text for w in read)
    value = known.value if plain(raw) == plain(place.raw) else _value(kind, raw, known, place.raw)
    return None if value is None else (value, read)


def _field(known: Known, place: Place, value: str, read: list[Word], trust: float) -> Field:
    return Field(
        name=known.name,
        value=value,
        raw=" ".join(w.text for w in read),
        confidence=trust,
        page=place.page,
        box=around(w.box for w in read),
        method=METHOD,
        why="where a person found it on a document of the same layout",
        group=known.group,
    )


def _as_long(read: list[Word], known: Known, place: Place, theirs: Sequence[Word]) -> list[Word]:
    """Cut words that follow the value on their line, as more words followed it there, too."""
    at_theirs = reading(theirs, place.box)
    wanted = plain(place.raw or known.value)
    whole = plain(" ".join(w.text for w in at_theirs))
    if wanted and whole != wanted and wanted in whole:
        before = whole.split(wanted)[0]
        head = [w for w in at_theirs if w.box.x1 <= place.box.x0 + 1] if before else []
        inside = [w for w in at_theirs if overlap(w.box, place.box)]
        count = len(inside)
        return read[len(head) : len(head) + count] if count else read
    return read


def _framed(
    place: Place, theirs: Sequence[Word], ours: Sequence[Word], read: Sequence[Word]
) -> bool:
    """Whether the same label stands before the value here as there, or none here as there."""
    here = around(w.box for w in read)
    return label_before(theirs, place.box) == label_before(ours, here)


def _shape(text: str) -> tuple[bool, bool]:
    """Whether a text has digits, and letters."""
    return any(c.isdigit() for c in text), any(c.isalpha() for c in text)


def _value(kind: str, raw: str, known: Known, theirs: str) -> str | None:
    """`raw` in the field's normal form, None where it can't be such a value; `theirs` could."""
    text = raw.strip(" :;,#")
    if not text:
        return None
    if kind == "date":
        return _date(text, known, theirs)
    if kind in ("amount", "number", "country", "currency"):
        cleaned = standardise(kind, text)
        return cleaned.value if cleaned.ok else None
    if kind in ("name", "person_name", "city") and _shape(text)[0] and not _shape(theirs)[0]:
        return None
    if kind not in ("text", "address", "name", "person_name", "city", "street"):
        if _shape(text)[0] != _shape(theirs)[0]:
            return None
        if len(text.split()) > len(theirs.split()):
            return None
    return text


def _date(text: str, known: Known, example: str) -> str | None:
    """The date that `text` says, read as the person read theirs: its order, its end of a period."""
    ours, theirs = sides(text), sides(example)
    if len(ours) != len(theirs):
        return None
    at = [i for i, part in enumerate(theirs) if means("date", part, known.value)]
    if not at:
        return read_as(text, example, known.value)
    place = at[-1] if known.name.endswith("end") else at[0]
    return read_as(ours[place], theirs[place], known.value)


def _joined(
    extraction: Extraction,
    found: dict[tuple[str, str], _Told],
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
        remembered = found.pop(key)
        told, machine = remembered.field, item.confidence * remembered.machine
        if plain(told.value) == plain(item.value):
            sure = 1 - (1 - item.confidence) * (1 - told.confidence)
            why = f"{item.why}; also {told.why}" if item.why else told.why
            kept.append(replace(item, confidence=min(0.995, sure), why=why))
        elif (remembered.wrong and told.confidence > machine) or item.confidence < 0.5:
            other = Alternative(item.value, machine, item.page, item.box)
            sure = told.confidence * (1 - (0.1 if remembered.wrong else 0.3) * machine)
            kept.append(replace(told, confidence=sure, alternatives=(other, *item.alternatives)))
        else:
            other = Alternative(told.value, told.confidence, told.page, told.box)
            # Where the machine was right on this layout it mostly is again: 97 % on our set.
            doubted = machine * (1 - 0.05 * told.confidence)
            kept.append(replace(item, confidence=doubted, alternatives=(other, *item.alternatives)))
    added = [told.field for told in found.values()]
    absent = {k: v for k, v in extraction.absent.items() if k not in {f.name for f in added}}
    return replace(extraction, fields=(*kept, *added), absent=absent)


def _is_refused(item: Field, refused: tuple[str, str, int, Box]) -> bool:
    name, group, page, box = refused
    if (item.name, item.group, item.page) != (name, group, page) or item.box is None:
        return False
    return overlap(item.box, box)
