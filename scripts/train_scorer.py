#!/usr/bin/env python3
"""Train the scorer of invoices, credit notes, orders and receipts on generated documents.

    nice -n 10 python scripts/train_scorer.py --documents 6000

Writes models/scorer/invoice.npz and its card. LightGBM trains, the program itself runs the trees
with numpy. Layout families that are held back take no part here; `--report` scores them.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from generator import documents  # noqa: E402

from idp_cdi.documents import Box, Word  # noqa: E402
from idp_cdi.scoring import models, party, party_blocks, party_lines, trees  # noqa: E402
from idp_cdi.scoring.agree import same  # noqa: E402
from idp_cdi.scoring.context import Context  # noqa: E402

ROUNDS = {"line": 120, "block": 150, "name": 160, "date": 120, "amount": 160, "identifier": 160}


def settings(seed: int) -> dict[str, object]:
    return {
        "objective": "binary", "num_leaves": 16, "learning_rate": 0.09, "min_data_in_leaf": 30,
        "feature_fraction": 0.5, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5.0,
        "verbose": -1, "num_threads": 1, "seed": seed, "max_bin": 63,
    }  # fmt: skip


KEPT = 60_000
"""Wrong candidates that are kept for training, weighted so that the odds stay what they are."""


def fit(x, y, rounds, seed=1):
    import lightgbm

    if not y.any():
        return [trees.Tree((0,), (3e38,), (0,), (1,), (-8.0, -8.0))]
    wrong = np.flatnonzero(~y)
    weight = np.ones(len(y), dtype=np.float32)
    if len(wrong) > KEPT:
        chosen = np.random.default_rng(seed).choice(wrong, KEPT, replace=False)
        weight[chosen] = len(wrong) / KEPT
        rows = np.sort(np.concatenate([np.flatnonzero(y), chosen]))
        x, y, weight = x[rows], y[rows], weight[rows]
    data = lightgbm.Dataset(x, y.astype(np.float32), weight=weight, free_raw_data=True)
    booster = lightgbm.train(settings(seed), data, num_boost_round=rounds)
    return trees.from_lightgbm(booster)


class Truth:
    """What a generated document says where: values and the words that print them."""

    def __init__(self, made):
        self.gold, self.ignore = made.gold, set(made.ignore)
        self.words = {}
        for span in made.spans:
            self.words.setdefault(span.field, []).append((span.page, frozenset(span.words)))

    def right(self, field, c):
        """The same value, or the same words: OCR may have garbled them, the place is right."""
        if field not in self.gold:
            return False
        if any(same(field, c.value, g) for g in self.gold[field]):
            return True
        here = frozenset(c.words)
        return any(page == c.page and here == words for page, words in self.words.get(field, ()))

    def tells(self, line, page):
        """For each of `party_lines.TELLS` whether most words of a line print such a value."""
        own = set(line.segment.words[line.first : line.last])
        out = []
        for tell in party_lines.TELLS:
            spans = (s for f, many in self.words.items() if f.endswith("." + tell) for s in many)
            out.append(any(p == page and 2 * len(own & w) > len(own) for p, w in spans))
        return out

    def role(self, block, role):
        for part in ("postal_code", "city"):
            c = block.place.parts.get(part)
            for page, words in self.words.get(f"{role}.{part}", ()):
                if c is not None and page == c.page and words & set(c.words):
                    return True
        return False


PRINTED = (
    "Version {n} vom {d}", "Stand: {d}", "Formular {n} Rev. {d}", "Version {n} of {d}",
    "Rev. {n} {d}", "Printed {d} 12:{n}", "gedruckt am {d}", "Template {n} ({d})",
    "Modèle {n} du {d}", "Imprimé le {d}", "Versión {n} de {d}", "Impreso el {d}",
    "Versione {n} del {d}", "Stampato il {d}", "Versie {n} van {d}", "Afgedrukt op {d}",
    "AGB Stand {d}", "{d}", "Page generated {d}", "Form {n}-B ({d})", "ISO {n}: {d}",
)  # fmt: skip


def with_distractor(document, rng):
    """Sometimes small print with dates that are no field, above or below everything."""
    if rng.random() > 0.22 or not document.pages[0].words:
        return document
    page = document.pages[0]
    size = rng.choice([5.0, 6.0, 7.0, 8.0, 9.0, 10.0])
    tops = [w.box.y0 for w in page.words]
    rows = rng.choice([1, 1, 2, 3])
    y = (
        min(tops) - rows * 1.2 * size - rng.uniform(2, 30)
        if rng.random() < 0.7
        else max(tops) + rng.uniform(14, 40)
    )
    x = rng.uniform(20, max(21.0, page.width * 0.6))
    words = []
    for row in range(rows):
        words += _small_print(rng, x, y + 1.2 * size * row, size)
    first = replace(page, words=(*page.words, *words))
    return replace(document, pages=(first, *document.pages[1:]))


def _small_print(rng, x, y, size):
    year, month, day = rng.randint(2005, 2027), rng.randint(1, 12), rng.randint(1, 28)
    date = rng.choice(
        [f"{day:02d}.{month:02d}.{year}", f"{year}-{month:02d}-{day:02d}", f"{day}/{month}/{year}"]
    )
    number = rng.choice([f"{rng.randint(1, 9)}.{rng.randint(0, 9)}", str(rng.randint(10, 59))])
    words = []
    for part in rng.choice(PRINTED).format(n=number, d=date).split():
        words.append(Word(part, Box(x, y, x + 0.5 * size * len(part), y + size), 1.0, size))
        x += 0.5 * size * (len(part) + 0.6)
    return words


def line_forest(contexts):
    """Which lines belong to an address, which is the street: comes before everything else."""
    rows, told = [], []
    for context, truth in contexts:
        for block in context.blocks:
            rows += party_lines.line_rows(context, block)
            told += [truth.tells(line, block.page) for line in block.above]
    x = np.array(rows, dtype=np.float32).reshape(-1, len(party_lines.LINE))
    y = np.array(told, dtype=bool).reshape(-1, len(party_lines.TELLS))
    made = {t: fit(x, y[:, k], ROUNDS["line"]) for k, t in enumerate(party_lines.TELLS)}
    return trees.Forest.join(made, party_lines.LINE)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "scorer" / "invoice.npz")
    args = parser.parse_args()
    begin = time.process_time()
    contexts = []
    rng = random.Random(args.seed)
    for n, d in enumerate(
        documents(args.documents, seed=args.seed, types=("invoice", "order", "receipt"))
    ):
        contexts.append((Context.of(with_distractor(d.document, rng)), Truth(d)))
        if n % 1000 == 999:
            print(f"{n + 1} documents, {time.process_time() - begin:.0f} s", flush=True)
    forests = {"line": line_forest(contexts)}
    for context, _ in contexts:
        party_lines.choose(context, forests["line"])
    # stage one: roles of blocks, in two halves so that stage two sees honest scores
    blocks = [party_blocks.block_rows(c) for c, _ in contexts]
    labels = [[[t.role(b, r) for r in party.ROLES] for b in c.blocks] for c, t in contexts]

    def table(part, width):
        return np.array([r for i in part for r in blocks[i]], dtype=np.float32).reshape(-1, width)

    def marks(part):
        return np.array([m for i in part for m in labels[i]], dtype=bool).reshape(
            -1, len(party.ROLES)
        )

    def block_forest(part):
        x, y = table(part, len(party_blocks.BLOCK)), marks(part)
        return trees.Forest.join(
            {r: fit(x, y[:, k], ROUNDS["block"]) for k, r in enumerate(party.ROLES)},
            party_blocks.BLOCK,
        )

    everyone = range(len(contexts))
    halves = [range(0, len(contexts), 2), range(1, len(contexts), 2)]
    parties = {}
    for own, other in (halves, halves[::-1]):
        forest = block_forest(other)
        for i in own:
            parties[i] = models.score_blocks(contexts[i][0], forest)
    forests["block"] = block_forest(everyone)
    print(f"blocks {time.process_time() - begin:.0f} s", flush=True)
    for kind, fields in models.FIELDS.items():
        rows, ys = [], []
        for i, (context, truth) in enumerate(contexts):
            found, here = models.rows_of(context, kind, parties[i])
            for c, row in zip(found, here, strict=True):
                rows.append(np.array(row, dtype=np.float32))
                ys.append([-1 if f in truth.ignore else truth.right(f, c) for f in fields])
        x = np.array(rows, dtype=np.float32).reshape(-1, len(models.feature_names(kind)))
        y = np.array(ys, dtype=np.int8).reshape(-1, len(fields))
        del rows
        made = {}
        for k, field in enumerate(fields):
            use = y[:, k] >= 0
            made[field] = fit(x[use], y[use, k] > 0, ROUNDS.get(kind, 80))
            print(
                f"{kind} {field}: {int((y[:, k] > 0).sum())} of {len(x)},"
                f" {time.process_time() - begin:.0f} s",
                flush=True,
            )
        forests[kind] = trees.Forest.join(made, models.feature_names(kind))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    note = {
        "documents": args.documents,
        "seed": args.seed,
        "command": f"train_scorer.py --documents {args.documents} --seed {args.seed}",
    }
    trees.save(args.out, forests, note)
    print(f"{args.out.stat().st_size} bytes, {time.process_time() - begin:.0f} s")


if __name__ == "__main__":
    main()
