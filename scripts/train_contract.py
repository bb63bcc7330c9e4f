#!/usr/bin/env python3
"""Train the scorer of contracts and write ``models/contract``.

    scripts/train_contract.py GOLD.jsonl [GOLD.jsonl …] [--generated 300] [--seed 0]

GOLD: one JSON object a line with ``document`` (path beside the file), ``fields`` and ``multi``, as
``idp-cdi evaluate`` reads it. The rows that are learned from hold figures about places and cues,
never words. Reports F1 by five-fold cross-validation; thresholds and certainty are fitted on the
predictions for held-back folds. Needs LightGBM (``pip install -e .[dev]``).
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from idp_cdi.evaluation.same import same
from idp_cdi.extractors import clauses_cues as cues
from idp_cdi.scoring import Options, calibration, contract_sure, logistic, trees
from idp_cdi.scoring.contract import LEARNED, Model, choose, decide_by, read, settled

if TYPE_CHECKING:
    from idp_cdi.scoring.contract_groups import Group

FOLDS, SEEDS = 5, 3
PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.03,
    "num_leaves": 15,
    "min_data_in_leaf": 10,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 63,
    "num_threads": 1,
    "deterministic": True,
    "verbose": -1,
}
ROUNDS = {"party.name": 350, "effective_date": 150, "governing_law": 150, "term": 150}
LEAVES = {"party.name": 15}
LEAST = {"party.name": 4}
"""Rows that a leaf needs: few contracts name somebody by the signature alone."""


@dataclass
class Example:
    """One document's groups by field, and its gold values; made-up ones do not count in figures."""

    name: str
    groups: dict[str, list[Group]]
    gold: dict[str, list[str]]
    made_up: bool = False


def right(field: str, value: str, gold: str) -> bool:
    """Whether a value is the gold one; places of law in any language."""
    if field == "governing_law":
        value, gold = (cues.places().get(v.lower(), v) for v in (value, gold))
    return same(field, value, gold)


def made_up(count: int, seed: int) -> list[Example]:
    """Contracts in six languages from the project's generator."""
    from generator import documents

    return [
        Example(g.document.name, read(g.document).groups, g.gold, made_up=True)
        for g in documents(count, seed=seed, types=("contract",))
    ]


def examples(path: Path) -> list[Example]:
    """Read the documents of a gold file and find their candidates."""
    from idp_cdi.readers import read as read_document

    out = []
    for line in path.read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        document = read_document(path.parent / gold["document"])
        out.append(Example(gold["document"], read(document).groups, gold["fields"]))
    return out


MADE_UP_WRONG = 3
"""Of the wrong candidates of made-up contracts every third is learned from; there are plenty."""


def table(data: list[Example], field: str) -> tuple[list[str], Any, Any, Any]:
    """Feature names, rows, labels, and the document of each row."""
    import numpy as np

    names = sorted({k for e in data for g in e.groups[field] for k in g.row})
    rows, labels, owners = [], [], []
    for i, e in enumerate(data):
        for n, g in enumerate(e.groups[field]):
            ok = any(right(field, g.value, v) for v in e.gold.get(field, []))
            if e.made_up and not ok and n % MADE_UP_WRONG:
                continue
            rows.append([g.row.get(k, 0.0) for k in names])
            labels.append(ok)
            owners.append(i)
    return names, np.array(rows, np.float32), np.array(labels), np.array(owners)


def boost(field: str, rows: Any, labels: Any, seed: int) -> Any:
    """Train one booster."""
    import lightgbm

    leaves = LEAVES.get(field, 6)
    least = LEAST.get(field, PARAMETERS["min_data_in_leaf"])
    parameters = PARAMETERS | {"seed": seed, "num_leaves": leaves, "min_data_in_leaf": least}
    return lightgbm.train(parameters, lightgbm.Dataset(rows, labels), ROUNDS[field])


def held_back(field: str, rows: Any, labels: Any, owners: Any, count: int, seed: int) -> Any:
    """Predictions for each row by a model that has not seen its document, mean of some seeds."""
    import numpy as np

    total = np.zeros(len(labels))
    for s in range(SEEDS):
        fold = np.random.RandomState(seed + s).permutation(count) % FOLDS
        for k in range(FOLDS):
            test = fold[owners] == k
            booster = boost(field, rows[~test], labels[~test], seed + s)
            total[test] += booster.predict(rows[test])
    return total / SEEDS


def counts(
    data: list[Example], field: str, scores: list[list[float]], threshold: float
) -> tuple[int, int, int, list[tuple[list[float], bool]]]:
    """True positives, predicted, gold, and (figures of certainty, right) of what was predicted."""
    hits = predicted = gold = 0
    points = []
    for e, p in zip(data, scores, strict=True):
        if e.made_up:
            continue
        wanted = list(e.gold.get(field, []))
        gold += len(wanted)
        chosen = choose(field, e.groups[field], p, threshold)
        for i in chosen:
            hit = next((v for v in wanted if right(field, e.groups[field][i].value, v)), None)
            if hit is not None:
                wanted.remove(hit)
            hits += hit is not None
            predicted += 1
            figures = contract_sure.figures(field, e.groups[field], p, chosen, i)
            points.append((figures, hit is not None))
    return hits, predicted, gold, points


def worded(model: Model, count: int, seed: int) -> dict[str, calibration.Curve]:
    """Curves for the fields that are found by wording, from made-up contracts of other seeds."""
    from generator import documents

    raw = Options(type="contract", calibrated=False)
    points: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for g in documents(count, seed=seed + 1, types=("contract",)):
        for f in decide_by(model, g.document, raw).fields:
            if f.method == "contract wording":
                ok = any(right(f.name, f.value, v) for v in g.gold.get(f.name, []))
                points[f.name].append((f.confidence, ok))
    return {
        f"worded/{name}": calibration.fit_platt([p for p, _ in many], [ok for _, ok in many])
        for name, many in sorted(points.items())
    }


def threshold(data: list[Example], field: str, scores: list[list[float]]) -> tuple[float, float]:
    """F1 and the threshold that is best together with its neighbours, so no lucky one."""
    steps = [x / 100 for x in range(5, 80, 5)]
    f1 = [2 * r / max(n + g, 1) for t in steps for r, n, g, _ in (counts(data, field, scores, t),)]
    middle = range(1, len(steps) - 1)
    at = max(middle, key=lambda i: (sum(f1[i - 1 : i + 2]), steps[i]))
    return f1[at], steps[at]


def train(data: list[Example], seed: int) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Forests, regressions of certainty and the figures of the card."""
    forests, sure, figures = {}, {}, {}
    for field in LEARNED:
        names, rows, labels, owners = table(data, field)
        guess = held_back(field, rows, labels, owners, len(data), seed)
        by_document: dict[int, list[float]] = defaultdict(list)
        for i, p in zip(owners, guess, strict=True):
            by_document[int(i)].append(float(p))
        scores = [
            [] if e.made_up else settled(field, e.groups[field], by_document[i])
            for i, e in enumerate(data)
        ]
        best = threshold(data, field, scores)
        r, n, g, points = counts(data, field, scores, best[1])
        sure[field] = logistic.fit([row for row, _ in points], [ok for _, ok in points])
        boosters = [boost(field, rows, labels, seed + s) for s in range(SEEDS)]
        grown = [t for b in boosters for t in trees.from_lightgbm(b)]
        shrunk = [
            trees.Tree(t.feature, t.threshold, t.low, t.high, tuple(x / SEEDS for x in t.leaves))
            for t in grown
        ]
        forests[field] = trees.Forest.join({field: shrunk}, names)
        figures[field] = {
            "f1": round(best[0], 4),
            "right": r,
            "predicted": n,
            "gold": g,
            "threshold": best[1],
        }
        sys.stderr.write(
            f"{field:16} cross-validated F1 {best[0]:.3f} ({r} right of {n}, {g} gold)\n"
        )
    return forests, sure, figures


def main() -> None:
    """Train and write the model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("gold", nargs="+", type=Path)
    parser.add_argument("--generated", type=int, default=300, help="made-up contracts to add")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--output", type=Path, default=Path(__file__).parent.parent / "models" / "contract"
    )
    given = parser.parse_args()
    data = [e for path in given.gold for e in examples(path)]
    labelled = len(data)
    data += made_up(given.generated, given.seed)
    forests, sure, figures = train(data, given.seed)
    thresholds = {f: v["threshold"] for f, v in figures.items()}
    # What is found behind the parties depends on the parties that this very model chooses.
    curves = worded(Model(forests, thresholds, {}, {}), given.generated, given.seed)
    given.output.mkdir(parents=True, exist_ok=True)
    trees.save(given.output / "scorer.npz", forests, {"made_by": "scripts/train_contract.py"})
    calibration.save(
        given.output / "calibration.json", curves, {"made_by": "scripts/train_contract.py"}
    )
    logistic.save(given.output / "sure.json", sure, "made by scripts/train_contract.py")
    card = {
        "model": "contract scorer: boosted trees over figures about places and cues, no words",
        "date": datetime.date.today().isoformat(),
        "documents": labelled,
        "made_up_documents": len(data) - labelled,
        "command": f"scripts/train_contract.py GOLD.jsonl --generated {given.generated}",
        "cross_validation": figures,
        "thresholds": thresholds,
        "sha256": {
            n: hashlib.sha256((given.output / n).read_bytes()).hexdigest()
            for n in ("scorer.npz", "sure.json", "calibration.json")
        },
    }
    (given.output / "card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
