"""Records that say the very same: a few of them are compared, the others hang on the first.

A customer with a thousand invoices is a thousand mentions, and their half a million pairs would
tell what one pair tells. So of records of one *form* (all that is compared is the same, and about
as sure) the first `KEPT` are compared with everybody; each later one is a *copy*: its only pair is
that with the first, and it goes with that (see `matching.clusters.cluster`).

Which records are copies depends on the records alone, not on what came when: the first ones are
those with the least numbers. A record about which a person decided, or that is deleted, speaks for
itself; it is never a copy, and none hangs on it.

A row of a system has a number there, which documents may quote; more of those are compared
(`KEPT_OWN`), so that the numbers of a customer's few rows are all found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from idp_cdi.matching.text import ALL, mix, mix_one
from idp_cdi.matching.tokens import Tokens, Values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idp_cdi.matching.records import Field, Records

#: So many records of one form are compared: two, so that a table shows how equal records look.
KEPT = 2
#: … and of rows with a number in their system.
KEPT_OWN = 50
_OWN = np.uint64(1)
_CERTAIN = np.ones(1, dtype=np.float32)
_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Copies:
    """Rows that are copies, with the first row of their form."""

    rows: NDArray[np.int64]
    first: NDArray[np.int64]

    def rest(self, size: int) -> NDArray[np.int64]:
        """The rows that are compared."""
        compared = np.ones(size, dtype=np.bool_)
        compared[self.rows] = False
        return np.flatnonzero(compared)


def forms(records: Records) -> NDArray[np.uint64]:
    """One number a record: the same for two that say the same, about as surely.

    It is 0 for a record that says nothing. Its last bit says whether the record has a number of its
    own in a system; that number is no part of it.
    """
    if records.size == 1:
        return np.array([_form_of_one(records)], dtype=np.uint64)
    own = np.zeros(records.size, dtype=np.bool_)
    out = records.group.astype(np.uint64)
    told = np.zeros(records.size, dtype=np.bool_)
    for name, content in sorted(records.fields.items()):
        sure = records.confidence.get(name, _CERTAIN)
        thousandths = np.rint(sure * 1000).astype(np.uint64)
        for part in _parts(content):
            said = part.row_hashes()
            if "told" in part.extra and len(part.hashes):
                numbered = (said != 0) & ~part.extra["told"][part.codes]
                said, own = np.where(numbered, 0, said).astype(np.uint64), own | numbered
            there = said != 0
            told |= there
            out = mix(out * _ODD + np.where(there, said + thousandths, said))
    return np.where(told, (out & ~_OWN) | own, 0).astype(np.uint64)


def _form_of_one(records: Records) -> int:
    """`forms` of one record, by integers."""
    out, own, told = int(records.group[0]), False, False
    for name, content in sorted(records.fields.items()):
        sure = records.confidence.get(name, _CERTAIN)[0]
        thousandths = int(np.rint(sure * 1000))
        for part in _parts(content):
            said = int(part.hashes[part.codes[0]]) if part.codes[0] >= 0 else 0
            if said and "told" in part.extra and not part.extra["told"][part.codes[0]]:
                said, own = 0, True
            told = told or said != 0
            out = mix_one((out * int(_ODD) + (said + thousandths if said else 0)) & ALL)
    return (out & ~int(_OWN)) | own if told else 0


def _kept(form: NDArray[np.uint64]) -> NDArray[np.int64]:
    """How many records of each form are compared."""
    return np.where(form & _OWN, KEPT_OWN, KEPT)


def _parts(content: Field) -> tuple[Values, ...]:
    if isinstance(content, Tokens):
        return (content.whole,)
    if isinstance(content, Values):
        return (content,)
    parts = (content.postcode, content.city, content.region, content.country)
    return tuple(part for part in parts if part is not None)


def copies(records: Records, alone: NDArray[np.bool_] | None = None) -> Copies:
    """The copies among records whose rows are in the order of their numbers.

    Args:
        records: All of them.
        alone: Rows that speak for themselves.
    """
    rows = _frequent(records)
    if alone is not None:
        rows = rows[~alone[rows]]
    if len(rows) <= KEPT:
        return Copies(rows[:0], rows[:0])
    form = forms(records if len(rows) == records.size else records.take(rows))
    order = np.argsort(form & ~_OWN, kind="stable")
    form, rows = form[order], rows[order]
    start, place = _runs(form & ~_OWN)
    late = (place >= _kept(form)) & (form != 0)
    found, first = rows[late], rows[start[late]]
    by_row = np.argsort(found)
    return Copies(found[by_row], first[by_row])


def _frequent(records: Records) -> NDArray[np.int64]:
    """The rows that may have copies, by their names: few records share those."""
    name = records.fields.get("name")
    if not isinstance(name, Tokens):
        return np.arange(records.size, dtype=np.int64)
    codes = name.whole.codes
    often = np.bincount(codes + 1, minlength=1)
    return np.flatnonzero(often[codes + 1] > KEPT)


def _runs(ordered: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each of some sorted numbers where its run begins and its place in it."""
    new = np.ones(len(ordered), dtype=np.bool_)
    new[1:] = ordered[1:] != ordered[:-1]
    begins = np.flatnonzero(new)
    start = np.repeat(begins, np.diff(np.append(begins, len(ordered))))
    return start, np.arange(len(ordered)) - start


@dataclass(frozen=True, slots=True)
class Asked:
    """What one question's pairs tell of copies, a flag or a number a pair.

    `same` are records of the asked one's form, `copy` those that are copies. By question `first` is
    the least number of its form, and `follows` says whether the asked one is a copy itself.
    """

    same: NDArray[np.bool_]
    copy: NDArray[np.bool_]
    first: NDArray[np.int64]
    follows: NDArray[np.bool_]


def asked(
    query: NDArray[np.int64],
    number: NDArray[np.int64],
    form: NDArray[np.uint64],
    own: NDArray[np.int64],
    own_form: NDArray[np.uint64],
    alone: NDArray[np.int64],
) -> Asked:
    """Tell copies among the candidates of some records, which are all that share a key with them.

    Records of one form have the same keys, so that all of a form or none are among the candidates.

    Args:
        query: For each pair the row of the asked record in `own`.
        number: The candidate's number.
        form: The candidate's form.
        own: The asked records' numbers.
        own_form: Their forms.
        alone: Numbers, sorted, of records that speak for themselves.
    """
    if len(own) == 1 and len({*(form | _OWN).tolist(), int(own_form[0] | _OWN)}) > len(form):
        none = np.zeros(len(query), dtype=np.bool_)  # no two say the same
        return Asked(none, none, own, np.zeros(1, dtype=np.bool_))
    several = np.concatenate((query, np.arange(len(own))))
    numbers, told = np.concatenate((number, own)), np.concatenate((form, own_form))
    free = (told != 0) & ~np.isin(numbers, alone)
    kinds = told & ~_OWN
    order = np.lexsort((numbers, kinds, several))
    order = order[free[order]]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (np.diff(several[order]) != 0) | (kinds[order][1:] != kinds[order][:-1])
    begins = np.flatnonzero(new)
    start = np.repeat(begins, np.diff(np.append(begins, len(order))))
    place = np.zeros(len(numbers), dtype=np.int64)
    place[order] = np.arange(len(order)) - start
    first = numbers.copy()
    first[order] = numbers[order[start]]
    pairs = len(query)
    same = free[:pairs] & free[pairs:][query] & (kinds[:pairs] == kinds[pairs:][query])
    copy = place >= _kept(told)
    return Asked(same, copy[:pairs], first[pairs:], copy[pairs:])
