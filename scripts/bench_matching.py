#!/usr/bin/env python3
"""Matching measured on labelled sets, with Splink beside it in the same run.

    scripts/bench_matching.py --eval DIR [--peer-python PATH] [--set NAME]… [--generated SIZE:SEED]…
    scripts/bench_matching.py --eval DIR --all-sets --generated 100000:201   # sets and made-up ones
    scripts/bench_matching.py --online SIZE:SEED --eval DIR      # one record against many

DIR holds a folder a set (records and gold as CSV or Parquet) and `gen_customers.py`. Without a peer
only our own figures are printed. Every run is a process of its own, so that times and memory are
its own: wall and CPU seconds are from table to clusters, reading not counted, as Splink's are.
Output is one JSON object a line on stdout and a table on stderr.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SETS = "historical_50k febrl3 fake_1000 org_childcare org_patstat org_restaurants senzing".split()


def read(folder: Path, stem: str):
    """A table of strings from CSV (also .gz) or Parquet."""
    from idp_cdi.steps._plain_tables import read as read_tables

    for ending in (".csv", ".csv.gz", ".parquet"):
        if (folder / f"{stem}{ending}").exists():
            return read_tables(folder / f"{stem}{ending}")[0].data
    raise SystemExit(f"there is no {stem} in {folder}")


def load(folder: Path):
    """The records of a set and the true cluster of each as a number."""
    records, gold = read(folder, "records"), read(folder, "gold")
    truth = dict(
        zip(*(gold.column(c).to_pylist() for c in ("record_id", "cluster_id")), strict=True)
    )
    names = [truth[i] for i in records.column("record_id").to_pylist()]
    return records, np.unique(names, return_inverse=True)[1]


def pairs_in(sizes: np.ndarray) -> int:
    sizes = sizes.astype(np.int64)
    return int((sizes * (sizes - 1) // 2).sum())


def judge(gold: np.ndarray, found: np.ndarray) -> dict[str, float]:
    """Pairwise precision, recall and F1 of clusters; B-cubed F1; clusters found exactly."""
    found = np.unique(found, return_inverse=True)[1]
    joint = gold.astype(np.int64) * (found.max() + 1) + found
    key, at, count = np.unique(joint, return_inverse=True, return_counts=True)
    size_gold, size_found = np.bincount(gold), np.bincount(found)
    both, true, made = pairs_in(count), pairs_in(size_gold), pairs_in(size_found)
    precision, recall = both / max(made, 1), both / max(true, 1)
    cubed = [(count[at] / size_found[found]).mean(), (count[at] / size_gold[gold]).mean()]
    exact = (count == size_gold[key // (found.max() + 1)]) & (
        count == size_found[key % (found.max() + 1)]
    )
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / max(precision + recall, 1e-9),
        "b_cubed": 2 * cubed[0] * cubed[1] / sum(cubed),
        "exact_clusters": int(exact.sum()),
        "gold_clusters": len(size_gold),
    }


def reliability(probability: np.ndarray, match: np.ndarray) -> list[list[float]]:
    """Of pairs by probability: from, mean probability, share that match, how many."""
    edges = [0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0001]
    out = []
    for low, high in itertools.pairwise(edges):
        inside = (probability >= low) & (probability < high)
        if inside.any():
            out.append(
                [
                    low,
                    float(probability[inside].mean()),
                    float(match[inside].mean()),
                    int(inside.sum()),
                ]
            )
    return out


def ours(folder: Path) -> dict[str, object]:
    """One run of ours on one set."""
    from idp_cdi.engines.local import run

    records, gold = load(folder)
    base = resource.getrusage(resource.RUSAGE_SELF)
    start = time.perf_counter()
    result = run(records)
    wall = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_SELF)
    match = gold[result.pairs.left] == gold[result.pairs.right]
    bins = reliability(result.pairs.probability, match)
    return {
        "set": folder.name,
        "tool": "idp-cdi",
        **judge(gold, result.clusters),
        "records": len(gold),
        "pairs": len(match),
        "blocking_recall": float(match.sum() / max(pairs_in(np.bincount(gold)), 1)),
        "wall_s": wall,
        "cpu_s": used.ru_utime + used.ru_stime - base.ru_utime - base.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
        "reliability": bins,
        "calibration_error": error_of(bins),
        "doubtful_error": error_of(bins, 0.05),
    }


def online(folder: Path, asked: int = 500) -> dict[str, object]:
    """Single records against an index of all others: how long, and whether as in the batch."""
    from idp_cdi.engines.local import run
    from idp_cdi.matching.online import Index, Segment

    records, _ = load(folder)
    ids = records.column("record_id").to_pylist()
    result = run(records)
    with tempfile.TemporaryDirectory() as made:
        Segment.of(records, np.arange(len(ids)), result.model).save(Path(made) / "rows")
        index = Index(result.model, [Segment.open(Path(made) / "rows")])
        numbers = np.random.default_rng(1).choice(len(ids), asked, replace=False)
        times = []
        for number, row in zip(numbers.tolist(), records.take(numbers).to_pylist(), strict=True):
            start = time.perf_counter()
            index.score(row, leave_out=number)
            times.append((time.perf_counter() - start) * 1000)
    times.sort()
    return {
        "records": len(ids), "asked": asked, "p50_ms": statistics.median(times),
        "p99_ms": times[int(0.99 * asked)],
    }  # fmt: skip


def peer(python: str, folder: Path, evaluation: Path) -> dict[str, object]:
    """Splink on the same set, with its own settings for it."""
    known = folder.name in SETS
    script = evaluation / "peers" / ("splink_eval.py" if known else "splink_scale.py")
    given = (
        ["--set", str(folder), "--profile", folder.name, "--lean"]
        if known
        else ["--data", str(folder)]
    )
    done = subprocess.run([python, str(script), *given], capture_output=True, text=True, check=True)
    said = json.loads(done.stdout.strip().splitlines()[-1])
    best = said["cluster_095"]
    return {
        "set": folder.name, "tool": f"splink {said['splink']}", "precision": best["precision"],
        "recall": best["recall"], "f1": best["f1"], "exact_clusters": best["exact_clusters"],
        "f1_at_its_best_threshold": said["cluster_best"]["f1"], "wall_s": said["total_wall_s"],
        "cpu_s": sum(v for k, v in said.items() if k.endswith("_cpu_s") and k != "total_cpu_s"),
        "peak_mb": said["peak_rss_mb"],
    }  # fmt: skip


def generated(evaluation: Path, spec: str, into: Path, python: str) -> Path:
    """A folder with made-up customers, as SIZE:SEED says; `python` has pandas."""
    size, _, seed = spec.partition(":")
    folder = into / f"customers_{size}_{seed or 7}"
    script = evaluation / "gen_customers.py"
    subprocess.run(
        [python, str(script), "--n", size, "--seed", seed or "7", "--out", str(folder)],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return folder


def alone(call: str, folder: Path) -> dict[str, object]:
    """`ours` or `online` in a fresh process."""
    # Arrow's memory as `idp-cdi match` has it.
    done = subprocess.run(
        [sys.executable, __file__, "--eval", str(folder.parent), f"--only-{call}", str(folder)],
        capture_output=True, text=True, check=True,
        env={"ARROW_DEFAULT_MEMORY_POOL": "system"} | os.environ,
    )  # fmt: skip
    return json.loads(done.stdout.strip().splitlines()[-1])


def line(row: dict) -> str:
    """The figures of one run for people."""
    shown = f"{row['set']:24} {row['tool']:14} F1 {row['f1']:.4f}"
    shown += f"  P {row['precision']:.4f}  R {row['recall']:.4f}"
    shown += f"  exact {row['exact_clusters']}"
    if "b_cubed" in row:
        shown += f"/{row['gold_clusters']}  B3 {row['b_cubed']:.4f}"
        shown += f"  ECE {row['calibration_error']:.4f}/{row['doubtful_error']:.3f}"
        shown += f"  blocking {row['blocking_recall']:.4f}"
    return f"{shown}  {row['cpu_s']:.1f} CPU s  {row['peak_mb']:.0f} MB"


def error_of(bins: list[list[float]], least: float = 0.0) -> float:
    """How far probability is from truth, on the average of the pairs from `least` on (ECE)."""
    kept = [b for b in bins if b[0] >= least]
    return sum(abs(b[1] - b[2]) * b[3] for b in kept) / max(sum(b[3] for b in kept), 1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--eval", type=Path, required=True)
    parser.add_argument("--peer-python", help="a Python that has Splink")
    parser.add_argument("--all-sets", action="store_true", help="the sets beside generated ones")
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--generated", action="append", default=[], metavar="SIZE:SEED")
    parser.add_argument("--online", metavar="SIZE:SEED")
    parser.add_argument("--only-ours", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--only-online", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only_ours or given.only_online:
        print(json.dumps(ours(given.only_ours) if given.only_ours else online(given.only_online)))
        return
    python = given.peer_python or sys.executable
    with tempfile.TemporaryDirectory() as made:
        if given.online:
            print(
                json.dumps(alone("online", generated(given.eval, given.online, Path(made), python)))
            )
            return
        names = given.set or (SETS if given.all_sets or not given.generated else [])
        folders = [given.eval / n for n in names]
        folders += [generated(given.eval, spec, Path(made), python) for spec in given.generated]
        for folder in folders:
            rows = [alone("ours", folder)]
            if given.peer_python:
                rows.append(peer(given.peer_python, folder, given.eval))
            for row in rows:
                print(json.dumps(row), flush=True)
                print(line(row), file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
