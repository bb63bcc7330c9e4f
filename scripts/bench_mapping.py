#!/usr/bin/env python3
"""How many columns of real systems' tables the suggested mapping gets right.

Usage: bench_mapping.py [--set build|held_out] [--errors]. Names alone, then with made-up contents.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

import yaml

from idp_cdi.connectors._suggest import suggest

HEADERS = Path(__file__).parents[1] / "tests/connectors/data/headers.yaml"
_SAME = {"@key": "key", "@cursor": "cursor", "@house_number": "house_number"}


def is_right(target: str, gold: str) -> bool:
    told = _SAME.get(target, "-" if not target or target[0] in "@#" else target)
    return told in gold.split("|")


def values(gold: str, rng: random.Random, count: int = 60) -> list[str]:
    """Made-up contents of one column."""
    first = gold.split("|")[0]
    make = {
        "key": lambda i: f"{10000 + i}",
        "customer_number": lambda i: f"K-{10000 + i}",
        "name": lambda i: f"{rng.choice(_WORDS)} {rng.choice(_WORDS)} {rng.choice(_FORMS)}",
        "trading_name": lambda i: rng.choice(_WORDS),
        "first_name": lambda i: rng.choice(("Anna", "Pierre", "Jan", "Lucía", "Giulia", "Tom")),
        "last_name": lambda i: rng.choice(_WORDS),
        "contact_name": lambda i: f"{rng.choice(('Anna', 'Jan'))} {rng.choice(_WORDS)}",
        "date_of_birth": lambda i: (
            f"19{rng.randint(50, 99)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}"
        ),
        "vat_id": lambda i: f"DE{rng.randint(10**8, 10**9 - 1)}",
        "tax_number": lambda i: (
            f"{rng.randint(10, 99)}/{rng.randint(100, 999)}/{rng.randint(10000, 99999)}"
        ),
        "registration_number": lambda i: f"{rng.randint(10**7, 10**8 - 1)}",
        "iban": lambda i: "DE89370400440532013000",
        "bic": lambda i: "COBADEFFXXX",
        "electronic_address": lambda i: f"0088:{rng.randint(10**12, 10**13 - 1)}",
        "street": lambda i: f"{rng.choice(_WORDS)}straße {rng.randint(1, 200)}",
        "house_number": lambda i: str(rng.randint(1, 200)),
        "city": lambda i: rng.choice(("Bonn", "Lyon", "Utrecht", "Bilbao", "Torino", "Leeds")),
        "postal_code": lambda i: f"{rng.randint(10000, 99999)}",
        "region": lambda i: rng.choice(("NRW", "CA", "Lombardia", "TX")),
        "country": lambda i: rng.choice(("DE", "FR", "NL")),
        "phone": lambda i: f"+49 30 {rng.randint(10**6, 10**7)}",
        "email": lambda i: f"u{i}@{rng.choice(_WORDS).lower()}.example",
        "website": lambda i: f"www.{rng.choice(_WORDS).lower()}.example",
        "cursor": lambda i: f"2026-0{rng.randint(1, 9)}-1{rng.randint(0, 9)} 10:00:00",
    }.get(first)
    if make is None:
        kind = rng.choice(("word", "number", "flag", "empty"))
        make = {
            "word": lambda i: rng.choice(("A", "B", "standard", "open")),
            "number": lambda i: str(rng.randint(0, 40)),
            "flag": lambda i: rng.choice(("true", "false")),
            "empty": lambda i: "",
        }[kind]
    return ["" if rng.random() < 0.1 and first != "key" else make(i) for i in range(count)]


_FORMS = ("GmbH", "Ltd", "SARL", "BV", "& Co", "AG")
_WORDS = ("Alder", "Brandt", "Corvin", "Delmas", "Eriksen", "Fontana", "Galdos", "Hooft", "Ibsen")


def measure(sets: dict[str, dict[str, str]], *, contents: bool, errors: bool) -> tuple[int, int]:
    right = total = 0
    for name, gold in sets.items():
        rng = random.Random(name)
        rows = list(zip(*(values(g, rng) for g in gold.values()), strict=True)) if contents else []
        guesses = suggest(list(gold), rows, name=name).guesses
        good = [is_right(g.target, gold[g.column]) for g in guesses]
        right, total = right + sum(good), total + len(good)
        print(f"  {name:24} {sum(good):3} of {len(good):3}  {sum(good) / len(good):.3f}")
        if errors:
            for guess, ok in zip(guesses, good, strict=True):
                if not ok:
                    print(
                        f"      {guess.column!r}: {guess.target!r},",
                        f"is {gold[guess.column]!r}; {guess.why}",
                    )
    return right, total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", choices=("build", "held_out"))
    parser.add_argument("--errors", action="store_true")
    given = parser.parse_args()
    data = yaml.safe_load(HEADERS.read_text(encoding="utf-8"))
    for part in [given.set] if given.set else ["build", "held_out"]:
        for contents in (False, True):
            what = "names and contents" if contents else "names alone"
            print(f"{part}, {len(data[part])} sets, {what}:")
            right, total = measure(data[part], contents=contents, errors=given.errors)
            print(f"  all {right} of {total} columns: {right / total:.3f}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
