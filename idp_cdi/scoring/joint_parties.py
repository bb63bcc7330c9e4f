"""The joint decision about parties: whose address is whose, and two names for two parties.

Buyer and seller are different parties at different addresses, each name best near its own address;
copies of one address in the same document are one.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from idp_cdi.extractors._address import address
from idp_cdi.extractors._block import street_score
from idp_cdi.extractors._view import key
from idp_cdi.extractors._wordings import lexicon
from idp_cdi.scoring.joint import DEEP, Choice, Spot, apart, choose, distinct
from idp_cdi.scoring.party import ROLES

if TYPE_CHECKING:
    from idp_cdi.extractors import Candidate
    from idp_cdi.scoring.context import Context
    from idp_cdi.scoring.models import Scored
    from idp_cdi.scoring.party import Parties

_NOBODY = -3.0
"""Log-odds at which a party is rather left out: nearly every document has both."""


_CONTACTS = ("buyer.contact_name", "seller.contact_name")


def is_department(text: str) -> bool:
    """Whether what stands where a person's name may stand names a desk of the firm.

    >>> is_department("Accounts Payable"), is_department("de crediteurenadministratie")
    (True, True)
    >>> is_department("Petra Holub")
    False
    """
    keys = [key(word) for word in text.split()]
    known = lexicon().departments
    return any(k in known for k in keys) or any("".join(pair) in known for pair in pairwise(keys))


def blocks(parties: Parties, *, joint: bool) -> dict[str, tuple[int, float]]:
    """Block and log-odds of seller, buyer, ship-to and payee; unlikely roles are left out.

    Blocks that print the same place count as one party: two roles are not given to copies of one
    address unless nothing else is left. The odds of seller and buyer are those of the whole
    assignment: where each of two blocks must be one of the two, what speaks for the one being the
    seller speaks for the other being the buyer.
    """
    count = len(parties.blocks)
    if not count:
        return {}
    if not joint:
        best = {r: max(range(count), key=lambda n: parties.roles[n][r]) for r in ROLES}
        return {r: (n, logit(parties.roles[n][r])) for r, n in best.items()}
    out = _seller_and_buyer(parties)
    for role in ("ship_to", "payee"):
        rest = [n for n in range(count) if n not in {n for n, _ in out.values()}]
        if rest:
            n = max(rest, key=lambda n: parties.roles[n][role])
            if parties.roles[n][role] > 0.5:
                out[role] = (n, logit(parties.roles[n][role]))
    return out


def _seller_and_buyer(parties: Parties) -> dict[str, tuple[int, float]]:
    """The likeliest pair of blocks, each with its share of all pairs that are possible."""
    code = parties.address_keys
    options: list[int | None] = [*range(len(parties.blocks)), None]
    odds = {
        role: {n: _NOBODY if n is None else logit(parties.roles[n][role]) for n in options}
        for role in ("seller", "buyer")
    }
    weights = {
        (s, b): math.exp(odds["seller"][s] + odds["buyer"][b])
        for s in options
        for b in options
        if s is None or b is None or (s != b and code[s] != code[b])
    }
    best, total = max(weights, key=lambda pair: weights[pair]), sum(weights.values())
    out: dict[str, tuple[int, float]] = {}
    for side, role in enumerate(("seller", "buyer")):
        n = best[side]
        if n is not None:
            # Copies of one address are one answer.
            share = sum(
                w for pair, w in weights.items()
                if (m := pair[side]) is not None and code[m] == code[n]
            )  # fmt: skip
            out[role] = (n, logit(share / total))
    return out


def parties(found: Parties, scored: dict[str, Scored], *, together: bool) -> dict[str, Choice]:
    """Names and addresses of the parties, each address with its parts."""
    out = apart(scored, "name", scored["name"].fields, joint=together)
    for field in _CONTACTS:
        if field in out and is_department(out[field].candidate.value):
            del out[field]
    chosen = blocks(found, joint=together)
    places = {role: n for role, (n, _) in chosen.items()}
    if together:
        _two_names(out, found, scored["name"], places)
    for role, (n, odds) in chosen.items():
        taken = [c for r, c in places.items() if r != role] if together else []
        _address(out, found, role, (n, odds), taken)
    return out


def places(choices: dict[str, Choice]) -> set[Spot]:
    """The words of likely streets, postcodes and towns: a house number is no order number."""
    return {
        (c.candidate.page, w)
        for name, c in choices.items()
        if name.endswith((".street", ".postal_code", ".city")) and c.odds > 0
        for w in c.candidate.words
    }


def _address(
    out: dict[str, Choice], found: Parties, role: str, place: tuple[int, float], taken: list[int]
) -> None:
    """The choices of a block's address and of its parts; blocks in other roles are no rivals."""
    n, odds = place
    block = found.blocks[n]
    rest = [
        r[role] for i, r in enumerate(found.roles)
        if i != n and not _copy(found, i, n) and not any(_copy(found, i, t) for t in taken)
    ]  # fmt: skip
    own = logit(found.roles[n][role])
    margin = own - logit(max(rest)) if rest else 9.0
    copies = sum(_copy(found, i, n) for i in range(len(found.blocks)))
    whole = address(block)
    for part in ("address", "street", "postal_code", "city", "region", "country"):
        candidate = whole if part == "address" else whole.parts.get(part)
        if candidate is None:
            continue
        choice = Choice(f"{role}.{part}", candidate, odds, margin, copies)
        choice.flags["own"] = own
        choice.flags["street"] = (
            street_score(block.above[block.street].text) if block.street >= 0 else -1.0
        )
        choice.flags["form"] = block.place.hints["form"]
        choice.flags["lines_sure"] = block.certainty
        choice.flags["lines"] = float(len(block.above))
        choice.flags["parts"] = float(len(whole.parts))
        choice.flags["sibling"] = float(bool(taken))
        out[choice.field] = choice


def logit(p: float) -> float:
    """The log-odds of a probability, within ±9."""
    p = min(max(p, 1e-4), 1 - 1e-4)
    return math.log(p / (1 - p))


def _copy(found: Parties, i: int, n: int) -> bool:
    """Whether two blocks are one or print the same address."""
    return i == n or found.address_keys[i] == found.address_keys[n]


def _two_names(
    out: dict[str, Choice], found: Parties, scored: Scored, chosen: dict[str, int]
) -> None:
    """Buyer and seller are two: the best pair of different names, each near its own address."""
    ranked = {
        role: sorted(
            ((o + _link(found, chosen, role, c), c) for o, c in scored.of(f"{role}.name")),
            key=lambda x: -x[0],
        )
        for role in ("seller", "buyer")
    }
    tops = [distinct(ranked[r], DEEP) for r in ("seller", "buyer")]
    best: tuple[float, Candidate, Candidate] | None = None
    for a, seller in tops[0]:
        for b, buyer in tops[1]:
            if _alike(seller, buyer):
                continue
            value = max(a, _NOBODY) + max(b, _NOBODY)
            if best is None or value > best[0]:
                best = (value, seller, buyer)
    if best is None:
        return
    pair = {"seller": best[1], "buyer": best[2]}
    for role, other in (("seller", "buyer"), ("buyer", "seller")):
        field = f"{role}.name"
        free = [(o, c) for o, c in ranked[role] if not _alike(c, pair[other])]
        values = distinct(free)
        at = next(i for i, (_, c) in enumerate(values) if key(c.value) == key(pair[role].value))
        choice = choose(field, free, at)
        choice.flags["sibling"] = _link(found, chosen, role, choice.candidate)
        out[field] = choice


def _alike(one: Candidate, two: Candidate) -> bool:
    a, b = key(one.value), key(two.value)
    return a in b or b in a


def _link(found: Parties, chosen: dict[str, int], role: str, c: Candidate) -> float:
    """Whether a name stands in its role's block (1), in the other one's (−1.5), or in none (0)."""
    if "segment" not in c.hints:
        return 0.0
    spots = found.of_segment.get(int(c.hints["segment"]), [])
    mine = {n for n, where, _ in spots if where == "above"}
    other = "buyer" if role == "seller" else "seller"
    if role in chosen and any(n == chosen[role] for n in mine):
        return 1.0
    if other in chosen and any(n == chosen[other] for n in mine):
        return -1.5
    return 0.0


def plain_number(
    context: Context, found: Parties, scored: Scored, choices: dict[str, Choice]
) -> None:
    """A number called just that ("Nummer: 123") in the buyer's block is the customer number."""
    name = "buyer.customer_number"
    known = choices.get(name)
    if known is not None and known.odds > 0.0:
        return
    for n, candidate in enumerate(scored.candidates):
        segment = context.view.segments[int(candidate.hints["segment"])]
        near = found.roles_at(segment)
        if near.get("buyer", 0.0) < 0.6 or int(candidate.hints["first"]) == 0:
            continue
        row, _ = context.labels(segment, int(candidate.hints["first"]), candidate.box)
        label = (
            row.get("number", 0.0) if max(row, key=row.__getitem__, default="") == "number" else 0.0
        )
        if label >= 0.8 and int(candidate.hints["last"]) == len(segment.texts):
            column = scored.fields.index(name)
            choices[name] = Choice(name, candidate, max(0.7, float(scored.odds[n, column])), 1.5)
            choices[name].notes.append("a plain number in the buyer's block")
            return
