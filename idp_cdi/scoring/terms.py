"""How and when to pay: the terms as printed, and the parts of a sum that is paid in instalments.

Terms stand behind their label, or say by themselves what they are ("30 jours fin de mois", "2% 10
days, net 30"). Instalments are rows of a date and an amount, in order of date, that add up to what
is to be paid; the sum is what tells them from other rows.
"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from idp_cdi.documents import around
from idp_cdi.extractions import Field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp_cdi.extractors import Candidate
    from idp_cdi.extractors._view import Segment
    from idp_cdi.scoring.context import Context
    from idp_cdi.scoring.joint import Choice

_LABELLED, _PHRASE = 0.8, 0.7
"""What speaks for terms behind a label, and for those that only read like terms; uncalibrated."""
_DAY = r"(?:days?|tage?n?|jours?|días?|dias?|giorni|dagen)"
_TERMS = re.compile(
    rf"\bnet(?:to|t)?\.?\s+(?:in\s+)?\d{{1,3}}\b(?:\s*{_DAY})?"
    rf"|\b\d{{1,3}}\s*{_DAY}\s+(?:net\w*|netto|fin\w*\s+d\w+\s+mo?is|date|data|fecha|after|from|"
    r"ab|nach|na|dopo|ohne|rein|f\.?f\.?|d\.?f\.?)\b"
    rf"|\b\d\s?%\s+(?:skonto\b|\d{{1,3}}\s*{_DAY})|\b(?:due|payable)\s+(?:up)?on\s+receipt"
    r"|\bsofort\s+(?:ohne|zahlbar|netto|rein)|\b(?:à|a)\s+réception\b|\bal\s+contado\b|\bcontant\b"
    rf"|\b(?:zahlbar|payable|payables?|betaalbaar|pagamento|pago|paiement|betaling)\b.{{0,30}}"
    rf"\b\d{{1,3}}\s*{_DAY}",
    re.IGNORECASE,
)
_MOST_WORDS = 16


def payment_terms(context: Context) -> Field | None:
    """The payment terms: what follows their label, else a line that reads like terms."""
    for segment in context.view.segments:
        found = _labelled(context, segment)
        if found is not None:
            return found
    for segment in context.view.segments:
        if len(segment.texts) <= _MOST_WORDS and _TERMS.search(segment.text):
            text = segment.text.strip(" :.-")
            return Field(
                "payment_terms", text, text, _PHRASE, segment.page, segment.box, "patterns",
                "reads like terms of payment",
            )  # fmt: skip
    return None


def _labelled(context: Context, segment: Segment) -> Field | None:
    hit = next((h for h in context.hits[segment.index] if h.concept == "payment_terms"), None)
    if hit is None or hit.start > 0:
        return None
    colon = any(t.endswith(":") for t in segment.texts[: hit.end + 1])
    box, text = segment.box, " ".join(segment.texts[hit.end :]).strip(" :.-")
    if not text and hit.end == len(segment.texts):
        _, right = context.view.beside(segment)
        below = [s for s in right[:1] if not _starts_with_label(context, s)]
        below += [s for s in context.view.segments if context.above[s.index] == segment.index]
        if below and not _starts_with_label(context, below[0]):
            box, text = below[0].box, below[0].text.strip(" :.-")
    reads = _TERMS.search(text) is not None
    if len(text) < 4 or not (colon or reads or hit.end == len(segment.texts)):
        return None
    if not any(c.isalpha() for c in text):
        return None
    return Field(
        "payment_terms", text, text, _LABELLED + 0.1 * reads, segment.page, box, "labels",
        f"after the label “{' '.join(segment.texts[: hit.end]).strip(' :')}”",
    )  # fmt: skip


def _starts_with_label(context: Context, segment: Segment) -> bool:
    return any(h.start == 0 and h.concept != "payment_terms" for h in context.hits[segment.index])


def instalments(context: Context, choices: Mapping[str, Choice]) -> list[Field]:
    """The parts of the sum, "2024-03-01 500.00" each; empty where no rows add up to it.

    Args:
        context: The document.
        choices: The chosen values; the total and the amount due are what parts may add up to.
    """
    wanted = {Decimal(choices[n].candidate.value) for n in ("amount_due", "total") if n in choices}
    for run in _runs(context):
        parts = [Decimal(amount.value) for _, amount in run]
        if len(run) >= 2 and sum(parts) in wanted and _announced(context, run[0][0]):
            return [_part(date, amount) for date, amount in run]
    return []


def _announced(context: Context, first: Candidate) -> bool:
    """Whether the row, or one of the two lines above it, speaks of when to pay."""
    line = context.view.segments[int(first.hints["segment"])].line
    near = (i for n in range(max(0, line - 2), line + 1) for i in context.view.lines[n])
    return any(h.concept in {"due_date", "payment_terms"} for i in near for h in context.hits[i])


def _runs(context: Context) -> list[list[tuple[Candidate, Candidate]]]:
    """Lines with one date and an amount that follow each other, dates rising."""
    dates = _by_line(context, "date")
    amounts = _by_line(context, "amount")
    rows = [
        (number, dates[number][0], amounts[number][-1])
        for number in sorted(dates.keys() & amounts.keys())
        if len({c.value for c in dates[number]}) == 1
    ]
    out: list[list[tuple[Candidate, Candidate]]] = []
    last: tuple[int, str] = (-9, "")
    for number, date, amount in rows:
        if number - last[0] > 1 or date.value <= last[1]:
            out.append([])
        out[-1].append((date, amount))
        last = (number, date.value)
    return out


def _by_line(context: Context, kind: str) -> dict[int, list[Candidate]]:
    found = [
        (context.view.segments[int(c.hints["segment"])].line, c)
        for c in context.candidates.get(kind, ())
        if kind != "amount" or c.hints["decimals"] == 2
    ]
    found.sort(key=lambda f: (f[0], f[1].box.x0))
    return {n: [c for _, c in many] for n, many in groupby(found, key=lambda f: f[0])}


def _part(date: Candidate, amount: Candidate) -> Field:
    return Field(
        "instalment", f"{date.value} {amount.value}", f"{date.raw} {amount.raw}", 0.95, date.page,
        around([date.box, amount.box]), "patterns", "a row of date and amount; the rows add up",
    )  # fmt: skip


__all__ = ["instalments", "payment_terms"]
