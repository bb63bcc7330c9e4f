"""What is no choice between candidates: currency, tax rates, what follows from other fields."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from idp_cdi.documents import Problem
from idp_cdi.extractions import Field
from idp_cdi.scoring import terms

if TYPE_CHECKING:
    from idp_cdi.documents import LineItem
    from idp_cdi.scoring.confidence import Rater
    from idp_cdi.scoring.context import Context
    from idp_cdi.scoring.joint import Choice

_DOLLARS = {"US": "USD", "CA": "CAD", "AU": "AUD", "SG": "SGD", "HK": "HKD", "NZ": "NZD"}


def fields_of(context: Context, choices: dict[str, Choice], rate: Rater) -> list[Field]:
    """Currency, tax rates, terms and instalments."""
    out = []
    currency = _currency(context, choices)
    if currency is not None:
        out.append(currency)
    out += _rates(context)
    found = terms.payment_terms(context)
    if found is not None:
        out.append(found)
    rated = [replace(f, confidence=round(rate.curve(f.name, f.confidence), 4)) for f in out]
    return rated + terms.instalments(context, choices)


def _currency(context: Context, choices: dict[str, Choice]) -> Field | None:
    found = context.candidates.get("currency", [])
    if not found:
        return None
    votes: Counter[str] = Counter()
    for c in found:
        votes[c.value] += 2 if c.hints["beside"] else 1
        segment = context.view.segments[int(c.hints["segment"])]
        row, _ = context.labels(segment, int(c.hints["first"]), c.box)
        if row.get("currency", 0.0) > 0.5:
            votes[c.value] += 6
    code, count = votes.most_common(1)[0]
    share = count / sum(votes.values())
    best = next(c for c in found if c.value == code)
    if best.raw == "$":
        code = _dollar(choices)
    return Field(
        "currency", code, best.raw, round(0.6 + 0.39 * share * min(1.0, (count + 1) / 4), 4),
        best.page, best.box, "amounts", f"printed with {count} of the amounts",
    )  # fmt: skip


def _dollar(choices: dict[str, Choice]) -> str:
    for role in ("seller", "buyer"):
        country = choices.get(f"{role}.country")
        if country is not None and country.candidate.value in _DOLLARS:
            return _DOLLARS[country.candidate.value]
    return "USD"


def _rates(context: Context) -> list[Field]:
    out: dict[str, Field] = {}
    for c in context.candidates.get("amount", ()):
        if not c.hints["percent"] or not 0 <= float(c.value) <= 30:
            continue
        segment = context.view.segments[int(c.hints["segment"])]
        row, column = context.labels(segment, int(c.hints["first"]), c.box)
        near = max(
            row.get("tax_total", 0), row.get("tax_rate", 0), column.get("tax_rate", 0),
            column.get("tax_total", 0), row.get("vat_id", 0),
        )  # fmt: skip
        if near < 0.3:
            continue
        value = f"{Decimal(c.value).normalize():f}"
        p = round(0.6 + 0.35 * near, 4)
        if value not in out or out[value].confidence < p:
            out[value] = Field(
                "tax_rate", value, c.raw, p, c.page, c.box, "amounts", "a percentage beside the tax"
            )
    return list(out.values())


def items_of(context: Context, fields: list[Field]) -> tuple[list[LineItem], list[Problem]]:
    """Line items from the tables of the document, checked against the net total."""
    from idp_cdi.extractors.tables import line_items

    items = line_items(context.view, context.hits)
    net = max(
        (f for f in fields if f.name == "net_total"), key=lambda f: f.confidence, default=None
    )
    if not items or net is None:
        return items, []
    total = sum((Decimal(i.net_amount) for i in items if i.net_amount), Decimal(0))
    if abs(total - Decimal(net.value)) <= Decimal("0.02") * max(1, len(items) // 4):
        surer = [replace(i, confidence=max(i.confidence, 0.98)) for i in items]
        return surer, []
    if all(i.net_amount for i in items) and net.confidence > 0.8:
        return items, [
            Problem(
                "sum.items", "the lines do not make the net total",
                "a discount, a charge or a line may have been missed", net.page,
            )
        ]  # fmt: skip
    return items, []


_PLAIN = re.compile(r"-?\d+(?:\.\d+)?")
CHECKS = frozenset(("sum.total", "sum.items", "date.order"))
"""Codes of the problems that arithmetic and order of dates report."""


def contradictions(fields: list[Field]) -> list[Problem]:
    """Where the chosen values do not fit together."""
    best: dict[str, Field] = {}
    for f in fields:
        if f.name not in best or best[f.name].confidence < f.confidence:
            best[f.name] = f
    out = []
    sums = [best[n].value for n in ("net_total", "tax_total", "total") if n in best]
    if len(sums) == 3 and all(_PLAIN.fullmatch(v) for v in sums):
        net, tax, total = (Decimal(v) for v in sums)
        if abs(net + tax - total) > Decimal("0.02"):
            out.append(
                Problem(
                    "sum.total", "net and tax do not make the total",
                    "look at the amounts", best["total"].page,
                )
            )  # fmt: skip
    if (
        "issue_date" in best
        and "due_date" in best
        and best["due_date"].value < best["issue_date"].value
    ):
        out.append(
            Problem(
                "date.order",
                "the due date lies before the issue date",
                "look at the dates",
                best["due_date"].page,
            )
        )
    return out


__all__ = ["contradictions", "fields_of", "items_of"]
