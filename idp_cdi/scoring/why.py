"""The sentence that says why a value was chosen, and the field that carries it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from idp_cdi.extractions import Alternative, Field
from idp_cdi.scoring.repair import repaired

if TYPE_CHECKING:
    from idp_cdi.scoring.context import Context
    from idp_cdi.scoring.joint import Choice

LEAST = 0.3
"""Probability below which a value is not said."""


def field_of(context: Context, choice: Choice, probability: float) -> Field | None:
    """The field of a choice, None where it is too unlikely to be said."""
    if probability < LEAST:
        return None
    c = choice.candidate
    value = c.value
    if context.ocr:
        value = repaired(choice.field, value)
    return Field(
        name=choice.field,
        value=value,
        raw=c.raw,
        confidence=round(probability, 4),
        page=c.page,
        box=c.box,
        method=f"{c.way}+scorer",
        why=sentence(context, choice),
        group=choice.field.partition(".")[0] if "." in choice.field else "",
        alternatives=tuple(
            Alternative(r.value, round(min(probability, _logistic(odds)), 4), r.page, r.box)
            for odds, r in choice.rivals
            if odds > -6.0
        ),
    )


def _logistic(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))


def sentence(context: Context, choice: Choice) -> str:
    """Label, place, checks and agreement in words."""
    c = choice.candidate
    parts = [_label(context, choice), _place(context, choice)]
    if c.hints.get("valid", 0.0) > 0:
        parts.append("check digits pass")
    parts += choice.notes
    if choice.support > 1:
        parts.append(f"the page says it {choice.support} times")
    if c.others:
        parts.append("day and month order taken from the rest of the document")
    if choice.margin < 1.0 and choice.rivals:
        parts.append("another value is nearly as likely")
    return ", ".join(p for p in parts if p)


def _label(context: Context, choice: Choice) -> str:
    """The printed label nearest to the value, quoted."""
    c = choice.candidate
    if "segment" not in c.hints:
        return ""
    segment = context.view.segments[int(c.hints["segment"])]
    first = int(c.hints.get("first", 0))
    own = [h for h in context.hits[segment.index] if h.end <= first]
    if own:
        h = max(own, key=lambda h: h.end)
        return f"after the label “{' '.join(segment.texts[h.start : h.end]).strip(' :')}”"
    left, _ = context.view.beside(segment)
    for near in left[:1]:
        if context.hits[near.index]:
            return f"to the right of “{near.text.strip(' :')[:40]}”"
    index = context.above[segment.index]
    if index >= 0 and context.hits[index]:
        return f"below “{context.view.segments[index].text.strip(' :')[:40]}”"
    return "no label beside it"


def _place(context: Context, choice: Choice) -> str:
    left, right, top, bottom = context.place(choice.candidate.page, choice.candidate.box)
    across = "left" if right < 0.55 else "right" if left > 0.45 else "middle"
    down = "top" if bottom < 0.35 else "bottom" if top > 0.7 else "middle"
    where = "in the middle" if across == down == "middle" else f"{down} {across}"
    return f"{where} of page {choice.candidate.page}"
