"""One decision for the whole document: which candidate plays which role.

The scorer judges each candidate by itself; here the document as a whole is judged. Log-odds add up,
and what must hold between fields adds or takes away: buyer and seller are two parties, net and tax
make the total, a bill is due on or after its date, one number is not two things.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from dataclasses import field as default
from typing import TYPE_CHECKING

from idp_cdi.extractors._address import address
from idp_cdi.extractors._blocks import street_score
from idp_cdi.extractors._view import key

if TYPE_CHECKING:
    from idp_cdi.extractors import Candidate
    from idp_cdi.scoring.context import Context
    from idp_cdi.scoring.models import Scored
    from idp_cdi.scoring.party import Parties

_NOBODY = -3.0
"""Log-odds at which a party is rather left out: nearly every document has both."""
_DEEP = 8
"""Different values of a field that take part in the joint decision."""


@dataclass(slots=True)
class Choice:
    """The chosen value of a field.

    Attributes:
        odds: Log-odds of the scorer for this candidate.
        margin: Odds minus those of the best candidate with another value; 9 with no rival.
        support: How many candidates say the same value with positive odds.
        joint: What the joint decision added.
        notes: Checks that passed or failed, for the sentence why.
    """

    field: str
    candidate: Candidate
    odds: float
    margin: float = 9.0
    support: int = 1
    joint: float = 0.0
    rivals: list[tuple[float, Candidate]] = default(default_factory=list)
    notes: list[str] = default(default_factory=list)
    flags: dict[str, float] = default(default_factory=dict)


def distinct(ranked: list[tuple[float, Candidate]]) -> list[tuple[float, Candidate]]:
    """The best candidate of each different value, best first."""
    seen: set[str] = set()
    out = []
    for odds, candidate in ranked:
        value = candidate.value if candidate.kind == "amount" else key(candidate.value)
        if value not in seen:
            seen.add(value)
            out.append((odds, candidate))
    return out


def choose(name: str, ranked: list[tuple[float, Candidate]], at: int = 0) -> Choice:
    """The candidate at place `at` of the different values, with its rivals."""
    values = distinct(ranked)
    odds, best = values[at]
    rivals = [v for n, v in enumerate(values) if n != at][:3]
    same = [o for o, c in ranked if c.value == best.value and o > 0]
    return Choice(
        field=name,
        candidate=best,
        odds=odds,
        margin=odds - rivals[0][0] if rivals else 9.0,
        support=len(same),
        rivals=rivals,
    )


def single(scored: dict[str, Scored], name: str, kind: str) -> Choice | None:
    """The best candidate of a field by itself."""
    ranked = scored[kind].of(name)
    return choose(name, ranked) if ranked else None


# --- amounts --------------------------------------------------------------------------------


def amounts(scored: dict[str, Scored], *, joint: bool) -> dict[str, Choice]:
    """Net, tax, total, due and prepaid so that they add up where the page lets them."""
    ranked = {f: scored["amount"].of(f) for f in scored["amount"].fields}
    out = {f: choose(f, r) for f, r in ranked.items() if r}
    if not joint or not out:
        return out
    tops = {f: distinct(r)[:_DEEP] for f, r in ranked.items()}
    best: tuple[float, tuple[int, int, int], bool] | None = None
    for i, (a, net) in enumerate(tops["net_total"]):
        for j, (b, tax) in enumerate(tops["tax_total"]):
            for k, (c, total) in enumerate(tops["total"]):
                n, t, s = (round(float(x.value) * 100) for x in (net, tax, total))
                holds = n + t == s and s != 0 and (t != 0 or n == s)
                value = _bounded(a) + _bounded(b) + _bounded(c) + (4.0 if holds else 0.0)
                if best is None or value > best[0]:
                    best = (value, (i, j, k), holds)
    if best is not None:
        for f, at in zip(("net_total", "tax_total", "total"), best[1], strict=True):
            choice = choose(f, ranked[f], at)
            choice.flags["sum"] = float(best[2])
            if best[2]:
                choice.joint = 1.0
                choice.notes.append("net and tax make the total")
            out[f] = choice
    _due(out, tops, ranked)
    return out


def _bounded(odds: float) -> float:
    """Below even odds a field counts as absent and costs no more than that."""
    return max(odds, -1.5)


def _due(
    out: dict[str, Choice],
    tops: dict[str, list[tuple[float, Candidate]]],
    ranked: dict[str, list[tuple[float, Candidate]]],
) -> None:
    """The amount due is the total, or the total less what was paid before."""
    if "total" not in out or not tops["amount_due"]:
        return
    total = round(float(out["total"].candidate.value) * 100)
    paid = {
        round(float(c.value) * 100): o for o, c in tops["prepaid"] if o > -2.0 and float(c.value)
    }
    best, at, how = -99.0, 0, ""
    for n, (odds, c) in enumerate(tops["amount_due"]):
        cents = round(float(c.value) * 100)
        bonus, note = 0.0, ""
        if cents == total:
            bonus, note = 0.7, "it is the total"
        elif abs(total - cents) in paid or abs(total + cents) in paid:
            bonus, note = 2.0, "it is the total less what was paid"
        if odds + bonus > best:
            best, at, how = odds + bonus, n, note
    choice = choose("amount_due", ranked["amount_due"], at)
    choice.flags["sum"] = float(bool(how))
    if how:
        choice.notes.append(how)
        choice.joint = 1.0
    out["amount_due"] = choice


# --- dates ----------------------------------------------------------------------------------


def dates(scored: dict[str, Scored], *, joint: bool) -> dict[str, Choice]:
    """Issue and due date, the due date not before the issue date; the period in order."""
    ranked = {f: scored["date"].of(f) for f in scored["date"].fields}
    out = {f: choose(f, r) for f, r in ranked.items() if r}
    if not joint or not out:
        return out
    for early, late in (("issue_date", "due_date"), ("period_start", "period_end")):
        best: tuple[float, int, int] | None = None
        tops = distinct(ranked[early])[:_DEEP], distinct(ranked[late])[:_DEEP]
        for i, (a, first) in enumerate(tops[0]):
            for j, (b, second) in enumerate(tops[1]):
                fits = 0.0 if first.value <= second.value else -4.0
                value = _bounded(a) + (max(b, -1.0) if fits == 0.0 else max(b + fits, -1.0))
                if best is None or value > best[0]:
                    best = (value, i, j)
        if best is not None:
            out[early] = choose(early, ranked[early], best[1])
            out[late] = choose(late, ranked[late], best[2])
            if out[early].candidate.value <= out[late].candidate.value:
                out[late].flags["sum"] = 1.0
    if out["due_date"].candidate is out["issue_date"].candidate:
        out["due_date"].odds -= 0.5
    return out


# --- identifiers ----------------------------------------------------------------------------


def apart(
    scored: dict[str, Scored], kind: str, fields: tuple[str, ...], *, joint: bool
) -> dict[str, Choice]:
    """Fields of one kind, no words in two roles: the surest takes its words first."""
    ranked = {f: scored[kind].of(f) for f in fields}
    out: dict[str, Choice] = {}
    taken: set[tuple[int, int]] = set()
    order = sorted((f for f in fields if ranked[f]), key=lambda f: -ranked[f][0][0])
    for name in order:
        free = ranked[name]
        if joint:
            free = [(o, c) for o, c in free if not any((c.page, w) in taken for w in c.words)]
        if not free:
            continue
        choice = choose(name, free)
        out[name] = choice
        if choice.odds > -0.5:
            taken |= {(choice.candidate.page, w) for w in choice.candidate.words}
    return out


# --- parties --------------------------------------------------------------------------------


def blocks(parties: Parties, *, joint: bool) -> dict[str, int]:
    """Block index of seller, buyer, ship-to and payee; roles without a likely block are left out.

    Blocks that print the same place count as one party: two roles are not given to copies of one
    address unless nothing else is left.
    """

    def odds(n: int, role: str) -> float:
        return _odds(parties.roles[n][role])

    count = len(parties.blocks)
    out: dict[str, int] = {}
    if not count:
        return out
    if not joint:
        for role in ("seller", "buyer", "ship_to", "payee"):
            out[role] = max(range(count), key=lambda n: parties.roles[n][role])
        return out
    code = parties.address_keys
    best: tuple[float, int | None, int | None] = (-99.0, None, None)
    options: list[int | None] = [*range(count), None]
    for s in options:
        for b in options:
            if s is not None and b is not None and (s == b or code[s] == code[b]):
                continue
            value = (_NOBODY if s is None else odds(s, "seller")) + (
                _NOBODY if b is None else odds(b, "buyer")
            )
            if value > best[0]:
                best = (value, s, b)
    if best[1] is not None:
        out["seller"] = best[1]
    if best[2] is not None:
        out["buyer"] = best[2]
    for role in ("ship_to", "payee"):
        rest = [n for n in range(count) if n not in out.values()]
        if rest:
            n = max(rest, key=lambda n: parties.roles[n][role])
            if parties.roles[n][role] > 0.5:
                out[role] = n
    return out


def parties(found: Parties, scored: dict[str, Scored], *, together: bool) -> dict[str, Choice]:
    """Names and addresses of the parties, each address with its parts."""
    out = apart(scored, "name", scored["name"].fields, joint=together)
    chosen = blocks(found, joint=together)
    if together:
        _two_names(out, found, scored["name"], chosen)
    for role, n in chosen.items():
        taken = [c for r, c in chosen.items() if r != role] if together else []
        _address(out, found, role, n, taken)
    return out


def _address(out: dict[str, Choice], found: Parties, role: str, n: int, taken: list[int]) -> None:
    """The choices of a block's address and of its parts; blocks in other roles are no rivals."""
    block = found.blocks[n]
    rest = [
        r[role] for i, r in enumerate(found.roles)
        if i != n and not _copy(found, i, n) and not any(_copy(found, i, t) for t in taken)
    ]  # fmt: skip
    odds = _odds(found.roles[n][role])
    margin = odds - _odds(max(rest)) if rest else 9.0
    copies = sum(_copy(found, i, n) for i in range(len(found.blocks)))
    whole = address(block)
    for part in ("address", "street", "postal_code", "city", "region", "country"):
        candidate = whole if part == "address" else whole.parts.get(part)
        if candidate is None:
            continue
        choice = Choice(f"{role}.{part}", candidate, odds, margin, copies)
        choice.flags["street"] = (
            street_score(block.above[block.street].text) if block.street >= 0 else -1.0
        )
        choice.flags["form"] = block.place.hints["form"]
        choice.flags["lines"] = float(len(block.above))
        choice.flags["parts"] = float(len(whole.parts))
        choice.flags["sibling"] = float(bool(taken))
        out[choice.field] = choice


def _odds(p: float) -> float:
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
    tops = [distinct(ranked[r])[:_DEEP] for r in ("seller", "buyer")]
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


def rounded(context: Context, scored: Scored, choices: dict[str, Choice]) -> None:
    """On a till slip the total is the one after rounding to the smallest coin."""
    total = choices.get("total")
    if total is None:
        return
    cents = round(float(total.candidate.value) * 100)
    if cents % 5 == 0:
        return
    ranked = scored.of("total")
    for _, coin in ranked:
        amount = round(float(coin.value) * 100)
        if not 0 < abs(amount) <= 5:
            continue
        segment = context.view.segments[int(coin.hints["segment"])]
        row, column = context.labels(segment, int(coin.hints["first"]), coin.box)
        if max(row.get("rounding", 0.0), column.get("rounding", 0.0)) < 0.5:
            continue
        for at, (odds, c) in enumerate(distinct(ranked)[:_DEEP]):
            other = round(float(c.value) * 100)
            if other % 5 == 0 and abs(other - cents) == abs(amount) and odds > -4.5:
                choices["total"] = choose("total", ranked, at)
                choices["total"].notes.append("the amount after rounding")
                choices["total"].odds = max(odds, total.odds)
                return
