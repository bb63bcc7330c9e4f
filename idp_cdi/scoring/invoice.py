"""Invoices, credit notes, receipts and orders: from candidates to fields.

Candidates are scored for every field by themselves (`models`), decided together (`joint`), given a
calibrated probability (`confidence`) and a reason (`why`). A value that is more likely wrong than
its field allows is not said at all; required fields that are missing get the probability that the
document really does not have them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.scoring import Outcome, confidence, joint, models, others, why
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
    choices = choices_of(parties, scored, together=options.joint)
    if options.joint:
        joint.plain_number(context, parties, scored["identifier"], choices)
        if options.type == "receipt":
            joint.rounded(context, scored["amount"], choices)
    rate = confidence.Rater(context, options)
    fields: list[Field] = []
    for choice in choices.values():
        field = why.field_of(context, choice, rate(choice))
        if field is not None:
            fields.append(field)
    fields += others.fields_of(context, choices, rate)
    fields.sort(key=lambda f: (f.page, f.box.y0 if f.box else 0.0, f.name))
    items, problems = others.items_of(context, fields)
    absent = {
        name: round(confidence.absent(choices.get(name), rate), 4)
        for name in REQUIRED.get(options.type, ())
        if not any(f.name == name for f in fields)
    }
    problems += others.contradictions(fields)
    return Outcome(tuple(fields), tuple(items), tuple(problems), absent)


def choices_of(parties: Parties, scored: dict[str, Scored], *, together: bool) -> dict[str, Choice]:
    """The chosen candidate of every field, likely or not."""
    out: dict[str, Choice] = {}
    out |= joint.amounts(scored, joint=together)
    out |= joint.dates(scored, joint=together)
    for kind in ("identifier", "iban", "bic", "phone", "email", "website"):
        out |= joint.apart(scored, kind, models.FIELDS[kind], joint=together)
    for kind in ("vat_id", "tax_number", "registration_number"):
        out |= joint.apart(scored, kind, models.FIELDS[kind], joint=together)
    out |= joint.parties(parties, scored, together=together)
    return out
