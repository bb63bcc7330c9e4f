"""Why two records are one party, or not: every field in words and bits, from the model alone.

The bits of a waterfall add up: start with how many pairs match at all, add each field, take off
what speaks for a household or a namesake instead; the sum is the pair's weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.matching import records, scoring
from idp_cdi.matching.levels import LEVELS
from idp_cdi.matching.values import TOLD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idp_cdi.matching.model import Model


_KIN = ("household or sister company", "namesake", "branch of the same group")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a waterfall: what was compared, what came of it, what it says in bits."""

    field: str
    left: str
    right: str
    level: str
    bits: float

    @property
    def sentence(self) -> str:
        """The step in words.

        >>> Step("email", "a@b.example", "a@b.example", "same", 19.3).sentence
        'email: same (a@b.example): speaks for one party, +19.3 bits'
        """
        seen = self.left if self.left == self.right else f"{self.left} / {self.right}"
        shown = f" ({seen})" if seen.strip(" /") else ""
        if abs(self.bits) < 0.05:
            return f"{self.field}: {self.level}{shown}: says nothing"
        side = "for" if self.bits > 0 else "against"
        return f"{self.field}: {self.level}{shown}: speaks {side} one party, {self.bits:+.1f} bits"


@dataclass(frozen=True, slots=True)
class Waterfall:
    """All steps of one pair, its weight in bits (their sum) and its probability."""

    steps: tuple[Step, ...]
    weight: float
    probability: float

    def needed(self, probability: float) -> float:
        """How many more bits would bring the pair to `probability`; negative where it is above."""
        return scoring.bits_of(probability) - self.weight


def waterfall(model: Model, left: Mapping[str, Any], right: Mapping[str, Any]) -> Waterfall:
    """Explain the weight of two rows.

    Args:
        model: The model that weighs them.
        left: Values by column name.
        right: Values by column name.
    """
    prepared = records.prepare_rows([left, right], model.plan)
    zero, one = np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64)
    scored = scoring.compare_all(model, prepared, model.worth(prepared), zero, one)
    by_field = scoring.field_weights(model, scored)[0]
    total = scoring.weigh(model, scored)
    prior = float(model.prior[0, scored.group[0]])
    start = float(np.log2(prior / (1.0 - model.prior[:, scored.group[0]].sum())))
    steps = [Step("any two records", "", "", "how often a pair is one party", start)]
    columns = {f.name: [c for c in f.columns if c not in ("", "|")] for f in model.plan.fields}
    for i, (name, part) in enumerate(model.fields.items()):
        level = int(scored.levels[0, i])
        if level:
            seen = [_shown(row, columns.get(name, [])) for row in (left, right)]
            label = LEVELS[part.kind][level].label
            steps.append(Step(name, seen[0], seen[1], label, float(by_field[i])))
    weight = float(total.weight[0])
    rest = weight - sum(step.bits for step in steps)
    likely = _KIN[int(np.argmax(total.related[:, 0]))]
    steps.append(Step("another explanation", "", "", f"most likely a {likely}", rest))
    return Waterfall(tuple(steps), weight, float(total.probability[0]))


def _shown(row: Mapping[str, Any], columns: list[str]) -> str:
    """The values of a field as they were given."""
    return " ".join(dict.fromkeys(str(row[c]).lstrip(TOLD) for c in columns if row.get(c)))
