"""What follows from a decided document: rules of writing that no single candidate shows.

A legal form alone on the line below belongs to the name above it; an account that is payable to
nobody but the seller is the seller's; two dates with "to" between them, once on the page, are the
period that is billed.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from idp_cdi.extractors._view import key
from idp_cdi.extractors._wordings import lexicon
from idp_cdi.scoring.joint import Choice, choose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from idp_cdi.extractors import Candidate
    from idp_cdi.scoring.context import Context
    from idp_cdi.scoring.models import Scored

_BETWEEN = re.compile(
    r"\s*(?:[-–—]|to|until|through|thru|bis(?:\s+zum)?|au|jusqu'au|al|a|hasta(?:\s+el)?|tot|t/m"
    r"|tot en met)\s*",
    re.IGNORECASE,
)
_LIKELY = 1.0
"""Log-odds of a period that is written as one."""
_JOINS = frozenset(("and", "und", "et", "e", "y", "en", "co", "cie", ""))


def with_legal_form(scored: Scored, choices: dict[str, Choice]) -> None:
    """Seller's and buyer's name with the legal form that stands alone in the line below."""
    for field in ("seller.name", "buyer.name"):
        choice = choices.get(field)
        if choice is None:
            continue
        words = choice.candidate.words
        for candidate in scored.candidates:
            more = candidate.words[len(words) :]
            same = (
                candidate.page == choice.candidate.page and candidate.words[: len(words)] == words
            )
            if not more or not same:
                continue
            rest = candidate.value[len(choice.candidate.value) :]
            if candidate.hints.get("joined") and _is_legal_form(rest):
                choice.candidate = candidate
                choice.notes.append("the legal form is in the line below")
                break


def whole_name(scored: Scored, choices: dict[str, Choice]) -> None:
    """Seller's and buyer's name with its legal form, where the page gives it elsewhere."""
    for field in ("seller.name", "buyer.name"):
        choice = choices.get(field)
        if choice is None or len(choice.candidate.value) < _SHORT:
            continue
        short = choice.candidate.value.lower() + " "
        longer = [
            c for odds, c in scored.of(field)
            if odds > _UNLIKELY and c.value.lower().startswith(short)
            and len(c.value.split()) <= len(short.split()) + _MORE
        ]  # fmt: skip
        if longer and not _has_legal_form(choice.candidate.value):
            best = next((c for c in longer if _has_legal_form(c.value)), None)
            if best is not None:
                choice.candidate = best
                choice.notes.append("with the legal form that the page gives elsewhere")


_UNLIKELY = -4.0
"""Log-odds below which the longer form of a name is taken for another one's."""
_SHORT, _MORE = 6, 3
"""Letters that a name needs to be known by its beginning; words that its longer form may add."""


def _has_legal_form(name: str) -> bool:
    from idp_cdi.standardisers._legal_forms import split

    return bool(split(name).form)


def _is_legal_form(text: str) -> bool:
    keys = [key(word) for word in text.split()]
    legal = lexicon().legal
    known = [k in legal or k in _JOINS for k in keys]
    return bool(keys) and all(known) and any(k in legal for k in keys)


def whole_numbers(scored: Scored, choices: dict[str, Choice]) -> None:
    """A number that is set in groups of digits, whole where only its first group was chosen."""
    for field in scored.fields:
        choice = choices.get(field)
        if choice is None or not _is_group(choice.candidate.value):
            continue
        words = set(choice.candidate.words)
        whole = [
            c for c in scored.candidates
            if c.page == choice.candidate.page and words < set(c.words)
            and all(map(_is_group, c.value.split()))
        ]  # fmt: skip
        if whole:
            choice.candidate = max(whole, key=lambda c: len(c.words))
            choice.notes.append("all groups of the number")


def _is_group(text: str) -> bool:
    """Whether a text can be one of several groups of a number: 1 to 4 digits."""
    return text.isdigit() and len(text) <= _GROUP


_GROUP = 4
_CLOSE = 1.0
"""Log-odds by which an account may look more like the buyer's and still be the seller's."""


def account(scored: Scored, choices: dict[str, Choice]) -> None:
    """The only account of a bill is the seller's, unless much says that it is the buyer's."""
    buyer, own = choices.get("buyer.iban"), choices.get("seller.iban")
    if buyer is None or buyer.odds > _CLOSE or (own is not None and own.odds > 0):
        return
    if len({key(c.value) for c in scored.candidates}) != 1:
        return
    best, candidate = scored.of("seller.iban")[0]
    if best > buyer.odds - 2 * _CLOSE:
        choices["seller.iban"] = Choice("seller.iban", candidate, max(best, 0.0))
        choices["seller.iban"].notes.append("the only account")
        del choices["buyer.iban"]


def account_of_payee(choices: dict[str, Choice]) -> None:
    """An account for a payee of no other name is the seller's."""
    payee, own = choices.get("payee.iban"), choices.get("seller.iban")
    if payee is None or payee.odds <= 0 or (own is not None and own.odds > 0):
        return
    name, seller = choices.get("payee.name"), choices.get("seller.name")
    if name is not None and name.odds > 0 and seller is not None:
        one, two = key(name.candidate.value), key(seller.candidate.value)
        if one not in two and two not in one:
            return
    choices["seller.iban"] = replace(payee, field="seller.iban")
    del choices["payee.iban"]


def period(context: Context, scored: Scored, choices: dict[str, Choice]) -> None:
    """The only two dates of a document that are written from one to the other."""
    known = [choices[f].odds for f in ("period_start", "period_end") if f in choices]
    if len(known) == 2 and min(known) > 0:
        return
    found = {(a.value, b.value): (a, b) for a, b in _ranges(context, scored)}
    if len(found) != 1:
        return
    (dates,) = found.values()
    for field, candidate in zip(("period_start", "period_end"), dates, strict=True):
        if field not in choices or choices[field].candidate.value != candidate.value:
            choices[field] = Choice(field, candidate, _LIKELY)
        else:
            choices[field].odds = max(choices[field].odds, _LIKELY)
        choices[field].notes.append("written from one date to the other")
    _due_beside(dates, scored, choices)


def _due_beside(
    dates: tuple[Candidate, Candidate], scored: Scored, choices: dict[str, Choice]
) -> None:
    """Another due date where one was chosen that is an end of the period."""
    due = choices.get("due_date")
    if due is None or not any(due.candidate is c for c in dates):
        return
    rest = [(o, c) for o, c in scored.of("due_date") if not any(c is d for d in dates)]
    if rest and rest[0][0] > 0:
        choices["due_date"] = choose("due_date", rest)


def _ranges(context: Context, scored: Scored) -> Iterator[tuple[Candidate, Candidate]]:
    """Pairs of dates in one line with nothing but a word for "to" between them."""
    by_line: dict[int, list[Candidate]] = {}
    for candidate in scored.candidates:
        by_line.setdefault(int(candidate.hints["segment"]), []).append(candidate)
    for index, many in by_line.items():
        many.sort(key=lambda c: c.hints["first"])
        texts = context.view.segments[index].texts
        for one, two in pairwise(many):
            between = " ".join(texts[int(one.hints["last"]) : int(two.hints["first"])])
            if between and _BETWEEN.fullmatch(between) and one.value < two.value:
                yield one, two
