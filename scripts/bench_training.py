#!/usr/bin/env python3
"""How much `idp-cdi train` helps after 10, 30, 60 … labelled documents.

    scripts/bench_training.py TYPE TRAIN.jsonl TEST.jsonl [--counts 10,30,60] [--cache FOLDER]

TYPE is a document type or its YAML file. The documents of TRAIN are shuffled (``--seed``), the
first 10, 30, 60 … are learned from, and the documents of TEST, which are never learned from, are
extracted with what was learned. Prints micro-F1, precision and calibration. ``--cache`` keeps what
the reader read, so that a second run only learns and extracts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import pickle
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from idp_cdi.evaluation.same import same
from idp_cdi.evaluation.score import read_gold, score
from idp_cdi.extractors._view import View
from idp_cdi.readers import read
from idp_cdi.scoring import Options, calibration, custom_model, custom_types
from idp_cdi.scoring.custom_sheet import Sheet
from idp_cdi.steps import train as step
from idp_cdi.steps.extract import extract


def read_once(path: Path, cache: Path | None):
    """The document, from the cache where it was read before."""
    kept = cache / f"{hashlib.sha256(path.read_bytes()).hexdigest()}.pickle" if cache else None
    if kept is not None and kept.exists():
        return pickle.loads(kept.read_bytes())
    document = read(path)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(document))
    return document


def labelled(kind, path: Path, cache: Path | None):
    """The documents of a gold file as training sees them."""
    for text in path.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        sheet = Sheet.of(View.of(read_once(path.parent / line["document"], cache)), kind)
        ignore = [step.generic(kind, n) for n in line.get("ignore", ())]
        gold = {step.generic(kind, n): v for n, v in line["fields"].items()}
        yield custom_model.labelled(line["document"], sheet, kind, gold, same, ignore)


def judge(name: str, path: Path, cache: Path | None):
    """The report of extracting the documents of a gold file."""
    gold = read_gold(path)
    found = {}
    for g in gold:
        document = read_once(path.parent / g.document, cache)
        fields = extract(document, Options(type=name, embedded=False)).fields
        found[g.document] = [(f.name, f.value, f.confidence) for f in fields]
    return score(gold, found)


def shown(label: str, report) -> str:
    """One line of the table."""
    total = report.micro
    return (
        f"| {label} | {total.f1:.3f} | {total.precision:.3f} | {total.recall:.3f} "
        f"| {calibration.ece(report.all_points):.3f} "
        f"| {calibration.auroc(report.all_points) or 0.0:.3f} |"
    )


def main() -> None:
    """Learn from more and more documents and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("type")
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--counts", default="10,30,60")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    kind = custom_types.load(given.type)
    documents = list(labelled(kind, given.train, given.cache))
    random.Random(given.seed).shuffle(documents)
    print("| documents | micro-F1 | precision | recall | ECE | AUROC |\n| --- |" + " --- |" * 5)
    with tempfile.TemporaryDirectory() as empty:
        os.environ["IDP_CDI_MODELS"] = empty
        print(shown("none, labels alone", judge(given.type, given.test, given.cache)), flush=True)
    for count in (int(c) for c in given.counts.split(",")):
        with tempfile.TemporaryDirectory() as models:
            os.environ["IDP_CDI_MODELS"] = models
            step.learn(kind, documents[:count], models=Path(models), seed=given.seed)
            print(shown(str(count), judge(given.type, given.test, given.cache)), flush=True)


if __name__ == "__main__":
    main()
