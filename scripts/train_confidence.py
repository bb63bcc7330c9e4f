"""Train the confidence of the invoice scorer on layout families that the scorer never saw.

    nice -n 10 python scripts/train_confidence.py --documents 2400

Writes models/scorer/confidence.npz (a small model of cues for each family of fields) and
models/scorer/calibration.json (the curves that make its output a probability, text and OCR apart).
Prints what the scorer gets right on these families.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from generator import documents  # noqa: E402

from idp_cdi.scoring import calibration, confidence, invoice, models, trees  # noqa: E402
from idp_cdi.scoring.agree import same  # noqa: E402
from idp_cdi.scoring.context import Context  # noqa: E402

SETTINGS = {
    "objective": "binary", "num_leaves": 12, "learning_rate": 0.06, "min_data_in_leaf": 40,
    "feature_fraction": 0.7, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 10.0,
    "verbose": -1, "num_threads": 1, "seed": 5,
}  # fmt: skip


def gather(count, seed, scan):
    """Cue rows, whether right, family, source and field of every choice; gold counts by field."""
    out = []
    gold_counts = defaultdict(int)
    kinds = ("invoice", "order", "receipt")
    for n, d in enumerate(documents(count, seed=seed, types=kinds, which="held back", scan=scan)):
        context = Context.of(d.document)
        parties, scored = models.score(context)
        for name, choice in invoice.choices_of(parties, scored, together=True).items():
            if name in d.ignore:
                continue
            good = any(same(name, choice.candidate.value, g) for g in d.gold.get(name, ()))
            out.append((n, confidence.family_of(name), "ocr" if context.ocr else "text", name,
                        confidence.cues(context, choice), good))  # fmt: skip
        for name in d.gold:
            if name not in d.ignore:
                gold_counts[name, context.ocr] += 1
    return out, gold_counts


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=2400)
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "scorer")
    args = parser.parse_args()
    import lightgbm

    begin = time.process_time()
    points, gold = gather(args.documents, args.seed, 0.4)
    print(f"{len(points)} choices, {time.process_time() - begin:.0f} s")
    forests, curves, final = {}, {}, []
    for family in confidence.FAMILIES:
        here = [p for p in points if p[1] == family]
        x = np.array([p[4] for p in here], dtype=np.float32)
        y = np.array([p[5] for p in here], dtype=np.float32)
        fold = np.array([p[0] % 2 for p in here])
        honest = np.zeros(len(here))
        for side in (0, 1):
            data = lightgbm.Dataset(x[fold != side], y[fold != side])
            booster = lightgbm.train(SETTINGS, data, num_boost_round=70)
            honest[fold == side] = booster.predict(x[fold == side])
        booster = lightgbm.train(SETTINGS, lightgbm.Dataset(x, y), num_boost_round=70)
        forests[family] = trees.Forest.join(
            {"right": trees.from_lightgbm(booster)}, confidence.CUES
        )
        for source in ("text", "ocr"):
            pick = [i for i, p in enumerate(here) if p[2] == source]
            scores, goods = [float(honest[i]) for i in pick], [bool(y[i]) for i in pick]
            curve = calibration.fit(scores, goods)
            curves[f"{family}/{source}"] = curve
            final += [
                (curve(s), g, here[i][3], source)
                for s, g, i in zip(scores, goods, pick, strict=True)
            ]
    args.out.mkdir(parents=True, exist_ok=True)
    note = {
        "documents": args.documents,
        "seed": args.seed,
        "command": f"train_confidence.py --documents {args.documents} --seed {args.seed}",
    }
    trees.save(args.out / "confidence.npz", forests, note)
    calibration.save(args.out / "calibration.json", curves, {k: str(v) for k, v in note.items()})
    report(final, gold)
    print(f"{time.process_time() - begin:.0f} s")


def report(final, gold):
    for source in ("text", "ocr"):
        mine = [p for p in final if p[3] == source]
        total = sum(v for (_, o), v in gold.items() if o == (source == "ocr"))
        for least in (0.2, 0.3, 0.4, 0.5):
            said = [p for p in mine if p[0] >= least]
            good = sum(p[1] for p in said)
            print(
                f"{source} least {least}: F1 {2 * good / (len(said) + total):.3f}"
                f" P {good / len(said):.3f} R {good / total:.3f}"
            )
        said = [(p[0], p[1]) for p in mine if p[0] >= 0.3]
        print(
            f"{source}: ECE {calibration.ece(said):.3f} AUROC {calibration.auroc(said):.3f}"
            f" caught in least certain tenth {calibration.caught(said):.2f}"
        )
    names = sorted({p[2] for p in final})
    for name in names:
        line = f"{name:26s}"
        for source in ("text", "ocr"):
            n = gold.get((name, source == "ocr"), 0)
            said = [p for p in final if p[2] == name and p[3] == source and p[0] >= 0.3]
            good = sum(p[1] for p in said)
            line += f"  {source} n {n:4d} P {good / max(1, len(said)):.3f} R {good / max(1, n):.3f}"
        print(line)


if __name__ == "__main__":
    main()
