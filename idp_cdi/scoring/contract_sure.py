"""How sure a chosen value of a contract is: its score among those of all other candidates.

The score alone says little: of two parties with 0.9 the one is surer whose name is read in one way
only, in a contract where nobody else comes near. Figures of that kind go through a small logistic
regression, one a field, fitted on the predictions for held-back documents
(``scripts/train_contract.py``). No figure holds words.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from idp_cdi.extractors import clauses_names
from idp_cdi.scoring.calibration import logit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.scoring.contract_groups import Group

_NEAR = 0.1
"""Score from which a candidate counts as one that comes near."""


def figures(
    name: str, groups: Sequence[Group], scores: Sequence[float], chosen: Sequence[int], at: int
) -> list[float]:
    """The row of figures of a chosen value.

    Args:
        name: The field.
        groups: All candidates.
        scores: The probability of each, 0–1.
        chosen: Indexes of those that are given out.
        at: The one of them that is meant.
    """
    rest = [k for k in range(len(groups)) if k not in chosen]
    row = [logit(scores[at]), _best(scores, rest), float(len(chosen))]
    said = math.log1p(len(groups[at].mentions))
    if name != "party.name":
        near = sum(s > _NEAR for s in scores)
        return [*row, said, float(near), sum(scores)]
    core = clauses_names.core(groups[at].value)
    cores = {k: clauses_names.core(groups[k].value) for k in rest}
    twins = [k for k, other in cores.items() if other and (core in other or other in core)]
    return [
        *row,
        said,
        _best(scores, twins),
        _best(scores, [k for k in rest if k not in twins]),
        min(logit(scores[k]) for k in chosen),
        sum(scores[k] for k in chosen) / len(chosen),
        float(chosen.index(at)),
        abs(len(chosen) - 2.0),
        groups[at].row.get("person", 0.0),
    ]


def _best(scores: Sequence[float], some: Sequence[int]) -> float:
    """The log-odds of the likeliest of some candidates."""
    return logit(max((scores[k] for k in some), default=0.0))
