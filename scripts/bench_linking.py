#!/usr/bin/env python3
"""Documents as a source: does each find its customer among 100,000, and nobody else's?

    scripts/bench_linking.py [--documents 2000] [--scans 0] [--master 100000] [--seed 7]

Made-up invoices of layouts that training never saw are read and extracted as any document is; the
buyer is looked for in a master of made-up customers. The master has the buyer as a system knows it
(some values missing, abbreviated, misspelt; a few renamed since, with their VAT number), near it
twins of the name elsewhere, subsidiaries, tenants and relatives at the address, and strangers.

A document is *right* where its cluster has its customer's record and no other customer's, *wrong*
where it has another one's, in *review* where a person is asked (a pair at or above the threshold
of review), and *new* where it is taken for a customer of its own. Then the same without
confidences: every value believed (c = 1), and values below 0.8 dropped and the others believed.
Prints one JSON object a way of weighing, and the share of documents whose buyer has no name.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
from generator import families, held_back
from generator.chance import Chance
from generator.customers import known, seen
from generator.files import as_file
from generator.numbers import vat_id
from generator.parties import address, party

FIELDS = (
    "name", "vat_id", "iban", "street", "city", "postal_code", "country", "phone", "email",
    "website",
)  # fmt: skip
_WORLD = {"DE": 5.0, "FR": 3.0, "GB": 3.0, "US": 3.0, "IT": 2.0, "ES": 2.0, "NL": 2.0}
_SISTER = ("Holding", "Vertrieb", "Services", "International", "Immobilien", "Logistik")
WAYS = ("probability-weighted", "all believed", "doubtful dropped")


def papers(count: int, scans: int, seed: int, folder: Path):
    """Documents with their gold, the scanned ones last."""
    pool = [f for f in families("invoice") if held_back(f)]
    for at in range(count + scans):
        chance = Chance(f"linking {seed} {at}")
        made = as_file(chance.pick(pool), f"linking {seed} {at}", scan=at >= count)
        path = folder / made.name
        path.write_bytes(made.content)
        yield path, {k: v[0] for k, v in made.gold["fields"].items()}, at >= count


def buyer_of(path: Path):
    """The buyer's record as the store would keep it, None where none was found."""
    from idp_cdi.readers import read
    from idp_cdi.settings import Organisation
    from idp_cdi.steps.extract import extract
    from idp_cdi.steps.parties import parties

    found = parties(extract(read(path)), Organisation(), datetime.now(UTC)).records
    return next(iter(found.get("buyer", ())), None)


def row_of(record) -> dict[str, object]:
    """A record as the columns of matching."""
    from idp_cdi.steps.columns import _compared, compared_fields
    from idp_cdi.store import log

    best = _compared(log.row_of(record).payload)
    kind = record.kind.value
    row: dict[str, object] = {"entity_type": kind if kind in ("person", "organisation") else ""}
    for name in compared_fields():
        row[name], row[f"{name}__confidence"] = best.get(name, (None, None))
    return row


@lru_cache(maxsize=1 << 18)
def clean(field: str, value: str, country: str) -> str:
    """The value as the store has it: standardised where it can be."""
    from idp_cdi.fields import fields
    from idp_cdi.standardisers import standardise

    return standardise(fields().party[field].kind, value, country=country or None).value


def is_firm(name: str) -> bool:
    """Whether a name shows by its legal form that it is a firm's."""
    from idp_cdi.matching.names import looks_like_organisation

    return bool(looks_like_organisation([name])[0])


def as_kept(chance: Chance, home: dict[str, str]) -> dict[str, str]:
    """A customer as a system keeps it: one spelling of many, a value missing or misspelt."""
    kept = seen(chance, home, spoil=0.1)
    for name, least in (("street", 0.97), ("postal_code", 0.97), ("city", 0.98), ("vat_id", 0.7)):
        if not kept.get(name) and home[name] and chance.maybe(least):
            kept[name] = home[name]
    return kept


def entry(values: dict[str, str], *, firm: bool) -> dict[str, object]:
    """A row of the master as the columns of matching."""
    country = values.get("country", "")
    row: dict[str, object] = {"entity_type": "organisation" if firm else ""}
    return row | {f: clean(f, v, country) for f, v in values.items() if v and f in FIELDS}


def around(chance: Chance, gold: dict[str, str]) -> list[tuple[bool, dict[str, object]]]:
    """The true record of a buyer, then the look-alikes near it."""
    home = {f: gold.get(f"buyer.{f}", "") for f in FIELDS}
    country = home["country"] or gold.get("seller.country", "") or "DE"
    home["country"] = country
    stranger = party(chance, country, "en", person=0.0, public=0.0)
    home["phone"], home["email"] = stranger.phone, stranger.email
    firm = is_firm(home["name"])
    true = as_kept(chance, home)
    if home["vat_id"] and chance.maybe(0.1):
        new = party(chance, country, "en", person=0.0, public=0.0).name
        true |= {"name": new, "vat_id": home["vat_id"]}
    found = [(True, entry(true, firm=firm))]
    other = {"vat_id": vat_id(chance, country), "phone": chance.digits("+## ### ######")}
    if chance.maybe(0.15):
        place = address(chance, country, "en")
        moved = {"street": place.street, "city": place.city, "postal_code": place.postcode}
        found.append((False, entry(home | other | moved | {"email": ""}, firm=firm)))
    if chance.maybe(0.25):
        words = home["name"].split()
        name = f"{words[0]} {chance.pick(_SISTER)} {' '.join(words[-1:])}"
        found.append((False, entry(home | other | {"name": name}, firm=True)))
    if chance.maybe(0.3):
        tenant = known(chance, party(chance, country, "en", person=0.3, public=0.0))
        there = {f: home[f] for f in ("street", "city", "postal_code", "country")}
        found.append((False, entry(tenant | there, firm=is_firm(tenant["name"]))))
    return found


def strangers(count: int, seed: int):
    """Rows of nobody in particular."""
    chance = Chance(f"strangers {seed}")
    for _ in range(count):
        who = party(chance, chance.weighted(_WORLD), "en", person=0.35, public=0.02)
        yield entry(seen(chance, known(chance, who), spoil=0.1), firm=not who.is_person)


def weighed(row: dict[str, object], way: str) -> dict[str, object]:
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
    """Says what becomes of a document, by the rules of the store."""

    def __init__(self, model, index, rows, settings) -> None:
        self.model, self.index, self.rows, self.settings = model, index, rows, settings

    def outcome(self, row: dict[str, object], record, true: int) -> str:
        from idp_cdi.identity import Link, marks, partition
        from idp_cdi.matching import records, scoring
        from idp_cdi.matching.clusters import FLOOR
        from idp_cdi.steps.identify import rules_of

        found = [m for m in self.index.score(row) if m.weight >= FLOOR][:12]
        near = [self.rows[m.id] for m in found]
        prepared = records.prepare_rows([row, *near], self.model.plan)
        left, right = np.triu_indices(len(near) + 1, 1)
        worth = self.model.worth(prepared)
        pairs = scoring.compare_all(self.model, prepared, worth, left, right)
        weight = scoring.weigh(self.model, pairs).weight
        links = [Link(*p) for p in zip(left.tolist(), right.tolist(), weight.tolist(), strict=True)]
        own = {0: marks(record)} | {n: _vat(r) for n, r in enumerate(near, 1)}
        own = {n: found for n, found in own.items() if found}
        groups = partition(range(len(near) + 1), links, rules=rules_of(self.settings), marks=own)
        with_us = {found[n - 1].id for n in next(g for g in groups.groups if 0 in g) if n}
        if with_us - {true}:
            return "wrong"
        if with_us:
            return "right"
        asked = any(m.probability >= self.settings.matching.review for m in found)
        return "review" if asked else "new"


def _vat(row: dict[str, object]) -> tuple[tuple[str, str], ...]:
    from idp_cdi.identity.marks import mark_kind

    value = str(row.get("vat_id") or "")
    kind = mark_kind("vat_id", value) if value else ""
    return ((kind, value),) if kind else ()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=2_000, help="with a text layer")
    parser.add_argument("--scans", type=int, default=0, help="so many more are scanned")
    parser.add_argument("--master", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--show", type=int, default=0, help="print so many that went wrong")
    given = parser.parse_args()
    print(*run(given), sep="\n")


def run(given) -> list[str]:
    """All documents by all ways of weighing; a line of JSON each."""
    import pyarrow as pa

    from idp_cdi.matching.online import Index, Segment
    from idp_cdi.settings import Settings
    from idp_cdi.steps.columns import compared_fields
    from idp_cdi.steps.compare import model_of

    rows: list[dict[str, object]] = []
    asked: list[tuple[object, int, bool]] = []
    nobody: Counter[bool] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for path, gold, scan in papers(given.documents, given.scans, given.seed, Path(folder)):
            chance = Chance(f"master {given.seed} {path.name}")
            if not gold.get("buyer.name"):
                continue
            record = buyer_of(path)
            path.unlink()
            near = around(chance, gold)
            if record is None:
                nobody[scan] += 1
            else:
                asked.append((record, len(rows), scan))
            rows += [row for _, row in near]
    rows += strangers(given.master - len(rows), given.seed)
    names = ("entity_type", *compared_fields())
    columns = {n: pa.array([_text(r.get(n)) for r in rows], pa.string()) for n in names}
    settings = Settings(home=Path())
    model = model_of(settings)
    index = Index(model, [Segment.of(pa.table(columns), np.arange(len(rows)), model)])
    judge = Judge(model, index, rows, settings)
    out = []
    for scan in sorted({s for _, _, s in asked}):
        mine = [(r, t) for r, t, s in asked if s is scan]
        for way in WAYS:
            told = [judge.outcome(weighed(row_of(r), way), r, t) for r, t in mine]
            count = Counter(told)
            total = len(mine) + nobody[scan]
            said = {"documents": total, "scanned": scan, "master": len(rows), "way": way}
            said |= {o: round(count[o] / total, 4) for o in ("right", "wrong", "review", "new")}
            said["no buyer"] = round(nobody[scan] / total, 4)
            # What says no more than a name can't be told from a twin: a person has to look.
            placed = [o for o, (r, _) in zip(told, mine, strict=True) if _has_place(r)]
            said["with address or number"] = len(placed)
            said["… right"] = round(placed.count("right") / max(len(placed), 1), 4)
            said["… wrong"] = round(placed.count("wrong") / max(len(placed), 1), 4)
            out.append(json.dumps(said, ensure_ascii=False))
            if way == WAYS[0]:
                for (record, true), outcome in list(zip(mine, told, strict=True)):
                    if outcome in ("review", "wrong") and given.show > 0:
                        given.show -= 1
                        seen_ = {
                            o.field: (o.value, round(o.confidence, 2)) for o in record.observations
                        }
                        best = [
                            (round(m.weight, 1), rows[m.id]) for m in index.score(row_of(record))
                        ]
                        print(outcome, seen_, rows[true], best[:2], sep="\n  ", file=sys.stderr)
    return out


def _has_place(record) -> bool:
    telling = {"street", "vat_id", "tax_number", "registration_number", "email", "phone"}
    return any(o.field in telling and o.confidence >= 0.5 for o in record.observations)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


if __name__ == "__main__":
    main()
