#!/usr/bin/env python3
"""Train the confidence of the invoice scorer on layout families that the scorer never saw.

    python scripts/generate_documents.py --out SCANS --n 90 --type receipt --scan 1 --held-back
    nice -n 10 python scripts/train_confidence.py --documents 2400 --scans SCANS

Generated pages go through a cheap model of OCR errors; ``--scans`` adds scans that real OCR reads.
Writes models/scorer/confidence.npz (a small model of cues for each family of fields) and
models/scorer/calibration.json (the curves that make its output a probability, text and OCR apart).
Those layouts are stranger than most papers; ``--seen`` more documents of the families that the
scorer knows (of another seed) tell how far its own odds may be trusted beside that: the weights of
both opinions go to models/scorer/pool.json. ``--labelled`` real invoices (a gold file) then say by
how much made-up layouts are harder than real ones: one number, added to the log-odds of all
values. Prints what is right on held-back families.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from generator import documents  # noqa: E402

from idp_cdi.evaluation.same import same  # noqa: E402
from idp_cdi.readers import read  # noqa: E402
from idp_cdi.scoring import (  # noqa: E402
    Options,
    calibration,
    confidence,
    invoice,
    logistic,
    models,
    others,
    trees,
)
from idp_cdi.scoring.confidence_cues import CUES, FALLING, RISING, cues, document_cues  # noqa: E402
from idp_cdi.scoring.context import Context  # noqa: E402

SETTINGS = {
    "objective": "binary", "num_leaves": 15, "learning_rate": 0.06, "min_data_in_leaf": 30,
    "feature_fraction": 0.6, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 10.0,
    "verbose": -1, "num_threads": 1, "seed": 5,
    "monotone_constraints": [(c in RISING) - (c in FALLING) for c in CUES],
}  # fmt: skip
TREES = 90
BLANKED = 0.12
"""Share of the documents of which one required field is wiped out."""
REAL = ("invoice_number", "issue_date", "total", "seller.name", "seller.address")
"""Fields that mean on advertising invoices what they mean on others."""
WIDTH = 1.0
"""Log-odds by which real papers are thought to differ from made-up ones before any is seen."""
LEAST = 0.3
"""As in `scoring.why`: what is less likely is not said."""


@dataclass
class Points:
    """What was chosen on generated documents, and whether it was right.

    `rows` are (document, family, source, field, cues, right, the scorer's own probability); `plain`
    the scores of fields that are no choice between candidates, by curve name; `gold` counts values
    by field and source.
    """

    rows: list = field(default_factory=list)
    plain: dict = field(default_factory=lambda: defaultdict(list))
    gold: dict = field(default_factory=lambda: defaultdict(int))
    required: list = field(default_factory=list)


def gather(made):
    """Choose on generated documents and look up what is right.

    Args:
        made: Documents with type, gold and the fields that are not to be judged.
    """
    points = Points()
    for n, (document, kind, gold, ignore) in enumerate(made):
        context = Context.of(document)
        choices, raw = chosen(context, kind)
        source = "ocr" if context.ocr else "text"
        cue = document_cues(context, choices, kind)
        for name, choice in choices.items():
            if name in ignore or (name.endswith(".country") and name not in gold):
                continue  # a country told by a prefix to the postcode is no gold, but no error
            good = any(same(name, choice.candidate.value, g) for g in gold.get(name, ()))
            family = confidence.family_of(name)
            own = confidence.plain(choice)
            points.rows.append((n, family, source, name, cues(context, choice, cue), good, own))
        for f in others.fields_of(context, choices, raw):
            if f.name not in ignore:
                good = any(same(f.name, f.value, g) for g in gold.get(f.name, ()))
                points.plain[f"{f.name}/{source}"].append((f.confidence, good))
        for name in gold:
            if name not in ignore:
                points.gold[name, source] += 1
        points.required += [
            (n, source, name, name in gold)
            for name in invoice.REQUIRED.get(kind, ())
            if name not in ignore
        ]
    return points


def generated(count, seed, start=0, which="held back"):
    """Documents of families of one kind, some through the model of OCR errors.

    Advertising orders are left out: whose order they are is for a type of their own to say.
    """
    kinds = ("invoice", "order", "receipt")
    made = documents(count, seed, types=kinds, which=which, scan=0.4, start=start)
    for n, d in enumerate(made, start):
        rng = random.Random(f"{seed} {n}")
        if d.details["kind"] == "media":
            continue
        there = [n for n in invoice.REQUIRED[d.type] if n in d.gold and n != "currency"]
        if there and rng.random() < BLANKED:
            name = rng.choice(there)
            gold = {n: v for n, v in d.gold.items() if n != name}
            yield without(d.document, d.spans, name), d.type, gold, d.ignore
        else:
            yield d.document, d.type, d.gold, d.ignore


def without(document, spans, name):
    """The document with the printings of one field wiped out, so that absence is learned too."""
    gone = {(s.page, w) for s in spans if s.field == name for w in s.words}
    pages = [
        replace(p, words=tuple(w for i, w in enumerate(p.words) if (p.number, i) not in gone))
        for p in document.pages
    ]
    return replace(document, pages=tuple(pages))


def scanned(folder):
    """What real OCR reads on the scans of a folder that generate_documents.py wrote; kept there."""
    for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        kept = folder / f"{gold['document']}.pickle"
        if not kept.exists():
            kept.write_bytes(pickle.dumps(read(folder / gold["document"])))
        yield pickle.loads(kept.read_bytes()), gold["type"], gold["fields"], gold["ignore"]


def chosen(context, kind):
    """The choices of a document as `invoice.decide` makes them, and a rater without calibration."""
    parties, scored = models.score(context)
    choices = invoice.choices(context, parties, scored, Options(type=kind))
    return choices, confidence.Rater(context, choices, Options(type=kind, calibrated=False))


def honest_scores(x, y, fold):
    """Scores of each row by a model that saw only the other half of the documents."""
    import lightgbm

    out = np.zeros(len(y))
    for side in (0, 1):
        data = lightgbm.Dataset(x[fold != side], y[fold != side])
        out[fold == side] = lightgbm.train(SETTINGS, data, TREES).predict(x[fold == side])
    booster = lightgbm.train(SETTINGS, lightgbm.Dataset(x, y), TREES)
    return out, trees.Forest.join({"right": trees.from_lightgbm(booster)}, CUES)


def train(points):
    """Forests and curves by name, and (confidence, right, field, source) of every choice."""
    forests, curves, final, said = {}, {}, [], {}
    opinions = defaultdict(list)
    for family in confidence.FAMILIES:
        here = [p for p in points.rows if p[1] == family]
        x = np.array([p[4] for p in here], dtype=np.float32)
        y = np.array([p[5] for p in here], dtype=np.float32)
        scores, forests[family] = honest_scores(x, y, np.array([p[0] % 2 for p in here]))
        for source in ("text", "ocr"):
            pick = [i for i, p in enumerate(here) if p[2] == source]
            goods = [bool(y[i]) for i in pick]
            curve = calibration.fit([float(scores[i]) for i in pick], goods)
            curves[f"{family}/{source}"] = curve
            for i, good in zip(pick, goods, strict=True):
                p = curve(float(scores[i]))
                final.append((p, good, here[i][3], source))
                opinions[source].append(
                    ([calibration.logit(p), calibration.logit(here[i][6])], good)
                )
                said[here[i][0], here[i][3]] = p
    for name, found in points.plain.items():
        curves[name] = calibration.fit([s for s, _ in found], [g for _, g in found])
        final += [(curves[name](s), g, *name.split("/")) for s, g in found]
    for source in ("text", "ocr"):
        missing = [
            (1.0 - said.get((n, name), 0.0), not there)
            for n, where, name, there in points.required
            if where == source and said.get((n, name), 0.0) < LEAST and name != "currency"
        ]
        curves[f"absent/{source}"] = calibration.fit_isotonic(
            [s for s, _ in missing], [a for _, a in missing]
        )
    return forests, curves, final, opinions


def judged(points, forests, curves):
    """By source what the trained confidence and the scorer itself say of other documents."""
    opinions = defaultdict(list)
    for family in confidence.FAMILIES:
        here = [p for p in points.rows if p[1] == family]
        x = np.array([p[4] for p in here], dtype=np.float32)
        for p, score in zip(here, forests[family].probability(x)[:, 0].tolist(), strict=True):
            said = calibration.logit(curves[f"{family}/{p[2]}"](score))
            opinions[p[2]].append(([said, calibration.logit(p[6])], p[5]))
    return opinions


def pooling(strange, seen):
    """The weights of both opinions: half of the cases of held-back families, half of seen ones."""
    out = {}
    for source in ("text", "ocr"):
        few = min(len(strange[source]), len(seen[source]))
        many = [c for part in (strange[source], seen[source]) for c in even(part, few)]
        out[source] = logistic.fit([row for row, _ in many], [good for _, good in many], ridge=1.0)
        print(f"pool {source}: {out[source]}", flush=True)
    return out


def judged_real(path, forests, curves, pools):
    """(log-odds as trained, right, weight) of values on real invoices; a document weighs one."""
    out = []
    for line in path.read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)["fields"]
        if "invoice_number" not in gold:
            continue
        context = Context.of(read(path.parent / json.loads(line)["document"]))
        choices, raw = chosen(context, "invoice")
        cue = document_cues(context, choices, "invoice")
        source = "ocr" if context.ocr else "text"
        here = []
        for name in REAL:
            choice = choices.get(name)
            if choice is None or name not in gold:
                continue
            family = confidence.family_of(name)
            row = np.array([cues(context, choice, cue)], dtype=np.float32)
            score = float(forests[family].probability(row)[0, 0])
            said = calibration.logit(curves[f"{family}/{source}"](score))
            said = calibration.logit(pools[source]([said, calibration.logit(raw(name))]))
            if calibration.logistic(said) >= LEAST:
                good = any(same(name, choice.candidate.value, g) for g in gold[name])
                here.append((said, good))
        out += [(said, good, 1.0 / len(here)) for said, good in here]
    return out


def shift_of(points):
    """What to add to the log-odds so that they fit: one step more careful than the data alone."""
    shift = 0.0
    for _ in range(50):
        chances = [(calibration.logistic(x + shift), good, w) for x, good, w in points]
        slope = sum(w * (p - good) for p, good, w in chances) + shift / WIDTH**2
        shift -= slope / (sum(w * p * (1.0 - p) for p, _, w in chances) + 1.0 / WIDTH**2)
    return shift


def even(many, count):
    """`count` cases, spread evenly over all."""
    return [many[i * len(many) // count] for i in range(count)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=2400)
    parser.add_argument("--seen", type=int, default=600)
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "scorer")
    parser.add_argument("--labelled", type=Path, help="gold file of real invoices")
    parser.add_argument("--scans", type=Path, action="append", default=[], help="folder of scans")
    args = parser.parse_args()
    begin = time.process_time()
    made = chain(generated(args.documents, args.seed), *map(scanned, args.scans))
    points = gather(made)
    print(f"{len(points.rows)} choices, {time.process_time() - begin:.0f} s", flush=True)
    forests, curves, final, strange = train(points)
    seen = judged(gather(generated(args.seen, args.seed, which="training")), forests, curves)
    pools = pooling(strange, seen)
    if args.labelled:
        real = judged_real(args.labelled, forests, curves, pools)
        shift = shift_of(real)
        pools = {k: replace(p, bias=round(p.bias + shift, 6)) for k, p in pools.items()}
        print(f"{len(real)} values on real invoices: log-odds {shift:+.3f}", flush=True)
    args.out.mkdir(parents=True, exist_ok=True)
    note = {
        "documents": args.documents,
        "seed": args.seed,
        "command": f"train_confidence.py --documents {args.documents} --seen {args.seen}"
        f" --seed {args.seed}" + (" --labelled GOLD.jsonl" if args.labelled else ""),
    }
    logistic.save(args.out / "pool.json", pools, note["command"])
    trees.save(args.out / "confidence.npz", forests, note)
    calibration.save(args.out / "calibration.json", curves, {k: str(v) for k, v in note.items()})
    report(final, points.gold)
    print(f"{time.process_time() - begin:.0f} s")


def report(final, gold):
    for source in ("text", "ocr"):
        mine = [p for p in final if p[3] == source]
        total = sum(v for (_, s), v in gold.items() if s == source)
        for least in (0.2, 0.3, 0.4, 0.5):
            said = [p for p in mine if p[0] >= least]
            good = sum(p[1] for p in said)
            print(
                f"{source} least {least}: F1 {2 * good / (len(said) + total):.3f}"
                f" P {good / len(said):.3f} R {good / total:.3f}"
            )
        said = [(p[0], p[1]) for p in mine if p[0] >= LEAST]
        print(
            f"{source}: ECE {calibration.ece(said):.3f} AUROC {calibration.auroc(said):.3f}"
            f" caught in least certain tenth {calibration.caught(said):.2f}"
        )
    for name in sorted({p[2] for p in final}):
        line = f"{name:26s}"
        for source in ("text", "ocr"):
            n = gold.get((name, source), 0)
            said = [p for p in final if p[2] == name and p[3] == source and p[0] >= LEAST]
            good = sum(p[1] for p in said)
            line += f"  {source} n {n:4d} P {good / max(1, len(said)):.3f} R {good / max(1, n):.3f}"
        print(line)


if __name__ == "__main__":
    main()
