#!/usr/bin/env python3
"""What publishing from a store costs: the first time, after a few changes, and with nothing new.

    idp-cdi --home big ingest customers.csv
    python scripts/bench_publish.py big --changes 100

The store is copied and published to a new DuckDB warehouse. Then so many new customers come in as a
feed, and it is published again: only the rows that differ are written. Prints rows written, CPU and
wall seconds, and the peak of memory (of this process, with DuckDB).
"""

from __future__ import annotations

import argparse
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from idp_cdi.connectors._mapping import parse
from idp_cdi.settings import Settings
from idp_cdi.steps.collect import collect
from idp_cdi.steps.publish import publish
from idp_cdi.store import open_store


def more_customers(folder: Path, count: int):
    """A source with `count` customers that the store does not know."""
    path = folder / "news.csv"
    rows = [f"N{i},Newcomer {i} GmbH,Neue Str. {i},{10_000 + i},Bonn" for i in range(count)]
    path.write_text("id,name,street,zip,city\n" + "\n".join(rows) + "\n", encoding="utf-8")
    fields = {"name": "name", "street": "street", "postal_code": "zip", "city": "city"}
    stream = {"key": "id", "kind": "organisation", "fields": fields}
    return parse({"source": "news", "location": str(path), "streams": {"*": stream}})


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("home", type=Path, help="folder with customers.db; it is left as it is")
    parser.add_argument("--changes", type=int, default=100)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-publish-") as name:
        home = Path(name)
        shutil.copy(wanted.home / "customers.db", home)
        settings = Settings(home=home)
        database = open_store(settings.store_url)
        _publish(database, settings, "first time")
        # This process has seen nothing of the store yet: the changes are brought by the same road.
        collect(more_customers(home, wanted.changes), settings, database)
        _publish(database, settings, f"{wanted.changes} more customers")
        _publish(database, settings, "nothing new")
        database.close()


def _publish(database, settings: Settings, what: str) -> None:
    cpu, wall = time.process_time(), time.monotonic()
    done = publish(database, settings, remember=False)
    changed = {n: (c.written, c.removed) for n, c in done.tables.items() if c.written or c.removed}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what}: {time.process_time() - cpu:.1f} CPU s, {time.monotonic() - wall:.1f} s, "
          f"peak {peak:,.0f} MB; written and removed: {changed}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
