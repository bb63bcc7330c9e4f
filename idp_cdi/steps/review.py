"""Review: list what a person should look at, export it, take the answers back.

An import is one transaction: the answers are logged, the documents they are about are laid out anew
with the answers over them, decisions about records are logged, and the customers that follow from
all that are derived. An answer is applied when it answers what is asked *now*; everything else is
listed with its reason and changes nothing:

- ``known``: this very answer was given before,
- ``unclear``: it can't be read as an answer to this question,
- ``stale``: the question has moved on since it was exported, or is gone,
- ``contradictory``: someone else said something else; it is asked again, with both answers,
- ``unknown``: there is no such question.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from idp_cdi.errors import BadFormat, UsageError
from idp_cdi.extractions import Alternative
from idp_cdi.review import exports
from idp_cdi.review.answers import WORDS, Action, Answer, checked
from idp_cdi.review.questions import Kind, Question, from_json
from idp_cdi.steps.follow import follow
from idp_cdi.store import exported, log, questions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from idp_cdi.settings import Settings
    from idp_cdi.store import Database

APPLIED, KNOWN, UNCLEAR, STALE, CONTRADICTORY, UNKNOWN = (
    "applied",
    "known",
    "unclear",
    "stale",
    "contradictory",
    "unknown",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one answer; `why` says why it was not applied."""

    answer: Answer
    status: str
    why: str = ""
    document: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: outcomes in the order of the file, and how many customers it touched."""

    outcomes: tuple[Outcome, ...] = ()
    documents: int = 0
    mentions: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """How many answers had which outcome."""
        return dict(Counter(o.status for o in self.outcomes))

    @property
    def listed(self) -> list[Outcome]:
        """The answers that a person has to look at again."""
        return [o for o in self.outcomes if o.status not in (APPLIED, KNOWN)]


@dataclass(slots=True)
class _Work:
    """What the answers of one import ask for, collected before anything follows."""

    documents: set[str] = field(default_factory=set)
    decisions: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    retries: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    logged: list[questions.Given] = field(default_factory=list)


def asked(
    connection: Connection,
    *,
    kinds: Sequence[str] = (),
    documents: Sequence[str] = (),
    limit: int | None = None,
) -> list[Question]:
    """The open questions, the one whose answer is worth most first.

    Args:
        connection: A reading one.
        kinds: Only these kinds.
        documents: Only about these documents (SHA-256).
        limit: At most so many.
    """
    from idp_cdi.review.worth import worth

    items = questions.items(connection, kinds=kinds, documents=documents)
    values = worth(connection, items)
    ranked = sorted(items, key=lambda i: (-values[i.id], i.document, i.id))
    return [from_json(item.data) for item in ranked[:limit]]


def export_questions(
    database: Database,
    settings: Settings,
    path: Path,
    *,
    form: str,
    kinds: Sequence[str] = (),
    limit: int | None = None,
    pictures: bool = True,
) -> int:
    """Write the open questions to `path` in the format `form`; returns how many.

    Raises:
        UsageError: There is no such format.
    """
    from idp_cdi.review.pictures import Pictures
    from idp_cdi.steps.understand import read_options
    from idp_cdi.store.originals import Originals

    way = exports.way(form)
    with database.reading() as connection:
        batch = tuple(asked(connection, kinds=kinds, limit=limit))
    shown = Pictures(Originals(settings.originals), read_options(settings)) if pictures else None
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    made = exports.Batch(batch, shown, log.stamp()[:19] + "Z")
    try:
        way.write(part, made)
        part.replace(path)
        for suffix, text in exports.sidecars(way, made).items():
            path.with_suffix(suffix).write_text(text, encoding="utf-8")
    finally:
        part.unlink(missing_ok=True)
    exported.note(database, path, "review")
    return len(batch)


def import_answers(
    database: Database,
    settings: Settings,
    answers: Iterable[Answer],
    *,
    person: str = "",
    take_stale: bool = False,
) -> Imported:
    """Apply answers, all in one transaction, and everything that follows from them.

    Args:
        database: The store.
        settings: Thresholds, who we are.
        answers: From ``review.exports.read`` or elsewhere.
        person: Who answered, where an answer does not say so itself.
        take_stale: Apply answers to questions that have moved on since, too.

    Raises:
        UsageError: Nobody says who answered.
        StoreError: The store can't be written; nothing is changed then.
    """
    named = [a if a.person else replace(a, person=person.strip()) for a in answers]
    if any(not a.person for a in named):
        raise UsageError("who answered?", action="say --person NAME")
    with database.writing() as connection:
        work = _Work()
        outcomes = [_take(connection, a, work, take_stale=take_stale) for a in named]
        questions.append_answers(connection, work.logged)
        questions.settle(connection, work.answered, questions.ANSWERED)
        touched = follow(connection, settings, work.documents, work.decisions, work.retries)
    return Imported(tuple(outcomes), len(work.documents), len(touched))


def withdraw(database: Database, settings: Settings, item_id: str, *, person: str) -> int:
    """Take back every applied answer to a question; it is asked again. Returns how many answers.

    Raises:
        UsageError: There is no such question, or nobody answered it.
    """
    with database.writing() as connection:
        found = questions.by_id(connection, [item_id])
        given = questions.answers(connection, [item_id])
        if not found or not given:
            raise UsageError(
                "nobody answered such a question",
                action="`review list --json` has the ids, `review export` too",
            )
        question = from_json(found[0].data)
        questions.withdraw_answers(connection, [g.id for g in given], person=person)
        questions.settle(connection, [item_id], questions.OPEN)
        decisions = []
        if question.kind in (Kind.MATCH, Kind.CONFLICT):
            decisions = [(question.left, question.right, "withdrawn", person, "taken back")]
        documents = {question.document} if question.document else set()
        follow(connection, settings, documents, decisions, [])
    return len(given)


def _take(connection: Connection, answer: Answer, work: _Work, *, take_stale: bool) -> Outcome:
    """Decide what becomes of one answer and note what it asks for."""
    found = questions.by_id(connection, [answer.item])
    if not found:
        return Outcome(answer, UNKNOWN, "there is no such question")
    item, question = found[0], from_json(found[0].data)

    def outcome(status: str, why: str = "") -> Outcome:
        return Outcome(answer, status, why, question.name, question.field)

    try:
        answer = checked(answer, question)
    except BadFormat as error:
        return outcome(UNCLEAR, str(error))
    earlier = [g for g in questions.answers(connection, [item.id]) if g.action != Action.UNSURE]
    earlier += [g for g in work.logged if g.item_id == item.id and g.applied]
    last = earlier[-1] if earlier else None
    settled = item.status == questions.ANSWERED or item.id in work.answered
    if settled and last is not None and (last.action, last.value) == (answer.action, answer.value):
        return outcome(KNOWN)
    if settled and last is not None and last.person != answer.person:
        work.logged.append(_given(answer, question, applied=False, why=CONTRADICTORY))
        _dispute(connection, item, question, last, answer)
        work.answered[:] = [i for i in work.answered if i != item.id]
        return outcome(CONTRADICTORY, f"{last.person} said “{_words(last.action, last.value)}”")
    moved = answer.state != question.state or item.status == questions.CLOSED
    if moved and not take_stale:
        work.logged.append(_given(answer, question, applied=False, why=STALE))
        gone = "the question is closed" if item.status == questions.CLOSED else "it moved on"
        return outcome(STALE, f"{gone} since it was exported; it now says “{question.value}”")
    work.logged.append(_given(answer, question, applied=True))
    _note(answer, question, work)
    return outcome(APPLIED)


def _note(answer: Answer, question: Question, work: _Work) -> None:
    """What has to follow from an applied answer."""
    if answer.action is Action.UNSURE:
        return
    work.answered.append(question.id)
    if question.kind in (Kind.MATCH, Kind.CONFLICT):
        remark = answer.remark or "answered in review"
        work.decisions.append(
            (question.left, question.right, answer.action.value, answer.person, remark)
        )
    elif answer.action is Action.RETRY:
        work.retries.append(question.document)
    elif question.document:
        work.documents.add(question.document)


def _given(answer: Answer, question: Question, *, applied: bool, why: str = "") -> questions.Given:
    import json

    from idp_cdi.review.questions import to_json

    body = {"question": to_json(question), "remark": answer.remark, "state": answer.state}
    if why:
        body["why"] = why
    return questions.Given(
        id=0,
        item_id=question.id,
        action=answer.action.value,
        value=answer.value,
        person=answer.person,
        at=_when(answer.at),
        applied=applied,
        payload=json.dumps(body, ensure_ascii=False, sort_keys=True),
    )


def _when(said: str) -> str:
    """The time of an answer as its file says it, now where it says none or nonsense."""
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return log.stamp()
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(log.stamp(moment), log.stamp())


def _dispute(
    connection: Connection,
    item: questions.Item,
    question: Question,
    last: questions.Given,
    answer: Answer,
) -> None:
    """Open the question again with both answers in it; older exports of it are stale now."""
    said = [last.value or question.value, answer.value or question.value]
    known = {question.value, *(a.value for a in question.alternatives)}
    more = tuple(Alternative(v, 0.5) for v in dict.fromkeys(said) if v and v not in known)
    words = (
        f"{last.person} said “{_words(last.action, last.value)}”, "
        f"{answer.person} said “{_words(answer.action, answer.value)}”"
    )
    again = replace(
        question,
        alternatives=(*question.alternatives, *more),
        why=f"{words}; {question.why}",
        disputes=question.disputes + 1,
        weight=max(question.weight, 4.0),
    )
    questions.dispute(connection, item._replace(payload=again.item().payload))


def _words(action: str, value: str) -> str:
    return value if action == Action.CORRECT else WORDS[Action(action)]
