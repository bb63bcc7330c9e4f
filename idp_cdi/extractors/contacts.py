"""Ways to reach somebody: e-mail addresses, phone numbers, web sites.

>>> _EMAIL.search("mail: info@example.com.")[0]
'info@example.com'
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp_cdi.extractors._spans import first_and_last, spanned
from idp_cdi.extractors.dates import _find as _dates

if TYPE_CHECKING:
    from idp_cdi.documents import Document
    from idp_cdi.extractors import Candidate
    from idp_cdi.extractors._view import Segment, View

NAME = "contacts"
KINDS = ("email", "phone", "website")

_EMAIL = re.compile(r"[\w.+'-]+\s?@\s?[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}")
_WEBSITE = re.compile(
    r"(?<![@\w.])(?:https?://\S+|www\.[\w.-]+\.[a-z]{2,}\S*|[\w-]+(?:\.[\w-]+)*\.(?:com|de|net|org|fr|it|es|nl|eu|at|ch|be|co\.uk|uk|io|info|biz)(?:/\S*)?)(?![\w@])",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w,./-])(?:\+|00|\(\+)?\s?\(?\d[\d\s()./\-–]{4,22}\d(?![\w]|[.,]\d)")
_BAD = re.compile(r"\d{10,}$|^\d{1,5}$")


def candidates(document: Document, view: View) -> list[Candidate]:
    """E-mail addresses, web sites and what could be dialled."""
    found: list[Candidate] = []
    for segment in view.segments:
        text = segment.text
        if "@" in text:
            for m in _EMAIL.finditer(text):
                _add(found, segment, m, "email", m[0].replace(" ", ""), {})
        if "." in text and len(text) < 200:
            for m in _WEBSITE.finditer(text):
                _add(found, segment, m, "website", m[0].rstrip(".,;)"), {})
        if segment.digits and len(text) < 200 and sum(map(str.isdigit, text)) >= 6:
            _phones(segment, found)
    return found


def _phones(segment: Segment, found: list[Candidate]) -> None:
    dates = _dates(segment.text)
    for m in _PHONE.finditer(segment.text):
        raw = m[0].strip()
        digits = re.sub(r"\D", "", raw)
        if not 6 <= len(digits) <= 15 or any(m.start() < b and m.end() > a for a, b, *_ in dates):
            continue
        if raw.count("(") != raw.count(")"):
            raw = raw.strip("()").strip()
        hints = {
            "digits": float(len(digits)),
            "plus": float(raw.startswith(("+", "00", "(+"))),
            "zero": float(digits.startswith("0")),
            "marks": float(sum(c in "()/-–. " for c in raw)),
        }
        _add(found, segment, m, "phone", raw, hints)


def _add(
    found: list[Candidate], segment: Segment, m: re.Match[str], kind: str, value: str,
    hints: dict[str, float],
) -> None:  # fmt: skip
    first, last = first_and_last(segment, m.start(), m.end())
    found.append(
        spanned(segment, first, last, kind=kind, value=value, way=NAME, raw=m[0], hints=hints)
    )
