#!/usr/bin/env python3
"""Spoil an audit trail at random, so many times, and see that each time it is found.

    python scripts/spoil_audit.py --mutations 1000

One byte of one column is changed, an entry is deleted, or two change places. The trail is one of
300 decisions in a database of its own. Exit code 1 if any mutation was not found.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from itertools import pairwise
from pathlib import Path

from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "store"))

from test_audit import NOON, head, spoil

from idp_cdi.store import audit, log, open_store


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mutations", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    rng, found = random.Random(wanted.seed), Counter()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(str(Path(folder) / "store.db"))
        with store.writing() as connection:
            rows = [
                log.RecordRow(f"k{i}", "unknown", "customer", NOON, '{"o":[]}', f"c{i}")
                for i in range(301)
            ]
            for left, right in pairwise(log.append_records(connection, "crm", rows).new):
                log.append_decision(connection, left, right, "same", person="ann", why="because")
        last = head(store)
        with store.reading() as connection:
            entries = [dict(r) for r in connection.execute(select(audit.audit)).mappings()]
        for number in range(wanted.mutations):
            kind = ("change", "delete", "move")[number % 3]
            with store.engine.connect().execution_options(writing=True) as connection:
                spoil(connection, entries, kind, rng)
                found[kind, bool(audit.verify(connection, [last])[1])] += 1
                connection.rollback()
        store.close()
    for kind in ("change", "delete", "move"):
        print(f"{kind}: {found[kind, True]} found, {found[kind, False]} missed")
    return int(any(missed for (_, seen), missed in found.items() if not seen))


if __name__ == "__main__":
    raise SystemExit(main())
