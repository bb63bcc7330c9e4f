#!/usr/bin/env python3
"""Train the spaCy NER from made-up documents and write ``models/entities`` with its card.

    python scripts/train_entities.py                 # 4–5 minutes on one core
    python scripts/train_entities.py --words 200000  # a quick try

The same arguments give the same documents; see ``docs/generator.md``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from generator import GeneratedDocument, documents

from idp_cdi.extractors import entities as way
from idp_cdi.extractors._view import View

ROOT = Path(__file__).parent.parent
CONFIG: dict[str, Any] = {
    "model": {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "nO": None,
        "tok2vec": {
            "@architectures": "spacy.Tok2Vec.v2",
            "embed": {
                "@architectures": "spacy.MultiHashEmbed.v2",
                "width": 96,
                "include_static_vectors": False,
                "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE", "LEMMA"],
                "rows": [3000, 1000, 2500, 1500, 100],
            },
            "encode": {
                "@architectures": "spacy.MaxoutWindowEncoder.v2",
                "width": 96,
                "depth": 4,
                "window_size": 1,
                "maxout_pieces": 3,
            },
        },
    }
}


CARD = """# Model card: entities

A spaCy named-entity recogniser for business papers in English, German, French, Spanish, Italian
and Dutch.

- **Labels:** {labels}
- **Architecture:** spaCy `TransitionBasedParser`; hash embeddings of norm, prefix, suffix, shape
  and place on the page; four convolutions; no vectors, no word lists. Tokens come from
  `idp_cdi/extractors/entities.py`.
- **Data:** {tokens} tokens of made-up documents of `scripts/generator` (training families only,
  three in ten with OCR noise). No real document was used. Names come from a grammar of our own
  and lists of the package faker (MIT).
- **Licence of the weights:** Apache-2.0, as the project.
- **Made:** {made}
- **Size:** {size} MB; **speed:** {speed} tokens a second on one core
- **SHA-256 of the files:** `{digest}`

## Scores on layout families held back from training (exact spans)

| label | n | precision | recall | F1 |
|---|---|---|---|---|
{rows}

These are made-up documents by the same generator: they show that the model learned its task, not
how good it is on real papers. For that see `docs/generator.md` and `scripts/bench_entities.py`.

## Limits

It gives no probabilities. Scripts other than Latin, and languages other than the six, were not
seen.
"""


def examples(nlp: Any, made: GeneratedDocument) -> Iterator[Any]:
    """One example a page: the tokens as the extractor makes them, with gold entities."""
    from spacy.tokens import Span as DocSpan
    from spacy.training import Example

    by_page: dict[int, list[Any]] = {}
    for span in made.spans:
        if span.kind in way.LABELS:
            by_page.setdefault(span.page, []).append(span)
    for number, placed in way.pages_of(View.of(made.document)):
        reference = way.to_doc(nlp, placed)
        labels: list[str] = [""] * len(placed)
        which = [-1] * len(placed)
        where: dict[int, list[int]] = {}
        for at, one in enumerate(placed):
            where.setdefault(one.token.word, []).append(at)
        for nth, span in enumerate(by_page.get(number, [])):
            for word in span.words:
                for at in where.get(word, []):
                    token = placed[at].token
                    starts_late = word == span.words[0] and token.end <= span.start
                    ends_early = word == span.words[-1] and token.start >= span.end
                    if not starts_late and not ends_early and not labels[at]:
                        labels[at], which[at] = span.kind, nth
        spans = []
        begin = 0
        for at in range(1, len(placed) + 1):
            if at == len(placed) or which[at] != which[begin]:
                if labels[begin]:
                    start, end = _trimmed(placed, begin, at)
                    if end > start:
                        spans.append(DocSpan(reference, start, end, label=labels[begin]))
                begin = at
        reference.set_ents(spans)
        yield Example(way.to_doc(nlp, placed), reference)


def _trimmed(placed: list[Any], begin: int, end: int) -> tuple[int, int]:
    while begin < end and placed[end - 1].token.text in (":", ",", ";"):
        end -= 1
    while begin < end and placed[begin].token.text in (":", ",", ";", "("):
        begin += 1
    return begin, end


def score(nlp: Any, many: list[Any]) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 of exact spans, over all and per label."""
    right: Counter[str] = Counter()
    found: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for example in many:
        doc = nlp(example.predicted.copy())
        gold = {(s.start, s.end, s.label_) for s in example.reference.ents}
        got = {(s.start, s.end, s.label_) for s in doc.ents}
        for part, counter in ((gold & got, right), (got, found), (gold, wanted)):
            counter.update(label for _, _, label in part)
            counter["all"] += len(part)
    out = {}
    for label in sorted(wanted):
        p, r = right[label] / max(1, found[label]), right[label] / wanted[label]
        out[label] = {
            "p": round(p, 4),
            "r": round(r, 4),
            "f": round(2 * p * r / max(1e-9, p + r), 4),
            "n": wanted[label],
        }
    return out


def train(words: int, seed: int) -> tuple[Any, dict[str, float]]:
    """A pipeline trained on about `words` words of made-up documents."""
    import spacy
    from spacy.util import compounding, fix_random_seed

    fix_random_seed(seed)
    nlp = spacy.blank("xx")
    ner = nlp.add_pipe("ner", config=CONFIG)
    for label in way.LABELS:
        ner.add_label(label)
    some = [e for made in documents(200, seed + 1) for e in examples(nlp, made)]
    optimizer = nlp.initialize(lambda: some)
    optimizer.learn_rate = 0.001
    random.seed(seed)
    seen, losses, started = 0, 0.0, time.process_time()
    sizes = compounding(600.0, 3000.0, 1.002)
    batch: list[Any] = []
    room = next(sizes)
    for made in documents(10**9, seed, scan=0.3):
        for example in examples(nlp, made):
            batch.append(example)
            seen += len(example.reference)
        if sum(len(e.reference) for e in batch) >= room:
            random.shuffle(batch)
            # the step shrinks towards the end: the last documents fine-tune
            optimizer.learn_rate = 0.0012 * max(0.05, 1 - seen / words)
            losses += nlp.update(batch, sgd=optimizer, drop=0.1)["ner"]
            batch, room = [], next(sizes)
        if seen >= words:
            break
        if seen // 100_000 != (seen - len(example.reference)) // 100_000:
            sys.stderr.write(
                f"{seen} tokens, {time.process_time() - started:.0f} s, loss {losses:.0f}\n"
            )
            losses = 0.0
    return nlp, {"tokens": seen, "seconds": round(time.process_time() - started)}


def save(nlp: Any, folder: Path) -> None:
    """Write the pipeline without the strings of its training documents."""
    nlp.to_disk(folder, exclude=["vocab"])


def _digest(folder: Path) -> str:
    sums = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "MODEL_CARD.md":
            sums.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return sums.hexdigest()


def card(
    folder: Path,
    facts: dict[str, float],
    scores: dict[str, dict[str, float]],
    command: str,
    speed: float,
) -> None:
    """Write the model card."""
    size = sum(
        p.stat().st_size for p in folder.rglob("*") if p.is_file() and p.name != "MODEL_CARD.md"
    )
    rows = "\n".join(
        f"| {k} | {v['n']:.0f} | {v['p']:.3f} | {v['r']:.3f} | {v['f']:.3f} |"
        for k, v in scores.items()
    )
    made = f"{time.strftime('%Y-%m-%d')} in {facts['seconds']:.0f} CPU seconds with `{command}`"
    text = CARD.format(
        labels=", ".join(way.LABELS),
        tokens=f"{facts['tokens']:.0f}",
        made=made,
        size=f"{size / 1e6:.1f}",
        speed=f"{speed:.0f}",
        digest=_digest(folder),
        rows=rows,
    )
    (folder / "MODEL_CARD.md").write_text(text, encoding="utf-8")


def main() -> None:
    """Train, score on held-back families, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--words", type=int, default=1_300_000, help="tokens to train on")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "entities")
    args = parser.parse_args()
    nlp, facts = train(args.words, args.seed)
    held = [e for made in documents(300, 99, which="held back") for e in examples(nlp, made)]
    started = time.process_time()
    scores = score(nlp, held)
    speed = sum(len(e.reference) for e in held) / (time.process_time() - started)
    save(nlp, args.out)
    name = Path(sys.argv[0]).name
    card(
        args.out,
        facts,
        scores,
        f"python scripts/{name} --words {args.words} --seed {args.seed}",
        speed,
    )
    sys.stdout.write(
        json.dumps({"speed": round(speed), **{k: v["f"] for k, v in scores.items()}}) + "\n"
    )


if __name__ == "__main__":
    main()
