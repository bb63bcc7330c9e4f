"""The joint decision about names: seller, buyer and who takes delivery are told apart.

A model judges each line by itself, so that several lines of one block may look like its name: a
heading, the person to ask for, a desk, the firm, the town. Only one of them is, and a line that
names who takes delivery does not name who is billed too, as long as another one may.
"""

from __future__ import annotations

import math
from itertools import pairwise, product
from typing import TYPE_CHECKING, NamedTuple

from idp_cdi.extractors._block import STOREY, goes_on
from idp_cdi.extractors._climbing import neighbours
from idp_cdi.extractors._view import key
from idp_cdi.extractors._wordings import lexicon
from idp_cdi.extractors.places import country_of
from idp_cdi.scoring.joint import DEEP, Choice, choose, distinct, logit
from idp_cdi.scoring.party import shape_legal

if TYPE_CHECKING:
    from idp_cdi.extractors import Candidate
    from idp_cdi.scoring.context import Context
    from idp_cdi.scoring.joint import Spot
    from idp_cdi.scoring.models import Scored
    from idp_cdi.scoring.party import Parties

NOBODY = -3.0
"""Log-odds at which a party is rather left out: nearly every document has both."""
_NO_NAME = 2.5
"""Log-odds that a line loses which is written as names seldom are: a town, a heading."""
_NEVER = 5.0
"""Log-odds that a desk or a storey loses."""
_FIRM = 2.5
"""Log-odds that a firm gains where the likeliest line beside it is a person: whom to ask for."""
_LIKELY = -1.0
"""Log-odds from which a line may well be what it is asked for."""
_NEAR = 2
"""Lines above and below a person among which the firm is."""
_IN_BLOCK = 1.0
"""Log-odds of a name in the block of its role's address."""
_ONE_LINE = 4.0
"""Log-odds that it costs to take one line for who is billed and who takes delivery."""
_ABBREVIATION = 4
"""Letters of an abbreviation at most: a longer word with a full stop ends a sentence."""
_FAR = -7.0
"""Log-odds below which a line is nobody's name."""
_MOST = 40
"""Lines that may be a party's name: a long list has thousands that look a little like one."""
_REFERENCE = "reference"
_LABELLED = 0.6
"""How surely a label belongs to a line that says what it asks for."""
_SHORT = 4
"""Letters of words that join others: "de", "des"."""


class _Judged(NamedTuple):
    """A candidate for a role with its log-odds there and the words that it takes."""

    odds: float
    candidate: Candidate
    words: frozenset[Spot]
    key: str


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


def decide(
    context: Context,
    found: Parties,
    scored: Scored,
    chosen: dict[str, int],
    out: dict[str, Choice],
    *,
    named: bool,
) -> None:
    """Choose the names of seller, buyer and who takes delivery in `out` together.

    Args:
        context: The document.
        found: Its blocks and their roles.
        scored: The candidates for names.
        chosen: Role → the block whose address is its.
        out: What was chosen so far.
        named: Whether such a document names both seller and buyer as a rule.
    """
    towns = [key(block.place.value) for block in found.blocks]
    ranked = {
        role: _ranked(
            [
                (o + _link(found, chosen, role, c) - _doubt(context, towns, c), c)
                for o, c in scored.of(f"{role}.name")[:_MOST]
                if o > _FAR
            ]
        )
        for role in ("seller", "buyer")
    }
    tops = {r: [_judged(*p) for p in distinct(ranked[r], DEEP)] for r in ranked}
    tops["buyer"] = _firms_first(context, found, chosen, tops["buyer"])
    deliveries = scored.of("ship_to.name") if "ship_to.name" in out else []
    ships = [_judged(*p) for p in distinct(deliveries, DEEP) if p[0] > 0]
    best = max(_assignments(tops, ships), key=lambda a: a[0], default=None)
    if best is None:
        return
    _, seller, buyer, ship_to = best
    taken = ship_to.words if ship_to is not None else frozenset()
    for role, mine, other in (("seller", seller, buyer), ("buyer", buyer, seller)):
        field = f"{role}.name"
        free = [
            (mine.odds if c is mine.candidate else o, c)
            for o, c in ranked[role]
            if not _alike(key(c.value), other.key)
        ]
        choice = _choice(field, free, mine)
        if named and choice.odds < 0.0:
            judged = (_judged(*p) for p in distinct(free))
            rivals = [j.odds for j in judged if taken.isdisjoint(j.words)]
            choice.odds = min(0.0, max(choice.odds, _share(mine.odds, rivals)))
        choice.flags["sibling"] = _link(found, chosen, role, choice.candidate)
        out[field] = choice
    if ship_to is not None:
        out["ship_to.name"] = _choice("ship_to.name", deliveries, ship_to)


def _choice(field: str, ranked: list[tuple[float, Candidate]], mine: _Judged) -> Choice:
    """The choice of a value that is among the candidates."""
    values = enumerate(distinct(ranked))
    return choose(field, ranked, next(i for i, (_, c) in values if key(c.value) == mine.key))


def _ranked(best: list[tuple[float, Candidate]]) -> list[tuple[float, Candidate]]:
    """Lines for a name with their log-odds, names of two lines made up for, best first."""
    odds = [o for o, _ in best]
    places = {(c.page, c.words): n for n, (_, c) in enumerate(best)}
    for n, (_, whole) in enumerate(best):
        size = int(whole.hints.get("head", 0.0))
        head = places.get((whole.page, whole.words[:size]))
        tail = places.get((whole.page, whole.words[size:]))
        if not size or head is None or tail is None:
            continue
        first = best[head][1]
        both = min(odds[head], odds[tail]) > _LIKELY and _is_firm(first.value)
        if both or goes_on(first.raw):
            # Neither line is a name by itself, so what speaks for one of them speaks for both.
            odds[n] = max(odds[n], odds[head], odds[tail]) + _NO_NAME
            odds[head] -= _NO_NAME
            odds[tail] -= _NO_NAME
    return sorted(zip(odds, (c for _, c in best), strict=True), key=lambda x: -x[0])


def _share(odds: float, rivals: list[float]) -> float:
    """Log-odds of a name where one of these lines is the party's or nobody is named.

    That a line looks little like the name of a party counts less where no other looks more like it.
    """
    share = math.exp(odds) / (sum(map(math.exp, rivals)) + math.exp(NOBODY))
    return logit(share)


def _judged(odds: float, c: Candidate) -> _Judged:
    return _Judged(odds, c, frozenset((c.page, w) for w in c.words), key(c.value))


def _assignments(
    tops: dict[str, list[_Judged]], ships: list[_Judged]
) -> list[tuple[float, _Judged, _Judged, _Judged | None]]:
    """Log-odds of every way to name two parties, and perhaps who takes delivery."""
    found = []
    taking: list[_Judged | None] = [None, *ships]
    for seller, buyer in product(tops["seller"], tops["buyer"]):
        if _alike(seller.key, buyer.key):
            continue
        both = max(seller.odds, NOBODY) + max(buyer.odds, NOBODY)
        for ship_to in taking:
            value = both
            if ship_to is not None:
                shared = not ship_to.words.isdisjoint(buyer.words | seller.words)
                value += ship_to.odds - (_ONE_LINE if shared else 0.0)
            found.append((value, seller, buyer, ship_to))
    return found


def _alike(one: str, two: str) -> bool:
    return one in two or two in one


def _firms_first(
    context: Context, found: Parties, chosen: dict[str, int], tops: list[_Judged]
) -> list[_Judged]:
    """A firm's name counts more than a person's in the line above or below it."""
    if not tops or _is_firm(tops[0].candidate.value):
        return tops
    person = tops[0]
    segment = context.view.segments[int(person.candidate.hints["segment"])]
    near = {
        s.index for up in (True, False) for s in neighbours(context.view, segment, up=up)[:_NEAR]
    }
    raised = []
    for j in tops:
        beside = int(j.candidate.hints["segment"]) in near and person.words.isdisjoint(j.words)
        if beside and _is_firm(j.candidate.value):
            inside = _link(found, chosen, "buyer", j.candidate) > 0
            j = j._replace(odds=j.odds + _FIRM + (0.0 if inside else _IN_BLOCK))
        raised.append(j)
    return sorted(raised, key=lambda j: -j.odds)


def _is_firm(name: str) -> bool:
    """Whether a name has a legal form or a word that firms and authorities bear."""
    if _is_desk(name) or _is_unit(name):
        return False
    return shape_legal(name) > 0


def _doubt(context: Context, towns: list[str], c: Candidate) -> float:
    """Log-odds that a line loses which says something else than a name; `towns` are keys."""
    if _is_desk(c.value) or _is_unit(c.value):
        return _NEVER
    called = key(c.value)
    place = len(called) > _ABBREVIATION and any(called in t for t in towns)
    if goes_on(c.raw) or place or _is_reference(context, c):
        return _NO_NAME
    if _is_firm(c.value):
        return 0.0
    words = c.value.split()
    last = key(words[-1])
    sentence = words[-1].endswith(".") and "." not in words[-1][:-1] and len(last) > _ABBREVIATION
    ours = len(key(words[0])) > 1 and any(
        h.start == c.hints["first"] and h.end < c.hints["last"] and h.concept in ("our", "your")
        for h in context.hits[int(c.hints["segment"])]
    )
    before, comma, country = c.value.rpartition(",")
    place = bool(comma and before and country_of(country))
    return _NO_NAME if sentence or ours or place else 0.0


def _is_reference(context: Context, c: Candidate) -> bool:
    """Whether a line is what a label of another kind asks for: a project, a cost centre."""
    segment = context.view.segments[int(c.hints["segment"])]
    for told in context.labels(segment, int(c.hints["first"]), c.box):
        likeliest = max(told, key=told.__getitem__, default="")
        if likeliest == _REFERENCE and told[likeliest] >= _LABELLED:
            return True
    return False


def _is_desk(text: str) -> bool:
    """Whether a line names a desk of a firm and nothing else: "Finance Department"."""
    known, forms = lexicon().departments, lexicon().legal
    keys = [k for w in text.split() if (k := key(w))]
    told = [k in known or k in forms or len(k) < _SHORT for k in keys]
    return all(told) and is_department(text)


def _is_unit(text: str) -> bool:
    """Whether a line names a building or a storey: "Building C", "2. OG"."""
    keys = [key(w) for w in text.split()]
    marks = [k for k in keys[1:] if len(k) > 1 and not k.isdigit()]
    unit = keys[0] in lexicon().units and len(keys) > 1 and not marks
    return unit or STOREY.match(text) is not None


def _link(found: Parties, chosen: dict[str, int], role: str, c: Candidate) -> float:
    """Whether a name stands in its role's block (1), in the other one's (−1.5), or in none (0)."""
    spots = found.of_segment.get(int(c.hints["segment"]), [])
    mine = {n for n, where, _ in spots if where == "above"}
    other = "buyer" if role == "seller" else "seller"
    if role in chosen and any(n == chosen[role] for n in mine):
        return _IN_BLOCK
    if other in chosen and any(n == chosen[other] for n in mine):
        return -1.5
    return 0.0
