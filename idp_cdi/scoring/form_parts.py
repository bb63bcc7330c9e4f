"""Parts that forms have besides labelled values: role of the party, address parts, boxes, extras.

>>> from idp_cdi.extractions import Field
>>> one = Field("party.address", "12 Elm St, Troy, NY 12180", "12 Elm St, Troy, NY 12180", 0.9)
>>> [(f.name, f.value) for f in address_parts([one], "US")][:2]
[('party.street', '12 Elm St'), ('party.postal_code', '12180')]
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from idp_cdi.errors import BadFormat
from idp_cdi.extractions import Field
from idp_cdi.extractors import forms
from idp_cdi.extractors._view import key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from idp_cdi.documents import Box
    from idp_cdi.extractors.forms_labels import Row
    from idp_cdi.scoring.custom_sheet import Sheet
    from idp_cdi.scoring.custom_types import DocType

_PARTS = ("street", "postal_code", "city", "region", "country")
_CHECKED = re.compile(r"^(?:☑|☒|✓|✔|■|\[\s?[xX✓]\s?\]|\([xX]\))$")
_OPEN = re.compile(r"^(?:☐|□|\[\s?\]|\(\s?\))$")
_EXTRA = 0.6
"""Confidence of a pair that no field asked for: its label and value are read, not understood."""


def address_parts(fields: Sequence[Field], country: str = "") -> list[Field]:
    """Street, postcode, city, region and country of each address that no field gave already.

    Args:
        fields: Of one document.
        country: ISO 3166-1 alpha-2 of the document, "" where unknown.
    """
    known = {(f.name, f.group) for f in fields}
    out = []
    for f in fields:
        role, _, last = f.name.rpartition(".")
        if last != "address":
            continue
        parts = _parts(f.value, country)
        for part in _PARTS:
            value = parts.get(part, "")
            name = f"{role}.{part}"
            if value and (name, f.group) not in known:
                why = f"part of the address; {f.why}"
                made = replace(f, name=name, value=value, why=why, alternatives=())
                out.append(replace(made, confidence=round(f.confidence * 0.97, 4)))
    return out


def _parts(text: str, country: str) -> dict[str, str]:
    """The parts of an address; city, region and country as the notation of the place has them.

    >>> _parts("33 Sun Road, Perth WA 5828", "")["region"]
    'WA'
    """
    from idp_cdi.extractors import places
    from idp_cdi.standardisers import address

    try:
        parts = address.parse(text, country=country or None)._asdict()
    except BadFormat:
        return {}
    place = next((p for p in places.find(text) if p.region), None)
    if place is not None and not parts["region"] and place.region in parts["city"]:
        parts |= {"city": place.city, "region": place.region}
        parts["country"] = parts["country"] or place.country
    return parts


def role(sheet: Sheet, kind: DocType) -> str:
    """Which party the form is about: the role whose words its headings and labels use most."""
    names = list(kind.roles)
    if not names:
        return ""
    counts = dict.fromkeys(names, 0.0)
    known = {key(w.lstrip("~ ")): (r, 0.5 ** w.count("~")) for r in names for w in kind.roles[r]}
    longest = max(len(w.split()) for r in names for w in kind.roles[r])
    for row in sheet.lines:
        keys = [key(t) for t in row.texts]
        if len(keys) > 12:
            continue
        # On scans the height of a line says little about its print: scrawls are high.
        high = min(row.height / max(sheet.view.size, 1.0), 1.2 if row.scanned else 3.0)
        weight = max(high, 1.0) * (2.0 if row.line < 12 else 1.0) * (0.5 if len(keys) > 7 else 1.0)
        for first in range(len(keys)):
            for last in range(first + 1, min(first + longest, len(keys)) + 1):
                found = known.get("".join(keys[first:last]))
                if found is not None:
                    counts[found[0]] += weight * found[1]
    return max(names, key=lambda r: counts[r])


def title(sheet: Sheet) -> Field | None:
    """The heading of the first page: its largest line that is words, not figures."""
    best: tuple[float, Row] | None = None
    for row in sheet.lines[:40]:
        words = [t for t in row.texts if any(c.isalpha() for c in t)]
        text = " ".join(row.texts)
        if row.page != 1 or not 1 <= len(words) <= 9 or len(text) < 6 or text.endswith((":", ".")):
            continue
        page = sheet.view.page(1)
        if row.box.y0 > 0.45 * page.height:
            break
        first = page.words[row.words[0]]
        size = first.size or row.height
        mark = size * (1.25 if text.isupper() else 1.0) * (1.1 if first.bold else 1.0)
        mark *= 1.15 if abs((row.box.x0 + row.box.x1) / 2 - page.width / 2) < 40 else 1.0
        if any(c.isdigit() for c in text):
            mark *= 0.7
        if best is None or mark > best[0] * 1.02:
            best = (mark, row)
    if best is None:
        return None
    row = best[1]
    text = " ".join(row.texts)
    why = "the largest heading of the first page"
    return Field("title", text, text, 0.6, row.page, row.box, "layout", why)


def boxes(lines: Sequence[Row]) -> list[Field]:
    """Ticked boxes, as extra.<text of the box> with the value "yes"."""
    out = []
    for row in lines:
        for i, text in enumerate(row.texts[:-1]):
            if not _CHECKED.match(text):
                continue
            stop = next(
                (
                    n
                    for n in range(i + 1, len(row.texts))
                    if _CHECKED.match(row.texts[n])
                    or _OPEN.match(row.texts[n])
                    or row.boxes[n].x0 - row.boxes[n - 1].x1 > 3 * row.height
                ),
                len(row.texts),
            )
            label = " ".join(row.texts[i + 1 : stop]).strip(" :")
            if 2 <= len(label) <= 60:
                why = "the box before these words is ticked"
                out.append(_extra(label, "yes", text, row.page, row.boxes[i], why))
    return out


def signature(sheet: Sheet, fields: Iterable[Field]) -> Field | None:
    """Whether somebody signed, as far as text can tell: a signature mark or a name on the line."""
    for f in fields:
        if f.name == "signer.name" and ("/s/" in f.raw or "signature mark" in f.why):
            why = "a conformed or electronic signature (/s/) stands there"
            return Field("extra.signed", "yes", f.raw, 0.9, f.page, f.box, "layout", why)
    for row in sheet.lines:
        text = " ".join(row.texts).lower()
        if re.search(r"e-?signed|electronically signed|digitally signed|digital signiert", text):
            why = "the page says that it was signed electronically"
            return Field("extra.signed", "yes", text, 0.85, row.page, row.box, "layout", why)
    return None


def extras(sheet: Sheet, fields: Sequence[Field], limit: int = 40) -> list[Field]:
    """Label–value pairs that no field took, as extra.<label>."""
    taken = [(f.page, f.box) for f in fields if f.box is not None]
    out: dict[str, Field] = {}
    for pair in forms.pairs(sheet.view, sheet.lines):
        if any(page == pair.page and _overlap(box, pair.box) for page, box in taken):
            continue
        why = f'behind or below the label "{pair.label}"; page {pair.page}'
        one = _extra(pair.label, pair.value, pair.value, pair.page, pair.box, why)
        out.setdefault(one.name, one)
    return list(out.values())[:limit]


def _overlap(a: Box, b: Box) -> bool:
    across = min(a.x1, b.x1) - max(a.x0, b.x0)
    down = min(a.y1, b.y1) - max(a.y0, b.y0)
    return across > 0 and down > 0.4 * min(a.height, b.height)


def _extra(label: str, value: str, raw: str, page: int, box: Box, why: str) -> Field:
    name = "_".join(re.findall(r"\w+", label.lower()))[:48]
    return Field(f"extra.{name}", value, raw, _EXTRA, page, box, "label", why)
