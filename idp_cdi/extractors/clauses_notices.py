r"""Addresses for notices: what stands behind "If to the Supplier:" in the clause about notices.

>>> from idp_cdi.extractors.clauses import Prose
>>> text = "8. Notices\nNotices must be in writing.\nIf to Buyer: 1 Elm St, Troy, NY 12180"
>>> [m.value for m in find(Prose(text, (), (), (), 1))]
['1 Elm St, Troy, NY 12180']
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp_cdi.extractors import clauses_cues as cues
from idp_cdi.extractors.clauses import Mention

if TYPE_CHECKING:
    from idp_cdi.extractors.clauses import Prose

_LINES = 30
"""Lines behind the wording of notices that may hold addresses."""
_LONG = 75
_TO = re.compile(
    r"^\W*(?:\(?[a-z\d]{1,2}[.)]\s*)?(?:if\s+)?(?:to|an|à|a|al|alla|aan|für|pour|para|per|voor)?\s*"
    r"(?:the|den|die|der|le|la|l'|el|il|de)?\s*[^:\d]{2,45}?\s*:\s*(?P<rest>.*)$",
    re.I,
)
_CONTACT = re.compile(
    r"^\W*(?:telephone|phone|fax|facsimile|telecopier|e-?mail|tel|telefon|téléphone|courriel|teléfono|"
    r"correo|telefono|telefoon)\b",
    re.I,
)
_CODE = re.compile(
    r"(?<!\d)\d{4,5}(?:-\d{4})?(?!\d)|\b\d{4}\s?[A-Z]{2}\b|\b[A-Z]\d{1,2}[A-Z]?\s\d[A-Z]{2}\b"
)


def find(prose: Prose) -> list[Mention]:
    """Addresses in the clause about notices, in order."""
    out: list[Mention] = []
    lines = prose.lines
    until = -1
    i = 0
    while i < len(lines):
        text = prose.text[slice(*lines[i])]
        if cues.cue("notices_to").search(text):
            until = i + _LINES
        if cues.cue("closing").match(text.strip()):
            until = -1
        hit = _TO.match(text) if i <= until and len(text) <= 120 else None
        if hit is None or cues.cue("carbon_copy").match(text.strip()) or _CONTACT.match(text):
            i += 1
            continue
        found, used = _address(prose, i, hit)
        if found is not None:
            out.append(found)
        i += used
    return out


def _address(prose: Prose, line: int, hit: re.Match[str]) -> tuple[Mention | None, int]:
    """The address behind a "to" line, and how many lines it took."""
    rest = hit["rest"].strip()
    start = prose.lines[line][0] + hit.start("rest")
    pieces = [rest] if rest else []
    end, used = prose.lines[line][1], 1
    if not rest or (_has_digit(rest) and not _CODE.search(rest)):
        for a, b in prose.lines[line + 1 : line + 8]:
            piece = prose.text[a:b].strip()
            if not piece or len(piece) > _LONG or _TO.match(piece) or _CONTACT.match(piece):
                break
            if cues.cue("carbon_copy").match(piece) or cues.cue("closing").match(piece):
                break
            pieces.append(piece)
            end, used = b, used + 1
            if _CODE.search(piece) and not re.match(r"\d+\s+\D+$", piece):
                break
    value = ", ".join(p.strip(" ,.;") for p in pieces)
    if not _has_digit(value) or not _CODE.search(value) or len(value) > 200:
        return None, 1
    return Mention(value, start, end, {"strength": 0.75}), used


def _has_digit(text: str) -> bool:
    return any(c.isdigit() for c in text)
