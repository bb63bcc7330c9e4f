"""Matching in this process: a table in, pairs and clusters out.

>>> import pyarrow as pa
>>> table = pa.table({"name": ["Ada Lovelace", "Lovelace, Ada", "Alan Turing"],
...                   "email": ["ada@analytical.example", "ada@analytical.example", None]})
>>> run(table).clusters.tolist()
[0, 0, 2]
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.matching import (
    clusters,
    columns,
    copies,
    labels,
    marks,
    model,
    records,
    scoring,
    training,
)
from idp_cdi.progress import SILENT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from idp_cdi.matching.comparisons import Worth
    from idp_cdi.matching.labels import Labels
    from idp_cdi.matching.model import Model
    from idp_cdi.progress import Progress

NAME = "local"


@dataclass(frozen=True, slots=True)
class Options:
    """How to run.

    `model` is a model learned before (else one is learned from the table); `columns` says what the
    columns are (else that is worked out); a pair counts as linked from `threshold` (probability);
    `labels` are answers of people, from which the model learns and the threshold is set.
    `rank` is the place of each row in an order that does not depend on how the rows came.
    `pairs_only` is for who makes clusters of their own: the prepared rows come back instead.
    `before` is what a new model builds on: see `training.fit`.
    `alone` marks rows that are no copies of others, whatever they say (see `matching.copies`).
    """

    model: model.Model | None = None
    columns: tuple[columns.Column, ...] | None = None
    threshold: float = 0.5
    seed: int = 1
    labels: Labels | None = None
    rank: NDArray[np.int64] | None = None
    pairs_only: bool = False
    before: Model | None = None
    alone: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """Compared pairs by row number, `left` < `right`, with weight in bits and probability.

    `related` has the probabilities of a household, a namesake and a branch, a row each.
    `pattern` numbers the levels of all fields, one decimal digit a field in the model's order.
    `copy` marks the pairs of a copy with its first, its only ones.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    weight: NDArray[np.float64]
    probability: NDArray[np.float64]
    related: NDArray[np.float64]
    pattern: NDArray[np.int64]
    copy: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found: the cluster of each row (its least row number), the pairs, the model.

    There are no clusters where pairs only were asked for.

    A given model comes back with the keys that have grown too large for it marked as heavy.
    """

    clusters: NDArray[np.int64]
    pairs: Pairs
    model: model.Model
    columns: tuple[columns.Column, ...] = field(default=())
    prepared: records.Records | None = None


def is_available() -> bool:
    """It always is."""
    return True


def run(table: Any, options: Options | None = None, *, progress: Progress = SILENT) -> Result:
    """Match the rows of an Arrow table.

    Args:
        table: Any columns; what they are is worked out unless the options say it.
        options: See `Options`.
        progress: Told of the stretches of work.
    """
    options = options or Options()
    found = options.columns or tuple(columns.detect(table))
    progress.start("matching", 4)
    used = options.model
    plan = used.plan if used is not None else records.plan(found, table)
    everything = records.prepare(table, plan)
    equal = copies.copies(everything, _alone(options, everything.size))
    rows = equal.rest(everything.size) if len(equal.rows) else None
    prepared = everything if rows is None else everything.take(rows)
    options = options if rows is None else _among(options, rows)
    progress.advance()
    if used is None:
        used, candidates, worth = training.fit(
            plan, prepared, seed=options.seed, labels=options.labels, before=options.before
        )
    else:
        worth = used.worth(prepared)
        candidates = training.candidates(used, prepared, worth, learn=False)
        used = replace(used, heavy=candidates.heavy)
    progress.advance()
    weights, pattern = scoring.weigh_all(used, prepared, worth, candidates.left, candidates.right)
    progress.advance()
    known = candidates.left, candidates.right, weights.weight
    label = _clustered(used, prepared, known, worth, options)
    pairs = Pairs(
        candidates.left, candidates.right, weights.weight, weights.probability, weights.related,
        pattern, np.zeros(len(pattern), dtype=np.bool_),
    )  # fmt: skip
    if rows is not None:
        pairs = _with_copies(used, everything, worth, pairs, rows, equal)
        label = _spread(label, rows, pairs, scoring.bits_of(options.threshold))
    progress.finish()
    return Result(label, pairs, used, found, everything if options.pairs_only else None)


def _alone(options: Options, size: int) -> NDArray[np.bool_] | None:
    """The rows that are no copies: those that are said to be none, and those with an answer."""
    if options.labels is None or not len(options.labels):
        return options.alone
    alone = np.zeros(size, dtype=np.bool_) if options.alone is None else options.alone.copy()
    alone[options.labels.left] = alone[options.labels.right] = True
    return alone


def _among(options: Options, rows: NDArray[np.int64]) -> Options:
    """The same for some rows of the table."""
    told = options.labels
    if told is not None:
        ends = np.searchsorted(rows, told.left), np.searchsorted(rows, told.right)
        told = labels.Labels(*ends, told.same)
    rank = None if options.rank is None else np.argsort(np.argsort(options.rank[rows]))
    return replace(options, labels=told, rank=rank)


def _with_copies(
    used: model.Model,
    everything: records.Records,
    worth: dict[str, Worth],
    pairs: Pairs,
    rows: NDArray[np.int64],
    equal: copies.Copies,
) -> Pairs:
    """The pairs by the rows of the table, with those of copies.

    `worth` is that of the compared rows: it goes by vocabulary, which all rows have in common.
    """
    some = np.unique(np.concatenate((equal.first, equal.rows)))
    prepared = everything.take(some)
    ends = np.searchsorted(some, equal.first), np.searchsorted(some, equal.rows)
    weights, pattern = scoring.weigh_all(used, prepared, worth, *ends)
    return Pairs(
        np.concatenate((rows[pairs.left], equal.first)),
        np.concatenate((rows[pairs.right], equal.rows)),
        np.concatenate((pairs.weight, weights.weight)),
        np.concatenate((pairs.probability, weights.probability)),
        np.concatenate((pairs.related, weights.related), axis=1),
        np.concatenate((pairs.pattern, pattern)),
        np.concatenate((pairs.copy, np.ones(len(equal.rows), dtype=np.bool_))),
    )


def _spread(
    label: NDArray[np.int64], rows: NDArray[np.int64], pairs: Pairs, cut: float
) -> NDArray[np.int64]:
    """Clusters of the compared rows as clusters of all; a copy goes with its first."""
    if not len(label):
        return label
    first, copy = pairs.left[pairs.copy], pairs.right[pairs.copy]
    found = np.arange(len(rows) + len(copy), dtype=np.int64)
    found[rows] = rows[label]
    return clusters.followed(found, first, copy, pairs.weight[pairs.copy] >= cut)


def _clustered(
    used: model.Model,
    prepared: records.Records,
    known: scoring.Weighed,
    worth: dict[str, Worth],
    options: Options,
) -> NDArray[np.int64]:
    """The clusters by compared pairs; `used` learns what pairs count there, if it is new."""
    if options.model is not None and options.pairs_only:
        return np.zeros(0, dtype=np.int64)
    cut = scoring.bits_of(options.threshold)
    ends = scoring.closed(used, prepared, known, 0.0, worth)
    if options.model is None:
        used.closure = training.closure_of(prepared.size, *ends)
    if options.pairs_only:
        return np.zeros(0, dtype=np.int64)
    linkage = clusters.Linkage(closure=used.closure)
    if options.labels is not None and len(options.labels):
        cut = labels.threshold_for(options.labels, prepared.size, *ends, linkage)
    if cut != 0.0:
        ends = scoring.closed(used, prepared, known, cut, worth)
    apart = marks.marks(prepared, used, *ends, cut)
    return clusters.cluster(
        prepared.size, *ends, threshold=cut, linkage=linkage, rank=options.rank, marks=apart
    )
