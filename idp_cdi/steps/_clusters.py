"""Clusters and where ids go for the whole store at once, on arrays: the rule of single ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.identity import Link, heirs
from idp_cdi.identity.marks import KINDS
from idp_cdi.matching.clusters import Linkage, Mark, cluster, components
from idp_cdi.matching.marks import SURE, mark_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from idp_cdi.identity import Rules, Standing
    from idp_cdi.store.current import Current
    from idp_cdi.store.whole import Edges

_MARKS = ("vat_id", "lei")


@dataclass(frozen=True, slots=True)
class Clusters:
    """The least row of each row's cluster; and for deleted rows the row that their ids go to."""

    label: NDArray[np.int64]
    heirs: dict[int, int]


def clusters(current: Current, edges: Edges, decided: Standing, rules: Rules) -> Clusters:
    """Put all mentions into clusters, as `idp_cdi.identity.partition` does with those of a region.

    Args:
        current: All current records.
        edges: All compared pairs.
        decided: What persons decided.
        rules: When links join.
    """
    size = len(current.mentions)
    left, right = current.rows_of(edges.left), current.rows_of(edges.right)
    living = ~current.deleted
    there = living[left] & living[right]
    same = _living(current, sorted(decided.same, key=decided.same.__getitem__))
    joins = there & (edges.copy | (edges.weight >= rules.link))
    ends = np.concatenate((left[joins], same[:, 0])), np.concatenate((right[joins], same[:, 1]))
    component = components(size, *ends)
    label = cluster(
        size,
        left[there],
        right[there],
        edges.weight[there],
        threshold=rules.link,
        linkage=Linkage(closure=rules.closure),
        same=[(a, b) for a, b in same.tolist()],
        different=[(a, b) for a, b in _living(current, decided.different).tolist()],
        marks=_marks(current, component) if rules.respect_marks else (),
        rank=_rank(current, component),
        copies=edges.copy[there],
    )
    linking = edges.copy | (edges.weight >= rules.link)
    return Clusters(label, _heirs(current, left, right, edges, linking, decided))


def _living(current: Current, pairs: Iterable[tuple[int, int]]) -> NDArray[np.int64]:
    """Pairs of mentions as pairs of rows; pairs with one that is not there are left out."""
    rows = _rows(current, pairs)
    return rows[~current.deleted[rows].any(axis=1)]


def _rank(current: Current, component: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of each row in the order of source and key; of lonely rows any place."""
    import pyarrow as pa
    import pyarrow.compute as pc

    size = len(component)
    alone = np.bincount(component, minlength=size)[component] == 1
    many = np.flatnonzero(~alone)
    order = sorted(current.sources, key=current.sources.__getitem__)
    by_name = np.zeros(max(current.sources, default=0) + 1, dtype=np.int32)
    by_name[order] = np.arange(len(order), dtype=np.int32)
    table = pa.table({"s": by_name[current.source[many]], "k": current.keys.take(pa.array(many))})
    ordered = pc.sort_indices(table, sort_keys=[("s", "ascending"), ("k", "ascending")])
    rank = np.empty(size, dtype=np.int64)
    rank[many[ordered.to_numpy()]] = np.arange(len(many))
    rank[alone] = np.arange(len(many), size)
    return rank


def _rows(current: Current, pairs: Iterable[tuple[int, int]]) -> NDArray[np.int64]:
    """Pairs of mentions as pairs of rows; pairs of mentions nobody knows are left out."""
    many = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
    return current.rows_of(many[np.isin(many, current.mentions).all(axis=1)])


def _bearing(current: Current) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The rows with a value that may be a mark, and the codes of those values."""
    pieces = current.pieces
    kinds = [pieces.names.index(n) for n in _MARKS if n in pieces.names]
    bears = np.isin(pieces.field, kinds) & (pieces.sure >= SURE)
    places = np.flatnonzero(bears[current.codes])
    rows = np.searchsorted(current.starts, places, side="right") - 1
    living = ~current.deleted[rows]
    return rows[living], current.codes[places[living]]


def _differing(
    label: NDArray[np.int64], rows: NDArray[np.int64], codes: NDArray[np.integer[Any]]
) -> NDArray[np.bool_]:
    """Which values are in a component with several different ones: others need no look."""
    root = label[rows]
    low = np.full(len(label), np.iinfo(np.int32).max, dtype=np.int32)
    high = np.full(len(label), -1, dtype=np.int32)
    np.minimum.at(low, root, codes)
    np.maximum.at(high, root, codes)
    found: NDArray[np.bool_] = (low != high)[root]
    return found


def _marks(current: Current, component: NDArray[np.int64]) -> Iterator[Mark]:
    """The marks of rows in components where they could keep something apart."""
    rows, codes = _bearing(current)
    differs = _differing(component, rows, codes)
    rows, codes = rows[differs], codes[differs]
    values = current.pieces.value.take(codes).to_pylist()
    fields = current.pieces.field[codes].tolist()
    for row, field, value in zip(rows.tolist(), fields, values, strict=True):
        kind = mark_kind(current.pieces.names[field], value)
        if kind:
            yield Mark(row, kind, value)
    told = np.array([kind in KINDS for kind in current.kinds], dtype=bool)
    rows = np.flatnonzero(told[current.kind] & ~current.deleted)
    rows = rows[_differing(component, rows, current.kind[rows])]
    for row in rows.tolist():
        yield Mark(row, "kind", current.kinds[current.kind[row]])


def _links(links: Edges, which: NDArray[np.bool_]) -> list[Link]:
    columns: list[list[Any]] = [column[which].tolist() for column in links]
    return [Link(*row) for row in zip(*columns, strict=True)]


def _ranks(current: Current, rows: NDArray[np.int64]) -> dict[int, tuple[str, str]]:
    """Source and key of rows, by mention."""
    keys = current.keys.take(rows).to_pylist()
    names = [current.sources[i] for i in current.source[rows].tolist()]
    return dict(zip(current.mentions[rows].tolist(), zip(names, keys, strict=True), strict=True))


def _heirs(
    current: Current,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    edges: Edges,
    linking: NDArray[np.bool_],
    decided: Standing,
) -> dict[int, int]:
    """For deleted rows the row of the living mention that their ids go with."""
    gone = np.flatnonzero(current.deleted)
    if not len(gone):
        return {}
    touching = linking & (current.deleted[left] | current.deleted[right])
    declared = _rows(current, decided.same).ravel()
    ranks = _ranks(current, np.unique(np.concatenate((left[touching], right[touching], declared))))
    found = heirs(current.mentions[gone].tolist(), _links(edges, touching), decided, ranks)
    rows = current.rows_of(np.array([*found, *found.values()], dtype=np.int64)).tolist()
    return dict(zip(rows[: len(found)], rows[len(found) :], strict=True))
