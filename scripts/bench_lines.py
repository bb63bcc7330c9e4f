#!/usr/bin/env python3
"""Extract the line items of made-up invoices and orders of held-back layout families.

    scripts/bench_lines.py [--documents 300] [--seed 4] [--errors 10]

A line counts as found where its amount is; then its quantity, unit price and description are looked
at. Text pages and pages through the model of OCR errors are counted apart.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from decimal import Decimal, InvalidOperation
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from generator import documents  # noqa: E402
from rapidfuzz.distance import Levenshtein  # noqa: E402

from idp_cdi.extractors._view import key  # noqa: E402
from idp_cdi.scoring import Options  # noqa: E402
from idp_cdi.steps.extract import extract  # noqa: E402

ALIKE = 0.85


def number(text: str) -> Decimal | None:
    """The figure, so that 2 and 2.00 are one; None where there is none."""
    try:
        return Decimal(text).normalize()
    except InvalidOperation:
        return None


def count(gold, found, tally: Counter[str]) -> int:
    """Count the lines of one document; returns how many were missed."""
    left = list(found)
    tally["gold"] += len(gold)
    tally["said"] += len(found)
    missed = 0
    for line in gold:
        same = [f for f in left if number(f.net_amount) == number(line.net_amount)]
        if not same:
            missed += 1
            continue
        want = key(line.description)
        best = max(same, key=lambda f: Levenshtein.normalized_similarity(key(f.description), want))
        left.remove(best)
        tally["amount"] += 1
        tally["quantity"] += number(best.quantity) == number(line.quantity)
        tally["price"] += number(best.unit_price) == number(line.unit_price)
        # A row's remarks ("S/N 4711") follow in the lines below and count as description.
        said = key(best.description)
        alike = Levenshtein.normalized_similarity(said[: len(want)], want)
        tally["description"] += alike >= ALIKE
    return missed


def main() -> None:
    """Print a table, and the documents that lost most lines."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--errors", type=int, default=0)
    given = parser.parse_args()
    tallies: dict[str, Counter[str]] = {"text": Counter(), "ocr": Counter()}
    worst = []
    made = documents(
        given.documents,
        given.seed,
        types=("invoice", "order"),
        which="held back",
        start=given.start,
    )
    for g in made:
        if not g.line_items or g.details["kind"] == "media":
            continue
        found = extract(g.document, Options(type=g.type, embedded=False)).line_items
        source = str(g.document.pages[0].source)
        missed = count(g.line_items, found, tallies[source])
        worst.append((missed, len(g.line_items), g.family, g.language, source))
    print("| pages | lines | amount found | precision | + quantity | + price | + description |")
    print("| --- |" + " --- |" * 6)
    for source, t in tallies.items():
        n = max(t["gold"], 1)
        shares = " | ".join(f"{t[k] / n:.2f}" for k in ("quantity", "price", "description"))
        print(
            f"| {source} | {t['gold']} | {t['amount'] / n:.2f}"
            f" | {t['amount'] / max(t['said'], 1):.2f} | {shares} |"
        )
    for line in sorted(worst, reverse=True)[: given.errors]:
        print(*line)


if __name__ == "__main__":
    main()
