"""Counting right and wrong values by field, and whether the confidence foresaw it.

The vocabulary is every field that at least one labelled document has; predictions of other fields
are left out. Of a single-valued field only the most confident prediction counts; several labelled
values are alternatives unless the field is in ``multi``, where they are matched one to one. A wrong
value is a false positive and leaves a false negative; a value where the document has none is a
false positive.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idp_cdi.errors import UnreadableInput
from idp_cdi.evaluation.same import same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Gold:
    """The labelled values of one document; `multi` fields want all of theirs."""

    document: str
    fields: Mapping[str, Sequence[str]]
    multi: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    type: str = ""
    language: str = ""


#: A predicted value: field name, value, confidence.
Prediction = tuple[str, str, float]


@dataclass(slots=True)
class Count:
    """Values labelled, predicted and right."""

    gold: int = 0
    predicted: int = 0
    right: int = 0

    @property
    def precision(self) -> float:
        """Share of the predicted values that are right."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the labelled values that were found."""
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Miss:
    """One wrong or missing value; `predicted` is None where nothing was found."""

    document: str
    field: str
    predicted: str | None
    confidence: float | None
    gold: tuple[str, ...]


@dataclass(slots=True)
class Report:
    """The result: counts by field, all (confidence, right) points by field, the misses."""

    documents: int = 0
    fields: dict[str, Count] = field(default_factory=dict)
    points: dict[str, list[tuple[float, bool]]] = field(default_factory=dict)
    misses: list[Miss] = field(default_factory=list)

    @property
    def micro(self) -> Count:
        """All fields together."""
        total = Count()
        for count in self.fields.values():
            total.gold += count.gold
            total.predicted += count.predicted
            total.right += count.right
        return total

    @property
    def all_points(self) -> list[tuple[float, bool]]:
        """The points of all fields."""
        return [point for points in self.points.values() for point in points]

    def straight_through(self, precision: float = 0.98) -> tuple[float, float | None]:
        """The largest share of labelled values that is accepted and right, and its threshold."""
        gold, best, threshold = self.micro.gold, 0.0, None
        accepted = right = 0
        ranked = sorted(self.all_points, reverse=True)
        for i, (confidence, ok) in enumerate(ranked):
            accepted += 1
            right += ok
            if i + 1 < len(ranked) and ranked[i + 1][0] == confidence:
                continue
            share = right / gold if gold else 0.0
            if right / accepted >= precision - 1e-12 and share > best:
                best, threshold = share, confidence
        return best, threshold


def read_gold(path: Path) -> list[Gold]:
    """The labelled documents of a JSON Lines file.

    Raises:
        UnreadableInput: A line is not JSON or has no document and fields.
    """
    found = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                found.append(_gold(line, f"{path}:{number}"))
    return found


def _gold(line: str, where: str) -> Gold:
    try:
        data = json.loads(line)
        return Gold(
            data["document"],
            {k: tuple(map(str, v)) for k, v in data["fields"].items()},
            frozenset(data.get("multi", ())),
            frozenset(data.get("ignore", ())) - data["fields"].keys(),
            data.get("type", ""),
            data.get("language", ""),
        )
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise UnreadableInput(
            f"not a labelled document: {error}",
            code="gold.format",
            file=where,
            action='each line is {"document": path, "fields": {name: [value, …]}}',
        ) from error


def score(gold: Iterable[Gold], predictions: Mapping[str, Sequence[Prediction]]) -> Report:
    """Count the predictions (by document path) against the labels."""
    documents = list(gold)
    vocabulary = sorted({name for d in documents for name in d.fields})
    report = Report(documents=len(documents), fields={name: Count() for name in vocabulary})
    for document in documents:
        by_field: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for name, value, confidence in predictions.get(document.document, ()):
            if value.strip():
                by_field[name].append((value, confidence))
        for name in vocabulary:
            if name not in document.ignore:
                _count(report, document, name, by_field[name])
    return report


def _count(report: Report, document: Gold, name: str, found: list[tuple[str, float]]) -> None:
    wanted = tuple(document.fields.get(name, ()))
    ranked = sorted(found, key=lambda p: -p[1])
    if name in document.multi:
        judged, expected = _judge_all(name, ranked, wanted), len(wanted)
    else:
        judged = [(v, c, any(same(name, v, w) for w in wanted)) for v, c in ranked[:1]]
        expected = 1 if wanted else 0
    count = report.fields[name]
    count.gold += expected
    count.predicted += len(judged)
    count.right += sum(ok for _, _, ok in judged)
    points = report.points.setdefault(name, [])
    for value, confidence, ok in judged:
        points.append((confidence, ok))
        if not ok:
            report.misses.append(Miss(document.document, name, value, confidence, wanted))
    if expected and not judged:
        report.misses.append(Miss(document.document, name, None, None, wanted))


def _judge_all(
    name: str, ranked: list[tuple[str, float]], wanted: Sequence[str]
) -> list[tuple[str, float, bool]]:
    """Match predictions and labels one to one, as many as possible (augmenting paths)."""
    unique: list[tuple[str, float]] = []
    for value, confidence in ranked:
        if not any(same(name, value, other) for other, _ in unique):
            unique.append((value, confidence))
    fits = [[j for j, w in enumerate(wanted) if same(name, value, w)] for value, _ in unique]
    owner: dict[int, int] = {}

    def place(i: int, tried: set[int]) -> bool:
        for j in fits[i]:
            if j not in tried:
                tried.add(j)
                if j not in owner or place(owner[j], tried):
                    owner[j] = i
                    return True
        return False

    for i in range(len(unique)):
        place(i, set())
    right = set(owner.values())
    return [(value, confidence, i in right) for i, (value, confidence) in enumerate(unique)]
