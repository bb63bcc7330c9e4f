"""What follows from answers: documents laid out anew, decisions logged, customers derived.

A document's records are a function of what was read and of what persons said about it, so answers
are never patched in: the newest extraction is taken, the answers are laid over it, and the same
functions as for a new document do the rest.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from idp_cdi.review.answers import overlay
from idp_cdi.review.questions import Kind, from_json, questions
from idp_cdi.store import documents as log_documents
from idp_cdi.store import log
from idp_cdi.store import questions as store_questions

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

    from idp_cdi.extractions import Extraction
    from idp_cdi.settings import Settings


def follow(
    connection: Connection,
    settings: Settings,
    documents: Collection[str],
    decisions: Sequence[tuple[str, str, str, str, str]] = (),
    retries: Collection[str] = (),
) -> tuple[int, ...]:
    """Bring everything downstream up to date with the answers in the store.

    Args:
        connection: A writing one; the answers are logged already.
        settings: Thresholds, who we are.
        documents: SHA-256 of the documents that were answered about.
        decisions: (left, right, verdict, person, why) about record references.
        retries: Documents to be read again.

    Returns:
        The mentions whose customers were looked at again.
    """
    from idp_cdi.steps.unify import unify

    touched: set[int] = set()
    for sha256 in sorted(documents):
        touched |= lay_out(connection, settings, sha256)
    for left, right, verdict, person, why in decisions:
        pair = [_mention(connection, ref) for ref in (left, right)]
        log.append_decision(connection, pair[0], pair[1], verdict, person=person, why=why)
        touched.update(pair)
    if retries:
        from idp_cdi.store import intake

        intake.ask_again(connection, retries)
    ordered = tuple(sorted(touched))
    if ordered:
        unify(connection, settings, ordered)
    return ordered


def lay_out(connection: Connection, settings: Settings, sha256: str) -> set[int]:
    """Records, fact and questions of one document, from its extraction and the answers to it."""
    from idp_cdi.steps.apply import log_parties

    extraction = log_documents.latest_extraction(connection, sha256)
    if extraction is None:
        return set()
    told = with_answers(connection, extraction)
    asked = questions(told, settings)
    store_questions.replace(connection, [sha256], [q.item() for q in asked])
    touched = set(log_parties(connection, settings, [told]).touched)
    settle_duplicate(connection, sha256)
    return touched


def with_answers(connection: Connection, extraction: Extraction) -> Extraction:
    """`extraction` with what persons said about the document laid over it."""
    given = store_questions.answers_about(connection, [extraction.sha256])
    return overlay(extraction, given.get(extraction.sha256, ()))


def judged_duplicates(connection: Connection, documents: Sequence[str]) -> list[str]:
    """Those of `documents` of which a person has said whether they are duplicates."""
    if not documents:
        return []
    answered = (store_questions.ANSWERED,)
    items = store_questions.items(
        connection, status=answered, kinds=[Kind.DUPLICATE], documents=documents
    )
    return sorted({i.document for i in items})


def settle_duplicate(connection: Connection, sha256: str) -> None:
    """Make the fact of a document say what a person said about its being a duplicate.

    A confirmed duplicate's fact is withdrawn: the invoice counts once. A refused one is a fact of
    its own and no longer marked.
    """
    from idp_cdi.observations import DOCUMENTS

    items = store_questions.items(
        connection, status=(store_questions.ANSWERED,), kinds=[Kind.DUPLICATE], documents=[sha256]
    )
    fact = store_questions.fact_of(connection, sha256) if items else None
    if fact is None:
        return
    given = store_questions.answers(connection, [i.id for i in items])
    verdicts = {from_json(g.data["question"]).left: g.action for g in given}
    same = "same" in verdicts.values()
    payload = dict(fact.payload)
    if not same and payload.get("duplicate_of") in verdicts:
        del payload["duplicate_of"]
    changed = replace(fact, payload=payload, deleted=same, observed_at=datetime.now(UTC))
    log.append_facts(connection, DOCUMENTS, [changed])


def _mention(connection: Connection, reference: str) -> int:
    source, _, key = reference.partition("\u241f")
    return log.mention_ids(connection, source, [key])[key]
