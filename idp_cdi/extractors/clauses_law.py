"""Places of law in contracts: which state's or country's law is chosen.

>>> from idp_cdi.documents import Document
>>> [m.value for m in mentions("by the laws of the State of New York and of West Virginia")]
['New York', 'West Virginia']
>>> [m.value for m in mentions("Es gilt das Recht der Bundesrepublik Deutschland.")]
['Germany']
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from idp_cdi.extractors import clauses_cues as cues
from idp_cdi.extractors.clauses import Mention

if TYPE_CHECKING:
    from idp_cdi.extractors.clauses import Prose


@cache
def _pattern() -> re.Pattern[str]:
    names = sorted((re.escape(p) for p in cues.places()), key=len, reverse=True)
    joined = "|".join(names).replace(r"\ ", r"\s+")
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)", re.I)


def mentions(text: str) -> list[Mention]:
    """Every place of law that is named, longest name first where two overlap."""
    return [
        Mention(cues.places()[" ".join(m[0].lower().split())], m.start(), m.end())
        for m in _pattern().finditer(text)
        if m[0][0].isupper() or " " in m[0]
    ]


def find(prose: Prose, *, closing: int) -> list[Mention]:
    """All places of law with their hints.

    Args:
        prose: The contract.
        closing: Where signing starts.
    """
    size = max(len(prose.flat), 1)
    out = []
    for n, m in enumerate(mentions(prose.flat)):
        before = prose.flat[max(0, m.start - 160) : m.start]
        near = before[-70:]
        after = prose.flat[m.end : m.end + 80]
        hints = {
            "laws_of": _ends(cues.cue("laws_of"), near, 12),
            "governed": float(cues.cue("governed").search(before) is not None),
            "governed_near": float(cues.cue("governed").search(near) is not None),
            "governed_after": float(cues.cue("governed").search(after) is not None),
            "courts": float(cues.cue("courts").search(near) is not None),
            "courts_after": float(cues.cue("courts").search(after) is not None),
            "incorporated": float(cues.cue("incorporated_in").search(near) is not None),
            "corporate_after": float(
                re.match(
                    r"\s+(?:\w+\s+){0,2}(?:corporation|company|limited|partnership|bank)",
                    after,
                    re.I,
                )
                is not None
            ),
            "law_after": float(re.match(r"\s+(?:state\s+)?laws?\b", after, re.I) is not None),
            "address_after": float(re.match(r"\s*,?\s*\d{5}", after) is not None),
            "comma_before": float(before.rstrip().endswith(",")),
            "without_regard": float(
                re.search(
                    r"without\s+(?:regard|reference|giving)|conflicts?\s+of|principles", after, re.I
                )
                is not None
            ),
            "at": m.start / size,
            "rank": float(n),
            "after_closing": float(m.start >= closing),
        }
        out.append(Mention(m.value, m.start, m.end, hints))
    return out


def _ends(pattern: re.Pattern[str], text: str, slack: int) -> float:
    """Whether the last hit of `pattern` ends within `slack` characters of the end of `text`."""
    ends = [m.end() for m in pattern.finditer(text)]
    return float(bool(ends) and len(text) - ends[-1] <= slack)
