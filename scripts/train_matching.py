#!/usr/bin/env python3
"""Learn the matching model that ships, from made-up customers; and say how good it is on others.

    scripts/train_matching.py [--customers 30000] [--seed 1] [--out models/matching]

The store uses it until it has enough records of its own to learn from. No real customer is in it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pyarrow as pa
from generator.customers import COLUMNS, Mention, mentions

from idp_cdi.engines.local import Options, run
from idp_cdi.fields import fields
from idp_cdi.matching.storage import version
from idp_cdi.matching.values import TOLD
from idp_cdi.standardisers import standardise
from idp_cdi.steps.columns import ACCOUNT, compared_fields
from idp_cdi.steps.compare import columns

ROOT = Path(__file__).parents[1]


def clean(field: str, value: str, country: str) -> str:
    """The value as the store has it: standardised where it can be."""
    return standardise(fields().party[field].kind, value, country=country or None).value


def table(rows: list[Mention]) -> pa.Table:
    made: dict[str, list[str | None]] = {n: [] for n in ("entity_type", *compared_fields())}
    for row in rows:
        country = row.values.get("country", "")
        made["entity_type"].append("person" if row.is_person else "organisation")
        for name in compared_fields():
            value = row.values.get(name) if name in COLUMNS else None
            made[name].append(clean(name, value, country) if value else None)
    made[ACCOUNT] = accounts(rows)
    return pa.table({n: pa.array(v, pa.string()) for n, v in made.items()})


def accounts(rows: list[Mention]) -> list[str | None]:
    """The numbers that systems know customers by, half of the systems by one of their own.

    Every third mention is a document, which tells the number of one of the systems.
    """
    numbers: list[str | None] = []
    for at, row in enumerate(rows):
        number = str(100_000 + 7 * row.customer if at % 2 else 500_000 + 3 * at)
        numbers.append(TOLD + number if at % 3 == 0 else number)
    return numbers


def pairwise(labels: list[int], truth: list[int]) -> tuple[float, float]:
    """Precision and recall over pairs of records in one cluster."""
    from collections import Counter

    def pairs(items):
        return sum(n * (n - 1) // 2 for n in Counter(items).values())

    both = pairs(zip(labels, truth, strict=True))
    return both / max(1, pairs(labels)), both / max(1, pairs(truth))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "matching")
    args = parser.parse_args()
    rows = list(mentions(args.customers, args.seed))
    learned = run(table(rows), Options(columns=columns()))
    learned.model.save(args.out)
    figures: dict[str, object] = {}
    for size in (200, 5_000):
        fresh = list(mentions(size, args.seed + 1000))
        found = run(table(fresh), Options(columns=columns(), model=learned.model, threshold=0.95))
        precision, recall = pairwise(found.clusters.tolist(), [m.customer for m in fresh])
        figures[f"{size} customers"] = {
            "precision": round(precision, 4),
            "recall": round(recall, 4),
        }
    note = {
        "customers": args.customers,
        "records": len(rows),
        "seed": args.seed,
        "version": version(learned.model),
        "data": "made-up customers of scripts/generator/customers.py; no real one is in it",
        "licence": "Apache-2.0",
        "command": f"scripts/train_matching.py --customers {args.customers} --seed {args.seed}",
        "on other made-up customers at 0.95": figures,
    }
    (args.out / "card.json").write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(note, indent=1))


if __name__ == "__main__":
    main()
