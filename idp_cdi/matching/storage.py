"""A matching model in a folder: ``model.json`` for people, ``frequencies.npz`` for the numbers.

The JSON has every level in words with its weight in bits, so that a change of the model shows in
a diff. The version is a hash of all contents.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from idp_cdi.errors import SettingsError
from idp_cdi.matching.levels import CLASSES, LEVELS
from idp_cdi.matching.model import FieldModel, Frequencies, Model
from idp_cdi.matching.records import FieldPlan, Plan

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 3
GROUP_NAMES = ("unknown", "person", "organisation")


def save(model: Model, folder: Path) -> None:
    """Write `model` into `folder`, which is made where it is missing; it gets its version."""
    model.version = version(model)
    folder.mkdir(parents=True, exist_ok=True)
    arrays = _arrays(model)
    text = json.dumps(describe(model), ensure_ascii=False, indent=1)
    np.savez(folder / "frequencies.npz", allow_pickle=False, **arrays)
    (folder / "model.json").write_text(text + "\n", encoding="utf-8")


def describe(model: Model) -> dict[str, Any]:
    """The readable part of a model as JSON values."""
    body: dict[str, Any] = {
        "format": FORMAT,
        "threshold": model.threshold,
        "plan": {
            "entity_type": model.plan.entity_type,
            "has_persons": model.plan.has_persons,
            "day_first": list(model.plan.day_first),
            "fields": [[f.name, f.compare, list(f.columns)] for f in model.plan.fields],
        },
        "prior": {
            c: dict(zip(GROUP_NAMES, row, strict=True))
            for c, row in zip(CLASSES, model.prior.tolist(), strict=True)
        },
        "closure_bits": [round(bits, 3) for bits in model.closure],
        "fields": {name: _field(part) for name, part in model.fields.items()},
    }
    return {"version": version(model), **body}


def version(model: Model) -> str:
    """A hash of everything that decides a weight."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(repr((model.plan, model.threshold, model.closure)).encode())
    for name, array in sorted(_arrays(model).items()):
        digest.update(name.encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _field(part: FieldModel) -> dict[str, Any]:
    with np.errstate(divide="ignore"):
        m = np.log2(np.maximum(part.shares[0], 1e-6)) - part.chance
    levels = [
        {
            "level": level.label,
            **{c: part.shares[k, :, i].round(6).tolist() for k, c in enumerate(CLASSES)},
            "chance_bits": part.chance[:, i].round(4).tolist(),
            "weight_bits": m[:, i].round(2).tolist(),
            "plus_rarity": level.agrees,
        }
        for i, level in enumerate(LEVELS[part.kind])
        if i
    ]
    return {"kind": part.kind, "groups": GROUP_NAMES, "levels": levels}


def _arrays(model: Model) -> dict[str, Any]:
    out: dict[str, Any] = {"prior": model.prior}
    for name, part in model.fields.items():
        out[f"shares|{name}"], out[f"chance|{name}"] = part.shares, part.chance
        for what in ("items", "whole"):
            seen: Frequencies = getattr(part, what)
            # Values that one party alone has are worth what unseen ones are: no need to keep them.
            keep = seen.counts > seen.alone
            out[f"{what}.hashes|{name}"] = seen.hashes[keep]
            out[f"{what}.counts|{name}"] = seen.counts[keep]
            out[f"{what}.total|{name}"] = np.array([seen.total, seen.alone])
    for name, hashes in model.heavy.items():
        out[f"heavy|{name}"] = hashes
    return out


def load(folder: Path) -> Model:
    """Read a model.

    Raises:
        SettingsError: There is none, or it is of another format.
    """
    try:
        data = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        with np.load(folder / "frequencies.npz", allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (OSError, ValueError) as error:
        raise SettingsError("there is no matching model", file=str(folder)) from error
    if data.get("format") != FORMAT:
        raise SettingsError(
            "the matching model is of another version", file=str(folder), action="learn it again"
        )
    plan = _plan(data["plan"])
    fields = {
        name: _load_field(name, part["kind"], arrays) for name, part in data["fields"].items()
    }
    heavy = {n.partition("|")[2]: a for n, a in arrays.items() if n.startswith("heavy|")}
    learned = tuple(data["closure_bits"])
    return Model(plan, fields, arrays["prior"], heavy, data["threshold"], data["version"], learned)


def _plan(data: dict[str, Any]) -> Plan:
    return Plan(
        tuple(
            FieldPlan(name, compare, tuple(columns)) for name, compare, columns in data["fields"]
        ),
        data["entity_type"],
        data["has_persons"],
        tuple(data["day_first"]),
    )


def _load_field(name: str, kind: str, arrays: dict[str, Any]) -> FieldModel:
    seen = []
    for what in ("items", "whole"):
        total, alone = arrays[f"{what}.total|{name}"].tolist()
        hashes, counts = arrays[f"{what}.hashes|{name}"], arrays[f"{what}.counts|{name}"]
        seen.append(Frequencies(hashes, counts, total, alone))
    return FieldModel(kind, arrays[f"shares|{name}"], arrays[f"chance|{name}"], seen[0], seen[1])
