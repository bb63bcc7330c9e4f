"""Evidence that needs no label: names behind "/s/", dates of stamps and of oaths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp_cdi.extractors import clauses_cues, forms
from idp_cdi.extractors.forms_labels import letters
from idp_cdi.extractors.forms_values import month_of
from idp_cdi.scoring.custom_sheet import Evidence, Spot
from idp_cdi.scoring.custom_values import values

if TYPE_CHECKING:
    from idp_cdi.scoring.custom_sheet import Sheet
    from idp_cdi.scoring.custom_types import DocType, FieldType

ARRIVALS = frozenset(
    letters(w) for w in ("received", "eingegangen", "reçu", "recibido", "ricevuto", "ontvangen")
)
_CLOCK = re.compile(r"^(?:[AP]\.?M\.?|\d{1,2}:\d\d(?::\d\d)?)$", re.I)
_SWORN = re.compile(
    r"(?<!\w)(\d{1,2})\s?[a-z\d]{0,3}\s+day\s+of\s+([a-z\d]{3,10})\W{0,4}"
    r"((?:1\s?9|2\s?0)\s?\d\s?\d)(?!\w)",
    re.I,
)
_SWORN_STRENGTH = 0.45
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
    """Dates of stamps, which tell on what day a paper came in.

    A stamp has the time of day beside the date, or stands at a right angle to the page.
    """
    out = []
    for row in sheet.lines:
        for first, last in forms.chunks(row):
            clock = any(_CLOCK.match(t.strip(".,")) for t in row.texts[first:last])
            if not clock and not row.turned:
                continue
            for value, spot, fit in values(sheet, kind, field, row, first, last):
                factors = {"label": 1.0, "exact": 1.0, "place": 0.6, "fit": fit}
                out.append(Evidence(field.name, value, spot, 0.6 * fit, factors, None, "stamped"))
    return out


def sworn(sheet: Sheet, field: FieldType) -> list[Evidence]:
    """The day of an oath, written out: "sworn to before me this 12th day of December, 19 85"."""
    out = []
    for row in sheet.lines:
        text = " ".join(row.texts)
        for m in _SWORN.finditer(text):
            month = month_of(m[2]) or m[2].lower()
            number = clauses_cues.months().get(month)
            day = int(m[1])
            if number is None or not 1 <= day <= 31:
                continue
            first = text.count(" ", 0, m.start())
            spot = Spot(((row, first, first + m[0].count(" ") + 1),))
            year = "".join(m[3].split())
            value = f"{year}-{number:02d}-{day:02d}"
            factors = {"label": 1.0, "exact": 1.0, "place": _SWORN_STRENGTH, "fit": 1.0}
            out.append(Evidence(field.name, value, spot, _SWORN_STRENGTH, factors, None, "sworn"))
    return out
