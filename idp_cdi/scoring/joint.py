"""One decision for the whole document: which candidate plays which role.

The scorer judges each candidate by itself; here the document as a whole is judged. Log-odds add up,
and what must hold between fields adds or takes away: net and tax make the total, a bill is due on
or after its date, one number is not two things. Parties are the subject of `joint_parties`.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace
from dataclasses import field as default
from typing import TYPE_CHECKING

from idp_cdi.extractors._view import key

if TYPE_CHECKING:
    from collections.abc import Collection

    from idp_cdi.extractors import Candidate
    from idp_cdi.scoring.context import Context
    from idp_cdi.scoring.models import Scored

_FAILED = 4.0
"""Log-odds that failing check digits cost where others pass."""
_TITLED = 2.0
"""Log-odds that a date gains by standing in the document's title."""
_NO_TAX = 0.4
"""What a sum is worth that holds only because the tax is 0."""
_COIN = 4
"""Cents by which rounding to the smallest coin changes a total at most."""
SAID = -2.0
"""Log-odds from which a value may be said, so that its words are no other field's."""
DEEP = 8
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


def distinct(
    ranked: list[tuple[float, Candidate]], most: int = sys.maxsize
) -> list[tuple[float, Candidate]]:
    """The best candidate of each of the first `most` different values, best first."""
    seen: set[str] = set()
    out: list[tuple[float, Candidate]] = []
    for odds, candidate in ranked:
        value = candidate.value if candidate.kind == "amount" else key(candidate.value)
        if value not in seen:
            seen.add(value)
            out.append((odds, candidate))
            if len(out) == most:
                break
    return out


def choose(name: str, ranked: list[tuple[float, Candidate]], at: int = 0) -> Choice:
    """The candidate at place `at` of the different values, with its rivals."""
    values = distinct(ranked, max(at, 3) + 1)
    odds, best = values[at]
    rivals = [v for n, v in enumerate(values) if n != at][:3]
    same = [o for o, c in ranked if o > 0 and c.value == best.value]
    return Choice(
        field=name,
        candidate=best,
        odds=odds,
        margin=odds - rivals[0][0] if rivals else 9.0,
        support=len(same),
        rivals=rivals,
    )


def logit(p: float) -> float:
    """The log-odds of a probability, within ±9."""
    p = min(max(p, 1e-4), 1 - 1e-4)
    return math.log(p / (1 - p))


# --- amounts --------------------------------------------------------------------------------


def amounts(scored: dict[str, Scored], *, joint: bool, slack: int = 0) -> dict[str, Choice]:
    """Net, tax, total, due and prepaid so that they add up where the page lets them.

    Args:
        scored: The candidates.
        joint: False takes the best candidate of each field.
        slack: Cents by which net and tax may miss a total that was rounded to a coin.
    """
    ranked = {f: scored["amount"].of(f) for f in scored["amount"].fields}
    out = {f: choose(f, r) for f, r in ranked.items() if r}
    if not joint or not out:
        return out
    tops = {f: distinct(r, DEEP) for f, r in ranked.items()}
    best: tuple[float, tuple[int, int, int], float] | None = None
    nets, taxes, totals = (
        [(_bounded(o), round(float(c.value) * 100)) for o, c in tops[f]]
        for f in ("net_total", "tax_total", "total")
    )
    for i, (a, n) in enumerate(nets):
        for j, (b, t) in enumerate(taxes):
            for k, (c, s) in enumerate(totals):
                holds = float(abs(n + t - s) <= (slack if t else 0) and s != 0)
                if not t:
                    holds *= _NO_TAX  # the net is the total: that two amounts are one proves little
                value = a + b + c + 4.0 * holds
                if best is None or value > best[0]:
                    best = (value, (i, j, k), holds)
    if best is not None:
        for f, at in zip(("net_total", "tax_total", "total"), best[1], strict=True):
            choice = choose(f, ranked[f], at)
            choice.flags["sum"] = best[2]
            if best[2]:
                choice.joint = 1.0
                choice.notes.append("net and tax make the total")
            out[f] = choice
    _due(out, tops, ranked)
    if "prepaid" in out:  # what was paid is printed with a minus or without: it is one amount
        paid = out["prepaid"].candidate
        out["prepaid"].candidate = replace(paid, value=paid.value.lstrip("-"))
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


def dates(scored: dict[str, Scored], *, joint: bool, title: int = -1) -> dict[str, Choice]:
    """Issue and due date, the due date not before the issue date; the period in order.

    Args:
        scored: The candidates.
        joint: False takes the best candidate of each field.
        title: The segment that names the document: a date in it is the document's.
    """
    ranked = {f: scored["date"].of(f) for f in scored["date"].fields}
    if joint and title >= 0:
        raised = [(o + _TITLED * (c.hints["segment"] == title), c) for o, c in ranked["issue_date"]]
        ranked["issue_date"] = sorted(raised, key=lambda p: -p[0])
    out = {f: choose(f, r) for f, r in ranked.items() if r}
    if not joint or not out:
        return out
    for early, late in (("issue_date", "due_date"), ("period_start", "period_end")):
        best: tuple[float, int, int] | None = None
        tops = distinct(ranked[early], DEEP), distinct(ranked[late], DEEP)
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


Spot = tuple[int, int]
"""A word: its page and its place there."""


def proven(choices: dict[str, Choice]) -> set[Spot]:
    """The words of likely values whose check digits pass: they are no number of another kind."""
    return {
        (c.candidate.page, w)
        for c in choices.values()
        if c.odds > 0 and c.candidate.hints.get("valid", 0.0) > 0
        for w in c.candidate.words
    }


def apart(
    scored: dict[str, Scored],
    kind: str,
    fields: tuple[str, ...],
    *,
    joint: bool,
    elsewhere: Collection[Spot] = (),
) -> dict[str, Choice]:
    """Fields of one kind, no words in two roles: who would lose most takes its words first.

    Args:
        scored: The candidates.
        kind: Which of them.
        fields: The fields of this kind.
        joint: False takes the best candidate of each field.
        elsewhere: Words that have a role of another kind.
    """
    ranked = {f: scored[kind].of(f) for f in fields}
    if joint and kind == "iban":
        ranked = {f: _checked(r) for f, r in ranked.items()}
    out: dict[str, Choice] = {}
    taken: set[Spot] = set(elsewhere)
    spots = {id(c): [(c.page, w) for w in c.words] for c in scored[kind].candidates}
    there = [f for f in fields if ranked[f]]
    order = sorted(there, key=lambda f: -(_loss(ranked[f], spots) if joint else ranked[f][0][0]))
    for name in order:
        free = ranked[name]
        if joint and taken:
            free = [(o, c) for o, c in free if taken.isdisjoint(spots[id(c)])]
        if not free:
            continue
        choice = choose(name, free)
        out[name] = choice
        if choice.odds > SAID:
            taken.update(spots[id(choice.candidate)])
    return out


def _loss(ranked: list[tuple[float, Candidate]], spots: dict[int, list[Spot]]) -> float:
    """Log-odds that a field loses when another one takes the words of its best candidate."""
    odds, best = ranked[0]
    words = set(spots[id(best)])
    rest = (o for o, c in ranked if words.isdisjoint(spots[id(c)]))
    return _bounded(odds) - _bounded(next(rest, -9.0))


def _checked(ranked: list[tuple[float, Candidate]]) -> list[tuple[float, Candidate]]:
    """Where the check digits of one account pass, those that fail are hardly accounts at all."""
    if not any(c.hints.get("valid", 0.0) > 0 for _, c in ranked):
        return ranked
    weighed = [(o if c.hints.get("valid", 0.0) > 0 else o - _FAILED, c) for o, c in ranked]
    return sorted(weighed, key=lambda p: -p[0])


def slack(context: Context) -> int:
    """Cents that a total may be off what makes it up: some where the page speaks of rounding."""
    rounds = any(h.concept == "rounding" for found in context.hits for h in found)
    return _COIN if rounds else 0


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
        for at, (odds, c) in enumerate(distinct(ranked, DEEP)):
            other = round(float(c.value) * 100)
            if other % 5 == 0 and abs(other - cents) == abs(amount) and odds > -4.5:
                choices["total"] = choose("total", ranked, at)
                choices["total"].notes.append("the amount after rounding")
                choices["total"].odds = max(odds, total.odds)
                return
