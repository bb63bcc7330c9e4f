#!/usr/bin/env python3
"""Measure extraction on labelled documents: F1, reliability, speed, and what each part is worth.

    python scripts/bench_extraction.py ../shared/eval/dev --cache /tmp/read

Reads each document as ``idp-cdi extract --no-embedded`` does (the printed page only), extracts, and
scores by the rules of ``idp_cdi.evaluation``. ``--raster`` adds the einvoice pages as pictures at
200 dpi through OCR, ``--ablation`` extracts again without single parts. Reading is done once and
kept in ``--cache``, so that the times are those of extraction alone.
"""

from __future__ import annotations

import argparse
import hashlib
import pickle
import re
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from idp_cdi.evaluation.score import read_gold, score  # noqa: E402
from idp_cdi.extractors import entities  # noqa: E402
from idp_cdi.readers import read  # noqa: E402
from idp_cdi.scoring import Options, calibration  # noqa: E402
from idp_cdi.steps.extract import extract  # noqa: E402

SETS = ("einvoice", "einvoice raster", "invoice2data", "receipt", "nda", "regform", "adbuy")
TOLD = {"regform": "form", "adbuy": str(ROOT / "docs" / "examples" / "adbuy.yaml")}
"""Types that are told, since the sets measure what is found on papers of a known type."""
PARTS = {
    "scorer alone": {"joint": False, "calibrated": False},
    "+ joint decision": {"joint": True, "calibrated": False},
    "+ calibration": {"joint": True, "calibrated": True},
}


def rasterised(path: Path, folder: Path) -> Path:
    """The pages of a PDF as pictures at 200 dpi in a new PDF."""
    import pypdfium2

    target = folder / f"{path.stem}.pdf"
    if not target.exists():
        pages = [
            p.render(scale=200 / 72).to_pil().convert("RGB") for p in pypdfium2.PdfDocument(path)
        ]
        pages[0].save(target, save_all=True, append_images=pages[1:], resolution=200, quality=85)
    return target


def read_once(path: Path, cache: Path):
    """The document, from the cache where it was read before."""
    kept = cache / f"{hashlib.sha256(path.read_bytes()).hexdigest()}.pickle"
    if kept.exists():
        return pickle.loads(kept.read_bytes())
    document = read(path)
    kept.write_bytes(pickle.dumps(document))
    return document


def documents_of(name: str, folder: Path, cache: Path):
    """Gold and documents of a set."""
    base = folder / name.partition(" ")[0]
    gold = read_gold(base / "gold.jsonl")
    paths = [base / g.document for g in gold]
    if name.endswith("raster"):
        pictures = cache / "raster"
        pictures.mkdir(exist_ok=True)
        paths = [rasterised(p, pictures) for p in paths]
    return gold, [read_once(p, cache) for p in paths]


def run(gold, documents, options):
    """Report and CPU seconds a page of extracting all documents."""
    found, pages = {}, 0
    types = 0
    if documents:
        entities.warm_up()
        extract(documents[0], options)  # loads the models, which no page has to pay for
    begin = time.process_time()
    for g, d in zip(gold, documents, strict=True):
        e = extract(d, options)
        types += e.type == g.type or (g.type == "invoice" and e.type == "credit_note")
        found[g.document] = [(f.name, f.value, f.confidence) for f in e.fields]
        pages += len(d.pages)
    seconds = (time.process_time() - begin) / max(1, pages)
    return score(gold, found), seconds, types


def ner_only(document):
    """Fields by entity labels alone: the first organisation sells, the second buys, and so on."""
    from idp_cdi.extractors._view import View
    from idp_cdi.extractors.amounts import read as read_amount
    from idp_cdi.extractors.dates import readings

    found = {}
    for c in entities.candidates(document, View.of(document)):
        value = next(iter(readings(c.value)), c.value) if c.kind == "date" else c.value
        found.setdefault(c.kind, []).append(value)
    out = []
    for kind, names in {
        "name": ("seller.name", "buyer.name"), "street": ("seller.street", "buyer.street"),
        "city": ("seller.city", "buyer.city"),
        "postal_code": ("seller.postal_code", "buyer.postal_code"),
        "date": ("issue_date", "due_date"),
        "identifier": ("invoice_number", "buyer.customer_number"),
        "person_name": ("buyer.contact_name",), "phone": ("seller.phone",),
    }.items():  # fmt: skip
        out += zip(names, dict.fromkeys(found.get(kind, [])), strict=False)
    plain = [re.search(r"\d[\d.,' ]*", v) for v in found.get("amount", [])]
    amounts = [v for v in (read_amount(m[0].strip(" .,'")) for m in plain if m) if v]
    amounts.sort(key=lambda v: -float(v))
    out += zip(("total", "net_total"), dict.fromkeys(amounts), strict=False)
    return [(name, value, 0.5) for name, value in out]


def show_ner(gold, documents):
    report = score(gold, {g.document: ner_only(d) for g, d in zip(gold, documents, strict=True)})
    m = report.micro
    print(
        f"  {'NER alone':16s} n {m.gold:5d}  F1 {m.f1:.3f}  P {m.precision:.3f}  R {m.recall:.3f}",
        flush=True,
    )


def show(name, gold, documents, options):
    report, seconds, types = run(gold, documents, options)
    m = report.micro
    low, high = calibration.wilson(m.right, m.gold)
    points = report.all_points
    share, threshold = report.straight_through(0.98)
    caught, auroc = calibration.caught(points), calibration.auroc(points)
    print(
        f"{name:18s} n {m.gold:5d}  F1 {m.f1:.3f}  P {m.precision:.3f}  R {m.recall:.3f}"
        f" [{low:.3f}, {high:.3f}]"
        f"  ECE {calibration.ece(points):.3f}  AUROC {auroc if auroc is None else round(auroc, 3)}"
        f"  caught@10% {caught if caught is None else round(caught, 2)}"
        f"  straight {share:.3f} (from {threshold})"
        f"  {1000 * seconds:.1f} ms/page  type right {types}/{len(gold)}",
        flush=True,
    )
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder with one folder a set")
    parser.add_argument("--set", action="append", choices=SETS, default=[])
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--ablation", action="store_true")
    parser.add_argument("--fields", action="store_true", help="also print each field")
    parser.add_argument("--type", default="", help="the document type of all, instead of found out")
    args = parser.parse_args()
    cache = args.cache or Path(tempfile.mkdtemp())
    cache.mkdir(parents=True, exist_ok=True)
    options = Options(embedded=False)
    every = []
    for name in args.set or SETS:
        gold, documents = documents_of(name, args.folder, cache)
        told = replace(options, type=args.type or TOLD.get(name, ""))
        report = show(name, gold, documents, told)
        every += report.all_points
        if args.fields:
            for field, c in sorted(report.fields.items()):
                low, high = calibration.wilson(c.right, c.gold)
                print(
                    f"    {field:26s} n {c.gold:4d}  P {c.precision:.3f}  R {c.recall:.3f}"
                    f" [{low:.3f}, {high:.3f}]  F1 {c.f1:.3f}"
                )
        if args.ablation and name not in {"nda", *TOLD}:
            show_ner(gold, documents)
            for part, switches in PARTS.items():
                show(f"  {part}", gold, documents, replace(options, **switches))
    print(f"all sets: n {len(every)}  ECE {calibration.ece(every):.3f}  "
          f"AUROC {calibration.auroc(every):.3f}  "
          f"errors among the least certain tenth {calibration.caught(every):.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
