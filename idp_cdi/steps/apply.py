"""Apply understood documents to the store, in one transaction a batch.

Same bytes again: linked to the first sighting, nothing else. The same invoice as another file
(seller, number, year): a question for a person, never silent.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from idp_cdi.observations import DOCUMENTS, content_id
from idp_cdi.review.answers import overlay
from idp_cdi.review.questions import Pair, duplicate, questions, unreadable
from idp_cdi.steps._held import hold
from idp_cdi.steps.follow import judged_duplicates, settle_duplicate
from idp_cdi.steps.parties import parties
from idp_cdi.steps.understand import FAULT
from idp_cdi.store import documents as log_documents
from idp_cdi.store import log
from idp_cdi.store import questions as store_questions
from idp_cdi.store.originals import Originals
from idp_cdi.store.suppression import NAME, erased_documents

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

    from idp_cdi.documents import Problem
    from idp_cdi.extractions import Extraction
    from idp_cdi.review.questions import Question
    from idp_cdi.settings import Settings
    from idp_cdi.steps.understand import Understood
    from idp_cdi.store import Database
    from idp_cdi.store.log import Appended


@dataclass(frozen=True, slots=True)
class Applied:
    """What a batch of documents did to the store.

    `known` maps a path to the name under which its bytes came first; `touched` are the mentions
    whose customers had to be looked at again.
    """

    documents: int = 0
    failed: int = 0
    known: dict[str, str] = field(default_factory=dict)
    accepted: int = 0
    to_review: int = 0
    touched: tuple[int, ...] = ()


def apply_documents(database: Database, settings: Settings, batch: Sequence[Understood]) -> Applied:
    """Log a batch of understood files and everything that follows, all or nothing.

    Args:
        database: The store.
        settings: Who we are, thresholds, where originals are kept.
        batch: Files with the documents inside them.

    Raises:
        StoreError: The store can't be written; nothing of the batch is in it then.
    """
    from idp_cdi.steps.unify import unify

    _keep_originals(settings, batch)
    with database.writing() as connection:
        applied = log_batch(connection, settings, batch)
        unify(connection, settings, applied.touched)
    return applied


def log_batch(connection: Connection, settings: Settings, batch: Sequence[Understood]) -> Applied:
    """The part of `apply_documents` that appends to the log and asks the questions."""
    from idp_cdi.steps.understand import pipeline_version

    pipeline = pipeline_version()
    found = [part for item in batch for part in item.all if part.sha256]
    erased = erased_documents(connection, settings.home, {i.sha256 for i in found})
    items = [i for i in found if i.sha256 not in erased]
    for sha256 in erased:
        Originals(settings.originals).forget(sha256)
    seen = [log_documents.Seen(i.sha256, i.name, i.media_type, i.size) for i in items]
    known = log_documents.append_documents(connection, seen)
    done = log_documents.extracted_by(connection, (i.sha256 for i in items), pipeline)
    first_names = log_documents.names(connection, (i.sha256 for i in items))
    total = Applied(
        failed=sum(1 for item in batch for part in item.all if not part.sha256),
        known={i.name: known[i.sha256] for i in items if i.sha256 in done}
        | {i.name: NAME for i in found if i.sha256 in erased},
    )
    new: list[Understood] = []
    for item in items:
        if item.sha256 in done:
            total.known.setdefault(item.name, first_names[item.sha256])
        else:
            done.add(item.sha256)
            new.append(item)
    # A fault of ours is no result: the file is tried again by the next run.
    told = [i for i in new if i.error is None or i.error.code != FAULT]
    log_documents.append_extractions(
        connection, pipeline, [(i.sha256, i.extraction, i.error) for i in told]
    )
    fresh = {i.sha256 for i in new} - known.keys()
    return _log_new(connection, settings, new, fresh, total)


def _keep_originals(settings: Settings, batch: Sequence[Understood]) -> None:
    originals = Originals(settings.originals)
    for item in batch:
        if item.path is not None and item.sha256:
            originals.keep(item.path.read_bytes())


def _log_new(
    connection: Connection,
    settings: Settings,
    items: Sequence[Understood],
    fresh: set[str],
    total: Applied,
) -> Applied:
    """Questions, records and facts of a batch, in a fixed number of statements."""
    asked = [_unreadable(i, i.error) for i in items if i.extraction is None and i.error is not None]
    shas = [i.sha256 for i in items]
    given = store_questions.answers_about(connection, shas)
    told: list[Extraction] = []
    accepted = to_review = 0
    for extraction in [i.extraction for i in items if i.extraction is not None]:
        # What a person said about the document holds, whatever a later version reads.
        told.append(overlay(extraction, given.get(extraction.sha256, ())))
        mine = questions(told[-1], settings)
        doubtful = {(q.field, q.group, q.value) for q in mine if q.value}
        found = told[-1].fields
        accepted += sum((f.name, f.group, f.value) not in doubtful for f in found)
        to_review += len(mine)
        asked += mine
    store_questions.replace(connection, shas, [q.item() for q in asked])
    appended = log_parties(connection, settings, told, fresh=fresh)
    for sha256 in judged_duplicates(connection, shas):
        settle_duplicate(connection, sha256)
    return replace(
        total,
        documents=len(told),
        failed=total.failed + len(items) - len(told),
        accepted=accepted,
        to_review=to_review,
        touched=appended.touched,
    )


def _unreadable(item: Understood, error: Problem) -> Question:
    return unreadable(
        item.sha256, item.name, code=error.code, reason=error.message, action=error.action
    )


def log_parties(
    connection: Connection,
    settings: Settings,
    extractions: Sequence[Extraction],
    *,
    fresh: Collection[str] = (),
) -> Appended:
    """Append the records and the facts of documents; roles that are gone are deleted.

    Args:
        connection: A writing one.
        settings: Who we are.
        extractions: With the answers to them laid over, in the order in which they came.
        fresh: SHA-256 of documents of which there can't be any records yet.
    """
    # Each document is seen a little later than the one before it, as if they came one by one:
    # which value is the newer one must not depend on how they were put into batches.
    begin = datetime.now(UTC)
    times = [begin + timedelta(microseconds=i) for i in range(len(extractions))]
    found = [
        parties(e, settings.organisation, at) for e, at in zip(extractions, times, strict=True)
    ]
    told_rows = [[log.row_of(r) for rs in mine.records.values() for r in rs] for mine in found]
    names = {e.sha256: e.document for e in extractions}
    held = hold(connection, settings.home, [r for rows in told_rows for r in rows], names)
    rows: list[log.RecordRow] = []
    for extraction, all_rows, now in zip(extractions, told_rows, times, strict=True):
        own = [r for r in all_rows if r.key not in held]
        rows += own
        if extraction.sha256 not in fresh:
            before = log.keys_with_prefix(connection, DOCUMENTS, f"{extraction.sha256}#")
            rows += [
                log.RecordRow(k, "unknown", "other", log.stamp(now), '{"o":[]}', "", deleted=True)
                for k in sorted(set(before) - {r.key for r in own})
            ]
    appended = log.append_records(connection, DOCUMENTS, rows)
    ids = log.mention_ids(connection, DOCUMENTS, [r.key for r in rows])
    identities = {e.sha256: event_identity(e) for e in extractions}
    told = log_documents.same_event(connection, [i for i in identities.values() if i is not None])
    facts: list[log.Fact] = []
    for extraction, mine, now in zip(extractions, found, times, strict=True):
        if not mine.fact_kind:
            continue
        sha256, identity = extraction.sha256, identities[extraction.sha256]
        payload = dict(mine.fact)
        if identity is not None:
            same = told.setdefault(identity, [])
            earlier = same[: same.index(sha256)] if sha256 in same else list(same)
            if sha256 not in same:
                same.append(sha256)
            if earlier:
                payload |= _suspect(connection, extraction, earlier[0])
        known = {n: [r.key for r in rs if r.key not in held] for n, rs in mine.records.items()}
        roles = {role: tuple(ids[key] for key in keys) for role, keys in known.items() if keys}
        facts.append(log.Fact(mine.fact_kind, sha256, now, payload, roles, sha256, identity))
    log.append_facts(connection, DOCUMENTS, facts)
    return appended


def event_identity(extraction: Extraction) -> str | None:
    """The same for the same invoice in whatever file: type, seller, number and year.

    None where the number or the date is not known well enough to say so.
    """
    number, issued = extraction.best("invoice_number"), extraction.best("issue_date")
    seller = extraction.best("seller.vat_id") or extraction.best("seller.name")
    if number is None or issued is None or seller is None or number.confidence < 0.5:
        return None
    plain = ["".join(c for c in f.value.casefold() if c.isalnum()) for f in (seller, number)]
    return content_id(extraction.type, *plain, issued.value[:4])


def _suspect(connection: Connection, extraction: Extraction, first: str) -> dict[str, object]:
    """Ask about an invoice that came before as another file; returns what the fact should say."""
    name = log_documents.names(connection, [first])[first]
    number = extraction.best("invoice_number")
    total = extraction.best("total")
    pairs = [
        Pair("invoice number", number.value, number.value, "same")
        for number in (number,)
        if number is not None
    ]
    if total is not None:
        before = log_documents.latest_extraction(connection, first)
        other = before.best("total") if before is not None else None
        amount = other.value if other is not None else ""
        says = "same" if amount == total.value else "different"
        pairs.append(Pair("total", amount, total.value, says))
    question = duplicate(
        extraction.sha256,
        extraction.document,
        first,
        name,
        pairs,
        why="the same seller, invoice number and year as an earlier file",
    )
    store_questions.put(connection, [question.item()])
    return {"duplicate_of": first}
