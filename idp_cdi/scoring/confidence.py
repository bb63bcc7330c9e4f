"""The probability that a chosen value is right, and that a missing one is absent.

The scorer's odds are one cue among several: the margin to the next other value, how many candidates
agree, what the joint decision found, check digits, and how sure the OCR was of these very letters.
A small model over those cues, the same for all fields of a family, is trained on layout families
that the scorer never saw; a curve per family, text and OCR apart, makes its output a probability.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from idp_cdi.models_path import models_path

if TYPE_CHECKING:
    from idp_cdi.scoring import Options
    from idp_cdi.scoring.calibration import Curve
    from idp_cdi.scoring.context import Context
    from idp_cdi.scoring.joint import Choice
    from idp_cdi.scoring.trees import Forest

FAMILIES = ("date", "amount", "identifier", "name", "address", "contact")
CUES = ("odds", "margin", "support", "joint", "sum", "valid", "sure", "least_sure", "ocr",
        "rivals", "street", "form", "lines", "parts", "length", "digits", "pages", "size",
        "blocks", "page", "top", "ambiguous", "sibling", "field")  # fmt: skip
NAMES = (
    "issue_date due_date period_start period_end net_total tax_total total amount_due prepaid "
    "invoice_number customer_number purchase_order order_number contract_number preceding_invoice "
    "name contact_name vat_id tax_number registration_number iban bic phone email website address "
    "street postal_code city region country"
).split()


def family_of(name: str) -> str:
    """The family of fields that share a calibration."""
    last = name.rpartition(".")[2]
    if last.endswith("_date") or last.startswith("period_"):
        return "date"
    if last in {"net_total", "tax_total", "total", "amount_due", "prepaid", "tax_rate", "currency"}:
        return "amount"
    if last in {"name", "contact_name"}:
        return "name"
    if last in {"address", "street", "postal_code", "city", "region", "country"}:
        return "address"
    if last in {"vat_id", "tax_number", "registration_number", "iban", "bic", "phone", "email",
                "website"}:  # fmt: skip
        return "contact"
    return "identifier"


def cues(context: Context, choice: Choice) -> list[float]:
    """The row of `CUES` for a choice."""
    c = choice.candidate
    page = context.document.pages[context.pages[c.page]]
    sure = [page.words[w].confidence for w in c.words] or [1.0]
    last = choice.field.rpartition(".")[2]
    top = context.place(c.page, c.box)[2]
    return [
        choice.odds,
        min(choice.margin, 9.0),
        float(choice.support),
        choice.joint,
        choice.flags.get("sum", -1.0),
        c.hints.get("valid", -1.0),
        math.prod(sure),
        min(sure),
        float(context.ocr),
        float(len(choice.rivals)),
        choice.flags.get("street", -1.0),
        choice.flags.get("form", -1.0),
        choice.flags.get("lines", -1.0),
        choice.flags.get("parts", -1.0),
        float(len(c.value)),
        float(sum(ch.isdigit() for ch in c.value)),
        float(len(context.document.pages)),
        float(len(context.view.segments)),
        float(len(context.blocks)),
        float(context.pages[c.page]),
        top,
        float(bool(c.others)),
        choice.flags.get("sibling", 0.0),
        float(NAMES.index(last)) if last in NAMES else -1.0,
    ]


@cache
def _learned() -> tuple[dict[str, Forest], dict[str, Curve]]:
    from idp_cdi.scoring import calibration, trees

    folder = models_path() / "scorer"
    if not (folder / "confidence.npz").is_file():
        return {}, {}
    return trees.load(folder / "confidence.npz")[0], calibration.load(folder / "calibration.json")


class Rater:
    """Gives choices of one document their probability."""

    def __init__(self, context: Context, options: Options) -> None:
        self.context = context
        self.forests, self.curves = _learned() if options.calibrated else ({}, {})

    def __call__(self, choice: Choice) -> float:
        """The probability (0–1) that the choice is right."""
        import numpy as np

        family = family_of(choice.field)
        forest = self.forests.get(family)
        if forest is None:
            return plain(choice)
        row = np.array([cues(self.context, choice)], dtype=np.float32)
        score = float(forest.probability(row)[0, 0])
        curve = self.curves.get(f"{family}/{'ocr' if self.context.ocr else 'text'}")
        return min(0.998, max(0.002, curve(score) if curve else score))


def plain(choice: Choice) -> float:
    """The scorer's own probability, without calibration."""
    odds = choice.odds + 1.5 * choice.joint
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))


def absent(choice: Choice | None, rate: Rater) -> float:
    """The probability that the document does not have a field of which nothing was said."""
    return 0.97 if choice is None else 1.0 - rate(choice)
