#!/usr/bin/env python3
"""Documents as a source: does each find its customer among 100,000, and nobody else's?

    scripts/bench_linking.py [--documents 2000] [--scans 60] [--master 100000] [--seed 7]
                             [--absent 0.2]

Made-up invoices of layouts that training never saw are read and extracted as any document is, each
with its issuer for "us"; the buyer is looked for in a master of made-up customers. The master has
the buyer as a system knows it (some values missing, abbreviated, misspelt; a tenth renamed since,
known by the VAT number), nine in ten under the customer number that the document may print; near it
twins of the name elsewhere, subsidiaries, tenants and relatives at the address, and strangers.

A document is *right* where a party that it names is in a cluster with its customer's record and no
other customer's (where buyer and seller were taken for each other too: who is not us is the
customer), *wrong* where it is with another one's, in *review* where a person is asked (a pair at or
above the threshold of review for documents), and *new* where it is taken for a customer of its
own; of some no party is read at all.
With `--absent` a share of the buyers is left out of the master, while its look-alikes stay: for
those any join is wrong, and to be taken for a new customer, or asked about, is what is wanted. They
are counted apart ("in the books": false).
Pairs are weighed by the model that a store learns from the master as its first load (`--model
shipped`: by the one that ships, which smaller stores have).
Then the same without confidences: every value believed (c = 1), and values below 0.8 dropped and
the others believed. Prints one JSON object a way of weighing, with what was behind those that are
not right. Text documents and scans are counted apart.
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from generator import families, held_back
from generator.chance import Chance
from generator.customers import known, seen
from generator.files import as_file
from generator.numbers import vat_id
from generator.parties import Party, address, party

from idp_cdi.extractions import Extraction

FIELDS = (
    "name", "vat_id", "iban", "street", "city", "postal_code", "country", "phone", "email",
    "website", "first_name", "last_name",
)  # fmt: skip
_WORLD = {"DE": 5.0, "FR": 3.0, "GB": 3.0, "US": 3.0, "IT": 2.0, "ES": 2.0, "NL": 2.0}
_SISTER = ("Holding", "Vertrieb", "Services", "International", "Immobilien", "Logistik")
_OUTCOMES = ("wrong", "right", "review", "new")
WAYS = ("probability-weighted", "all believed", "doubtful dropped")
ABSENT = -1
_AT_ONCE = 200
_MOST = 12
Row = dict[str, Any]


@dataclass(frozen=True)
class Paper:
    """What was read of a document, and what is true: who wrote it to whom, what it prints."""

    name: str
    read: Extraction
    seller: Party
    buyer: Party
    gold: dict[str, str]
    scan: bool


@dataclass(frozen=True)
class Asked:
    """A document's parties as read, the row of the master that is right, what may be behind it.

    `true` is `ABSENT` where the buyer is not in the master.
    """

    records: tuple[Any, ...]
    true: int
    scan: bool
    traits: tuple[str, ...]
    gold: dict[str, str]


def papers(given: argparse.Namespace) -> list[Paper]:
    """The documents as they were read, scanned ones last; kept in a file where asked for."""
    kept = Path(given.keep) if given.keep else None
    if kept is not None and kept.exists():
        return pickle.loads(kept.read_bytes())
    found = list(_read(given))
    if kept is not None:
        kept.write_bytes(pickle.dumps(found))
    return found


def _read(given: argparse.Namespace) -> Iterator[Paper]:
    from idp_cdi.readers import read
    from idp_cdi.steps.extract import extract

    pool = [f for f in families("invoice") if held_back(f)]
    with tempfile.TemporaryDirectory() as folder:
        for at in range(given.documents + given.scans):
            scan = at >= given.documents
            chance = Chance(f"linking {given.seed} {at}")
            made = as_file(chance.pick(pool), f"linking {given.seed} {at}", scan=scan)
            gold = {k: v[0] for k, v in made.gold["fields"].items()}
            facts = made.made.facts
            if facts is None or not gold.get("buyer.name"):
                continue
            path = Path(folder) / made.name
            path.write_bytes(made.content)
            found = extract(read(path))
            path.unlink()
            yield Paper(made.name, found, facts.seller, facts.buyer, gold, scan)


def parties_of(paper: Paper) -> tuple[Any, ...]:
    """The parties other than us as the store would keep them."""
    from idp_cdi.settings import Organisation
    from idp_cdi.steps.parties import parties

    vat = (paper.seller.vat,) if paper.seller.vat else ()
    us = Organisation(names=(paper.seller.name,), vat_ids=vat)
    found = parties(paper.read, us, datetime.now(UTC)).records
    return tuple(record for role in sorted(found) for record in found[role])


def row_of(record) -> Row:
    """A record as the columns of matching."""
    from idp_cdi.steps.columns import compared, compared_fields
    from idp_cdi.store import log

    best = compared(log.row_of(record).payload, record.key)
    kind = record.kind.value
    row: Row = {"entity_type": kind if kind in ("person", "organisation") else ""}
    for name in compared_fields():
        row[name], row[f"{name}__confidence"] = best.get(name, (None, None))
    return row


@lru_cache(maxsize=1 << 18)
def clean(field: str, value: str, country: str) -> str:
    """The value as the store has it: standardised where it can be."""
    from idp_cdi.fields import fields
    from idp_cdi.standardisers import standardise

    return standardise(fields().party[field].kind, value, country=country or None).value


def as_kept(chance: Chance, home: dict[str, str]) -> dict[str, str]:
    """A customer as a system keeps it: one spelling of many, a value missing or misspelt."""
    kept = seen(chance, home, spoil=0.1)
    for name, least in (("street", 0.97), ("postal_code", 0.97), ("city", 0.98), ("vat_id", 0.7)):
        if not kept.get(name) and home[name] and chance.maybe(least):
            kept[name] = home[name]
    return kept


def entry(values: dict[str, str], number: str, *, firm: bool) -> Row:
    """A row of the master as the columns of matching."""
    country = values.get("country", "")
    kind = "organisation" if firm else "person" if values.get("last_name") else ""
    row: Row = {"entity_type": kind, "customer_number": number}
    return row | {f: clean(f, v, country) for f, v in values.items() if v and f in FIELDS}


def around(chance: Chance, who: Party, at: int) -> tuple[list[Row], list[str]]:
    """The true record of a buyer and the look-alikes near it; and what was done."""
    home, country, firm = known(chance, who), who.country, not who.is_person
    true, traits = as_kept(chance, home), []
    if home["vat_id"] and chance.maybe(0.1):
        new = party(chance, country, "en", person=0.0, public=0.0).name
        true |= {"name": new, "vat_id": home["vat_id"]}
        traits.append("renamed")
    number = who.number if chance.maybe(0.9) else f"{800_000 + at}"
    found = [entry(true, number, firm=firm)]
    other = {"vat_id": vat_id(chance, country) if firm else "", "iban": "", "website": ""}
    other |= {"phone": chance.digits("+## ### ######"), "email": ""}
    if chance.maybe(0.15):
        place = address(chance, country, "en")
        moved = {"street": place.street, "city": place.city, "postal_code": place.postcode}
        found.append(entry(home | other | moved, f"{810_000 + at}", firm=firm))
        traits.append("twin")
    if firm and chance.maybe(0.25):
        words = home["name"].split()
        name = f"{words[0]} {chance.pick(_SISTER)} {' '.join(words[-1:])}"
        found.append(entry(home | other | {"name": name}, f"{820_000 + at}", firm=True))
    if chance.maybe(0.3):
        near = party(chance, country, "en", person=0.3, public=0.0)
        there = {f: home[f] for f in ("street", "city", "postal_code", "country")}
        tenant = known(chance, near) | there
        found.append(entry(tenant, f"{830_000 + at}", firm=not near.is_person))
    return found, traits


def strangers(count: int, seed: int) -> Iterator[Row]:
    """Rows of nobody in particular."""
    chance = Chance(f"strangers {seed}")
    for at in range(count):
        who = party(chance, chance.weighted(_WORLD), "en", person=0.35, public=0.02)
        values = seen(chance, known(chance, who), spoil=0.1)
        yield entry(values, f"{10_000 + at}", firm=not who.is_person)


def traits_of(gold: dict[str, str], records) -> list[str]:
    """What a document says and what was made of it, as far as it may explain a miss."""
    from idp_cdi.evaluation.same import same_name

    printed = {n.partition(".")[2] for n in gold if n.startswith("buyer.")}
    seen_ = [o for record in records for o in record.observations]
    read = {o.field for o in seen_}
    told = [o.value for o in seen_ if o.field == "name"]
    found = []
    if not any(same_name(value, gold["buyer.name"]) for value in told):
        found.append("another name read")
    telling = {"street", "vat_id", "tax_number", "email", "phone", "iban", "customer_number"}
    if not printed & telling:
        found.append("prints a name only")
    elif not read & telling:
        found.append("read as a name only")
    return found


def weighed(row: Row, way: str) -> Row:
    """A document's row as one way of weighing sees it."""
    ending = "__confidence"
    if way == "probability-weighted":
        return row
    if way == "doubtful dropped":
        doubtful = {
            n.removesuffix(ending)
            for n, c in row.items()
            if n.endswith(ending) and c is not None and float(str(c)) < 0.8
        }
        row = {n: None if n in doubtful else v for n, v in row.items()}
    return {n: v for n, v in row.items() if not n.endswith(ending)}


class Judge:
    """Says what becomes of documents, by the rules of the store."""

    def __init__(self, model, index, rows: Sequence[Row], settings) -> None:
        from idp_cdi.steps.identify import rules_of

        self.model, self.index, self.rows, self.settings = model, index, rows, settings
        self.link = rules_of(settings).link

    def outcomes(self, asked: Sequence[Asked], way: str) -> Iterator[str]:
        """What becomes of each document."""
        for start in range(0, len(asked), _AT_ONCE):
            part = asked[start : start + _AT_ONCE]
            every = [(one, record) for one in part for record in one.records]
            rows = [weighed(row_of(record), way) for _, record in every]
            found = self.index.score_many(rows, [-1] * len(rows))
            told: dict[int, set[str]] = {id(one): set() for one in part}
            for at, (one, record) in enumerate(every):
                mine = np.flatnonzero(found.row == at)
                order = mine[np.lexsort((found.id[mine], -found.weight[mine]))][:_MOST]
                outcome = self._outcome(rows[at], record, one.true, found, order)
                told[id(one)].add(outcome)
            for one in part:
                yield next(o for o in _OUTCOMES if o in told[id(one)])

    def _outcome(self, row: Row, record, true: int, found, order) -> str:
        """What becomes of one party; `order` are the surest of the pairs `found`, best first."""
        from idp_cdi.identity import Link, marks, partition
        from idp_cdi.identity.claims import claimed
        from idp_cdi.matching import records, scoring
        from idp_cdi.matching.closure import FLOOR
        from idp_cdi.steps.claims import speaking
        from idp_cdi.steps.identify import rules_of

        near = found.id[order][found.weight[order].round(3) >= FLOOR].tolist()
        rows = [self.rows[i] for i in near]
        prepared = records.prepare_rows([row, *rows], self.model.plan)
        worth = self.model.worth(prepared)
        left, right = np.triu_indices(len(near) + 1, 1)
        pairs = scoring.compare_all(self.model, prepared, worth, left, right)
        weights = scoring.weigh(self.model, pairs)
        columns = (left.tolist(), right.tolist(), weights.weight.tolist())
        said = (row, *rows)
        numbers = speaking([said[n] for n in left], [said[n] for n in right])
        paper = np.zeros(1, np.int64)
        told = claimed(left, right, weights.weight, paper, link=self.link, numbers=numbers)
        links = [Link(*pair) for pair in zip(*columns[:2], told.tolist(), strict=True)]
        own = {0: marks(record)} | {n: _marks(r) for n, r in enumerate(rows, 1)}
        groups = partition(range(len(near) + 1), links, rules=rules_of(self.settings), marks=own)
        with_us = {near[n - 1] for n in next(g for g in groups.groups if 0 in g) if n}
        if with_us - {true}:
            return "wrong"
        if with_us:
            return "right"
        sure = weights.probability[left == 0]
        return "review" if (sure >= self.settings.matching.review_new).any() else "new"


def _marks(row: Row) -> tuple[tuple[str, str], ...]:
    """What `identity.marks` says of a row of the master."""
    from idp_cdi.matching.marks import mark_kind

    value, party_kind = str(row.get("vat_id") or ""), str(row.get("entity_type") or "")
    kind = mark_kind("vat_id", value) if value else ""
    told = (("kind", party_kind),) if party_kind else ()
    return (*told, (kind, value)) if kind else told


def world(given: argparse.Namespace) -> tuple[list[Asked], Counter[tuple[bool, bool]], list[Row]]:
    """Who is asked for, how many documents have no buyer (by scan, absence), and the master."""
    rows: list[Row] = []
    asked: list[Asked] = []
    nobody: Counter[tuple[bool, bool]] = Counter()
    for at, paper in enumerate(papers(given)):
        near, traits = around(Chance(f"master {given.seed} {paper.name}"), paper.buyer, at)
        absent = Chance(f"absent {given.seed} {paper.name}").maybe(given.absent)
        found = parties_of(paper)
        if not found:
            nobody[paper.scan, absent] += 1
        else:
            traits += traits_of(paper.gold, found)
            true = ABSENT if absent else len(rows)
            asked.append(Asked(found, true, paper.scan, tuple(traits), paper.gold))
        rows += near[1:] if absent else near
    return asked, nobody, rows + list(strangers(given.master - len(rows), given.seed))


def table_of(rows: Sequence[Row]):
    """The master as the columns of matching."""
    import pyarrow as pa

    from idp_cdi.steps.columns import compared_fields

    names = ("entity_type", *compared_fields())
    return pa.table({n: pa.array([_text(r.get(n)) for r in rows], pa.string()) for n in names})


def index_of(rows: Sequence[Row], model):
    """The master as the store's index."""
    from idp_cdi.matching.online import Index, Segment

    return Index(model, [Segment.of(table_of(rows), np.arange(len(rows)), model)])


def model_for(rows: Sequence[Row], way: str):
    """The model that a store has whose first load is the master, or the one that ships."""
    from idp_cdi.engines.local import Options, run
    from idp_cdi.steps.compare import columns, shipped

    if way == "shipped":
        return shipped()
    return run(table_of(rows), Options(columns=columns(), pairs_only=True, before=shipped())).model


def run(given: argparse.Namespace) -> Iterator[str]:
    """All documents by all ways of weighing; a line of JSON each."""
    from idp_cdi.settings import Settings

    asked, nobody, rows = world(given)
    settings = Settings(home=Path())
    model = model_for(rows, given.model)
    judge = Judge(model, index_of(rows, model), rows, settings)
    for scan, absent in sorted({(a.scan, a.true == ABSENT) for a in asked}):
        mine = [a for a in asked if (a.scan, a.true == ABSENT) == (scan, absent)]
        for way in WAYS if given.ablation else WAYS[:1]:
            told = list(judge.outcomes(mine, way))
            said = {"way": way, "model": given.model}
            yield json.dumps(_figures(mine, told, nobody[scan, absent], len(rows)) | said)
            if way == WAYS[0]:
                fine = ("right",) if not absent else ("review", "new")
                show = [p for p in zip(mine, told, strict=True) if p[1] not in fine]
                for one, outcome in show[: given.show]:
                    _show(judge, one, outcome)


def _figures(asked: Sequence[Asked], told: list[str], nobody: int, master: int) -> dict[str, Any]:
    total = len(asked) + nobody
    count = Counter(told)
    said: dict[str, Any] = {"documents": total, "scanned": asked[0].scan, "master": master}
    said["in the books"] = asked[0].true != ABSENT
    said |= {o: round(count[o] / total, 4) for o in ("right", "wrong", "review", "new")}
    said["no buyer"] = round(nobody / total, 4)
    behind: dict[str, Counter[str]] = {}
    for one, outcome in zip(asked, told, strict=True):
        if outcome != "right" and (one.true != ABSENT or outcome == "wrong"):
            behind.setdefault(outcome, Counter())[", ".join(one.traits) or "none of these"] += 1
    said["behind"] = {o: dict(c.most_common()) for o, c in sorted(behind.items())}
    return said


def _show(judge: Judge, one: Asked, outcome: str) -> None:
    gold = {n[6:]: v for n, v in one.gold.items() if n.startswith("buyer.")}
    print(outcome, one.traits, f"gold {gold}", sep="\n  ", file=sys.stderr)
    for record in one.records:
        read = {o.field: (o.value, round(o.confidence, 2)) for o in record.observations}
        print(f"  read {record.role} {read}", file=sys.stderr)
        for match in judge.index.score(row_of(record))[:3]:
            row = {n: v for n, v in judge.rows[match.id].items() if v}
            print(f"  {match.weight:6.1f} {match.id == one.true} {row}", file=sys.stderr)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=2_000, help="with a text layer")
    parser.add_argument("--scans", type=int, default=60, help="so many more are scanned")
    parser.add_argument("--master", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--absent", type=float, default=0.0, help="share of buyers not in the master"
    )
    parser.add_argument("--show", type=int, default=0, help="print so many that are not right")
    parser.add_argument("--model", choices=("learned", "shipped"), default="learned")
    parser.add_argument("--keep", default="", help="a file for what was read, used where it is")
    parser.add_argument("--no-ablation", dest="ablation", action="store_false")
    for line in run(parser.parse_args()):
        print(line, flush=True)


if __name__ == "__main__":
    main()
