"""Evidence that needs no label: names behind "/s/", dates with the time of day of a stamp."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp_cdi.extractors import forms
from idp_cdi.extractors.forms_labels import letters
from idp_cdi.scoring.custom_sheet import Evidence
from idp_cdi.scoring.custom_values import values

if TYPE_CHECKING:
    from idp_cdi.scoring.custom_sheet import Sheet
    from idp_cdi.scoring.custom_types import DocType, FieldType

ARRIVALS = frozenset(
    letters(w) for w in ("received", "eingegangen", "reçu", "recibido", "ricevuto", "ontvangen")
)
_CLOCK = re.compile(r"^(?:[AP]\.?M\.?|\d{1,2}:\d\d(?::\d\d)?)$", re.I)
_CONFORMED = re.compile(r"^/\s?[sS5]\s?/")


def signed(sheet: Sheet, kind: DocType, field: FieldType) -> list[Evidence]:
    """Names behind "/s/", the sign of an electronic or conformed signature."""
    out = []
    for row in sheet.lines:
        for first, last in forms.chunks(row):
            if not _CONFORMED.match(" ".join(row.texts[first:last])):
                continue
            for value, spot, fit in values(sheet, kind, field, row, first, last):
                factors = {"label": 1.0, "exact": 1.0, "place": 0.75, "fit": fit}
                out.append(Evidence(field.name, value, spot, 0.75 * fit, factors, None, "signed"))
    return out


def stamped(sheet: Sheet, kind: DocType, field: FieldType) -> list[Evidence]:
    """Dates with a time of day beside them: the stamp of the day on which a paper came in."""
    out = []
    for row in sheet.lines:
        for first, last in forms.chunks(row):
            if not any(_CLOCK.match(t.strip(".,")) for t in row.texts[first:last]):
                continue
            for value, spot, fit in values(sheet, kind, field, row, first, last):
                factors = {"label": 1.0, "exact": 1.0, "place": 0.6, "fit": fit}
                out.append(Evidence(field.name, value, spot, 0.6 * fit, factors, None, "stamped"))
    return out
