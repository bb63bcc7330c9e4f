"""Records and links → clusters.

The rule, for each connected component by itself:

1. What a person declared same is joined, the latest decision first.
2. Links are taken by falling weight. One that would bring together two records that a person
   declared different, or two different marks of one kind, is left out: so the weakest link of the
   path between them is the one that is cut.
3. In what came out, a weak link that alone holds two larger groups together is cut.

Every link left out that would have joined two clusters is reported as a `Cut`. The outcome depends
on the component alone, and ties are broken by the records' rank, so neither unrelated records nor
the order of arrival change it.

>>> weak = [Link(1, 2, 20), Link(2, 3, 20), Link(1, 3, 20), Link(3, 4, 6)]
>>> weak += [Link(4, 5, 20), Link(5, 6, 20), Link(4, 6, 20)]
>>> partition(range(1, 7), weak, rules=Rules(link=5.0)).cuts
(Cut(left=3, right=4, weight=6, why='bridge'),)
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from idp_cdi.identity._forest import Forest, bridges
from idp_cdi.identity.rulings import Standing
from idp_cdi.identity.types import Link, Rules

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

_NOTHING = Standing()
_RULES = Rules()


class Cut(NamedTuple):
    """A link that would have joined two clusters and was left out.

    `why` is "person" (declared different), "marks" (different valid identifiers), "bridge" (one
    weak link between two groups) or "contradiction" (a person's "same" that another one of their
    decisions rules out).
    """

    left: int
    right: int
    weight: float
    why: str


@dataclass(frozen=True, slots=True)
class Partition:
    """The clusters: `groups` are sorted tuples of records, in order; `cuts` what was left out."""

    groups: tuple[tuple[int, ...], ...]
    cuts: tuple[Cut, ...] = ()

    @property
    def labels(self) -> dict[int, int]:
        """Record → the least record of its cluster."""
        return {record: group[0] for group in self.groups for record in group}


def partition(
    records: Iterable[int],
    links: Iterable[Link],
    decided: Standing = _NOTHING,
    *,
    rules: Rules = _RULES,
    marks: Mapping[int, Sequence[tuple[str, str]]] | None = None,
    rank: Mapping[int, Hashable] | None = None,
) -> Partition:
    """Put records into clusters.

    Args:
        records: All records; links and decisions about others are left aside.
        links: Compared pairs, in any order; of one pair the heaviest counts.
        decided: What persons decided.
        rules: When links join.
        marks: For records that have some, the (kind, value) pairs of which one customer has one
            value a kind; see `marks`.
        rank: What breaks ties between equal weights, comparable and the same whatever the order
            of arrival; the record numbers themselves where left out.

    Returns:
        The clusters and the links left out.
    """
    known = set(records)
    best = _joining(links, known, decided, rules)
    same = {p: n for p, n in decided.same.items() if p[0] in known and p[1] in known}
    raw = Forest(known)
    for left, right in (*same, *best):
        raw.join(left, right)
    contested = _contested(raw, best, same, decided, rules, marks or {})
    everything = raw.groups()
    groups = {root: members for root, members in everything.items() if root not in contested}
    work = _Work(decided, rules, marks or {}, rank)
    for root in contested:
        work.solve(everything[root], contested[root])
    done = [*(tuple(sorted(m)) for m in groups.values()), *work.groups]
    return Partition(tuple(sorted(done)), tuple(sorted(work.cuts)))


def _joining(
    links: Iterable[Link], known: set[int], decided: Standing, rules: Rules
) -> dict[tuple[int, int], float]:
    """The links that may join, by pair, heaviest only."""
    best: dict[tuple[int, int], float] = {}
    different = decided.different
    for left, right, weight, _ in links:
        if weight < rules.link or left not in known or right not in known or left == right:
            continue
        place = (left, right) if left < right else (right, left)
        if weight > best.get(place, weight - 1) and (not different or place not in different):
            best[place] = weight
    return best


class _Component(NamedTuple):
    links: list[tuple[int, int, float]]
    same: list[tuple[int, tuple[int, int]]]


def _contested(
    raw: Forest,
    best: Mapping[tuple[int, int], float],
    same: Mapping[tuple[int, int], int],
    decided: Standing,
    rules: Rules,
    marks: Mapping[int, Sequence[tuple[str, str]]],
) -> dict[int, _Component]:
    """The components in which a rule could forbid a link; most have none and are done."""
    roots = {
        raw.find(a)
        for a, b in decided.different
        if a in raw and b in raw and raw.find(a) == raw.find(b)
    }
    if rules.respect_marks and marks:
        seen: dict[tuple[int, str], str] = {}
        for record, own in marks.items():
            if record in raw:
                root = raw.find(record)
                roots |= {
                    root for kind, value in own if seen.setdefault((root, kind), value) != value
                }
    if rules.side > 0:
        for (left, _), weight in best.items():
            if weight < rules.strong:
                root = raw.find(left)
                if root not in roots and raw.size(root) >= 2 * rules.side:
                    roots.add(root)
    found = {root: _Component([], []) for root in roots}
    if found:
        for (left, right), weight in best.items():
            component = found.get(raw.find(left))
            if component is not None:
                component.links.append((left, right, weight))
        for place, order in same.items():
            component = found.get(raw.find(place[0]))
            if component is not None:
                component.same.append((order, place))
    return found


class _Work:
    """Solves contested components one by one."""

    def __init__(
        self,
        decided: Standing,
        rules: Rules,
        marks: Mapping[int, Sequence[tuple[str, str]]],
        rank: Mapping[int, Hashable] | None,
    ) -> None:
        self.rules = rules
        self.marks = marks if rules.respect_marks else {}
        self.rank = rank
        self.groups: list[tuple[int, ...]] = []
        self.cuts: list[Cut] = []
        self._enemies: defaultdict[int, list[int]] = defaultdict(list)
        for left, right in decided.different:
            self._enemies[left].append(right)
            self._enemies[right].append(left)

    def solve(self, members: list[int], component: _Component) -> None:
        """Join what may be joined within one component."""
        forest = Forest(members)
        forest.forbid({m: self._enemies[m] for m in members if m in self._enemies})
        forest.mark({m: self.marks[m] for m in members if m in self.marks})
        refused: list[Cut] = []
        for _, (left, right) in sorted(component.same, reverse=True):
            if not forest.join(left, right, even_marked=True):
                refused.append(Cut(left, right, 0.0, "contradiction"))
        order = sorted(component.links, key=self._order)
        for left, right, weight in order:
            why = forest.join_unless(left, right)
            if why:
                refused.append(Cut(left, right, weight, why))
        if self.rules.side > 0:
            forest, weak = self._part(forest, order, component)
            refused += weak
        groups = forest.groups()
        self.groups += [tuple(sorted(m)) for m in groups.values()]
        self.cuts += _strongest(forest, refused)

    def _order(self, link: tuple[int, int, float]) -> tuple[float, object, object]:
        left, right, weight = link
        if self.rank is None:
            return (-weight, left, right)
        low, high = sorted((self.rank[left], self.rank[right]))  # type: ignore[type-var]
        return (-weight, low, high)

    def _part(
        self, forest: Forest, links: list[tuple[int, int, float]], component: _Component
    ) -> tuple[Forest, list[Cut]]:
        """Cut weak bridges between groups of `side` records or more."""
        inner = [(a, b, w) for a, b, w in links if forest.find(a) == forest.find(b)]
        firm = [(a, b) for _, (a, b) in component.same if forest.find(a) == forest.find(b)]
        graph = [(a, b) for a, b, _ in inner] + firm
        weight = {(a, b): w for a, b, w in inner}
        settled = {(a, b) for a, b in firm}
        least, strong = self.rules.side, self.rules.strong
        cut = {
            (a, b)
            for (a, b), smaller in bridges(graph)
            if smaller >= least and (a, b) not in settled and weight.get((a, b), strong) < strong
        }
        if not cut:
            return forest, []
        parted = Forest(m for members in forest.groups().values() for m in members)
        for a, b in graph:
            if (a, b) not in cut:
                parted.join(a, b)
        return parted, [Cut(a, b, weight[a, b], "bridge") for a, b in sorted(cut)]


def _strongest(forest: Forest, refused: list[Cut]) -> list[Cut]:
    """Of the links left out between two clusters, the heaviest one of each reason."""
    found: dict[tuple[int, int, str], Cut] = {}
    for cut in refused:
        left, right = sorted((forest.find(cut.left), forest.find(cut.right)))
        if left == right:
            continue
        place = (left, right, cut.why)
        if place not in found or (-cut.weight, cut) < (-found[place].weight, found[place]):
            found[place] = cut
    return list(found.values())
