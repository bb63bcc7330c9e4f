#!/usr/bin/env python3
"""From a CSV file to golden records in the store: time, memory and size as the feed grows.

Usage: bench_store.py [--sizes 10000 100000 1000000] [--generator PATH] [--keep FOLDER] [--url URL]

Each step runs in a process of its own: the first load; the same file again; a later file in which
one row of a hundred has another name and one of a thousand is new. CPU seconds are of the process
and its workers together, for other work may share the machine; memory is the largest process.
The made-up customers are those of ``gen_customers.py``.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GENERATOR = Path(__file__).parents[2] / "shared" / "eval" / "er" / "gen_customers.py"
STEPS = ("first load", "the same file again", "1 % changed")


def make(folder: Path, count: int, generator: Path, python: str) -> None:
    """``crm.csv`` and ``crm_2.csv`` in `folder`."""
    import pyarrow.parquet

    wanted = ["--n", str(count), "--seed", "31", "--out", str(folder)]
    subprocess.run([python, str(generator), *wanted], check=True, stdout=subprocess.DEVNULL)
    table = pyarrow.parquet.read_table(folder / "records.parquet")
    columns = [["" if v is None else v for v in c.to_pylist()] for c in table.columns]
    rows = list(zip(*columns, strict=True))
    _write(folder / "crm.csv", table.column_names, rows)
    name = table.column_names.index("name")
    for place in range(0, count, 100):
        row = rows[place]
        rows[place] = (*row[:name], f"{row[name]} Nord", *row[name + 1 :])
    rows += [(f"N{row[0]}", *row[1:]) for row in rows[: count // 1000]]
    _write(folder / "crm_2.csv", table.column_names, rows)


def _write(path: Path, header: list[str], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def load(file: str, home: str, url: str) -> None:
    """One ingest in this process; prints what it took as JSON."""
    from idp_cdi.settings import Settings
    from idp_cdi.steps.ingest import ingest
    from idp_cdi.store import open_store

    settings = Settings(home=Path(home), database_url=url)
    database = open_store(settings.store_url)
    begin = time.perf_counter()
    summary = ingest([Path(file)], settings, database, source="crm")
    wall = time.perf_counter() - begin
    database.close()
    own, others = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    told = {
        "wall": wall,
        "cpu": sum(u.ru_utime + u.ru_stime for u in (own, others)),
        "mb": max(own.ru_maxrss, others.ru_maxrss) / 1024,
        "rows": summary.rows_new + summary.rows_changed,
        "customers": summary.customers,
    }
    print(json.dumps(told))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--generator", type=Path, default=GENERATOR)
    parser.add_argument("--python", default=sys.executable, help="has pandas, for the generator")
    parser.add_argument("--keep", type=Path, help="folder for feeds, used again by a later run")
    parser.add_argument("--url", default="", help="database URL; empty: SQLite")
    parser.add_argument("--one", nargs=2, metavar=("FILE", "HOME"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        load(*args.one, args.url)
        return
    print("| rows | step | s | CPU s | MB | rows taken in | customers | store MB |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as temporary:
        for size in args.sizes:
            folder = (args.keep or Path(temporary)) / str(size)
            if not (folder / "crm_2.csv").exists():
                make(folder, size, args.generator, args.python)
            home = Path(temporary) / f"home-{size}"
            for step, name in zip(STEPS, ("crm.csv", "crm.csv", "crm_2.csv"), strict=True):
                command = [sys.executable, __file__, "--url", args.url, "--one"]
                command += [str(folder / name), str(home)]
                done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
                told = json.loads(done.stdout)
                store = home / "customers.db"
                mb = store.stat().st_size / 1e6 if store.exists() else 0
                print(
                    f"| {size:,} | {step} | {told['wall']:.1f} | {told['cpu']:.1f} |"
                    f" {told['mb']:.0f} | {told['rows']:,} | {told['customers']:,} | {mb:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
