"""Forms: fields by what their labels mean, unknown labels as extras, ticked boxes, signatures.

The wordings are those of ``data/doctypes/form.yaml``. The form speaks of one party; its fields are
defined as ``party.…`` and get the prefix of the role that the form's own words name (registrant,
applicant, buyer).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from idp_cdi.scoring import Outcome, custom, custom_types, form_ink, form_parts
from idp_cdi.scoring.custom_sheet import Sheet

if TYPE_CHECKING:
    from idp_cdi.documents import Document
    from idp_cdi.extractors._view import View
    from idp_cdi.scoring import Options

TYPES = ("form", "other")


def decide(document: Document, view: View, options: Options) -> Outcome:
    """The fields of a form.

    Args:
        document: As read.
        view: Its geometry.
        options: `calibrated` and `learned` count here.
    """
    kind = custom_types.load("form")
    sheet = Sheet.of(view, kind)
    role = form_parts.role(sheet, kind)
    named = [
        replace(f, name=_named(f.name, role)) for f in custom.decide_sheet(kind, sheet, options)
    ]
    fields = named + form_parts.address_parts(named, kind.country)
    title = form_parts.title(sheet)
    fields += [f for f in (title, form_parts.signature(sheet, fields)) if f is not None]
    fields += form_parts.boxes(sheet.lines)
    if kind.extras:
        fields += form_parts.extras(sheet, fields)
    fields += form_ink.look(document, sheet, fields)  # last: it takes nothing from the others
    return Outcome(tuple(fields))


def _named(name: str, role: str) -> str:
    """The name of a field on a form about a party of some role.

    Where an office keeps a register, the number is that of the entry; elsewhere it is the party's.
    """
    if not role:
        return name
    if name == "registration_number" and role != "registrant":
        return f"{role}.{name}"
    return f"{role}.{name.removeprefix('party.')}" if name.startswith("party.") else name
