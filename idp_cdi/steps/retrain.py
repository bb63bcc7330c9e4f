"""Learn the matching weights anew: from all records and from what persons decided about pairs.

Nothing else changes a weight. What a new model would change is shown first (`propose`): how well it
foretells decisions that were held back from it, and which customers would come together or apart.
`adopt` switches it on as a version and derives all customers by it; `go_back` returns to the one
before. A person's decisions hold whatever the model says.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from idp_cdi.errors import UsageError
from idp_cdi.identity import standing
from idp_cdi.steps import compare
from idp_cdi.steps._clusters import clusters
from idp_cdi.steps._copies import kept
from idp_cdi.steps.claims import counted
from idp_cdi.steps.columns import table_of
from idp_cdi.steps.hanging import hanging
from idp_cdi.steps.identify import rules_of, rulings
from idp_cdi.store import derived, models, whole
from idp_cdi.store.current import read_current
from idp_cdi.store.schema import mention

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from idp_cdi.identity import Standing
    from idp_cdi.matching.labels import Labels
    from idp_cdi.matching.model import Model
    from idp_cdi.settings import Settings
    from idp_cdi.store import Database
    from idp_cdi.store.current import Current

#: The name of the versions in the store.
KIND = "weights"
#: Decisions below which a measured difference says more about chance than about the model.
ENOUGH = 30
_FOLDS = 3


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a new model would change.

    `before` and `after` are mean log losses on `held_back` decided pairs that the new model has
    not seen; `united` and `parted` name customers (their ids now) that would come together, or
    whose records would be several customers; at most `SHOWN` of each, all counted.
    """

    model: Model = field(repr=False)
    decisions: int
    held_back: int
    before: float
    after: float
    customers_before: int
    customers_after: int
    united: tuple[tuple[str, ...], ...]
    parted: tuple[str, ...]
    united_count: int
    parted_count: int

    @property
    def better(self) -> bool:
        """Whether held-back decisions show that it is better; False where there are too few."""
        return self.held_back > 0 and self.after < self.before


#: So many customers of each kind are named.
SHOWN = 20


def propose(database: Database, settings: Settings) -> Proposal:
    """Learn a model from what is in the store, and say what it would change. Changes nothing.

    Raises:
        UsageError: There is nothing to learn from.
    """
    with database.reading() as connection:
        current = read_current(connection)
        decided = standing(rulings(connection, None))
        owner = whole.owners(connection, current.mentions)
    if len(current.mentions) < 2:
        raise UsageError("there are no records to learn from", action="run `idp-cdi ingest` first")
    table = table_of(current)
    labels = _labels(current, decided)
    held, before, after = _measured(settings, table, labels)
    model, found = _learned(table, labels)
    rules = rules_of(settings, model)
    edges_now = kept(current.mentions, found)
    more = hanging(
        model, current, edges_now, rules.link, lambda some: table.take(current.rows_of(some))
    )
    with database.reading() as connection:
        told = counted(connection, whole.joined(edges_now, more), rules, decided, current)
    now = clusters(current, told, decided, rules).label
    return _compared(current, owner, now, model, (len(labels), held, before, after))


def adopt(database: Database, settings: Settings, proposal: Proposal) -> int:
    """Switch a proposed model on and derive all customers by it; returns its version."""
    with database.writing() as connection:
        if models.active(connection, KIND) is None:
            # What is in force now is a version too, so that there is a way back.
            old = compare.model_of(settings)
            if old is not None:
                _append(connection, settings, old, {"from": "before the first retraining"})
        told: dict[str, object] = {"decisions": proposal.decisions}
        told |= {"held_back": proposal.held_back}
        told |= {"before": round(proposal.before, 4), "after": round(proposal.after, 4)}
        number = _append(connection, settings, proposal.model, told)
        _derive(connection, settings, number)
    return number


def go_back(database: Database, settings: Settings) -> int:
    """Return to the model before the one in force; returns its version.

    Raises:
        UsageError: There is none before it.
    """
    with database.writing() as connection:
        now = models.active(connection, KIND)
        if now is None or now.version < 2:
            raise UsageError("there are no other weights to go back to", action="see `learn list`")
        number = models.switch_back(connection, KIND)
        _derive(connection, settings, number)
    return number


def _labels(current: Current, decided: Standing) -> Labels:
    """What persons decided about records that are there, by row."""
    from idp_cdi.matching.labels import Labels

    known = [(p, True) for p in decided.same] + [(p, False) for p in sorted(decided.different)]
    pairs = np.array([p for p, _ in known], dtype=np.int64).reshape(-1, 2)
    same = np.array([s for _, s in known], dtype=np.bool_)
    there = np.isin(pairs, current.mentions[~current.deleted]).all(axis=1)
    rows = current.rows_of(pairs[there])
    return Labels(rows.min(axis=1), rows.max(axis=1), same[there])


def _learned(table: Any, labels: Labels | None) -> tuple[Model, Any]:
    from idp_cdi.engines.local import Options, run
    from idp_cdi.matching.storage import version

    used = labels if labels is not None and len(labels) else None
    options = Options(columns=compare.columns(), labels=used, before=compare.shipped())
    found = run(table, options)
    # The version is a hash of what was learned.
    return replace(found.model, version=version(found.model)), found.pairs


def _measured(settings: Settings, table: Any, labels: Labels) -> tuple[int, float, float]:
    """How well the model in force and a new one foretell a third of the decisions."""
    from idp_cdi.matching.labels import Labels

    held = np.arange(len(labels)) % _FOLDS == 0
    now = compare.model_of(settings)
    if len(labels) < ENOUGH or now is None:
        return 0, 0.0, 0.0
    rest = Labels(labels.left[~held], labels.right[~held], labels.same[~held])
    asked = Labels(labels.left[held], labels.right[held], labels.same[held])
    return int(held.sum()), _loss(now, table, asked), _loss(_learned(table, rest)[0], table, asked)


def _loss(model: Model, table: Any, asked: Labels) -> float:
    """Mean log loss of the match probability of some pairs."""
    from idp_cdi.matching import records, scoring

    rows = np.unique(np.concatenate((asked.left, asked.right)))
    prepared = records.prepare(table.take(rows), model.plan)
    ends = np.searchsorted(rows, asked.left), np.searchsorted(rows, asked.right)
    scored = scoring.compare_all(model, prepared, model.worth(prepared), *ends)
    p = np.clip(scoring.weigh(model, scored).probability, 0.001, 0.999)
    return float(-np.log(np.where(asked.same, p, 1 - p)).mean())


def _compared(
    current: Current,
    owner: NDArray[np.int64],
    now: NDArray[np.int64],
    model: Model,
    measured: tuple[int, int, float, float],
) -> Proposal:
    living = np.flatnonzero(~current.deleted)
    united = _several(now[living], owner[living])
    parted = _several(owner[living], now[living])
    together = [sorted(set(owner[living[now[living] == n]].tolist())) for n in united[:SHOWN]]
    apart = [int(owner[living[owner[living] == n]].min()) for n in parted[:SHOWN]]
    return Proposal(
        model,
        *measured,
        len(np.unique(owner[living])),
        len(np.unique(now[living])),
        tuple(tuple(derived.customer_id(s) for s in seqs if s > 0) for seqs in together),
        tuple(derived.customer_id(s) for s in apart if s > 0),
        len(united),
        len(parted),
    )


def _several(group: NDArray[np.int64], by: NDArray[np.int64]) -> NDArray[np.int64]:
    """The groups whose members are in several groups of another division."""
    order = np.lexsort((by, group))
    group, by = group[order], by[order]
    differs = (group[1:] == group[:-1]) & (by[1:] != by[:-1])
    return np.unique(group[1:][differs])


def _append(
    connection: Connection, settings: Settings, model: Model, told: dict[str, object]
) -> int:
    """Keep a model as the newest version, switched on."""
    payload = json.dumps({"model": model.version, **told}, sort_keys=True)
    number = models.append(connection, KIND, payload, active=True)
    model.save(_version(settings, number))
    return number


def _version(settings: Settings, number: int) -> Path:
    return settings.home / "models" / f"matching-{number}"


def _derive(connection: Connection, settings: Settings, number: int) -> None:
    """Put a version in force and derive everything by it.

    The files change last, when all is derived: a run that is killed before leaves the old model
    with the old customers. Done again, it does the same.
    """
    from idp_cdi.matching.model import Model
    from idp_cdi.steps._whole import unify_all

    force = settings.home / "models" / "matching"
    new, old = force.with_name("matching.new"), force.with_name("matching.old")
    for folder in (new, old):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(_version(settings, number), new)
    everything = list(connection.execute(select(mention.c.id).order_by(mention.c.id)).scalars())
    if everything:
        unify_all(connection, settings, everything, model=Model.load(new))
    if force.exists():
        force.rename(old)
    new.rename(force)
    shutil.rmtree(old, ignore_errors=True)


def lines(found: Proposal) -> list[str]:
    """A proposal in words, a line each."""
    told = [f"learned from all records and {found.decisions} decisions of persons"]
    if found.held_back:
        told.append(
            f"on {found.held_back} decisions held back the error goes from {found.before:.3f} "
            f"to {found.after:.3f}: the new weights are {'better' if found.better else 'no better'}"
        )
    else:
        told.append(f"too few decisions to measure by: {ENOUGH} are needed")
    told.append(f"customers: {found.customers_before} now, {found.customers_after} then")
    told.append(f"{found.united_count} would unite customers that are several now")
    told += [f"  {' + '.join(ids)}" for ids in found.united]
    told.append(f"{found.parted_count} would be parted")
    told += [f"  {text}" for text in found.parted]
    return told
