"""What two records say about being one party: by the match model in bits, or in words alone.

The model's evidence is what matching itself weighs (`matching.explanation`): the entries add up to
the match weight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.fields import fields
from idp_cdi.steps.explain import Evidence
from idp_cdi.survivorship._candidates import sameness

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from idp_cdi.matching.explanation import Step
    from idp_cdi.matching.model import Model
    from idp_cdi.observations import Record


class ByModel:
    """Evidence from a match model, for any two of the records it was given."""

    def __init__(self, connection: Connection, model: Model, mentions: Sequence[int]) -> None:
        from idp_cdi.steps.known import rows

        self._model = model
        self._rows = dict(rows(connection, mentions))
        self._own: dict[int, dict[str, Step]] = {}

    def __call__(self, left: int, right: int) -> Sequence[Evidence]:
        """The evidence, step by step; fields that both lack are left out."""
        from idp_cdi.matching.explanation import waterfall

        if left not in self._rows or right not in self._rows:
            return ()
        # Each record against itself shows what full agreement would be worth.
        whole = [self._alone(left), self._alone(right)]
        found: list[Evidence] = []
        steps = waterfall(self._model, self._rows[left], self._rows[right]).steps
        for step in steps:
            most = max([own[step.field].bits for own in whole if step.field in own], default=0.0)
            most = most if step.left or step.right else 0.0
            found.append(
                Evidence(step.field, step.level, step.left, step.right, step.bits, max(most, 0.0))
            )
        said = {step.field for step in steps}
        for side, own in enumerate(whole):
            for name, step in own.items():
                if name not in said and step.left:
                    values = (step.left, "") if side == 0 else ("", step.left)
                    found.append(Evidence(name, "missing on one side", *values, 0.0, step.bits))
        return found

    def _alone(self, mention: int) -> dict[str, Step]:
        from idp_cdi.matching.explanation import waterfall

        if mention not in self._own:
            row = self._rows[mention]
            self._own[mention] = {s.field: s for s in waterfall(self._model, row, row).steps}
        return self._own[mention]


class InWords:
    """Evidence without a model: which fields agree, in words."""

    def __init__(self, records: Mapping[int, Record]) -> None:
        self._records = records

    def __call__(self, left: int, right: int) -> Sequence[Evidence]:
        """The fields that at least one of the two has."""
        one, other = self._records[left], self._records[right]
        found: list[Evidence] = []
        for name, spec in fields().party.items():
            values = [[o.value for o in r.values(name) if o.value] for r in (one, other)]
            if spec.compare in ("none", "account") or not any(values):
                continue
            level = _level(spec.kind, *values)
            shown = [several[0] if several else "" for several in values]
            found.append(Evidence(name, level, shown[0], shown[1], 0.0))
        return found


def _level(kind: str, left: list[str], right: list[str]) -> str:
    from rapidfuzz.distance import JaroWinkler

    if not (left and right):
        return "missing on one side"
    ones, others = ({sameness(kind, v) for v in several} for several in (left, right))
    if ones & others:
        return "same"
    near = max(JaroWinkler.similarity(a, b) for a in ones for b in others)
    return "nearly the same" if near >= 0.92 else "different"
