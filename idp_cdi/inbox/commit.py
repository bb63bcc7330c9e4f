"""One batch of understood files into the store, and what became of each, in one transaction."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from idp_cdi.inbox.claims import name_of
from idp_cdi.review.questions import unreadable
from idp_cdi.store import documents as log_documents
from idp_cdi.store import intake, questions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from idp_cdi.settings import Settings
    from idp_cdi.steps.understand import Understood
    from idp_cdi.store import Database
    from idp_cdi.store.intake import Entry


@dataclass(frozen=True, slots=True)
class Committed:
    """What a batch did; `entries` are its files as they are now, `empty` feeds without rows."""

    entries: tuple[Entry, ...] = ()
    documents: int = 0
    accepted: int = 0
    to_review: int = 0
    feeds: int = 0
    rows: int = 0
    rows_new: int = 0
    empty: tuple[str, ...] = ()


def commit(
    home: Database,
    store: Database,
    settings: Settings,
    batch: Sequence[tuple[Entry, Understood]],
    pipeline: str,
) -> Committed:
    """Apply a batch and mark its files, all or nothing.

    With a tenant's store the marks come in a second transaction; a kill between the two is repaired
    by applying again, which finds everything known.

    Args:
        home: The store that keeps the intake.
        store: The store that the documents go to; most often the same.
        settings: Of the tenant.
        batch: Files with what was understood of them, in the order in which they were taken.
        pipeline: The version of what understood them.
    """
    from idp_cdi.steps.apply import log_batch
    from idp_cdi.steps.unify import unify

    named = [(entry, _named(item, item.name, name_of(entry))) for entry, item in batch]
    good = [g for _, item in named if (g := _readable(item)) is not None]
    with store.writing() as connection:
        applied = log_batch(connection, settings, good)
        unify(connection, settings, applied.touched)
        for _, item in named:
            _ask_about_unreadable(connection, item)
        ended = [_ended(entry, item, applied.known) for entry, item in named]
        with nullcontext(connection) if store is home else home.writing() as marks:
            told = ("state", "first", "step", "code", "reason", "action", "attempts")
            changes = {e.id: {name: getattr(e, name) for name in told} for e in ended}
            intake.mark_each(marks, {n: c | {"pipeline": pipeline} for n, c in changes.items()})
    return Committed(tuple(ended), applied.documents, applied.accepted, applied.to_review)


def _named(item: Understood, old: str, new: str) -> Understood:
    """`item` under the name that its owner knows, not that of our work folder."""
    name = new + item.name.removeprefix(old) if item.name.startswith(old) else item.name
    extraction = item.extraction
    if extraction is not None:
        extraction = replace(extraction, document=name)
    children = tuple(_named(child, old, new) for child in item.children)
    return replace(item, name=name, extraction=extraction, children=children)


def _readable(item: Understood) -> Understood | None:
    """`item` without its unreadable parts, so that these can be tried again one day."""
    children = tuple(c for child in item.children if (c := _readable(child)) is not None)
    if item.extraction is None and not children:
        return None
    return replace(item, children=children, error=None)


def _ask_about_unreadable(connection: Connection, item: Understood) -> None:
    for part in item.all:
        if part.error is None or not part.sha256:
            continue
        seen = log_documents.Seen(part.sha256, part.name, part.media_type, part.size)
        log_documents.append_documents(connection, [seen])
        asked = unreadable(
            part.sha256,
            part.name,
            code=part.error.code,
            reason=part.error.message,
            action=part.error.action,
        )
        questions.put(connection, [asked.item()])


def _ended(entry: Entry, item: Understood, known: dict[str, str]) -> Entry:
    """What became of a file; one with parts is done when all its parts are."""
    bad = [part for part in item.all if part.error is not None]
    if bad:
        first = bad[0]
        assert first.error is not None
        where = "" if first is item else f"{first.name.rpartition('!')[2]}: "
        more = f", and {len(bad) - 1} more parts" if len(bad) > 1 else ""
        return entry._replace(
            state=intake.FAILED,
            step="read",
            code=first.error.code,
            reason=f"{where}{first.error.message}{more}",
            action=first.error.action,
            attempts=entry.attempts + 1,
        )
    if item.name in known and not item.children:
        return entry._replace(state=intake.DUPLICATE, first=known[item.name])
    return entry._replace(state=intake.APPLIED)
