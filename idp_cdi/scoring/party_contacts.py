"""Features of ways to reach somebody and of identifiers that belong to a party."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from idp_cdi.extractors._view import key
from idp_cdi.extractors._wordings import lexicon
from idp_cdi.scoring.features import PLACE, label_names, place_and_labels
from idp_cdi.scoring.party import NEAR, Parties, domains_of, near_roles

if TYPE_CHECKING:
    from idp_cdi.extractors import Candidate
    from idp_cdi.extractors._block import Block
    from idp_cdi.scoring.context import Context

CONTACT = [*PLACE, *label_names("contact"), "valid", "prefix", "digits", "plus", "zero", "marks",
           "copies", "order", "count", *NEAR,
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
    near = near_roles(parties, found)
    rows = []
    for n, c in enumerate(found):
        row = place_and_labels(context, c, "contact")
        row += [c.hints.get(h, 0.0) for h in ("valid", "prefix", "digits", "plus", "zero", "marks")]
        row += [float(counts[key(c.value)]), float(n), float(len(found))]
        row += near[n]
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
