"""Learning from answers: confidence, layouts, spans for NER, match decisions.

Each learner makes a version, measures it on answers that it has not seen, and is switched on only
where it is no worse than what is in force. Versions stay in the store; `undo` goes back by one.

- ``confidence``: corrects the machine's probability by how often persons found it right;
- ``layout``: remembers answered documents (see `idp_cdi.review.memory`);
- ``spans``: labelled text for retraining NER, as a file; nothing to switch on;
- ``match``: labelled pairs and how well the match probability foresaw them, as a file.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import UsageError
from idp_cdi.models_path import learned_path
from idp_cdi.review import memory as memories
from idp_cdi.review.answers import overlay
from idp_cdi.review.learned import Correction, Learned, publish
from idp_cdi.review.memory import Memory, Remembered, kind_of, remember
from idp_cdi.review.questions import Kind, from_json
from idp_cdi.review.recall import recall
from idp_cdi.store import documents as log_documents
from idp_cdi.store import models, questions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from idp_cdi.documents import Document
    from idp_cdi.extractions import Extraction
    from idp_cdi.settings import Settings
    from idp_cdi.store import Database
    from idp_cdi.store.questions import Given

KINDS = ("confidence", "layout", "spans", "match")

#: Answers below which a curve says more about chance than about the machine.
ENOUGH = 30
#: What a layout is believed before held-back answers have shown it: below every threshold, so a
#: person still looks, but has the right value before the eyes.
UNTRIED = 0.80
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one learner did: `before`, `after` are errors on `held_back` answers, unseen by it."""

    kind: str
    answers: int
    version: int = 0
    active: bool = False
    held_back: int = 0
    before: float = 0.0
    after: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Case:
    """One answered document."""

    document: Document
    machine: Extraction
    answered: Extraction
    given: tuple[Given, ...] = field(default=())


def learn(database: Database, settings: Settings, *, kinds: Sequence[str] = KINDS) -> list[Lesson]:
    """Learn from every answer in the store and switch on what has proved itself.

    Args:
        database: The store.
        settings: Where originals and what was learned are kept.
        kinds: Only these learners.

    Returns:
        What each learner did.

    Raises:
        StoreError: The store can't be written.
    """
    with database.reading() as connection:
        given = questions.answers(connection)
        before = {kind: models.active(connection, kind) for kind in KINDS}
    cases = _cases(database, settings, given) if set(kinds) & {"layout", "spans"} else []
    learners = {
        "confidence": lambda: _confidence(given),
        "layout": lambda: _layout(cases),
        "spans": lambda: _spans(cases, settings),
        "match": lambda: _match(given, settings),
    }
    lessons = []
    for kind in kinds:
        lesson, payload = learners[kind]()
        old = before[kind]
        if payload is None or (old is not None and old.payload == payload):
            why = lesson.why or "nothing new"
            lessons.append(replace(lesson, why=why, version=old.version if old else 0))
            continue
        with database.writing() as connection:
            version = models.append(connection, kind, payload, active=lesson.active)
        lessons.append(replace(lesson, version=version))
    _publish(database, settings)
    return lessons


def undo(database: Database, settings: Settings, kind: str) -> int:
    """Go back to the version of `kind` before the active one; returns its number, 0 for none.

    Raises:
        UsageError: Nothing of that kind is switched on.
    """
    with database.writing() as connection:
        now = models.active(connection, kind)
        if now is None:
            raise UsageError(f"no version of {kind!r} is switched on", action="see `learn list`")
        back = models.switch_back(connection, kind)
    _publish(database, settings)
    return back


def forget(
    database: Database,
    settings: Settings,
    documents: Collection[str],
    references: Collection[str] = (),
) -> int:
    """Erase what was learned from some documents and records; for erasure requests.

    Args:
        database: The store.
        settings: Where what was learned is kept.
        documents: SHA-256 of the documents; they go from every version.
        references: Records as judged pairs name them.

    Returns:
        How many remembered documents and labelled lines went.
    """
    gone = 0
    shas = set(documents)
    named = [json.dumps(n, ensure_ascii=False) for n in (*sorted(shas), *references)]
    with database.writing() as connection:
        for one in models.versions(connection):
            data = json.loads(one.payload)
            if one.kind != "layout":
                continue
            kept = [d for d in data["documents"] if d["sha256"] not in shas]
            if len(kept) < len(data["documents"]):
                gone += len(data["documents"]) - len(kept)
                text = json.dumps(data | {"documents": kept}, ensure_ascii=False, sort_keys=True)
                models.rewrite(connection, one.kind, one.version, text)
    for name in ("spans.jsonl", "pairs.jsonl"):
        path = settings.home / "learned" / name
        if not path.exists():
            continue
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept_lines = [line for line in lines if not any(name in line for name in named)]
        gone += len(lines) - len(kept_lines)
        path.write_text("".join(kept_lines), encoding="utf-8")
    if learned_path(settings.home).exists():
        _publish(database, settings)
    return gone


def _publish(database: Database, settings: Settings) -> None:
    with database.reading() as connection:
        curve = models.active(connection, "confidence")
        layout = models.active(connection, "layout")
    memory = memories.from_json(json.loads(layout.payload)) if layout else Memory()
    knots = json.loads(curve.payload)["corrections"] if curve else {}
    corrections = {k: Correction(tuple((x, y) for x, y in v)) for k, v in knots.items()}
    publish(settings.home, Learned(memory, corrections))


def _cases(database: Database, settings: Settings, given: Sequence[Given]) -> list[_Case]:
    """The answered documents, in the order of their first answers."""
    from idp_cdi.review.pictures import Pictures
    from idp_cdi.steps.understand import read_options
    from idp_cdi.store.originals import Originals

    mine: dict[str, list[Given]] = defaultdict(list)
    for one in given:
        sha256 = one.data["question"].get("document", "")
        if sha256 and one.data["question"].get("field"):
            mine[sha256].append(one)
    pictures = Pictures(Originals(settings.originals), read_options(settings))
    found = []
    for sha256, told in mine.items():
        with database.reading() as connection:
            machine = log_documents.latest_extraction(connection, sha256)
        document = pictures.document(sha256)
        if machine is not None and document is not None:
            found.append(_Case(document, machine, overlay(machine, told), tuple(told)))
    return found


# ---------------------------------------------------------------- confidence


def _confidence(given: Sequence[Given]) -> tuple[Lesson, str | None]:
    """Curves by kind of value, each only where it foretells held-back answers better."""
    points: dict[str, list[tuple[float, bool, str]]] = defaultdict(list)
    for one in given:
        question = from_json(one.data["question"])
        if question.kind is not Kind.VALUE or one.action not in ("accept", "correct", "absent"):
            continue
        case = (question.confidence, one.action == "accept", question.document)
        points[kind_of(question.field)].append(case)
        points[""].append(case)
    total = len(points[""])
    if total < ENOUGH:
        words = f"{total} answers about doubtful values; {ENOUGH} are needed"
        return Lesson("confidence", total, why=words), None
    curves: dict[str, list[tuple[float, float]]] = {}
    before = after = 0.0
    for kind, cases in sorted(points.items()):
        if len(cases) < ENOUGH:
            continue
        old, new = _held_back(cases)
        if not kind:
            before, after = old, new
        if new < old:
            curves[kind] = _knots(cases)
    lesson = Lesson("confidence", total, 0, bool(curves), total, before, after)
    if not curves:
        return replace(lesson, why="what is in force foretells the answers as well"), None
    return lesson, json.dumps({"corrections": curves}, sort_keys=True)


def _held_back(cases: Sequence[tuple[float, bool, str]]) -> tuple[float, float]:
    """Mean log loss without and with a curve fitted on the other documents."""
    documents = sorted({c[2] for c in cases})
    fold = {sha256: i % _FOLDS for i, sha256 in enumerate(documents)}
    before = after = 0.0
    for number in range(_FOLDS):
        rest = [c for c in cases if fold[c[2]] != number]
        curve = Correction(tuple(_knots(rest))) if rest else Correction()
        for confidence, right, sha256 in cases:
            if fold[sha256] == number:
                before += _loss(confidence, right=right)
                after += _loss(curve(confidence), right=right)
    return before / len(cases), after / len(cases)


def _knots(cases: Iterable[tuple[float, bool, str]]) -> list[tuple[float, float]]:
    from idp_cdi.scoring.calibration import fit_platt

    many = list(cases)
    scores = [c[0] for c in many]
    curve = fit_platt(scores, [c[1] for c in many])
    low, high = min(scores), max(scores)
    steps = [low + (high - low) * i / 10 for i in range(11)]
    return [(round(x, 4), round(curve(x), 4)) for x in steps]


def _loss(confidence: float, *, right: bool) -> float:
    p = min(max(confidence, 0.001), 0.999)
    return -math.log(p if right else 1 - p)


# ---------------------------------------------------------------- layout


def _layout(cases: Sequence[_Case]) -> tuple[Lesson, str | None]:
    """Remember the answered documents; believe them as far as they foretold each other."""
    kept = [(c, r) for c in cases if (r := remember(c.document, c.answered, c.machine))]
    answers = sum(len(c.given) for c in cases)
    if not kept:
        return Lesson("layout", answers, why="no answered document to remember"), None
    right: dict[str, list[bool]] = defaultdict(list)
    machine = told = asked = 0
    for case, own in kept:
        others = tuple(r for _, r in kept if r.sha256 != own.sha256)
        guess = recall(case.document, case.machine, Memory(others))
        for one in case.given:
            question = from_json(one.data["question"])
            wanted = case.answered.best(question.field)
            value = wanted.value if wanted is not None else ""
            mine, theirs = guess.best(question.field), case.machine.best(question.field)
            got = mine.value if mine is not None else ""
            if mine is not None and memories.METHOD in (mine.method, mine.why):
                right[kind_of(question.field)].append(got == value)
            asked += 1
            told += got != value
            machine += (theirs.value if theirs is not None else "") != value
    trust = _trust(right)
    body = memories.to_json(Memory(tuple(r for _, r in kept), trust))
    active = told <= machine
    lesson = Lesson(
        "layout", answers, 0, active, asked, machine / max(asked, 1), told / max(asked, 1)
    )
    if not active:
        return replace(lesson, why="it foretold held-back answers worse"), json.dumps(body)
    return lesson, json.dumps(body, ensure_ascii=False, sort_keys=True)


def _trust(right: dict[str, list[bool]]) -> dict[str, float]:
    """How far to believe memory by kind of value: what it was right, shrunk to `UNTRIED`."""
    everything = [r for many in right.values() for r in many]
    base = (sum(everything) + 5 * UNTRIED) / (len(everything) + 5)
    trust = {k: round((sum(v) + 5 * base) / (len(v) + 5), 4) for k, v in sorted(right.items())}
    return {"": round(base, 4)} | trust


# ---------------------------------------------------------------- spans and pairs


def _spans(cases: Sequence[_Case], settings: Settings) -> tuple[Lesson, str | None]:
    """Text with labelled spans of every confirmed or corrected value, one page a line."""
    lines = [line for case in cases for line in _labelled(case)]
    if not lines:
        return Lesson("spans", 0, why="no answered document"), None
    path = settings.home / "learned" / "spans.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")
    count = sum(len(line["spans"]) for line in lines)
    body = {"file": "learned/spans.jsonl", "pages": len(lines), "spans": count}
    return Lesson("spans", count, why=f"{count} spans on {len(lines)} pages"), json.dumps(body)


def _labelled(case: _Case) -> Iterable[dict[str, Any]]:
    """Pages as text with (begin, end, field) of what a person said."""
    own: Remembered | None = remember(case.document, case.answered, case.machine)
    said = {from_json(g.data["question"]).field for g in case.given}
    for page in case.document.pages:
        known = [
            (k.name, k.places[0].box)
            for k in (own.known if own else ())
            if k.places[0].page == page.number and k.value
        ]
        spans, text = [], ""
        begins: list[tuple[int, int]] = []
        for word in page.words:
            start = len(text) + bool(text)
            text += (" " if text else "") + word.text
            begins.append((start, len(text)))
        for name, box in (k for k in known if k[0] in said):
            inside = [
                place
                for place, word in zip(begins, page.words, strict=True)
                if box.x0 - 1 <= (word.box.x0 + word.box.x1) / 2 <= box.x1 + 1
                and box.y0 - 1 <= word.box.middle <= box.y1 + 1
            ]
            if inside:
                spans.append([inside[0][0], inside[-1][1], name])
        if spans:
            yield {"text": text, "spans": spans, "sha256": case.document.sha256}


def _match(given: Sequence[Given], settings: Settings) -> tuple[Lesson, str | None]:
    """Pairs that persons judged, with how well the match probability foresaw them."""
    pairs: list[tuple[str, str, bool, float]] = []
    for one in given:
        question = from_json(one.data["question"])
        if question.kind in (Kind.MATCH, Kind.CONFLICT) and one.action in ("same", "different"):
            same = one.action == "same"
            pairs.append((question.left, question.right, same, round(question.confidence, 4)))
    if not pairs:
        return Lesson("match", 0, why="nobody has judged a pair yet"), None
    loss = sum(_loss(p, right=same) for _, __, same, p in pairs) / len(pairs)
    path = settings.home / "learned" / "pairs.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [dict(zip(("left", "right", "same", "probability"), p, strict=True)) for p in pairs]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")
    body = {"file": "learned/pairs.jsonl", "pairs": len(pairs), "log_loss": round(loss, 4)}
    why = f"{len(pairs)} judged pairs; the decisions hold; `learn weights` learns from them"
    lesson = Lesson("match", len(pairs), held_back=len(pairs), before=loss, after=loss, why=why)
    return lesson, json.dumps(body)
