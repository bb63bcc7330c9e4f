#!/usr/bin/env python3
"""Train the document type model on generated documents of all types.

    nice -n 10 python scripts/train_doctype.py --documents 4000

Writes models/doctype/doctype.npz. Its features are concepts and shapes, no words, so `--more TYPE
FILE.pkl` may add real documents (a pickled dict of name → Document); the card says which were used.
"""

from __future__ import annotations

import argparse
import pickle
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from generator import documents  # noqa: E402

from idp_cdi.extractors._view import View  # noqa: E402
from idp_cdi.scoring import trees  # noqa: E402
from idp_cdi.steps import classify  # noqa: E402

KINDS = ("invoice", "order", "receipt", "contract", "form")
SETTINGS = {
    "objective": "multiclass", "num_class": len(classify.TYPES), "num_leaves": 12,
    "learning_rate": 0.12, "min_data_in_leaf": 20, "feature_fraction": 0.4, "lambda_l2": 5.0,
    "bagging_fraction": 0.8, "bagging_freq": 1, "verbose": -1, "num_threads": 1, "seed": 3,
}  # fmt: skip
OF_KIND = {"credit": "credit_note", "credit_note": "credit_note", "reminder": "other",
           "delivery": "other", "quote": "other"}  # fmt: skip


def type_of(made):
    kind = made.details.get("kind", "")
    return OF_KIND.get(kind, "order" if made.type == "order" else made.type)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument("--more", nargs=2, action="append", default=[], metavar=("TYPE", "FILE"))
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "doctype")
    args = parser.parse_args()
    import lightgbm

    begin = time.process_time()
    sets = {}
    for which, count in (("training", args.documents), ("held back", args.documents // 5)):
        x, y = [], []
        for d in documents(count, seed=args.seed, types=KINDS, which=which):
            x.append(classify.features(View.of(d.document)))
            y.append(classify.TYPES.index(type_of(d)))
        sets[which] = x, y
        print(
            which,
            Counter(classify.TYPES[i] for i in y),
            f"{time.process_time() - begin:.0f} s",
            flush=True,
        )
    x, y = sets["training"]
    weights = [1.0] * len(x)
    for kind, file in args.more:
        for document in pickle.loads(Path(file).read_bytes()).values():
            if document.pages and any(p.words for p in document.pages):
                x.append(classify.features(View.of(document)))
                y.append(classify.TYPES.index(kind))
                weights.append(4.0)
    table = np.array(x, dtype=np.float32)
    data = lightgbm.Dataset(table, np.array(y), weight=np.array(weights))
    booster = lightgbm.train(SETTINGS, data, num_boost_round=40)
    every = trees.from_lightgbm(booster)
    models = {t: every[n :: len(classify.TYPES)] for n, t in enumerate(classify.TYPES)}
    forest = trees.Forest.join(models, classify.FEATURES)
    args.out.mkdir(parents=True, exist_ok=True)
    note = {"documents": args.documents, "seed": args.seed, "more": [k for k, _ in args.more]}
    trees.save(args.out / "doctype.npz", {"type": forest}, note)
    hx, hy = sets["held back"]
    guess = forest.raw(np.array(hx, dtype=np.float32)).argmax(axis=1)
    wrong = Counter(
        (classify.TYPES[a], classify.TYPES[b]) for a, b in zip(hy, guess, strict=True) if a != b
    )
    print(
        f"held back families: {np.mean(guess == np.array(hy)):.3f} right of {len(hy)}"
        f"; {dict(wrong)}"
    )
    print(f"{(args.out / 'doctype.npz').stat().st_size} bytes, {time.process_time() - begin:.0f} s")


if __name__ == "__main__":
    main()
