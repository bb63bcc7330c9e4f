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
from idp_cdi.scoring import Options, calibration, custom, custom_types, form

if TYPE_CHECKING:
    from idp_cdi.documents import Document

Point = tuple[float, bool, str]
"""Strength, rightness, and whether the page was text or OCR."""
RAW = Options(calibrated=False, learned=False)


def points(
    kind: custom_types.DocType, document: Document, gold: dict[str, list[str]], known: set[str]
) -> list[Point]:
    """Strength and rightness of what labels give in one document, fields that the set knows."""
    view = View.of(document)
    if kind.name == "form":
        found = form.decide(document, view, RAW).fields
    else:
        found = custom.decide_as(kind, view, RAW).fields
    source = {p.number: p.source.value for p in document.pages}
    return [
        (f.confidence, any(same(f.name, f.value, v) for v in gold.get(f.name, [])), source[f.page])
        for f in found
        if f.name in known and f.method == "labels"
    ]


def labelled(type_name: str, path: Path) -> list[Point]:
    """The points of a gold file."""
    from idp_cdi.readers import ReadOptions, read

    kind = custom_types.load(type_name)
    lines = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    known = {n for line in lines for n in line["fields"]}
    out = []
    for line in lines:
        document = read(path.parent / line["document"], ReadOptions())
        out += points(kind, document, line["fields"], known - set(line.get("ignore", [])))
    return out


def made_up(count: int) -> list[Point]:
    """The points of made-up forms."""
    from generator import documents

    kind = custom_types.load("form")
    out = []
    for g in documents(count, seed=11, types=("form",)):
        out += points(kind, g.document, g.gold, set(g.gold))
    return out


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
        "command": "scripts/train_form.py docs/examples/adbuy.yaml=GOLD.jsonl --generated 150",
        "values": counts,
        "right": round(sum(ok for _, ok, _ in many) / max(len(many), 1), 4),
        "ece_in_sample": round(calibration.ece(judged), 4),
        "sha256": hashlib.sha256((given.output / "calibration.json").read_bytes()).hexdigest(),
    }
    (given.output / "card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
