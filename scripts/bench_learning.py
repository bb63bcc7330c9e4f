#!/usr/bin/env python3
"""What corrected documents are worth: the error on further documents of the same layout.

    python scripts/bench_learning.py GOLD.jsonl [GOLD.jsonl …] [--cache DIR]

For each layout of at least three documents, k of them are answered with their gold values and
remembered; the others are extracted with and without that memory. Layouts are told apart by the
pages alone, as in use. Errors are counted by the rules of `idp_cdi.evaluation`.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from idp_cdi.evaluation.same import same
from idp_cdi.extractions import Extraction, Field
from idp_cdi.review import memory as memories
from idp_cdi.review.memory import Memory, remember
from idp_cdi.review.places import ALIKE, alike
from idp_cdi.review.recall import recall
from idp_cdi.steps.learn import _trust

CORRECTED = (1, 2, 5, 20)


def load(
    gold: Path, cache: Path, *, text_only: bool = False
) -> list[tuple[dict, object, Extraction]]:
    """Gold line, document and machine extraction of every document of a set; kept in `cache`."""
    from idp_cdi.readers import read
    from idp_cdi.scoring import Options
    from idp_cdi.steps.extract import extract

    kept = cache / f"{gold.parent.name}.pickle"
    if kept.exists():
        return pickle.loads(kept.read_bytes())
    found = []
    for line in gold.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        if text_only and (not item["text_layer"] or "OCR" in item.get("note", "")):
            continue
        try:
            document = read(gold.parent / item["document"])
            found.append((item, document, extract(document, Options(embedded=False))))
        except Exception as error:
            print(f"  left out: {item['document']}: {error!r}")
    cache.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(pickle.dumps(found))
    return found


def layouts(items: list) -> list[list[int]]:
    """Documents by layout: chains of pages that look alike."""
    groups: list[list[int]] = []
    for i, (_, document, __) in enumerate(items):
        words = document.pages[0].words if document.pages else ()

        def is_near(j: int, words: tuple = words) -> bool:
            pages = items[j][1].pages
            return bool(pages) and alike(pages[0].words, words) >= ALIKE

        near = [g for g in groups if any(is_near(j) for j in g)]
        merged = [i, *(j for g in near for j in g)]
        groups = [g for g in groups if g not in near] + [sorted(merged)]
    return [g for g in groups if len(g) >= 3]


def answered(gold: dict, machine: Extraction, vocabulary: set[str]) -> Extraction:
    """The extraction as a person leaves it who knows the gold."""
    multi = set(gold.get("multi", ())) | set(gold.get("ignore", ()))
    kept: list[Field] = []
    for item in machine.fields:
        if item.name in vocabulary and item.name not in multi:
            continue
        kept.append(item)
    for name, values in gold["fields"].items():
        if name in multi:
            continue
        had = machine.best(name)
        if had is not None and any(same(name, had.value, v) for v in values):
            kept.append(replace(had, confidence=1.0, method="person:gold"))
        else:
            kept.append(Field(name, values[0], values[0], 1.0, method="person:gold"))
    return replace(machine, fields=tuple(kept))


def errors(gold: dict, found: Extraction, vocabulary: set[str]) -> tuple[int, int, int, list]:
    """Right, wrong and missed values of single-valued fields, and (confidence, right) points."""
    right = wrong = missed = 0
    points = []
    skip = set(gold.get("multi", ())) | set(gold.get("ignore", ()))
    for name in sorted(vocabulary - skip):
        values, best = gold["fields"].get(name, []), found.best(name)
        if best is None:
            missed += bool(values)
            continue
        good = any(same(name, best.value, v) for v in values)
        points.append((best.confidence, good))
        right += good
        wrong += not good
        missed += bool(values) and not good
    return right, wrong, missed, points


def f1(counts: tuple[int, int, int]) -> float:
    right, wrong, missed = counts
    return 2 * right / max(1, 2 * right + wrong + missed)


def trusted(items: list, corrected: list[int], known: list, vocabulary: set[str]) -> dict:
    """How far the corrected documents foretell each other, as `idp-cdi learn` finds it out."""
    right: dict[str, list[bool]] = defaultdict(list)
    by_sha = {items[i][1].sha256: items[i] for i in corrected}
    for own in known:
        gold, document, machine = by_sha[own.sha256]
        guess = recall(document, machine, Memory(tuple(r for r in known if r is not own)))
        wanted = answered(gold, machine, vocabulary)
        for item in guess.fields:
            if item.method == memories.METHOD:
                best = wanted.best(item.name)
                value = best.value if best is not None else ""
                right[memories.kind_of(item.name)].append(same(item.name, item.value, value))
    return _trust(right)


def measure(items: list, groups: list[list[int]], k: int, seeds: int) -> None:
    """Print the error before and after `k` corrected documents of each layout."""
    from idp_cdi.scoring.calibration import ece

    vocabulary = {name for gold, _, __ in items for name in gold["fields"]}
    before, after = [0, 0, 0], [0, 0, 0]
    points_before, points_after, used = [], [], 0
    for seed in range(seeds):
        for group in groups:
            order = list(group)
            random.Random(seed).shuffle(order)
            if len(order) <= k:
                continue
            used += 1
            known = []
            for i in order[:k]:
                gold, document, machine = items[i]
                one = remember(document, answered(gold, machine, vocabulary), machine)
                if one is not None:
                    fields = tuple(x for x in one.known if x.name in vocabulary)
                    known.append(replace(one, known=fields))
            memory = Memory(tuple(known), trusted(items, order[:k], known, vocabulary))
            for i in order[k:]:
                gold, document, machine = items[i]
                told = recall(document, machine, memory)
                for counts, points, found in (
                    (before, points_before, machine),
                    (after, points_after, told),
                ):
                    *three, more = errors(gold, found, vocabulary)
                    counts[:] = [a + b for a, b in zip(counts, three, strict=True)]
                    points += more
    if used:
        old, new = 1 - f1(tuple(before)), 1 - f1(tuple(after))
        print(
            f"  {k:2} corrected: error {old:.3f} -> {new:.3f} ({new / max(old, 1e-9):.0%} of it), "
            f"ECE {ece(points_before):.3f} -> {ece(points_after):.3f}, {used} layouts × seeds, "
            f"{len(points_before)} values"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("gold", nargs="+", type=Path)
    parser.add_argument("--cache", type=Path, default=Path("/tmp/bench-learning"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--text-only", action="store_true", help="leave scans out")
    asked = parser.parse_args()
    for gold in asked.gold:
        items = load(gold, asked.cache, text_only=asked.text_only)
        groups = layouts(items)
        sizes = sorted(map(len, groups), reverse=True)
        print(f"{gold.parent.name}: {len(items)} documents, layouts of 3 or more: {sizes}")
        for k in CORRECTED:
            measure(items, groups, k, asked.seeds)


if __name__ == "__main__":
    main()
