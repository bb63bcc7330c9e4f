#!/usr/bin/env python3
"""One new record against a store of many customers, from the call to the durable commit.

    scripts/bench_online.py TABLE.csv [--single 500] [--home DIR]

TABLE has the columns record_id, entity_type, name, street, city, postcode, country, email, phone
and tax_id. All but the last rows go into a new SQLite store the way any feed does; those that were
held back come one by one, each standardised, logged, matched, clustered, its golden record derived
and committed with a full sync, and then in batches of 100, 1,000 and 10,000. Afterwards a process
of its own opens the store and takes one more record: what a start costs.
Prints one JSON object. CPU time is what to compare on a machine that others work on.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

FIELDS = {
    "name": "name", "street": "street", "city": "city", "postcode": "postal_code",
    "country": "country", "email": "email", "phone": "phone", "tax_id": "vat_id",
}  # fmt: skip
BATCHES = (100, 1_000, 10_000)


def record(row: dict[str, str | None]):
    """A row as a record, not standardised yet."""
    from idp_cdi.observations import Observation, Origin, PartyKind, PartyRole, Record

    key = str(row["record_id"])
    seen = tuple(
        Observation(f, v, v, 0.95, Origin(system="bench", table="t", row=key, column=c))
        for c, f in FIELDS.items()
        if (v := row.get(c))
    )
    kind = PartyKind.PERSON if row["entity_type"] == "person" else PartyKind.ORGANISATION
    return Record("bench", key, kind, PartyRole.CUSTOMER, datetime.now(UTC), seen)


def arrive(database, settings, rows) -> None:
    """Take rows in, in one transaction."""
    from idp_cdi.steps.standardise import standardise
    from idp_cdi.steps.unify import unify
    from idp_cdi.store import log

    records = [log.row_of(standardise(record(row))) for row in rows]
    with database.writing() as connection:
        appended = log.append_records(connection, "bench", records)
        unify(connection, settings, appended.touched)


def timed(do, *given) -> tuple[float, float]:
    """Wall and CPU time in milliseconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    do(*given)
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def spread(times: list[tuple[float, float]]) -> dict[str, float]:
    """Median and 99th percentile of wall and CPU time."""
    out = {}
    for which, name in enumerate(("wall_ms", "cpu_ms")):
        sorted_ = sorted(t[which] for t in times)
        out[f"p50_{name}"] = round(statistics.median(sorted_), 2)
        out[f"p99_{name}"] = round(sorted_[int(0.99 * len(sorted_))], 2)
    return out


def load(home: Path, table: Path, held: int) -> list[dict[str, str | None]]:
    """Everything but the last rows into a store; returns those."""
    from idp_cdi.settings import load as read_settings
    from idp_cdi.steps.collect import collect_file
    from idp_cdi.store import open_store

    lines = table.read_text(encoding="utf-8").splitlines()
    part = home / "customers.csv"
    part.write_text("\n".join(lines[:-held]) + "\n", encoding="utf-8")
    settings = read_settings(home=home)
    database = open_store(settings.store_url)
    start, cpu = time.perf_counter(), time.process_time()
    collect_file(part, settings, database)
    wall, used = time.perf_counter() - start, time.process_time() - cpu
    print(f"loaded {len(lines) - 1 - held:,}: {wall:.0f} s, {used:.0f} CPU s", file=sys.stderr)
    database.close()
    return rows_of([lines[0], *lines[-held:]])


def rows_of(lines: list[str]) -> list[dict[str, str | None]]:
    import csv

    return [{k: v or None for k, v in row.items()} for row in csv.DictReader(lines)]


def measure(home: Path, rows: list[dict[str, str | None]], single: int) -> dict[str, object]:
    """One by one, then in batches, then in a fresh process."""
    from idp_cdi.settings import load as read_settings
    from idp_cdi.steps import known
    from idp_cdi.store import open_store

    settings = read_settings(home=home)
    database = open_store(settings.store_url)
    build = timed(known.refresh, database, settings)
    said: dict[str, object] = {"index_build_s": round(build[1] / 1000, 1)}
    with database.reading() as connection:
        said["records"] = known.count(connection)
    for row in rows[:20]:
        arrive(database, settings, [row])
    times = [timed(arrive, database, settings, [row]) for row in rows[20 : 20 + single]]
    said["one"] = spread(times)
    at = 20 + single
    for size in BATCHES:
        if at + size <= len(rows):
            wall, cpu = timed(arrive, database, settings, rows[at : at + size])
            said[f"batch_{size}"] = {
                "records_per_s": round(size / wall * 1000),
                "records_per_cpu_s": round(size / cpu * 1000),
            }
            at += size
    database.close()
    return said


def fresh(home: Path, row: dict[str, str | None]) -> None:
    """In a process of its own: open the store, take one record, say how long it took."""
    from idp_cdi.settings import load as read_settings
    from idp_cdi.store import open_store

    def do() -> None:
        settings = read_settings(home=home)
        database = open_store(settings.store_url)
        arrive(database, settings, [row])

    wall, cpu = timed(do)
    print(json.dumps({"wall_ms": round(wall), "cpu_ms": round(cpu)}))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("table", type=Path)
    parser.add_argument("--single", type=int, default=500)
    parser.add_argument("--home", type=Path, help="a store loaded before by this script is used")
    parser.add_argument("--fresh", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.fresh:
        fresh(given.home, json.loads(given.fresh))
        return
    home = given.home or Path(tempfile.mkdtemp(prefix="bench_online"))
    held = 20 + given.single + sum(BATCHES) + 10
    held = min(held, sum(1 for _ in given.table.open(encoding="utf-8")) // 4)
    if (home / "held.json").exists():
        rows = json.loads((home / "held.json").read_text(encoding="utf-8"))
    else:
        home.mkdir(parents=True, exist_ok=True)
        rows = load(home, given.table, held)
        (home / "held.json").write_text(json.dumps(rows), encoding="utf-8")
    said = measure(home, rows[:-10], given.single)
    command = [sys.executable, __file__, str(given.table), "--home", str(home)]
    done = subprocess.run(
        [*command, "--fresh", json.dumps(rows[-1])], capture_output=True, text=True, check=True
    )
    said["first_record_of_a_process"] = json.loads(done.stdout)
    print(json.dumps(said))
    if given.home is None:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
