#!/usr/bin/env python3
"""Extract made-up contracts or forms of held-back layout families and score them.

    scripts/bench_made_up.py contract|form [--documents 60] [--seed 7] [--language de]

Six languages, all kinds of contract (services, supply, licence, lease, loan, employment, secrecy)
and of form, clean and degraded. An upper bound for real papers: generator and cues are ours.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from generator import documents  # noqa: E402

from idp_cdi.evaluation.score import Gold, score  # noqa: E402
from idp_cdi.scoring import Options, calibration  # noqa: E402
from idp_cdi.steps.extract import extract  # noqa: E402

SEVERAL = frozenset({"party.name", "signer.name", "party.address", "notice_address"})


def main() -> None:
    """Print the table of fields and the micro figures by language."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("type", choices=("contract", "form"))
    parser.add_argument("--documents", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--language", default="")
    given = parser.parse_args()
    gold: list[Gold] = []
    found = {}
    by_language: dict[str, list[Gold]] = defaultdict(list)
    made = documents(given.documents, seed=given.seed, types=(given.type,), which="held back")
    for number, g in enumerate(made):
        name = f"{number}"
        line = Gold(name, g.gold, SEVERAL & set(g.gold), type=given.type, language=g.language)
        if given.language not in ("", g.language):
            continue
        fields = extract(g.document, Options(type=given.type, embedded=False)).fields
        found[name] = [(f.name, f.value, f.confidence) for f in fields]
        gold.append(line)
        by_language[g.language].append(line)
    report = score(gold, found)
    print("| field | gold | precision | recall | F1 |\n| --- | --- | --- | --- | --- |")
    for name, c in sorted(report.fields.items(), key=lambda p: -p[1].gold):
        print(f"| {name} | {c.gold} | {c.precision:.2f} | {c.recall:.2f} | {c.f1:.3f} |")
    m = report.micro
    print(f"| all (micro) | {m.gold} | {m.precision:.2f} | {m.recall:.2f} | {m.f1:.3f} |")
    points = report.all_points
    print(f"\nECE {calibration.ece(points):.3f}, AUROC {calibration.auroc(points) or 0.0:.3f}")
    for language, lines in sorted(by_language.items()):
        m = score(lines, found).micro
        print(f"{language}: {len(lines)} documents, {m.gold} values, F1 {m.f1:.3f}")


if __name__ == "__main__":
    main()
