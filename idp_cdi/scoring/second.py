"""A second reader: where no name of a party was found, the entity model is asked.

Labels and layout say who a party is; where they say nothing, spaCy's recognition of names still
sees that something is one. Such a value is unsure and goes to a person, who then has something to
confirm instead of an empty box. The model is loaded only where it is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.documents import around
from idp_cdi.extractions import Field
from idp_cdi.extractors._lexicon import labels_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from idp_cdi.documents import Document
    from idp_cdi.extractors._view import View
    from idp_cdi.extractors.entities import Entity

#: Below every threshold: such a value is for a person to confirm.
SURE = 0.35

#: Document type → the names that it should have, and how many of each. Contracts are left out: what
#: the model sees there beside the parties found were places and defined terms, never a party; so
#: are receipts, of which 14 names in 15 were thanks, wares and headings.
_WANTED = {
    "invoice": {"seller.name": 1, "buyer.name": 1},
    "credit_note": {"seller.name": 1, "buyer.name": 1},
    "order": {"seller.name": 1, "buyer.name": 1},
}
_NAMES = frozenset(("ORG", "PERSON"))
_PLACES = frozenset(("STREET", "POSTCODE", "CITY"))
#: An address begins at most so many entities behind the name it belongs to.
_NEAR = 3
#: Parties stand in this upper share of the first page.
_UPPER = 0.45


def names(document: Document, view: View, kind: str, fields: Sequence[Field]) -> list[Field]:
    """Names of parties that `fields` lack and the entity model sees, each in doubt.

    Args:
        document: As read.
        view: Its geometry.
        kind: The document type.
        fields: What was found.
    """
    missing = dict(_missing(kind, fields))
    if not missing:
        return []
    from idp_cdi.extractors.entities import entities

    found = [e for e in entities(document, view=view) if e.page == 1]
    known = {_key(f.value) for f in fields if f.name.endswith("name")}
    free = [
        (entity, _has_address(found, place))
        for place, entity in enumerate(found)
        if entity.label in _NAMES
        and _key(entity.text)
        and not _is_known(entity, known)
        and _may_be_party(view, entity)
    ]
    out: list[Field] = []
    for name, count in missing.items():
        # A buyer stands above its address; a seller may be no more than a name at the top.
        seller = name == "seller.name"
        ranked = [f for f in free if (f[0].label == "ORG" if seller else f[1])]
        for entity, _ in ranked[:count]:
            out.append(_field(document, name, entity))
            free = [f for f in free if _key(f[0].text) != _key(entity.text)]
    return out


def _may_be_party(view: View, entity: Entity) -> bool:
    """Whether it stands where parties stand: in the upper part of the page, on a line of its own.

    On till slips and in small print the model takes thanks, wares and conditions for names.
    """
    segment = view.segments[view.of_word[entity.page, entity.words[0]]]
    if labels_of(view)[segment.index] or len(entity.words) * 2 <= len(set(segment.words)):
        return False
    page = view.page(entity.page)
    return segment.box.y0 < _UPPER * page.height


def _missing(kind: str, fields: Sequence[Field]) -> Iterator[tuple[str, int]]:
    for name, count in _WANTED.get(kind, {}).items():
        have = sum(f.name == name for f in fields)
        if have < count:
            yield name, count - have


def _has_address(found: Sequence[Entity], place: int) -> bool:
    behind = found[place + 1 : place + 1 + _NEAR]
    return any(e.label in _PLACES for e in behind)


def _is_known(entity: Entity, known: set[str]) -> bool:
    key = _key(entity.text)
    return any(key in other or other in key for other in known if other)


def _key(text: str) -> str:
    letters = "".join(c for c in text.casefold() if c.isalnum())
    return letters if len(letters) > 2 else ""


def _field(document: Document, name: str, entity: Entity) -> Field:
    words = document.pages[entity.page - 1].words
    return Field(
        name=name,
        value=entity.text,
        raw=entity.text,
        confidence=SURE,
        page=entity.page,
        box=around(words[i].box for i in entity.words),
        method="entities",
        why="no label or place tells, but the entity model reads it as a name",
    )
