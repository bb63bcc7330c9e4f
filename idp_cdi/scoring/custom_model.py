"""A document type's trained scorer: made from labelled documents, kept in versions, run.

A model is the folder ``custom/TYPE/VERSION`` among the user's models: trees (``scorer.npz``), what
neighbouring words say (``words.json``), calibration curves, and a card with thresholds and figures.
``custom/TYPE/current.json`` names the version in use; older ones stay, so going back is one line.

>>> load("a type that nobody trained") is None
True
"""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from idp_cdi.models_path import model_folder, own_models
from idp_cdi.scoring import boosting, calibration, trees
from idp_cdi.scoring.custom_features import Lexicon, candidates, learn, rightness, with_lexicon

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from idp_cdi.scoring.custom import Guess
    from idp_cdi.scoring.custom_features import Candidate
    from idp_cdi.scoring.custom_sheet import Sheet
    from idp_cdi.scoring.custom_types import DocType

OWN_FIELD = 20
"""Labelled documents from which a field gets trees of its own; fewer share one forest."""
_WRONG = 30
"""Wrong candidates per field and document that are trained on, the likeliest first."""
_FEWEST_SEEN = 5
"""Documents in which a right value must be seen before a field is trained."""
_GAIN = 0.01
"""F1 that training must gain for a field."""
_SHARED = "*"
_LEAST = 0.3
"""Threshold where nothing could be measured."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled document as training sees it: candidates by field, and the gold values."""

    name: str
    found: dict[str, list[Candidate]]
    gold: dict[str, list[str]]
    ignore: tuple[str, ...] = ()
    right: dict[str, list[bool]] = field(default_factory=dict)

    def lost(self, name: str) -> bool:
        """Whether no candidate of a field is right though the gold has a value.

        OCR garbled it, or the label is worded otherwise than the page. Such a document does not
        tell which of its candidates is the one to choose: the printed value would count as wrong.
        """
        return bool(self.gold.get(name)) and not any(self.right.get(name, ()))


@dataclass(frozen=True, slots=True)
class Model:
    """A trained scorer."""

    forests: dict[str, trees.Forest]
    lexicon: Lexicon
    thresholds: dict[str, float]
    curve: calibration.Curve | None = None
    version: int = 0

    def scores(self, name: str, many: Sequence[Candidate]) -> list[float]:
        """The probability of each candidate of field `name`, not calibrated."""
        import numpy as np

        forest = self.forests.get(name, self.forests.get(_SHARED))
        if forest is None or not many or not self.knows(name):
            return [c.guess.score for c in many]
        rows = [with_lexicon(c, name, self.lexicon) for c in many]
        table = np.array([[r.get(k, 0.0) for k in forest.features] for r in rows], np.float32)
        return [float(p) for p in forest.probability(table)[:, 0]]

    def knows(self, name: str) -> bool:
        """Whether the field `name` is scored by what was trained; else its labels decide."""
        return not self.thresholds or name in self.thresholds


def labelled(
    name: str,
    sheet: Sheet,
    kind: DocType,
    gold: Mapping[str, Sequence[str]],
    same: Callable[[str, str, str], bool],
    ignore: Sequence[str] = (),
) -> Labelled:
    """Make a training document from a read one and its gold values.

    Args:
        name: Of the document.
        sheet: The document as forms are read.
        kind: Its type.
        gold: The right values by field.
        same: Whether two values of a field mean the same: (field, value, value).
        ignore: Fields that the gold does not settle.
    """
    found = candidates(sheet, kind)
    wanted = {k: list(v) for k, v in gold.items()}
    return Labelled(name, found, wanted, tuple(ignore), rightness(found, wanted, same))


def fit(
    documents: Sequence[Labelled], seed: int = 0, *, only: Collection[str] | None = None
) -> Model:
    """Train on labelled documents; thresholds and calibration come from `cross_validate`.

    Args:
        documents: The labelled documents.
        seed: Of the random choices.
        only: The fields to train; None means every field that has gold values.
    """
    lexicon = learn([d.found for d in documents], [d.right for d in documents])
    # A document's own words must not speak for it, or the trees would trust the words too much.
    parts = min(8, len(documents))
    rest = [
        learn(
            [d.found for i, d in enumerate(documents) if i % parts != k],
            [d.right for i, d in enumerate(documents) if i % parts != k],
        )
        for k in range(parts)
    ]
    fields = sorted(
        n
        for n in {n for d in documents for n in d.found if d.gold.get(n)}
        if only is None or n in only
    )
    counts = {n: sum(1 for d in documents if d.gold.get(n)) for n in fields}
    forests = {}
    for name in fields:
        if counts[name] >= OWN_FIELD:
            forests[name] = _forest([name], documents, rest, seed)
    if len(forests) < len(fields):
        forests[_SHARED] = _forest(fields, documents, rest, seed)
    return Model(forests, lexicon, {})


def _forest(
    fields: Sequence[str], documents: Sequence[Labelled], rest: Sequence[Lexicon], seed: int
) -> trees.Forest:
    import numpy as np

    rows: list[dict[str, float]] = []
    right: list[bool] = []
    for i, d in enumerate(documents):
        for name in fields:
            if name in d.ignore or d.lost(name):
                continue
            pairs = list(zip(d.found.get(name, ()), d.right.get(name, ()), strict=True))
            lexicon = rest[i % len(rest)]
            made = [(with_lexicon(c, name, lexicon), ok) for c, ok in pairs]
            wrong = [(r, ok) for r, ok in made if not ok]
            wrong.sort(key=lambda p: -(p[0]["near"] + 4.0 * p[0]["score"]))
            step = max(1, (len(wrong) - _WRONG // 2) // (_WRONG // 2))
            kept = wrong[: _WRONG // 2] + wrong[_WRONG // 2 :: step]
            rows += [r for r, ok in made if ok] + [r for r, _ in kept]
            right += [True] * (len(made) - len(wrong)) + [False] * len(kept)
    names = sorted({k for r in rows for k in r})
    table = np.array([[r.get(k, 0.0) for k in names] for r in rows], np.float32)
    few = len(rows) < 2000
    plan = boosting.Plan(
        rounds=120,
        leaves=8 if few else 12,
        least=3 if few else 8,
        features=0.4,
        rate=0.08,
        seed=seed,
    )
    return trees.Forest.join({"value": boosting.grow(table, np.array(right), plan)}, names)


@dataclass(slots=True)
class Outcomes:
    """What held-back documents showed: per field the best candidate's score and whether right.

    `lost` are the points of documents in which no candidate was right; see `Labelled.lost`.
    """

    points: dict[str, list[tuple[float, bool, bool]]] = field(default_factory=dict)
    lost: dict[str, list[bool]] = field(default_factory=dict)

    def add(self, name: str, score: float, *, right: bool, wanted: bool, lost: bool) -> None:
        """Note the best candidate of a field in one document."""
        self.points.setdefault(name, []).append((score, right, wanted))
        self.lost.setdefault(name, []).append(lost)

    def extend(self, other: Outcomes) -> None:
        """Take over the points of other documents."""
        for name, points in other.points.items():
            self.points.setdefault(name, []).extend(points)
            self.lost.setdefault(name, []).extend(other.lost[name])

    def telling(self) -> Outcomes:
        """Only the points of documents that tell which candidate to choose."""
        kept = {
            n: [p for p, lost in zip(points, self.lost[n], strict=True) if not lost]
            for n, points in self.points.items()
        }
        return Outcomes(kept, {n: [False] * len(points) for n, points in kept.items()})

    def f1(self, thresholds: Mapping[str, float] | float) -> tuple[float, dict[str, float]]:
        """Micro-F1 over all fields, and F1 per field, at thresholds."""
        totals = [0, 0, 0]
        per = {}
        for name, points in self.points.items():
            t = thresholds if isinstance(thresholds, float) else thresholds.get(name, _LEAST)
            hit = sum(1 for s, ok, _ in points if s >= t and ok)
            said = sum(1 for s, _, _ in points if s >= t)
            gold = sum(1 for _, _, wanted in points if wanted)
            per[name] = 2 * hit / max(said + gold, 1)
            totals = [a + b for a, b in zip(totals, (hit, said, gold), strict=True)]
        return 2 * totals[0] / max(totals[1] + totals[2], 1), per

    def thresholds(self) -> dict[str, float]:
        """For each field the threshold that is best together with its neighbours, no lucky one."""
        out = {}
        for name, points in self.points.items():
            alone = Outcomes({name: points})
            f1 = [alone.f1(t / 20)[0] for t in range(18)]
            out[name] = max(
                (sum(f1[t - 1 : t + 2]), -abs(t / 20 - _LEAST), t / 20) for t in range(1, 16)
            )[2]
        return out

    def curve(self) -> calibration.Curve:
        """The calibration of the scores."""
        points = [(s, ok) for many in self.points.values() for s, ok, _ in many if s > 0.01]
        return calibration.fit([s for s, _ in points], [ok for _, ok in points])


def outcomes(model: Model | None, documents: Sequence[Labelled]) -> Outcomes:
    """Run a model (or, where None, the labels alone) over labelled documents."""
    out = Outcomes()
    for d in documents:
        for name, many in d.found.items():
            if name in d.ignore:
                continue
            scores = model.scores(name, many) if model else [c.guess.score for c in many]
            best = max(range(len(many)), key=lambda i: scores[i], default=-1)
            wanted, lost = bool(d.gold.get(name)), d.lost(name)
            if best >= 0:
                right = d.right[name][best]
                out.add(name, scores[best], right=right, wanted=wanted, lost=lost)
            else:
                out.add(name, 0.0, right=False, wanted=wanted, lost=lost)
    return out


def cross_validate(documents: Sequence[Labelled], folds: int = 5, seed: int = 0) -> Outcomes:
    """Outcomes for every document from a model that has not seen it."""
    import random

    order = list(range(len(documents)))
    random.Random(seed).shuffle(order)
    out = Outcomes()
    for k in range(min(folds, len(order))):
        test = set(order[k::folds])
        trained = fit([d for i, d in enumerate(documents) if i not in test], seed)
        out.extend(outcomes(trained, [d for i, d in enumerate(documents) if i in test]))
    return out


def gains(
    before: Outcomes, after: Outcomes, documents: Sequence[Labelled], least: float
) -> tuple[Outcomes, dict[str, float]]:
    """What training is worth field by field: outcomes of the better way, thresholds of the trained.

    A field stays with its labels where training gains nothing on held-back documents, or where too
    few documents hold a right value at all to learn from (bad scans, labels worded otherwise).

    Args:
        before: Outcomes of the labels alone.
        after: Cross-validated outcomes of training.
        documents: The labelled documents.
        least: The threshold of the labels alone.
    """
    bars = after.telling().thresholds()
    old, new = before.telling().f1(least)[1], after.telling().f1(bars)[1]
    trained = {}
    for name in after.points:
        seen = sum(1 for d in documents if any(d.right.get(name, ())))
        if seen >= _FEWEST_SEEN and new[name] > old.get(name, 0.0) + _GAIN:
            trained[name] = bars[name]
    better = {n: after if n in trained else before for n in after.points}
    points = {n: o.points[n] for n, o in better.items()}
    return Outcomes(points, {n: o.lost[n] for n, o in better.items()}), trained


def save(model: Model, name: str, figures: Mapping[str, Any], root: Path | None = None) -> Path:
    """Keep a model as the next version of its type and make it the current one.

    Args:
        model: As trained, with thresholds and curve.
        name: The document type.
        figures: For the card: documents, scores before and after.
        root: The user's models folder; default `own_models()`.

    Returns:
        The folder of the new version.
    """
    home = (root or own_models()) / "custom" / name
    versions = [int(p.name) for p in home.glob("[0-9]*") if p.is_dir()] if home.is_dir() else []
    version = max(versions, default=0) + 1
    folder = home / f"{version:04d}"
    folder.mkdir(parents=True)
    trees.save(folder / "scorer.npz", model.forests, {"type": name, "version": version})
    words = {n: dict(sorted(w.items())) for n, w in model.lexicon.words.items()}
    (folder / "words.json").write_text(json.dumps(words, ensure_ascii=False, indent=0), "utf-8")
    curves = {"value": model.curve} if model.curve else {}
    calibration.save(folder / "calibration.json", curves, {"type": name})
    card = {
        "type": name,
        "version": version,
        "date": datetime.date.today().isoformat(),
        **figures,
        "thresholds": model.thresholds,
        "sha256": {
            n: hashlib.sha256((folder / n).read_bytes()).hexdigest()
            for n in ("scorer.npz", "words.json", "calibration.json")
        },
    }
    (folder / "card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    (home / "current.json").write_text(json.dumps({"version": version}) + "\n", encoding="utf-8")
    return folder


def load(name: str) -> Model | None:
    """The current model of a type, None where nobody trained one."""
    home = model_folder(f"custom/{name}")
    if home is None or not (home / "current.json").is_file():
        return None
    version = int(json.loads((home / "current.json").read_text(encoding="utf-8"))["version"])
    return _read(home / f"{version:04d}", version)


@lru_cache(maxsize=8)
def _read(folder: Path, version: int) -> Model:
    forests, _ = trees.load(folder / "scorer.npz")
    words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    curves = calibration.load(folder / "calibration.json")
    return Model(forests, Lexicon(words), card["thresholds"], curves.get("value"), version)


def guesses(model: Model, sheet: Sheet, kind: DocType) -> dict[str, list[Guess]]:
    """The possible values of each field, scored by a trained model, best first."""
    out: dict[str, list[Guess]] = {}
    for name, many in candidates(sheet, kind).items():
        scores = model.scores(name, many)
        for c, score in zip(many, scores, strict=True):
            c.guess.score = score
        out[name] = sorted((c.guess for c in many), key=lambda g: -g.score)
    return out
