#!/usr/bin/env python3
"""Fit the calibration of label evidence and write ``models/form``.

    scripts/train_form.py TYPE=GOLD.jsonl [TYPE=GOLD.jsonl …] [--generated 200]

TYPE is a document type or the path of its YAML file; its documents are read without any training,
and how often a value of some strength was right becomes the curve by which untrained types say
their confidence. Only scores and rights are kept, no words. Made-up forms of six languages join in.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))

from idp_cdi.evaluation.same import same
from idp_cdi.extractors._view import View
from idp_cdi.scoring import calibration, custom, custom_types
from idp_cdi.scoring.custom_sheet import Sheet

if TYPE_CHECKING:
    from idp_cdi.documents import Document

Point = tuple[float, bool, str]
"""Strength, rightness, and whether the page was text or OCR."""


def points(
    kind: custom_types.DocType, document: Document, gold: dict[str, list[str]], known: set[str]
) -> list[Point]:
    """What labels alone give in one document, of the fields that the set knows.

    Which role a party has is not asked here: a right name under the wrong role is a right value.
    """
    sheet = Sheet.of(View.of(document), kind)
    guesses = custom.guess(sheet, kind)
    bars = dict.fromkeys(kind.fields, custom.LEAST)
    out = []
    for name, chosen in custom.resolve(kind, guesses, bars).items():
        plain = _plain(name, kind)
        if plain not in known:
            continue
        right = [v for n, many in gold.items() if _plain(n, kind) == plain for v in many]
        rival = next((g.score for g in guesses[name] if g not in chosen), 0.0)
        for g in chosen:
            ok = any(same(name, g.value, v) for v in right)
            source = "ocr" if g.best.spot.row.scanned else "text"
            out.append((custom.certainty(g, rival, sheet), ok, source))
    return out


def _plain(name: str, kind: custom_types.DocType) -> str:
    """The name of a field without the role of its party."""
    role, _, last = name.rpartition(".")
    return last if role in (*kind.roles, "party") else name


def labelled(type_name: str, path: Path) -> list[Point]:
    """The points of a gold file."""
    from idp_cdi.readers import ReadOptions, read

    kind = custom_types.load(type_name)
    lines = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    known = {_plain(n, kind) for line in lines for n in line["fields"]}
    out = []
    for line in lines:
        document = read(path.parent / line["document"], ReadOptions())
        ignore = {_plain(n, kind) for n in line.get("ignore", ())}
        out += points(kind, document, line["fields"], known - ignore)
    return out


def made_up(count: int) -> list[Point]:
    """The points of made-up forms; fields that a form's gold lacks may still be printed on it."""
    from generator import documents

    kind = custom_types.load("form")
    made = documents(count, seed=11, types=("form",))
    return [
        p
        for g in made
        for p in points(kind, g.document, g.gold, {_plain(n, kind) for n in g.gold} - {"website"})
    ]


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="+", help="TYPE=GOLD.jsonl")
    parser.add_argument("--generated", type=int, default=200)
    home = Path(__file__).parent.parent / "models" / "form"
    parser.add_argument("--output", type=Path, default=home)
    given = parser.parse_args()
    many: list[Point] = []
    counts = {}
    for item in given.sets:
        name, _, path = item.partition("=")
        found = labelled(name, Path(path))
        counts[Path(name).stem] = len(found)
        many += found
    found = made_up(given.generated)
    counts["made up"] = len(found)
    many += found
    curves = {
        f"labels/{where}": calibration.fit([s for s, _, _ in part], [ok for _, ok, _ in part])
        for where in ("text", "ocr")
        for part in ([p for p in many if p[2] == where],)
    }
    judged = [(curves[f"labels/{where}"](s), ok) for s, ok, where in many]
    given.output.mkdir(parents=True, exist_ok=True)
    calibration.save(
        given.output / "calibration.json", curves, {"made_by": "scripts/train_form.py"}
    )
    card = {
        "model": "calibration of label evidence: a monotone curve from strength to probability",
        "date": datetime.date.today().isoformat(),
        "command": "scripts/train_form.py docs/examples/adbuy.yaml=GOLD.jsonl"
        f" --generated {given.generated}",
        "values": counts,
        "right": round(sum(ok for _, ok, _ in many) / max(len(many), 1), 4),
        "ece_in_sample": round(calibration.ece(judged), 4),
        "sha256": hashlib.sha256((given.output / "calibration.json").read_bytes()).hexdigest(),
    }
    (given.output / "card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
