"""Measuring extraction on labelled documents: is a value right, how often, and was that foreseen?

- `same`: whether a predicted value means the same as a labelled one, by kind of field;
- `score`: counts by field, calibration figures, straight-through share.
"""

from __future__ import annotations

from idp_cdi.evaluation.same import same
from idp_cdi.evaluation.score import Gold, Report, score

__all__ = ["Gold", "Report", "same", "score"]
