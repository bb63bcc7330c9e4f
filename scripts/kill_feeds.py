#!/usr/bin/env python3
"""Kill runs of every connector at random moments: is the store that of an undisturbed run?

    python scripts/kill_feeds.py --rows 1500 --kills 20 --ways csv,sql,rest

Each way reads the same made-up customers (bank statements and ledger journals: events) in chunks
of 50 rows, from the first row to golden customers. A run is killed (SIGKILL) and started again
until it comes to its end; then log, facts, refused rows and the grouping into customers are
compared with those of a run that nobody disturbed, and the next store begins, until there were so
many kills. Exit code 1 where any store differs.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

import bench_connectors
from sqlalchemy import select

from idp_cdi.connectors._mapping import dump
from idp_cdi.steps.suggest import suggest_source
from idp_cdi.store import open_store
from idp_cdi.store.schema import fact, membership, mention, record, rejection

_RUN = """
import sys
from importlib import import_module
from pathlib import Path
from idp_cdi.connectors._mapping import load
from idp_cdi.settings import Settings
from idp_cdi.steps.collect import collect
from idp_cdi.store import open_store
for name in ("camt", "csv", "excel", "jsonl", "mt940", "parquet", "saft", "singer", "sql"):
    import_module(f"idp_cdi.connectors.{name}").CHUNK_ROWS = 50
import_module("idp_cdi.connectors.rest")._PAGE_ROWS = 50
database = open_store(f"sqlite:///{sys.argv[2]}")
print("ready", flush=True)
collect(load(sys.argv[1]), Settings(home=Path(sys.argv[2]).parent), database)
print("done", flush=True)
"""


def source_file(way: str, folder: Path, rows: int, server: str) -> Path:
    """The source file of a way, its mapping suggested."""
    location = bench_connectors.make(way, folder, rows)
    name = {"gl": "csv"}.get(way, way)
    if server:
        spec = suggest_source(f"{server}/?page=1", name=way)
        resource = next(iter(spec.options["resources"].values()))
        resource.pop("params")
        resource["paging"] = {"page": "page"}
    else:
        spec = suggest_source(location, name=way, way=name)
    path = folder / f"{way}.yaml"
    path.write_text(dump(spec), encoding="utf-8")
    return path


def run(source: Path, store: Path, after: float | None = None) -> float | None:
    """Run to the end, or kill after so many seconds of work.

    Returns:
        The seconds it took, None when it was killed.
    """
    command = [sys.executable, "-c", _RUN, str(source), str(store)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    if process.stdout.readline().strip() != "ready":
        raise SystemExit(process.communicate()[1])
    begin = time.monotonic()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(after)
    spent = time.monotonic() - begin
    process.send_signal(signal.SIGKILL)
    told, trouble = process.communicate()
    if after is None and "done" not in told:
        raise SystemExit(trouble)
    return spent if "done" in told else None


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """What a store holds, without the numbers and times that differ between runs."""
    database = open_store(f"sqlite:///{path}")
    with database.reading() as db:
        said = select(mention.c.key, record.c.content, record.c.payload).join(
            record, record.c.mention_id == mention.c.id
        )
        groups: dict[int, list[str]] = {}
        for seq, key in db.execute(
            select(membership.c.customer_seq, mention.c.key).join(
                mention, mention.c.id == membership.c.mention_id
            )
        ):
            groups.setdefault(seq, []).append(key)
        found = {
            "records": sorted(map(tuple, db.execute(said))),
            "facts": sorted(
                map(tuple, db.execute(select(fact.c.kind, fact.c.key, fact.c.payload)))
            ),
            "refused": sorted(map(tuple, db.execute(select(rejection.c.row, rejection.c.code)))),
            "customers": sorted(tuple(sorted(keys)) for keys in groups.values()),
        }
    database.close()
    return found


def check(way: str, folder: Path, rows: int, kills: int, chance: random.Random) -> bool:
    """Try one way and print what came out; whether the two stores are the same."""
    server = None
    if way == "rest":
        server = bench_connectors._serve(Path(bench_connectors.make(way, folder, rows)))
    address = f"http://127.0.0.1:{server[1]}" if server is not None else ""
    whole, killed, stores, same = folder / f"{way}.db", 0, 0, True
    try:
        source = source_file(way, folder, rows, address)
        whole_s = run(source, whole) or 0.0
        wanted = content(whole)
        while killed < kills:
            store = folder / f"{way}-{stores}.db"
            while run(source, store, chance.uniform(0, 0.8 * whole_s)) is None:
                killed += 1
            stores, same = stores + 1, same and content(store) == wanted
    finally:
        if server is not None:
            server[0].kill()
    counts = {name: len(rows) for name, rows in wanted.items()}
    said = "all the same" if same else "DIFFERENT"
    print(f"{way:8} {killed:3} kills of {stores} stores, {json.dumps(counts)}: {said}", flush=True)
    return same


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1500)
    parser.add_argument("--kills", type=int, default=20, help="of each way")
    parser.add_argument("--ways", default=",".join(bench_connectors.WAYS))
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    chance = random.Random(wanted.seed)
    with tempfile.TemporaryDirectory(prefix="kill-feeds-") as folder:
        done = [
            check(way, Path(folder), wanted.rows, wanted.kills, chance)
            for way in wanted.ways.split(",")
        ]
    return int(not all(done))


if __name__ == "__main__":
    raise SystemExit(main())
