"""What a person is asked: pure functions from what was found to questions.

A value is asked for when its probability is below the threshold of its field, when a required field
was not found and may well be there, or when the document contradicts itself. One question a field
of a document: an answer to it is about that field, whatever was wrong with it.

>>> from pathlib import Path
>>> from idp_cdi.extractions import Extraction, Field
>>> from idp_cdi.settings import Settings
>>> seen = Extraction("a.pdf", "0" * 64, "invoice", 1.0, "en", 1, "pdf", 0.1, fields=(
...     Field("total", "12.50", "12,50", 0.6, why="label 'Total' left of it"),
...     Field("currency", "EUR", "EUR", 0.99)), absent={"invoice_number": 0.2})
>>> for q in questions(seen, Settings(home=Path("/tmp"))):
...     print(q.kind, q.field, q.value or "?")
value total 12.50
missing invoice_number ?
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from idp_cdi.documents import Box
from idp_cdi.errors import SettingsError
from idp_cdi.extractions import Alternative
from idp_cdi.fields import fields
from idp_cdi.observations import content_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from idp_cdi.extractions import Extraction, Field
    from idp_cdi.settings import Settings
    from idp_cdi.store.questions import Item

_IDENTITY = frozenset(
    [
        "name",
        "vat_id",
        "registration_number",
        "lei",
        "tax_number",
        "national_id",
        "iban",
        "last_name",
    ]
)
_AMOUNTS = frozenset(["total", "net_total", "tax_total", "amount_due", "prepaid"])
_THRESHOLD = 0.85

#: Values of a form under labels that mean no field of ours.
_EXTRA = "extra."


class Kind(StrEnum):
    """What is asked."""

    VALUE = "value"
    MISSING = "missing"
    CONTRADICTION = "contradiction"
    MATCH = "match"
    CONFLICT = "conflict"
    DUPLICATE = "duplicate"
    UNREADABLE = "unreadable"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Pair:
    """One line of two things side by side: what it is, left, right, and what it says."""

    label: str
    left: str
    right: str
    says: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question for a person.

    `subject` identifies it for ever (with the kind's family); `document` is the SHA-256 and `name`
    the file as its owner called it. `left` and `right` are record references or documents that may
    be one and the same; `pairs` shows them. `weight` is how much hangs on the answer. `disputes`
    counts how often persons disagreed about it.
    """

    kind: Kind
    subject: tuple[str, ...]
    document: str = ""
    name: str = ""
    page: int = 0
    box: Box | None = None
    field: str = ""
    group: str = ""
    value: str = ""
    raw: str = ""
    confidence: float = 0.0
    threshold: float = 0.0
    alternatives: tuple[Alternative, ...] = ()
    why: str = ""
    left: str = ""
    right: str = ""
    pairs: tuple[Pair, ...] = ()
    multiple: bool = False
    weight: float = 1.0
    type: str = ""
    disputes: int = 0

    @property
    def id(self) -> str:
        """The same question has the same id on every machine and in every run."""
        return content_id(self.subject)

    @property
    def state(self) -> str:
        """A short hash of what the person sees; an answer to another state is stale."""
        others = [a.value for a in self.alternatives]
        shown = (self.kind, self.value, others, self.left, self.right, self.disputes)
        return content_id(*shown)[:12]

    def item(self) -> Item:
        """The stored form."""
        from idp_cdi.store.questions import Item

        return Item(
            id=self.id,
            kind=self.kind.value,
            document=self.document,
            field=self.field,
            priority=round(self.weight, 4),
            payload=json.dumps(to_json(self), ensure_ascii=False, sort_keys=True),
        )


def questions(extraction: Extraction, settings: Settings) -> list[Question]:
    """Everything about the fields of one document that a person should look at.

    Args:
        extraction: As read, with the answers given so far laid over it.
        settings: `thresholds` by full name ("buyer.name") or bare name ("name") go before the
            ones of ``data/fields.yaml``.

    Returns:
        At most one question a field and party, the weightiest first.
    """
    from idp_cdi.review.contradictions import contradictions

    against = contradictions(extraction)
    found: dict[str, Question] = {}
    for item, multiple in _single(extraction.fields):
        if item.name.startswith(_EXTRA):
            continue  # kept for whoever wants them; no customer hangs on them
        least = threshold(item.name, settings)
        said = against.pop((item.name, item.group, item.value), ())
        if said or item.confidence < least:
            asked = _about(extraction, item, least, said, multiple=multiple)
            found.setdefault(asked.id, asked)
    named = {f.name for f in extraction.fields}
    for name, absent in extraction.absent.items():
        least = threshold(name, settings)
        if name not in named and absent < least:
            asked = _missing(extraction, name, absent, least)
            found.setdefault(asked.id, asked)
    return sorted(found.values(), key=lambda q: (-q.weight, q.page, q.field, q.id))


def threshold(name: str, settings: Settings) -> float:
    """The probability below which a person is asked about field `name`."""
    bare = name.rpartition(".")[2]
    for key in (name, bare):
        if key in settings.thresholds:
            return settings.thresholds[key]
    try:
        return fields().get(name).threshold
    except SettingsError:
        return _THRESHOLD  # a field of a user's own document type


def possible_match(
    left: str, right: str, pairs: Sequence[Pair], *, probability: float, why: str = ""
) -> Question:
    """Two records that may be one customer: between the two thresholds of matching."""
    first, second = sorted((left, right))
    shown = pairs if first == left else [Pair(p.label, p.right, p.left, p.says) for p in pairs]
    return Question(
        kind=Kind.MATCH,
        subject=("match", first, second),
        left=first,
        right=second,
        confidence=probability,
        pairs=tuple(shown),
        why=why or f"they are one customer with probability {probability:.2f}",
        weight=2.0 + 4.0 * probability * (1.0 - probability),
    )


def conflict(left: str, right: str, pairs: Sequence[Pair], *, why: str) -> Question:
    """Two records that look like one customer but for identifiers that can't both be theirs."""
    first, second = sorted((left, right))
    shown = pairs if first == left else [Pair(p.label, p.right, p.left, p.says) for p in pairs]
    return Question(
        kind=Kind.CONFLICT,
        subject=("match", first, second),
        left=first,
        right=second,
        pairs=tuple(shown),
        why=why,
        weight=4.0,
    )


def duplicate(
    document: str, name: str, earlier: str, earlier_name: str, pairs: Sequence[Pair], *, why: str
) -> Question:
    """An invoice that came before as another file (seller, number, year)."""
    return Question(
        kind=Kind.DUPLICATE,
        subject=("duplicate", document, earlier),
        document=document,
        name=name,
        left=earlier,
        right=document,
        pairs=(Pair("file", earlier_name, name), *pairs),
        why=why,
        weight=4.0,
    )


def unreadable(document: str, name: str, *, code: str, reason: str, action: str = "") -> Question:
    """A file that nobody but a person can make sense of."""
    return Question(
        kind=Kind.UNREADABLE,
        subject=("unreadable", document),
        document=document,
        name=name,
        value=code,
        why=f"{reason} ({action})" if action else reason,
        weight=3.0,
    )


def _single(found: Iterable[Field]) -> list[tuple[Field, bool]]:
    """The fields to ask about, each with whether it is one of several true values.

    Of several values of a single-valued field only the most confident one counts; several names
    of a role without groups are several parties.
    """
    by_place: dict[tuple[str, str], list[Field]] = {}
    for item in found:
        by_place.setdefault((item.name, item.group), []).append(item)
    chosen: list[tuple[Field, bool]] = []
    for (name, group), several in by_place.items():
        if len(several) > 1 and (is_multiple(name) or (name.endswith(".name") and not group)):
            chosen += [(item, True) for item in several]
        else:
            chosen.append((max(several, key=lambda f: f.confidence), is_multiple(name)))
    return chosen


def is_multiple(name: str) -> bool:
    """Whether several values of field `name` may be true at once."""
    try:
        return fields().get(name).multi
    except SettingsError:
        return False


def _about(
    extraction: Extraction, item: Field, least: float, said: Sequence[str], *, multiple: bool
) -> Question:
    doubt = "" if item.confidence >= least else f"{item.confidence:.0%} sure, {least:.0%} is needed"
    subject = ("field", extraction.sha256, item.name, item.group)
    return Question(
        kind=Kind.CONTRADICTION if said else Kind.VALUE,
        subject=(*subject, item.value) if multiple else subject,
        document=extraction.sha256,
        name=extraction.document,
        page=item.page,
        box=item.box,
        field=item.name,
        group=item.group,
        value=item.value,
        raw=item.raw,
        confidence=item.confidence,
        threshold=least,
        alternatives=tuple(a for a in item.alternatives if a.value != item.value),
        why="; ".join(part for part in (*said, doubt, item.why) if part),
        multiple=multiple,
        weight=_weight(item.name, item.confidence, contradicted=bool(said)),
        type=extraction.type,
    )


def _missing(extraction: Extraction, name: str, absent: float, least: float) -> Question:
    return Question(
        kind=Kind.MISSING,
        subject=("field", extraction.sha256, name, ""),
        document=extraction.sha256,
        name=extraction.document,
        field=name,
        confidence=absent,
        threshold=least,
        why=f"not found, and only {absent:.0%} sure that it is not there",
        multiple=False,
        weight=_weight(name, absent, contradicted=False),
        type=extraction.type,
    )


def _weight(name: str, confidence: float, *, contradicted: bool) -> float:
    """What the answer is worth before amounts and customers are counted in."""
    bare = name.rpartition(".")[2]
    size = 3.0 if bare in _IDENTITY else 2.0 if bare in _AMOUNTS else 1.0
    # Entropy: a coin flip is worth most; a value that is surely wrong is better asked than trusted.
    p = min(max(confidence, 0.01), 0.99)
    doubt = -(p * math.log2(p) + (1 - p) * math.log2(1 - p)) if p > 0.5 else 1.0
    return size * max(doubt, 0.8 if contradicted else 0.0)


def to_json(question: Question) -> dict[str, Any]:
    """`question` as plain JSON, with its id and state; empty parts are left out."""
    data: dict[str, Any] = {"id": question.id, "state": question.state}
    for name in Question.__slots__:
        value = getattr(question, name)
        if name == "alternatives":
            value = [[a.value, round(a.confidence, 4), a.page, _corners(a.box)] for a in value]
        elif name == "pairs":
            value = [[p.label, p.left, p.right, p.says] for p in value]
        elif name == "box":
            value = _corners(value)
        elif isinstance(value, float):
            value = round(value, 6)
        if value not in ("", None, [], 0, False):
            data[name] = list(value) if isinstance(value, tuple) else value
    return data


def from_json(data: dict[str, Any]) -> Question:
    """The inverse of `to_json`."""
    known = {k: v for k, v in data.items() if k in Question.__slots__}
    return Question(
        **known
        | {
            "kind": Kind(data["kind"]),
            "subject": tuple(data["subject"]),
            "box": _box(data.get("box")),
            "alternatives": tuple(
                Alternative(v, c, p, _box(b)) for v, c, p, b in data.get("alternatives", ())
            ),
            "pairs": tuple(Pair(*p) for p in data.get("pairs", ())),
        }
    )


def _corners(box: Box | None) -> list[float] | None:
    return None if box is None else [round(n, 2) for n in box]


def _box(corners: list[float] | None) -> Box | None:
    return None if corners is None else Box(*corners)
