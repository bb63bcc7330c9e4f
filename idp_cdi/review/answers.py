"""Answers: what a person said to a question, and the extraction as it is afterwards.

`overlay` is pure and total: whatever was read, by whatever version, a person's word about a field
of a document holds. The log keeps what the machine said.

>>> meant("Right"), meant("not there"), meant("same")
(<Action.ACCEPT: 'accept'>, <Action.ABSENT: 'absent'>, <Action.SAME: 'same'>)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from idp_cdi.errors import BadFormat, SettingsError
from idp_cdi.extractions import Alternative, Field
from idp_cdi.fields import fields
from idp_cdi.review.contradictions import PERSON
from idp_cdi.review.questions import Kind, Question, from_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idp_cdi.extractions import Extraction
    from idp_cdi.store.questions import Given


class Action(StrEnum):
    """What a person said."""

    ACCEPT = "accept"
    CORRECT = "correct"
    ABSENT = "absent"
    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"
    IGNORE = "ignore"
    RETRY = "retry"


#: What may be said to a question of each kind; the first is what agrees with the machine.
CHOICES: dict[Kind, tuple[Action, ...]] = {
    Kind.VALUE: (Action.ACCEPT, Action.CORRECT, Action.ABSENT, Action.UNSURE),
    Kind.CONTRADICTION: (Action.ACCEPT, Action.CORRECT, Action.ABSENT, Action.UNSURE),
    Kind.MISSING: (Action.ABSENT, Action.CORRECT, Action.UNSURE),
    Kind.MATCH: (Action.SAME, Action.DIFFERENT, Action.UNSURE),
    Kind.CONFLICT: (Action.SAME, Action.DIFFERENT, Action.UNSURE),
    Kind.DUPLICATE: (Action.SAME, Action.DIFFERENT, Action.UNSURE),
    Kind.UNREADABLE: (Action.IGNORE, Action.RETRY),
    Kind.RULE: (Action.ACCEPT, Action.UNSURE),
}

#: How the actions are called where people choose them.
WORDS = {
    Action.ACCEPT: "right",
    Action.CORRECT: "other value",
    Action.ABSENT: "not there",
    Action.SAME: "same",
    Action.DIFFERENT: "different",
    Action.UNSURE: "unsure",
    Action.IGNORE: "ignore",
    Action.RETRY: "retry",
}
_MEANT = {word: action for action, word in WORDS.items()} | {
    **{a.value: a for a in Action},
    "ok": Action.ACCEPT,
    "yes": Action.ACCEPT,
    "true": Action.ACCEPT,
    "none": Action.ABSENT,
    "missing": Action.ABSENT,
    "?": Action.UNSURE,
}

#: Kinds of value that are kept in one normal form; all others stay as a person wrote them.
_NORMALISED = frozenset(("date", "amount", "number", "country", "currency"))


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it came in. `item` and `state` are the question's; `at` is ISO 8601 or ""."""

    item: str
    state: str
    action: Action
    value: str = ""
    person: str = ""
    at: str = ""
    remark: str = ""
    place: str = ""


def meant(text: str) -> Action | None:
    """The action that `text` names, None where it names none."""
    return _MEANT.get(" ".join(text.casefold().split()))


def normal(question: Question, value: str) -> str:
    """`value` as a person gave it for `question`, in the field's normal form.

    Raises:
        BadFormat: It is no value of this kind, or can be read two ways.
    """
    try:
        kind = fields().get(question.field).kind
    except SettingsError:
        return value
    if kind not in _NORMALISED:
        return value
    from idp_cdi.standardisers import standardise

    cleaned = standardise(kind, value)
    if not cleaned.ok:
        hint = "write dates as 2026-01-31, amounts as 1234.50"
        raise BadFormat(f"this is no clear {kind}", code=cleaned.code, action=hint)
    return cleaned.value


def checked(answer: Answer, question: Question) -> Answer:
    """`answer` made fit for `question`.

    Raises:
        BadFormat: It does not answer this question.
    """
    action, value = answer.action, answer.value
    if action is Action.ACCEPT and question.kind is Kind.MISSING:
        action = Action.ABSENT
    if action in (Action.SAME, Action.DIFFERENT) and question.field:
        raise BadFormat("this word does not answer a question about a value")
    if action not in CHOICES[question.kind]:
        words = ", ".join(WORDS[a] for a in CHOICES[question.kind])
        raise BadFormat("this does not answer the question", action=f"one of: {words}")
    if value.strip() and action is not Action.CORRECT:
        raise BadFormat("there is a value beside an answer that needs none", action="leave one out")
    if action is Action.CORRECT:
        if not value.strip():
            raise BadFormat("the right value is missing", action="fill it in, or say “not there”")
        value = normal(question, value)
        if value == question.value:
            action = Action.ACCEPT
    if action is not Action.CORRECT:
        value = question.value if action is Action.ACCEPT else ""
    return replace(answer, action=action, value=value)


def overlay(extraction: Extraction, given: Iterable[Given]) -> Extraction:
    """`extraction` with the answers to it laid over; the last answer to a question holds.

    Args:
        extraction: What the machine read.
        given: Applied answers about this document, oldest first.
    """
    last: dict[str, Given] = {g.item_id: g for g in given}
    found = list(extraction.fields)
    absent = dict(extraction.absent)
    for answer in sorted(last.values(), key=lambda g: g.id):
        question = from_json(answer.data["question"])
        action = Action(answer.action)
        if not question.field or action not in (Action.ACCEPT, Action.CORRECT, Action.ABSENT):
            continue
        place, kept = _split(found, question)
        if action is Action.ABSENT:
            found = kept
            if question.field in absent:
                absent[question.field] = 1.0
            continue
        found = [*kept, _told(question, answer, place)]
        absent.pop(question.field, None)
    order = {id(f): i for i, f in enumerate(extraction.fields)}
    found.sort(key=lambda f: order.get(id(f), len(order)))
    return replace(extraction, fields=tuple(found), absent=absent)


def _split(found: list[Field], question: Question) -> tuple[list[Field], list[Field]]:
    """The fields that the question is about, and all others."""

    def mine(item: Field) -> bool:
        if (item.name, item.group) != (question.field, question.group):
            return False
        if question.multiple and question.kind is not Kind.MISSING:
            return item.value == question.value
        return True

    return [f for f in found if mine(f)], [f for f in found if not mine(f)]


def _told(question: Question, answer: Given, machine: list[Field]) -> Field:
    """The field as the person has it; what the machine had stays as an alternative."""
    value = answer.value
    seen = [Alternative(f.value, f.confidence, f.page, f.box) for f in machine if f.value != value]
    known = next((a for a in question.alternatives if a.value == value), None)
    same = next((f for f in machine if f.value == value), None)
    page, box = question.page, question.box
    raw = value
    if same is not None:
        page, box, raw = same.page, same.box, same.raw
    elif known is not None and known.page:
        page, box = known.page, known.box
    elif value == question.value:
        raw = question.raw or value
    verb = "confirmed" if answer.action == Action.ACCEPT else "given"
    return Field(
        name=question.field,
        value=value,
        raw=raw,
        confidence=1.0,
        page=page,
        box=box,
        method=f"{PERSON}:{answer.person}",
        why=f"{verb} by {answer.person} on {answer.at[:10]}",
        group=question.group,
        alternatives=tuple(seen),
    )
