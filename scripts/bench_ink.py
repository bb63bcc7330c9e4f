#!/usr/bin/env python3
"""Boxes and signatures drawn on made-up forms: what the picture says of them.

    scripts/bench_ink.py [--seed 7] [--every 1] [--clean]

Held-back layout families. Pages are degraded as by copiers and faxes; of their words a tenth is
lost and more are unsure, as OCR does; places are exact. A scrawl is a signature, a line without
one is none; where the form says "/s/" its text decides, and it is not counted here.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from generator import families, held_back  # noqa: E402
from generator.chance import Chance  # noqa: E402
from generator.degrade import degrade  # noqa: E402
from generator.drawing import to_pdf  # noqa: E402
from generator.make import compose  # noqa: E402

from idp_cdi.documents import Box, Page, PageSource  # noqa: E402
from idp_cdi.extractors import _ink as inks  # noqa: E402
from idp_cdi.extractors._view import View  # noqa: E402
from idp_cdi.ocr import turn  # noqa: E402
from idp_cdi.scoring import custom_types, form_ink, form_signed  # noqa: E402
from idp_cdi.scoring.custom_sheet import Sheet  # noqa: E402

if TYPE_CHECKING:
    from generator.canvas import Canvas

_DPI = 200


def main() -> None:
    """Print what was said of boxes and lines, and the processor time a page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--every", type=int, default=1, help="take every n-th family")
    parser.add_argument("--clean", action="store_true", help="pages as drawn")
    given = parser.parse_args()
    counts: Counter[tuple[str, str, str]] = Counter()
    spent, pages = 0.0, 0
    for family in [f for f in families("form") if held_back(f)][:: given.every]:
        seconds, many = _measure(family, given.seed, counts, clean=given.clean)
        spent, pages = spent + seconds, pages + many
    print(f"{'what':10} {'drawn':8} {'said':8} {'n':>5}")
    for (what, drawn, said), n in sorted(counts.items()):
        print(f"{what:10} {drawn:8} {said:8} {n:5}")
    print(f"{1000 * spent / max(pages, 1):.0f} ms of processor a page ({pages} pages)")


def _measure(family: str, seed: int, counts: Counter[Any], *, clean: bool) -> tuple[float, int]:
    """Count one form; returns seconds spent on looking, and pages."""
    canvas, made = compose(family, seed)
    looked = _pages(canvas, made.document.pages, f"{family} {seed}", clean=clean)
    document = replace(made.document, pages=tuple(page for page, _, _ in looked))
    sheet = Sheet.of(View.of(document), custom_types.load("form"))
    begin = time.process_time()
    signs = form_signed.labels(sheet)
    lines = []
    for (page, picture, shift), drawn in zip(looked, canvas.sheets, strict=True):
        boxes, signed = form_ink.on_page(inks.ink_of(picture), page, sheet, signs)
        lines += signed
        _count_boxes(drawn.shapes, boxes, shift, counts)
    seconds = time.process_time() - begin
    hand = any(shape.kind == "scrawl" for drawn in canvas.sheets for shape in drawn.shapes)
    if "/s/" not in made.document.text:
        said = form_signed.settled(lines)
        counts["signature", "scrawl" if hand else "none", said[0].value if said else "-"] += 1
    return seconds, len(looked)


def _count_boxes(shapes: Any, boxes: Any, shift: tuple[float, float], counts: Counter[Any]) -> None:
    ticked = {(s.x0, s.y0) for s in shapes if s.kind == "tick"}
    left = list(boxes)
    for shape in (s for s in shapes if s.kind == "check"):
        x, y = shape.x0 + shift[0], shape.y0 + shift[1]
        here = [f for f in left if abs(f.box.x0 - x) < 4 and abs(f.box.y0 - y) < 4]
        left = [f for f in left if f not in here]
        drawn = "ticked" if (shape.x0, shape.y0) in ticked else "empty"
        counts["box", drawn, here[0].value if here else "-"] += 1
    for f in left:
        counts["box", "no box", f.value] += 1


def _pages(
    canvas: Canvas, pages: tuple[Page, ...], seed: str, *, clean: bool
) -> list[tuple[Page, Any, tuple[float, float]]]:
    """Each page, its picture, and by how far its words were moved."""
    import pypdfium2

    chance = Chance(f"ink {seed}")
    document = pypdfium2.PdfDocument(to_pdf(canvas, seed))
    out = []
    for page, sheet in zip(pages, document, strict=True):
        if clean:
            picture = sheet.render(scale=inks.SCALE, grayscale=True).to_pil()
            out.append((page, picture, (0.0, 0.0)))
            continue
        drawn = sheet.render(scale=_DPI / 72).to_pil()
        spoiled = degrade(drawn, (page.width, page.height), _DPI, chance)
        upright = turn(spoiled.image.convert("L"), spoiled.turned, -spoiled.skew)
        scale = inks.DPI / spoiled.dpi
        picture = upright.resize((round(upright.width * scale), round(upright.height * scale)))
        x = (picture.width / inks.SCALE - page.width) / 2
        y = (picture.height / inks.SCALE - page.height) / 2
        out.append((_scanned(page, x, y, chance), picture, (x, y)))
    return out


def _scanned(page: Page, x: float, y: float, chance: Chance) -> Page:
    """The page as OCR reads it: some words lost, some unsure."""
    words = [
        w._replace(
            box=Box(w.box.x0 + x, w.box.y0 + y, w.box.x1 + x, w.box.y1 + y),
            confidence=0.3 if chance.maybe(0.15) else 0.9,
        )
        for w in page.words
        if not chance.maybe(0.1)
    ]
    moved = replace(page, width=page.width + 2 * x, height=page.height + 2 * y)
    return replace(moved, words=tuple(words), source=PageSource.OCR, rules=())


if __name__ == "__main__":
    main()
