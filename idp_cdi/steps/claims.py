"""What clustering counts pairs of documents for: the rule of `idp_cdi.identity.claims`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from idp_cdi.identity.claims import CLAIM, claimed
from idp_cdi.matching import names, values
from idp_cdi.matching.aliases import agree
from idp_cdi.matching.records import CONFIDENCE
from idp_cdi.matching.text import fold
from idp_cdi.observations import DOCUMENTS
from idp_cdi.steps.columns import ACCOUNT, current_rows
from idp_cdi.store import log

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from idp_cdi.identity import Link, Rules, Standing
    from idp_cdi.store.current import Current
    from idp_cdi.store.whole import Edges

#: A name or number that was read less surely says nothing.
_LIKELY = 0.5
#: Columns of what a party is known by besides its name.
_DOMAINS, _OTHERS = ("email", "website"), ("trading_name",)
#: Per cent of their letters that two spellings of one name have in common at least.
_ALIKE = 65
#: And those of one street, or name, with words that are abbreviated differently.
_ONE_SPELLING = 85
_DIGITS = re.compile(r"\d+")


def as_counted(
    connection: Connection, links: Sequence[Link], rules: Rules, decided: Standing
) -> list[Link]:
    """Compared pairs with the weights that clustering gives them.

    Args:
        connection: A reading one.
        links: All pairs with an end in some region.
        rules: From which weight on records link.
        decided: What persons decided.
    """
    near = {m for k in links if rules.link - CLAIM <= k.weight < rules.link for m in k[:2]}
    if not log.of_source(connection, DOCUMENTS, near):
        return list(links)
    left, right, weight = (np.array(c) for c in zip(*(k[:3] for k in links), strict=True))
    told = _told(connection, left, right, weight, *_living(connection, left, right), rules, decided)
    return [k._replace(weight=w) for k, w in zip(links, told.tolist(), strict=True)]


def counted(
    connection: Connection,
    edges: Edges,
    rules: Rules,
    decided: Standing,
    current: Current | None = None,
) -> Edges:
    """The same on columns; `current` has all records where it is about all."""
    if current is not None:
        numbers = [n for n, name in current.sources.items() if name == DOCUMENTS]
        papers = current.mentions[np.isin(current.source, numbers)]
        there = ~current.deleted
        alive = there[current.rows_of(edges.left)] & there[current.rows_of(edges.right)]
    else:
        papers, alive = _living(connection, edges.left, edges.right)
    if not len(papers):
        return edges
    pairs = (edges.left, edges.right, edges.weight)
    told = _told(connection, *pairs, papers, alive, rules, decided)
    return edges._replace(weight=told)


def _living(
    connection: Connection, left: NDArray[np.int64], right: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The documents among some pairs, sorted, and which pairs have two records that are there."""
    living = log.living(connection, np.union1d(left, right).tolist())
    there = np.array(sorted(living), dtype=np.int64)
    papers = [m for m, name in living.items() if name == DOCUMENTS]
    return np.array(sorted(papers), dtype=np.int64), np.isin(left, there) & np.isin(right, there)


def _told(
    connection: Connection,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    weight: NDArray[np.float64],
    papers: NDArray[np.int64],
    alive: NDArray[np.bool_],
    rules: Rules,
    decided: Standing,
) -> NDArray[np.float64]:
    """What pairs count; those of deleted records (which say where an id goes) are no rivals."""
    out = weight.copy()
    left, right, weight = left[alive], right[alive], weight[alive]
    out[alive] = claimed(
        left,
        right,
        weight,
        papers,
        link=rules.link,
        different=decided.different,
        numbers=_numbers(connection, left, right, weight, papers, rules),
    )
    return out


def _numbers(
    connection: Connection,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    weight: NDArray[np.float64],
    papers: NDArray[np.int64],
    rules: Rules,
) -> NDArray[np.int8]:
    """What speaks for and against a claim: see `claimed`."""
    out = np.zeros(len(left), dtype=np.int8)
    near = np.flatnonzero(
        (np.isin(left, papers) != np.isin(right, papers)) & (weight >= rules.link - CLAIM)
    )
    # Where something links by itself nothing is claimed; those pairs' records need not be read.
    open_ = near[weight[near] < rules.link]
    ends = np.union1d(left[open_], right[open_])
    near = near[np.isin(left[near], ends) & np.isin(right[near], ends)]
    said = dict(current_rows(connection, ends.tolist()))
    out[near] = speaking([said[m] for m in left[near]], [said[m] for m in right[near]])
    return out


def speaking(
    one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]
) -> NDArray[np.int8]:
    """What the records of two sides say of each other beside their weights.

    Args:
        one: Values by column name, as `steps.columns.current_rows` has them.
        other: Those of the other side.

    Returns:
        Of each pair 1 where both have the same customer number or VAT id, -1 where they have
        different numbers (and not one name at one address) or wholly different names, 0 elsewhere.
    """
    if not len(one):
        return np.zeros(0, dtype=np.int8)
    numbers = same_number(*([_likely(row, ACCOUNT) or "" for row in rows] for rows in (one, other)))
    numbers[_same_vat_id(one, other)] = 1
    for i in np.flatnonzero(numbers < 0).tolist():
        # Two systems number one customer twice; two customers seldom have one name at one address.
        if _one_house(one[i], other[i]) and _one_name(one[i], other[i]):
            numbers[i] = 0
    numbers[(numbers <= 0) & other_name(one, other)] = -1
    return numbers


def other_name(
    one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]
) -> NDArray[np.bool_]:
    """Whether two records have names of which nothing is the same, not even by their domains.

    >>> def row(name, website=None):
    ...     return {"name": name, "website": website}
    >>> ours = [row("Lüthi AG"), row("Lüthi AG"), row("Weber Druck"), row(None)]
    >>> theirs = [row("Luethi"), row("Kaiser"), row("Ekoen", "weber-druck.de"), row("Kai")]
    >>> other_name(ours, theirs)
    array([False,  True, False, False])
    """
    if not len(one):
        return np.zeros(0, dtype=np.bool_)
    from rapidfuzz.process import cpdist

    rows = (*one, *other)
    domains, others = (
        [[row.get(c) or None for row in rows] for c in columns] for columns in (_DOMAINS, _OTHERS)
    )
    nobody = np.full(len(rows), names.UNKNOWN, dtype=np.int8)
    found = names.build([_likely(row, "name") for row in rows], nobody, (), domains, others).tokens
    left = np.arange(len(one))
    right = left + len(one)
    x, y = found.codes[left][:, :, None], found.codes[right][:, None, :]
    shared = ((x == y) & (x >= 0)).any(axis=(1, 2)) | (agree(found, left, right) > 0)
    word = found.vocabulary.strings
    spelt = [" ".join(sorted(word[c] for c in row if c >= 0)) for row in found.codes]
    near = cpdist(spelt[: len(one)], spelt[len(one) :]) >= _ALIKE
    known = found.whole.codes >= 0
    apart: NDArray[np.bool_] = known[left] & known[right] & ~shared & ~near
    return apart


def _same_vat_id(
    one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]
) -> NDArray[np.bool_]:
    pairs = zip(one, other, strict=True)
    return np.array([bool(a.get("vat_id")) and a["vat_id"] == b.get("vat_id") for a, b in pairs])


def _one_name(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two names are spelt much alike, legal forms apart, which must not differ."""
    from rapidfuzz.fuzz import ratio

    from idp_cdi.standardisers._legal_forms import split

    left, right = (split(_likely(row, "name") or "") for row in (one, other))
    form = not left.family or not right.family or left.family == right.family
    return form and bool(left.core) and ratio(left.core, right.core) >= _ONE_SPELLING


def _one_house(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two streets are spelt much alike and have the same numbers in them."""
    from rapidfuzz.fuzz import ratio

    left, right = (str(row.get("street") or "") for row in (one, other))
    numbers = _DIGITS.findall(left)
    same = bool(numbers) and numbers == _DIGITS.findall(right)
    return same and ratio(fold(left), fold(right)) >= _ONE_SPELLING


def _likely(row: Mapping[str, Any], name: str) -> str | None:
    """The value of a column, None where it was read with more doubt than not."""
    value, sure = row.get(name), row.get(name + CONFIDENCE)
    return str(value) if value and (sure is None or sure >= _LIKELY) else None


def same_number(one: Sequence[str], other: Sequence[str]) -> NDArray[np.int8]:
    """Whether the customer numbers of two sides are the same: 1 yes, -1 no, 0 nothing to compare.

    >>> same_number(["¶K-17", "¶K-17", "", "K-18"], ["k17", "K-18", "K-17", "K-17"]).tolist()
    [1, -1, 0, 0]
    """
    if not len(one):
        return np.zeros(0, dtype=np.int8)
    found = values.account([text or None for text in (*one, *other)])
    x, y = found.codes[: len(one)], found.codes[len(one) :]
    both = (x >= 0) & (y >= 0)
    out = np.zeros(len(one), dtype=np.int8)
    out[both] = values.same_account(found, x[both], y[both])
    return out


def reaching(
    connection: Connection, links: Collection[tuple[int, int, float]], link: float
) -> set[int]:
    """The ends of pairs that may join records: by their weight or by a document's claim."""
    near = [k for k in links if link - CLAIM <= k[2] < link]
    papers = log.of_source(connection, DOCUMENTS, {m for k in near for m in k[:2]})
    found = {m for k in links if k[2] >= link for m in k[:2]}
    return found | {m for k in near if papers & set(k[:2]) for m in k[:2]}
