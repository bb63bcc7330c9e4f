#!/usr/bin/env python3
"""Erase persons whose every value is a canary and search every file for what is left.

    python scripts/forget_canaries.py --canaries 1000

A house of as many persons as are needed is furnished with records, documents, answers, merges,
learned layouts, caches, put-away files and exports; all but one person and the neighbour are
erased. Then every file of the installation is read, packed ones unpacked, and searched for each
canary, apart from what the program says itself. Exit code 1 if any is found.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "steps"))

from forget_house import House

from idp_cdi.settings import Settings
from idp_cdi.steps.forget import forget
from idp_cdi.store import open_store


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--canaries", type=int, default=1000)
    parser.add_argument("--database", default="", help="SQLAlchemy URL; empty: SQLite")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder) / "home", database_url=wanted.database)
        store = open_store(settings.store_url)
        house = House(store, settings, Path(folder))
        house.person(0)
        persons = 1 + -(-wanted.canaries // (len(house.canaries[0]) + 2))
        house.canaries.clear()
        house.furnish(range(persons))
        before = sum(
            len({c for hit in house.found(n).values() for c in hit}) for n in range(1, persons)
        )
        begin = time.process_time()
        told = 0
        for n in range(1, persons):
            told += bool(forget(store, settings, house.customer(n), person="ann").left)
        spent = time.process_time() - begin
        left = {n: hits for n in range(1, persons) if (hits := house.found(n))}
        seeded = sum(len(house.canaries[n]) for n in range(1, persons))
        print(f"{seeded} canaries of {persons - 1} persons ({before} in files before), "
              f"{spent / (persons - 1):.2f} CPU s a person")  # fmt: skip
        found = sum(len(c) for hits in left.values() for c in hits.values())
        print(f"found afterwards: {found}; proofs that failed: {told}")
        print(f"the person that was not erased is still there: {bool(house.found(0))}")
        for n, hits in left.items():
            print(n, hits)
        store.close()
    return int(bool(left or told))


if __name__ == "__main__":
    raise SystemExit(main())
