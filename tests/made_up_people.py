"""Made-up records for the matching tests: small, with known duplicates, drawn from a seed."""

from __future__ import annotations

import random

import pyarrow as pa

GIVEN = (
    "alba boris clio dario edda fritjof gwen hanno ilka jorun kira lasse mina nils oda piet".split()
)
FAMILY = [
    a + b
    for a in ("ahren", "birken", "cles", "doren", "elms", "farn", "gers", "holl", "inster", "jor")
    for b in ("bach", "dahl", "feld", "gaard", "holm", "keld", "lund", "moor", "thal", "wick")
]
TOWNS = [f"{a}{b}" for a in ("Ost", "Nord", "Alt", "Neu", "Klein") for b in ("au", "eck", "ried")]


def misspell(text: str, rng: random.Random) -> str:
    at = rng.randrange(1, max(2, len(text) - 1))
    return text[:at] + rng.choice("aeionrst") + text[at + 1 :]


def people(count: int, seed: int) -> tuple[pa.Table, list[int]]:
    """Persons with one to three records each; the truth is the number of the person."""
    rng = random.Random(seed)
    rows: list[dict[str, str | None]] = []
    truth: list[int] = []
    for person in range(count):
        given, family, town = rng.choice(GIVEN), rng.choice(FAMILY), rng.choice(TOWNS)
        born = f"{rng.randrange(1930, 2005)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
        mail = f"{given}.{family}{person}@post.example"
        street = f"{rng.choice(FAMILY).title()}strasse {rng.randrange(1, 99)}"
        for copy in range(rng.choice((1, 1, 2, 3))):
            row: dict[str, str | None] = {
                "first_name": given.title(), "last_name": family.title(), "birth_date": born,
                "street": street, "city": town, "email": mail,
                "zip": str(10000 + TOWNS.index(town)),
            }  # fmt: skip
            if copy:
                spoiled = rng.choice(("last_name", "email", "street"))
                row[spoiled] = misspell(row[spoiled] or "", rng)
                row[rng.choice(("birth_date", "email", "street"))] = None
            rows.append(row)
            truth.append(person)
    order = list(range(len(rows)))
    rng.shuffle(order)
    rows, truth = [rows[i] for i in order], [truth[i] for i in order]
    ids = [f"r{i}" for i in range(len(rows))]
    columns = {k: pa.array([r[k] for r in rows], pa.string()) for k in rows[0]}
    return pa.table({"record_id": ids, **columns}), truth


def quality(labels: list[int], truth: list[int]) -> tuple[float, float]:
    """Precision and recall over all pairs of records."""
    n = len(labels)
    both = found = true = 0
    for i in range(n):
        for j in range(i):
            same, real = labels[i] == labels[j], truth[i] == truth[j]
            both, found, true = both + (same and real), found + same, true + real
    return both / max(found, 1), both / max(true, 1)
