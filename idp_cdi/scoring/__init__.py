"""Scoring: from candidates to fields, by a learned model, one decision per document, calibrated.

A *family* is a module of this folder that decides documents of some types:

    TYPES   the document types that it decides ("invoice", "credit_note" …)
    decide  ``(document: Document, view: View, options: Options) -> Outcome``

`FAMILIES` maps a type to its family; a type that is not there goes to ``custom`` (a user's own type
in ``data/doctypes`` or the project folder) or, failing that, to ``form``. The shared tools are
`trees` (gradient-boosted trees with numpy alone), `calibration` (probabilities that mean what they
say, and how to measure that).

>>> FAMILIES["credit_note"]
'invoice'
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from idp_cdi.documents import Document, LineItem, Problem
    from idp_cdi.extractions import Field
    from idp_cdi.extractors._view import View

FAMILIES = {
    "invoice": "invoice",
    "credit_note": "invoice",
    "receipt": "invoice",
    "order": "invoice",
    "contract": "contract",
    "form": "form",
    "other": "form",
}


@dataclass(frozen=True, slots=True)
class Options:
    """How to extract.

    Attributes:
        type: The document's type where the caller knows it; "" to find it out.
        embedded: Use structured data inside the document (e-invoice XML).
        calibrated: Calibrate confidences; off only to measure what calibration is worth.
        joint: Decide the fields of a document together; off only to measure what that is worth.
        learned: Use what `train` learned about a type of the user's own; off to measure that.
    """

    type: str = ""
    embedded: bool = True
    calibrated: bool = True
    joint: bool = True
    learned: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a family found in one document; `absent` maps required fields to P(absent)."""

    fields: tuple[Field, ...] = ()
    line_items: tuple[LineItem, ...] = ()
    problems: tuple[Problem, ...] = ()
    absent: dict[str, float] = field(default_factory=dict)


class Family(Protocol):
    """The names that a family module has."""

    TYPES: tuple[str, ...]

    def decide(self, document: Document, view: View, options: Options) -> Outcome:
        """The fields of a document whose type is one of `TYPES`."""
