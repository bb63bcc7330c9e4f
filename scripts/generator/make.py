"""From a family and a seed to a generated document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from .broadcast import set_media
from .canvas import Canvas, to_document
from .chance import Chance
from .contracts import set_contract
from .design import families as all_families
from .design import held_back
from .facts import Facts
from .forms import set_form
from .invoices import LANGUAGE_SHARES, line_items, set_invoice
from .marks import GeneratedDocument, Mark, Span
from .noise import noisy
from .receipts import receipt_items, set_receipt

SHARES = {"invoice": 5.0, "order": 1.6, "receipt": 1.6, "contract": 2.0, "form": 1.6}
MULTI = ("tax_rate", "party.name", "notice_address", "foreign_principal.name", "signer.name")
Which = Literal["all", "training", "held back"]


def _several(marks: Sequence[Mark]) -> tuple[str, ...]:
    """The fields all of whose values are expected: the known ones, and those of several groups."""
    groups: dict[str, set[str]] = {}
    for mark in marks:
        if mark.values and not mark.field.startswith("item."):
            groups.setdefault(mark.field, set()).add(mark.group)
    more = [name for name, found in groups.items() if len(found) > 1 and name not in MULTI]
    return (*MULTI, *more)


def _gold(marks: Sequence[Mark], multi: Sequence[str]) -> dict[str, list[str]]:
    gold: dict[str, list[str]] = {}
    for mark in marks:
        if not mark.values or mark.field.startswith("item."):
            continue
        found = gold.setdefault(mark.field, [])
        values = mark.values[:1] if mark.field in multi else mark.values
        found.extend(text for text in values if text not in found)
    return gold


def _made(family: str, chance: Chance, code: str) -> tuple[Canvas, str, dict[str, object]]:
    kind = family.partition("-")[0]
    if kind == "contract":
        pages, drafter = set_contract(family, chance, code)
        return pages, "contract", {"items": [], "ignore": set(), "kind": drafter.terms.kind}
    if kind == "order" and int(family.rpartition("-")[2]) % 2 == 1:
        return (
            set_media(family, chance, code),
            "order",
            {"items": [], "ignore": set(), "kind": "media"},
        )
    if kind == "form":
        return (
            set_form(family, chance, code),
            "form",
            {"items": [], "ignore": set(), "kind": "form"},
        )
    if kind == "receipt":
        paper = set_receipt(family, chance, code)
    else:
        paper = set_invoice(family, chance, code)
    what = {"confirmation": "order", "order": "order", "receipt": "receipt"}.get(
        paper.facts.kind, "invoice"
    )
    items = line_items(paper) if kind != "receipt" else receipt_items(paper)
    facts = paper.facts
    more = {"items": items, "ignore": paper.ignore, "kind": facts.kind, "facts": facts}
    return paper.canvas, what, more


def compose(family: str, seed: int | str, language: str = "") -> tuple[Canvas, GeneratedDocument]:
    """The pages of one document and what is known about it; `generate` without the noise.

    Args:
        family: Layout family.
        seed: Everything but the layout comes from it.
        language: ISO 639-1 code, drawn where empty.

    Returns:
        The canvas, for drawing, and the document.
    """
    chance = Chance(f"{family} {seed}")
    code = language or Chance(f"language {family} {seed}").weighted(LANGUAGE_SHARES)
    canvas, what, more = _made(family, chance, code)
    document, spans, marks = to_document(canvas, f"{family}-{code}-{seed}.pdf")
    items, ignore = more["items"], more["ignore"]
    assert isinstance(items, list) and isinstance(ignore, set)
    facts = more.get("facts")
    assert facts is None or isinstance(facts, Facts)
    several = _several(marks)
    gold = _gold(marks, several)
    for name in ignore:
        gold.pop(name, None)
    multi = tuple(name for name in several if name in gold)
    made = GeneratedDocument(
        replace(document, language=code), what, code, gold, multi, tuple(sorted(ignore)), tuple(spans), tuple(items),
        family, held_back(family), details={"kind": str(more["kind"])}, facts=facts,
    )  # fmt: skip
    return canvas, made


def generate(
    family: str, seed: int | str, language: str = "", *, scan: bool = False
) -> GeneratedDocument:
    """One document of `family`, the same for the same arguments.

    Args:
        family: Layout family, one of `design.families()`.
        seed: Everything but the layout comes from it.
        language: ISO 639-1 code, drawn where empty.
        scan: Put the words through the model of OCR errors.

    Returns:
        The document with gold and spans.
    """
    made = compose(family, seed, language)[1]
    return noisy(made, Chance(f"noise {family} {seed}")) if scan else made


def documents(
    count: int,
    seed: int = 0,
    *,
    types: Sequence[str] = (),
    families: Sequence[str] = (),
    which: Which = "training",
    languages: Sequence[str] = (),
    scan: float = 0.25,
    start: int = 0,
) -> Iterator[GeneratedDocument]:
    """Made-up documents, thousands a minute.

    Args:
        count: How many.
        seed: Same seed, same documents.
        types: Types of layout family (invoice, order, receipt, contract, form); all where empty.
            "invoice" families make credit notes, proformas and reminders too.
        families: Only these layout families.
        which: Families for training, those held back, or all.
        languages: Only these languages.
        scan: Share of documents whose words go through the model of OCR errors.
        start: Leave out so many documents at the beginning, to make the same set in parts.

    Yields:
        The documents.
    """
    pools: dict[str, list[str]] = {}
    for kind in types or SHARES:
        pool = [f for f in (families or all_families(kind)) if f.partition("-")[0] == kind]
        if which != "all":
            pool = [f for f in pool if held_back(f) == (which == "held back")]
        if pool:
            pools[kind] = pool
    for at in range(start, start + count):
        chance = Chance(f"{seed} {at}")
        kind = chance.weighted({k: SHARES.get(k, 1.0) for k in pools})
        code = chance.pick(languages) if languages else ""
        yield generate(chance.pick(pools[kind]), f"{seed}.{at}", code, scan=chance.maybe(scan))


__all__ = ["GeneratedDocument", "Span", "compose", "documents", "generate"]
