"""Forms: fields by what their labels mean, unknown labels as extras, boxes and signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idp_cdi.scoring import custom, custom_types

if TYPE_CHECKING:
    from idp_cdi.documents import Document
    from idp_cdi.extractors._view import View
    from idp_cdi.scoring import Options, Outcome

TYPES = ("form", "other")


def decide(document: Document, view: View, options: Options) -> Outcome:
    """The fields of a form.

    Args:
        document: As read.
        view: Its geometry.
        options: `calibrated` and `learned` count here.
    """
    return custom.decide_as(custom_types.load("form"), view, options)
