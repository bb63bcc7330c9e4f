#!/usr/bin/env python3
"""What the drop folder costs on top of extraction, and whether its memory stays flat.

    python scripts/bench_inbox.py FOLDER [--repeat N]     # your documents
    python scripts/bench_inbox.py --made 200              # small invoices made here
    python scripts/bench_inbox.py --made 10000 --memory   # memory over many documents

Time is processor seconds of this process and its workers, so that other work on the machine does
not count; wall-clock time is printed beside it.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
from crash_test import make_documents

from idp_cdi.inbox import Pace, run
from idp_cdi.settings import Reading, Settings
from idp_cdi.steps.understand import understand_many
from idp_cdi.store import open_store


class Clock:
    """Wall and processor seconds of a stretch of work."""

    def __enter__(self) -> Clock:
        self.wall, self.cpu = time.perf_counter(), _cpu()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall, self.cpu = time.perf_counter() - self.wall, _cpu() - self.cpu


def _cpu() -> float:
    both = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in both)


def warm(place: Path) -> None:
    """Import everything that the road needs; that is paid once a start, not once a file."""
    make_documents(place / "warm", 3, 0)
    whole_road(place / "warm", place / "warm-home", 1)


def extraction_alone(folder: Path, home: Path, workers: int) -> tuple[Clock, int]:
    """Read and extract every file and forget what came of it."""
    settings = Settings(home=home)
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    with Clock() as clock:
        count = sum(1 for _ in understand_many(files, settings, workers=workers))
    return clock, count


def whole_road(folder: Path, home: Path, workers: int) -> tuple[Clock, int]:
    """The same files through the drop folder into a new store."""
    settings = Settings(home=home, reading=Reading(workers=workers))
    database = open_store(settings.store_url)
    with Clock() as clock:
        report = run(folder, settings, database, pace=Pace(settle_s=0.0, patience_s=0.0))
    database.close()
    return clock, report.files


def watched_memory(points: list[tuple[float, int, int]], end: threading.Event) -> None:
    """Note memory of this process and its workers every second."""
    me = psutil.Process()
    begin = time.monotonic()
    while not end.wait(1.0):
        sizes = [me.memory_info().rss]
        for child in me.children(recursive=True):
            try:
                sizes.append(child.memory_info().rss)
            except psutil.NoSuchProcess:
                continue
        points.append((time.monotonic() - begin, sizes[0], sum(sizes)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--made", type=int, default=0, help="make so many small invoices")
    parser.add_argument("--repeat", type=int, default=1, help="take the folder's files so often")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory", action="store_true", help="only the road, and its memory")
    asked = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="bench-inbox-"))
    try:
        folder = place / "in"
        folder.mkdir()
        if asked.made:
            make_documents(folder, asked.made, 1)
        for number in range(asked.repeat if asked.folder else 0):
            for path in sorted(p for p in asked.folder.rglob("*") if p.is_file()):
                target = folder / f"{number}-{path.name}"
                # A comment behind the end makes each copy a document of its own.
                target.write_bytes(
                    path.read_bytes() + (f"\n%{number}\n".encode() if number else b"")
                )
        warm(place)
        if not asked.memory:
            alone, count = extraction_alone(folder, place / "home-a", asked.workers)
            show("extraction alone", alone, count)
        points: list[tuple[float, int, int]] = []
        end = threading.Event()
        thread = threading.Thread(target=watched_memory, args=(points, end))
        thread.start()
        road, count = whole_road(folder, place / "home-b", asked.workers)
        end.set()
        thread.join()
        show("the whole road", road, count)
        if not asked.memory:
            more, longer = road.cpu / alone.cpu - 1, road.wall / alone.wall - 1
            print(f"on top: {more:+.1%} processor, {longer:+.1%} wall")
        for at in range(4, len(points), max(1, len(points) // 8)):
            seconds, own, everything = points[at]
            print(f"  after {seconds:6.0f} s: {own >> 20} MB, with workers {everything >> 20} MB")
    finally:
        shutil.rmtree(place, ignore_errors=True)


def show(what: str, clock: Clock, count: int) -> None:
    print(
        f"{what}: {count} files, {clock.wall:.1f} s wall ({count / clock.wall:.1f}/s), "
        f"{clock.cpu:.1f} s processor ({clock.cpu / max(count, 1) * 1000:.0f} ms a file)"
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
