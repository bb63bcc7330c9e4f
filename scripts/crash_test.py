#!/usr/bin/env python3
"""Kill the drop folder at random moments and at each transition; nothing may be lost or doubled.

    python scripts/crash_test.py                      # 300 documents, 300 kills, each transition
    python scripts/crash_test.py --documents 40 --kills 30 --short
    python scripts/crash_test.py --disk               # a full disk on a small tmpfs (needs root)
    python scripts/crash_test.py --two                # two watchers on one folder, killed too

An undisturbed run and a killed one work off the same documents. At the end every file is put away,
every document applied once, and the export of the store is the same, byte for byte. Each life is a
forked child that works in one process and is ended by SIGKILL.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import text

from idp_cdi.inbox import Pace, run
from idp_cdi.settings import Reading, Settings
from idp_cdi.store import intake, open_store

TRANSITIONS = ("note", "take", "keep", "commit", "put_away", "mark")
PACE = Pace(settle_s=0.0, patience_s=0.0, give_up_s=120.0)


def make_documents(folder: Path, count: int, seed: int) -> None:
    """Small invoices as text PDFs: a third of the buyers come again, some files are broken."""
    from reportlab.pdfgen.canvas import Canvas

    pick = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    words = ["Nord", "Falken", "Delta", "Birken", "Orion", "Linden", "Kranich", "Sommer", "Hafen"]
    for number in range(count):
        path = folder / f"{number % 7}" / f"invoice-{number:04}.pdf"
        path.parent.mkdir(exist_ok=True)
        if number % 50 == 49:
            path.write_bytes(b"%PDF-1.4\nbroken " + str(number).encode() + b"\n%%EOF\n")
            continue
        who = pick.randrange(count * 2 // 3 + 1)
        name = f"{words[who % 9]} {words[who // 9 % 9]} {who} GmbH"
        canvas = Canvas(str(path), invariant=1)
        lines = [
            f"{words[number % 9]} Lieferant {number} AG", f"Industrieweg {number % 90 + 1}",
            f"{80000 + number} München", "", name,
            f"Hauptstraße {who % 90 + 1}", f"{10000 + who} Berlin", "",
            f"Rechnungsnummer: 2026-{number:05}", "Rechnungsdatum: 31.01.2026", "",
            f"Gesamtbetrag: {100 + number},00 EUR",
        ]  # fmt: skip
        for line, words_ in enumerate(lines):
            canvas.drawString(70, 780 - 16 * line, words_)
        canvas.save()


def work(folder: Path, home: Path) -> int:
    """One life: work off the folder in this process."""
    settings = _settings(home)
    database = open_store(settings.store_url)
    try:
        return run(folder, settings, database, pace=PACE).files
    finally:
        database.close()


def live(folder: Path, home: Path, delay: float | None, step: str = "", after: int = 0) -> int:
    """Fork a life; kill it after `delay` seconds, or let it kill itself at a transition."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if step:
                _die_at(step, after)
            work(folder, home)
            code = 0
        finally:
            os._exit(code)
    if delay is not None:
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)  # a child that has killed itself is still to be waited for
    return os.waitpid(child, 0)[1]


def _die_at(step: str, after: int) -> None:
    """Make this process kill itself right after the `after`-th pass of a transition."""
    from idp_cdi.inbox import claims, engine
    from idp_cdi.inbox.folder import Run

    owner, name = {
        "note": (intake, "claim"),
        "take": (Run, "take"),
        "keep": (claims, "keep"),
        "commit": (engine, "commit"),
        "put_away": (Run, "put_away"),
        "mark": (intake, "mark"),
    }[step]
    whole, passed = getattr(owner, name), [0]

    def dying(*args, **more):
        result = whole(*args, **more)
        passed[0] += 1
        if passed[0] > after:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, dying)


def export(home: Path, folder: Path) -> str:
    """Everything that the store says, without times, row numbers and the folder's own place."""
    database = open_store(_settings(home).store_url)
    lines: list[str] = []
    with database.reading() as connection:
        for name, query in {
            "document": "SELECT sha256, size FROM document ORDER BY sha256",
            "sighting": "SELECT sha256, path FROM sighting ORDER BY path, sha256",
            "extraction": "SELECT sha256, status, type, payload FROM extraction ORDER BY sha256",
            "mention": "SELECT id, key FROM mention ORDER BY id",
            "record": "SELECT mention_id, content, payload FROM record ORDER BY id",
            "fact": "SELECT kind, key, payload FROM fact ORDER BY id",
            "customer": "SELECT seq, id, anchor_id FROM customer ORDER BY seq",
            "membership": "SELECT mention_id, customer_seq FROM membership ORDER BY mention_id",
            "edge": "SELECT left_id, right_id, weight FROM edge ORDER BY left_id, right_id",
            "golden": "SELECT customer_seq, kind, roles, payload FROM golden"
            " WHERE valid_to IS NULL ORDER BY customer_seq",
            "review": "SELECT id, kind, status, payload FROM review_item ORDER BY id",
            "intake": "SELECT path, state, sha256 FROM intake ORDER BY path, state",
        }.items():
            for row in connection.execute(text(query)):
                lines.append(json.dumps([name, *_plain(row, folder)], ensure_ascii=False))
    database.close()
    return "\n".join(lines) + "\n"


def _plain(row: object, folder: Path) -> list[object]:
    found = []
    for value in row:
        if isinstance(value, str):
            value = value.replace(str(folder), "FOLDER")
            if value.startswith("{") and '"seconds"' in value:
                value = json.dumps(json.loads(value) | {"seconds": 0}, ensure_ascii=False)
        elif isinstance(value, float):
            value = round(value, 9)
        found.append(value)
    return found


def _counts(lines: list[str]) -> dict[str, int]:
    return dict(Counter(json.loads(line)[0] for line in lines))


def check(folder: Path, home: Path, wanted: dict[str, str], expected: str) -> list[str]:
    """What is wrong in the end; nothing, if all is well."""
    wrong = []
    put = [p for kind in ("done", "quarantine") for p in (folder / kind).rglob("*") if p.is_file()]
    hashes = sorted(_sha(p) for p in put if not p.name.endswith(".reason.json"))
    if hashes != sorted(wanted.values()):
        wrong.append(f"{len(hashes)} files put away, {len(wanted)} were dropped")
    bad = [p for p in (folder / "quarantine").rglob("*") if p.is_file()]
    reasons = [p for p in bad if p.name.endswith(".reason.json")]
    if len(reasons) * 2 != len(bad):
        wrong.append(f"{len(bad) - len(reasons)} files in quarantine, {len(reasons)} reasons")
    left = [p for p in (folder / ".idp-cdi").rglob("*") if p.is_file()]
    if left:
        wrong.append(f"left in work: {left[:3]}")
    got = export(home, folder) if expected else ""
    if got != expected:
        ours, theirs = got.splitlines(), expected.splitlines()
        first = next((i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), 0)
        wrong.append(
            f"the export differs ({_counts(ours)} and {_counts(theirs)}), first:\n"
            f"  {ours[first][:300]}\n  {theirs[first][:300]}"
        )
    return wrong


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


#: Where the model for all lives is kept, below the place of this test.
_MODEL: list[Path] = []


def _settings(home: Path) -> Settings:
    own = home / "models" / "matching"
    if _MODEL and (_MODEL[0] / "model").is_dir() and not own.exists():
        own.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(_MODEL[0] / "model", own.with_name(f"new-{os.getpid()}"))
        own.with_name(f"new-{os.getpid()}").replace(own)
    return Settings(home=home, reading=Reading(workers=1))


def random_kills(place: Path, documents: int, kills: int, seed: int) -> list[str]:
    """The main test: an undisturbed run against one that is killed again and again."""
    make_documents(place / "calm" / "in", documents, seed)
    make_documents(place / "wild" / "in", documents, seed)
    begin = time.monotonic()
    live(place / "calm" / "in", place / "calm" / "home", None)
    calm = time.monotonic() - begin
    expected = export(place / "calm" / "home", place / "calm" / "in")
    folder, home = place / "wild" / "in", place / "wild" / "home"
    wanted = {str(p): _sha(p) for p in sorted(folder.rglob("*.pdf"))}
    pick, done = random.Random(seed), 0
    for number in range(kills):
        # Short lives while the batch is ahead of the kills, so that it lasts for all of them.
        ended = len(list((folder / "done").rglob("*.pdf")))
        longest = 0.3 if ended * kills > number * documents else min(4.0, max(0.8, calm / 8))
        step = TRANSITIONS[number % len(TRANSITIONS)] if number % 3 == 0 else ""
        after = pick.choice([0, 0, 1, 2, 5, 17])
        delay = pick.uniform(0.0, longest)
        status = live(folder, home, delay, step, after)
        done += os.WIFSIGNALED(status)
        if not list(folder.glob("[0-9]/*.pdf")) and not _unfinished(home, folder):
            break
    live(folder, home, None)
    print(f"{documents} documents, {done} kills, undisturbed run {calm:.1f} s")
    return check(folder, home, wanted, expected)


def each_transition(place: Path, seed: int) -> list[str]:
    """A kill right after each transition, after its first and after a later pass."""
    wrong = []
    make_documents(place / "calm" / "in", 12, seed)
    live(place / "calm" / "in", place / "calm" / "home", None)
    expected = export(place / "calm" / "home", place / "calm" / "in")
    for step in TRANSITIONS:
        for after in (0, 3):
            folder, home = place / f"{step}{after}" / "in", place / f"{step}{after}" / "home"
            make_documents(folder, 12, seed)
            wanted = {str(p): _sha(p) for p in sorted(folder.rglob("*.pdf"))}
            for _ in range(3):
                live(folder, home, None, step, after)
            live(folder, home, None)
            wrong += [f"{step} {after}: {w}" for w in check(folder, home, wanted, expected)]
    print(f"kills after each of {', '.join(TRANSITIONS)}")
    return wrong


def two_watchers(place: Path, documents: int, seed: int) -> list[str]:
    """Two runs at once on one folder and one store, both killed and started again."""
    folder, home = place / "in", place / "home"
    make_documents(folder, documents, seed)
    wanted = {str(p): _sha(p) for p in sorted(folder.rglob("*.pdf"))}
    pick, alive = random.Random(seed), []
    for _ in range(12):
        for _ in range(2):
            child = os.fork()
            if child == 0:
                try:
                    work(folder, home)
                finally:
                    os._exit(0)
            alive.append(child)
        time.sleep(pick.uniform(0.2, 2.0))
        for child in alive:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        alive.clear()
    live(folder, home, None)
    wrong = check(folder, home, wanted, "")
    database = open_store(_settings(home).store_url)
    with database.reading() as connection:
        for table in ("extraction", "document"):
            query = text(f"SELECT count(*), count(DISTINCT sha256) FROM {table}")
            rows, different = connection.execute(query).one()
            if rows != different:
                wrong.append(f"{rows} rows of {table} for {different} documents")
    database.close()
    print(f"two watchers, {documents} documents, 24 lives")
    return wrong


def full_disk(place: Path, seed: int) -> list[str]:
    """The home on a file system that fills up, and gets room again while the run waits."""
    disk, folder = place / "disk", place / "in"
    disk.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)], check=True)
    try:
        make_documents(folder, 40, seed)
        make_documents(place / "calm" / "in", 40, seed)
        live(place / "calm" / "in", place / "calm" / "home", None)
        expected = export(place / "calm" / "home", place / "calm" / "in")
        wanted = {str(p): _sha(p) for p in sorted(folder.rglob("*.pdf"))}
        open_store(_settings(disk / "home").store_url).close()
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(shutil.disk_usage(disk).free - 400_000))
        child = os.fork()
        if child == 0:
            code = 1
            try:
                work(folder, disk / "home")
                code = 0
            finally:
                os._exit(code)
        time.sleep(20)
        left = 40 - len(list((folder / "done").rglob("*.pdf")))
        ballast.unlink()
        status = os.waitpid(child, 0)[1]
        wrong = [] if left else ["the disk never was full"]
        if status:
            wrong.append(f"the run ended with {status}")
            live(folder, disk / "home", None)
        print(f"full disk: {left} of 40 documents waited, then went on")
        return wrong + check(folder, disk / "home", wanted, expected)
    finally:
        subprocess.run(["umount", str(disk)], check=False)


def main() -> None:
    """Run the tests that were asked for; exit code 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--disk", action="store_true", help="a full disk; needs root")
    parser.add_argument("--two", action="store_true", help="two watchers")
    parser.add_argument("--short", action="store_true", help="random kills only")
    asked = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="crash-test-"))
    _MODEL.append(place)
    _warm(place)
    try:
        if asked.disk:
            wrong = full_disk(place / "full", asked.seed)
        elif asked.two:
            wrong = two_watchers(place / "two", asked.documents, asked.seed)
        else:
            wrong = [] if asked.short else each_transition(place / "each", asked.seed)
            wrong += random_kills(place / "random", asked.documents, asked.kills, asked.seed)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    for line in wrong:
        print(f"WRONG: {line}")
    print("all is well" if not wrong else f"{len(wrong)} things are wrong")
    sys.exit(bool(wrong))


def _warm(place: Path) -> None:
    """Load code and models before forking, so that a short life does some work.

    Matching learns a model from the records where none is shipped or learned; then it depends on
    how many there are already, so one model is made here for all lives.
    """
    from idp_cdi.engines.local import Options
    from idp_cdi.engines.local import run as compare
    from idp_cdi.models_path import models_path
    from idp_cdi.steps.columns import current_columns
    from idp_cdi.steps.compare import columns

    make_documents(place / "warm" / "in", 24, 0)
    home = place / "warm" / "home"
    work(place / "warm" / "in", home)
    if not (models_path() / "matching" / "model.json").is_file():
        database = open_store(_settings(home).store_url)
        with database.reading() as connection:
            _, table = current_columns(connection)
        database.close()
        compare(table, Options(columns=columns())).model.save(_MODEL[0] / "model")


def _unfinished(home: Path, folder: Path) -> bool:
    database = open_store(_settings(home).store_url)
    try:
        with database.reading() as connection:
            return bool(intake.entries(connection, str(folder), states=intake.UNFINISHED))
    finally:
        database.close()


if __name__ == "__main__":
    main()
