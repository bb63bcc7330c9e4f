#!/usr/bin/env python3
"""Measure the NER on labelled documents: which gold values it finds, and how fast it reads.

    python scripts/bench_entities.py ../shared/eval/dev/nda/gold.jsonl

Recall is what matters here: the scorer chooses among what the NER and the other extractors find,
and it cannot choose what nobody found. How many names a document has is printed beside it.
Values of the same field and document that are alternatives count once.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from idp_cdi.evaluation.same import same
from idp_cdi.evaluation.score import read_gold
from idp_cdi.extractors import entities as way
from idp_cdi.extractors._view import View
from idp_cdi.readers import read

NAMES = ("ORG", "PERSON")
LABELS = {
    "name": NAMES,
    "contact_name": ("PERSON",),
    "street": ("STREET",),
    "city": ("CITY",),
    "postal_code": ("POSTCODE",),
    "governing_law": ("LAW", "REGION", "COUNTRY"),
    "term": ("TERM",),
    "phone": ("PHONE",),
    **dict.fromkeys(
        ("iban", "vat_id", "tax_number", "customer_number", "invoice_number", "order_number"),
        ("ID",),
    ),
}
_EDGES = " ,.;:\"'“”‘’()[]"


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % Wilson interval of a share."""
    if not total:
        return 0.0, 1.0
    z, share = 1.96, right / total
    middle = share + z * z / (2 * total)
    spread = z * ((share * (1 - share) + z * z / (4 * total)) / total) ** 0.5
    return (middle - spread) / (1 + z * z / total), (middle + spread) / (1 + z * z / total)


def measure(gold_path: Path) -> None:
    """Print recall per field of one set."""
    right: dict[str, int] = {}
    total: dict[str, int] = {}
    names = words = tokens = 0
    seconds = 0.0
    gold = read_gold(gold_path)
    way.warm_up()  # loading the model is no reading
    for one in gold:
        document = read(gold_path.parent / one.document)
        view = View.of(document)
        begin = time.process_time()
        found = way.entities(document, view=view)
        seconds += time.process_time() - begin
        tokens += sum(len(placed) for _, placed in way.pages_of(view))
        words += sum(len(page.words) for page in document.pages)
        texts: dict[str, set[str]] = {}
        for entity in found:
            texts.setdefault(entity.label, set()).add(entity.text.strip(_EDGES))
        names += len(set().union(*(texts.get(label, set()) for label in NAMES)))
        for name, values in one.fields.items():
            labels = LABELS.get(name.rpartition(".")[2])
            if labels is None or not values:
                continue
            here = set().union(*(texts.get(label, set()) for label in labels))
            for wanted in [[v] for v in values] if name in one.multi else [list(values)]:
                total[name] = total.get(name, 0) + 1
                hit = any(same(name, text, value) for text in here for value in wanted if text)
                right[name] = right.get(name, 0) + hit
    speed = words / max(seconds, 1e-9)
    print(
        f"{gold_path.parent.name}: {len(gold)} documents, {names / len(gold):.1f} names each,",
        end=" ",
    )
    page = 600_000 * seconds / max(tokens, 1)
    print(f"{speed:.0f} words a second, {page:.1f} ms for 600 tokens")
    for name in sorted(total):
        low, high = wilson(right[name], total[name])
        share = right[name] / total[name]
        print(f"  {name:24} {right[name]:4}/{total[name]:<4} {share:.3f} [{low:.3f}, {high:.3f}]")


def main() -> None:
    """Measure each set given."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gold", type=Path, nargs="+", help="gold.jsonl beside its documents")
    for path in parser.parse_args().gold:
        measure(path)


if __name__ == "__main__":
    main()
