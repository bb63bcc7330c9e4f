"""Extract: a document in, its fields out, each with a probability and a reason.

The type decides which family of `idp_cdi.scoring` reads the pages. Structured data inside the
document (e-invoice XML) wins over the page, with the confidence of a feed, and where the page says
something else that is a problem to report.

>>> from idp_cdi.documents import Document
>>> extract(Document("a.pdf", "0" * 64, "application/pdf", "pdf")).fields
()
"""

from __future__ import annotations

import time
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from idp_cdi.documents import Problem
from idp_cdi.errors import SettingsError
from idp_cdi.extractions import Alternative, Extraction, Field
from idp_cdi.fields import fields
from idp_cdi.scoring import FAMILIES, Options, Outcome, second

if TYPE_CHECKING:
    from collections.abc import Callable

    from idp_cdi.documents import Document, Embedded
    from idp_cdi.extractors._view import View

FEED = 0.99
"""Confidence of a value from structured data inside the document."""

_SURE = 0.9
"""Confidence from which a page value that contradicts the structured data is reported."""


def extract(document: Document, options: Options | None = None) -> Extraction:
    """Understand one document.

    Args:
        document: As read; its children are documents of their own and not looked at.
        options: How to extract; the defaults are for a person who knows nothing of the document.

    Returns:
        Type, fields, line items, problems, and the probability that a required field is absent.
    """
    from idp_cdi.extractors._lexicon import language
    from idp_cdi.extractors._view import View

    options = options if options is not None else Options()
    begin = time.perf_counter()
    view = View.of(document)
    embedded = document.embedded if options.embedded else None
    told = options.type or (embedded.document_type if embedded is not None else "")
    kind, certainty, like = (told, 1.0, told) if told else _type_of(view)
    outcome = _decide(document, view, kind, options) if view.segments else Outcome()
    if kind == "other" and FAMILIES.get(like) == "invoice":
        outcome = _with_parties(outcome, _decide(document, view, like, options))
    if view.segments and embedded is None:
        unsure = second.names(document, view, kind, outcome.fields)
        outcome = replace(outcome, fields=(*outcome.fields, *unsure))
    if embedded is not None:
        outcome = _with_embedded(outcome, embedded)
    return Extraction(
        document=document.name,
        sha256=document.sha256,
        type=Path(kind).stem,  # a type of the user's own may be given as the path of its file
        type_confidence=round(certainty, 4),
        language=document.language or language(document.text),
        pages=len(document.pages),
        reader=document.reader,
        seconds=round(document.seconds + time.perf_counter() - begin, 4),
        fields=outcome.fields,
        line_items=outcome.line_items,
        problems=(*document.problems, *outcome.problems),
        absent=outcome.absent,
    )


def check_type(name: str) -> None:
    """Refuse a document type that nobody knows, before anything is read.

    Raises:
        SettingsError: There is no such type; the message names those that there are.
    """
    from idp_cdi.scoring import custom_types

    if name in FAMILIES or custom_types.path_of(name) is not None:
        return
    known = ", ".join(dict.fromkeys([*FAMILIES, *custom_types.names()]))
    raise SettingsError(
        f"there is no document type {name!r}",
        action=f"known: {known}; your own as doctypes/NAME.yaml, see docs/document-types.md",
    )


def _type_of(view: View) -> tuple[str, float, str]:
    """A document's type, how likely it is, and what it is laid out like where that is "other"."""
    from idp_cdi.steps.classify import classify

    if not view.segments:
        return "other", 0.0, "other"
    judged = classify(view)
    kind, next_best = sorted(judged, key=lambda t: -judged[t])[:2]
    return kind, judged[kind], next_best if kind == "other" else kind


def _decide(document: Document, view: View, kind: str, options: Options) -> Outcome:
    name = FAMILIES.get(kind, "custom")
    for family in (name, "form", "invoice"):
        if find_spec(f"idp_cdi.scoring.{family}") is not None:
            module = import_module(f"idp_cdi.scoring.{family}")
            decide: Callable[[Document, View, Options], Outcome] = module.decide
            return decide(document, view, replace(options, type=kind))
    return Outcome()


def _with_parties(outcome: Outcome, letter: Outcome) -> Outcome:
    """What a form shows, but whom it is from and to where it is laid out like an invoice.

    Reminders, quotes and delivery notes are nothing to book, but they name the customer.
    """
    parties = fields().roles
    named = [f for f in letter.fields if f.name.partition(".")[0] in parties]
    roles = {f.name.partition(".")[0] for f in named}
    rest = [f for f in outcome.fields if f.name.partition(".")[0] not in roles]
    return replace(outcome, fields=(*rest, *named))


def _with_embedded(outcome: Outcome, embedded: Embedded) -> Outcome:
    """The structured values, with the place on the page where it prints the same value."""
    from idp_cdi.scoring.agree import same
    from idp_cdi.scoring.others import CHECKS, contradictions

    on_page: dict[str, list[Field]] = {}
    for field in outcome.fields:
        on_page.setdefault(field.name, []).append(field)
    both: list[Field] = []
    problems = list(outcome.problems)
    told = {v.name for v in embedded.values}
    for value in embedded.values:
        rivals = on_page.get(value.name, [])
        twin = next((f for f in rivals if same(f.name, f.value, value.value)), None)
        both.append(_field_of_feed(value.name, value.value, value.path, twin, rivals))
        several = sum(1 for v in embedded.values if v.name == value.name) > 1
        if twin is None and rivals and not several and rivals[0].confidence >= _SURE:
            problems.append(
                Problem(
                    "embedded.disagrees",
                    f"the page and the structured data disagree about {value.name}",
                    "look at the page and decide which one is right",
                    rivals[0].page,
                )
            )
    both += [f for f in outcome.fields if f.name not in told]
    # What the page alone contradicted may be settled by the structured values, and the reverse.
    problems = [p for p in problems if p.code not in CHECKS] + contradictions(both)
    return Outcome(
        tuple(both),
        embedded.line_items or outcome.line_items,
        tuple(problems),
        {k: p for k, p in outcome.absent.items() if k not in told},
    )


def _field_of_feed(
    name: str, value: str, path: str, twin: Field | None, rivals: list[Field]
) -> Field:
    why = f"structured data inside the document ({path})" if path else "structured data"
    if twin is not None:
        why += ", and the page prints the same"
    return Field(
        name=name,
        value=value,
        raw=value,
        confidence=0.995 if twin is not None else FEED,
        page=twin.page if twin is not None else 0,
        box=twin.box if twin is not None else None,
        method="embedded",
        why=why,
        alternatives=tuple(
            Alternative(f.value, f.confidence, f.page, f.box) for f in rivals if f is not twin
        ),
    )
