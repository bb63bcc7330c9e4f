"""The probability that a chosen value is right, and that a missing one is absent.

A small model over the cues of `confidence_cues`, the same for all fields of a family, is trained
on layout families that the scorer never saw; cues that can only speak for or against a value are
held to that. A curve per family, text and OCR apart, makes its output a probability.

Those layouts are harder than most papers on purpose, so this probability errs low where a paper is
plain; the scorer's own errs high where a layout is strange. Neither is fitted to any real paper.
The two are pooled on the scale of log-odds with weights that were fitted on generated documents,
half of held-back families and half of seen ones (a logarithmic opinion pool whose weights need not
add up to 1, for the mean of two opinions is less certain than both together: Satopää and others
2014, https://doi.org/10.1016/j.ijforecast.2013.09.009).
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from idp_cdi.models_path import models_path
from idp_cdi.scoring import calibration, logistic
from idp_cdi.scoring.confidence_cues import CUES, cues, document_cues

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp_cdi.scoring import Options
    from idp_cdi.scoring.calibration import Curve
    from idp_cdi.scoring.context import Context
    from idp_cdi.scoring.joint import Choice
    from idp_cdi.scoring.logistic import Logistic
    from idp_cdi.scoring.trees import Forest

FAMILIES = ("date", "amount", "identifier", "name", "address", "contact")


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


@cache
def _learned() -> tuple[dict[str, Forest], dict[str, Curve], dict[str, Logistic]]:
    from idp_cdi.scoring import trees

    folder = models_path() / "scorer"
    if not (folder / "confidence.npz").is_file():
        return {}, {}, {}
    curves = calibration.load(folder / "calibration.json")
    return trees.load(folder / "confidence.npz")[0], curves, logistic.load(folder / "pool.json")


class Rater:
    """The probabilities of one document's choices, worked out together."""

    def __init__(self, context: Context, choices: Mapping[str, Choice], options: Options) -> None:
        self.source = "ocr" if context.ocr else "text"
        self.forests, self.curves, pools = _learned() if options.calibrated else ({}, {}, {})
        self.pool = pools.get(self.source)
        self.rated = self._rate(context, choices, options.type)

    def _rate(self, context: Context, choices: Mapping[str, Choice], kind: str) -> dict[str, float]:
        import numpy as np

        if not self.forests:
            return {name: plain(choice) for name, choice in choices.items()}
        document = document_cues(context, choices, kind)
        groups: dict[str, list[str]] = defaultdict(list)
        for name in choices:
            groups[family_of(name)].append(name)
        out: dict[str, float] = {}
        for family, names in groups.items():
            rows = [cues(context, choices[n], document) for n in names]
            table = np.array(rows, dtype=np.float32).reshape(-1, len(CUES))
            scores = self.forests[family].probability(table)[:, 0].tolist()
            for name, score in zip(names, scores, strict=True):
                out[name] = self.pooled(self.curve(family, score), plain(choices[name]))
        return out

    def __call__(self, name: str) -> float:
        """The probability (0–1) that the choice for a field is right."""
        return self.rated[name]

    def pooled(self, held_back: float, own: float) -> float:
        """Two opinions about one probability made one."""
        if self.pool is None:
            return held_back
        both = (calibration.logit(held_back), calibration.logit(own))
        return min(0.998, max(0.002, self.pool(both)))

    def curve(self, family: str, score: float) -> float:
        """A score made a probability by the curve of its family, within 0.002 and 0.998."""
        curve = self.curves.get(f"{family}/{self.source}")
        return min(0.998, max(0.002, curve(score) if curve else score))

    def absent(self, name: str) -> float:
        """The probability that the document does not have a field of which nothing was said."""
        return self.curve("absent", 1.0 - self.rated.get(name, 0.0))


def plain(choice: Choice) -> float:
    """The scorer's own probability, without calibration."""
    return calibration.logistic(choice.odds + 1.5 * choice.joint)
