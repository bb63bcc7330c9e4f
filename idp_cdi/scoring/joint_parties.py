"""The joint decision about parties: whose address is whose, and two names for two parties.

Buyer and seller are different parties at different addresses, each name best near its own address;
copies of one address in the same document are one.
"""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING

from idp_cdi.extractors._address import address
from idp_cdi.extractors._block import street_score
from idp_cdi.extractors._view import key
from idp_cdi.scoring import joint_names
from idp_cdi.scoring.joint import SAID, Choice, Spot, apart, choose, logit
from idp_cdi.scoring.joint_names import NOBODY
from idp_cdi.scoring.party import ROLES

if TYPE_CHECKING:
    from idp_cdi.extractors._block import Block
    from idp_cdi.scoring.context import Context
    from idp_cdi.scoring.models import Scored
    from idp_cdi.scoring.party import Parties

_OTHERS = 4.0
"""Log-odds that a block loses for a role which stands below the name of the other party."""
_STREET = 0.5
"""From where a line is a street and nobody's name."""
_BARE = 3.0
"""Log-odds that a block without a postcode gains below the name of its party: few blocks without
one are addresses, which is all that the model sees."""
_KNOWN = -1.0
"""Log-odds from which a name says whose the address below it is."""
_MOST = 30
"""Blocks that may have a role: a list of addresses has hundreds, of which hardly one is a party."""
_NAMED = ("seller", "buyer", "ship_to")
"""Roles whose name says whose the address below it is."""
_MORE = ("ship_to", "payee")
"""Roles that documents may have beside those of seller and buyer."""
_CONTACTS = ("buyer.contact_name", "seller.contact_name")


def blocks(
    parties: Parties, *, joint: bool, names: dict[str, str] | None = None
) -> dict[str, tuple[int, float]]:
    """Block and log-odds of seller, buyer, ship-to and payee; unlikely roles are left out.

    Blocks that print the same place count as one party: two roles are not given to copies of one
    address unless nothing else is left. The odds of seller and buyer are those of the whole
    assignment: where each of two blocks must be one of the two, what speaks for the one being the
    seller speaks for the other being the buyer.

    Args:
        parties: Blocks and the odds of each for each role.
        joint: False takes the likeliest block for each role.
        names: Keys of the parties' names, as far as they are known.
    """
    count = len(parties.blocks)
    if not count:
        return {}
    if not joint:
        best = {r: max(range(count), key=lambda n: parties.roles[n][r]) for r in ROLES}
        return {r: (n, logit(parties.roles[n][r])) for r, n in best.items()}
    odds = _odds(parties, names or {})
    out = _seller_and_buyer(parties, odds)
    for role in _MORE:
        rest = [n for n in range(count) if n not in {n for n, _ in out.values()}]
        if rest:
            n = max(rest, key=lambda n: parties.roles[n][role])
            if parties.roles[n][role] > 0.5:
                out[role] = (n, logit(parties.roles[n][role]))
    return out


def _odds(parties: Parties, names: dict[str, str]) -> dict[str, list[float]]:
    """Role → the log-odds of each block, those below the name of another party lowered."""
    odds = {role: [logit(p[role]) for p in parties.roles] for role in ROLES}
    for place, block in enumerate(parties.blocks):
        owner = _owner(block, names)
        bare = "postal_code" not in block.place.parts
        for role in ("seller", "buyer") if owner else ():
            if role != owner:
                odds[role][place] -= _OTHERS
            elif bare:
                odds[role][place] += _BARE
    return odds


def _seller_and_buyer(
    parties: Parties, odds: dict[str, list[float]]
) -> dict[str, tuple[int, float]]:
    """The likeliest pair of blocks, each with its share of all pairs that are possible.

    A block that says who takes delivery, or is paid, speaks for a pair that leaves it to that role.
    """
    code = parties.address_keys
    more = [sorted(((o, n) for n, o in enumerate(odds[r]) if o > 0), reverse=True) for r in _MORE]
    weights = {}
    for s, b in product(_likeliest(odds["seller"]), _likeliest(odds["buyer"])):
        if s is not None and b is not None and (s == b or code[s] == code[b]):
            continue
        told = sum(NOBODY if n is None else odds[r][n] for r, n in (("seller", s), ("buyer", b)))
        # A payee or a place of delivery that is the buyer's or the seller's own is nothing apart.
        taken = {code[n] for n in (s, b) if n is not None}
        told += sum(next((o for o, n in role if code[n] not in taken), 0.0) for role in more)
        weights[s, b] = math.exp(told)
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


def _likeliest(odds: list[float]) -> list[int | None]:
    """The blocks that may well have a role, in their order, and none of them."""
    best = sorted(range(len(odds)), key=lambda n: -odds[n])[:_MOST]
    return [*sorted(best), None]


def _owner(block: Block, names: dict[str, str]) -> str:
    """The role whose name is the nearest above an address, "" where none is there."""
    for line in block.above:
        if street_score(line.text) >= _STREET:
            continue  # where a delivery to a street only was taken for one to a name
        text = key(line.text)
        for role, name in names.items():
            if text.startswith(name):
                return role
    return ""


def parties(
    context: Context, found: Parties, scored: dict[str, Scored], *, together: bool, named: bool
) -> dict[str, Choice]:
    """Names and addresses of the parties, each address with its parts."""
    out = apart(scored, "name", scored["name"].fields, joint=together)
    chosen = blocks(found, joint=together)
    if together:
        taken = {role: n for role, (n, _) in chosen.items()}
        joint_names.decide(context, found, scored["name"], taken, out, named=named)
        _contacts(scored["name"], out)
        known = {r: out[f"{r}.name"] for r in _NAMED if f"{r}.name" in out}
        names = {r: key(c.candidate.value) for r, c in known.items() if c.odds > _KNOWN}
        chosen = blocks(found, joint=True, names=names)
    for field in _CONTACTS:
        if field in out and joint_names.is_department(out[field].candidate.value):
            del out[field]
    for role, (n, odds) in chosen.items():
        others = [c for r, (c, _) in chosen.items() if r != role] if together else []
        _address(out, found, role, (n, odds), others)
    return out


def _contacts(scored: Scored, out: dict[str, Choice]) -> None:
    """Persons to ask for, again where what was chosen has become the name of a party."""
    for field in _CONTACTS:
        choice = out.get(field)
        if choice is None:
            continue
        taken = {
            (c.candidate.page, w)
            for name, c in out.items()
            if name != field and c.odds > SAID
            for w in c.candidate.words
        }
        free = [
            (o, c) for o, c in scored.of(field) if taken.isdisjoint((c.page, w) for w in c.words)
        ]
        if free:
            out[field] = choose(field, free)
        else:
            del out[field]


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


def _copy(found: Parties, i: int, n: int) -> bool:
    """Whether two blocks are one or print the same address."""
    return i == n or found.address_keys[i] == found.address_keys[n]


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
