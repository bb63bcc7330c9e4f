"""One decision for the whole document: which candidate plays which role.

The scorer judges each candidate by itself; here the document as a whole is judged. Log-odds add up,
and what must hold between fields adds or takes away: buyer and seller are two parties, net and tax
make the total, a bill is due on or after its date, one number is not two things.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp_cdi.extractors._view import key
from idp_cdi.extractors.parties import address, street_score

if TYPE_CHECKING:
    from idp_cdi.extractors import Candidate
    from idp_cdi.scoring.models import Scored
    from idp_cdi.scoring.party import Parties

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
    rivals: list[tuple[float, Candidate]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    flags: dict[str, float] = field(default_factory=dict)


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
            bonus, note = 1.5, "it is the total"
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
        p = min(max(parties.roles[n][role], 1e-4), 1 - 1e-4)
        return math.log(p / (1 - p))

    count = len(parties.blocks)
    out: dict[str, int] = {}
    if not count:
        return out
    if not joint:
        for role in ("seller", "buyer", "ship_to", "payee"):
            out[role] = max(range(count), key=lambda n: parties.roles[n][role])
        return out
    code = [
        (key(c.value) if (c := b.place.parts.get("postal_code")) else key(b.place.value))
        for b in parties.blocks
    ]
    best: tuple[float, int | None, int | None] = (-99.0, None, None)
    options: list[int | None] = [*range(count), None]
    for s in options:
        for b in options:
            if s is not None and b is not None and (s == b or code[s] == code[b]):
                continue
            value = (-1.0 if s is None else odds(s, "seller")) + (
                -1.0 if b is None else odds(b, "buyer")
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
    if together:
        _two_names(out, scored["name"])
    for role, n in blocks(found, joint=together).items():
        block = found.blocks[n]
        p = min(max(found.roles[n][role], 1e-4), 1 - 1e-4)
        odds = math.log(p / (1 - p))
        others = sorted(
            (r[role] for i, r in enumerate(found.roles) if i != n and not _copy(found, i, n)),
            reverse=True,
        )
        rival = min(max(others[0], 1e-4), 1 - 1e-4) if others else 1e-4
        whole = address(block)
        for part in ("address", "street", "postal_code", "city", "region", "country"):
            candidate = whole if part == "address" else whole.parts.get(part)
            if candidate is None:
                continue
            choice = Choice(
                f"{role}.{part}", candidate, odds, odds - math.log(rival / (1 - rival)),
                sum(_copy(found, i, n) for i in range(len(found.blocks))),
            )  # fmt: skip
            choice.flags["street"] = (
                street_score(block.above[block.street].text) if block.street >= 0 else -1.0
            )
            choice.flags["form"] = block.place.hints["form"]
            choice.flags["lines"] = float(len(block.above))
            choice.flags["parts"] = float(len(whole.parts))
            out[choice.field] = choice
    return out


def _copy(found: Parties, i: int, n: int) -> bool:
    """Whether two blocks print the same postcode."""
    a, b = (found.blocks[k].place.parts.get("postal_code") for k in (i, n))
    return a is not None and b is not None and key(a.value) == key(b.value)


def _two_names(out: dict[str, Choice], scored: Scored) -> None:
    """Buyer and seller are two: the pair of different names with the best odds."""
    tops = [distinct(scored.of(f))[:_DEEP] for f in ("seller.name", "buyer.name")]
    best: tuple[float, int, int] | None = None
    for i, (a, seller) in enumerate(tops[0]):
        for j, (b, buyer) in enumerate(tops[1]):
            one, two = key(seller.value), key(buyer.value)
            if one in two or two in one:
                continue
            value = _bounded(a) + _bounded(b)
            if best is None or value > best[0]:
                best = (value, i, j)
    if best is not None:
        out["seller.name"] = choose("seller.name", scored.of("seller.name"), best[1])
        out["buyer.name"] = choose("buyer.name", scored.of("buyer.name"), best[2])
