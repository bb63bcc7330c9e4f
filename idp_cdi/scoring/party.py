"""Features of parties: blocks of address lines, lines that could be names, ways to reach somebody.

The role of a block (seller, buyer, ship-to, payee) is scored first; names, contacts and identifiers
then see the roles of the block that they stand in or next to.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp_cdi.extractors._lexicon import lexicon
from idp_cdi.extractors._view import key
from idp_cdi.extractors.parties import street_score
from idp_cdi.extractors.places import country_of
from idp_cdi.scoring.features import PLACE, label_names, place_and_labels

if TYPE_CHECKING:
    from idp_cdi.extractors import Candidate
    from idp_cdi.extractors.parties import Block, Line
    from idp_cdi.scoring.context import Context

ROLES = ("seller", "buyer", "ship_to", "payee")
_HEADS = ("buyer", "seller", "ship_to", "payee", "agent", "name", "address", "contact_name")
_BELOW = ("phone", "email", "website", "vat_id", "iban", "tax_number", "registration_number")

BLOCK = ["left", "right", "top", "bottom", "first_page", "last_page", "pages", "size", "ocr",
         *(f"head_{h}" for h in _HEADS), *(f"near_{h}" for h in _HEADS),
         *(f"other_{h}" for h in _HEADS[:5]), *(f"has_{b}" for b in _BELOW),
         *(f"page_has_{b}" for b in _BELOW),
         "inline", "lines", "street", "street_score", "legal", "country", "title", "copies",
         "order", "blocks", "name_copies", "in_mail", "name_size", "name_bold", "below_inline",
         "above_title", "title_gap", "form", "year", "meta_near", "line_words", "table_above",
         "same_country_vat", "street_words", "beside_block"]  # fmt: skip


@dataclass(slots=True)
class Shape:
    """What the text of a possible name looks like."""

    words: float
    letters: float
    digits: float
    capitals: float
    titled: float
    legal: float
    title: float
    street: float
    country: float
    marks: float
    labels: float
    in_mail: float
    length: float


_MARKS = re.compile(r"[:;()/#*=%€$£|]")


def shape(context: Context, text: str) -> Shape:
    """The lexical features of a possible name."""
    words = text.split()
    known = lexicon()
    keys = [key(w) for w in words]
    legal = sum(k in known.legal for k in keys if k)
    joined = "".join(keys[-2:])
    legal += joined in known.legal and len(keys) > 1
    letters = sum(c.isalpha() for c in text)
    label = max((len(w) for w in [key(text)] if w in known.concepts), default=0)
    alphabetic = [w for w in words if w[0].isalpha()]
    return Shape(
        words=float(len(words)),
        letters=letters / max(1, len(text)),
        digits=float(sum(c.isdigit() for c in text)),
        capitals=sum(c.isupper() for c in text) / max(1, letters),
        titled=sum(w[0].isupper() for w in alphabetic) / max(1, len(alphabetic)),
        legal=float(legal),
        title=float(bool(keys) and keys[0] in known.titles),
        street=street_score(text),
        country=float(bool(country_of(text))),
        marks=float(len(_MARKS.findall(text))),
        labels=float(label > 0),
        in_mail=_in_mail(context, keys),
        length=float(len(text)),
    )


def _in_mail(context: Context, keys: list[str]) -> float:
    """How much of a name occurs in the document's mail and web domains, 0–1."""
    domains = domains_of(context)
    if not domains:
        return 0.0
    long = [k for k in keys if len(k) >= 3 and k not in lexicon().legal]
    return max((len(k) / max(len(k), len(d)) for k in long for d in domains if k in d), default=0.0)


def domains_of(context: Context) -> set[str]:
    """The names in the document's mail and web domains, without www and ending."""
    out = set()
    for kind in ("email", "website"):
        for c in context.candidates.get(kind, ()):
            host = re.sub(r"^(?:https?://)?(?:www\.)?", "", c.value.rpartition("@")[2].lower())
            host = host.partition("/")[0]
            name = host.rpartition(".")[0]
            if name:
                out.add(key(name))
    return out


SHAPE = list(Shape.__dataclass_fields__)
NAME = [*PLACE, *label_names("name"), *SHAPE, "copies", "size_rank", "block", "above_at",
        "from_top", "above_street", "below_street", "inline", "heading_own", "heading_left",
        *(f"role_{r}" for r in ROLES), *(f"doc_{r}" for r in ROLES), *(f"next_{r}" for r in ROLES),
        "next_gap", "next_aligned", "order", "prev_label", "street_below", "legal_ahead",
        "legal_count", "person", "near_phone", "title_gap", "piece", "covers", "joined",
        "legal_below"]  # fmt: skip

CONTACT = [*PLACE, *label_names("contact"), "valid", "prefix", "digits", "plus", "zero", "marks",
           "copies", "order", "count", *(f"role_{r}" for r in ROLES),
           *(f"near_{r}" for r in ROLES), *(f"gap_{r}" for r in ROLES), "above_block",
           "same_country_seller", "same_country_buyer", "own_domain", "seller_domain",
           "buyer_domain", "is_amount", "is_other", "length", "free_mail"]  # fmt: skip

_FREE = (
    "gmail",
    "yahoo",
    "hotmail",
    "outlook",
    "gmx",
    "web",
    "tonline",
    "orange",
    "wanadoo",
    "libero",
    "icloud",
    "aol",
)


@dataclass(slots=True)
class Parties:
    """Blocks with the probabilities of their roles (`roles[block][role]`)."""

    blocks: list[Block]
    roles: list[dict[str, float]]
    of_segment: dict[int, list[tuple[int, str, int]]]

    @classmethod
    def of(cls, blocks: list[Block], roles: list[dict[str, float]]) -> Parties:
        """Index the blocks' lines by segment: block, "above"/"place"/"below", position."""
        where: dict[int, list[tuple[int, str, int]]] = {}
        for n, block in enumerate(blocks):
            where.setdefault(int(block.place.hints["segment"]), []).append((n, "place", 0))
            for i, line in enumerate(block.above):
                where.setdefault(line.segment.index, []).append((n, "above", i))
            for i, line in enumerate(block.below):
                where.setdefault(line.segment.index, []).append((n, "below", i))
        return cls(blocks, roles, where)


def block_rows(context: Context) -> list[list[float]]:
    """A row of `BLOCK` features for each block of the document."""
    copies = Counter(_place_key(b) for b in context.blocks)
    contact_segments = {
        kind: {int(c.hints["segment"]) for c in context.candidates.get(kind, ()) if _strict(c)}
        for kind in _BELOW
    }
    doc_heads = [_heads(context, b) for b in context.blocks]
    return [
        _block_row(context, n, copies, contact_segments, doc_heads)
        for n in range(len(context.blocks))
    ]


def _strict(c: Candidate) -> bool:
    return c.kind not in {"vat_id", "tax_number", "registration_number"} or bool(
        c.hints.get("prefix") or c.hints.get("valid")
    )


def _place_key(block: Block) -> str:
    code = block.place.parts.get("postal_code")
    return key(code.value) if code else key(block.place.value)


def _heads(context: Context, block: Block) -> dict[str, float]:
    """Party concepts near the top line: its own heading, labels left of it and above it."""
    near: dict[str, float] = {}
    top = block.above[-1] if block.above else None
    segment = top.segment if top else context.view.segments[int(block.place.hints["segment"])]
    first = top.first if top else int(block.place.hints["first"])
    row, column = context.labels(segment, first, top.box if top else block.place.box)
    for h in _HEADS:
        near[h] = max(row.get(h, 0.0), column.get(h, 0.0))
    return near


def _block_row(
    context: Context, n: int, copies: Counter[str], contacts: dict[str, set[int]],
    heads: list[dict[str, float]],
) -> list[float]:  # fmt: skip
    block = context.blocks[n]
    left, right, top, bottom = context.place(block.page, block.box)
    pages = len(context.document.pages)
    number = context.pages[block.page]
    name = block.above[-1] if block.above else None
    anchor = context.view.segments[int(block.place.hints["segment"])]
    own = {line.segment.index for line in (*block.above, *block.below)} | {anchor.index}
    row = [
        left, right, top, bottom, float(number == 0), float(number == pages - 1),
        float(min(pages, 6)), anchor.size / max(context.view.size, 1.0), float(context.ocr),
    ]  # fmt: skip
    row += [block.heading.get(h, 0.0) for h in _HEADS]
    row += [heads[n][h] for h in _HEADS]
    for h in _HEADS[:5]:
        rest = [
            max(o[h], b.heading.get(h, 0.0))
            for i, (o, b) in enumerate(zip(heads, context.blocks, strict=True))
            if i != n
        ]
        row.append(max(rest, default=0.0))
    row += [float(len(own & contacts[b])) for b in _BELOW]
    row += [float(min(3, len(contacts[b]))) for b in _BELOW]
    lines = [line.text for line in block.above]
    legal = max((shape_legal(t) for t in lines), default=0.0)
    row += [
        float(block.inline),
        float(len(block.above)),
        float(block.street),
        street_score(lines[block.street]) if block.street >= 0 else 0.0,
        legal,
        float(block.country is not None),
        float(any(key(t.split()[0]) in lexicon().titles for t in lines if t.split())),
        float(copies[_place_key(block)]),
        float(n),
        float(len(context.blocks)),
        float(max((_copies(context, t) for t in lines), default=0)),
        max((_in_mail(context, [key(w) for w in t.split()]) for t in lines), default=0.0),
        name.segment.size / max(context.view.size, 1.0) if name else 0.0,
        float(name.segment.bold) if name else 0.0,
        _below_inline(context, n),
    ]
    row += _titles(context, block)
    row += [
        block.place.hints["form"],
        block.place.hints["year"],
        _meta_near(context, block),
        float(len(anchor.texts)),
        float(sum(context.digits[: anchor.index]) / max(1, sum(context.digits))),
        _vat_country(context, block),
        float(len(lines[block.street].split())) if block.street >= 0 else 0.0,
        float(_beside(context, n)),
    ]
    return row


def shape_legal(text: str) -> float:
    """How many legal forms and company words a line has."""
    known = lexicon().legal
    keys = [key(w) for w in text.split()]
    return float(sum(k in known for k in keys if k) + ("".join(keys[-2:]) in known))


def _copies(context: Context, text: str) -> int:
    """How often a line's text occurs in the document."""
    found = key(text)
    return context.text.count(found) if len(found) > 3 else 0


def _below_inline(context: Context, n: int) -> float:
    """Whether a one-line sender address in small print stands right above, as in a window."""
    block = context.blocks[n]
    top = block.box.y0
    return float(
        any(
            o.inline and o.page == block.page and 0 < top - o.box.y1 < 45
            and abs(o.box.x0 - block.box.x0) < 60
            for i, o in enumerate(context.blocks) if i != n
        )
    )  # fmt: skip


def _titles(context: Context, block: Block) -> list[float]:
    """Whether it stands above the document's title, and how far from it."""
    anchor = context.view.segments[int(block.place.hints["segment"])]
    title = title_line(context)
    if title is None:
        return [0.5, 0.0]
    height = context.bounds[block.page]
    if title.page != block.page:
        return [0.0, 1.0]
    gap = (title.box.y0 - anchor.box.y1) / max(height[3] - height[1], 1.0)
    return [float(gap > 0), gap]


def title_line(context: Context):  # type: ignore[no-untyped-def]
    """The segment that names the document: the largest one that starts with such a word."""
    best, score = None, 0.0
    for segment in context.view.segments[:150]:
        if segment.page != context.view.segments[0].page:
            break
        for hit in context.hits[segment.index]:
            if hit.concept.startswith("doc_") and hit.start == 0 and len(segment.texts) < 8:
                value = segment.size * (1.3 if hit.end == len(segment.texts) else 1.0)
                if value > score:
                    best, score = segment, value
    return best


def _meta_near(context: Context, block: Block) -> float:
    """Labels of the document's own data (number, date, customer) on the block's lines."""
    lines = {line.segment.line for line in block.above}
    count = 0
    for number in lines:
        for index in context.view.lines[number]:
            for hit in context.hits[index]:
                count += hit.concept in {
                    "invoice_number",
                    "issue_date",
                    "customer_number",
                    "due_date",
                }
    return float(min(count, 5))


def _vat_country(context: Context, block: Block) -> float:
    if block.country is None:
        return 0.0
    codes = [c.value[:2].upper() for c in context.candidates.get("vat_id", ()) if _strict(c)]
    return 1.0 if block.country.value in codes else -1.0 if codes else 0.0


def _beside(context: Context, n: int) -> int:
    block = context.blocks[n]
    count = 0
    for i, other in enumerate(context.blocks):
        if i == n or other.page != block.page:
            continue
        if abs(other.box.y1 - block.box.y1) < 30:
            count += 1 if other.box.x0 > block.box.x0 else -1
    return count


# --- names ----------------------------------------------------------------------------------


def name_rows(context: Context, parties: Parties) -> tuple[list[Candidate], list[list[float]]]:
    """Name candidates and their rows."""
    found = context.candidates.get("name", [])
    found = [c for c in found if _worth(c)]
    sizes = sorted({round(s.size, 1) for s in context.view.segments}, reverse=True)
    rank = {s: n for n, s in enumerate(sizes)}
    best = {r: max((p[r] for p in parties.roles), default=0.0) for r in ROLES}
    phones = {int(c.hints["segment"]) for c in context.candidates.get("phone", ())}
    title = title_line(context)
    shapes = [shape(context, c.value) for c in found]
    total_legal = sum(s.legal > 0 for s in shapes)
    rows = []
    legal_seen = 0
    for n, (c, s) in enumerate(zip(found, shapes, strict=True)):
        row = place_and_labels(context, c, "name")
        row += [getattr(s, f) for f in SHAPE]
        segment = context.view.segments[int(c.hints["segment"])]
        row += [float(min(6, _copies(context, c.value))), float(rank[round(segment.size, 1)])]
        row += _in_block(context, parties, c)
        row += [best[r] for r in ROLES]
        row += _next_block(context, parties, c)
        previous = context.view.segments[segment.index - 1] if segment.index else None
        below = context.view.segments[segment.index + 1 : segment.index + 4]
        person = s.words in {2.0, 3.0} and s.titled == 1.0 and not s.legal and not s.digits
        row += [
            float(n),
            float(previous is not None and bool(context.hits[previous.index])),
            max((street_score(b.text) for b in below), default=0.0),
            float(legal_seen),
            float(total_legal),
            float(person),
            float(bool({segment.index, segment.index + 1, segment.index + 2} & phones)),
            0.0 if title is None or title.page != c.page else (c.box.y0 - title.box.y0) / 100.0,
            c.hints["first"],
            (c.hints["last"] - c.hints["first"]) / len(segment.texts),
            c.hints.get("joined", 0.0),
            max((shape_legal(b.text) for b in below[:1]), default=0.0),
        ]
        legal_seen += s.legal > 0
        rows.append(row)
    return found, rows


def _worth(c: Candidate) -> bool:
    """Leave out lines that are nothing but a label."""
    return key(c.value) not in lexicon().concepts


def _in_block(context: Context, parties: Parties, c: Candidate) -> list[float]:
    """Where in which block it stands: the surest role first."""
    spots = parties.of_segment.get(int(c.hints["segment"]), [])
    best, roles = None, dict.fromkeys(ROLES, 0.0)
    for n, where, i in spots:
        if where == "above" and not _covers(parties.blocks[n].above[i], c):
            continue
        for r in ROLES:
            roles[r] = max(roles[r], parties.roles[n][r])
        value = max(parties.roles[n].values()) + (where == "above")
        if best is None or value > best[0]:
            best = (value, n, where, i)
    if best is None:
        return [0.0, -1.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    _, n, where, i = best
    block = parties.blocks[n]
    kind = {"above": 1.0, "place": 2.0, "below": 3.0}[where]
    above = where == "above"
    return [
        kind,
        float(i),
        float(len(block.above) - 1 - i) if above else -1.0,
        float(i - block.street) if above and block.street >= 0 else 0.0,
        float(above and block.street >= 0 and i < block.street),
        float(block.inline),
        max(block.heading.get("buyer", 0.0), block.heading.get("ship_to", 0.0)),
        block.heading.get("seller", 0.0),
        *(roles[r] for r in ROLES),
    ]


def _covers(line: Line, c: Candidate) -> bool:
    return line.first <= c.hints["first"] and c.hints["last"] <= line.last


def _next_block(context: Context, parties: Parties, c: Candidate) -> list[float]:
    """Roles of the nearest block below it on the page, how far and how well aligned it is."""
    best, gap = -1, 1e9
    for n, block in enumerate(parties.blocks):
        if block.page != c.page:
            continue
        d = block.place.box.y0 - c.box.y1
        aside = 0.0 if min(block.box.x1, c.box.x1) > max(block.box.x0, c.box.x0) else 60.0
        if d > -5 and d + aside < gap:
            best, gap = n, d + aside
    if best < 0:
        return [0.0, 0.0, 0.0, 0.0, 999.0, 0.0]
    box = parties.blocks[best].place.box
    aligned = abs(box.x0 - c.box.x0) < 6 or abs(box.x0 + box.x1 - c.box.x0 - c.box.x1) < 12
    return [*(parties.roles[best][r] for r in ROLES), min(999.0, gap), float(aligned)]


# --- contacts and checked identifiers ---------------------------------------------------------


def contact_rows(
    context: Context, parties: Parties, kind: str
) -> tuple[list[Candidate], list[list[float]]]:
    """Candidates of `kind` (phone, email, website, vat_id, iban …) and their rows."""
    found = context.candidates.get(kind, [])
    counts = Counter(key(c.value) for c in found)
    amounts = {(c.page, w) for c in context.candidates.get("amount", ()) for w in c.words
               if c.hints["decimals"] == 2}  # fmt: skip
    others = {
        (c.page, w)
        for k in ("iban", "vat_id", "phone", "tax_number") if k != kind
        for c in context.candidates.get(k, ()) if c.hints.get("valid") or c.hints.get("prefix")
        for w in c.words
    }  # fmt: skip
    countries = _role_countries(parties)
    words = _role_words(parties)
    rows = []
    for n, c in enumerate(found):
        row = place_and_labels(context, c, "contact")
        row += [c.hints.get(h, 0.0) for h in ("valid", "prefix", "digits", "plus", "zero", "marks")]
        row += [float(counts[key(c.value)]), float(n), float(len(found))]
        row += _near_roles(parties, c)
        prefix = c.value[:2].upper() if kind in {"vat_id", "iban"} and c.value[:2].isalpha() else ""
        row += [
            _agrees(prefix, countries["seller"]),
            _agrees(prefix, countries["buyer"]),
        ]
        domain = key(
            re.sub(r"^(?:https?://)?(?:www\.)?", "", c.value.rpartition("@")[2])
            .partition("/")[0]
            .rpartition(".")[0]
        )
        row += [
            float(bool(domain) and sum(domain == d for d in domains_of(context)) > 0)
            if kind in {"email", "website"} else 0.0,
            max((float(len(w)) for w in words["seller"] if w in domain), default=0.0),
            max((float(len(w)) for w in words["buyer"] if w in domain), default=0.0),
            float(any((c.page, w) in amounts for w in c.words)),
            float(any((c.page, w) in others for w in c.words)),
            float(len(c.value)),
            float(domain in _FREE),
        ]  # fmt: skip
        rows.append(row)
    return found, rows


def _agrees(prefix: str, countries: list[str]) -> float:
    if not prefix or not countries:
        return 0.0
    return 1.0 if prefix in countries else -1.0


def _likely(parties: Parties, role: str) -> Block | None:
    best = max(range(len(parties.blocks)), key=lambda n: parties.roles[n][role], default=None)
    if best is None or parties.roles[best][role] < 0.3:
        return None
    return parties.blocks[best]


def _role_countries(parties: Parties) -> dict[str, list[str]]:
    out = {}
    for role in ("seller", "buyer"):
        block = _likely(parties, role)
        out[role] = [block.country.value] if block is not None and block.country else []
    return out


def _role_words(parties: Parties) -> dict[str, set[str]]:
    """Words of the lines above the likeliest block of a role: its names."""
    out: dict[str, set[str]] = {}
    for role in ("seller", "buyer"):
        block = _likely(parties, role)
        lines = [line.text for line in block.above] if block is not None else []
        out[role] = {
            k for t in lines for w in t.split()
            if len(k := key(w)) >= 4 and k not in lexicon().legal
        }  # fmt: skip
    return out


def _near_roles(parties: Parties, c: Candidate) -> list[float]:
    """Roles of the block it stands in; roles weighted by nearness; distances to each role."""
    inside = dict.fromkeys(ROLES, 0.0)
    for n, _, _ in parties.of_segment.get(int(c.hints["segment"]), []):
        for r in ROLES:
            inside[r] = max(inside[r], parties.roles[n][r])
    near = dict.fromkeys(ROLES, 0.0)
    gaps = dict.fromkeys(ROLES, 500.0)
    above = 0.0
    for n, block in enumerate(parties.blocks):
        if block.page != c.page:
            continue
        box = block.box
        dx = max(0.0, box.x0 - c.box.x1, c.box.x0 - box.x1)
        dy = max(0.0, box.y0 - c.box.y1, c.box.y0 - box.y1)
        gap = dx + dy
        for r in ROLES:
            role = parties.roles[n][r]
            near[r] = max(near[r], role / (1.0 + gap / 40.0))
            if role > 0.5:
                gaps[r] = min(gaps[r], gap)
        if dy < 80 and dx == 0 and c.box.y0 > box.y0:
            above = max(above, 1.0 / (1.0 + dy / 20.0))
    return [*inside.values(), *near.values(), *gaps.values(), above]


def seller_and_buyer(parties: Parties, c: Candidate) -> list[float]:
    """How much a candidate stands in, and near, the blocks of seller and buyer."""
    found = _near_roles(parties, c)
    return [found[0], found[1], found[len(ROLES)], found[len(ROLES) + 1]]
