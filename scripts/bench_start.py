#!/usr/bin/env python3
"""Measure one document by command line, cold: a fresh process each time.

    python scripts/bench_start.py samples/inbox/invoice-en.pdf --runs 9

Processor and wall-clock seconds of ``idp-cdi extract FILE``, Python's start included, for each
format. The first run of each is not counted: it writes Python's compiled files (into a folder of
its own, so that the environment's wish to keep none does not matter) and warms the page cache.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = "from idp_cdi.cli.main import main; main()"


def once(arguments: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Processor and wall-clock seconds of one run."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-c", PROGRAM, *arguments]
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, wall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--runs", type=int, default=9)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"PYTHONPYCACHEPREFIX": folder, "IDP_CDI_HOME": str(Path(folder) / "home")}
        environment["PYTHONPATH"] = str(ROOT)
        file = str(args.file.resolve())
        ways = {
            "the table": ["extract", file],
            "json": ["extract", "--format", "json", file],
            "--help": ["--help"],
        }
        for name, arguments in ways.items():
            once(arguments, environment)
            runs = [once(arguments, environment) for _ in range(args.runs)]
            cpu, wall = zip(*runs, strict=True)
            print(
                f"{name:10} CPU {min(cpu):.3f} s at least, {statistics.median(cpu):.3f} median;"
                f"  wall {min(wall):.3f} s at least, {statistics.median(wall):.3f} median"
                f"  ({args.runs} runs)"
            )


if __name__ == "__main__":
    main()
