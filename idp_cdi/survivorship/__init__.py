"""Which of several observations becomes the golden value: one module a rule.

`survive` takes the records of one customer and gives its golden values, each naming the
observation that it came from; nothing is changed or thrown away by it. Which rule a field has is
data (``survive`` in ``data/fields.yaml``).

A rule is a module with

- ``NAME``: as in ``data/fields.yaml``, the same as the module's name;
- ``rank(candidates, spec) -> list[Candidate]``: the candidates from best to worst, one for each
  distinct value. A single-valued field keeps the first, a `multi` one all of them;
- ``MANY`` (optional): keep all even where the field is not `multi`;
- ``together(by_field, specs) -> dict[str, list[Candidate]]`` (optional, instead of `rank`): for
  fields whose values must come from one record.

A candidate's score is trust × probability × age decay: what is `half_life_days` older than the
newest observation of the field counts half. Age is measured against that observation, not against
today, so that golden values do not change by themselves. A person's answer outranks all others
under every rule, the latest one first; an empty answer says that there is no value.

Ties are broken by score, time, then record reference and value: the order of records never counts.

To add a rule: write the module, name it in ``data/fields.yaml``, put its cases into
``tests/survivorship/``.
"""

from __future__ import annotations

from idp_cdi.survivorship._candidates import REFERENCE, Candidate, reference
from idp_cdi.survivorship._survive import Rule, rule, survive

__all__ = ["REFERENCE", "Candidate", "Rule", "reference", "rule", "survive"]
