"""Train: improve a document type of one's own from labelled documents.

Reads the documents that a gold file names, learns where the values of each field stand, reports F1
before (labels alone) and after (five-fold cross-validation, so on documents not learned from), and
keeps the model as a new version in the user's models folder.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idp_cdi.errors import IdpCdiError, UsageError
from idp_cdi.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idp_cdi.progress import Progress
    from idp_cdi.scoring.custom_model import Labelled, Outcomes
    from idp_cdi.scoring.custom_types import DocType

FEWEST = 6
"""Labelled documents that training needs."""


@dataclass(frozen=True, slots=True)
class FieldReport:
    """One field: labelled values, F1 by the labels alone, F1 after training (held-back)."""

    name: str
    labelled: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What training brought. `skipped` are documents that could not be read, with the reason."""

    type: str
    documents: int
    before: float
    after: float
    fields: tuple[FieldReport, ...]
    folder: str
    version: int
    kept: bool
    skipped: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [
            f"{self.type}: {self.documents} documents, F1 {self.before:.3f} -> {self.after:.3f}"
        ]
        lines += [
            f"  {f.name:28} n={f.labelled:<4} {f.before:.3f} -> {f.after:.3f}" for f in self.fields
        ]
        kept = f"version {self.version} in {self.folder}" if self.kept else "not better: not kept"
        return "\n".join([*lines, kept])


def train(
    type_name: str,
    gold: Path | str,
    *,
    models: Path | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> TrainReport:
    """Train the document type `type_name` on the documents of a gold file.

    Args:
        type_name: A type defined in a YAML file, or the path of that file.
        gold: JSON Lines: ``document`` (path beside the file) and ``fields`` (lists of values), as
            ``idp-cdi evaluate`` reads them; ``ignore`` names fields that a line does not settle.
        models: Where models are kept; default the user's models folder.
        seed: Of the random choices; the same seed and documents give the same model.
        progress: Told about each document; default silent.

    Returns:
        F1 before and after, per field and over all; a model that is no better is not kept.

    Raises:
        UsageError: The gold file is unusable or names fewer than six readable documents.
        SettingsError: There is no such type, or its file is wrong.
    """
    from dataclasses import replace

    from idp_cdi.scoring import custom_types

    kind = custom_types.load(type_name)
    documents, skipped = _documents(kind, Path(gold), progress or SILENT)
    if len(documents) < FEWEST:
        raise UsageError(
            f"{len(documents)} labelled documents could be read; training needs {FEWEST}",
            file=str(gold),
            action="label more documents",
        )
    return replace(learn(kind, documents, models=models, seed=seed), skipped=tuple(skipped))


def learn(
    kind: DocType, documents: Sequence[Labelled], *, models: Path | None = None, seed: int = 0
) -> TrainReport:
    """Train a type on documents that were read already; see `train`.

    Args:
        kind: The document type.
        documents: The labelled documents.
        models: Where models are kept; default the user's models folder.
        seed: Of the random choices.
    """
    from idp_cdi.scoring import custom_model

    before = custom_model.outcomes(None, documents)
    after, thresholds = custom_model.gains(
        before, custom_model.cross_validate(documents, seed=seed), documents, _least()
    )
    first, first_by = before.f1(_least())
    then, then_by = after.f1({n: _least() for n in after.points} | thresholds)
    fields = tuple(
        FieldReport(n, _count(documents, n), first_by.get(n, 0.0), then_by[n])
        for n in sorted(then_by)
        if _count(documents, n)
    )
    folder, version = "", 0
    if then > first:
        folder, version = _keep(kind, documents, after, thresholds, (first, then), models, seed)
    return TrainReport(
        kind.name,
        len(documents),
        first,
        then,
        fields,
        folder,
        version,
        then > first,
    )


def _least() -> float:
    from idp_cdi.scoring.custom import LEAST

    return LEAST


def _count(documents: Sequence[Labelled], name: str) -> int:
    return sum(1 for d in documents if d.gold.get(name))


def _keep(
    kind: DocType,
    documents: Sequence[Labelled],
    after: Outcomes,
    thresholds: dict[str, float],
    scores: tuple[float, float],
    models: Path | None,
    seed: int,
) -> tuple[str, int]:
    from dataclasses import replace

    from idp_cdi.scoring import custom_model

    model = replace(
        custom_model.fit(documents, seed, only=set(thresholds)),
        thresholds=thresholds,
        curve=custom_model.Outcomes({n: after.points[n] for n in thresholds}).curve(),
    )
    figures = {
        "documents": len(documents),
        "f1_before": round(scores[0], 4),
        "f1_after_cross_validated": round(scores[1], 4),
        "seed": seed,
    }
    folder = custom_model.save(model, kind.name, figures, models)
    return str(folder), int(folder.name)


def _documents(kind: DocType, gold: Path, progress: Progress) -> tuple[list[Labelled], list[str]]:
    from idp_cdi.evaluation.same import same
    from idp_cdi.extractors._view import View
    from idp_cdi.readers import read
    from idp_cdi.scoring.custom_model import labelled
    from idp_cdi.scoring.custom_sheet import Sheet

    lines = _lines(gold)
    out, skipped = [], []
    progress.start("read", len(lines))
    for line in lines:
        name = str(line["document"])
        try:
            view = View.of(read(gold.parent / name))
            sheet = Sheet.of(view, kind)
            ignore = [generic(kind, n) for n in line.get("ignore", ())]
            wanted = {generic(kind, n): v for n, v in line["fields"].items()}
            out.append(labelled(name, sheet, kind, wanted, same, ignore))
        except IdpCdiError as error:
            skipped.append(f"{name}: {error.reason}")
        progress.advance(1)
    progress.finish()
    return out, skipped


def generic(kind: DocType, name: str) -> str:
    """The type's own name of a field: a type with roles calls registrant.name party.name."""
    role, _, rest = name.partition(".")
    return f"party.{rest}" if role in kind.roles and name not in kind.fields else name


def _lines(gold: Path) -> list[dict[str, Any]]:
    if not gold.is_file():
        raise UsageError("there is no such gold file", file=str(gold))
    out = []
    for number, text in enumerate(gold.read_text(encoding="utf-8").splitlines(), 1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
            if not isinstance(line["fields"], dict) or not isinstance(line["document"], str):
                raise TypeError
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise UsageError(
                f'line {number} is not {{"document": …, "fields": {{…}}}}', file=str(gold)
            ) from error
        out.append(line)
    return out
