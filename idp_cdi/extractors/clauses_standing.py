r"""How a name stands on its line and in its column: what is over it, what is under it.

Where people sign, the lines over and under a name say for whom: a company's name and "By:" over it
and an office under it for an officer, a role ("EMPLOYEE:") over it for one who signs in person.

>>> from idp_cdi.documents import Box, Document, Page, Word
>>> from idp_cdi.extractors.clauses import Prose
>>> at = (("EMPLOYEE:", 10, 10), ("FIRM", 300, 10), ("INC.", 332, 10), ("Ann", 10, 40),
...       ("Lee", 42, 40), ("Bo", 300, 40), ("Ek", 332, 40))
>>> words = tuple(Word(t, Box(x, y, x + 30, y + 10)) for t, x, y in at)
>>> prose = Prose.of(Document("a", "0", "", "pdf", (Page(1, 595, 842, words),)))
>>> places = (prose.text.index("Ann"), 7), (prose.text.index("Bo"), 5)
>>> [(h["up_role"], h["up_firm"]) for p, n in places for h in (of(prose, p, p + n),)]
[(1.0, 0.0), (0.0, 1.0)]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp_cdi.extractors import clauses_cues as cues

if TYPE_CHECKING:
    from idp_cdi.extractors.clauses import Prose

_BY_LINE = re.compile(r"^\W*(?:by|durch|par|por|da|door|its)\b\s*:?|^\W*/s/|^\W*_{4,}", re.I)
_TITLE_LINE = re.compile(
    r"^\W*(?:title|its|titel|funktion|titre|qualité|cargo|titolo|carica|functie)\b\s*:", re.I
)
_OFFICE = re.compile(
    r"\b(?:president|chairman|officer|director|secretary|treasurer|counsel|manager|partner|c[efo]o|principal|"
    r"geschäftsführer|vorstand|prokurist|président|gérant|directeur|administrador|apoderado|presidente|"
    r"amministratore|legale rappresentante|bestuurder|directeur)\b",
    re.I,
)
_NAME_LABEL = re.compile(r"(?:print(?:ed)?\s+)?(?:name|naam|nom|nombre|nome)\s*:?\s*$", re.I)
_SIGNED = re.compile(r"/s/\s*$|_{4,}\s*$", re.I)
_ADDRESS_NEXT = re.compile(
    r"\d|\b(?:p\.?\s?o\.?\s+box|street|suite|avenue|straße|rue|calle|via)\b", re.I
)
_LABEL_LINE = re.compile(
    r"^\W*(?:\(?(?:print(?:ed)?|typed?)\W+)?(?:signature|name|unterschrift|nom|nombre|firma|nome|naam)\b",
    re.I,
)
_WITNESS = re.compile(
    r"\b(?:witness(?:es|ed)?(?!\s+(?:where|there|here)of)|attest|notary|presence of"
    r"|zeuge|témoin|testigo|testimone|getuige)\b",
    re.I,
)
_FOR_FIRM = re.compile(
    r"\b(?:on behalf of|for the company|für die|pour la société|por la|per la|namens)\b", re.I
)
_BY = re.compile(r"^\W*(?:by|per|durch|par|por|door|da)\b\W", re.I)
_UP, _DOWN = 5, 3
"""Lines of the column over and under a name that are looked at."""


def of(prose: Prose, start: int, end: int) -> dict[str, float]:
    """The hints of a name by its line and its column."""
    index = prose.line_at(start)
    line_start, line_end = prose.lines[index]
    line = prose.text[line_start:line_end]
    before, rest = line[: start - line_start], line[max(0, end - line_start) :]
    over = [prose.text[slice(*prose.lines[i])] for i in prose.above(index, _UP)]
    under = [prose.text[slice(*prose.lines[i])] for i in prose.below(index, 4)]
    above = over[0] if over else ""
    below = " ".join(under[:2])
    hints = {
        "alone": float(len(line) - (end - start) <= 3),
        "line_start": float(start - line_start <= 2),
        "name_label": float(_NAME_LABEL.search(before) is not None),
        "signed_before": float(_SIGNED.search(before) is not None),
        "signed_above": float("/s/" in above or "____" in above),
        "by_before": float(re.search(r"\bby\s*:?\s*(?:/s/)?\s*$", before, re.I) is not None),
        "by_below": float(any(_BY_LINE.match(f) for f in under[:3])),
        "title_below": float(any(_TITLE_LINE.match(f) for f in under[:3])),
        "office_below": float(
            _OFFICE.search(below) is not None or _OFFICE.search(rest) is not None
        ),
        "address_below": float(bool(under) and _ADDRESS_NEXT.search(below) is not None),
        "closing_above": float(cues.cue("closing").search(above) is not None),
        "role_above": float(_role(before) or (_role(above) and len(before) < 3)),
        "role_below": float(bool(under) and _role(under[0])),
        "colon_after": float(
            rest.strip().startswith(":") or line[: end - line_start].endswith(":")
        ),
        "line_words": float(len(line.split())),
        "others_on_line": float(max(len(line) - (end - start), 0)),
    }
    return hints | _signing(before, over, under)


def _signing(before: str, over: list[str], under: list[str]) -> dict[str, float]:
    """For whom somebody signs, by the column over and under the name."""
    upper, far = "", 0
    for n, text in enumerate(over, 1):
        upper = _heading(text)
        if upper:
            far = n
            break
    lower = next((k for k in (_heading(t) for t in under[:_DOWN]) if k), "")
    return {
        "up_role": float(upper == "role"),
        "up_firm": float(upper == "firm"),
        "up_either": float(upper == "either"),
        "up_far": float(far),
        "down_role": float(lower == "role"),
        "down_firm": float(lower == "firm"),
        "by_line": float(
            _BY.match(before + " ") is not None
            or any(_BY.match(t) for t in over[:1] if "/s/" in t or "__" in t)
        ),
        "witness_up": float(any(_WITNESS.search(t) for t in (before, *over[:2]))),
        "label_below": float(bool(under) and _LABEL_LINE.match(under[0]) is not None),
        "signs": float(
            _SIGNED.search(before) is not None
            or any("/s/" in t or "____" in t for t in over[:1])
            or (bool(under) and _LABEL_LINE.match(under[0]) is not None)
        ),
    }


def _heading(text: str) -> str:
    """Who signs here as a line says it: "role" (a person), "firm", "either", or "" for nobody."""
    bare = re.sub(r"[^\w\s']|_|/s/", " ", text).strip()
    if not bare or len(bare) > 70:
        return ""
    if cues.cue("signs_in_person").fullmatch(bare):
        return "role"
    if _FOR_FIRM.search(text) or cues.legal_form(text.strip(" :;,")):
        return "firm"
    if cues.cue("signs_as_firm").fullmatch(bare):
        return "firm"
    return "either" if _role(text) else ""


def _role(line: str) -> bool:
    """Whether a line is a role and nothing else: "EXECUTIVE:", "Der Auftraggeber"."""
    bare = re.sub(r"[^\w\s']|_|/s/", " ", line).strip()
    return len(bare) < 30 and cues.roles().fullmatch(bare) is not None
