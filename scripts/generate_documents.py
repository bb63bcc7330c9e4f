#!/usr/bin/env python3
"""Write made-up documents with gold: text PDFs and scans, from several hundred layout families.

    python scripts/generate_documents.py --out DIR --n 500 --seed 1
    python scripts/generate_documents.py --out DIR --n 50 --type invoice --scan 0.3 --held-back
    python scripts/generate_documents.py --families

DIR gets the documents and ``gold.jsonl``; see ``docs/generator.md`` for its keys.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from generator import documents, families, held_back
from generator.chance import Chance
from generator.data_files import LANGUAGES
from generator.design import COUNTS
from generator.files import as_file
from generator.make import SHARES


def chosen(kinds: list[str], which: str) -> dict[str, list[str]]:
    """Layout families by type: those for training, those held back, or all."""
    held = which == "held back"
    return {k: [f for f in families(k) if which == "all" or held_back(f) == held] for k in kinds}


def print_families() -> None:
    """Count the families of each type."""
    for kind in COUNTS:
        held = sum(map(held_back, families(kind)))
        sys.stdout.write(f"{kind}: {len(families(kind))} families, {held} held back\n")
    sys.stdout.write(
        f"all: {len(families())} families, {sum(map(held_back, families()))} held back\n"
    )


def main() -> None:
    """Write the documents that the arguments ask for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, help="folder for the documents and gold.jsonl")
    parser.add_argument("--n", type=int, default=100, help="how many documents")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--type", choices=list(COUNTS), action="append", help="only this type; may be repeated"
    )
    parser.add_argument(
        "--language", choices=LANGUAGES, action="append", help="only this language; may be repeated"
    )
    parser.add_argument("--scan", type=float, default=0.0, help="share of scans, 0 to 1")
    parser.add_argument(
        "--held-back", action="store_true", help="only families that training does not see"
    )
    parser.add_argument(
        "--all-families", action="store_true", help="families for training and held back"
    )
    parser.add_argument(
        "--families", action="store_true", help="count the layout families and stop"
    )
    parser.add_argument("--speed", type=int, default=0, help="time N documents in memory and stop")
    args = parser.parse_args()
    if args.families:
        print_families()
        return
    if args.speed:
        begin = time.process_time()
        words = sum(len(p.words) for made in documents(args.speed) for p in made.document.pages)
        seconds = time.process_time() - begin
        sys.stdout.write(
            f"{args.speed / seconds:.0f} documents, {words / seconds:.0f} words a second\n"
        )
        return
    if args.out is None:
        parser.error("--out is needed")
    args.out.mkdir(parents=True, exist_ok=True)
    which = "all" if args.all_families else "held back" if args.held_back else "training"
    pools = chosen(args.type or list(COUNTS), which)
    seen: Counter[str] = Counter()
    with (args.out / "gold.jsonl").open("w", encoding="utf-8") as lines:
        for at in range(args.n):
            chance = Chance(f"{args.seed} {at}")
            kind = chance.weighted({k: SHARES[k] for k in pools})
            code = chance.pick(args.language) if args.language else ""
            made = as_file(
                chance.pick(pools[kind]), f"{args.seed}.{at}", code, scan=chance.maybe(args.scan)
            )
            (args.out / made.name).write_bytes(made.content)
            lines.write(json.dumps(made.gold, ensure_ascii=False) + "\n")
            seen[kind] += 1
    sys.stderr.write(f"{args.n} documents in {args.out}: {dict(seen)}\n")


if __name__ == "__main__":
    main()
