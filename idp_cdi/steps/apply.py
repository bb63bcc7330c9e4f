"""Apply understood documents to the store, in one transaction a batch.

Same bytes again: linked to the first sighting, nothing else. The same invoice as another file
(seller, number, year): a question for a person, never silent.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from idp_cdi.observations import content_id
from idp_cdi.review.questions import Pair, duplicate, questions, unreadable
from idp_cdi.steps.follow import settle_duplicate, with_answers
from idp_cdi.steps.parties import PARTY_SOURCE, parties
from idp_cdi.steps.understand import FAULT
from idp_cdi.store import documents as log_documents
from idp_cdi.store import log
from idp_cdi.store import questions as store_questions
from idp_cdi.store.originals import Originals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from idp_cdi.extractions import Extraction
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
    items = [part for item in batch for part in item.all if part.sha256]
    seen = [log_documents.Seen(i.sha256, i.name, i.media_type, i.size) for i in items]
    known = log_documents.append_documents(connection, seen)
    done = log_documents.extracted_by(connection, (i.sha256 for i in items), pipeline)
    first_names = log_documents.names(connection, (i.sha256 for i in items))
    total = Applied(
        failed=sum(1 for item in batch for part in item.all if not part.sha256),
        known={i.name: known[i.sha256] for i in items if i.sha256 in done},
    )
    touched: set[int] = set()
    for item in items:
        if item.sha256 in done:
            total.known.setdefault(item.name, first_names[item.sha256])
            continue
        done.add(item.sha256)
        one, mentions = _log_one(connection, settings, item, pipeline)
        touched |= mentions
        total = replace(
            total,
            documents=total.documents + one.documents,
            failed=total.failed + one.failed,
            accepted=total.accepted + one.accepted,
            to_review=total.to_review + one.to_review,
        )
    return replace(total, touched=tuple(sorted(touched)))


def _keep_originals(settings: Settings, batch: Sequence[Understood]) -> None:
    originals = Originals(settings.originals)
    for item in batch:
        if item.path is not None and item.sha256:
            originals.keep(item.path.read_bytes())


def _log_one(
    connection: Connection, settings: Settings, item: Understood, pipeline: str
) -> tuple[Applied, set[int]]:
    if item.error is None or item.error.code != FAULT:
        # A fault of ours is no result: the file is tried again by the next run.
        log_documents.append_extraction(
            connection, item.sha256, pipeline, item.extraction, item.error
        )
    if item.extraction is None:
        if item.error is not None:
            asked = unreadable(
                item.sha256,
                item.name,
                code=item.error.code,
                reason=item.error.message,
                action=item.error.action,
            )
            store_questions.replace(connection, [item.sha256], [asked.item()])
        return Applied(failed=1), set()
    # What a person said about the document holds, whatever a later version reads.
    told = with_answers(connection, item.extraction)
    asked_values = questions(told, settings)
    store_questions.replace(connection, [item.sha256], [q.item() for q in asked_values])
    doubtful = {(q.field, q.group, q.value) for q in asked_values if q.value}
    appended = log_parties(connection, settings, told)
    settle_duplicate(connection, item.sha256)
    found = told.fields
    accepted = sum((f.name, f.group, f.value) not in doubtful for f in found)
    return Applied(1, 0, {}, accepted, len(asked_values)), set(appended.touched)


def log_parties(connection: Connection, settings: Settings, extraction: Extraction) -> Appended:
    """Append the records and the fact of one document; roles that are gone are deleted."""
    now = datetime.now(UTC)
    found = parties(extraction, settings.organisation, now)
    records = [r for several in found.records.values() for r in several]
    rows = [log.row_of(r) for r in records]
    before = log.keys_with_prefix(connection, PARTY_SOURCE, f"{extraction.sha256}#")
    gone = sorted(set(before) - {r.key for r in rows})
    rows += [
        log.RecordRow(k, "unknown", "other", log.stamp(now), '{"o":[]}', "", deleted=True)
        for k in gone
    ]
    appended = log.append_records(connection, PARTY_SOURCE, rows)
    if found.fact_kind:
        ids = log.mention_ids(connection, PARTY_SOURCE, [r.key for r in records])
        roles = {role: tuple(ids[r.key] for r in rs) for role, rs in found.records.items()}
        identity = event_identity(extraction)
        payload = dict(found.fact)
        if identity is not None:
            payload |= _suspect(connection, extraction, identity)
        log.append_facts(
            connection,
            PARTY_SOURCE,
            [
                log.Fact(
                    found.fact_kind,
                    extraction.sha256,
                    now,
                    payload,
                    roles,
                    extraction.sha256,
                    identity,
                )
            ],
        )
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


def _suspect(connection: Connection, extraction: Extraction, identity: str) -> dict[str, object]:
    """Ask about an invoice that came before as another file; returns what the fact should say."""
    told = log_documents.same_event(connection, [identity]).get(identity, [])
    earlier = [sha256 for sha256 in told if sha256 != extraction.sha256]
    if not earlier:
        return {}
    first = earlier[0]
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
