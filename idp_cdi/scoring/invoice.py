"""Invoices, credit notes, receipts and orders: from candidates to fields.

Candidates are scored for every field by themselves (`models`), decided together (`joint`), given a
calibrated probability (`confidence`) and a reason (`why`). A value that is more likely wrong than
its field allows is not said at all; required fields that are missing get the probability that the
document really does not have them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.scoring import (
    Outcome,
    confidence,
    joint,
    joint_after,
    joint_parties,
    models,
    others,
    why,
)
from idp_cdi.scoring.context import Context

if TYPE_CHECKING:
    from idp_cdi.documents import Document
    from idp_cdi.extractions import Field
    from idp_cdi.extractors._view import View
    from idp_cdi.scoring import Options
    from idp_cdi.scoring.joint import Choice
    from idp_cdi.scoring.models import Scored
    from idp_cdi.scoring.party import Parties

TYPES = ("invoice", "credit_note", "receipt", "order")

REQUIRED = {
    "invoice": ("invoice_number", "issue_date", "seller.name", "buyer.name", "total", "currency"),
    "credit_note": ("invoice_number", "issue_date", "seller.name", "buyer.name", "total"),
    "receipt": ("seller.name", "issue_date", "total"),
    "order": ("order_number", "issue_date", "seller.name", "buyer.name"),
}


def decide(document: Document, view: View, options: Options) -> Outcome:
    """The fields of one document of these types."""
    context = Context.of(document, view)
    parties, scored = models.score(context)
    chosen = choices(context, parties, scored, options)
    rate = confidence.Rater(context, chosen, options)
    fields: list[Field] = []
    for name, choice in chosen.items():
        field = why.field_of(context, choice, rate(name))
        if field is not None:
            fields.append(field)
    fields += others.fields_of(context, chosen, rate)
    fields.sort(key=lambda f: (f.page, f.box.y0 if f.box else 0.0, f.name))
    items, problems = others.items_of(context, fields)
    absent = {
        name: round(rate.absent(name), 4)
        for name in REQUIRED.get(options.type, ())
        if not any(f.name == name for f in fields)
    }
    problems += others.contradictions(fields)
    return Outcome(tuple(fields), tuple(items), tuple(problems), absent)


def choices(
    context: Context, parties: Parties, scored: dict[str, Scored], options: Options
) -> dict[str, Choice]:
    """The chosen candidate of every field, likely or not, as the options and the type ask for."""
    out = _apart(context, parties, scored, options)
    if options.joint:
        joint_parties.plain_number(context, parties, scored["identifier"], out)
        joint.rounded(context, scored["amount"], out)
        joint_after.with_legal_form(scored["name"], out)
        joint_after.whole_name(scored["name"], out)
        joint_after.whole_numbers(scored["identifier"], out)
        joint_after.account_of_payee(out)
        joint_after.account(scored["iban"], out)
        joint_after.period(context, scored["date"], out)
    return out


def _apart(
    context: Context, parties: Parties, scored: dict[str, Scored], options: Options
) -> dict[str, Choice]:
    """The candidate of every field by scores and the joint decision alone."""
    title, together = context.title(), options.joint
    named = "buyer.name" in REQUIRED.get(options.type, ())
    out: dict[str, Choice] = {}
    out |= joint.amounts(scored, joint=together, slack=joint.slack(context))
    out |= joint.dates(scored, joint=together, title=title.index if title is not None else -1)
    for kind in ("iban", "vat_id", "tax_number", "registration_number"):
        out |= joint.apart(scored, kind, models.FIELDS[kind], joint=together)
    placed = joint_parties.parties(context, parties, scored, together=together, named=named)
    out |= joint.apart(
        scored,
        "identifier",
        models.FIELDS["identifier"],
        joint=together,
        elsewhere=joint.proven(out) | joint_parties.places(placed) if together else (),
    )
    for kind in ("bic", "phone", "email", "website"):
        out |= joint.apart(scored, kind, models.FIELDS[kind], joint=together)
    return out | placed
