#!/usr/bin/env python3
"""Walk at random through the life of customers and check after each step that nothing is lost.

    scripts/identity_walk.py [--steps 10000] [--seed 1] [--records 60]

Records come, change and go, customers are forgotten; persons merge, split, hesitate and take back.
After every step only what the change can reach is worked out again, and then must hold:

- the same clusters and ids as a rebuild from the log gives;
- every id ever issued resolves, and two ids mean one customer only if their anchors are together;
- what a person declared different is apart, what they declared same is together;
- no cluster has two marks of one kind unless a person joined them;
- every cluster hangs together by links and decisions that were allowed (networkx looks);
- two records that only each other link to are one customer;
- customers that the step could not reach are byte for byte as before.

From time to time: taking back the last decision gives the state before it, byte for byte; the same
records in another order of arrival give the same clusters and golden values; an average linkage
written down the slow way (whole sums anew each round, networkx components) gives the same clusters.
Prints one line of counts; exits 1 at the first violation, with the step and the seed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import combinations, product

from idp_cdi.identity import (
    Cut,
    Issued,
    Link,
    Rules,
    Ruling,
    assign,
    heirs,
    neighbourhood,
    partition,
    resolve,
    standing,
)
from idp_cdi.observations import Observation, Origin, PartyKind, PartyRole, Record
from idp_cdi.survivorship import survive

RULES = Rules(link=4.0)
#: Records in the log, deleted ones included, for each that may be living; then old ones are erased.
LOG = 3
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """What one record says: a few features that others may share, and perhaps a mark."""

    key: str
    features: tuple[str, ...]
    mark: str
    day: int


def share_key(one: Row, other: Row) -> bool:
    """Whether two rows are compared at all: only those that share a key are."""
    keys = {f[0] for f in one.features} | ({one.mark} - {""})
    return any(f[0] in keys for f in other.features) or other.mark in keys


def weight(one: Row, other: Row) -> float:
    """Bits of evidence, from the two rows alone."""
    shared = set(one.features) & set(other.features)
    bits = sum(2.0 + len(f) for f in shared) - 0.5 * len(set(one.features) ^ set(other.features))
    return bits + (5.0 if one.mark and one.mark == other.mark else 0.0)


@dataclass
class World:
    """A store in memory: the log, and what was derived from it step by step."""

    rows: dict[int, Row] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    links: dict[int, dict[int, float]] = field(default_factory=dict)
    rulings: list[Ruling] = field(default_factory=list)
    issued: list[Issued] = field(default_factory=list)
    bears: dict[int, int] = field(default_factory=dict)
    haunts: dict[int, int] = field(default_factory=dict)
    cuts: tuple[Cut, ...] = ()
    reached: int = 0
    decisions: int = 0
    arrivals: int = 0
    seen: dict[tuple[Row, ...], list[list[object]]] = field(default_factory=dict)

    def put(self, number: int, row: Row) -> None:
        """A record comes, or comes again with other contents."""
        self.gone.discard(number)
        near = set(self.links.get(number, {}))
        self.rows[number] = row
        for other in near:
            del self.links[other][number]
        self.links[number] = {}
        for other, theirs in self.rows.items():
            if other != number and share_key(row, theirs):
                bits = weight(row, theirs)
                self.links[number][other] = self.links[other][number] = bits
        self.follow({number} | near | set(self.links[number]))

    def delete(self, number: int) -> None:
        """A record goes; its links stay, so that its ids find their heir."""
        self.gone.add(number)
        self.follow({number} | set(self.links[number]))

    def whole(self, number: int) -> set[int]:
        """The records of a record's customer, deleted ones too; of nobody's, itself."""
        owner = self.bears.get(number, self.haunts.get(number))
        own = {n for n, c in (*self.bears.items(), *self.haunts.items()) if c == owner}
        return own | {number}

    def forget(self, erased: set[int]) -> set[int]:
        """Records are erased, and what was decided of them; returns those they were near to."""
        near = {n for e in erased for n in self.links[e]} - erased
        near |= {n for r in self.rulings if erased & {r.left, r.right} for n in (r.left, r.right)}
        self.rulings = [r for r in self.rulings if not erased & {r.left, r.right}]
        for number in erased:
            del self.rows[number]
            self.gone.discard(number)
            self.bears.pop(number, None)
            self.haunts.pop(number, None)
            for other in self.links.pop(number):
                self.links.get(other, {}).pop(number, None)
        if near - erased:
            self.follow(near - erased)
        return near - erased

    def decide(self, left: int, right: int, verdict: str) -> None:
        """A person decides about two records."""
        self.decisions += 1
        self.rulings.append(Ruling(left, right, verdict, self.decisions))
        self.follow({left, right})

    def links_of(self, many: set[int]) -> list[Link]:
        """All compared pairs with an end in `many`."""
        return [Link(a, b, w) for a in many for b, w in self.links.get(a, {}).items()]

    def follow(self, start: set[int]) -> None:
        """Work out again what a change can reach: the incremental way."""
        decided = standing(self.rulings)
        found = neighbourhood(start, self.links_of, decided, rules=RULES)
        self.reached = len(found.records)
        self._derive(set(found.records), found.links)

    def _derive(self, region: set[int], links: tuple[Link, ...]) -> None:
        living = region - self.gone
        ranks = {n: self.rows[n].key for n in region}
        marks = {n: (("vat", self.rows[n].mark),) for n in living if self.rows[n].mark}
        decided = standing(self.rulings)
        found = partition(living, links, decided, rules=RULES, marks=marks, rank=ranks)
        own = [i for i in self.issued if i.anchor in region]
        joining = [link for link in links if link.weight >= RULES.link]
        left_to = heirs(region & self.gone, joining, decided, ranks)
        named = assign(found.groups, own, fresh=len(self.issued) + 1, heirs=left_to)
        self.issued += named.minted
        for number in region:
            self.bears.pop(number, None)
        self.bears |= {n: i for group, i in named.bears.items() for n in group}
        for number in region:
            self.haunts.pop(number, None)
        self.haunts |= {g: self.bears[n] for g, n in left_to.items() if n in self.bears}
        self.cuts = found.cuts

    def rebuilt(self) -> World:
        """The same log, worked out anew in one go."""
        other = World(self.rows, self.gone, self.links, self.rulings, list(self.issued))
        other.seen = self.seen
        other._derive(set(self.rows), tuple(self.links_of(set(self.rows))))
        return other

    def groups(self) -> dict[int, list[int]]:
        """Customer number → its records."""
        found: dict[int, list[int]] = {}
        for number, customer in sorted(self.bears.items()):
            found.setdefault(customer, []).append(number)
        return found

    def state(self) -> dict[int, str]:
        """Customer number → its records and golden values, as text."""
        return {
            customer: json.dumps([sorted(self.rows[n].key for n in many), self.golden(many)])
            for customer, many in self.groups().items()
        }

    def golden(self, many: list[int]) -> list[list[object]]:
        """The golden values of some records."""
        rows = tuple(self.rows[n] for n in many)
        if rows not in self.seen:
            found = survive([record(row) for row in rows])
            self.seen[rows] = [[v.field, v.value, v.record] for v in found]
        return self.seen[rows]


def record(row: Row) -> Record:
    """The row as a record of a feed."""
    place = Origin(system="walk", table="t", row=row.key, column="c")
    values = [("name", f, 0.5 + len(f) / 10) for f in row.features]
    values += [("vat_id", row.mark, 0.9)] if row.mark else []
    values += [("city", row.features[0], 0.8), ("street", row.features[-1], 0.7)]
    seen = tuple(Observation(f, v, v, min(c, 1.0), place) for f, v, c in values)
    kind, role = PartyKind.ORGANISATION, PartyRole.CUSTOMER
    return Record("walk", row.key, kind, role, START + timedelta(days=row.day), seen)


class Violation(AssertionError):
    """Something that must always hold does not."""


def demand(holds: object, what: str) -> None:
    """Raise unless it holds."""
    if not holds:
        raise Violation(what)


def check(world: World, before: dict[int, str], touched: set[int]) -> None:
    """All that must hold after a step."""
    import networkx as nx

    groups = world.groups()
    rebuilt = world.rebuilt()
    demand(rebuilt.bears == world.bears, "a rebuild gives other clusters or ids")
    demand(rebuilt.haunts == world.haunts, "a rebuild gives deleted records other heirs")
    demand(len(rebuilt.issued) == len(world.issued), "a rebuild issues ids")
    anchors = {i.number: i.anchor for i in world.issued}
    demand(len(set(anchors.values())) == len(anchors), "two ids have one anchor")
    for number in anchors:
        means = resolve(number, anchors, world.haunts | world.bears)
        demand(means is not None, "an id does not resolve")
        if anchors[number] in world.bears or anchors[number] in world.haunts:
            demand(means in groups and means <= number, "an id resolves to no customer")
    decided = standing(world.rulings)
    for a, b in decided.different:
        if a in world.bears and b in world.bears:
            demand(world.bears[a] != world.bears[b], "declared different, yet together")
    graph = nx.Graph()
    graph.add_nodes_from(world.bears)
    graph.add_edges_from(p for p in decided.same if world.bears.keys() >= set(p))
    for link in world.links_of(set(world.bears)):
        place = (min(link[:2]), max(link[:2]))
        joins = link.weight >= RULES.link and link.right in world.bears
        if joins and place not in decided.different:
            graph.add_edge(*place)
    for many in groups.values():
        demand(nx.is_connected(graph.subgraph(many)), "a cluster does not hang together")
        found = {world.rows[n].mark for n in many} - {""}
        if len(found) > 1:
            demand(any(set(p) <= set(many) for p in decided.same), "two marks in one cluster")
    joined = {frozenset(c) for c in nx.connected_components(graph)}
    for part in joined:
        free = not any(set(p) <= part for p in decided.different)
        free &= len({world.rows[n].mark for n in part} - {""}) < 2
        if free and len(part) == 2:
            demand(len({world.bears[n] for n in part}) == 1, "an undisputed pair was parted")
    after = world.state()
    same = {c for c in before if c in after and not touched & set(groups[c])}
    demand(all(before[c] == after[c] for c in same), "an unrelated customer changed")


def slowly(world: World) -> set[frozenset[int]]:
    """The clusters by average linkage, written down anew and without haste."""
    import networkx as nx

    decided = standing(world.rulings)
    weight = {
        (min(k[:2]), max(k[:2])): k.weight
        for k in world.links_of(set(world.bears))
        if k.right in world.bears
    }
    parts = {frozenset([n]) for n in world.bears}
    apart = {p for p in decided.different if world.bears.keys() >= set(p)}
    for pair, _ in sorted(decided.same.items(), key=lambda kv: -kv[1]):
        if world.bears.keys() >= set(pair):
            ends = {p for p in parts if set(pair) & p}
            union = frozenset().union(*ends)
            if not any(set(p) <= union for p in apart):
                parts = (parts - ends) | {union}
    graph = nx.Graph()
    graph.add_nodes_from(parts)
    home = {n: p for p in parts for n in p}
    graph.add_edges_from((home[a], home[b]) for (a, b), w in weight.items() if w >= RULES.link)
    found: set[frozenset[int]] = set()
    for component in nx.connected_components(graph):
        found |= _grown(set(component), world, weight, apart)
    return found


def _grown(
    parts: set[frozenset[int]], world: World, weight: dict[tuple[int, int], float],
    apart: set[tuple[int, int]],
) -> set[frozenset[int]]:  # fmt: skip
    """Join the surest neighbours of one component until no average is above the threshold."""
    marks = {p: {world.rows[n].mark for n in p} - {""} for p in parts}
    free = {p for p in parts if len(marks[p]) > 1}
    key = {p: min(world.rows[n].key for n in p) for p in parts}
    while True:
        mean: dict[tuple[frozenset[int], frozenset[int]], Fraction] = {}
        for one, other in combinations(sorted(parts, key=key.__getitem__), 2):
            pairs = [(min(p), max(p)) for p in product(one, other)]
            both = (marks[one] | marks[other]) if not {one, other} & free else set()
            if len(both) > 1 or apart & set(pairs):
                continue
            said = []
            for pair in pairs:
                bits = weight.get(pair)
                if bits is None:
                    said.append(-500)
                elif bits >= RULES.link:
                    said.append(max(round(min(bits - RULES.link, 12) * 1000), 1))
                else:
                    said.append(round(max(min(bits, 0), -4) * 1000))
            if sum(said) > 0:
                mean[one, other] = Fraction(sum(said), len(said))
        order = sorted(mean, key=lambda p: (-mean[p], key[p[0]], key[p[1]]))
        first: dict[frozenset[int], tuple[frozenset[int], frozenset[int]]] = {}
        for edge in order:
            for end in edge:
                first.setdefault(end, edge)
        joins_now = [e for e in order if first[e[0]] == e == first[e[1]]]
        if not joins_now:
            return parts
        for one, other in joins_now:
            union = one | other
            parts = (parts - {one, other}) | {union}
            told = set() if one in free else marks[one]
            marks[union] = told | (set() if other in free else marks[other])
            key[union] = min(key[one], key[other])


def shuffled(world: World, rng: random.Random) -> None:
    """The living records in another order of arrival give the same clusters and golden values."""
    living = [n for n in world.rows if n not in world.gone]
    order = living[:]
    rng.shuffle(order)
    place = {number: i + 1 for i, number in enumerate(order)}
    other = World()
    for number in order:
        other.put(place[number], world.rows[number])
    rulings = [r for r in world.rulings if r.left in place and r.right in place]
    for ruling in rulings:
        other.decide(place[ruling.left], place[ruling.right], ruling.verdict)
    demand(
        sorted(other.state().values()) == sorted(world.state().values()),
        "another order of arrival gives other clusters or golden values",
    )


def random_row(rng: random.Random, key: str, day: int) -> Row:
    """A row that shares something with some others."""
    some = sorted(rng.sample("abcdefghijklmnopqrst", rng.randint(1, 3)))
    features = tuple(c * rng.randint(1, 3) for c in some)
    mark = rng.choice(["DE1", "DE2", "DE3"]) if rng.random() < 0.25 else ""
    return Row(key, features, mark, day)


def step(world: World, rng: random.Random, most: int, day: int) -> tuple[str, set[int]]:
    """One random operation; returns its name and the records that it could reach."""
    living = [n for n in world.rows if n not in world.gone]
    choice = rng.random()
    if len(world.rows) > LOG * most:
        return "forget", forget(world, min(world.gone))
    if len(living) < 4 or (choice < 0.25 and len(living) < most):
        world.arrivals += 1
        number = world.arrivals
        world.put(number, random_row(rng, f"{rng.random():.9f}", day))
        return "add", region(world, {number})
    if choice < 0.45:
        number = rng.choice(living)
        old = region(world, {number})
        world.put(number, random_row(rng, world.rows[number].key, day))
        return "change", old | region(world, {number})
    if choice < 0.55 or len(living) >= most:
        number = rng.choice(living)
        old = region(world, {number})
        world.delete(number)
        return "delete", old
    if choice < 0.57:
        return "forget", forget(world, rng.choice(living))
    if choice < 0.62 and world.gone:
        number = rng.choice(sorted(world.gone))
        world.put(number, world.rows[number])
        return "return", region(world, {number})
    if choice < 0.75 and world.rulings:
        past = rng.choice(world.rulings)
        old = region(world, {past.left, past.right})
        world.decide(past.left, past.right, "withdrawn")
        return "withdraw", old | region(world, {past.left, past.right})
    left, right = rng.sample(living, 2)
    if choice > 0.9:
        together = [many for many in world.groups().values() if len(many) > 1]
        left, right = rng.sample(rng.choice(together), 2) if together else (left, right)
    verdict = rng.choice(["same", "different", "different", "unsure"])
    old = region(world, {left, right})
    world.decide(left, right, verdict)
    return verdict, old | region(world, {left, right})


def forget(world: World, number: int) -> set[int]:
    """Erase the customer that a record belongs or belonged to; returns what that could reach."""
    erased = world.whole(number)
    old = region(world, erased)
    near = world.forget(erased)
    return old | (region(world, near) if near else near)


def region(world: World, start: set[int]) -> set[int]:
    """What a change of some records can reach."""
    decided = standing(world.rulings)
    return set(neighbourhood(start, world.links_of, decided, rules=RULES).records)


def undo(world: World, rng: random.Random) -> None:
    """A decision and its withdrawal leave the state as it was, byte for byte."""
    living = [n for n in world.rows if n not in world.gone]
    if len(living) < 2:
        return
    left, right = rng.sample(living, 2)
    decided = standing(world.rulings)
    pair = (min(left, right), max(left, right))
    if pair in decided.same or pair in decided.different or pair in decided.unsure:
        return
    before = world.state()
    world.decide(left, right, rng.choice(["same", "different"]))
    world.decide(left, right, "withdrawn")
    demand(world.state() == before, "taking a decision back does not restore the state")


def walk(steps: int, seed: int, most: int = 60) -> Counter[str]:
    """Take that many steps; returns how often each operation was done."""
    rng = random.Random(seed)
    world, done = World(), Counter()
    for number in range(steps):
        before = world.state()
        try:
            name, touched = step(world, rng, most, number)
            done[name] += 1
            done.update(f"cut by {cut.why}" for cut in world.cuts)
            check(world, before, touched)
            if number % 5 == 4:
                undo(world, rng)
                done["undo"] += 1
            if number % 25 == 24:
                same = {frozenset(many) for many in world.groups().values()}
                demand(slowly(world) == same, "average linkage the slow way gives other clusters")
                shuffled(world, rng)
                done["shuffle"] += 1
        except Violation as error:
            raise Violation(f"seed {seed}, step {number}: {error}") from None
    done["records"], done["ids"] = world.arrivals, len(world.issued)
    return done


def main() -> int:
    """Walk, and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--records", type=int, default=60, help="living records at most")
    args = parser.parse_args()
    try:
        done = walk(args.steps, args.seed, args.records)
    except Violation as error:
        print(error)
        return 1
    print(
        f"{args.steps} steps, seed {args.seed}: all held;",
        ", ".join(f"{n} {c}" for n, c in sorted(done.items())),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
